"""Constants and tensors of one value."""

import array
from collections import UserList, deque

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


@pytest.mark.parametrize("kind", [deque, UserList, lambda items: array.array("d", items)])
def test_any_sequence_is_a_tensor(kind):
    assert tf.constant(kind([1.0, 2.0])).numpy().tolist() == [1.0, 2.0]
    assert (tf.constant([1.0, 2.0]) + kind([1.0, 2.0])).dtype == tf.float32


def test_sequences_of_tensors_are_stacked_whatever_they_are():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.convert_to_tensor([deque([x, 1.0]), UserList([2.0, x * x])]))
    assert tape.gradient(y, x).numpy() == 7.0
    for value in ({"a": 1}, {1}, {"a": 1}.values(), iter([1])):
        with pytest.raises(ValueError, match="unsupported type"):
            tf.constant(value)


def test_integers_that_only_uint64_holds_are_no_floats():
    assert tf.constant([0, 2**64 - 1], tf.uint64).numpy().tolist() == [0, 2**64 - 1]
    for dtype in (None, tf.int32, tf.int64):
        with pytest.raises(ValueError, match="out-of-range integer"):
            tf.constant([2**63, 1], dtype)
    with pytest.raises(ValueError, match="not all fit uint64"):
        tf.constant([-1, 2**64 - 1], tf.uint64)
    assert tf.constant([10**30, 1], tf.float64).numpy().tolist() == [1e30, 1.0]


def test_an_empty_range_holds_integers():
    assert tf.convert_to_tensor(range(0)).dtype == tf.convert_to_tensor(range(2)).dtype == tf.int32


def test_objects_that_are_numbers_are_converted_where_a_dtype_is_asked_for():
    table = np.array([[1, 2.5], [True, 3]], object)
    assert tf.constant(table, tf.float32).numpy().tolist() == [[1.0, 2.5], [1.0, 3.0]]
    assert tf.constant(np.datetime64("1970-01-03"), tf.int32).numpy() == 2
    assert tf.constant(np.longdouble(1.5), tf.float64).numpy() == 1.5
    with pytest.raises(ValueError, match="Unsupported object type int"):
        tf.constant(table)
    with pytest.raises(ValueError, match="Cannot convert"):
        tf.constant(np.array(["a", 1], object), tf.float32)


def test_numbers_too_large_for_the_dtype_asked_for_are_infinite():
    assert tf.constant([1e39, -1e39], tf.float32).numpy().tolist() == [np.inf, -np.inf]
    with pytest.raises(ValueError, match="out of the range"):
        tf.constant([1e39])
