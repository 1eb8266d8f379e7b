"""Numbers in order, grids and indices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("ranges")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-5, 5).filter(bool))
def test_ranges_of_integers_are_pythons(start, limit, delta):
    if (limit - start) * delta < 0:
        with pytest.raises(tf.errors.InvalidArgumentError, match="Requires start"):
            tf.range(start, limit, delta)
        return
    assert tf.range(start, limit, delta).numpy().tolist() == list(range(start, limit, delta))
    assert tf.range(tf.constant(start), limit, delta).numpy().tolist() == list(range(start, limit, delta))


@given(st.floats(-10, 10, width=32), st.floats(-10, 10, width=32), st.integers(0, 12))
def test_linspace_starts_and_ends_exactly(start, stop, num):
    found = tf.linspace(start, stop, num).numpy()
    assert found.shape == (num,) and found.dtype == np.float32
    if num:
        assert found[0] == np.float32(start)
    if num > 1:
        assert found[-1] == np.float32(stop)
        np.testing.assert_allclose(found, np.linspace(start, stop, num), rtol=1e-5, atol=1e-5)


@given(st.lists(st.lists(st.integers(), max_size=3).map(len), min_size=1, max_size=4), st.sampled_from(["xy", "ij"]))
def test_meshgrid_is_numpys(lengths, indexing):
    vectors = [np.arange(n) + 10 * k for k, n in enumerate(lengths)]
    expected = np.meshgrid(*vectors, indexing=indexing)
    for found, grid in zip(tf.meshgrid(*vectors, indexing=indexing), expected, strict=True):
        np.testing.assert_array_equal(found, grid)


@given(st.lists(st.integers(-2, 6), max_size=6), st.integers(0, 5), st.sampled_from([-1, 0, 1]))
def test_one_hot_marks_the_index_where_there_is_one(indices, depth, axis):
    expected = np.array([[float(i == d) for d in range(depth)] for i in indices]).reshape(len(indices), depth)
    found = tf.one_hot(np.array(indices, np.int32), depth, axis=axis)
    np.testing.assert_array_equal(found, expected.T if axis == 0 else expected)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.data())
def test_unravel_index_is_numpys(dims, data):
    indices = data.draw(st.lists(st.integers(0, int(np.prod(dims)) - 1), min_size=1, max_size=5))
    np.testing.assert_array_equal(tf.unravel_index(indices, dims), np.stack(np.unravel_index(indices, dims)))
