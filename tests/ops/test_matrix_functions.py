"""Functions of matrices: answers compared with TensorFlow's, and what defines them."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("matrix_functions")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


A = np.random.default_rng(9).normal(size=(2, 3, 3)) + 4 * np.eye(3)


def test_a_square_root_squared_is_the_matrix():
    root = tf.linalg.sqrtm(A).numpy()
    np.testing.assert_allclose(root @ root, A, atol=1e-9)


def test_the_exponential_of_a_logarithm_is_the_matrix():
    np.testing.assert_allclose(tf.linalg.expm(tf.linalg.logm(A + 0j)).numpy(), A, atol=1e-9)


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (3, 2), (1, 3)])
def test_a_pseudo_inverse_has_the_four_properties_of_penrose(rows, columns):
    a = A[:, :rows, :columns]
    p = tf.linalg.pinv(a).numpy()
    for product in (a @ p, p @ a):
        np.testing.assert_allclose(product, product.swapaxes(-1, -2), atol=1e-10)
    np.testing.assert_allclose(a @ p @ a, a, atol=1e-10)
    np.testing.assert_allclose(p @ a @ p, p, atol=1e-10)


@pytest.mark.parametrize("fast", [True, False])
def test_least_squares_are_numpys(fast):
    generator = np.random.default_rng(2)
    a, b = generator.normal(size=(5, 3)), generator.normal(size=(5, 2))
    np.testing.assert_allclose(tf.linalg.lstsq(a, b, fast=fast).numpy(), np.linalg.lstsq(a, b, rcond=None)[0], atol=1e-10)
    wide, c = a.T, b[:3]
    np.testing.assert_allclose(
        tf.linalg.lstsq(wide, c, fast=fast).numpy(), np.linalg.lstsq(wide, c, rcond=None)[0], atol=1e-10
    )


def test_singular_matrices_warn_nobody(recwarn):
    assert not np.isfinite(tf.linalg.sqrtm([[0.0, 1.0], [0.0, 0.0]]).numpy()).all()
    assert np.isnan(tf.linalg.logm(tf.zeros((2, 2), tf.complex128)).numpy()).all()
    assert not recwarn.list


def test_logarithms_are_of_complex_matrices():
    with pytest.raises(tf.errors.InvalidArgumentError, match="complex64"):
        tf.linalg.logm(A)
