"""A call of a compiled function of a scalar, f(x) = x² + 2x: what there is around the work."""

from __future__ import annotations

import numpy as np

from benchmarks.rows.row import Row

X = 3.0


def gradient_tape(tf):
    function = tf.function(lambda x: x * x + 2.0 * x)
    x, y = tf.constant(X), None

    def step():
        nonlocal y
        y = function(x)

    return step, lambda: [y.numpy()]


def jax(jax):
    function = jax.jit(lambda x: x * x + 2.0 * x)
    x, y = jax.numpy.float32(X), None

    def step():
        nonlocal y
        y = function(x)

    return step, lambda: [np.asarray(y)]


ROWS = [
    Row(
        "scalar_call",
        "a call of a compiled function, x² + 2x",
        {"tapeflow": gradient_tape, "tensorflow": gradient_tape, "jax": jax},
        targets={"tensorflow": 10.0, "jax": 1.0},
    )
]
