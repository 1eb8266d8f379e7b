"""Concat, stack and their inverses; lists that hold tensors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("joining")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.integers(0, 2))
def test_concat_undoes_split(sizes, axis):
    shape = [2, 3, 2]
    shape[axis] = sum(sizes)
    x = np.arange(np.prod(shape)).reshape(shape)
    pieces = tf.split(x, sizes, axis=axis)
    assert [p.shape[axis] for p in pieces] == sizes
    np.testing.assert_array_equal(tf.concat(pieces, axis), x)


@given(st.integers(-3, 2), st.integers(1, 4))
def test_stack_undoes_unstack(axis, n):
    shape = [2, 3, 2]
    shape[axis] = n
    x = np.arange(np.prod(shape)).reshape(shape)
    pieces = tf.unstack(x, axis=axis)
    assert len(pieces) == n
    np.testing.assert_array_equal(tf.stack(pieces, axis=axis), x)


def test_a_list_takes_the_dtype_of_the_first_tensor_in_it():
    double = tf.constant(1.0, tf.float64)
    assert tf.convert_to_tensor([1.0, [2.0, double][1]]).dtype == tf.float64
    assert tf.convert_to_tensor([[1, 2], [3, double]]).dtype == tf.float64
    assert tf.convert_to_tensor([tf.constant(1), 2], tf.float32).dtype == tf.float32
    with pytest.raises(TypeError):
        tf.convert_to_tensor([tf.constant(1), 1.5])


def test_variables_in_a_list_are_followed_by_tapes():
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.convert_to_tensor([[v, 1.0], [2.0, v * v]]))
    assert tape.gradient(y, v).numpy() == 7.0


def test_pieces_share_memory_with_the_whole():
    x = tf.ones([4, 100])
    for piece in (*tf.split(x, 2), *tf.unstack(x), *tf.split(x, [30, 70], axis=1)):
        assert np.shares_memory(piece._value, x._value)


def test_iteration_is_one_operation_for_a_tape_and_stops_early_without_one():
    x = tf.ones([1000, 3])
    with tf.GradientTape() as tape:
        tape.watch(x)
        rows = list(x)
    assert len(rows) == 1000 and len(tape._notes) == 1
    assert next(iter(tf.constant([b"a", b"b"]))).numpy() == b"a"
