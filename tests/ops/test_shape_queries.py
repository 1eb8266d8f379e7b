"""Questions about shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays

shapes = st.lists(st.integers(0, 4), max_size=4)


@arrays.of("shape_queries")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


@given(shapes, shapes)
def test_static_and_dynamic_broadcast_shapes_are_numpys(a, b):
    try:
        expected = list(np.broadcast_shapes(a, b))
    except ValueError:
        with pytest.raises(ValueError, match="Incompatible shapes for broadcasting"):
            tf.broadcast_static_shape(tf.TensorShape(a), tf.TensorShape(b))
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.broadcast_dynamic_shape(np.array(a, np.int32), np.array(b, np.int32))
        return
    assert tf.broadcast_static_shape(tf.TensorShape(a), tf.TensorShape(b)) == expected
    assert tf.broadcast_dynamic_shape(np.array(a, np.int32), np.array(b, np.int32)).numpy().tolist() == expected


@given(shapes)
def test_size_and_rank_and_shape_agree(sizes):
    x = np.zeros(sizes)
    assert tf.shape(x).numpy().tolist() == sizes
    assert tf.size(x).numpy() == x.size
    assert tf.rank(x).numpy() == len(sizes)


def test_shape_n_of_nothing_is_nothing():
    assert tf.shape_n([]) == []
