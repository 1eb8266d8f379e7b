"""Extremes and their places: answers compared with TensorFlow's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import algebra


@algebra.of("extremes")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@given(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=1, max_size=8))
@settings(deadline=None)
def test_the_gradients_of_an_extreme_sum_to_one_and_ties_share_it(values):
    x = tf.constant(values, tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        high, low = tf.reduce_max(x), tf.reduce_min(x)
    for extreme in (high, low):
        gradient = tape.gradient(extreme, x).numpy()
        chosen = x.numpy() == float(extreme)
        np.testing.assert_allclose(gradient, chosen / chosen.sum())


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "float16", "bfloat16", "float64"])
def test_the_maximum_of_nothing_is_the_lowest_number(dtype):
    nothing = tf.zeros((0, 2), dtype)
    high, low = tf.reduce_max(nothing, 0), tf.reduce_min(nothing, 0)
    assert high.dtype == low.dtype == dtype
    if tf.as_dtype(dtype).is_integer:
        assert high.numpy().tolist() == [tf.as_dtype(dtype).min] * 2 and low.numpy().tolist() == [tf.as_dtype(dtype).max] * 2
    else:
        assert np.isneginf(high.numpy().astype(float)).all() and np.isposinf(low.numpy().astype(float)).all()


@pytest.mark.parametrize("axis", [[0], [0, 1], 0.5])
def test_places_take_one_axis(axis):
    with pytest.raises(TypeError, match="axis must be int"):
        tf.argmax([[1, 2]], axis)


def test_an_axis_without_elements_has_no_largest():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Reduction axis 0 is empty in shape \[0,2\]"):
        tf.argmax(tf.zeros((0, 2)))


def test_complex_numbers_have_no_order():
    with pytest.raises(tf.errors.InvalidArgumentError, match="complex128"):
        tf.reduce_max(tf.constant([1j]))
