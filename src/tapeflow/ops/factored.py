"""What is done with an LU factorization: solving, inverting, and putting the matrix together again."""

from __future__ import annotations

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.decompositions import PERMUTE_ROWS, unit_lower, upper_triangle
from tapeflow.ops.linear_algebra import matrices
from tapeflow.ops.matrix_products import matmul
from tapeflow.ops.triangular import TRIANGULAR_SOLVE

__all__ = ["lu_matrix_inverse", "lu_reconstruct", "lu_solve"]


def _factors(lower_upper: TensorLike, perm: TensorLike) -> tuple[Tensor, Tensor]:
    packed, p = convert(lower_upper), convert(perm)
    if packed._value.ndim < 2:
        raise ValueError(f"Input `lower_upper` must have at least 2 dimensions. Received: shape {brackets(packed._value)}")
    if not p._value.ndim:
        raise ValueError("Input `perm` must have at least 1 dimension. Received: shape []")
    packed = matrices(packed, "Lu", True)
    n = packed._value.shape[-1]
    if p._value.dtype.kind not in "iu" or p._value.shape[-1] != n:
        raise ValueError(
            f"Input `perm` must hold {n} integers for each matrix, as tf.linalg.lu gives them. Received: {p.dtype.name} of "
            f"shape {brackets(p._value)}"
        )
    if type(p) is Tensor and not (np.sort(p._value, -1) == np.arange(n)).all():
        raise invalid("InvertPermutation", f"`perm` is not a permutation of 0 to {n - 1}")
    return packed, p


def lu_reconstruct(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The matrix that an LU factorization belongs to.

    Args:
        lower_upper, perm: the packed factors and the permutation, as `tf.linalg.lu` gives them.
        validate_args: accepted; the arguments are checked in either case.
        name: unused.

    Raises:
        ValueError: they have too few axes, or do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.lu_reconstruct(*tf.linalg.lu([[1.0, 2.0], [4.0, 4.0]])).numpy()
    array([[1., 2.],
           [4., 4.]], dtype=float32)
    """
    packed, p = _factors(lower_upper, perm)
    return apply(PERMUTE_ROWS, matmul(unit_lower(packed), upper_triangle(packed)), p, inverse=True)


def lu_solve(
    lower_upper: TensorLike,
    perm: TensorLike,
    rhs: TensorLike,
    validate_args: bool = False,
    name: str | None = None,
) -> Tensor:
    """The solution X of A·X = rhs, given the LU factorization of A.

    Args:
        lower_upper, perm: the packed factors and the permutation, as `tf.linalg.lu` gives them.
        rhs: of shape [..., n, k], of the same dtype; the leading axes broadcast.
        validate_args: accepted; the arguments are checked in either case.
        name: unused.

    Raises:
        ValueError: they have too few axes, or do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.lu_solve(*tf.linalg.lu([[0.0, 2.0], [4.0, 0.0]]), [[2.0], [4.0]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    packed, p = _factors(lower_upper, perm)
    b = convert(rhs, hint=packed._value.dtype)
    if b._value.ndim < 2:
        raise ValueError("Input `rhs` must have at least 2 dimensions.")
    if b._value.shape[-2] != packed._value.shape[-1] or b._value.dtype != packed._value.dtype:
        raise ValueError(
            f"Input `rhs` does not fit: it is {b.dtype.name}{brackets(b._value)}, and the factors are "
            f"{packed.dtype.name}{brackets(packed._value)}"
        )
    half = apply(TRIANGULAR_SOLVE, unit_lower(packed), apply(PERMUTE_ROWS, b, p, inverse=False), lower=True, adjoint=False)
    return apply(TRIANGULAR_SOLVE, packed, half, lower=False, adjoint=False)


def lu_matrix_inverse(
    lower_upper: TensorLike, perm: TensorLike, validate_args: bool = False, name: str | None = None
) -> Tensor:
    """The inverse of a matrix, given its LU factorization.

    Args:
        lower_upper, perm: the packed factors and the permutation, as `tf.linalg.lu` gives them.
        validate_args: accepted; the arguments are checked in either case.
        name: unused.

    Raises:
        ValueError: they have too few axes, or do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.lu_matrix_inverse(*tf.linalg.lu([[0.0, 2.0], [4.0, 0.0]])).numpy()
    array([[0.  , 0.25],
           [0.5 , 0.  ]], dtype=float32)
    """
    packed, _ = _factors(lower_upper, perm)
    n = packed._value.shape[-1]
    return lu_solve(packed, perm, Tensor(np.eye(n, dtype=packed._value.dtype)))
