"""Masks and partitions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("masking")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


@given(st.integers(0, 2), st.integers(1, 3), st.randoms())
def test_boolean_mask_is_numpys(axis, ndim, random):
    ndim = min(ndim, 3 - axis)
    x = np.arange(24).reshape(2, 3, 4)
    mask = np.array([random.random() < 0.5 for _ in range(int(np.prod(x.shape[axis : axis + ndim])))])
    mask = mask.reshape(x.shape[axis : axis + ndim])
    np.testing.assert_array_equal(tf.boolean_mask(x, mask, axis=axis), x[(slice(None),) * axis + (mask,)])


@given(st.lists(st.integers(0, 3), max_size=12))
def test_stitching_undoes_partitioning(partitions):
    numbers = np.array(partitions, np.int32)
    x = np.arange(len(numbers) * 2.0).reshape(-1, 2)
    parts = tf.dynamic_partition(x, numbers, 4)
    where = tf.dynamic_partition(np.arange(len(numbers), dtype=np.int32), numbers, 4)
    np.testing.assert_array_equal(tf.dynamic_stitch(where, parts), x)
    for k, part in enumerate(parts):
        np.testing.assert_array_equal(part, x[numbers == k])


@given(st.lists(st.integers(0, 5), max_size=5), st.none() | st.integers(0, 6))
def test_sequence_mask_has_as_many_true_as_the_length(lengths, maxlen):
    mask = tf.sequence_mask(np.array(lengths, np.int32), maxlen).numpy()
    width = max(lengths, default=0) if maxlen is None else maxlen
    assert mask.shape == (len(lengths), width)
    assert mask.tolist() == [[i < n for i in range(width)] for n in lengths]
