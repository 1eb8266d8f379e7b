"""Constants and tensors of one value."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import arrays


@arrays.of("creation")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


def test_changing_the_array_later_does_not_change_the_constant():
    array = np.array([1.0, 2.0])
    x = tf.constant(array)
    array[0] = 9.0
    assert x.numpy().tolist() == [1.0, 2.0]


def test_filled_tensors_take_no_memory_for_their_copies():
    x = tf.fill([1000, 1000], 3.0)
    assert x._value.strides == (0, 0)
    assert x.numpy().sum() == 3e6


def test_a_ragged_list_is_an_error_that_says_which_row():
    with pytest.raises(ValueError, match=r"row \[0\] has 2 elements and row \[1\] has 1 elements"):
        tf.constant([[1, 2], [3]])


def test_layout_is_refused_by_name():
    for make in (tf.zeros, tf.ones, lambda shape, layout: tf.fill(shape, 1, layout=layout)):
        with pytest.raises(NotImplementedError, match="layout"):
            make([2], layout="somewhere")


def test_a_hint_is_taken_where_it_can_be():
    assert tf.convert_to_tensor([1, 2], dtype_hint=tf.float64).dtype == tf.float64
    assert tf.convert_to_tensor([1.5], dtype_hint=tf.int32).dtype == tf.float32
    assert tf.convert_to_tensor(tf.constant([1]), dtype_hint=tf.float64).dtype == tf.int32
