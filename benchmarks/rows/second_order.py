"""First and second derivative of y = a x³ + b x + c on float32 scalars. MyGrad has no derivatives of derivatives."""

from __future__ import annotations

import numpy as np

from benchmarks.rows.row import Row, ahead_of_all

A, B, C, X = 1.0, -2.0, 1.0, 3.0


def gradient_tape(tf):
    a, b, c = tf.constant(A), tf.constant(B), tf.constant(C)
    x = tf.Variable(X)
    second = None

    def step():
        nonlocal second
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = a * x**3 + b * x + c
            first = inner.gradient(y, x)
        second = outer.gradient(first, x)

    return step, lambda: [second.numpy()]


def pytorch(torch):
    a, b, c = torch.tensor(A), torch.tensor(B), torch.tensor(C)
    x = torch.tensor(X, requires_grad=True)
    second = None

    def step():
        nonlocal second
        y = a * x**3 + b * x + c
        (first,) = torch.autograd.grad(y, x, create_graph=True)
        (second,) = torch.autograd.grad(first, x)

    return step, lambda: [second.numpy()]


def jax(jax):
    a, b, c, x = (jax.numpy.float32(value) for value in (A, B, C, X))
    differentiate_twice = jax.grad(jax.grad(lambda x: a * x**3 + b * x + c))
    second = None

    def step():
        nonlocal second
        second = differentiate_twice(x).block_until_ready()

    return step, lambda: [second]


def autograd(autograd):
    a, b, c, x = (np.float32(value) for value in (A, B, C, X))
    differentiate_twice = autograd.grad(autograd.grad(lambda x: a * x**3 + b * x + c))
    second = None

    def step():
        nonlocal second
        second = differentiate_twice(x)

    return step, lambda: [second]


ROWS = [
    ahead_of_all(
        Row(
            "second_order",
            "second derivative of a cubic, nested",
            {
                "tapeflow": gradient_tape,
                "tensorflow": gradient_tape,
                "pytorch": pytorch,
                "jax": jax,
                "autograd": autograd,
            },
        )
    )
]
