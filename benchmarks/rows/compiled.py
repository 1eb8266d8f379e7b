"""Compiled functions: `tf.function` beside `jax.jit` and TensorFlow's XLA; PyTorch as it is, for it has no compiler here.

Arrays of 10⁶ elements show loops, the perceptron what is around the products of matrices, the recurrent cell how little a
step costs, and a chain of a thousand operations what it takes to compile one.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.frameworks import FRAMEWORKS
from benchmarks.rows import mlp
from benchmarks.rows.row import Row

SIZE = 10**6
STEPS, BATCH, INPUTS, HIDDEN = 100, 32, 32, 32


def function_of(tf):
    """The framework's `tf.function`; TensorFlow's with XLA."""
    return tf.function if tf.__name__ == "tapeflow" else partial(tf.function, jit_compile=True)


# -- elementwise ---------------------------------------------------------------------------------------------


def points():
    return np.random.default_rng(0).standard_normal(SIZE).astype(np.float32)


def slopes_in_tensorflow(tf):
    x = tf.constant(points())

    @function_of(tf)
    def slopes(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.tanh(x) * tf.exp(-x * x) + tf.sin(x))
        return tape.gradient(y, x)

    return lambda: slopes(x), lambda: [slopes(x).numpy()[::1000]]


def slopes_in_jax(jax):
    numpy = jax.numpy
    x = numpy.asarray(points())
    slopes = jax.jit(jax.grad(lambda x: numpy.sum(numpy.tanh(x) * numpy.exp(-x * x) + numpy.sin(x))))
    return lambda: slopes(x).block_until_ready(), lambda: [slopes(x)[::1000]]


def slopes_in_pytorch(torch):
    x = torch.tensor(points(), requires_grad=True)

    def slopes():
        y = (torch.tanh(x) * torch.exp(-x * x) + torch.sin(x)).sum()
        return torch.autograd.grad(y, x)[0]

    return slopes, lambda: [slopes().numpy()[::1000]]


# -- a perceptron --------------------------------------------------------------------------------------------


def perceptron_in_tensorflow(tf, hidden, batch):
    given = mlp.problem(hidden, batch)
    images, labels = tf.constant(given.images), tf.constant(given.labels)
    parameters = w1, b1, w2, b2 = [tf.Variable(value) for value in given.parameters]
    loss = None

    @function_of(tf)
    def train(images, labels):
        with tf.GradientTape() as tape:
            logits = tf.nn.relu(images @ w1 + b1) @ w2 + b2
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
        for parameter, gradient in zip(parameters, tape.gradient(loss, parameters), strict=True):
            parameter.assign_sub(mlp.RATE * gradient)
        return loss

    def step():
        nonlocal loss
        loss = train(images, labels)

    return step, lambda: [loss.numpy(), *(parameter.numpy() for parameter in parameters)]


def perceptron_in_jax(jax, hidden, batch):
    given = mlp.problem(hidden, batch)
    images, labels = jax.numpy.asarray(given.images), jax.numpy.asarray(given.labels)[:, None]
    parameters = [jax.numpy.asarray(value) for value in given.parameters]
    loss = None

    def mean_cross_entropy(parameters, images, labels):
        w1, b1, w2, b2 = parameters
        logits = jax.nn.relu(images @ w1 + b1) @ w2 + b2
        return -jax.numpy.take_along_axis(jax.nn.log_softmax(logits), labels, axis=1).mean()

    @jax.jit
    def train(parameters, images, labels):
        loss, gradients = jax.value_and_grad(mean_cross_entropy)(parameters, images, labels)
        return loss, [p - mlp.RATE * gradient for p, gradient in zip(parameters, gradients, strict=True)]

    def step():
        nonlocal loss, parameters
        loss, parameters = train(parameters, images, labels)
        jax.block_until_ready(parameters)

    return step, lambda: [loss, *parameters]


# -- a recurrent cell ------------------------------------------------------------------------------------------


def cell():
    """The weights (w, u, b) and the inputs, [step, example, input]."""
    draw = np.random.default_rng(0)
    shapes = (INPUTS, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN,)
    weights = [(draw.standard_normal(shape) * 0.1).astype(np.float32) for shape in shapes]
    return weights, draw.standard_normal((STEPS, BATCH, INPUTS)).astype(np.float32)


def recurrence_in_tensorflow(tf):
    weights, inputs = cell()
    w, u, b = [tf.constant(value) for value in weights]
    inputs = tf.constant(inputs)

    @function_of(tf)
    def slopes(w, u, b, inputs):
        with tf.GradientTape() as tape:
            tape.watch([w, u, b])
            h = tf.zeros([BATCH, HIDDEN])
            for n in range(STEPS):
                h = tf.tanh(inputs[n] @ w + h @ u + b)
            y = tf.reduce_sum(h * h)
        return tape.gradient(y, [w, u, b])

    return lambda: slopes(w, u, b, inputs), lambda: [g.numpy() for g in slopes(w, u, b, inputs)]


def recurrence_in_jax(jax):
    weights, inputs = cell()
    weights, inputs = [jax.numpy.asarray(value) for value in weights], jax.numpy.asarray(inputs)

    def loss(weights, inputs):
        w, u, b = weights

        def turn(h, x):
            return jax.numpy.tanh(x @ w + h @ u + b), None

        h, _ = jax.lax.scan(turn, jax.numpy.zeros((BATCH, HIDDEN), jax.numpy.float32), inputs)
        return (h * h).sum()

    slopes = jax.jit(jax.grad(loss))
    return lambda: jax.block_until_ready(slopes(weights, inputs)), lambda: slopes(weights, inputs)


def recurrence_in_pytorch(torch):
    weights, inputs = cell()
    w, u, b = weights = [torch.tensor(value, requires_grad=True) for value in weights]
    inputs = torch.tensor(inputs)

    def slopes():
        h = torch.zeros(BATCH, HIDDEN)
        for x in inputs:
            h = torch.tanh(x @ w + h @ u + b)
        return torch.autograd.grad((h * h).sum(), weights)

    return slopes, lambda: [g.numpy() for g in slopes()]


def perceptron(hidden, batch):
    return Row(
        f"compiled_mlp_{hidden}_b{batch}",
        f"training step of an MLP 784-{hidden}-10, batch {batch}, compiled",
        {
            "tapeflow": partial(perceptron_in_tensorflow, hidden=hidden, batch=batch),
            "tensorflow": partial(perceptron_in_tensorflow, hidden=hidden, batch=batch),
            "pytorch": partial(mlp.pytorch, hidden=hidden, batch=batch),
            "jax": partial(perceptron_in_jax, hidden=hidden, batch=batch),
        },
        {"jax": 1.0},
        rtol=1e-4,
    )


# -- compiling -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FirstCall(Row):
    """A row that compares first calls: tracing, compiling and running once. Nothing is taken from a cache on disk."""

    def measure(self, name, budget):
        os.environ["TAPEFLOW_CACHE"] = "off"
        framework = FRAMEWORKS[name].load()
        self.programs[name](framework)[0](10)  # what the framework loads for its first function is not the row's
        start = time.perf_counter()
        answer = self.programs[name](framework)[0](LENGTH)
        return time.perf_counter() - start, [np.asarray(answer)]


LENGTH = 1000


def chain(sine, x, length):
    for _ in range(length // 4):
        x = (sine(x) * 0.9 + 0.1) * 1.01
    return x


def chain_in_tensorflow(tf):
    x = tf.constant(np.linspace(0, 1, 1000, dtype=np.float32))
    return lambda length: function_of(tf)(lambda x: chain(tf.sin, x, length))(x).numpy(), None


def chain_in_jax(jax):
    x = np.linspace(0, 1, 1000, dtype=np.float32)
    return lambda length: jax.jit(lambda x: chain(jax.numpy.sin, x, length))(x).block_until_ready(), None


ROWS = [
    Row(
        "compiled_gradient_1e6",
        "gradient of Σ tanh(x)·exp(-x²) + sin(x), 10⁶ float32, compiled",
        {
            "tapeflow": slopes_in_tensorflow,
            "tensorflow": slopes_in_tensorflow,
            "pytorch": slopes_in_pytorch,
            "jax": slopes_in_jax,
        },
        {"jax": 2.0, "tensorflow": 2.0},
    ),
    perceptron(128, 32),
    perceptron(512, 256),
    Row(
        "compiled_recurrence",
        "gradient through 100 steps of a recurrent cell, batch 32, compiled",
        {
            "tapeflow": recurrence_in_tensorflow,
            "tensorflow": recurrence_in_tensorflow,
            "pytorch": recurrence_in_pytorch,
            "jax": recurrence_in_jax,
        },
        {"jax": 1.0},
        rtol=1e-4,
    ),
    FirstCall(
        "compiling_1000",
        "first call of a function of 1 000 operations",
        {"tapeflow": chain_in_tensorflow, "tensorflow": chain_in_tensorflow, "jax": chain_in_jax},
        {"jax": 1.0},
        rtol=1e-4,
    ),
]
