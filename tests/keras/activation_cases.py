"""What the activations are tried on, here and under Keras."""

from __future__ import annotations

import numpy as np

X = np.concatenate([np.linspace(-8, 8, 33), [-100.0, 100.0, 0.1, -0.1, 0.7, -0.3, 1.3]]).astype("float32").reshape(4, 10)
PLAIN = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "tanh",
    "tanh_shrink",
]
CASES = [
    *((name, {}) for name in PLAIN),
    ("celu", {"alpha": 0.4}),
    ("elu", {"alpha": 0.4}),
    ("gelu", {"approximate": True}),
    ("glu", {"axis": 0}),
    ("hard_shrink", {"threshold": 0.9}),
    ("leaky_relu", {"negative_slope": 0.05}),
    ("log_softmax", {"axis": 0}),
    ("relu", {"negative_slope": 0.2}),
    ("relu", {"max_value": 3.0}),
    ("relu", {"threshold": 1.1}),
    ("relu", {"negative_slope": 0.3, "max_value": 4.0, "threshold": 0.6}),
    ("soft_shrink", {"threshold": 0.9}),
    ("softmax", {"axis": 0}),
    ("squareplus", {"b": 0.2}),
    ("threshold", {"threshold": 0.2, "default_value": -3.0}),
]
