"""Inverses, determinants and the solution of linear systems, for batches of square matrices.

The rules are those of Giles, "Collected matrix derivative results for forward and reverse mode AD" (2008), with adjoints in
place of transposes: for complex matrices the cotangent of X is dL/dRe X + i·dL/dIm X.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes, conj
from tapeflow.core.errors import FailedPreconditionError
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid, wrong_dtype
from tapeflow.ops.arithmetic import multiply, negative
from tapeflow.ops.matrix_parts import transposed
from tapeflow.ops.matrix_products import ADJOINT, AS_IS, in_form, product

__all__ = [
    "LogMatrixDeterminant",
    "cross",
    "det",
    "inv",
    "slogdet",
    "solve",
]

# -- what all of them ask -------------------------------------------------------------------------------

LAPACK_DTYPES = {np.dtype(name) for name in ("float32", "float64", "complex64", "complex128")}


def matrices(value: TensorLike, operation: str, square: bool = False) -> Tensor:
    """A matrix, or a batch of them, of a dtype that LAPACK computes in.

    Raises:
        InvalidArgumentError: it is none, or not square where that is asked.
    """
    x = convert(value)
    if x._value.dtype not in LAPACK_DTYPES:
        raise wrong_dtype(
            operation,
            f"Value for attr 'T' of {x.dtype.name} is not in the list of allowed values: float32, float64, complex64, "
            "complex128; convert the matrix with tf.cast",
        )
    if x._value.ndim < 2:
        raise invalid(operation, f"Input tensor 0 must have rank >= 2, got {x._value.ndim}: shape {brackets(x._value)}")
    if square and x._value.shape[-1] != x._value.shape[-2]:
        raise invalid(operation, f"Input matrix must be square, and its shape is {brackets(x._value)}.")
    return x


def scaled(factor: Tensor, matrix: Tensor) -> Tensor:
    """Each matrix of a batch times its own number."""
    return multiply(apply(AS_MATRIX, factor), matrix)


AS_MATRIX = Primitive(
    "ScalarAsMatrix", lambda x: np.asarray(x)[..., np.newaxis, np.newaxis], (lambda dy: apply(FROM_MATRIX, dy),), linear=True
)
FROM_MATRIX: Primitive = Primitive(
    "ScalarFromMatrix", lambda x: x[..., 0, 0], (lambda dy: apply(AS_MATRIX, dy),), linear=True
)

# -- the inverse ----------------------------------------------------------------------------------------


def _inv(x):
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        raise ValueError("Input is not invertible.") from None


# Y = A⁻¹: dY = -Y·dA·Y.
INV = Primitive(
    "MatrixInverse",
    _inv,
    (lambda dy, out: negative(product(product(out, dy, ADJOINT, AS_IS), out, AS_IS, ADJOINT)),),
    shape=lambda x: x,
)


def inv(input: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The inverse of a matrix, or of each one of a batch.

    Args:
        input: floating or complex, of shape [..., n, n].
        adjoint: whether to return the conjugate transpose of the inverse.
        name: unused.

    Raises:
        InvalidArgumentError: the matrix is not invertible or not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.linalg.inv([[2.0, 0.0], [0.0, 4.0]]).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    inverse = apply(INV, matrices(input, "MatrixInverse", True))
    return transposed(inverse, ADJOINT) if adjoint else inverse


# -- determinants ---------------------------------------------------------------------------------------


def _det(x):
    return np.linalg.det(x)


def _slogdet(x):
    sign, logarithm = np.linalg.slogdet(x)
    return sign, np.asarray(logarithm).astype(x.dtype, copy=False)


# d det A = det A · tr(A⁻¹·dA).
DET = Primitive(
    "MatrixDeterminant",
    _det,
    (lambda dy, x, out: scaled(multiply(dy, conj(out)), transposed(apply(INV, x), ADJOINT)),),
)

# The sign is constant wherever it has a derivative.
SLOGDET = Primitive("LogMatrixDeterminant", _slogdet, (lambda dy, x: scaled(dy[1], transposed(apply(INV, x), ADJOINT)),))


class LogMatrixDeterminant(NamedTuple):
    """What `tf.linalg.slogdet` returns."""

    sign: Tensor
    log_abs_determinant: Tensor


def det(input: TensorLike, name: str | None = None) -> Tensor:
    """The determinant of a matrix, or of each one of a batch.

    Args:
        input: floating or complex, of shape [..., n, n].
        name: unused.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed; or, when the gradient is asked for, the
            matrix is not invertible.

    >>> import tapeflow as tf
    >>> tf.linalg.det([[2.0, 1.0], [0.0, 4.0]]).numpy()
    np.float32(8.0)
    """
    return apply(DET, matrices(input, "MatrixDeterminant", True))


def slogdet(input: TensorLike, name: str | None = None) -> LogMatrixDeterminant:
    """The sign of the determinant and the logarithm of its magnitude, for determinants that would overflow.

    Args:
        input: floating or complex, of shape [..., n, n].
        name: unused.

    Returns:
        A named tuple (sign, log_abs_determinant). A singular matrix has sign 0 and -inf.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.linalg.slogdet([[0.0, 1.0], [1.0, 0.0]]).sign.numpy()
    np.float32(-1.0)
    """
    return LogMatrixDeterminant(*apply(SLOGDET, matrices(input, "LogMatrixDeterminant", True)))


# -- linear systems -------------------------------------------------------------------------------------


def _solve(matrix, rhs, *, adjoint):
    try:
        return np.linalg.solve(in_form(matrix, ADJOINT) if adjoint else matrix, rhs)
    except np.linalg.LinAlgError:
        raise ValueError("Input matrix is not invertible.") from None


def pull_matrix(d_rhs: Tensor, out: Tensor, adjoint: bool) -> Tensor:
    """The cotangent of A in A·X = B, or in Aᴴ·X = B, given that of B."""
    return negative(product(out, d_rhs, AS_IS, ADJOINT) if adjoint else product(d_rhs, out, AS_IS, ADJOINT))


def _pull_solve(dy: Tensor, matrix: Tensor, out: Tensor, adjoint: bool) -> tuple[Tensor, Tensor]:
    d_rhs = apply(SOLVE, matrix, dy, adjoint=not adjoint)
    return pull_matrix(d_rhs, out, adjoint), d_rhs


SOLVE = Primitive(
    "MatrixSolve",
    _solve,
    pullback=_pull_solve,
    shape=lambda matrix, rhs, **_: (*np.broadcast_shapes(matrix[:-2], rhs[:-2]), *rhs[-2:]),
)


def solve(matrix: TensorLike, rhs: TensorLike, adjoint: bool = False, name: str | None = None) -> Tensor:
    """The solution X of matrix·X = rhs.

    Args:
        matrix: floating or complex, of shape [..., n, n].
        rhs: of shape [..., n, k], with the same leading axes and the same dtype.
        adjoint: whether to solve with the conjugate transpose of the matrix.
        name: unused.

    Raises:
        InvalidArgumentError: the matrix is not invertible, or shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]]).numpy()
    array([[1. ],
           [0.5]], dtype=float32)
    """
    a, b = checked_system(matrix, rhs, SOLVE)
    if a._value.ndim != b._value.ndim or a._value.shape[:-2] != b._value.shape[:-2]:
        raise invalid(
            "MatrixSolve",
            "All input tensors must have the same rank and the same leading dimensions: "
            f"matrix {brackets(a._value)}, rhs {brackets(b._value)}",
        )
    return apply(SOLVE, a, b, adjoint=bool(adjoint))


def checked_system(matrix: TensorLike, rhs: TensorLike, primitive: Primitive) -> tuple[Tensor, Tensor]:
    """The matrix and the right-hand side of a linear system, if they fit; InvalidArgumentError if not."""
    operation = primitive.name
    a, b = convert_operands(matrix, rhs)
    a = matrices(a, operation)
    check_dtypes(primitive, a, b, "fc")
    rows, columns = a._value.shape[-2:]
    if rows != columns:
        raise invalid(
            operation, f"In[0] matrices in the last dimensions must be square ({columns} =/= {rows}): {brackets(a._value)}"
        )
    if b._value.ndim < 2:
        raise invalid(
            operation,
            f"In[1] ndims must be >= 2: {b._value.ndim}; All input tensors must have the same rank: matrix "
            f"{brackets(a._value)}, rhs {brackets(b._value)}. A vector is a column: add an axis with tf.newaxis",
        )
    if b._value.shape[-2] != rows:
        raise invalid(
            operation,
            f"Input matrix and rhs are incompatible. In[0] mismatch In[1] shape: {rows} vs. {b._value.shape[-2]}: "
            f"{brackets(a._value)} {brackets(b._value)}",
        )
    return a, b


# -- the cross product ----------------------------------------------------------------------------------


def _cross(a, b):
    a0, a1, a2 = (a[..., i] for i in range(3))
    b0, b1, b2 = (b[..., i] for i in range(3))
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], -1)


CROSS = Primitive("Cross", _cross, (lambda dy, b: apply(CROSS, b, dy), lambda dy, a: apply(CROSS, dy, a)))


def cross(a: TensorLike, b: TensorLike, name: str | None = None) -> Tensor:
    """The cross product of vectors of three elements.

    Args:
        a, b: real numbers, of one shape [..., 3] and one dtype.
        name: unused.

    Raises:
        FailedPreconditionError: the last axis does not have three elements.
        InvalidArgumentError: shapes or dtypes differ.

    >>> import tapeflow as tf
    >>> tf.linalg.cross([1, 0, 0], [0, 1, 0]).numpy()
    array([0, 0, 1], dtype=int32)
    """
    x, y = convert_operands(a, b)
    check_dtypes(CROSS, x, y, "iuf")
    shape = x._value.shape
    if shape != y._value.shape:
        raise invalid("Cross", f"Both inputs must be of same shape: {brackets(x._value)} vs. {brackets(y._value)}")
    if not shape or shape[-1] != 3:
        raise FailedPreconditionError(
            None,
            None,
            f"Cross-products are only defined for 3-element vectors, and the shape is {brackets(x._value)}. [Op:Cross]",
        )
    return apply(CROSS, x, y)
