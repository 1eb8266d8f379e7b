"""Reshape, transpose, axes of size 1, broadcasting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays

shapes = st.lists(st.integers(0, 4), max_size=4)


@arrays.of("shaping")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


@given(shapes, st.randoms())
def test_reshape_to_any_factorization_keeps_the_order_of_the_elements(sizes, random):
    x = np.arange(np.prod(sizes, dtype=int)).reshape(sizes)
    shuffled = list(sizes)
    random.shuffle(shuffled)
    np.testing.assert_array_equal(tf.reshape(x, shuffled), x.reshape(shuffled))
    if x.size:
        k = random.randrange(len(shuffled) + 1)
        np.testing.assert_array_equal(
            tf.reshape(x, [*shuffled[:k], -1, *shuffled[k:]]), x.reshape([*shuffled[:k], 1, *shuffled[k:]])
        )


@given(shapes.flatmap(lambda s: st.tuples(st.just(s), st.permutations(range(len(s))))))
def test_transpose_is_numpys_and_its_inverse_undoes_it(case):
    sizes, perm = case
    x = np.arange(np.prod(sizes, dtype=int)).reshape(sizes)
    y = tf.transpose(x, perm)
    np.testing.assert_array_equal(y, x.transpose(perm))
    np.testing.assert_array_equal(tf.transpose(y, tf.math.invert_permutation(np.array(perm, np.int32))), x)


@given(shapes, st.integers(-6, 5))
def test_expand_dims_is_numpys_or_an_error(sizes, axis):
    x = np.zeros(sizes)
    if -len(sizes) - 1 <= axis <= len(sizes):
        y = tf.expand_dims(x, axis)
        assert y.shape == np.expand_dims(x, axis).shape
        assert tf.squeeze(y, axis).shape == x.shape
    else:
        with pytest.raises(tf.errors.InvalidArgumentError, match=f"expand dim index {axis} for tensor with {len(sizes)}"):
            tf.expand_dims(x, axis)


def test_reshape_and_transpose_and_broadcast_copy_nothing():
    x = tf.ones([200, 300])
    for y in (
        tf.reshape(x, [300, 200]),
        tf.transpose(x),
        tf.broadcast_to(x, [50, 200, 300]),
        tf.expand_dims(x, 1),
        x[3:, ::2],
    ):
        assert np.shares_memory(y._value, x._value)


@pytest.mark.parametrize(
    "shape",
    [[3, 2], (3, 2), tf.TensorShape([3, 2]), np.array([3, 2]), tf.constant([3, 2], tf.int64), [tf.constant(3), 2], [-1, 2]],
)
def test_a_shape_may_be_given_in_every_form(shape):
    assert tf.reshape(tf.zeros([6]), shape).shape == [3, 2]


def test_the_message_names_the_operation_and_the_sizes():
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"Reshape.*tensor with 6 values, but the requested shape has 4"
    ):
        tf.reshape(tf.zeros([6]), [2, 2])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"BroadcastTo.*Incompatible shapes: \[3\] vs. \[2,2\]"):
        tf.broadcast_to(tf.zeros([3]), [2, 2])
