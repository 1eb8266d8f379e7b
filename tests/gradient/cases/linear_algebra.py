"""Inverses, determinants, linear systems and the Cholesky factor."""

import numpy as np

from tests.gradient.case import Case, array


def complex_array(*shape):
    return array(*shape) + 1j * array(*shape)


def near(x):
    """A matrix that is well away from a singular one."""
    return x + 4.0 * np.eye(x.shape[-1])


def positive(tf, x):
    """A Hermitian positive definite matrix, a smooth function of any matrix."""
    n = x.shape[-1]
    return tf.matmul(x, x, adjoint_b=True) + tf.cast(tf.eye(n), x.dtype)


MATRICES = {
    "real": near(array(3, 3)),
    "batch": near(array(2, 3, 3)),
    "complex": near(complex_array(2, 2)),
    "one": near(array(1, 1)),
    "empty": array(0, 0),
}
COLUMNS = {
    "real": array(3, 2),
    "batch": array(2, 3, 1),
    "complex": complex_array(2, 2),
    "one": array(1, 3),
}
SIDES = {"": False, "_adjoint": True}

CASES = [
    *(Case(f"inv_{k}", lambda tf, x: tf.linalg.inv(x), a) for k, a in MATRICES.items()),
    Case("inv_adjoint", lambda tf, x: tf.linalg.inv(x, adjoint=True), near(complex_array(2, 2))),
    # of a complex determinant TensorFlow's gradient lacks the conjugate
    *(Case(f"det_{k}", lambda tf, x: tf.linalg.det(x), a, first=k != "complex") for k, a in MATRICES.items()),
    *(Case(f"slogdet_{k}", lambda tf, x: tf.linalg.slogdet(x)[1], a) for k, a in MATRICES.items() if k != "complex"),
    Case("slogdet_complex", lambda tf, x: tf.math.real(tf.linalg.slogdet(x)[1]), MATRICES["complex"]),
    Case("slogdet_both", lambda tf, x: tf.linalg.slogdet(x), -MATRICES["real"]),
    Case("logdet", lambda tf, x: tf.linalg.logdet(positive(tf, x)), array(2, 3, 3)),
    *(
        Case(f"solve_{k}{side}", lambda tf, x, y, adjoint=adjoint: tf.linalg.solve(x, y, adjoint=adjoint), MATRICES[k], y)
        for k, y in COLUMNS.items()
        for side, adjoint in SIDES.items()
    ),
    *(
        Case(
            f"triangular_solve_{k}_{triangle}{side}",
            lambda tf, x, y, lower=triangle == "lower", adjoint=adjoint: tf.linalg.triangular_solve(
                x, y, lower=lower, adjoint=adjoint
            ),
            MATRICES[k],
            y,
        )
        for k, y in COLUMNS.items()
        for triangle in ("lower", "upper")
        for side, adjoint in SIDES.items()
    ),
    Case(
        "triangular_solve_broadcast",
        lambda tf, x, y: tf.linalg.triangular_solve(x, y),
        near(array(2, 2)),
        array(3, 2, 1),
    ),
    *(
        Case(
            f"banded_triangular_solve_{count}_{triangle}{side}",
            lambda tf, x, y, lower=triangle == "lower", adjoint=adjoint: tf.linalg.banded_triangular_solve(
                x, y, lower=lower, adjoint=adjoint
            ),
            array(count, 4, low=1.0),
            array(4, 2),
            first=count > 1,  # the shape of TensorFlow's gradient is not that of one band
        )
        for count in (1, 2, 3)
        for triangle in ("lower", "upper")
        for side, adjoint in SIDES.items()
    ),
    Case("cholesky", lambda tf, x: tf.linalg.cholesky(positive(tf, x)), array(3, 3)),
    Case("cholesky_batch", lambda tf, x: tf.linalg.cholesky(positive(tf, x)), array(2, 2, 2)),
    Case("cholesky_complex", lambda tf, x: tf.linalg.cholesky(positive(tf, x)), complex_array(2, 2)),
    # one triangle is read, and the gradient is spread over both: central differences see the one
    Case("cholesky_unsymmetric", lambda tf, x: tf.linalg.cholesky(x), near(array(3, 3)), numeric=False),
    Case("cholesky_empty", lambda tf, x: tf.linalg.cholesky(x), array(0, 0)),
    Case("cholesky_solve", lambda tf, x, y: tf.linalg.cholesky_solve(x, y), near(array(3, 3)), array(3, 2)),
    Case("cross", lambda tf, x, y: tf.linalg.cross(x, y), array(2, 3), array(2, 3)),
]
