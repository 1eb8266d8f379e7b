"""Transposes and bands of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import ACTIVE, SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, integers, invalid
from tapeflow.ops.arithmetic import negative
from tapeflow.ops.casting import cast
from tapeflow.ops.comparison import greater_equal, less, less_equal
from tapeflow.ops.logic import logical_and, logical_or
from tapeflow.ops.matrix_products import ADJOINT, TRANSPOSED, in_form
from tapeflow.ops.selection import where

__all__ = ["adjoint", "band_part", "matrix_transpose"]

# -- transposes -----------------------------------------------------------------------------------------

MATRIX_TRANSPOSE = Primitive(
    "MatrixTranspose",
    lambda x, *, form: in_form(x, form),
    (lambda dy, form: apply(MATRIX_TRANSPOSE, dy, form=form),),
    linear=True,
)


def transposed(x: Tensor, form: int = TRANSPOSED) -> Tensor:
    """A matrix, or a batch of them, in another form."""
    return apply(MATRIX_TRANSPOSE, x, form=form)


def matrix_transpose(a: TensorLike, name: str | None = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """Swaps the last two axes.

    Args:
        a: of shape [..., m, n].
        name: unused.
        conjugate: whether to conjugate as well.

    Raises:
        ValueError: `a` has fewer than two axes.

    >>> import tapeflow as tf
    >>> tf.linalg.matrix_transpose([[1, 2, 3], [4, 5, 6]]).numpy()
    array([[1, 4],
           [2, 5],
           [3, 6]], dtype=int32)
    """
    x = convert(a)
    if x._value.ndim < 2:
        raise ValueError(
            f"Argument `a` should be a (batch) matrix with rank >= 2.  Received `a` = {a} with shape: {x._value.shape}"
        )
    return transposed(x, ADJOINT if conjugate else TRANSPOSED)


def adjoint(matrix: TensorLike, name: str | None = None) -> Tensor:
    """The conjugate transpose of the last two axes.

    Args:
        matrix: of shape [..., m, n].
        name: unused.

    Raises:
        ValueError: `matrix` has fewer than two axes.

    >>> import tapeflow as tf
    >>> tf.linalg.adjoint(tf.constant([[1 + 2j, 3j]])).numpy()
    array([[1.-2.j],
           [0.-3.j]])
    """
    return matrix_transpose(matrix, conjugate=True)


# -- bands ----------------------------------------------------------------------------------------------


def _band_part(x, *, lower, upper):
    rows, columns = x.shape[-2:]
    above = np.arange(columns) - np.arange(rows)[:, np.newaxis]
    band = np.ones((rows, columns), bool)
    if lower >= 0:
        band &= above >= -lower
    if upper >= 0:
        band &= above <= upper
    return np.where(band, x, x.dtype.type(0))


BAND_PART = Primitive(
    "MatrixBandPart",
    _band_part,
    (lambda dy, lower, upper: apply(BAND_PART, dy, lower=lower, upper=upper),),
    linear=True,
)


def band_part(input: TensorLike, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """Copies a matrix and sets everything outside a band around the main diagonal to 0.

    Args:
        input: of shape [..., m, n].
        num_lower: how many diagonals below the main one to keep; negative: all.
        num_upper: how many above it; negative: all. (0, -1) leaves an upper triangle, (0, 0) a diagonal matrix.
        name: unused.

    Raises:
        InvalidArgumentError: a number exceeds the size of the matrix, is no integer, or the input is no matrix.

    >>> import tapeflow as tf
    >>> tf.linalg.band_part([[1, 2], [3, 4]], -1, 0).numpy()
    array([[1, 0],
           [3, 4]], dtype=int32)
    """
    x = checked_matrix(input, "MatrixBandPart")
    check_dtype(BAND_PART, x, "biufc")
    if ACTIVE and SymbolicTensor in (type(convert(num_lower)), type(convert(num_upper))):
        return _band_known_later(x, convert(num_lower), convert(num_upper))
    (lower,), (upper,) = (
        integers(num_lower, "num_lower", "MatrixBandPart"),
        integers(num_upper, "num_upper", "MatrixBandPart"),
    )
    for what, number, size, of in (("lower", lower, -2, "rows"), ("upper", upper, -1, "columns")):
        if number > x._value.shape[size]:
            raise invalid(
                "MatrixBandPart",
                f"num_{what} must be negative or less or equal to number of {of} ({x._value.shape[size]}) got: {number}",
            )
    return apply(BAND_PART, x, lower=max(lower, -1), upper=max(upper, -1))


def _band_known_later(x: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """The same where the numbers of diagonals are known only when the function runs."""
    rows, columns = x._value.shape[-2:]
    above = Tensor(np.arange(columns) - np.arange(rows)[:, np.newaxis])
    low, high = cast(lower, dtypes.int64), cast(upper, dtypes.int64)
    kept = logical_and(
        logical_or(less(low, 0), greater_equal(above, negative(low))), logical_or(less(high, 0), less_equal(above, high))
    )
    return where(kept, x, Tensor(x._value.dtype.type(0)))


def checked_matrix(value: TensorLike, operation: str) -> Tensor:
    """A matrix, or a batch of them; InvalidArgumentError for tensors of lower rank."""
    x = convert(value)
    if x._value.ndim < 2:
        raise invalid(operation, f"input must be at least 2-dim, received shape: {brackets(x._value)}")
    return x
