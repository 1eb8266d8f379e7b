"""Fourier transforms: NumPy's values, TensorFlow's dtypes and errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf


@given(st.integers(1, 3), st.integers(1, 9), st.integers(1, 12))
def test_transforms_of_real_signals_are_numpys(rows, n, points):
    x = np.random.default_rng([rows, n, points]).standard_normal((rows, n))
    np.testing.assert_allclose(tf.signal.rfft(tf.constant(x), [points]), np.fft.rfft(x, points), atol=1e-12)
    spectrum = np.fft.fft(x)
    np.testing.assert_allclose(tf.signal.irfft(tf.constant(spectrum), [points]), np.fft.irfft(spectrum, points), atol=1e-12)
    np.testing.assert_allclose(tf.signal.ifft(tf.signal.fft(tf.constant(spectrum))), spectrum, atol=1e-12)
    np.testing.assert_array_equal(tf.signal.fftshift(x, axes=1), np.fft.fftshift(x, axes=1))
    np.testing.assert_array_equal(tf.signal.ifftshift(x), np.fft.ifftshift(x))


def test_single_precision_stays_single():
    assert tf.signal.fft([1.0, 2.0]).dtype == tf.complex64
    assert tf.signal.rfft([1.0, 2.0]).dtype == tf.complex64
    assert tf.signal.irfft(tf.signal.rfft([1.0, 2.0])).dtype == tf.float32
    assert tf.signal.rfft(np.array([1.0, 2.0])).dtype == tf.complex64  # a NumPy array takes the dtype that is preferred
    assert tf.signal.rfft(tf.constant([1.0], tf.float64)).dtype == tf.complex128


def test_empty_signals_have_empty_transforms():
    assert tf.signal.fft(tf.zeros([2, 0], tf.complex64)).shape == (2, 0)
    assert tf.signal.fftshift(tf.zeros([0])).shape == (0,)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: tf.signal.fft(tf.constant([1.0])), tf.errors.InvalidArgumentError, "float32"),
        (lambda: tf.signal.fft(tf.constant(1 + 0j)), tf.errors.InvalidArgumentError, "at least 1"),
        (lambda: tf.signal.fft2d(tf.constant([1 + 0j])), tf.errors.InvalidArgumentError, r"at least 2 but got: \[1\]"),
        (lambda: tf.signal.rfft(tf.constant([1, 2])), ValueError, "RFFT requires"),
        (lambda: tf.signal.irfft(tf.constant([1.0])), ValueError, "IRFFT requires"),
        (lambda: tf.signal.rfft([1.0], [2, 3]), tf.errors.InvalidArgumentError, "one size"),
        (lambda: tf.signal.fftshift([1.0], axes=2), tf.errors.InvalidArgumentError, "axis 2"),
    ],
)
def test_what_cannot_be_transformed_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("points", [None, (4, 6), (5, 7), (3, 4), (8, 3)])
def test_transforms_of_planes_are_numpys(points):
    x = np.random.RandomState(0).randn(2, 4, 6)
    axes = (-2, -1)
    spectrum = np.fft.rfft2(x, points, axes)
    np.testing.assert_allclose(tf.signal.rfft2d(tf.constant(x), points), spectrum, atol=1e-12)
    z = np.random.RandomState(1).randn(2, 4, 4) + 1j * np.random.RandomState(2).randn(2, 4, 4)  # not Hermitian
    np.testing.assert_allclose(tf.signal.irfft2d(tf.constant(z), points), np.fft.irfft2(z, points, axes), atol=1e-12)


def test_transforms_of_boxes_are_numpys():
    x = np.random.RandomState(0).randn(2, 3, 4, 5)
    axes, points = (-3, -2, -1), (3, 4, 5)
    spectrum = np.fft.rfftn(x, axes=axes)
    np.testing.assert_allclose(tf.signal.rfft3d(tf.constant(x)), spectrum, atol=1e-12)
    np.testing.assert_allclose(tf.signal.irfft3d(tf.constant(spectrum), points), x, atol=1e-12)
    with pytest.raises(tf.errors.InvalidArgumentError, match="rank of at least 3"):
        tf.signal.rfft3d(tf.ones([2, 2]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="2 sizes"):
        tf.signal.rfft2d(tf.ones([2, 2]), [2])
