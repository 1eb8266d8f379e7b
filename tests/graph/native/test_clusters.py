"""Random programs over arrays give the same eagerly, in a plan of NumPy's kernels, and in clusters of machine code."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import tapeflow as tf
from tapeflow.graph.native import binding
from tapeflow.graph.native.machine import machine
from tests.graph.native.units import EXACT, distance

pytestmark = pytest.mark.skipif(machine() is None, reason="needs LLVM")

SPECIAL = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 3e38, 1.0, -1.0, 0.5]


@pytest.fixture(autouse=True, scope="module")
def _clusters_of_any_size():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(binding, "FEW", 1)
        yield


def both(python, *tensors):
    """What a function gives in a plan of NumPy's kernels, and with clusters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        plain = tf.function(python)
        expected = plain(*tensors)
    native = tf.function(python)
    before = [x.numpy() for x in tensors]
    first, found = native(*tensors), native(*tensors)
    for a, b in zip([*before, *first], [*tensors, *found], strict=True):
        same_bits(b, a)  # neither arguments nor results are written over
    assert plain.experimental_eager_reasons() == native.experimental_eager_reasons() == ()
    return list(expected), list(found), native.get_concrete_function(*tensors).source


def same_bits(found, expected):
    """All bits are equal; a NaN is a NaN."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)
    if found.dtype.kind == "f":
        numbers = ~np.isnan(expected)
        np.testing.assert_array_equal(np.signbit(found)[numbers], np.signbit(expected)[numbers])


# -- random programs -------------------------------------------------------------------------------------------

PLAIN = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: tf.maximum(a, b) + 0.0,  # which of 0 and -0 is the greater depends on NumPy's loop
    lambda a, b: tf.minimum(a, b) + 0.0,
    tf.math.divide_no_nan,
    tf.math.squared_difference,
    lambda a, b: tf.where(a < b, a, b * 2.0),
    lambda a, b: tf.where(tf.logical_and(a >= 0.0, b != 1.0), b, a),
    lambda a, _: -a,
    lambda a, _: tf.abs(a),
    lambda a, _: tf.square(a),
    lambda a, _: tf.sqrt(tf.abs(a)),
    lambda a, _: tf.nn.relu(a),
    lambda a, _: tf.floor(a),
    lambda a, _: tf.sign(a),
    lambda a, _: tf.cast(tf.cast(a, tf.float64) * 1.1, tf.float32),
    lambda a, b: tf.cast(a > b, tf.float32),
    lambda a, _: tf.cast(
        tf.cast(tf.clip_by_value(tf.where(tf.math.is_nan(a), 0.0, a), -9.0, 9.0), tf.int32) * 3, tf.float32
    ),
]
SMOOTH = [
    lambda a, b: a + b,
    lambda a, b: a * b,
    lambda a, b: a / (2.0 + tf.square(b)),
    lambda a, _: tf.tanh(a),
    lambda a, _: tf.sigmoid(a),
    lambda a, _: tf.exp(-tf.square(a)),
    lambda a, _: tf.sin(a),
    lambda a, _: tf.math.log1p(tf.abs(a)),
    lambda a, _: tf.nn.softplus(a),
    lambda a, _: tf.nn.relu(a),
    lambda a, b: tf.where(a > b, a, b),
]
shapes = st.sampled_from([(3, 4), (2, 3, 5), (17,), (4, 1, 3), (1, 6), (0, 3), (5, 33), (2, 40)])
programs = st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999)), min_size=2, max_size=9)


def operands(shape, seed, special):
    """Arrays that broadcast to a shape in many ways, one of them not contiguous."""
    draw = np.random.default_rng(seed)

    def array(*sizes):
        numbers = draw.normal(size=sizes).astype(np.float32)
        if special and numbers.size:
            places = draw.random(sizes) < 0.3
            numbers = np.where(places, draw.choice(np.array(SPECIAL, np.float32), sizes), numbers)
        return np.asarray(numbers, np.float32)

    transposed = array(*shape[::-1]).T
    rows = (*shape[:-1], 1)
    lead = (shape[0], *(1,) * (len(shape) - 1))
    return [tf.constant(x) for x in (array(*shape), transposed, array(shape[-1]), array(*rows), array(*lead), array())]


def run(program, kinds, values):
    values = list(values)
    for which, a, b in program:
        values.append(kinds[which % len(kinds)](values[a % len(values)], values[b % len(values)]))
    return values


@settings(max_examples=40, deadline=None)
@given(program=programs, shape=shapes, seed=st.integers(0, 99), special=st.booleans())
def test_plain_arithmetic_is_the_same_bit_for_bit(program, shape, seed, special):
    tensors = operands(shape, seed, special)

    def python(*x):
        return run(program, PLAIN, x)[len(x) :]

    eager = python(*tensors)
    expected, found, _ = both(python, *tensors)
    for a, b, c in zip(eager, expected, found, strict=True):
        same_bits(b, a)
        same_bits(c, a)


REDUCTIONS = {
    "sum": tf.reduce_sum,
    "mean": tf.reduce_mean,
    "max": tf.reduce_max,
    "min": tf.reduce_min,
}


@settings(max_examples=30, deadline=None)
@given(
    program=programs,
    shape=shapes,
    seed=st.integers(0, 99),
    special=st.booleans(),
    kind=st.sampled_from(sorted(REDUCTIONS)),
    axes=st.sampled_from(["all", "last", "first", "leading"]),
    keepdims=st.booleans(),
)
def test_reductions_are_the_same_within_a_millionth(program, shape, seed, special, kind, axes, keepdims):
    tensors = operands(shape, seed, special)
    axis = {"all": None, "last": -1, "first": 0, "leading": list(range(len(shape) - 1)) or [0]}[axes]

    def python(*x):
        y = run(program, PLAIN, x)[-1] + x[0]
        return y, REDUCTIONS[kind](y * 1.5, axis, keepdims=keepdims), tf.reduce_sum(tf.abs(y * 1.5), axis, keepdims=keepdims)

    expected, found, _ = both(python, *tensors)
    same_bits(found[0], expected[0])
    bound = np.asarray(expected[2]).astype(np.float64)
    with np.errstate(all="ignore"):
        if kind in ("max", "min"):
            np.testing.assert_array_equal(found[1], expected[1])
        else:
            if kind == "mean":
                bound = bound / max(np.asarray(expected[0]).size // max(bound.size, 1), 1)
            finite = np.isfinite(bound) & (bound < 1e37) & ~np.isnan(np.asarray(expected[1]))
            error = np.abs(np.asarray(found[1], np.float64) - np.asarray(expected[1], np.float64))
            assert found[1].shape == expected[1].shape and found[1].dtype == expected[1].dtype
            assert np.all(error[finite] <= 1e-6 * bound[finite] + 1e-44)
            np.testing.assert_array_equal(np.isnan(found[1]), np.isnan(expected[1]))


@settings(max_examples=30, deadline=None)
@given(program=programs, shape=shapes, seed=st.integers(0, 99))
def test_gradients_are_the_same(program, shape, seed):
    tensors = operands(shape, seed, special=False)

    def python(*x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(run(program, SMOOTH, x)[-1] * x[0])
        return [y, *tape.gradient(y, x, unconnected_gradients="zero")]

    expected, found, _ = both(python, *tensors)
    for a, b in zip(expected, found, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(b, a, rtol=2e-5, atol=2e-5 * max(1.0, float(np.abs(a).max(initial=0.0))))


@pytest.mark.parametrize("name", ["exp", "tanh", "sin", "cos", "sigmoid", "erf", "log1p", "expm1"])
def test_elementary_functions_are_within_2_ulp(name):
    x = np.concatenate([np.linspace(-20, 20, 4001), SPECIAL]).astype(np.float32)
    if name == "log1p":
        x = np.abs(x)

    def python(x):
        y = getattr(tf.math, name)(x)
        return y, y * 2.0

    expected, found, source = both(python, tf.constant(x))
    assert source.count("= k") == 1  # one cluster
    with np.errstate(all="ignore"):
        exact = EXACT[name](x.astype(np.float64))
    assert np.max(distance(found[0].numpy(), exact)) <= 2
    assert np.max(distance(expected[0].numpy(), exact)) <= 3  # NumPy's own error


# -- memory ------------------------------------------------------------------------------------------------


def test_a_result_is_written_over_an_operand_that_nothing_needs_any_more():
    x = tf.constant(np.random.default_rng(0).normal(size=(40, 40)).astype(np.float32))

    @tf.function
    def function(x):
        y = tf.tanh(x) * 2.0 + 1.0
        z = y @ x
        return (z * z - 1.0) * z

    compute = function.get_concrete_function(x)._plan._names
    writes = [k for name, k in compute.items() if name.startswith("k") and getattr(k, "__name__", "") == "call_of_kernel"]
    assert len(writes) == 2
    assert "empty" in writes[0].__code__.co_names and "empty" not in writes[1].__code__.co_names
    z = (np.tanh(x) * 2 + 1) @ x.numpy()
    np.testing.assert_allclose(function(x), (z * z - 1) * z, rtol=1e-3, atol=1e-3)


def test_a_variable_is_updated_where_its_array_is(monkeypatch):
    monkeypatch.setattr("tapeflow.core.variable.alone", lambda: True)
    v, m = tf.Variable(np.ones((40, 50), np.float32)), tf.Variable(np.zeros((40, 50), np.float32))

    @tf.function
    def step(g):
        m.assign(m * 0.9 + g * g)
        v.assign(v - 0.1 * g / (tf.sqrt(m) + 1e-3))

    g = tf.constant(np.full((40, 50), 2.0, np.float32))
    step(g)
    places = v._value.ctypes.data, m._value.ctypes.data
    kept = tf.identity(v)
    values = kept.numpy()
    step(g)
    assert m._value.ctypes.data == places[1]
    assert v._value.ctypes.data != places[0]  # the value that was read must stay
    np.testing.assert_array_equal(kept.numpy(), values)
    del kept
    place = v._value.ctypes.data
    step(g)
    assert v._value.ctypes.data == place
    expected, momentum = np.ones((40, 50), np.float32), np.zeros((40, 50), np.float32)
    for _ in range(3):
        momentum = momentum * np.float32(0.9) + np.float32(4)
        expected = expected - np.float32(0.1) * np.float32(2) / (np.sqrt(momentum) + np.float32(1e-3))
    np.testing.assert_allclose(v.numpy(), expected, rtol=1e-6)


def test_a_variable_keeps_its_value_if_something_fails_before_the_assignment():
    v = tf.Variable(np.ones((40, 50), np.float32))

    @tf.function
    def step(x, i):
        new = v * 2.0 + x
        picked = tf.gather(x, i)
        v.assign(new)
        return picked

    x = tf.ones((40, 50))
    step(x, tf.constant([1]))
    with pytest.raises(tf.errors.InvalidArgumentError):
        step(x, tf.constant([77]))
    np.testing.assert_array_equal(v.numpy(), np.full((40, 50), 3.0, np.float32))


def test_a_value_read_before_an_assignment_stays_in_every_order():
    v = tf.Variable(np.ones((40, 50), np.float32))

    @tf.function
    def step(x):
        before = v * x - 1.0
        v.assign(v * 2.0 + x)
        between = v * x - 1.0
        v.assign_sub(x * 3.0 * between)
        return before, between, v * x + before

    v2 = tf.Variable(np.ones((40, 50), np.float32))
    x = tf.constant(np.full((40, 50), 1.5, np.float32))
    for _ in range(3):
        found = step(x)
        before = v2 * x - 1.0
        v2.assign(v2 * 2.0 + x)
        between = v2 * x - 1.0
        v2.assign_sub(x * 3.0 * between)
        for a, b in zip(found, (before, between, v2 * x + before), strict=True):
            same_bits(a, b)
    same_bits(v.numpy(), v2.numpy())


# -- guards -------------------------------------------------------------------------------------------------


def test_what_machine_code_does_not_serve_numpy_computes():
    x = np.linspace(-1, 1, 3000).astype(np.float32)
    x[7] = 1e12

    def sines(x):
        y = tf.sin(x * 2.0) + 1.0
        return y, tf.reduce_sum(tf.cos(x) * 0.5)

    expected, found, _ = both(sines, tf.constant(x))
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-6)
    np.testing.assert_allclose(found[1], expected[1], rtol=1e-6)


def test_an_integer_divided_by_zero_is_the_error_of_eager_execution():
    @tf.function
    def function(a, b):
        return (a // b) * 2 + a

    a = tf.constant(np.arange(3000, dtype=np.int32))
    b = tf.constant(np.full(3000, 7, np.int32))
    np.testing.assert_array_equal(function(a, b), np.arange(3000) // 7 * 2 + np.arange(3000))
    with pytest.raises(tf.errors.InvalidArgumentError):
        function(a, tf.constant(np.arange(3000, dtype=np.int32)))
    np.testing.assert_array_equal(function(a, b), np.arange(3000) // 7 * 2 + np.arange(3000))


# -- threads -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [None, 0, 1])
@pytest.mark.parametrize("shape", [(1_000_003,), (1000, 701), (3, 300_001), (200_003, 3)])
def test_large_arrays_are_divided_among_threads_and_give_the_same(shape, axis):
    if axis == 1 and len(shape) == 1:
        pytest.skip("there is one axis")
    x = tf.constant(np.random.default_rng(1).normal(size=shape).astype(np.float32))
    row = tf.constant(np.random.default_rng(2).normal(size=shape[-1:]).astype(np.float32))

    def python(x, row):
        y = x * row + 1.0
        return y, tf.reduce_sum(y, axis), tf.reduce_mean(y, axis), tf.reduce_max(y, axis), tf.reduce_min(-y)

    expected, found, _ = both(python, x, row)
    same_bits(found[0], expected[0])
    exact = found[0].numpy().astype(np.float64)
    bound = np.abs(exact).sum(axis)
    assert np.all(np.abs(found[1].numpy() - exact.sum(axis)) <= 1e-6 * bound)
    assert np.all(np.abs(found[2].numpy() - exact.mean(axis)) <= 1e-6 * bound / (exact.size / bound.size))
    same_bits(found[3], expected[3])
    same_bits(found[4], expected[4])
