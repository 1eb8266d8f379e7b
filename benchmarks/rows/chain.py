"""A chain of elementwise operations, forward and backward: what one recorded op costs.

Every value stays within [-3, 3], so no framework meets an overflow, an underflow or a slow subnormal.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.rows.row import Row, ahead_of_all


def chain(functions, x, weight, length):
    """`length` operations, five kinds in turn. `functions` has the framework's sin, exp and tanh."""
    sin, exp, tanh = functions.sin, functions.exp, functions.tanh
    y = x
    for _ in range(length // 5):
        y = tanh(exp(sin(y * weight + x)))
    return y


def inputs(size):
    """The point and the weight: scalars for `size` None, else vectors."""
    if size is None:
        return np.float32(0.3), np.float32(0.7)
    return np.linspace(-1, 1, size, dtype=np.float32), np.linspace(0.5, 0.9, size, dtype=np.float32)


def gradient_tape(tf, length, size):
    start, weight = map(tf.constant, inputs(size))
    x = tf.Variable(start)
    gradient = None

    def step():
        nonlocal gradient
        with tf.GradientTape() as tape:
            y = chain(tf, x, weight, length)
            if size is not None:
                y = tf.reduce_sum(y)
        gradient = tape.gradient(y, x)

    return step, lambda: [gradient.numpy()]


def pytorch(torch, length, size):
    x, weight = (torch.tensor(value) for value in inputs(size))
    x.requires_grad_()
    gradient = None

    def step():
        nonlocal gradient
        y = chain(torch, x, weight, length)
        if size is not None:
            y = y.sum()
        (gradient,) = torch.autograd.grad(y, x)

    return step, lambda: [gradient.numpy()]


def jax(jax, length, size):
    x, weight = map(jax.numpy.asarray, inputs(size))
    gradient = None

    def value(x):
        y = chain(jax.numpy, x, weight, length)
        return y if size is None else y.sum()

    differentiate = jax.grad(value)

    def step():
        nonlocal gradient
        gradient = differentiate(x).block_until_ready()

    return step, lambda: [gradient]


def autograd(autograd, length, size):
    import autograd.numpy as functions

    x, weight = inputs(size)
    gradient = None

    def value(x):
        y = chain(functions, x, weight, length)
        return y if size is None else functions.sum(y)

    differentiate = autograd.grad(value)

    def step():
        nonlocal gradient
        gradient = differentiate(x)

    return step, lambda: [gradient]


def mygrad(mg, length, size):
    start, weight = inputs(size)
    x = mg.tensor(start)

    def step():
        y = chain(mg, x, weight, length)
        if size is not None:
            y = y.sum()
        y.backward()

    return step, lambda: [x.grad]


PROGRAMS = {
    "tapeflow": gradient_tape,
    "tensorflow": gradient_tape,
    "pytorch": pytorch,
    "jax": jax,
    "autograd": autograd,
    "mygrad": mygrad,
}


def chain_row(name, title, length, size):
    programs = {framework: partial(program, length=length, size=size) for framework, program in PROGRAMS.items()}
    return ahead_of_all(Row(name, title, programs, rtol=1e-4))


ROWS = [
    chain_row("chain_20_scalar", "chain of 20 operations, scalars", 20, None),
    chain_row("chain_20_vec100", "chain of 20 operations, vectors of 100", 20, 100),
    chain_row("chain_100_scalar", "chain of 100 operations, scalars", 100, None),
]
