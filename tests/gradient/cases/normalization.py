"""Moments, normalization, biases and embeddings."""

import numpy as np

from tests.gradient.case import Case, array

Z = array(2, 3) + 1j * array(2, 3)
# TensorFlow keeps the mean inside the variance constant, which is right for first derivatives only.
MOMENTS = {"second": False}
# TensorFlow has it in float32 only, and without a second derivative.
SINGLE = {"numeric": False, "second": False, "rtol": 1e-4, "single": False}


def in_float32(function):
    return lambda tf, x: tf.cast(function(tf, tf.cast(x, tf.float32)), x.dtype)


CASES = [
    Case("moments", lambda tf, x: tf.nn.moments(x, [0]), array(4, 3), **MOMENTS),
    Case("moments_all", lambda tf, x: tf.nn.moments(x, [0, 1]), array(4, 3), **MOMENTS),
    Case("moments_keepdims", lambda tf, x: tf.nn.moments(x, [0, 2], keepdims=True), array(2, 3, 4), **MOMENTS),
    Case("moments_one", lambda tf, x: tf.nn.moments(x, -1), array(3, 1), **MOMENTS),
    Case("weighted_moments", lambda tf, x, w: tf.nn.weighted_moments(x, [0], w), array(4, 3), array(4, 1, low=0.5)),
    Case(
        "weighted_moments_keepdims",
        lambda tf, x, w: tf.nn.weighted_moments(x, [1], w, keepdims=True),
        array(2, 3),
        array(2, 3, low=0.5),
    ),
    Case(
        "weighted_moments_scalar",
        lambda tf, x, w: tf.nn.weighted_moments(x, [0, 1], w),
        array(2, 3),
        array(low=0.5),
        single=False,
    ),
    Case("sufficient_statistics", lambda tf, x: tf.nn.sufficient_statistics(x, [0])[1:3], array(4, 3)),
    Case(
        "sufficient_statistics_shifted",
        lambda tf, x, s: tf.nn.sufficient_statistics(x, [0], shift=s, keepdims=True)[1:3],
        array(4, 3),
        array(3),
    ),
    Case(
        "normalize_moments",
        lambda tf, m, v, s: tf.nn.normalize_moments(tf.constant(4.0, m.dtype), m, v, s),
        array(3),
        array(3),
        array(3),
    ),
    Case(
        "normalize_moments_unshifted",
        lambda tf, n, m, v: tf.nn.normalize_moments(n, m, v, None),
        array(low=3.0, high=5.0),
        array(3),
        array(3),
    ),
    Case(
        "batch_normalization",
        lambda tf, x, m, v, o, s: tf.nn.batch_normalization(x, m, v, o, s, 1e-3),
        array(4, 3),
        array(3),
        array(3, low=0.5),
        array(3),
        array(3),
    ),
    Case(
        "batch_normalization_plain",
        lambda tf, x, m, v: tf.nn.batch_normalization(x, m, v, None, None, 1e-3),
        array(4, 3),
        array(3),
        array(3, low=0.5),
    ),
    Case(
        "batch_norm_global",
        lambda tf, x, m, v, b, g: tf.nn.batch_norm_with_global_normalization(x, m, v, b, g, 1e-3, True),
        array(2, 2, 2, 3),
        array(3),
        array(3, low=0.5),
        array(3),
        array(3),
    ),
    Case("l2_normalize", lambda tf, x: tf.math.l2_normalize(x, axis=1), array(2, 3)),
    Case("l2_normalize_all", lambda tf, x: tf.math.l2_normalize(x), array(2, 3)),
    Case("l2_normalize_axes", lambda tf, x: tf.math.l2_normalize(x, axis=[0, 2], epsilon=1e-3), array(2, 3, 2)),
    Case("l2_normalize_zero", lambda tf, x: tf.math.l2_normalize(x, axis=1), np.zeros((2, 3)), numeric=False),
    Case("l2_normalize_complex", lambda tf, x: tf.math.l2_normalize(x, axis=1), Z),
    Case("lrn", in_float32(lambda tf, x: tf.nn.lrn(x, 2, 1.5, 0.5, 0.75)), array(1, 2, 2, 6), **SINGLE),
    Case("bias_add", lambda tf, x, b: tf.nn.bias_add(x, b), array(4, 3), array(3)),
    Case("bias_add_images", lambda tf, x, b: tf.nn.bias_add(x, b), array(2, 2, 3, 4), array(4)),
    Case("bias_add_second_axis", lambda tf, x, b: tf.nn.bias_add(x, b, "NC..."), array(2, 3, 4), array(3)),
    Case("bias_add_empty", lambda tf, x, b: tf.nn.bias_add(x, b), array(0, 3), array(3)),
    Case("bias_add_squared", lambda tf, x, b: tf.square(tf.nn.bias_add(x, b)), array(4, 3), array(3)),
    Case("bias_add_complex", lambda tf, x, b: tf.nn.bias_add(x, b), Z, array(3) + 1j * array(3)),
    Case("embedding", lambda tf, t: tf.nn.embedding_lookup(t, [[2, 0], [2, 2]]), array(4, 3)),
    Case("embedding_clipped", lambda tf, t: tf.nn.embedding_lookup(t, [2, 0, 3], max_norm=1.5), array(4, 3)),
    Case("embedding_parts", lambda tf, a, b: tf.nn.embedding_lookup([a, b], [3, 0, 1]), array(2, 3), array(2, 3)),
]
