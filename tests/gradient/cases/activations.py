"""Activation functions."""

import numpy as np

from tests.gradient.case import Case, array

EXTREME = np.array([-1000.0, -50.0, 50.0, 1000.0])
INFINITE = np.array([np.inf, -np.inf, np.nan])
KINKS = np.array([0.0, -0.0, 6.0])
UNARY = {
    "relu": lambda tf, x: tf.nn.relu(x),
    "relu6": lambda tf, x: tf.nn.relu6(x),
    "leaky_relu": lambda tf, x: tf.nn.leaky_relu(x, alpha=0.25),
    "elu": lambda tf, x: tf.nn.elu(x),
    "selu": lambda tf, x: tf.nn.selu(x),
    "gelu": lambda tf, x: tf.nn.gelu(x),
    "gelu_approximate": lambda tf, x: tf.nn.gelu(x, approximate=True),
    "silu": lambda tf, x: tf.nn.silu(x),
    "softsign": lambda tf, x: tf.nn.softsign(x),
}
# At infinity TensorFlow computes 0·inf in some of their slopes.
SMOOTH = ("gelu", "gelu_approximate", "silu", "softsign")
# TensorFlow has no derivative of the slope of softsign.
TWICE = {k: k != "softsign" for k in UNARY}
# TensorFlow has the constants of gelu in float32.
PRECISION = {k: 2e-6 if k in ("gelu", "gelu_approximate") else 1e-9 for k in UNARY}

CASES = [
    *(Case(k, f, array(2, 3), second=TWICE[k], rtol=PRECISION[k]) for k, f in UNARY.items()),
    *(Case(f"{k}_scalar", f, array(), second=TWICE[k], rtol=PRECISION[k]) for k, f in UNARY.items()),
    *(Case(f"{k}_empty", f, array(0, 2), second=TWICE[k], rtol=PRECISION[k]) for k, f in UNARY.items()),
    *(Case(f"{k}_kinks", f, KINKS, numeric=False, second=TWICE[k], rtol=PRECISION[k]) for k, f in UNARY.items()),
    *(Case(f"{k}_extreme", f, EXTREME, numeric=False, second=TWICE[k], rtol=PRECISION[k]) for k, f in UNARY.items()),
    *(Case(f"{k}_infinite", f, INFINITE, numeric=False, first=k not in SMOOTH, second=False) for k, f in UNARY.items()),
    Case("relu6_clipped", lambda tf, x: tf.nn.relu6(x), np.array([-1.0, 2.0, 7.0])),
    Case("leaky_relu_steep", lambda tf, x: tf.nn.leaky_relu(x, alpha=3.0), array(5)),
    Case("leaky_relu_negative", lambda tf, x: tf.nn.leaky_relu(x, alpha=-0.5), array(5)),
    Case("crelu", lambda tf, x: tf.nn.crelu(x), array(2, 3)),
    Case("crelu_first_axis", lambda tf, x: tf.nn.crelu(x, axis=0), array(2, 3)),
    Case("silu_learned", lambda tf, x, b: tf.nn.silu(x, b), array(2, 3), array()),
    # TensorFlow's gradient of a beta that is a vector is a scalar.
    Case("silu_learned_vector", lambda tf, x, b: tf.nn.silu(x, b), array(2, 3), array(3), first=False),
]
