"""Sorting and searching: answers compared with TensorFlow's and NumPy's."""

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import algebra


@algebra.of("sorting")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


values = arrays.arrays(np.int32, arrays.array_shapes(max_dims=3, max_side=4), elements=st.integers(0, 3))


@given(values, st.sampled_from(["ASCENDING", "DESCENDING"]), st.data())
@settings(deadline=None)
def test_sorted_values_are_those_that_the_stable_indices_find(x, direction, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    ordered = tf.sort(x, axis, direction).numpy()
    indices = tf.argsort(x, axis, direction, stable=True).numpy()
    np.testing.assert_array_equal(np.take_along_axis(x, indices, axis), ordered)
    steps = np.diff(ordered, axis=axis)
    assert ((steps >= 0) if direction == "ASCENDING" else (steps <= 0)).all()
    ties = np.diff(indices, axis=axis)[steps == 0]
    assert (ties > 0).all(), "equal elements changed their order"


@given(values, st.data())
@settings(deadline=None)
def test_the_largest_come_first_and_of_equal_ones_the_first(x, data):
    k = data.draw(st.integers(0, x.shape[-1]))
    largest, indices = tf.math.top_k(x, k)
    expected = tf.argsort(x, -1, "DESCENDING").numpy()[..., :k]
    np.testing.assert_array_equal(indices.numpy(), expected)
    np.testing.assert_array_equal(largest.numpy(), np.take_along_axis(x, expected, -1))


@pytest.mark.parametrize("k", [1, 3, 20, 49])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_few_of_many_are_found_without_sorting_and_in_the_same_order(k, dtype):
    x = np.random.default_rng(k).integers(0, 9, (2, 3, 200)).astype(dtype)
    if dtype is np.float32:
        x[0, 0, :40] = np.nan
    largest, indices = tf.math.top_k(x, k)
    numbers = np.where(np.isnan(x), -np.inf, x)
    expected = np.argsort(-numbers, -1, kind="stable")[..., :k]
    np.testing.assert_array_equal(indices.numpy(), expected)
    np.testing.assert_array_equal(largest.numpy(), np.take_along_axis(x, expected, -1))


@given(st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(-1, 6), max_size=6), st.sampled_from(["left", "right"]))
@settings(deadline=None)
def test_searching_is_numpys_row_by_row(sequence, wanted, side):
    rows = np.sort(np.array([sequence, sequence[::-1]], np.int32)), np.array([wanted, wanted[::-1]], np.int32)
    found = tf.searchsorted(*rows, side).numpy()
    np.testing.assert_array_equal(found, [np.searchsorted(a, v, side) for a, v in zip(*rows, strict=True)])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: tf.sort([1, 2], direction="UP"), ValueError, "ASCENDING, DESCENDING"),
        (lambda: tf.sort([1, 2], axis=1), tf.errors.InvalidArgumentError, "slice index 1"),
        (lambda: tf.math.top_k([1.0], 2), tf.errors.InvalidArgumentError, "Had 1, needed 2"),
        (lambda: tf.searchsorted([1], [1], side="middle"), ValueError, "'right' or 'left'"),
        (
            lambda: tf.math.in_top_k([0], [[1.0], [2.0]], 1),
            tf.errors.InvalidArgumentError,
            "First dimension of predictions 2",
        ),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
