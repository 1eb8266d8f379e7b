"""Blocks of space moved to batch and depth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("space_and_batch")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


@given(
    st.integers(1, 2),
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2)), min_size=1, max_size=3),
    st.integers(1, 2),
)
def test_batch_to_space_undoes_space_to_batch(batch, axes, depth):
    blocks = [block for block, _, _ in axes]
    paddings = [(before, -(n + before) % block) for block, n, before in axes]
    x = np.arange(batch * np.prod([n for _, n, _ in axes]) * depth).reshape(batch, *[n for _, n, _ in axes], depth)
    y = tf.space_to_batch(x, blocks, paddings)
    assert y.shape[0] == batch * np.prod(blocks)
    np.testing.assert_array_equal(tf.batch_to_space(y, blocks, paddings), x)


@given(st.integers(2, 3), st.integers(1, 2), st.integers(1, 2), st.integers(1, 3), st.sampled_from(["NHWC", "NCHW"]))
def test_depth_to_space_undoes_space_to_depth(block, rows, columns, channels, data_format):
    shape = (2, rows * block, columns * block, channels)
    x = np.arange(np.prod(shape)).reshape(shape)
    y = tf.nn.space_to_depth(x, block).numpy()
    assert y.shape == (2, rows, columns, channels * block * block)
    if data_format == "NCHW":
        first = tf.nn.space_to_depth(x.transpose(0, 3, 1, 2), block, data_format="NCHW").numpy()
        np.testing.assert_array_equal(first.transpose(0, 2, 3, 1), y)
        np.testing.assert_array_equal(tf.nn.depth_to_space(first, block, data_format="NCHW"), x.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(tf.nn.depth_to_space(y, block), x)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 4)), min_size=1, max_size=3))
def test_required_paddings_make_space_divisible(axes):
    sizes, blocks = [n for n, _ in axes], [b for _, b in axes]
    paddings, crops = tf.required_space_to_batch_paddings(sizes, blocks)
    assert all((n + sum(p)) % b == 0 for n, b, p in zip(sizes, blocks, paddings.numpy().tolist(), strict=True))
    assert all(0 <= sum(c) < b for b, c in zip(blocks, crops.numpy().tolist(), strict=True))
