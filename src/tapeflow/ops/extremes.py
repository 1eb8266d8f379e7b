"""Largest and smallest elements over any axes, where they stand, and how many elements are not zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import Axis, brackets, invalid, kept_shape, normalized_axes, reduced_shape
from tapeflow.ops.arithmetic import multiply
from tapeflow.ops.reduction import spread
from tapeflow.ops.shape_arguments import are_known_later

__all__ = ["argmax", "argmin", "count_nonzero", "reduce_max", "reduce_min"]

# -- extremes -------------------------------------------------------------------------------------------


def lowest(dtype: np.dtype) -> Any:
    """What is below every value of a dtype: the maximum of nothing."""
    return np.iinfo(dtype).min if dtype.kind in "iu" else dtype.type(-np.inf)


def highest(dtype: np.dtype) -> Any:
    """What is above every value of a dtype: the minimum of nothing."""
    return np.iinfo(dtype).max if dtype.kind in "iu" else dtype.type(np.inf)


def _max(x, *, axis, keepdims):
    if x.size:
        return np.maximum.reduce(x, axis, None, None, keepdims)
    return np.maximum.reduce(x, axis, None, None, keepdims, lowest(x.dtype))


def _min(x, *, axis, keepdims):
    if x.size:
        return np.minimum.reduce(x, axis, None, None, keepdims)
    return np.minimum.reduce(x, axis, None, None, keepdims, highest(x.dtype))


def _shares(x, extreme, *, axis):
    chosen = x == np.reshape(extreme, kept_shape(x.shape, axis))
    return (chosen / np.add.reduce(chosen, axis, x.dtype, None, True)).astype(x.dtype, copy=False)


# The part of each element in the derivative of an extreme: equal parts for those that attain it, a constant to every tape.
# One primitive, since nothing in it is differentiated.
SHARES = Primitive("ExtremeShares", _shares, shape=lambda x, extreme, *, axis: x)


def _pull_extreme(dy: Tensor, x: Tensor, out: Tensor, x_shape: tuple[int, ...], axis: tuple[int, ...] | None) -> Tensor:
    return multiply(spread(dy, x_shape, axis), apply(SHARES, x, out, axis=axis))


MAX = Primitive("Max", _max, (_pull_extreme,), shape=reduced_shape)
MIN = Primitive("Min", _min, (_pull_extreme,), shape=reduced_shape)


def reduce_max(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The largest element, over some or all axes; -inf, or the lowest integer, for no elements.

    Elements that attain the maximum together share its gradient equally.

    Args:
        input_tensor: real numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice, or the input does not hold real numbers.

    >>> import tapeflow as tf
    >>> tf.reduce_max([[1, 5], [4, 2]], axis=1).numpy()
    array([5, 4], dtype=int32)
    """
    return _extreme(MAX, input_tensor, axis, keepdims)


