"""Triangular systems, and the Cholesky factor that leads to them."""

from __future__ import annotations

import numpy as np

from tapeflow.core.broadcasting import sum_to_shape
from tapeflow.core.convert import TensorLike
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add, multiply, subtract
from tapeflow.ops.complex_numbers import real
from tapeflow.ops.diagonals import DIAG, main_diagonal
from tapeflow.ops.exponential import log
from tapeflow.ops.linear_algebra import checked_system, matrices, pull_matrix
from tapeflow.ops.matrix_parts import BAND_PART, transposed
from tapeflow.ops.matrix_products import ADJOINT, AS_IS, SQUEEZE_LAST, product
from tapeflow.ops.reduction import reduce_sum

__all__ = ["banded_triangular_solve", "cholesky", "cholesky_solve", "logdet", "triangular_solve"]

# -- triangular systems -----------------------------------------------------------------------------------


def _triangular_solve(matrix, rhs, *, lower, adjoint):
    from scipy.linalg import get_blas_funcs

    batch = np.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
    out = np.empty((*batch, *rhs.shape[-2:]), rhs.dtype)
    if out.size:
        trsm = get_blas_funcs("trsm", dtype=rhs.dtype)
        matrix = np.broadcast_to(matrix, (*batch, *matrix.shape[-2:]))
        rhs = np.broadcast_to(rhs, out.shape)
        for index in np.ndindex(batch):
            out[index] = trsm(1.0, matrix[index], rhs[index], lower=lower, trans_a=2 if adjoint else 0)
    return out


def _pull_triangular(
    dy: Tensor, matrix: Tensor, out: Tensor, shapes: tuple, lower: bool, adjoint: bool
) -> tuple[Tensor, Tensor]:
    d_rhs = apply(TRIANGULAR_SOLVE, matrix, dy, lower=lower, adjoint=not adjoint)
    band = {"lower": -1, "upper": 0} if lower else {"lower": 0, "upper": -1}
    d_matrix = apply(BAND_PART, pull_matrix(d_rhs, out, adjoint), **band)
    return sum_to_shape(d_matrix, shapes[0]), sum_to_shape(d_rhs, shapes[1])


# A primitive of its own, because it reads one triangle only and takes n² operations where the general one takes n³.
TRIANGULAR_SOLVE = Primitive(
    "MatrixTriangularSolve",
    _triangular_solve,
    pullback=_pull_triangular,
    shape=lambda matrix, rhs, **_: (*np.broadcast_shapes(matrix[:-2], rhs[:-2]), *rhs[-2:]),
)


