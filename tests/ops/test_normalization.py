"""Moments and normalizations against their definitions, biases, embeddings and averages of losses."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import tapeflow as tf

INVALID = tf.errors.InvalidArgumentError
numbers = arrays(np.float64, array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.floats(-100, 100))
NEAR = {"rtol": 1e-9, "atol": 1e-9}


# -- moments ---------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(numbers, st.data(), st.booleans())
def test_moments_in_all_their_forms(x, data, keepdims):
    axes = data.draw(st.lists(st.integers(0, x.ndim - 1), unique=True, min_size=1))
    expected = [np.mean(x, tuple(axes), keepdims=keepdims), np.var(x, tuple(axes), keepdims=keepdims)]
    weights = np.full(x.shape, 0.5)
    found = [
        tf.nn.moments(x, axes, keepdims=keepdims),
        tf.nn.weighted_moments(x, axes, weights, keepdims=keepdims),
        tf.nn.weighted_moments(x, axes, 3.0, keepdims=keepdims),
        tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, axes, keepdims=keepdims)),
    ]
    for mean, variance in found:
        np.testing.assert_allclose(mean, expected[0], **NEAR)
        np.testing.assert_allclose(variance, expected[1], rtol=1e-9, atol=1e-7)


def test_weights_count_repetitions():
    mean, variance = tf.nn.weighted_moments([1.0, 2.0, 4.0], [0], [1, 2, 3])
    repeated = [1.0, 2.0, 2.0, 4.0, 4.0, 4.0]
    np.testing.assert_allclose([mean, variance], [np.mean(repeated), np.var(repeated)], rtol=1e-6)


def test_a_shift_keeps_the_digits_of_a_small_variance():
    x = np.array([1e8, 1e8 + 1, 1e8 + 2])
    _, lost = tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0]))
    mean, kept = tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0], shift=1e8))
    assert float(mean) == 1e8 + 1 and float(kept) == pytest.approx(2 / 3, rel=1e-12) != pytest.approx(float(lost), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(dtype):
    x = tf.fill([100, 100], tf.cast(300.0, dtype))  # neither the sum nor a square fits float16
    mean, variance = tf.nn.moments(x, [0, 1])
    assert mean.dtype == variance.dtype == dtype and float(mean) == 300 and float(variance) == 0


def test_moments_over_no_axes_are_the_elements_themselves():
    mean, variance = tf.nn.moments(tf.constant([1.0, 3.0]), [])
    assert mean.numpy().tolist() == [1.0, 3.0] and variance.numpy().tolist() == [0.0, 0.0]


# -- normalization -----------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(numbers, st.booleans(), st.booleans())
def test_batch_normalization_is_its_formula(x, with_offset, with_scale):
    mean, variance = tf.nn.moments(x, [0])
    offset, scale = (7.0 if with_offset else None), (3.0 if with_scale else None)
    y = tf.nn.batch_normalization(x, mean, variance, offset, scale, 0.5)
    plain = (x - x.mean(0)) / np.sqrt(x.var(0) + 0.5)
    np.testing.assert_allclose(y, plain * (scale or 1.0) + (offset or 0.0), rtol=1e-7, atol=1e-7)


@settings(max_examples=40, deadline=None)
@given(numbers)
def test_normalized_vectors_have_length_one_or_are_zero(x):
    y = tf.math.l2_normalize(x, axis=-1, epsilon=1e-300)
    lengths = np.linalg.norm(y, axis=-1)
    np.testing.assert_allclose(lengths, np.minimum(np.linalg.norm(x, axis=-1) / 1e-150, 1.0), atol=1e-9)
    np.testing.assert_array_equal(tf.math.l2_normalize(x, dim=-1, epsilon=1e-300), y)


def test_complex_vectors_are_normalized_by_their_magnitudes():
    np.testing.assert_allclose(tf.math.l2_normalize([3 + 4j, 0j]), [0.6 + 0.8j, 0])


def test_local_response_normalization_is_its_formula():
    x = np.random.default_rng(0).normal(size=(2, 3, 2, 7)).astype(np.float32)
    y = tf.nn.lrn(x, depth_radius=2, bias=1.5, alpha=0.5, beta=0.75).numpy()
    for c in range(7):
        near = (x[..., max(0, c - 2) : c + 3] ** 2).sum(-1)
        np.testing.assert_allclose(y[..., c], x[..., c] / (1.5 + 0.5 * near) ** 0.75, rtol=1e-5)


# -- biases --------------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float64, array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=4), elements=st.floats(-9, 9)), st.data()
)
def test_a_bias_goes_to_its_channel_and_its_gradient_is_the_sum(x, data):
    data_format = data.draw(st.sampled_from([None, "NHWC", "N...C", "NC...", "NCHW"]))
    axis = 1 if data_format in ("NC...", "NCHW") else x.ndim - 1
    bias = tf.Variable(np.arange(x.shape[axis], dtype=np.float64))
    with tf.GradientTape() as tape:
        y = tf.nn.bias_add(x, bias, data_format)
    np.testing.assert_array_equal(y, np.moveaxis(np.moveaxis(x, axis, -1) + bias.numpy(), -1, axis))
    others = tuple(i for i in range(x.ndim) if i != axis)
    np.testing.assert_allclose(tape.gradient(y, bias, output_gradients=x), x.sum(others), atol=1e-9)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "float16", "bfloat16", "complex64"])
def test_biases_of_every_dtype(dtype):
    y = tf.nn.bias_add(tf.cast([[1, 2]], dtype), tf.cast([3, 4], dtype))
    assert y.dtype == dtype and tf.cast(y, tf.int32).numpy().tolist() == [[4, 6]]


# -- embeddings -------------------------------------------------------------------------------------------------------------

TABLE = np.arange(12.0).reshape(6, 2).astype(np.float32)


def test_rows_are_found_in_one_table_or_in_several():
    ids = [[5, 0], [3, 3]]
    np.testing.assert_array_equal(tf.nn.embedding_lookup(TABLE, ids), TABLE[np.array(ids)])
    np.testing.assert_array_equal(tf.nn.embedding_lookup([TABLE[:2], TABLE[2:4], TABLE[4:]], ids), TABLE[np.array(ids)])
    assert tf.nn.embedding_lookup(TABLE, np.zeros([0], np.int64)).shape == [0, 2]


def test_long_rows_are_shortened():
    lengths = np.linalg.norm(tf.nn.embedding_lookup(TABLE, range(6), max_norm=4.0), axis=1)
    np.testing.assert_allclose(lengths, np.minimum(np.linalg.norm(TABLE, axis=1), 4.0), rtol=1e-6)


def test_the_gradient_of_a_table_is_sparse():
    table = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        y = tf.nn.embedding_lookup(table, [4, 1, 4])
    slices = tape.gradient(y, table)
    assert isinstance(slices, tf.IndexedSlices) and slices.indices.numpy().tolist() == [4, 1, 4]


# -- other losses --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_half_the_sum_of_squares(dtype):
    found = tf.nn.l2_loss(tf.cast([[3.0, 4.0], [0.0, 1.0]], dtype))
    assert found.dtype == dtype and float(found) == 13 and float(tf.nn.l2_loss(tf.zeros([0], dtype))) == 0


def test_poisson_losses():
    t, c = [0.0, 1.0, 2.0, 5.0], [1.0, 2.0, 3.0, 4.0]
    np.testing.assert_allclose(tf.nn.log_poisson_loss(t, c), [2.7182817, 5.389056, 14.085537, 34.59815], rtol=1e-6)
    full = tf.nn.log_poisson_loss(t, c, compute_full_loss=True)
    np.testing.assert_allclose(full, [2.7182817, 5.389056, 14.737344, 39.368996], rtol=1e-6)
    targets = tf.Variable(t)
    with tf.GradientTape() as tape:
        loss = tf.nn.log_poisson_loss(targets, c, compute_full_loss=True)
    assert np.isfinite(tape.gradient(loss, targets)).all()  # also at a target of 0


def test_average_losses():
    losses = [1.0, 2.0, 3.0, 4.0]
    assert float(tf.nn.compute_average_loss(losses)) == 2.5
    assert float(tf.nn.compute_average_loss(losses, sample_weight=[1, 0, 0, 1], global_batch_size=10)) == 0.5
    assert float(tf.nn.compute_average_loss(losses, global_batch_size=0)) == 0


# -- errors ------------------------------------------------------------------------------------------------------------------------

REFUSED = [
    (lambda: tf.nn.moments([1.0, 2.0], [1]), INVALID, "dimension"),
    (lambda: tf.nn.batch_normalization([1.0, 2.0], [1.0, 2.0, 3.0], 1.0, None, None, 0.0), INVALID, "shape|broadcast"),
    (lambda: tf.math.l2_normalize([1.0], axis=0, dim=0), ValueError, "axis"),
    (lambda: tf.math.l2_normalize([3, 4]), (TypeError, INVALID), "int32"),
    (lambda: tf.nn.lrn([1.0, 2.0]), INVALID, "4-dimensional"),
    (lambda: tf.nn.bias_add([[1.0, 2.0]], [1.0, 2.0, 3.0]), INVALID, r"\[3\] vs. \[1,2\]"),
    (lambda: tf.nn.bias_add([1.0, 2.0], [1.0, 2.0]), INVALID, "at least 2D"),
    (lambda: tf.nn.bias_add([[1.0, 2.0]], [[1.0, 2.0]]), INVALID, "must be 1D"),
    (lambda: tf.nn.bias_add([[1.0]], [1.0], "foo"), ValueError, "data_format=foo"),
    (lambda: tf.nn.bias_add(tf.zeros([1, 2]), tf.constant([1, 2])), INVALID, "int32"),
    (lambda: tf.nn.bias_add([[True]], [True]), INVALID, "bool"),
    (lambda: tf.nn.embedding_lookup(None, [0]), ValueError, "params"),
    (lambda: tf.nn.embedding_lookup([], [0]), ValueError, "params"),
    (lambda: tf.nn.embedding_lookup(TABLE, [0.0]), INVALID, "float32"),
    (lambda: tf.nn.embedding_lookup(TABLE, [0, 6]), INVALID, r"6 is not in \[0, 6\)"),
    (lambda: tf.nn.embedding_lookup(TABLE, [-1]), INVALID, r"-1 is not in \[0, 6\)"),
    (lambda: tf.nn.l2_loss([1, 2]), INVALID, "int32"),
    (lambda: tf.nn.log_poisson_loss([0.0, 1.0], [[1.0], [2.0]]), ValueError, "same shape"),
    (lambda: tf.nn.compute_average_loss(1.0), ValueError, "rank"),
    (lambda: tf.nn.compute_average_loss([1.0], global_batch_size=-1), INVALID, "non-negative"),
    (lambda: tf.nn.compute_average_loss([1.0], global_batch_size=2.0), TypeError, "integer"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
