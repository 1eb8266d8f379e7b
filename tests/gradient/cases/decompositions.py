"""Factorizations: of the factors, whose signs are free, only what the signs leave alone."""

import numpy as np

from tests.gradient.case import Case, array


def complex_array(*shape):
    return array(*shape) + 1j * array(*shape)


def spread_out(*shape):
    """A matrix with singular values (and of a symmetric one, eigenvalues) well apart."""
    return array(*shape) + np.eye(shape[-2], shape[-1]) * (3.0 * np.arange(1, shape[-1] + 1))


def svd(tf, x, **options):
    s, u, v = tf.linalg.svd(x, **options)
    first = tf.matmul(u[..., :1], v[..., :1], adjoint_b=True)
    return s, tf.abs(u) ** 2.0, tf.abs(v) ** 2.0, tf.math.real(first)


def qr(tf, x, **options):
    q, r = tf.linalg.qr(x, **options)
    first = tf.matmul(q[..., :1], r[..., :1, :])
    return tf.abs(q) ** 2.0, tf.abs(r) ** 2.0, tf.math.real(first)


def hermitian(tf, x):
    return x + tf.linalg.adjoint(x)


def eigh(tf, x):
    values, vectors = tf.linalg.eigh(x)
    first = tf.matmul(vectors[..., :1], vectors[..., :1], adjoint_b=True)
    return tf.math.real(values), tf.abs(vectors) ** 2.0, tf.math.real(first)


def eig(tf, x):
    """Symmetric functions: the order of eigenvalues is free too."""
    values, vectors = tf.linalg.eig(x)
    weights = tf.cast(tf.abs(vectors) ** 2.0, values.dtype)
    return tf.reduce_sum(values * values, -1), tf.reduce_sum(weights * values[..., tf.newaxis, :], -1)


def eigvals(tf, x):
    return tf.reduce_sum(tf.linalg.eigvals(x) ** 3.0, -1)


def reconstructed(tf, x):
    """Upper and lower factors of an LU factorization."""
    packed, _ = tf.linalg.lu(x)
    return packed


CASES = [
    Case("svd_square", svd, spread_out(3, 3)),
    Case("svd_tall", svd, spread_out(4, 2)),
    Case("svd_wide", svd, spread_out(2, 3)),
    Case("svd_batch", svd, spread_out(2, 2, 2)),
    Case("svd_complex", svd, spread_out(3, 2) + 1j * array(3, 2), second=False),
    Case("svd_full_square", lambda tf, x: svd(tf, x, full_matrices=True), spread_out(2, 2)),
    Case("svd_values", lambda tf, x: tf.linalg.svd(x, compute_uv=False), spread_out(3, 2)),
    Case("svd_values_wide", lambda tf, x: tf.linalg.svd(x, compute_uv=False), spread_out(2, 2, 3)),
    Case("svd_values_equal", lambda tf, x: tf.linalg.svd(x, compute_uv=False), 2.0 * np.eye(2), numeric=False, second=False),
    Case("qr_square", qr, spread_out(3, 3)),
    Case("qr_tall", qr, spread_out(4, 2)),
    Case("qr_wide", qr, spread_out(2, 4)),
    Case("qr_batch", qr, spread_out(2, 2, 2)),
    Case("qr_complex", qr, spread_out(3, 2) + 1j * array(3, 2)),
    Case("qr_full_square", lambda tf, x: qr(tf, x, full_matrices=True), spread_out(2, 2)),
    Case("eigh", lambda tf, x: eigh(tf, hermitian(tf, x)), spread_out(3, 3)),
    Case("eigh_lower_triangle", eigh, spread_out(3, 3)),
    Case("eigh_batch", eigh, spread_out(2, 2, 2)),
    Case("eigh_complex", lambda tf, x: eigh(tf, hermitian(tf, x)), spread_out(3, 3) + 1j * array(3, 3)),
    Case("eigh_equal", lambda tf, x: tf.linalg.eigh(x)[0], np.eye(2), numeric=False),
    Case("eigvalsh", lambda tf, x: tf.linalg.eigvalsh(x), spread_out(3, 3)),
    Case("eigvalsh_batch", lambda tf, x: tf.linalg.eigvalsh(x), spread_out(2, 2, 2)),
    Case("eigvalsh_complex", lambda tf, x: tf.math.real(tf.linalg.eigvalsh(hermitian(tf, x))), complex_array(2, 2)),
    Case("eig", eig, spread_out(3, 3)),
    Case("eig_complex_pair", eig, np.array([[1.0, 2.0], [-3.0, 0.5]])),
    Case("eig_complex", eig, spread_out(2, 2) + 1j * array(2, 2)),
    Case("eigvals", eigvals, spread_out(3, 3)),
    Case("eigvals_complex", eigvals, spread_out(2, 2) + 1j * array(2, 2)),
    # TensorFlow's gradient of tridiagonal eigenvalues is wrong: they sum to the trace
    Case("eigh_tridiagonal", lambda tf, a, b: tf.linalg.eigh_tridiagonal(a, b), array(4), array(3), first=False),
    Case(
        "eigh_tridiagonal_vectors",
        lambda tf, a, b: tf.linalg.eigh_tridiagonal(a, b, eigvals_only=False, select="i", select_range=(1, 2))[1] ** 2.0,
        array(4),
        array(3),
        first=False,
    ),
    # TensorFlow has no gradient of LU
    Case("lu", reconstructed, spread_out(3, 3), first=False),
    Case("lu_permuted", reconstructed, spread_out(3, 3)[::-1].copy(), first=False),
    Case("lu_batch", reconstructed, spread_out(2, 3, 3), first=False),
    Case("lu_complex", reconstructed, spread_out(2, 2) + 1j * array(2, 2), first=False),
]
