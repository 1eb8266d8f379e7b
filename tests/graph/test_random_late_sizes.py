"""Random programs of masks, slices, loops and choices: one trace gives what eager execution gives, for all sizes."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, settings

import tapeflow as tf

index = st.integers(0, 100)
UNARY = [tf.sin, tf.tanh, tf.cumsum, tf.nn.softmax, lambda a: tf.reverse(a, [0]), lambda a: a * 0.5 + 1.0]
CUTS = [
    lambda a, n: tf.boolean_mask(a, a > 0.2),
    lambda a, n: a[:n],
    lambda a, n: a[n:],
    lambda a, n: tf.gather(a, tf.where(a > 0.0)[:, 0]),
    lambda a, n: tf.dynamic_partition(a, tf.cast(a > 0.0, tf.int32), 2)[1],
    lambda a, n: tf.reshape(tf.tile(tf.expand_dims(a, 0), [n, 1]), [-1]),
    lambda a, n: tf.repeat(a, tf.cast(a > 0.1, tf.int32) + 1),
    lambda a, n: tf.pad(a, [[0, n]]),
    lambda a, n: tf.concat([a, tf.fill([n], tf.constant(0.3, a.dtype))], 0),
]
REDUCED = [
    tf.reduce_sum,
    lambda a: tf.reduce_sum(a * a),
    lambda a: tf.reduce_sum(tf.sin(a)) / (1.0 + tf.cast(tf.size(a), a.dtype)),
]

vectors = st.lists(
    st.one_of(st.tuples(st.just("unary"), index), st.tuples(st.just("cut"), index), st.tuples(st.just("product"), index)),
    min_size=1,
    max_size=4,
)
blocks = st.lists(
    st.one_of(
        st.tuples(st.just("plain"), index, vectors),
        st.tuples(st.just("cond"), index, vectors, vectors),
        st.tuples(st.just("loop"), index, vectors),
    ),
    min_size=1,
    max_size=3,
)


def made_of(steps, x, n):
    """A vector whose size depends on values."""
    before = x
    for what, number in steps:
        if what == "unary":
            x = UNARY[number % len(UNARY)](x)
        elif what == "cut":
            before, x = x, CUTS[number % len(CUTS)](x, n)
        else:
            x = x * tf.reduce_sum(before)
    return x


def reduced(number, x):
    return tf.tanh(REDUCED[number % len(REDUCED)](x))


def run(block, x, n):
    """A scalar that the blocks make one after the other."""
    total = tf.reduce_sum(x) * 0.1
    for what, number, *sides in block:
        if what == "plain":
            total = total + reduced(number, made_of(sides[0], x * total, n))
        elif what == "cond":
            first, second = [lambda side=side, t=total: reduced(number, made_of(side, x + t, n)) for side in sides]
            total = total + tf.cond(total > 0.1, first, second)
        else:
            total = tf.while_loop(
                lambda i, t: i < n,
                lambda i, t, steps=sides[0]: (i + 1, 0.5 * t + reduced(number, made_of(steps, x * t, i + 1))),
                (tf.constant(0), total),
            )[1]
    return total


@settings(max_examples=8, deadline=None)
@given(block=blocks, seed=st.integers(0, 99), outside=st.booleans())
def test_random_programs_of_sizes_that_depend_on_values(block, seed, outside):
    draw = np.random.default_rng(seed)

    def derivatives(program, x, n):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = program(x, n)
            first = tape.gradient(y, x)
            total = tf.reduce_sum(first * first)
        return y, first, outer.gradient(total, x, unconnected_gradients="zero")

    def program(x, n):
        return run(block, x, n)

    if outside:
        function = tf.function(program)
        compiled = lambda x, n: derivatives(function, x, n)
    else:
        function = compiled = tf.function(lambda x, n: derivatives(program, x, n))
    for n in (2, 1, 3):
        x = tf.constant(draw.normal(size=4))
        for found, expected in zip(compiled(x, tf.constant(n)), derivatives(program, x, tf.constant(n)), strict=True):
            np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-9, atol=1e-11)
    assert function.experimental_eager_reasons() == ()
