"""Transposes and bands: answers compared with TensorFlow's and NumPy's."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("matrix_parts")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


X = np.arange(24).reshape(2, 3, 4)


@pytest.mark.parametrize("lower", range(-1, 4))
@pytest.mark.parametrize("upper", range(-1, 5))
def test_bands_are_between_two_triangles(lower, upper):
    expected = X
    if lower >= 0:
        expected = np.triu(expected, -lower)
    if upper >= 0:
        expected = np.tril(expected, upper)
    np.testing.assert_array_equal(tf.linalg.band_part(X, lower, upper).numpy(), expected)


def test_a_transpose_is_a_view():
    x = tf.constant(X)
    assert np.shares_memory(tf.linalg.matrix_transpose(x)._value, x._value)


def test_an_adjoint_is_conjugated():
    z = X + 1j
    np.testing.assert_array_equal(tf.linalg.adjoint(z).numpy(), np.conj(z.swapaxes(-1, -2)))


def test_vectors_have_no_transpose():
    with pytest.raises(ValueError, match="rank >= 2"):
        tf.linalg.matrix_transpose([1.0])
