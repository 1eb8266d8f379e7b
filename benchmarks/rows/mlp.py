"""One training step of a two-layer perceptron: ReLU, softmax cross-entropy with integer labels, SGD; float32."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.rows.row import PeakMemory, Row

INPUTS, CLASSES, RATE = 784, 10, 0.01
NUMPY_TARGET = 1 / 1.15


@dataclass(frozen=True)
class Problem:
    """One batch and the initial parameters (w1, b1, w2, b2), the same for everyone."""

    images: np.ndarray
    labels: np.ndarray
    parameters: list[np.ndarray]


def problem(hidden, batch):
    rng = np.random.default_rng(0)

    def normal(*shape, scale):
        return (rng.standard_normal(shape) * scale).astype(np.float32)

    return Problem(
        images=normal(batch, INPUTS, scale=1.0),
        labels=rng.integers(0, CLASSES, batch),
        parameters=[
            normal(INPUTS, hidden, scale=(2 / INPUTS) ** 0.5),
            normal(hidden, scale=0.1),
            normal(hidden, CLASSES, scale=(2 / hidden) ** 0.5),
            normal(CLASSES, scale=0.1),
        ],
    )


def gradient_tape(tf, hidden, batch):
    given = problem(hidden, batch)
    images, labels = tf.constant(given.images), tf.constant(given.labels)
    parameters = w1, b1, w2, b2 = [tf.Variable(value) for value in given.parameters]
    optimizer = tf.keras.optimizers.SGD(RATE)
    loss = None

    def step():
        nonlocal loss
        with tf.GradientTape() as tape:
            activations = tf.nn.relu(images @ w1 + b1)
            logits = activations @ w2 + b2
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
        gradients = tape.gradient(loss, parameters)
        optimizer.apply_gradients(zip(gradients, parameters, strict=True))

    return step, lambda: [loss.numpy(), *(parameter.numpy() for parameter in parameters)]


def pytorch(torch, hidden, batch):
    given = problem(hidden, batch)
    images, labels = torch.tensor(given.images), torch.tensor(given.labels)
    model = torch.nn.Sequential(torch.nn.Linear(INPUTS, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, CLASSES))
    parameters = list(model.parameters())
    with torch.no_grad():
        for parameter, value in zip(parameters, given.parameters, strict=True):
            parameter.copy_(torch.tensor(value.T))  # torch.nn.Linear keeps its weight transposed
    optimizer = torch.optim.SGD(parameters, RATE)
    cross_entropy = torch.nn.functional.cross_entropy
    loss = None

    def step():
        nonlocal loss
        loss = cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step, lambda: [loss.detach().numpy(), *(parameter.detach().numpy().T for parameter in parameters)]


def jax(jax, hidden, batch):
    given = problem(hidden, batch)
    images, labels = jax.numpy.asarray(given.images), jax.numpy.asarray(given.labels)[:, None]
    parameters = [jax.numpy.asarray(value) for value in given.parameters]
    loss = None

    def mean_cross_entropy(parameters):
        w1, b1, w2, b2 = parameters
        logits = jax.nn.relu(images @ w1 + b1) @ w2 + b2
        return -jax.numpy.take_along_axis(jax.nn.log_softmax(logits), labels, axis=1).mean()

    differentiate = jax.value_and_grad(mean_cross_entropy)

    def step():
        nonlocal loss, parameters
        loss, gradients = differentiate(parameters)
        parameters = [p - RATE * gradient for p, gradient in zip(parameters, gradients, strict=True)]
        jax.block_until_ready(parameters)

    return step, lambda: [loss, *parameters]


def autograd(autograd, hidden, batch):
    import autograd.numpy as np
    from autograd.scipy.special import logsumexp

    given = problem(hidden, batch)
    images, parameters = given.images, given.parameters
    # Its gradient of an indexing is slow, so its users write the labels one-hot.
    one_hot = np.eye(CLASSES, dtype=np.float32)[given.labels]
    loss = None

    def mean_cross_entropy(parameters):
        w1, b1, w2, b2 = parameters
        logits = np.maximum(images @ w1 + b1, 0) @ w2 + b2
        return np.mean(logsumexp(logits, axis=1) - np.sum(logits * one_hot, axis=1))

    differentiate = autograd.value_and_grad(mean_cross_entropy)

    def step():
        nonlocal loss
        loss, gradients = differentiate(parameters)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter -= RATE * gradient

    return step, lambda: [loss, *parameters]


def mygrad(mg, hidden, batch):
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    given = problem(hidden, batch)
    images, labels = given.images, given.labels
    parameters = w1, b1, w2, b2 = [mg.tensor(value) for value in given.parameters]
    loss = None

    def step():
        nonlocal loss
        logits = relu(mg.tensor(images, copy=False, constant=True) @ w1 + b1) @ w2 + b2
        loss = softmax_crossentropy(logits, labels)
        loss.backward()
        for parameter in parameters:
            parameter.data -= RATE * parameter.grad

    return step, lambda: [loss.data, *(parameter.data for parameter in parameters)]


def by_hand(np, hidden, batch):
    """As someone who knows NumPy would: the gradient derived on paper, in place where nothing else needs the array."""
    given = problem(hidden, batch)
    images, labels = given.images, given.labels
    parameters = w1, b1, w2, b2 = given.parameters
    rows = np.arange(batch)
    loss = None

    def step():
        nonlocal loss
        activations = images @ w1
        activations += b1
        np.maximum(activations, 0, out=activations)
        logits = activations @ w2
        logits += b2

        logits -= logits.max(axis=1, keepdims=True)
        picked = logits[rows, labels]
        probabilities = np.exp(logits, out=logits)
        total = probabilities.sum(axis=1, keepdims=True)
        loss = np.mean(np.log(total[:, 0]) - picked)

        probabilities /= total
        probabilities[rows, labels] -= 1
        d_logits = probabilities
        d_logits /= batch
        d_activations = d_logits @ w2.T
        d_activations *= activations > 0
        gradients = images.T @ d_activations, d_activations.sum(axis=0), activations.T @ d_logits, d_logits.sum(axis=0)

        for parameter, gradient in zip(parameters, gradients, strict=True):
            gradient *= RATE
            parameter -= gradient

    return step, lambda: [loss, *parameters]


PROGRAMS = {
    "tapeflow": gradient_tape,
    "tensorflow": gradient_tape,
    "pytorch": pytorch,
    "jax": jax,
    "autograd": autograd,
    "mygrad": mygrad,
    "numpy": by_hand,
}


def programs(hidden, batch):
    return {framework: partial(program, hidden=hidden, batch=batch) for framework, program in PROGRAMS.items()}


ROWS = [
    Row(
        "mlp_128_b32",
        "training step of an MLP 784-128-10, batch 32",
        programs(128, 32),
        targets={"numpy": NUMPY_TARGET},
        rtol=1e-4,
    ),
    Row(
        "mlp_512_b256",
        "training step of an MLP 784-512-10, batch 256",
        programs(512, 256),
        targets={"numpy": NUMPY_TARGET},
        rtol=1e-4,
    ),
    PeakMemory(
        "peak_memory",
        "peak memory of a process that trains that MLP",
        programs(512, 256),
        targets={"pytorch": 1},
        rtol=1e-4,
    ),
]