def triangular_solve(
    matrix: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """The solution X of matrix·X = rhs for a triangular matrix.

    Args:
        matrix: floating or complex, of shape [..., n, n]; only one of its triangles is read.
        rhs: of shape [..., n, k], of the same dtype; the leading axes broadcast.
        lower: whether it is the lower triangle.
        adjoint: whether to solve with the conjugate transpose of the matrix.
        name: unused.

    Returns:
        The solution; where a diagonal element is 0 it is not finite.

    Raises:
        InvalidArgumentError: shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.triangular_solve([[1.0, 7.0], [1.0, 2.0]], [[1.0], [3.0]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    a, b = checked_system(matrix, rhs, TRIANGULAR_SOLVE)
    return apply(TRIANGULAR_SOLVE, a, b, lower=bool(lower), adjoint=bool(adjoint))


def banded_triangular_solve(
    bands: TensorLike, rhs: TensorLike, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Tensor:
    """The solution X of A·X = rhs for a triangular matrix A that is given by its diagonals.

    Args:
        bands: the diagonals of A, the uppermost first, of shape [..., k, n]: the main diagonal and those below it (above it, if
            `lower` is False). Of shorter ones the first places are unused below the main diagonal, and the last above it.
        rhs: of shape [..., n, m], of the same dtype; the leading axes broadcast.
        lower: whether A is a lower triangle.
        adjoint: whether to solve with the conjugate transpose of A.
        name: unused.

    Raises:
        InvalidArgumentError: shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.banded_triangular_solve([[2.0, 4.0], [0.0, 1.0]], [[2.0], [5.0]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    x = matrices(bands, "BandedTriangularSolve")
    count, n = x._value.shape[-2:]
    k = (1 - count, 0) if lower else (0, count - 1)
    if count == 1:
        x, k = apply(SQUEEZE_LAST, transposed(x)), (0, 0)
    matrix = apply(DIAG, x, k=k, rows=n, columns=n, padding_value=0, align="LEFT_RIGHT")
    return triangular_solve(matrix, rhs, lower, adjoint)


# -- the Cholesky factor ----------------------------------------------------------------------------------


def _cholesky(x):
    try:
        return np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        out = np.empty_like(x)
        failed = np.tril(np.full(x.shape[-2:], np.nan, x.dtype))
        for index in np.ndindex(x.shape[:-2]):
            try:
                out[index] = np.linalg.cholesky(x[index])
            except np.linalg.LinAlgError:
                out[index] = failed
        return out


def _pull_cholesky(dy: Tensor, out: Tensor) -> Tensor:
    # A = L·Lᴴ gives dA = ½·L⁻ᴴ·(P + Pᴴ)·L⁻¹ with P = Φ(Lᴴ·dL), where Φ takes the lower triangle and half the diagonal
    # (Murray, "Differentiation of the Cholesky decomposition", 2016). The result is Hermitian, though one triangle was read.
    p = product(out, dy, ADJOINT, AS_IS)
    p = subtract(apply(BAND_PART, p, lower=-1, upper=0), multiply(0.5, apply(BAND_PART, p, lower=0, upper=0)))
    left = apply(TRIANGULAR_SOLVE, out, p, lower=True, adjoint=True)
    both = apply(TRIANGULAR_SOLVE, out, transposed(left, ADJOINT), lower=True, adjoint=True)
    return multiply(0.5, add(both, transposed(both, ADJOINT)))


CHOLESKY = Primitive("Cholesky", _cholesky, (_pull_cholesky,), shape=lambda input: input)


def cholesky(input: TensorLike, name: str | None = None) -> Tensor:
    """The lower triangular L with L·Lᴴ = input, for a Hermitian positive definite matrix.

    Args:
        input: floating or complex, of shape [..., n, n]; only its lower triangle is read.
        name: unused.

    Returns:
        L, of the same shape. For a matrix that is not positive definite its lower triangle is NaN.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.linalg.cholesky([[4.0, 2.0], [2.0, 5.0]]).numpy()
    array([[2., 0.],
           [1., 2.]], dtype=float32)
    """
    return apply(CHOLESKY, matrices(input, "Cholesky", True))


def cholesky_solve(chol: TensorLike, rhs: TensorLike, name: str | None = None) -> Tensor:
    """The solution X of A·X = rhs, given the Cholesky factor of A.

    Args:
        chol: the factor L, of shape [..., n, n], as `tf.linalg.cholesky` gives it.
        rhs: of shape [..., n, k], of the same dtype; the leading axes broadcast.
        name: unused.

    Raises:
        InvalidArgumentError: shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.cholesky_solve([[2.0, 0.0], [0.0, 1.0]], [[4.0], [3.0]]).numpy()
    array([[1.],
           [3.]], dtype=float32)
    """
    a, b = checked_system(chol, rhs, TRIANGULAR_SOLVE)
    half = apply(TRIANGULAR_SOLVE, a, b, lower=True, adjoint=False)
    return apply(TRIANGULAR_SOLVE, a, half, lower=True, adjoint=True)


def logdet(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the determinant of a positive definite matrix, by its Cholesky factor; NaN for other matrices.

    Args:
        matrix: floating or complex, Hermitian, of shape [..., n, n].
        name: unused.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.linalg.logdet([[1.0, 0.0], [0.0, 1.0]]).numpy()
    np.float32(0.0)
    """
    return multiply(2.0, reduce_sum(log(real(main_diagonal(cholesky(matrix)))), -1))
