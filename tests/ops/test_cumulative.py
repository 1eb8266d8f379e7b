"""Running sums and products: answers compared with TensorFlow's and NumPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import algebra


@algebra.of("cumulative")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@given(st.integers(0, 4), st.integers(0, 3), st.integers(-2, 1), st.booleans(), st.booleans())
@settings(deadline=None)
def test_scans_are_numpys_from_either_end(rows, columns, axis, exclusive, reverse):
    x = np.random.default_rng(rows + columns).integers(-3, 4, (rows, columns))
    for scan, accumulate, start in ((tf.cumsum, np.cumsum, 0), (tf.math.cumprod, np.cumprod, 1)):
        y = np.flip(x, axis) if reverse else x
        expected = accumulate(y, axis)
        if exclusive:
            edge = np.full_like(np.take(y, [0] if y.shape[axis] else [], axis), start)
            expected = np.concatenate([edge, np.delete(expected, -1, axis) if expected.shape[axis] else expected], axis)
        expected = np.flip(expected, axis) if reverse else expected
        np.testing.assert_array_equal(scan(x, axis, exclusive, reverse).numpy(), expected)


def test_large_exponents_do_not_overflow():
    x = np.array([1000.0, -1000.0, 1000.0], np.float32)
    np.testing.assert_allclose(tf.math.cumulative_logsumexp(x).numpy(), [1000.0, 1000.0, 1000.0 + np.log(2.0)])


def test_sixteen_bits_are_summed_in_thirty_two():
    assert float(tf.cumsum(tf.fill([4096], tf.cast(1.0, tf.float16)))[-1]) == 4096.0


def jacobian(x, exclusive=False, reverse=False):
    x = tf.constant(x, tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.math.cumprod(x, exclusive=exclusive, reverse=reverse)
        parts = [y[i] for i in range(len(x))]
    return np.array([tape.gradient(part, x).numpy() for part in parts])


@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, -2.0, 3.0]), min_size=1, max_size=24), st.booleans(), st.booleans())
@settings(deadline=None)
def test_the_derivative_of_a_running_product_is_the_product_of_the_others(values, exclusive, reverse):
    n = len(values)
    expected = np.zeros((n, n))
    order = range(n - 1, -1, -1) if reverse else range(n)
    for place, i in enumerate(order):
        factors = list(order)[: place + (not exclusive)]
        for j in factors:
            expected[i, j] = np.prod([values[k] for k in factors if k != j])
    np.testing.assert_allclose(jacobian(values, exclusive, reverse), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("axis", [2, -3])
def test_an_axis_out_of_range_is_named(axis):
    with pytest.raises(tf.errors.InvalidArgumentError, match=rf"\[-2, 2\), but got {axis}"):
        tf.cumsum(tf.ones((2, 3)), axis)


def test_the_axis_is_one_number():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"axis must be a scalar, not \[1\]"):
        tf.cumsum([1, 2], axis=[0])
