"""IndexedSlices: what they say of themselves, and how they become tensors."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import arrays


@arrays.of("indexed_slices")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


def test_a_spec_fits_slices_of_its_shape():
    slices = tf.IndexedSlices([[1.0, 2.0]], [1], [4, 2])
    assert slices._type_spec.is_compatible_with(slices)
    assert not tf.IndexedSlicesSpec([4, 3]).is_compatible_with(slices)
    assert not tf.IndexedSlicesSpec([4, 2]).is_compatible_with(5)


def test_they_are_no_array():
    slices = tf.IndexedSlices([[1.0, 2.0]], [1], [4, 2])
    assert not hasattr(slices, "numpy")
    with pytest.raises(TypeError):
        slices + 1.0


def test_without_a_dense_shape_the_error_says_so():
    with pytest.raises(ValueError, match="without dense_shape"):
        tf.convert_to_tensor(tf.IndexedSlices([[1.0]], [0]))


def test_operations_take_them_as_the_dense_tensor():
    slices = tf.IndexedSlices([[1.0], [2.0]], [2, 0], [3, 1])
    np.testing.assert_array_equal(tf.constant([[1.0], [1.0], [1.0]]) + slices, [[3.0], [1.0], [2.0]])


def test_they_are_not_what_a_tensor_spec_describes():
    assert not tf.TensorSpec([3, 1]).is_compatible_with(tf.IndexedSlices([[1.0]], [0], [3, 1]))
