"""Blocks of matrices: taking and putting are each other's transposes."""

import numpy as np

import tapeflow as tf
from tapeflow.ops.blocks import put_block, take_block

X = tf.constant(np.arange(24.0).reshape(2, 3, 4))


def test_a_block_put_back_stands_where_it_was():
    block = take_block(X, 1, 3, 0, 2)
    np.testing.assert_array_equal(block.numpy(), X.numpy()[:, 1:3, 0:2])
    whole = put_block(block, 1, 0, 3, 4).numpy()
    np.testing.assert_array_equal(whole[:, 1:3, 0:2], block.numpy())
    assert whole.sum() == block.numpy().sum()


def test_the_gradient_of_a_block_is_zero_outside_it():
    with tf.GradientTape() as tape:
        tape.watch(X)
        y = take_block(X, 1, 3, 0, 2)
    gradient = tape.gradient(y, X).numpy()
    assert gradient.sum() == gradient[:, 1:3, 0:2].sum() == 8.0
