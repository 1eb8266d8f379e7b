"""Gradients have the dtype of their sources also in sixteen bits, to second order."""

import numpy as np
import pytest

import tapeflow as tf

FUNCTIONS = {
    "reduce_sum": lambda x: tf.reduce_sum(x, 0),
    "reduce_mean": lambda x: tf.reduce_mean(x, 1),
    "reduce_prod": lambda x: tf.reduce_prod(x, 1),
    "reduce_max": lambda x: tf.reduce_max(x, 0),
    "reduce_logsumexp": lambda x: tf.reduce_logsumexp(x, 0),
    "reduce_variance": tf.math.reduce_variance,
    "reduce_std": tf.math.reduce_std,
    "norm": tf.norm,
    "cumsum": tf.cumsum,
    "cumprod": tf.math.cumprod,
    "cumulative_logsumexp": tf.math.cumulative_logsumexp,
    "sort": tf.sort,
    "top_k": lambda x: tf.math.top_k(x, 1)[0],
    "matmul": lambda x: tf.matmul(x, x, transpose_b=True),
    "einsum": lambda x: tf.einsum("ij,ij->i", x, x),
    "tensordot": lambda x: tf.tensordot(x, x, 1),
    "segment_prod": lambda x: tf.math.segment_prod(x, [0, 0]),
    "unsorted_segment_mean": lambda x: tf.math.unsorted_segment_mean(x, [0, 1], 3),
    "trace": tf.linalg.trace,
    "diag": tf.linalg.diag,
    "band_part": lambda x: tf.linalg.band_part(x, 0, 1),
    "set_diag": lambda x: tf.linalg.set_diag(x, x[0]),
}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients_keep_the_dtype_and_are_near_those_of_float64(name, dtype):
    values = np.array([[0.5, -1.5], [2.0, 1.25]])
    gradients = []
    for each in (dtype, "float64"):
        x = tf.cast(values, each)
        with tf.GradientTape() as outer, tf.GradientTape() as tape:
            outer.watch(x)
            tape.watch(x)
            y = FUNCTIONS[name](x)
            first = tape.gradient(y, x)
        second = outer.gradient(first, x)
        assert y.dtype == first.dtype == each and first.shape == x.shape
        assert second is None or second.dtype == each
        gradients.append(first.numpy().astype(float))
    np.testing.assert_allclose(*gradients, rtol=0.03, atol=0.03)
