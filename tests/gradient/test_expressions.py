"""Random programs: whatever is put together, the gradient is the limit of differences, and the Hessian is symmetric."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf

# Functions that stay bounded with bounded derivatives, so that central differences can judge any composition of them.
UNARY = {
    "sin": tf.sin,
    "tanh": tf.tanh,
    "negative": tf.negative,
    "square of tanh": lambda x: tf.square(tf.tanh(x)),
    "exp of minus square": lambda x: tf.exp(-x * x),
    "reciprocal of 1 + square": lambda x: 1.0 / (1.0 + x * x),
    "softplus": lambda x: tf.math.log(1.0 + tf.exp(tf.sin(x))),
    "root of 1 + square": lambda x: tf.sqrt(1.0 + tf.square(x)) * 0.5,
    "mean": tf.reduce_mean,
    "sum along the last axis": lambda x: tf.reduce_sum(tf.sin(x), axis=-1, keepdims=True) if x.ndim else x,
}
BINARY = {
    "add": lambda x, y: (x + y) * 0.5,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: tf.sin(x) * y,
    "divide": lambda x, y: x / (2.0 + tf.cos(y)),
}
SHAPES = [(), (3,), (1, 3), (2, 1), (2, 3)]  # any two broadcast

steps = st.one_of(
    st.tuples(st.sampled_from(sorted(UNARY)), st.integers(0, 50)),
    st.tuples(st.sampled_from(sorted(BINARY)), st.integers(0, 50), st.integers(0, 50)),
)
programs = st.lists(steps, min_size=1, max_size=12)
shapes = st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3)
seeds = st.integers(0, 2**31)


def run(program, sources):
    """Every value of the program, the sources first; an operand is counted back from the newest value."""
    values = list(sources)
    for name, *operands in program:
        chosen = [values[-1 - operand % len(values)] for operand in operands]
        values.append((UNARY if len(chosen) == 1 else BINARY)[name](*chosen))
    return values


def loss(program, sources):
    values = run(program, sources)
    return tf.reduce_sum(values[-1]) + tf.reduce_sum(tf.sin(values[len(values) // 2]))


def arrays(shapes, seed):
    generator = np.random.default_rng(seed)
    return [generator.uniform(-1.5, 1.5, shape) for shape in shapes]


def gradients(program, inputs, persistent=False):
    sources = [tf.constant(x) for x in inputs]
    with tf.GradientTape(persistent=persistent) as tape:
        tape.watch(sources)
        y = loss(program, sources)
    return tape.gradient(y, sources, unconnected_gradients="zero"), tape, y, sources


def along(inputs, directions, step):
    return [x + step * d for x, d in zip(inputs, directions, strict=True)]


@settings(max_examples=150, deadline=None)
@given(programs, shapes, seeds)
def test_the_gradient_is_the_limit_of_differences(program, shapes, seed):
    inputs, directions = arrays(shapes, seed), arrays(shapes, seed + 1)
    found, *_ = gradients(program, inputs)
    assert [g.shape for g in found] == [x.shape for x in inputs]
    claimed = sum(float(np.sum(g * d)) for g, d in zip(found, directions, strict=True))
    h = 1e-6
    ahead, behind = (float(loss(program, [tf.constant(x) for x in along(inputs, directions, step)])) for step in (h, -h))
    assert claimed == pytest.approx((ahead - behind) / (2 * h), rel=1e-4, abs=1e-5)


@settings(max_examples=75, deadline=None)
@given(programs, shapes, seeds)
def test_a_persistent_tape_gives_the_same_gradient_every_time_and_source_by_source(program, shapes, seed):
    inputs = arrays(shapes, seed)
    once, *_ = gradients(program, inputs)
    _, tape, y, sources = gradients(program, inputs, persistent=True)
    again = tape.gradient(y, sources, unconnected_gradients="zero")
    for i, source in enumerate(sources):
        alone = tape.gradient(y, source, unconnected_gradients="zero")
        np.testing.assert_array_equal(once[i], again[i])
        np.testing.assert_array_equal(once[i], alone)


@settings(max_examples=75, deadline=None)
@given(programs, shapes, seeds)
def test_watching_more_than_asked_for_changes_nothing(program, shapes, seed):
    """Asked for the gradient of the first source only, a tape that follows all gives what one gives that follows that one."""
    inputs = arrays(shapes, seed)
    everything, *_ = gradients(program, inputs)
    sources = [tf.constant(x) for x in inputs]
    with tf.GradientTape() as tape:
        tape.watch(sources[0])
        y = loss(program, sources)
    alone = tape.gradient(y, sources[0], unconnected_gradients="zero")
    np.testing.assert_allclose(everything[0], alone, rtol=1e-12, atol=1e-14)


@settings(max_examples=75, deadline=None)
@given(programs, shapes, seeds)
def test_a_sum_of_targets_has_the_sum_of_their_gradients(program, shapes, seed):
    sources = [tf.constant(x) for x in arrays(shapes, seed)]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(sources)
        values = run(program, sources)
    together = tape.gradient(values, sources)
    for i, source in enumerate(sources):
        parts = [tape.gradient(y, source, unconnected_gradients="zero") for y in values]
        np.testing.assert_allclose(together[i], sum(np.asarray(p) for p in parts), rtol=1e-10, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(programs, st.lists(st.sampled_from(SHAPES), min_size=2, max_size=2), seeds)
def test_the_hessian_is_symmetric(program, shapes, seed):
    inputs = arrays(shapes, seed)
    sources = [tf.constant(x) for x in inputs]
    first, second = arrays(shapes, seed + 1), arrays(shapes, seed + 2)

    def hessian_times(direction):
        with tf.GradientTape() as outer:
            outer.watch(sources)
            with tf.GradientTape() as inner:
                inner.watch(sources)
                y = loss(program, sources)
            slopes = inner.gradient(y, sources, unconnected_gradients="zero")
        cotangents = [tf.constant(d) for d in direction]
        return outer.gradient(slopes, sources, cotangents, unconnected_gradients="zero")

    def inner_product(a, b):
        return sum(float(np.sum(np.asarray(x) * y)) for x, y in zip(a, b, strict=True))

    of_first, of_second = hessian_times(first), hessian_times(second)
    scale = 1.0 + max(float(np.max(np.abs(h))) for h in of_first + of_second)
    assert inner_product(of_first, second) == pytest.approx(inner_product(of_second, first), rel=1e-9, abs=1e-10 * scale)


@settings(max_examples=40, deadline=None)
@given(programs, st.sampled_from([(3,), (2, 3)]), seeds)
def test_the_jacobian_has_the_gradients_of_the_elements_as_rows(program, shape, seed):
    x = tf.constant(arrays([shape], seed)[0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = run(program, [x])[-1] + 0.0 * x
    jacobian = np.asarray(tape.jacobian(y, x))
    for index in np.ndindex(*y.shape.as_list()):
        one = np.zeros(y.shape.as_list())
        one[index] = 1.0
        np.testing.assert_array_equal(jacobian[index], tape.gradient(y, x, output_gradients=tf.constant(one)))
