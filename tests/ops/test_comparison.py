import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("comparison", tf)


@given(hnp.arrays("float32", hnp.array_shapes(min_dims=0, max_dims=2)), st.floats(width=32))
def test_comparisons_give_bool_arrays_of_the_broadcast_shape(x, y):
    for ours, theirs in (
        (tf.less, operator.lt),
        (tf.less_equal, operator.le),
        (tf.greater, operator.gt),
        (tf.greater_equal, operator.ge),
        (tf.equal, operator.eq),
        (tf.not_equal, operator.ne),
    ):
        result = ours(x, y)
        assert result.dtype == tf.bool
        assert result.shape == x.shape
        np.testing.assert_array_equal(result.numpy(), theirs(x, np.float32(y)))


@given(st.lists(st.integers(-3, 3), max_size=5))
def test_monotony_is_that_of_the_sorted_list(values):
    x = tf.constant(values, tf.int32)
    assert bool(tf.math.is_non_decreasing(x)) == (values == sorted(values))
    assert bool(tf.math.is_strictly_increasing(x)) == (values == sorted(set(values)))


def test_a_comparison_of_shapes_that_differ_is_an_error_for_the_function():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Equal.*\[2\].*\[3\]"):
        tf.equal([1, 2], [1, 2, 3])


def test_no_gradient_flows_through_a_comparison():
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cast(x > 1.0, tf.float32)
    assert tape.gradient(y, x) is None
