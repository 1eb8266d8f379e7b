"""The same parabola, value and dy/dx only: no update."""

from __future__ import annotations

import numpy as np

from benchmarks.rows.row import Row, ahead_of_all

A, B, C, X = 1.0, -2.0, 1.0, 3.0


def gradient_tape(tf):
    a, b, c = tf.constant(A), tf.constant(B), tf.constant(C)
    x = tf.Variable(X)
    gradient = None

    def step():
        nonlocal gradient
        with tf.GradientTape() as tape:
            y = a * x**2 + b * x + c
        gradient = tape.gradient(y, x)

    return step, lambda: [gradient.numpy()]


def pytorch(torch):
    a, b, c = torch.tensor(A), torch.tensor(B), torch.tensor(C)
    x = torch.tensor(X, requires_grad=True)
    gradient = None

    def step():
        nonlocal gradient
        y = a * x**2 + b * x + c
        (gradient,) = torch.autograd.grad(y, x)

    return step, lambda: [gradient.numpy()]


def jax(jax):
    a, b, c, x = (jax.numpy.float32(value) for value in (A, B, C, X))
    differentiate = jax.grad(lambda x: a * x**2 + b * x + c)
    gradient = None

    def step():
        nonlocal gradient
        gradient = differentiate(x).block_until_ready()

    return step, lambda: [gradient]


def autograd(autograd):
    a, b, c, x = (np.float32(value) for value in (A, B, C, X))
    differentiate = autograd.grad(lambda x: a * x**2 + b * x + c)
    gradient = None

    def step():
        nonlocal gradient
        gradient = differentiate(x)

    return step, lambda: [gradient]


def mygrad(mg):
    a, b, c = (np.float32(value) for value in (A, B, C))
    x = mg.tensor(X, dtype=np.float32)

    def step():
        y = a * x**2 + b * x + c
        y.backward()

    return step, lambda: [x.grad]


ROWS = [
    ahead_of_all(
        Row(
            "gradient_only",
            "its gradient only",
            {
                "tapeflow": gradient_tape,
                "tensorflow": gradient_tape,
                "pytorch": pytorch,
                "jax": jax,
                "autograd": autograd,
                "mygrad": mygrad,
            },
        )
    )
]
