"""Norms of vectors and matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import Axis, normalized_axes
from tapeflow.ops.arithmetic import multiply
from tapeflow.ops.casting import cast
from tapeflow.ops.complex_numbers import real
from tapeflow.ops.division import realdiv
from tapeflow.ops.extremes import reduce_max
from tapeflow.ops.magnitude import abs
from tapeflow.ops.powers import pow
from tapeflow.ops.reduction import reduce_sum, spread

__all__ = ["norm", "normalize", "reduce_euclidean_norm"]

FLOAT32, FLOAT64 = np.dtype("float32"), np.dtype("float64")

# -- the Euclidean norm -----------------------------------------------------------------------------------


def _euclidean_norm(x, *, axis, keepdims):
    dtype = x.dtype
    if dtype.kind in "iu":
        x = x.astype(FLOAT64)
    elif dtype.itemsize == 2:
        x = x.astype(FLOAT32)
    squares = x.real**2 + x.imag**2 if dtype.kind == "c" else x * x
    return np.sqrt(np.add.reduce(squares, axis, squares.dtype, None, keepdims)).astype(dtype)


def _pull_euclidean_norm(
    dy: Tensor, x: Tensor, out: Tensor, x_shape: tuple[int, ...], x_dtype: np.dtype, axis: tuple[int, ...] | None
) -> Tensor:
    if x_dtype.kind == "c":
        dy = cast(real(dy), x_dtype)  # a norm is real, also where its dtype is complex
    return multiply(spread(dy, x_shape, axis), realdiv(x, spread(out, x_shape, axis)))


# A primitive for its rule: x/‖x‖ needs one operation where the root of a sum of squares needs four, and has no overflow in
# the derivative of the root. At 0 it is 0/0, NaN, as the derivative of the root is.
EUCLIDEAN_NORM = Primitive("EuclideanNorm", _euclidean_norm, (_pull_euclidean_norm,))


def reduce_euclidean_norm(
    input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None
) -> Tensor:
    """The root of the sum of squared magnitudes, over some or all axes.

    Args:
        input_tensor: numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Returns:
        A tensor of the same dtype; of integers the norm is rounded towards zero.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice, or the input does not hold numbers.

    >>> import tapeflow as tf
    >>> tf.math.reduce_euclidean_norm([[3.0, 4.0], [5.0, 12.0]], axis=1).numpy()
    array([ 5., 13.], dtype=float32)
    """
    x = convert(input_tensor)
    check_dtype(EUCLIDEAN_NORM, x, "iufc")
    axes = normalized_axes(axis, x._value.ndim, "EuclideanNorm")
    return apply(EUCLIDEAN_NORM, x, axis=axes, keepdims=bool(keepdims))


# -- norms of any order -----------------------------------------------------------------------------------

MATRIX_ORDERS = ("euclidean", "fro", 1, 2, np.inf)


def norm(
    tensor: TensorLike,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
) -> Tensor:
    """The norm of vectors or of matrices.

    Args:
        tensor: floating or complex numbers.
        ord: for vectors "euclidean" (or 2), 1, `np.inf`, or any positive p for (Σ|x|ᵖ)^(1/p); for matrices "euclidean" or
            "fro", 1 (the largest sum of a column), `np.inf` (of a row), or 2 (the largest singular value).
        axis: the axis of the vectors, or the two axes of the matrices; None takes the whole tensor as one vector.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Returns:
        The norms. The Euclidean norm of complex numbers is complex, the others are real.

    Raises:
        ValueError: `ord` or `axis` is not one of these.
        InvalidArgumentError: an axis is out of range, or the dtype is not floating or complex.

    >>> import tapeflow as tf
    >>> x = tf.constant([[3.0, 4.0], [6.0, 8.0]])
    >>> tf.norm(x, axis=1).numpy()
    array([ 5., 10.], dtype=float32)
    >>> tf.norm(x, ord=1, axis=(0, 1)).numpy()
    np.float32(12.0)
    """
    of_matrices = isinstance(axis, list | tuple)
    if of_matrices and (len(axis) != 2 or axis[0] == axis[1] or not all(isinstance(a, int | np.integer) for a in axis)):
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    if of_matrices and ord not in MATRIX_ORDERS:
        raise ValueError(f"'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, 2, inf], got {ord}")
    if not of_matrices and ord != "euclidean" and (isinstance(ord, str) or not ord > 0):
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")
    x, keepdims = convert(tensor), bool(keepdims)
    check_dtype(EUCLIDEAN_NORM, x, "fc")
    if ord in ("euclidean", "fro") or (ord == 2 and not of_matrices):
        return reduce_euclidean_norm(x, axis, keepdims)
    if of_matrices:
        return _matrix_norm(x, ord, tuple(axis), keepdims)
    size = abs(x)
    if ord == 1:
        return reduce_sum(size, axis, keepdims)
    if ord == np.inf:
        return reduce_max(size, axis, keepdims)
    return pow(reduce_sum(pow(size, ord), axis, keepdims), 1.0 / ord)


def _matrix_norm(x: Tensor, ord: Any, axis: tuple[int, int], keepdims: bool) -> Tensor:
    rows, columns = normalized_axes(axis, x._value.ndim, "Norm")
    if ord == 2:
        return _spectral_norm(x, (rows, columns), keepdims)
    summed, compared = (rows, columns) if ord == 1 else (columns, rows)
    sums = reduce_sum(abs(x), summed, True)
    return reduce_max(sums, (summed, compared), keepdims)


def _spectral_norm(x: Tensor, axis: tuple[int, int], keepdims: bool) -> Tensor:
    from tapeflow.ops.decompositions import svd
    from tapeflow.ops.shaping import expand_dims, transpose

    ndim = x._value.ndim
    if axis != (ndim - 2, ndim - 1):
        x = transpose(x, [*(i for i in range(ndim) if i not in axis), *axis])
    largest = reduce_max(svd(x, compute_uv=False), -1)
    if keepdims:
        for a in sorted(axis):
            largest = expand_dims(largest, a)
    return largest


def normalize(
    tensor: TensorLike, ord: Any = "euclidean", axis: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Divides by the norm.

    Args:
        tensor: floating or complex numbers.
        ord, axis: as in `tf.norm`.
        name: unused.

    Returns:
        The normalized tensor, and the norm with the reduced axes kept.

    Raises:
        ValueError: `ord` or `axis` is not one that `tf.norm` knows.

    >>> import tapeflow as tf
    >>> unit, length = tf.linalg.normalize([3.0, 4.0])
    >>> unit.numpy(), length.numpy()
    (array([0.6, 0.8], dtype=float32), array([5.], dtype=float32))
    """
    x = convert(tensor)
    length = norm(x, ord, axis, True)
    return realdiv(x, cast(length, x.dtype)), length
