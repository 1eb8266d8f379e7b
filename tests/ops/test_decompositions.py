"""LU, QR and singular values: answers compared with TensorFlow's; the factors by what they must satisfy."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("decompositions")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


def matrices(rows, columns, kind):
    generator = np.random.default_rng(rows * 10 + columns)
    a = generator.normal(size=(2, rows, columns))
    return a + 1j * generator.normal(size=a.shape) if kind == "complex" else a


shapes = pytest.mark.parametrize(("rows", "columns"), [(3, 3), (4, 2), (2, 4), (1, 3)])
kinds = pytest.mark.parametrize("kind", ["real", "complex"])
fullness = pytest.mark.parametrize("full", [False, True])


def dagger(x):
    return np.conj(x.swapaxes(-1, -2))


def assert_orthonormal(x):
    np.testing.assert_allclose(dagger(x) @ x, np.broadcast_to(np.eye(x.shape[-1]), (2, *[x.shape[-1]] * 2)), atol=1e-12)


@shapes
@kinds
@fullness
def test_svd_rebuilds_the_matrix_from_orthonormal_factors(rows, columns, kind, full):
    a = matrices(rows, columns, kind)
    s, u, v = (t.numpy() for t in tf.linalg.svd(a, full_matrices=full))
    n = min(rows, columns)
    assert u.shape[-1] == (rows if full else n) and v.shape[-1] == (columns if full else n)
    assert_orthonormal(u)
    assert_orthonormal(v)
    np.testing.assert_allclose(u[..., :n] * s[:, np.newaxis] @ dagger(v[..., :n]), a, atol=1e-12)
    np.testing.assert_allclose(tf.linalg.svd(a, compute_uv=False).numpy(), s)


@shapes
@kinds
@fullness
def test_qr_rebuilds_the_matrix_from_an_orthonormal_and_a_triangular_factor(rows, columns, kind, full):
    a = matrices(rows, columns, kind)
    q, r = (t.numpy() for t in tf.linalg.qr(a, full_matrices=full))
    assert_orthonormal(q)
    np.testing.assert_array_equal(r, np.triu(r))
    np.testing.assert_allclose(q @ r, a, atol=1e-12)


@kinds
def test_lu_rebuilds_the_permuted_matrix(kind):
    a = matrices(3, 3, kind)
    packed, p = (t.numpy() for t in tf.linalg.lu(a, output_idx_type=tf.int64))
    assert p.dtype == np.int64
    lower, upper = np.tril(packed, -1) + np.eye(3), np.triu(packed)
    np.testing.assert_allclose(lower @ upper, np.take_along_axis(a, p[..., np.newaxis], 1), atol=1e-12)


@pytest.mark.parametrize("function", ["svd", "qr"])
def test_the_gradient_of_full_matrices_is_refused_with_what_to_do(function):
    x = tf.constant(np.ones((4, 2)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(tf.linalg, function)(x, full_matrices=True)[0]
    with pytest.raises(NotImplementedError, match="full_matrices=False"):
        tape.gradient(y, x)


def test_a_singular_matrix_has_no_lu():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Input is not invertible"):
        tf.linalg.lu(np.zeros((2, 2)))


def test_singular_values_of_nan_are_an_error():
    with pytest.raises(tf.errors.InvalidArgumentError, match="NaN"):
        tf.linalg.svd([[np.nan]])
