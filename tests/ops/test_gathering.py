"""Gather and gather_nd, and the sparse gradients of the former."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("gathering")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


@given(
    st.integers(0, 3), st.integers(0, 3), st.lists(st.integers(1, 3), min_size=4, max_size=4), st.integers(0, 2), st.data()
)
def test_gather_follows_its_definition(batch_dims, more, sizes, index_rank, data):
    axis = min(batch_dims + more, 3)
    batch_dims = min(batch_dims, axis)
    if not axis:
        batch_dims = 0
    params = np.arange(np.prod(sizes)).reshape(sizes)
    index_shape = (*sizes[:batch_dims], *[2] * index_rank)
    indices = np.array(
        data.draw(
            st.lists(st.integers(0, sizes[axis] - 1), min_size=int(np.prod(index_shape)), max_size=int(np.prod(index_shape)))
        ),
        np.int32,
    ).reshape(index_shape)
    found = tf.gather(params, indices, axis=axis, batch_dims=batch_dims).numpy()
    assert found.shape == (*sizes[:axis], *index_shape[batch_dims:], *sizes[axis + 1 :])
    for b in np.ndindex(*sizes[:batch_dims]):
        np.testing.assert_array_equal(found[b], np.take(params[b], indices[b], axis - batch_dims))


@given(st.integers(0, 3), st.lists(st.integers(1, 3), min_size=3, max_size=3), st.integers(1, 4), st.randoms())
def test_gather_nd_follows_its_definition(depth, sizes, n, random):
    params = np.arange(np.prod(sizes)).reshape(sizes)
    indices = np.array([[random.randrange(sizes[d]) for d in range(depth)] for _ in range(n)], np.int32).reshape(n, depth)
    found = tf.gather_nd(params, indices).numpy()
    np.testing.assert_array_equal(found, np.stack([params[tuple(i)] for i in indices]))


def slices_of(function, v):
    with tf.GradientTape() as tape:
        y = function(v)
    return tape.gradient(y, v)


def test_the_gradient_of_rows_is_slices_for_variables_and_tensors():
    v = tf.Variable(np.ones((5, 2), np.float32))
    for function in (
        lambda v: tf.gather(v, [[3, 1], [3, 0]]),
        lambda v: v.sparse_read([3, 1]),
        lambda v: tf.gather_nd(v, [[3], [1]]),
        lambda v: tf.gather(v, 4),
        lambda v: tf.gather(v, [0]) * tf.gather(v, [1]),
    ):
        g = slices_of(function, v)
        assert isinstance(g, tf.IndexedSlices)
        assert g.dense_shape.numpy().tolist() == [5, 2] and g.dense_shape.dtype == tf.int32
        assert g.values.shape == [g.indices.shape[0], 2]
    x = tf.constant(np.ones((5, 2)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.gather(x, [1, 1])
    assert tape.gradient(y, x).indices.numpy().tolist() == [1, 1]


def test_the_gradient_is_dense_along_other_axes_and_beyond_another_operation():
    v = tf.Variable(np.ones((5, 2), np.float32))
    for function in (
        lambda v: tf.gather(v, [0], axis=1),
        lambda v: tf.gather(v, [[0], [1], [0], [1], [1]], batch_dims=1),
        lambda v: tf.gather(2.0 * v, [0]),
        lambda v: tf.reduce_sum(v) + tf.reduce_sum(tf.gather(v, [0])),
        lambda v: tf.gather_nd(v, [[0, 1]]),
    ):
        assert isinstance(slices_of(function, v), tf.Tensor)


def test_slices_from_many_places_are_joined_and_densify_to_their_sum():
    v = tf.Variable(np.zeros((4, 1), np.float32))
    with tf.GradientTape() as tape:
        y = 0.0
        for i in range(8):
            y = y + float(i) * tf.gather(v, [i % 4])
    g = tape.gradient(y, v)
    assert g.indices.shape == [8]
    np.testing.assert_array_equal(tf.convert_to_tensor(g), [[4.0], [6.0], [8.0], [10.0]])


def test_indices_of_different_dtypes_are_joined():
    v = tf.Variable(np.zeros((4, 1), np.float32))
    g = slices_of(lambda v: tf.gather(v, [1]) + tf.gather(v, tf.constant([2], tf.int64)), v)
    assert sorted(g.indices.numpy().tolist()) == [1, 2]


def test_slices_are_output_gradients_too():
    x = tf.constant([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    cotangent = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([1]), tf.constant([2, 1]))
    np.testing.assert_array_equal(tape.gradient(y, x, output_gradients=cotangent), [[0.0], [4.0]])


def test_an_index_out_of_range_is_named():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"GatherV2.*indices\[1,0\] = 7 is not in \[0, 3\)"):
        tf.gather([1, 2, 3], [[0, 1], [7, 0]])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = \[0, 3\] does not index into shape \[2,3\]"):
        tf.gather_nd(np.zeros((2, 3)), [[0, 0], [0, 3]])
