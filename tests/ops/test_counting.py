"""Counting: answers compared with TensorFlow's and NumPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import algebra


@algebra.of("counting")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@given(st.lists(st.integers(0, 6), max_size=12))
@settings(deadline=None)
def test_different_values_come_in_their_first_order_and_rebuild_the_vector(values):
    x = np.array(values, np.int32)
    y, idx, count = (t.numpy() for t in tf.unique_with_counts(x))
    assert y.tolist() == list(dict.fromkeys(values))
    np.testing.assert_array_equal(y[idx], x)
    np.testing.assert_array_equal(count, [values.count(v) for v in y])


@given(st.lists(st.integers(0, 6), max_size=12), st.integers(0, 9), st.integers(0, 9))
@settings(deadline=None)
def test_counts_are_numpys_cut_and_filled(values, least, greatest):
    expected = np.bincount(values, minlength=least)[:greatest] if values else np.zeros(min(least, greatest))
    found = tf.math.bincount(np.array(values, np.int32), minlength=least, maxlength=greatest)
    np.testing.assert_array_equal(found.numpy(), expected)


@given(st.lists(st.floats(-10, 20), min_size=1, max_size=12))
@settings(deadline=None)
def test_every_value_falls_into_one_bin(values):
    x = tf.constant(values, tf.float64)
    bins = tf.histogram_fixed_width_bins(x, [0.0, 10.0], nbins=5).numpy()
    histogram = tf.histogram_fixed_width(x, [0.0, 10.0], nbins=5).numpy()
    np.testing.assert_array_equal(histogram, np.bincount(bins, minlength=5))
    np.testing.assert_array_equal(bins, np.clip(np.floor(np.array(values) / 2), 0, 4))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.math.bincount([-1]), tf.errors.InvalidArgumentError, "non-negative"),
        (lambda: tf.math.bincount([1, 2], weights=[1.0]), tf.errors.InvalidArgumentError, "same shape"),
        (lambda: tf.math.bincount([1], axis=1), ValueError, "axis=1"),
        (lambda: tf.histogram_fixed_width([1.0], [5.0, 0.0]), tf.errors.InvalidArgumentError, r"value_range\[0\] <"),
        (
            lambda: tf.math.confusion_matrix([0], [0], num_classes=[2, 3]),
            tf.errors.InvalidArgumentError,
            "`num_classes` must be one integer",
        ),
        (
            lambda: tf.histogram_fixed_width([1.0], [0.0, 3.0], nbins=[3, 4]),
            tf.errors.InvalidArgumentError,
            "`nbins` must be one integer",
        ),
        (lambda: tf.math.confusion_matrix([3], [0], num_classes=2), tf.errors.InvalidArgumentError, "`labels` out of bound"),
        (lambda: tf.unique([[1]]), tf.errors.InvalidArgumentError, "1D vector"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
