"""Reductions to sums, means, products and extremes over any axes."""

from __future__ import annotations

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import Axis, kept_shape, normalized_axes, reduced_size

__all__ = ["reduce_mean", "reduce_sum"]

FLOAT32, INT64 = np.dtype("float32"), np.dtype("int64")

# -- sums -----------------------------------------------------------------------------------------------


def _sum(x, *, axis, keepdims):
    dtype = x.dtype
    if dtype.itemsize == 2 and dtype.kind in "fV":
        return np.add.reduce(x, axis, FLOAT32, None, keepdims).astype(dtype)  # accumulates in float32
    return np.add.reduce(x, axis, dtype, None, True) if keepdims else np.add.reduce(x, axis, dtype)


def _spread(x, *, shape, axis):
    """The transpose of a sum: x repeated along the summed axes. The result is a view with strides of 0 along these."""
    if axis is None and x.dtype.kind != "V":
        return np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))  # what broadcast_to does, in a sixth of its time
    return np.broadcast_to(x.reshape(kept_shape(shape, axis)), shape)


SUM = Primitive("Sum", _sum, (lambda dy, x_shape, axis: spread(dy, x_shape, axis),), linear=True)

SPREAD = Primitive(
    "SpreadSum",
    _spread,
    (lambda dy, x_shape, shape, axis: apply(SUM, dy, axis=axis, keepdims=len(x_shape) == len(shape)),),
    linear=True,
)


def spread(x: Tensor, shape: tuple[int, ...], axis: tuple[int, ...] | None) -> Tensor:
    """Repeats the result of a reduction along the reduced axes, so that it has the shape of what was reduced."""
    return apply(SPREAD, x, shape=shape, axis=axis)


def reduce_sum(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The sum over some or all axes.

    Args:
        input_tensor: numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the summed axes stay, with size 1.
        name: unused.

    Returns:
        A tensor of the same dtype. float16 and bfloat16 are summed in float32, integers wrap around.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice, or the input does not hold numbers.

    >>> import tapeflow as tf
    >>> x = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> tf.reduce_sum(x).numpy()
    np.float32(21.0)
    >>> tf.reduce_sum(x, axis=0).numpy()
    array([5., 7., 9.], dtype=float32)
    >>> tf.reduce_sum(x, axis=-1, keepdims=True).shape
    TensorShape([2, 1])
    """
    x = input_tensor if type(input_tensor) is Tensor else convert(input_tensor)
    value = x._value
    if value.dtype is not FLOAT32:
        check_dtype(SUM, x, "iufc")
    if axis is not None:
        axis = normalized_axes(axis, value.ndim, "Sum")
    return apply(SUM, x, axis=axis, keepdims=bool(keepdims))


# -- means ----------------------------------------------------------------------------------------------


def _mean(x, *, axis, keepdims):
    dtype = x.dtype
    n = x.size if axis is None else reduced_size(x.shape, axis)
    if dtype.kind in "iu":
        total = np.add.reduce(x, axis, INT64, None, keepdims)
        return (np.sign(total) * (np.abs(total) // max(n, 1))).astype(dtype)  # towards zero, and 0 for no elements
    if dtype.itemsize == 2:
        return (np.add.reduce(x, axis, FLOAT32, None, keepdims) / FLOAT32.type(n)).astype(dtype)
    return np.add.reduce(x, axis, dtype, None, keepdims) / dtype.type(n)


def _spread_mean(x, *, shape, axis):
    return _spread(x / x.dtype.type(reduced_size(shape, axis)), shape=shape, axis=axis)


MEAN = Primitive("Mean", _mean, (lambda dy, x_shape, axis: apply(SPREAD_MEAN, dy, shape=x_shape, axis=axis),), linear=True)

SPREAD_MEAN: Primitive = Primitive(
    "SpreadMean",
    _spread_mean,
    (lambda dy, x_shape, shape, axis: apply(MEAN, dy, axis=axis, keepdims=len(x_shape) == len(shape)),),
    linear=True,
)


def reduce_mean(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The mean over some or all axes.

    Args:
        input_tensor: numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Returns:
        A tensor of the same dtype: the mean of integers is rounded towards zero. The mean of nothing is NaN.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice, or the input does not hold numbers.

    >>> import tapeflow as tf
    >>> x = tf.constant([[1.0, 2.0], [3.0, 5.0]])
    >>> tf.reduce_mean(x).numpy()
    np.float32(2.75)
    >>> tf.reduce_mean(x, axis=1).numpy()
    array([1.5, 4. ], dtype=float32)
    >>> tf.reduce_mean([1, 2, 4]).numpy()
    np.int32(2)
    """
    x = input_tensor if type(input_tensor) is Tensor else convert(input_tensor)
    value = x._value
    if value.dtype is not FLOAT32:
        check_dtype(MEAN, x, "iufc")
    if axis is not None:
        axis = normalized_axes(axis, value.ndim, "Mean")
    return apply(MEAN, x, axis=axis, keepdims=bool(keepdims))
