"""Tapes and accumulators outside of functions of unknown sizes: what goes through loops and choices is followed."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


@tf.custom_gradient
def tripled(x):
    return tf.sin(x), lambda dy: 3.0 * dy * x


def halving(x):
    for i in tf.range(3):
        if tf.cast(i, tf.float32) < tf.reduce_max(x):
            x = x * x * 0.5
    return x


def halving_if_positive(x):
    return halving(x) if tf.reduce_sum(x) > 0.0 else x


def kept(x):
    rows = tf.TensorArray(tf.float32, 3)
    for i in tf.range(3):
        rows = rows.write(i, tf.sin(x) * tf.cast(i, tf.float32))
    return rows.stack()


PROGRAMS = {
    "choice": lambda x: tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * x * x, lambda: x + x),
    "loop": lambda x: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (0, x))[1],
    "choice in a loop": halving,
    "loop in a choice": halving_if_positive,
    "a rule of one's own in a loop": lambda x: tf.while_loop(
        lambda i, y: i < 2, lambda i, y: (i + 1, tripled(y) * x), (0, x)
    )[1],
    "rows": lambda x: tf.map_fn(lambda row: row * row * row, x),
    "scan": lambda x: tf.scan(lambda total, row: total * row + row, x, initializer=tf.constant(1.0)),
    "array": kept,
}


def orders(function, x):
    """The gradient of a weighted sum, and the gradient of a function of that."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            total = tf.reduce_sum(tf.sin(function(x)))
        first = inner.gradient(total, x)
        bent = tf.reduce_sum(tf.cos(first))
    return first, outer.gradient(bent, x)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients_of_every_size_are_those_of_the_eager_program(name):
    program = PROGRAMS[name]
    function = tf.function(lambda x: program(x), input_signature=[tf.TensorSpec([None])])
    for values in ([0.5, 1.5], [-1.0, 0.25, 0.5], [0.75]):
        x = tf.constant(values)
        for found, expected in zip(orders(function, x), orders(program, x), strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert function.experimental_get_tracing_count() == 1 and function.experimental_eager_reasons() == ()


@pytest.mark.parametrize("name", [name for name in PROGRAMS if "rule" not in name])
def test_tangents_of_every_size_are_those_of_the_eager_program(name):
    program = PROGRAMS[name]
    function = tf.function(lambda x: program(x), input_signature=[tf.TensorSpec([None])])
    for values in ([0.5, 1.5], [-1.0, 0.25, 0.5]):
        x = tf.constant(values)
        tangents = []
        for each in (function, program):
            with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as accumulator:
                y = each(x)
            tangents.append(accumulator.jvp(y))
        np.testing.assert_allclose(*tangents, rtol=1e-4, atol=1e-5)
