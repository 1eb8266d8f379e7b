"""Eigenvalues: answers compared with TensorFlow's; eigenvectors by what they must satisfy."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("eigenvalues")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


MATRICES = np.random.default_rng(1).normal(size=(4, 3, 3))


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_eigenvectors_of_hermitian_matrices_are_orthonormal_and_diagonalize(kind):
    a = MATRICES + (1j * MATRICES[::-1] if kind == "complex" else 0)
    a = a + np.conj(a.swapaxes(-1, -2))
    values, vectors = (t.numpy() for t in tf.linalg.eigh(a))
    np.testing.assert_allclose(np.conj(vectors.swapaxes(-1, -2)) @ vectors, np.broadcast_to(np.eye(3), a.shape), atol=1e-12)
    np.testing.assert_allclose(a @ vectors, vectors * values[:, np.newaxis], atol=1e-12)
    np.testing.assert_allclose(tf.linalg.eigvalsh(a).numpy(), values, atol=1e-12)
    assert (np.diff(values.real) >= 0).all()


def test_only_the_lower_triangle_is_read():
    a = MATRICES[0] + MATRICES[0].T
    spoilt = np.tril(a) + np.triu(np.full((3, 3), 9.0), 1)
    np.testing.assert_allclose(tf.linalg.eigvalsh(spoilt).numpy(), tf.linalg.eigvalsh(a).numpy())


def test_eigenvectors_of_general_matrices_are_of_length_1_and_complex():
    values, vectors = (t.numpy() for t in tf.linalg.eig(MATRICES.astype(np.float32)))
    assert values.dtype == vectors.dtype == np.complex64
    np.testing.assert_allclose(MATRICES @ vectors, vectors * values[:, np.newaxis], atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=-2), 1.0, rtol=1e-5)


def test_equal_eigenvalues_leave_the_gradient_of_the_values_finite():
    x = tf.constant(np.eye(2))
    with tf.GradientTape() as tape:
        tape.watch(x)
        values, _ = tf.linalg.eigh(x)
    assert np.isfinite(tape.gradient(values, x).numpy()).all()


def test_tridiagonal_matrices_in_batches_have_the_eigenvectors_of_the_whole_matrix():
    alpha, beta = MATRICES[:, 0], MATRICES[:, 1, :2] + 1j * MATRICES[:, 2, :2]
    whole = np.stack([np.diag(a) + np.diag(b, 1) + np.diag(np.conj(b), -1) for a, b in zip(alpha, beta, strict=True)])
    values, vectors = (t.numpy() for t in tf.linalg.eigh_tridiagonal(alpha + 0j, beta, eigvals_only=False))
    assert values.dtype == np.float64
    np.testing.assert_allclose(whole @ vectors, vectors * values[:, np.newaxis], atol=1e-12)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"select": "x"}, ValueError, "select must be"),
        ({"select": "i"}, ValueError, "needs a select_range"),
        ({"select": "v", "select_range": (2.0, 1.0)}, ValueError, "ascending"),
    ],
)
def test_ranges_of_eigenvalues_that_do_not_exist_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        tf.linalg.eigh_tridiagonal([1.0, 2.0], [1.0], **options)
