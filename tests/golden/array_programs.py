"""Random programs of operations on arrays: each is run here and, by `record_array_programs.py`, under TensorFlow."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

COUNT = 400

# Each takes (tf, y, r, axis): the module, a tensor, a random.Random and one of the axes of y.
STEPS: list[Callable] = [
    lambda tf, y, r, axis: tf.transpose(y, r.sample(range(len(y.shape)), len(y.shape))),
    lambda tf, y, r, axis: tf.reshape(y, [-1]),
    lambda tf, y, r, axis: tf.concat([y, y * 2.0], axis),
    lambda tf, y, r, axis: tf.stack([y, y * y], r.randrange(-len(y.shape) - 1, len(y.shape) + 1)),
    lambda tf, y, r, axis: tf.split(y, [1, -1], axis)[r.randrange(2)],
    lambda tf, y, r, axis: tf.tile(y, [r.randint(1, 2) for _ in y.shape]),
    lambda tf, y, r, axis: tf.repeat(y, [r.randint(0, 2) for _ in range(y.shape[axis])], axis=axis),
    lambda tf, y, r, axis: tf.pad(
        y, [[r.randint(0, 1), r.randint(0, 1)] for _ in y.shape], r.choice(["CONSTANT", "SYMMETRIC", "REFLECT"])
    ),
    lambda tf, y, r, axis: tf.gather(y, [r.randrange(y.shape[axis]) for _ in range(r.randint(1, 4))], axis=axis),
    lambda tf, y, r, axis: y[
        tuple([r.choice([slice(None), slice(None, None, -1), slice(0, None, 2), 0, -1, tf.newaxis]) for _ in y.shape])
    ],
    lambda tf, y, r, axis: tf.roll(y, r.randint(-3, 3), axis),
    lambda tf, y, r, axis: tf.reverse(y, [axis]),
    lambda tf, y, r, axis: tf.gather_nd(y, [[r.randrange(y.shape[d]) for d in range(r.randint(1, len(y.shape)))]]),
    lambda tf, y, r, axis: y[y > 0.0],
    lambda tf, y, r, axis: tf.tensor_scatter_nd_max(y, [[r.randrange(y.shape[0])]], y[:1] * 2.0),
    lambda tf, y, r, axis: tf.tensor_scatter_nd_update(y, [[r.randrange(y.shape[0])]], y[:1] * 2.0),
]


def run(tf: Any, seed: int) -> list:
    """What program number `seed` gives: the result, its gradient, and the type of every exception on the way."""
    r = random.Random(seed)
    shape = [r.randint(1, 4) for _ in range(r.randint(1, 3))]
    x = tf.constant(np.random.default_rng(seed).uniform(-1, 1, shape).round(3))
    errors = []
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(r.randint(1, 4)):
            rank = len(y.shape)
            step, axis = r.choice(STEPS), r.randrange(rank) if rank else 0
            try:
                y = step(tf, y, r, axis)
            except Exception as error:
                errors.append(type(error).__name__)
        z = tf.reduce_sum(y * y * y)
    gradient = tape.gradient(z, x)
    gradient = None if gradient is None else tf.convert_to_tensor(gradient).numpy().round(6).tolist()
    return [y.numpy().tolist(), gradient, errors]
