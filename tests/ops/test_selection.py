import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("selection", tf)


@given(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3))
def test_where_broadcasts_its_three_operands_and_its_gradients_have_their_shapes(shapes):
    c, a, b = shapes.input_shapes
    condition = np.arange(np.prod(c, dtype=int)).reshape(c) % 2 == 0
    x, y = tf.ones(a), tf.zeros(b)
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = tf.where(condition, x, y)
    assert z.shape == shapes.result_shape
    np.testing.assert_array_equal(z.numpy(), np.broadcast_to(condition, shapes.result_shape).astype(np.float32))
    dx, dy = tape.gradient(z, [x, y])
    assert (dx.shape, dy.shape) == (a, b)
    taken = np.broadcast_to(condition, shapes.result_shape).sum()
    assert np.sum(dx.numpy()) == taken
    assert np.sum(dy.numpy()) == np.prod(shapes.result_shape) - taken


@given(hnp.arrays("float32", 4), hnp.arrays("float32", 4))
def test_extremes_of_scalars_are_those_of_arrays(x, y):
    for extreme in (tf.maximum, tf.minimum):
        expected = extreme(x, y).numpy()
        np.testing.assert_array_equal([extreme(a, b).numpy() for a, b in zip(x, y, strict=True)], expected)


def test_shapes_that_do_not_broadcast_are_named():
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"condition \[2\], then \[2\], and else \[3\] must be broadcastable"
    ):
        tf.where([True, False], [1.0, 2.0], [1.0, 2.0, 3.0])
