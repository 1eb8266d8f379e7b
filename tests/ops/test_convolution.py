"""Convolutions and pooling against loops over their windows, in every format, and what they refuse."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tapeflow as tf

INVALID = tf.errors.InvalidArgumentError
FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


@st.composite
def settings_of_windows(draw):
    rank = draw(st.integers(1, 3))
    some = lambda low, high: tuple(draw(st.integers(low, high)) for _ in range(rank))
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    kernel, dilations = some(1, 3), some(1, 2)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    sizes = tuple(n + (r if padding == "VALID" else 1) for n, r in zip(some(0, 3), reach, strict=True))
    return sizes, kernel, some(1, 3), dilations, padding


def windows(x, kernel, strides, dilations, padding, fill):
    """What each window sees, by loops: pairs of its index and an array [batch, *kernel, channels]."""
    counts, starts = [], []
    for n, k, s, d in zip(x.shape[1:-1], kernel, strides, dilations, strict=True):
        reach = (k - 1) * d + 1
        count = -(-n // s) if padding == "SAME" else (n - reach) // s + 1
        counts.append(count)
        starts.append(-(max((count - 1) * s + reach - n, 0) // 2) if padding == "SAME" else 0)
    for index in itertools.product(*map(range, counts)):
        seen = np.full((len(x), *kernel, x.shape[-1]), fill, x.dtype)
        for offset in itertools.product(*map(range, kernel)):
            rows = zip(index, strides, starts, offset, dilations, x.shape[1:-1], strict=True)
            place = [i * s + a + o * d for i, s, a, o, d, _ in rows]
            if all(0 <= p < n for p, n in zip(place, x.shape[1:-1], strict=True)):
                seen[(slice(None), *offset)] = x[(slice(None), *place)]
        yield tuple(index), seen


def in_format(call, x, rank, first):
    if not first:
        return call(x, FORMATS[rank][0]).numpy()
    return np.moveaxis(call(np.moveaxis(x, -1, 1), FORMATS[rank][1]).numpy(), 1, -1)


@settings(max_examples=60, deadline=None)
@given(settings_of_windows(), st.integers(1, 2), st.integers(0, 2), st.booleans(), st.integers(0, 999))
def test_convolutions_are_products_with_what_windows_see(shape, groups, batch, first, seed):
    sizes, kernel, strides, dilations, padding = shape
    random = np.random.default_rng(seed)
    x, w = random.normal(size=(batch, *sizes, 2 * groups)), random.normal(size=(*kernel, 2, 3 * groups))
    y = in_format(lambda x, f: tf.nn.convolution(x, w, strides, padding, f, dilations), x, len(sizes), first)
    for index, seen in windows(x, kernel, strides, dilations, padding, 0.0):
        for g in range(groups):
            part, filters = seen[..., 2 * g : 2 * g + 2], w[..., 3 * g : 3 * g + 3]
            expected = np.tensordot(part, filters, len(kernel) + 1)
            np.testing.assert_allclose(y[(slice(None), *index, slice(3 * g, 3 * g + 3))], expected, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(settings_of_windows(), st.booleans(), st.integers(0, 999))
def test_pools_are_extremes_and_means_of_what_windows_see(shape, first, seed):
    sizes, kernel, strides, dilations, padding = shape
    rank = len(sizes)
    x = np.random.default_rng(seed).normal(size=(2, *sizes, 3))
    ones = np.ones((1, *sizes, 1))
    assume(all(seen.any() for _, seen in windows(ones, kernel, strides, dilations, padding, 0.0)))
    pooled = {
        kind: in_format(lambda x, f, kind=kind: tf.nn.pool(x, kernel, kind, strides, padding, f, dilations), x, rank, first)
        for kind in ("MAX", "AVG")
    }
    inner = tuple(range(1, rank + 1))
    for index, seen in windows(x, kernel, strides, dilations, padding, np.nan):
        np.testing.assert_array_equal(pooled["MAX"][(slice(None), *index)], np.nanmax(seen, inner))
        np.testing.assert_allclose(pooled["AVG"][(slice(None), *index)], np.nanmean(seen, inner), atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(settings_of_windows(), st.booleans(), st.integers(0, 999))
def test_a_transposed_convolution_is_the_transpose(shape, first, seed):
    sizes, kernel, strides, dilations, padding = shape
    rank = len(sizes)
    random = np.random.default_rng(seed)
    x, w = random.normal(size=(2, *sizes, 2)), random.normal(size=(*kernel, 2, 3))
    y = tf.nn.convolution(x, w, strides, padding, dilations=dilations).numpy()
    dy = random.normal(size=y.shape)
    full = (2, 2, *sizes) if first else x.shape
    dx = in_format(lambda dy, f: tf.nn.conv_transpose(dy, w, full, strides, padding, f, dilations), dy, rank, first)
    np.testing.assert_allclose(np.sum(dx * x), np.sum(dy * y), atol=1e-9)


def test_places_of_the_largest():
    x = np.random.default_rng(0).permutation(60).reshape(2, 5, 3, 2).astype(np.float32)
    values, places = tf.nn.max_pool_with_argmax(x, 2, 2, "SAME")
    np.testing.assert_array_equal(values, tf.nn.max_pool2d(x, 2, 2, "SAME"))
    for example in range(2):
        np.testing.assert_array_equal(x[example].ravel()[places[example]], values[example])
    _, places = tf.nn.max_pool_with_argmax(x, 2, 2, "SAME", output_dtype="int32", include_batch_in_index=True)
    assert places.dtype == tf.int32
    np.testing.assert_array_equal(x.ravel()[places], values)


def test_shapes_of_arguments():
    x, w = tf.ones([1, 4, 4, 2]), tf.ones([2, 2, 2, 3])
    assert tf.nn.conv2d(x, w, [1, 2], "VALID").shape == [1, 3, 2, 3]
    assert tf.nn.conv2d(x, w, [1, 2, 2, 1], "VALID").shape == [1, 2, 2, 3]
    assert tf.nn.conv2d(x, w, 1, [[0, 0], [1, 1], [2, 0], [0, 0]]).shape == [1, 5, 5, 3]
    assert tf.nn.conv2d(tf.ones([5, 1, 4, 4, 2]), w, 1, "SAME").shape == [5, 1, 4, 4, 3]
    assert tf.nn.conv1d(tf.ones([1, 4, 2]), tf.ones([2, 2, 3]), [1, 2, 1], "SAME").shape == [1, 2, 3]
    assert tf.nn.depthwise_conv2d(x, tf.ones([2, 2, 2, 3]), [1, 1, 2, 1], "SAME").shape == [1, 4, 2, 6]
    assert tf.nn.depthwise_conv2d(x, tf.ones([2, 2, 2, 3]), [1, 1, 1, 1], "SAME", dilations=[2, 2]).shape == [1, 4, 4, 6]
    assert tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID").shape == [1, 2, 2, 2]
    assert tf.nn.max_pool(tf.ones([1, 4, 2]), 2, 2, "VALID").shape == [1, 2, 2]
    assert tf.nn.max_pool2d(x, 2, 2, [[0, 0], [1, 1], [1, 1], [0, 0]]).shape == [1, 3, 3, 2]
    assert tf.nn.conv2d(x, tf.ones([5, 5, 2, 3]), 1, "VALID").shape == [1, 0, 0, 3]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "int32"])
def test_dtypes_stay(dtype):
    x, w = tf.cast(tf.ones([1, 4, 4, 2]), dtype), tf.cast(tf.ones([3, 3, 2, 1]), dtype)
    y = tf.nn.conv2d(x, w, 1, "SAME")
    assert y.dtype == dtype and float(y[0, 1, 1, 0]) == 18 and float(y[0, 0, 0, 0]) == 8
    assert tf.nn.max_pool(x, 2, 2, "VALID").dtype == dtype
    if dtype != "int32":
        assert tf.nn.avg_pool(x, 2, 2, "VALID").dtype == dtype


X, W = np.ones((1, 4, 4, 2), np.float32), np.ones((2, 2, 2, 3), np.float32)
REFUSED = [
    (lambda: tf.nn.conv2d(X, W, [1, 2, 2], "VALID"), ValueError, "strides should be of length 1, 2 or 4"),
    (lambda: tf.nn.conv2d(X, W, [2, 2, 2, 2], "VALID"), tf.errors.UnimplementedError, "batch and depth"),
    (lambda: tf.nn.conv2d(X, W, 0, "SAME"), INVALID, "strides must be > 0, but got 0"),
    (lambda: tf.nn.conv2d(X, W, 1, "same"), INVALID, "padding"),
    (lambda: tf.nn.conv2d(X, W, 1, [[1, 1], [2, 0]]), ValueError, "must be of size 4"),
    (lambda: tf.nn.conv2d(X, W, 1, [[0, 0], [-1, 1], [2, 0], [0, 0]]), INVALID, "negative"),
    (lambda: tf.nn.conv2d(X, W, 1, "SAME", "foo"), INVALID, "data_format"),
    (lambda: tf.nn.conv2d(X, W[:, :, :1][..., [0, 0, 0]][:, :, [0, 0, 0]], 1, "SAME"), INVALID, "2 vs 3"),
    (lambda: tf.nn.conv2d(X, W[:, :, :1], 1, "SAME"), INVALID, "number of groups: 3 vs 2"),
    (lambda: tf.nn.conv2d(X[0], W, 1, "SAME"), INVALID, "must be 4-dimensional"),
    (lambda: tf.nn.conv2d(X, W[0], 1, "SAME"), INVALID, "filter must be 4-dimensional"),
    (lambda: tf.nn.conv2d(tf.constant(X), tf.cast(W, tf.float64), 1, "SAME"), INVALID, "float64|double"),
    (lambda: tf.nn.conv2d_transpose(X, W, [1, 9, 8, 2], 2), INVALID, "does not lead"),
    (lambda: tf.nn.depthwise_conv2d(X, W[:, :, :1], [1, 1, 1, 1], "SAME"), INVALID, "same depth"),
    (lambda: tf.nn.max_pool(X, 5, 1, "VALID"), INVALID, "does not fit"),
    (lambda: tf.nn.max_pool(X, 0, 2, "SAME"), INVALID, "ksize must be > 0"),
    (lambda: tf.nn.max_pool(X[0, 0, 0], 2, 2, "SAME"), INVALID, "axes"),
    (lambda: tf.nn.avg_pool(tf.ones([1, 2, 2, 1], tf.int32), 2, 1, "VALID"), INVALID, "int32"),
    (lambda: tf.nn.pool(X, [2, 2], "MIN"), ValueError, "MIN"),
    (lambda: tf.nn.pool(X[:, :1, :1], [2, 2], "MAX", padding="SAME", dilations=[2, 2]), INVALID, "nothing but padding"),
    (lambda: tf.nn.max_pool(X, 2, 1, [[0, 0], [3, 0], [0, 0], [0, 0]]), INVALID, "nothing but padding"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
