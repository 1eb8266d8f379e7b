"""The tutorial's step: y = a x² + b x + c on float32 scalars, dy/dx, x ← x − 0.01 dy/dx."""

from __future__ import annotations

import numpy as np

from benchmarks.rows.row import Row

A, B, C, START, RATE = 1.0, -2.0, 1.0, 3.0, 0.01


def gradient_tape(tf):
    a, b, c = tf.constant(A), tf.constant(B), tf.constant(C)
    x = tf.Variable(START)
    optimizer = tf.keras.optimizers.SGD(RATE)

    def step():
        with tf.GradientTape() as tape:
            y = a * x**2 + b * x + c
        gradient = tape.gradient(y, x)
        optimizer.apply_gradients([(gradient, x)])

    return step, lambda: [x.numpy()]


def pytorch(torch):
    a, b, c = torch.tensor(A), torch.tensor(B), torch.tensor(C)
    x = torch.tensor(START, requires_grad=True)
    optimizer = torch.optim.SGD([x], RATE)

    def step():
        y = a * x**2 + b * x + c
        optimizer.zero_grad()
        y.backward()
        optimizer.step()

    return step, lambda: [x.detach().numpy()]


def jax(jax):
    a, b, c, rate = (jax.numpy.float32(value) for value in (A, B, C, RATE))
    x = jax.numpy.float32(START)
    gradient = jax.grad(lambda x: a * x**2 + b * x + c)

    def step():
        nonlocal x
        x = (x - rate * gradient(x)).block_until_ready()

    return step, lambda: [x]


def autograd(autograd):
    a, b, c, rate = (np.float32(value) for value in (A, B, C, RATE))
    x = np.float32(START)
    gradient = autograd.grad(lambda x: a * x**2 + b * x + c)

    def step():
        nonlocal x
        x = x - rate * gradient(x)

    return step, lambda: [x]


def mygrad(mg):
    a, b, c, rate = (np.float32(value) for value in (A, B, C, RATE))
    x = mg.tensor(START, dtype=np.float32)

    def step():
        y = a * x**2 + b * x + c
        y.backward()
        x.data -= rate * x.grad

    return step, lambda: [x.data]


ROWS = [
    Row(
        "eager_step",
        "tutorial's step: y = ax² + bx + c, gradient, SGD",
        {
            "tapeflow": gradient_tape,
            "tensorflow": gradient_tape,
            "pytorch": pytorch,
            "jax": jax,
            "autograd": autograd,
            "mygrad": mygrad,
        },
        targets={"tensorflow": 60, "pytorch": 5, "autograd": 4, "mygrad": 4},
    )
]
