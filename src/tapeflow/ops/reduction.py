"""Sums, means, products, log-sum-exps and truth over any axes."""

from __future__ import annotations

import math

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype, conj
from tapeflow.core.large_arrays import LARGE_RECIPES, by_rows
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import Axis, kept_shape, normalized_axes, reduced_shape, reduced_size, wrong_dtype
from tapeflow.ops.arithmetic import multiply, square, subtract
from tapeflow.ops.cumulative import cumprod
from tapeflow.ops.exponential import exp
from tapeflow.ops.magnitude import abs
from tapeflow.ops.powers import sqrt

__all__ = [
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_mean",
    "reduce_prod",
    "reduce_std",
    "reduce_sum",
    "reduce_variance",
]

BOOL, FLOAT32, INT64 = np.dtype("bool"), np.dtype("float32"), np.dtype("int64")

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


SUM = Primitive("Sum", _sum, (lambda dy, x_shape, axis: spread(dy, x_shape, axis),), linear=True, shape=reduced_shape)

SPREAD = Primitive(
    "SpreadSum",
    _spread,
    (lambda dy, x_shape, shape, axis: apply(SUM, dy, axis=axis, keepdims=len(x_shape) == len(shape)),),
    linear=True,
    shape=lambda x, *, shape, axis: shape,
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
    if dtype is FLOAT32:
        return np.add.reduce(x, axis, dtype, None, keepdims) / np.float32(n)
    if dtype.kind in "iu":
        total = np.add.reduce(x, axis, INT64, None, keepdims)
        return (np.sign(total) * (np.abs(total) // max(n, 1))).astype(dtype)  # towards zero, and 0 for no elements
    if dtype.itemsize == 2:
        return (np.add.reduce(x, axis, FLOAT32, None, keepdims) / FLOAT32.type(n)).astype(dtype)
    return np.add.reduce(x, axis, dtype, None, keepdims) / dtype.type(n)


def _spread_mean(x, *, shape, axis):
    n = math.prod(shape) if axis is None else reduced_size(shape, axis)
    return _spread(x / x.dtype.type(n), shape=shape, axis=axis)


MEAN = Primitive(
    "Mean",
    _mean,
    (lambda dy, x_shape, axis: apply(SPREAD_MEAN, dy, shape=x_shape, axis=axis),),
    linear=True,
    shape=reduced_shape,
)

SPREAD_MEAN: Primitive = Primitive(
    "SpreadMean",
    _spread_mean,
    (lambda dy, x_shape, shape, axis: apply(MEAN, dy, axis=axis, keepdims=len(x_shape) == len(shape)),),
    linear=True,
    shape=lambda x, *, shape, axis: shape,
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


# -- products -------------------------------------------------------------------------------------------


def _prod(x, *, axis, keepdims):
    if x.dtype.itemsize == 2 and x.dtype.kind in "fV":
        return np.multiply.reduce(x, axis, FLOAT32, None, keepdims).astype(x.dtype)
    return np.multiply.reduce(x, axis, x.dtype, None, keepdims)


def _pull_prod(dy: Tensor, x: Tensor, x_shape: tuple[int, ...], axis: tuple[int, ...] | None) -> Tensor:
    # The derivative for one factor is the product of the others: of those before it and those after it. Nothing is divided,
    # so that zeros do no harm.
    factors = apply(AXES_LAST, x, axis=axis)
    others = multiply(cumprod(factors, -1, exclusive=True), cumprod(factors, -1, exclusive=True, reverse=True))
    return multiply(spread(dy, x_shape, axis), conj(apply(AXES_BACK, others, shape=x_shape, axis=axis)))


PROD = Primitive("Prod", _prod, (_pull_prod,), shape=reduced_shape)


def _order(ndim: int, axis: tuple[int, ...] | None) -> tuple[int, ...]:
    reduced = tuple(range(ndim)) if axis is None else axis
    return (*(i for i in range(ndim) if i not in reduced), *reduced)


def _axes_last(x, *, axis):
    n = reduced_size(x.shape, axis)
    kept = tuple(size for i, size in enumerate(x.shape) if axis is not None and i not in axis)
    return np.transpose(x, _order(x.ndim, axis)).reshape(*kept, n)


def _axes_back(x, *, shape, axis):
    order = _order(len(shape), axis)
    return np.transpose(x.reshape([shape[i] for i in order]), np.argsort(order))


# Several axes gathered into one, the last; one primitive, so that a derivative does not pay for two.
AXES_LAST = Primitive(
    "AxesLast", _axes_last, (lambda dy, x_shape, axis: apply(AXES_BACK, dy, shape=x_shape, axis=axis),), linear=True
)
AXES_BACK = Primitive("AxesBack", _axes_back, (lambda dy, axis: apply(AXES_LAST, dy, axis=axis),), linear=True)


def reduce_prod(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The product over some or all axes. Its derivatives are right where factors are 0.

    Args:
        input_tensor: numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice, or the input does not hold numbers.

    >>> import tapeflow as tf
    >>> tf.reduce_prod([[1.0, 2.0], [3.0, 4.0]], axis=0).numpy()
    array([3., 8.], dtype=float32)
    """
    x = convert(input_tensor)
    check_dtype(PROD, x, "iufc")
    return apply(PROD, x, axis=normalized_axes(axis, x._value.ndim, "Prod"), keepdims=bool(keepdims))


# -- logarithms of sums -----------------------------------------------------------------------------------


def _logsumexp(x, *, axis, keepdims):
    dtype = x.dtype
    if x.size >= LARGE_RECIPES and axis == (x.ndim - 1,):
        found = by_rows("logsumexp", x.reshape(-1, x.shape[-1]))
        if found is not None:
            return found.reshape((*x.shape[:-1], 1) if keepdims else x.shape[:-1])
    wide = x.astype(FLOAT32) if dtype.itemsize == 2 else x
    highest = np.maximum.reduce(wide, axis, None, None, True, -np.inf)
    highest = np.where(np.isfinite(highest), highest, wide.dtype.type(0))  # an infinity must not meet itself in x - highest
    total = np.log(np.add.reduce(np.exp(wide - highest), axis, wide.dtype, None, True)) + highest
    if not keepdims:
        total = total.reshape(()) if axis is None else total.squeeze(axis)
    return total.astype(dtype, copy=False)


# The derivative is the softmax, exp(x - out): of no exponent above 0, whatever the size of x.
LOGSUMEXP = Primitive(
    "LogSumExp",
    _logsumexp,
    (lambda dy, x, out, x_shape, axis: multiply(spread(dy, x_shape, axis), exp(subtract(x, spread(out, x_shape, axis)))),),
    shape=reduced_shape,
)


def reduce_logsumexp(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """log Σ exp(x) over some or all axes, without overflow.

    Args:
        input_tensor: real numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice, or the input is not floating.

    >>> import tapeflow as tf
    >>> tf.reduce_logsumexp([1000.0, 1000.0]).numpy()
    np.float32(1000.6932)
    """
    x = convert(input_tensor)
    check_dtype(LOGSUMEXP, x, "f")
    return apply(LOGSUMEXP, x, axis=normalized_axes(axis, x._value.ndim, "LogSumExp"), keepdims=bool(keepdims))


# -- truth ------------------------------------------------------------------------------------------------


def _any(x, *, axis, keepdims):
    return np.logical_or.reduce(x, axis, keepdims=keepdims)


def _all(x, *, axis, keepdims):
    return np.logical_and.reduce(x, axis, keepdims=keepdims)


ANY, ALL = Primitive("Any", _any, shape=reduced_shape), Primitive("All", _all, shape=reduced_shape)


def reduce_any(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether any element is true, over some or all axes; False for no elements.

    Args:
        input_tensor: of dtype bool, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Raises:
        TypeError: the input is not bool.
        InvalidArgumentError: an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> tf.reduce_any([[True, False], [False, False]], axis=1).numpy()
    array([ True, False])
    """
    return _truth(ANY, input_tensor, axis, keepdims)


def reduce_all(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether all elements are true, over some or all axes; True for no elements.

    Args:
        input_tensor: of dtype bool, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Raises:
        TypeError: the input is not bool.
        InvalidArgumentError: an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> tf.reduce_all([[True, True], [True, False]], axis=1).numpy()
    array([ True, False])
    """
    return _truth(ALL, input_tensor, axis, keepdims)


def _truth(primitive: Primitive, value: TensorLike, axis: Axis, keepdims: bool) -> Tensor:
    x = convert(value, hint=BOOL)
    if x._value.dtype != BOOL:
        raise wrong_dtype(
            primitive.name, f"input was expected to be a bool tensor but is a {x.dtype.name} tensor; compare, or use tf.cast"
        )
    return apply(primitive, x, axis=normalized_axes(axis, x._value.ndim, primitive.name), keepdims=bool(keepdims))


# -- spread -----------------------------------------------------------------------------------------------


def reduce_variance(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The mean squared distance from the mean, over some or all axes; a real number for complex input too.

    Args:
        input_tensor: floating or complex numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Raises:
        TypeError: the input holds integers.
        InvalidArgumentError: an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> tf.math.reduce_variance([1.0, 2.0, 3.0, 6.0]).numpy()
    np.float32(3.5)
    """
    x = convert(input_tensor)
    kind = x._value.dtype.kind
    if kind not in "fVc":
        raise TypeError(f"Input must be either real or complex. Received integer type {x.dtype!s}.")
    distance = subtract(x, reduce_mean(x, axis, True))
    return reduce_mean(square(abs(distance) if kind == "c" else distance), axis, keepdims)


def reduce_std(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The standard deviation, the root of the variance, over some or all axes.

    Where all elements are equal its derivative is NaN.

    Args:
        input_tensor: floating or complex numbers, of any shape.
        axis: an axis or several; all of them by default. Negative ones count from the end.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Raises:
        TypeError: the input holds integers.
        InvalidArgumentError: an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> tf.math.reduce_std([1.0, 3.0]).numpy()
    np.float32(1.0)
    """
    return sqrt(reduce_variance(input_tensor, axis, keepdims))
