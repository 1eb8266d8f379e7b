"""A tape around a compiled function, as most training loops have it: what a call costs forward and backward.

JAX compiles the gradient itself, so that one call does it all; PyTorch has no compiler here.
"""

from __future__ import annotations

import numpy as np

from benchmarks.rows import mlp
from benchmarks.rows.row import Row

A, B, C, X = 1.0, -2.0, 1.0, 3.0
HIDDEN, BATCH = 128, 32

# -- scalars -------------------------------------------------------------------------------------------------


def parabola_under_a_tape(tf):
    a, b, c = (tf.Variable(value) for value in (A, B, C))
    function = tf.function(lambda x: a * x**2 + b * x + c)
    x, gradients = tf.constant(X), None

    def step():
        nonlocal gradients
        with tf.GradientTape() as tape:
            y = function(x)
        gradients = tape.gradient(y, [a, b, c])

    return step, lambda: [gradient.numpy() for gradient in gradients]


def parabola_in_jax(jax):
    x, parameters = jax.numpy.float32(X), [jax.numpy.float32(value) for value in (A, B, C)]
    differentiate = jax.jit(jax.grad(lambda parameters, x: parameters[0] * x**2 + parameters[1] * x + parameters[2]))
    gradients = None

    def step():
        nonlocal gradients
        gradients = jax.block_until_ready(differentiate(parameters, x))

    return step, lambda: gradients


def parabola_in_pytorch(torch):
    a, b, c = parameters = [torch.tensor(value, requires_grad=True) for value in (A, B, C)]
    x, gradients = torch.tensor(X), None

    def step():
        nonlocal gradients
        gradients = torch.autograd.grad(a * x**2 + b * x + c, parameters)

    return step, lambda: [gradient.numpy() for gradient in gradients]


# -- a perceptron --------------------------------------------------------------------------------------------


def perceptron_under_a_tape(tf):
    given = mlp.problem(HIDDEN, BATCH)
    images, labels = tf.constant(given.images), tf.constant(given.labels)
    parameters = w1, b1, w2, b2 = [tf.Variable(value) for value in given.parameters]
    gradients = None

    @tf.function
    def loss(images, labels):
        logits = tf.nn.relu(images @ w1 + b1) @ w2 + b2
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))

    def step():
        nonlocal gradients
        with tf.GradientTape() as tape:
            value = loss(images, labels)
        gradients = tape.gradient(value, parameters)

    return step, lambda: [gradient.numpy() for gradient in gradients]


def perceptron_in_jax(jax):
    given = mlp.problem(HIDDEN, BATCH)
    images, labels = jax.numpy.asarray(given.images), jax.numpy.asarray(given.labels)[:, None]
    parameters = [jax.numpy.asarray(value) for value in given.parameters]
    gradients = None

    @jax.jit
    @jax.grad
    def differentiate(parameters, images, labels):
        w1, b1, w2, b2 = parameters
        logits = jax.nn.relu(images @ w1 + b1) @ w2 + b2
        return -jax.numpy.take_along_axis(jax.nn.log_softmax(logits), labels, axis=1).mean()

    def step():
        nonlocal gradients
        gradients = jax.block_until_ready(differentiate(parameters, images, labels))

    return step, lambda: [np.asarray(gradient) for gradient in gradients]


ROWS = [
    Row(
        "tape_outside_scalar",
        "tape around a compiled function, a x² + b x + c",
        {
            "tapeflow": parabola_under_a_tape,
            "tensorflow": parabola_under_a_tape,
            "jax": parabola_in_jax,
            "pytorch": parabola_in_pytorch,
        },
        targets={"tensorflow": 10.0, "pytorch": 1.0},
    ),
    Row(
        "tape_outside_mlp",
        f"tape around a compiled function, MLP 784-{HIDDEN}-10, batch {BATCH}",
        {"tapeflow": perceptron_under_a_tape, "tensorflow": perceptron_under_a_tape, "jax": perceptron_in_jax},
        targets={"tensorflow": 1.0, "jax": 1.0},
        rtol=1e-4,
    ),
]
