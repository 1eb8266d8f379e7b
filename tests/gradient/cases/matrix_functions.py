"""Functions of matrices, pseudo-inverses and least squares, LU solutions and tridiagonal systems."""

import numpy as np

from tests.gradient.case import Case, array


def complex_array(*shape):
    return array(*shape) + 1j * array(*shape)


def near(x):
    """A matrix that is well away from a singular one."""
    return x + 4.0 * np.eye(x.shape[-1])


def by_lu(function):
    """TensorFlow has no gradient of LU: the factors themselves are the inputs, the permutation is given."""

    def call(tf, packed, *others):
        permutation = tf.constant([1, 2, 0])
        return getattr(tf.linalg, function)(packed, permutation, *others)

    return call


BANDS = np.stack([array(4), array(4) + 6.0, array(4)])
TALL, WIDE = near(array(3, 3))[:, :2], near(array(3, 3))[:2]

CASES = [
    Case("expm", lambda tf, x: tf.linalg.expm(x), array(3, 3)),
    Case("expm_batch", lambda tf, x: tf.linalg.expm(x), array(2, 2, 2)),
    Case("expm_zero", lambda tf, x: tf.linalg.expm(x), np.zeros((2, 2))),
    Case("expm_complex", lambda tf, x: tf.linalg.expm(x), complex_array(2, 2)),
    # TensorFlow has no gradient of the logarithm
    Case("logm", lambda tf, x: tf.linalg.logm(x), near(complex_array(2, 2)), first=False, rtol=1e-7),
    Case("sqrtm", lambda tf, x: tf.linalg.sqrtm(x), near(array(3, 3))),
    Case("sqrtm_batch", lambda tf, x: tf.linalg.sqrtm(x), near(array(2, 2, 2))),
    # TensorFlow's gradients of these two lack conjugates
    Case("sqrtm_complex", lambda tf, x: tf.linalg.sqrtm(x), near(complex_array(2, 2)), first=False),
    Case("pinv_tall", lambda tf, x: tf.linalg.pinv(x), TALL),
    Case("pinv_wide", lambda tf, x: tf.linalg.pinv(x), WIDE),
    Case("pinv_batch", lambda tf, x: tf.linalg.pinv(x), near(array(2, 2, 2))),
    *(
        Case(
            f"lstsq_{shape}{name}",
            lambda tf, x, y, how=how: tf.linalg.lstsq(x, y, **how),
            a,
            array(a.shape[0], 2),
            first=how.get("fast", True),
            rtol=1e-7,
        )
        for shape, a in (("tall", TALL), ("wide", WIDE))
        for name, how in (("", {}), ("_ridge", {"l2_regularizer": 0.5}), ("_slow", {"fast": False}))
    ),
    Case("lu_solve", by_lu("lu_solve"), near(array(3, 3)), array(3, 2)),
    Case("lu_reconstruct", by_lu("lu_reconstruct"), near(array(3, 3))),
    Case("lu_matrix_inverse", by_lu("lu_matrix_inverse"), near(array(3, 3))),
    Case(
        "solve_by_lu", lambda tf, x, y: tf.linalg.lu_solve(*tf.linalg.lu(x), y), near(array(3, 3)), array(3, 1), first=False
    ),
    Case("tridiagonal_solve", lambda tf, d, y: tf.linalg.tridiagonal_solve(d, y), BANDS, array(4, 2)),
    Case("tridiagonal_solve_vector", lambda tf, d, y: tf.linalg.tridiagonal_solve(d, y), BANDS, array(4)),
    Case(
        "tridiagonal_solve_transposed",
        lambda tf, d, y: tf.linalg.tridiagonal_solve(d, y, transpose_rhs=True),
        BANDS,
        array(2, 4),
    ),
    Case(
        "tridiagonal_solve_complex",
        lambda tf, d, y: tf.linalg.tridiagonal_solve(d, y, conjugate_rhs=True),
        BANDS + 1j * array(3, 4),
        complex_array(4, 1),
        first=False,
    ),
    Case(
        "tridiagonal_solve_matrix",
        lambda tf, d, y: tf.linalg.tridiagonal_solve(d, y, diagonals_format="matrix"),
        near(array(2, 3, 3)),
        array(2, 3, 1),
    ),
    Case(
        "tridiagonal_solve_sequence",
        lambda tf, a, b, c, y: tf.linalg.tridiagonal_solve((a, b, c), y, diagonals_format="sequence"),
        array(2),
        array(3) + 6.0,
        array(2),
        array(3),
    ),
    Case("tridiagonal_matmul", lambda tf, d, y: tf.linalg.tridiagonal_matmul(d, y), BANDS, array(4, 2)),
    Case(
        "tridiagonal_matmul_complex",
        lambda tf, d, y: tf.linalg.tridiagonal_matmul(d, y),
        BANDS + 1j * array(3, 4),
        complex_array(4, 2),
    ),
    Case(
        "tridiagonal_matmul_matrix",
        lambda tf, d, y: tf.linalg.tridiagonal_matmul(d, y, diagonals_format="matrix"),
        array(3, 3),
        array(3, 1),
    ),
]
