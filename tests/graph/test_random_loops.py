"""Random programs of loops in choices in loops: their gradients of two orders are those of eager execution."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis import example, given, settings

import tapeflow as tf

UNARY = [tf.sin, tf.cos, tf.tanh, tf.identity, lambda a: a * 0.5 + 1.0, tf.stop_gradient]
BINARY = [tf.multiply, tf.add, tf.subtract, lambda a, b: tf.sin(a) * b]

index = st.integers(0, 100)
simple = st.one_of(st.tuples(st.just("unary"), index, index), st.tuples(st.just("binary"), index, index, index))
blocks = st.recursive(
    st.lists(simple, max_size=3),
    lambda inner: st.lists(
        st.one_of(
            simple,
            st.tuples(st.just("cond"), index, inner, inner),
            st.tuples(st.just("loop"), index, index, st.integers(0, 3), inner),
            st.tuples(st.just("rows"), index, inner),
        ),
        min_size=1,
        max_size=3,
    ),
    max_leaves=6,
)


def run(block, values):
    """The last of the values that the instructions of a block make from those that are there."""
    values = list(values)

    def pick(i):
        return values[i % len(values)]

    for what, *rest in block:
        if what == "unary":
            values.append(UNARY[rest[0] % len(UNARY)](pick(rest[1])))
        elif what == "binary":
            values.append(tf.tanh(BINARY[rest[0] % len(BINARY)](pick(rest[1]), pick(rest[2]))))
        elif what == "cond":
            sides = [lambda side=side: run(side, values) for side in rest[1:]]
            values.append(tf.cond(tf.reduce_sum(pick(rest[0])) > 0.3, *sides))
        elif what == "loop":
            values += tf.while_loop(
                lambda i, x, y, n=rest[2]: i < n,
                lambda i, x, y, inner=rest[3]: (i + 1, run(inner, [*values, y, x]), x * 0.9),
                (tf.constant(0), pick(rest[0]), pick(rest[1])),
            )[1:]
        else:
            table = tf.stack([pick(rest[0]), values[0], pick(rest[0]) * 0.5])
            values.append(tf.scan(lambda a, t, inner=rest[1]: run(inner, [*values, t, a]), table, values[0])[1])
    return values[-1]


DEAD_STATE = [("loop", 56, 59, 1, [("cond", 16, [], [("binary", 34, 4, 87)] * 3)]), ("rows", 90, [])]


@settings(max_examples=60, deadline=None)
@example(block=DEAD_STATE, size=(2,), seed=55)  # a loop in machine code, with a part of the state that nobody needs
@example(block=[("loop", 0, 0, 2, [("unary", 2, 0)]), ("rows", 2, [])], size=(2,), seed=37)
@example(block=[("loop", 0, 0, 2, [("cond", 0, [("unary", 2, 0)], [("unary", 2, 0)])]), ("rows", 2, [])], size=(2,), seed=0)
@given(block=blocks, size=st.sampled_from([(), (2,)]), seed=st.integers(0, 99))
def test_gradients_of_random_loops(block, size, seed):
    draw = np.random.default_rng(seed)
    x, start = (tf.constant(draw.normal(size=size)) for _ in range(2))
    v = tf.Variable(start)

    def derivatives(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = run(block, [x, v * 1.0])
            first = tape.gradient(y, [x, v], unconnected_gradients="zero")
            total = tf.reduce_sum(tf.sin(first[0]) + first[1])
        return [y, *first, *outer.gradient(total, [x, v], unconnected_gradients="zero")]

    function = tf.function(derivatives)
    for found, expected in zip(function(x), derivatives(x), strict=True):
        np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-9, atol=1e-11)
    assert function.experimental_eager_reasons() == ()
