"""What uses reductions of rows is one nest of several passes, and gives what NumPy's kernels give one after the other."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given, settings

import tapeflow as tf
from tapeflow.core import large_arrays
from tapeflow.graph.native import row_binding, row_functions
from tapeflow.graph.native.machine import machine
from tests.graph.native.identical import both, identical

pytestmark = pytest.mark.skipif(machine() is None, reason="there is no machine code here")


def normal(*shape, dtype="float32", seed=0):
    return tf.constant(np.random.default_rng((seed, *shape)).normal(size=shape).astype(dtype))


# -- random programs -------------------------------------------------------------------------------------------

OF_ROWS = [
    lambda x: tf.reduce_mean(x, -1, keepdims=True),
    lambda x: tf.reduce_sum(x, -1, keepdims=True) * 0.125,
    lambda x: tf.reduce_max(x, -1, keepdims=True),
    lambda x: tf.reduce_min(x, -1, keepdims=True),
    lambda x: tf.expand_dims(tf.reduce_mean(tf.square(x), -1), -1),
    lambda x: tf.reduce_logsumexp(x, -1, keepdims=True),
    lambda x: tf.nn.softmax(x),
    lambda x: tf.nn.log_softmax(x),
    lambda x: tf.sqrt(tf.math.reduce_variance(x, -1, keepdims=True) + 0.1),
]
TOGETHER = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / (2.0 + tf.square(b)),
    lambda a, b: tf.tanh(a) + b,
    lambda a, b: tf.where(a > b, a, b),
    lambda a, b: tf.exp(-tf.square(a)) * b,
    lambda a, b: tf.maximum(a, b),
]
shapes = st.sampled_from([(9, 17), (2, 5, 33), (40, 16), (8, 100), (16, 16), (3, 1, 4, 24)])
steps = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), min_size=2, max_size=8)


def run(program, values):
    values = list(values)
    for which, a, b in program:
        a, b = values[a % len(values)], values[b % len(values)]
        if which % 2 and a.shape.rank == values[0].shape.rank and a.shape[-1] == values[0].shape[-1]:
            values.append(OF_ROWS[which // 2 % len(OF_ROWS)](a))
        else:
            values.append(TOGETHER[which // 2 % len(TOGETHER)](a, b))
    return values


def operands(shape, dtype, seed):
    rows = (*shape[:-1], 1)
    return [normal(*sizes, dtype=dtype, seed=seed) for sizes in (shape, shape, (shape[-1],), rows)]


@settings(max_examples=40, deadline=None)
@given(program=steps, shape=shapes, dtype=st.sampled_from(["float32", "float64"]), seed=st.integers(0, 99))
def test_random_programs_over_rows_agree_with_the_plan(program, shape, dtype, seed):
    tensors = operands(shape, dtype, seed)

    def python(*x):
        return run(program, x)[len(x) :]

    rtol = 1e-4 if dtype == "float32" else 1e-12
    expected, found, _ = both(python, *tensors)
    for a, b in zip(expected, found, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(b, a, rtol=rtol, atol=rtol * max(1.0, float(np.abs(a).max())))


@settings(max_examples=20, deadline=None)
@given(program=steps, shape=shapes, seed=st.integers(0, 99))
@example(program=[(8, 2, 1), (1, 4, 0)], shape=(9, 17), seed=0)  # a result in the place of what the last reduction reads
def test_gradients_of_random_programs_over_rows_agree_with_the_plan(program, shape, seed):
    tensors = operands(shape, "float64", seed)

    def python(*x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_mean(run(program, x)[-1] * x[0] + x[1] * 0.0)
        return [y, *tape.gradient(y, x, unconnected_gradients="zero")]

    expected, found, _ = both(python, *tensors)
    for a, b in zip(expected, found, strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        np.testing.assert_allclose(b, a, rtol=1e-9, atol=1e-9 * max(1.0, float(np.abs(a).max())))


# -- what is to be one nest ----------------------------------------------------------------------------------


def normalized(x, scale, offset):
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, offset, scale, 1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(64, 100), (4, 7, 33), (600, 256)])
def test_a_normalization_of_rows_and_its_gradient_are_one_nest(shape, dtype):
    def python(x, scale, offset, dy):
        with tf.GradientTape() as tape:
            tape.watch([x, scale, offset])
            y = normalized(x, scale, offset)
        return y, tape.gradient(y, [x, scale, offset], dy)

    tensors = [normal(*sizes, dtype=dtype, seed=k) for k, sizes in enumerate([shape, shape[-1:], shape[-1:], shape])]
    expected, found, report = both(python, *tensors)
    assert "NumPy" not in report
    function = tf.function(python).get_concrete_function(*tensors)
    assert function.source.count("= k") == 1
    rtol = 1e-5 if dtype == "float32" else 1e-12
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=rtol, atol=rtol * float(np.abs(a).max()))


def test_a_softmax_is_fused_with_what_comes_before_it():
    def python(scores, mask):
        return tf.nn.softmax(scores * 0.25 + mask)

    expected, found, report = both(python, normal(4, 9, 50), normal(9, 50))
    assert "NumPy" not in report
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ["log_softmax", "logsumexp", "softmax"])
def test_alone_with_its_gradient_to_second_order(name):
    function = {
        "log_softmax": tf.nn.log_softmax,
        "logsumexp": lambda x: tf.reduce_logsumexp(x, -1),
        "softmax": tf.nn.softmax,
    }[name]

    def python(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.sin(function(x))
            slope = inner.gradient(y, x)
            z = tf.reduce_sum(tf.tanh(slope), -1)
        return y, slope, outer.gradient(z, x)

    expected, found, report = both(python, normal(20, 40, dtype="float64"))
    assert "NumPy" not in report
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-10, atol=1e-12)


def test_a_vector_of_row_sums_is_broadcast_along_columns_where_the_program_says_so():
    def python(x):
        sums = tf.reduce_sum(x, -1)
        return x - sums, x - sums[:, tf.newaxis], x + tf.nn.relu(sums)

    expected, found, _ = both(python, normal(24, 24, dtype="float64"))
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-12)


def test_what_is_spread_in_one_nest_and_used_in_another():
    def python(x, y):
        with tf.GradientTape() as tape:
            tape.watch([x, y])
            largest = tf.maximum(x, tf.exp(-tf.square(y)) * y)
            z = tf.reduce_mean(tf.expand_dims(tf.reduce_mean(tf.square(largest), -1), -1) * x + x * 0.5)
        return z, tape.gradient(z, [x, y])

    expected, found, _ = both(python, normal(8, 100, dtype="float64"), normal(100, dtype="float64"))
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-11, atol=1e-13)


def test_rows_that_do_not_fit_the_stack(monkeypatch):
    x = normal(8, 300, dtype="float64")

    def python(x):
        return tf.nn.softmax(tf.tanh(x))

    expected, found, _ = both(python, x)
    monkeypatch.setattr(row_binding, "MOST_SCRATCH", 0)
    again = tf.function(python)(x)
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-13)
    np.testing.assert_allclose(again, expected[0], rtol=1e-13)


def test_a_result_may_take_the_place_of_an_operand_that_a_row_still_needs():
    v = tf.Variable(normal(32, 64, dtype="float64"))
    start = v.numpy()

    @tf.function
    def step():
        v.assign((v - tf.reduce_mean(v, -1, keepdims=True)) * 2.0)

    for _ in range(2):
        step()
    expected = start
    for _ in range(2):
        expected = (expected - expected.mean(-1, keepdims=True)) * 2.0
    np.testing.assert_allclose(v, expected, rtol=1e-9, atol=1e-12)


def test_a_guard_leaves_all_of_it_to_numpy():
    def python(x, i, n):
        y = tf.cast(i // n, tf.float64) + x
        return y - tf.reduce_max(y, -1, keepdims=True), tf.reduce_mean(y, -1)

    i, n = tf.constant(np.arange(640).reshape(20, 32)), tf.constant(np.full(32, 3))
    expected, found, report = both(python, normal(20, 32, dtype="float64"), i, n)
    assert "NumPy" not in report
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-13)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.function(python)(normal(20, 32, dtype="float64"), i, n * 0)


# -- numbers that are none --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_infinities_and_nan_do_as_numpy_does(dtype):
    x = np.zeros((12, 40), dtype)
    x[0, 1], x[1, 2], x[2], x[3, 0], x[4, :2], x[5, 3], x[6] = np.nan, np.inf, -np.inf, -np.inf, np.inf, 1e30, np.nan
    x[7, 1:3] = np.nan, np.inf

    def python(x):
        return (
            tf.nn.log_softmax(x),
            tf.reduce_logsumexp(x, -1),
            tf.nn.softmax(x + 0.0),
            tf.reduce_logsumexp(x, -1, keepdims=True),
        )

    expected, found, report = both(python, tf.constant(x))
    assert "NumPy" not in report
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
@pytest.mark.parametrize("find", [tf.argmax, tf.argmin])
def test_places_of_extremes(find, dtype):
    x = np.random.default_rng(0).integers(-3, 3, (20, 40)).astype(dtype)
    if dtype.startswith("float"):
        x[0], x[1, 3], x[2, :2], x[3, 1:5], x[4], x[5, 7] = np.nan, np.nan, -np.inf, np.inf, np.inf, -np.inf

    def python(x):
        return find(x, -1), find(x * x + 1, 1)

    expected, found, report = both(python, tf.constant(x))
    assert "NumPy" not in report
    for a, b in zip(expected, found, strict=True):
        identical(b, a)


# -- eager -------------------------------------------------------------------------------------------------------


def in_double(x):
    x = x.astype(np.float64)
    shifted = x - x.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(32, 300),
    st.sampled_from([1e-3, 1.0, 50.0]),
    st.sampled_from(["float32", "float64"]),
)
def test_the_eager_kernels_agree_with_the_definition(rows, columns, scale, dtype):
    rng = np.random.default_rng((rows, columns))
    x = (rng.standard_normal((rows, columns)) * scale).astype(dtype)
    dy = rng.standard_normal((rows, columns)).astype(dtype)
    logarithms = in_double(x)
    exact = np.exp(logarithms)
    close = {"float32": {"rtol": 4e-6, "atol": 4e-6}, "float64": {"rtol": 1e-13, "atol": 1e-13}}[dtype]
    np.testing.assert_allclose(row_functions.log_softmax(x), logarithms, **close)
    np.testing.assert_allclose(row_functions.logsumexp(x), x[:, 0] - logarithms[:, 0], **close)
    y = exact.astype(dtype)
    expected = exact * (dy - (dy.astype(np.float64) * exact).sum(1, keepdims=True))
    np.testing.assert_allclose(row_functions.softmax_slope(dy, y), expected, **close)
    expected = dy - exact * dy.astype(np.float64).sum(1, keepdims=True)
    np.testing.assert_allclose(row_functions.log_softmax_slope(dy, logarithms.astype(dtype)), expected, rtol=1e-4, atol=1e-4)


def test_what_is_not_served_is_left_to_numpy():
    x = np.zeros((4, 40), np.float32)
    assert row_functions.log_softmax(x.astype(np.float16)) is None
    assert row_functions.log_softmax(x[:, :3]) is None
    assert row_functions.log_softmax(x[:0]) is None
    assert row_functions.softmax_slope(x, x[:1]) is None
    assert row_functions.softmax_slope(x, x.astype(np.float64)) is None


def test_large_arrays_are_served_eagerly(monkeypatch):
    calls = []
    for name in ("log_softmax", "logsumexp", "softmax_slope", "log_softmax_slope"):
        kernel = getattr(row_functions, name)
        counted = lambda *x, kernel=kernel, name=name: (calls.append(name), kernel(*x))[1]
        monkeypatch.setitem(large_arrays._found, ("row_functions", name), counted)

    def gradients(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = tf.nn.softmax(x), tf.nn.log_softmax(x), tf.reduce_logsumexp(x, -1)
        return [*y, *(tape.gradient(each, x, tf.sin(each)) for each in y)]

    x = normal(3, 100, 64, dtype="float64")
    found = gradients(x)
    assert sorted(set(calls)) == ["log_softmax", "log_softmax_slope", "logsumexp", "softmax_slope"]
    monkeypatch.setattr(large_arrays, "LARGE_RECIPES", 1 << 60)
    calls.clear()
    for a, b in zip(gradients(x), found, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-10, atol=1e-12)
    assert calls == []


def test_the_parts_that_threads_take_fit_together():
    x = normal(5000, 50).numpy()
    parts = [row_functions.log_softmax(x[n : n + 100]) for n in range(0, 5000, 100)]
    np.testing.assert_array_equal(row_functions.log_softmax(x), np.concatenate(parts))
