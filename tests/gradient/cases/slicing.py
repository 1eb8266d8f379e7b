"""Slices and what `x[...]` accepts; many slices of one tensor, whose cotangents are put together at once."""

import numpy as np

from tests.gradient.case import Case, array


def every_row(tf, x):
    """Products of neighbouring rows: each row is sliced twice, alone."""
    total = 0.0
    for i in range(x.shape[0] - 1):
        total += x[i] * x[i + 1]
    return total


def overlapping(tf, x):
    """More elements sliced than there are: the cotangents are added up on the way."""
    total = 0.0
    for _ in range(4):
        total += x[1:] * x[:-1]
    return total


def everything_at_once(tf, x):
    """The whole, slices, rows and a mask of one tensor: every kind of cotangent meets every other."""
    whole = tf.reduce_sum(x * x)
    return tf.stack(
        [whole, x[0, 1] * x[2, 0], tf.reduce_sum(tf.gather(x, [2, 2]) ** 2.0), tf.reduce_sum(x[1] ** 3.0) + whole]
    )


CASES = [
    Case("index", lambda tf, x: x[1] ** 2.0, array(3, 2)),
    Case("index_negative", lambda tf, x: x[-1] ** 2.0, array(3, 2)),
    Case("index_scalar", lambda tf, x: x[1, 0] ** 2.0, array(3, 2)),
    Case("index_of_vector", lambda tf, x: x[1] * x[2], array(3)),
    Case("index_tensor", lambda tf, x, i: x[i] * x[0], array(3, 2), np.int64(2)),
    Case("slice", lambda tf, x: x[1:] ** 2.0, array(3, 2)),
    Case("slice_step", lambda tf, x: x[::2, ::-1] ** 2.0, array(4, 3)),
    Case("slice_negative_step", lambda tf, x: x[2:0:-1] ** 2.0, array(4, 3)),
    Case("slice_empty", lambda tf, x: x[2:1], array(4, 3)),
    Case("slice_ellipsis", lambda tf, x: x[..., 1] * x[0, ..., 0], array(2, 3, 2)),
    Case("slice_newaxis", lambda tf, x: x[:, tf.newaxis] * x[tf.newaxis, :], array(3)),
    Case("slice_newaxis_scalar", lambda tf, x: x[tf.newaxis] ** 2.0, array()),
    Case("slice_everything", lambda tf, x: x[...] * x[:], array(2, 2)),
    Case("slice_complex", lambda tf, x: x[1:] * x[:-1], array(3) + 1j * array(3)),
    Case("mask", lambda tf, x: x[x > 0.0] ** 2.0, array(3, 4)),
    Case("mask_rows", lambda tf, x: x[tf.constant([True, False, True])] ** 2.0, array(3, 2)),
    Case("every_row", every_row, array(5, 3)),
    Case("every_element", every_row, array(5)),
    Case("overlapping", overlapping, array(5)),
    Case("everything_at_once", everything_at_once, array(3, 2)),
    Case("slice_of_slice", lambda tf, x: x[1:][0] * x[1:, 0], array(3, 2)),
    Case("tf_slice", lambda tf, x: tf.slice(x, [0, 1], [2, -1]) ** 2.0, array(2, 3)),
    Case("strided_slice", lambda tf, x: tf.strided_slice(x, [0, 2], [2, 0], [1, -1]) ** 2.0, array(3, 3)),
    Case(
        "strided_slice_masks",
        lambda tf, x: (
            tf.strided_slice(
                x, [9, 0, 1, 9], [9, 0, 2, 9], begin_mask=8, end_mask=8, ellipsis_mask=1, new_axis_mask=2, shrink_axis_mask=4
            )
            ** 2.0
        ),
        array(2, 3, 4),
    ),
]