def reduce_min(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The smallest element, over some or all axes; inf, or the highest integer, for no elements.

    Elements that attain the minimum together share its gradient equally.

    Args:
        input_tensor: real numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice, or the input does not hold real numbers.

    >>> import tapeflow as tf
    >>> tf.reduce_min([[1, 5], [4, 2]], axis=1).numpy()
    array([1, 2], dtype=int32)
    """
    return _extreme(MIN, input_tensor, axis, keepdims)


def _extreme(primitive: Primitive, value: TensorLike, axis: Axis, keepdims: bool) -> Tensor:
    x = value if type(value) is Tensor else convert(value)
    check_dtype(primitive, x, "iuf")
    return apply(primitive, x, axis=normalized_axes(axis, x._value.ndim, primitive.name), keepdims=bool(keepdims))


# -- positions ------------------------------------------------------------------------------------------


def _argmax(x, *, axis, dtype):
    return _place(np.argmax, x, axis, -np.inf).astype(dtype)


def _argmin(x, *, axis, dtype):
    return _place(np.argmin, x, axis, np.inf).astype(dtype)


def _place(find: Any, x: np.ndarray, axis: int, instead: float) -> Any:
    """The place of an extreme; a NaN, which NumPy would choose before any number, is never one."""
    found = find(x, axis)
    if x.dtype.kind in "fV":
        chosen = np.take_along_axis(x, np.expand_dims(found, axis), axis)
        if np.isnan(chosen).any():
            return find(np.where(np.isnan(x), x.dtype.type(instead), x), axis)
    return found


ARGMAX, ARGMIN = Primitive("ArgMax", _argmax), Primitive("ArgMin", _argmin)


def argmax(input: TensorLike, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Tensor:
    """The index of the largest element along an axis; of the first, if several are largest.

    Args:
        input: real numbers or bools, of any shape but a scalar's.
        axis: the axis; by default the first.
        output_type: int16, uint16, int32 or int64.
        name: unused.

    Raises:
        TypeError: `axis` is not an integer.
        InvalidArgumentError: the axis is out of range or has no elements, or a dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.argmax([[1, 5, 5], [4, 2, 0]], axis=1).numpy()
    array([1, 0])
    """
    return _position(ARGMAX, input, axis, output_type, ("int16", "uint16", "int32", "int64"))


def argmin(input: TensorLike, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Tensor:
    """The index of the smallest element along an axis; of the first, if several are smallest.

    Args:
        input: real numbers or bools, of any shape but a scalar's.
        axis: the axis; by default the first.
        output_type: int32 or int64.
        name: unused.

    Raises:
        TypeError: `axis` is not an integer.
        InvalidArgumentError: the axis is out of range or has no elements, or a dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.argmin([[1, 5, 5], [4, 2, 0]], axis=1).numpy()
    array([0, 2])
    """
    return _position(ARGMIN, input, axis, output_type, ("int32", "int64"))


def _position(primitive: Primitive, value: TensorLike, axis: Any, output_type: Any, allowed: tuple[str, ...]) -> Tensor:
    x = convert(value)
    check_dtype(primitive, x, "biuf")
    dtype = dtypes.as_dtype(output_type)
    if dtype.name not in allowed:
        raise invalid(
            primitive.name,
            f"Value for attr 'output_type' of {dtype.name} is not in the list of allowed values: {', '.join(allowed)}",
        )
    ndim = x._value.ndim
    if type(axis) is SymbolicTensor and are_known_later(axis):
        from tapeflow.ops.axes_known_later import along

        return along(axis, ndim, _no_such_axis("{axis}", ndim), lambda a: _position(primitive, x, a, output_type, allowed))
    index = convert(0 if axis is None else axis)._value
    if index.ndim or index.dtype.kind not in "iu":
        raise TypeError("axis must be int or Tensor with integer datatype")
    if not -ndim <= index < ndim:
        raise invalid(primitive.name, _no_such_axis(index, ndim))
    index = int(index) % ndim
    others = (*x._value.shape[:index], *x._value.shape[index + 1 :])
    if not x._value.shape[index] and all(others):
        raise invalid(primitive.name, f"Reduction axis {index} is empty in shape {brackets(x._value)}")
    return apply(primitive, x, axis=index, dtype=dtype.numpy)


def _no_such_axis(axis: Any, ndim: int) -> str:
    return f"Expected dimension in the range [{-ndim}, {ndim}), but got {axis}"


# -- counting -------------------------------------------------------------------------------------------


def _count_nonzero(x, *, axis, keepdims, dtype):
    return np.add.reduce((x != b"") if x.dtype.kind == "O" else (x != 0), axis, np.int64, None, keepdims).astype(dtype)


COUNT_NONZERO = Primitive("CountNonzero", _count_nonzero)


def count_nonzero(
    input: TensorLike,
    axis: Axis = None,
    keepdims: bool | None = None,
    dtype: Any = dtypes.int64,
    name: str | None = None,
) -> Tensor:
    """How many elements are not zero (not False, not the empty string), over some or all axes.

    Args:
        input: of any dtype and shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        dtype: the dtype of the count.
        name: unused.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> tf.math.count_nonzero([[0, 1, 0], [1, 1, 0]], axis=1).numpy()
    array([1, 2])
    """
    x = convert(input)
    axes = normalized_axes(axis, x._value.ndim, "CountNonzero")
    return apply(COUNT_NONZERO, x, axis=axes, keepdims=bool(keepdims), dtype=dtypes.as_dtype(dtype).numpy)
