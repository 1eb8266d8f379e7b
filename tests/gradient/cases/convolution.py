"""Convolutions and pooling."""

import numpy as np

from tests.gradient.case import Case, array

ONES = [1, 1, 1, 1, 1]
TIES = np.array([[[1.0], [1.0], [0.0], [2.0], [2.0]]])
PICTURE = np.random.default_rng(0).permutation(48).astype(np.float64).reshape(1, 4, 6, 2)  # far from ties
# TensorFlow has these in float32 only.
SINGLE = {"numeric": False, "rtol": 1e-5, "single": False}


def in_float32(function):
    return lambda tf, x: tf.cast(function(tf, tf.cast(x, tf.float32)), x.dtype)


CASES = [
    Case("conv2d", lambda tf, x, w: tf.nn.conv2d(x, w, 1, "VALID"), array(2, 4, 5, 2), array(2, 3, 2, 3)),
    Case("conv2d_same", lambda tf, x, w: tf.nn.conv2d(x, w, 2, "SAME"), array(1, 5, 4, 2), array(3, 2, 2, 2)),
    Case(
        "conv2d_dilated",
        lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME", dilations=2),
        array(1, 5, 4, 1),
        array(2, 2, 1, 2),
        first=False,
    ),
    Case(
        "conv2d_explicit",
        lambda tf, x, w: tf.nn.conv2d(x, w, [1, 2], [[0, 0], [1, 0], [0, 2], [0, 0]]),
        array(1, 3, 4, 2),
        array(2, 2, 2, 1),
    ),
    Case("conv1d", lambda tf, x, w: tf.nn.conv1d(x, w, 2, "SAME"), array(2, 5, 2), array(3, 2, 3)),
    Case("conv3d", lambda tf, x, w: tf.nn.conv3d(x, w, ONES, "SAME"), array(1, 2, 3, 2, 2), array(2, 2, 1, 2, 2)),
    Case(
        "conv2d_transpose",
        lambda tf, x, w: tf.nn.conv2d_transpose(x, w, [1, 5, 4, 2], 2, "SAME"),
        array(1, 3, 2, 3),
        array(3, 2, 2, 3),
    ),
    Case(
        "conv1d_transpose",
        lambda tf, x, w: tf.nn.conv1d_transpose(x, w, [2, 7, 1], 2, "VALID"),
        array(2, 3, 2),
        array(3, 1, 2),
    ),
    Case(
        "depthwise_conv2d",
        lambda tf, x, w: tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME"),
        array(1, 3, 4, 2),
        array(2, 2, 2, 2),
    ),
    Case(
        "separable_conv2d",
        lambda tf, x, d, p: tf.nn.separable_conv2d(x, d, p, [1, 1, 1, 1], "VALID"),
        array(1, 3, 4, 2),
        array(2, 2, 2, 2),
        array(1, 1, 4, 3),
    ),
    Case("max_pool", lambda tf, x: tf.nn.max_pool(x, 2, 2, "VALID"), PICTURE),
    Case("max_pool_overlapping", lambda tf, x: tf.nn.max_pool(x, 3, 1, "SAME"), PICTURE),
    Case("max_pool_squared", lambda tf, x: tf.square(tf.nn.max_pool(x, [2, 3], [1, 2], "SAME")), PICTURE),
    Case("max_pool_ties", lambda tf, x: tf.nn.max_pool1d(x, 2, 1, "SAME"), TIES, numeric=False),
    Case(
        "max_pool3d", in_float32(lambda tf, x: tf.nn.max_pool3d(x, 2, 2, "VALID")), PICTURE.reshape(1, 2, 4, 6, 1), **SINGLE
    ),
    Case("avg_pool", lambda tf, x: tf.nn.avg_pool(x, 2, 2, "VALID"), array(2, 4, 5, 2)),
    Case("avg_pool_overlapping", lambda tf, x: tf.nn.avg_pool(x, 3, 2, "SAME"), array(1, 4, 5, 2)),
    Case("avg_pool_squared", lambda tf, x: tf.square(tf.nn.avg_pool1d(x, 2, 1, "SAME")), array(1, 4, 2)),
    Case("avg_pool3d", in_float32(lambda tf, x: tf.nn.avg_pool3d(x, 2, 1, "SAME")), array(1, 3, 2, 2, 1), **SINGLE),
]
