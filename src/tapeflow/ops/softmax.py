"""The softmax and its logarithm: primitives, because shifting by the maximum is what keeps them finite at ±1000."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.errors import AbortedError, InvalidArgumentError
from tapeflow.core.large_arrays import LARGE_ROWS, by_rows
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid
from tapeflow.ops.arithmetic import multiply, negative, subtract
from tapeflow.ops.exponential import exp
from tapeflow.ops.reduction import reduce_sum

__all__ = ["log_softmax", "softmax"]

FLOAT32 = np.dtype("float32")
FEW = 16  # columns of which the maximum is found faster down a transposed copy than along the rows

# -- rows ------------------------------------------------------------------------------------------------


def shifted(x: np.ndarray, axis: int) -> np.ndarray:
    """x less its maximum along an axis: exp of it cannot overflow. Half precision becomes float32."""
    if x.dtype.itemsize == 2:
        x = x.astype(FLOAT32)
    if not x.size:
        return x.copy()
    if x.ndim == 2 and axis == 1 and x.shape[1] <= FEW:
        return x - np.maximum.reduce(np.ascontiguousarray(x.T), 0)[:, np.newaxis]
    return x - np.maximum.reduce(x, axis, keepdims=True)


@lru_cache(maxsize=8)
def _column_of_ones(length: int, dtype: np.dtype) -> np.ndarray:
    return np.ones((length, 1), dtype)


def total(x: np.ndarray, axis: int) -> np.ndarray:
    """The sum along an axis, which stays; by BLAS where it can."""
    if x.ndim == 2 and axis == 1:
        return x.dot(_column_of_ones(x.shape[1], x.dtype))
    return np.add.reduce(x, axis, x.dtype, keepdims=True)


# -- softmax -----------------------------------------------------------------------------------------------


def by_last_axis(name: str, axis: int, *arrays: np.ndarray) -> np.ndarray | None:
    """A function of the rows of large arrays of one shape, by machine code; None where that does not serve them."""
    shape = arrays[0].shape
    if axis != len(shape) - 1 or arrays[0].size < LARGE_ROWS or any(x.shape != shape for x in arrays):
        return None
    found = by_rows(name, *[x.reshape(-1, shape[axis]) for x in arrays])
    return None if found is None else found.reshape(shape)


def _softmax(logits, *, axis):
    found = by_last_axis("softmax", axis, logits)
    if found is not None:
        return found
    y = shifted(logits, axis)
    np.exp(y, out=y)
    y /= total(y, axis)
    return y.astype(logits.dtype, copy=False)


def _softmax_slope(x, y, *, axis):
    found = by_last_axis("softmax_slope", axis, x, y)
    if found is not None:
        return found
    product = x * y
    s = total(product, axis)
    if product.dtype != x.dtype or product.shape != x.shape:
        return y * (x - s)
    np.subtract(x, s, out=product)
    product *= y
    return product


SOFTMAX = Primitive(
    "Softmax", _softmax, (lambda dy, out, axis: softmax_slope(dy, out, axis),), shape=lambda logits, *, axis: logits
)

# The Jacobian y_i (δ_ij - y_j) is symmetric, so the cotangent and its own cotangent go through it the same way.
SOFTMAX_SLOPE: Primitive = Primitive(
    "SoftmaxGrad",
    _softmax_slope,
    (
        lambda dy, y, axis: softmax_slope(dy, y, axis),
        lambda dy, x, y, axis: subtract(
            multiply(dy, subtract(x, reduce_sum(multiply(x, y), axis, keepdims=True))),
            multiply(x, reduce_sum(multiply(dy, y), axis, keepdims=True)),
        ),
    ),
    shape=lambda x, y, *, axis: x,
)


def softmax_slope(x: Tensor, y: Tensor, axis: int) -> Tensor:
    """y·(x - Σ x·y): the cotangent x of a softmax whose output is y."""
    return apply(SOFTMAX_SLOPE, x, y, axis=axis)


def softmax(logits: TensorLike, axis: Any = None, name: str | None = None) -> Tensor:
    """exp(x) / Σ exp(x) along an axis, for numbers of any size.

    Args:
        logits: floating-point numbers, of at least one axis.
        axis: the axis to normalize along; the last one by default.
        name: unused.

    Returns:
        A tensor of the same shape and dtype; its sums along the axis are 1.

    Raises:
        InvalidArgumentError: the axis is out of range, or the input does not hold floating-point numbers.
        AbortedError: the input is a scalar.

    >>> import tapeflow as tf
    >>> tf.nn.softmax([[0.0, 0.0], [1000.0, -1000.0]]).numpy()
    array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """
    x, axis = _checked(SOFTMAX, logits, axis)
    return apply(SOFTMAX, x, axis=axis)


# -- its logarithm -------------------------------------------------------------------------------------------


def _log_softmax(logits, *, axis):
    found = by_last_axis("log_softmax", axis, logits)
    if found is not None:
        return found
    y = shifted(logits, axis)
    y -= np.log(total(np.exp(y), axis))
    return y.astype(logits.dtype, copy=False)


def _log_softmax_slope(x, y, *, axis):
    found = by_last_axis("log_softmax_slope", axis, x, y)
    if found is not None:
        return found
    return x - np.exp(y) * total(x, axis)


LOG_SOFTMAX = Primitive(
    "LogSoftmax",
    _log_softmax,
    (lambda dy, out, axis: _slope_of_logarithm(dy, out, axis),),
    shape=lambda logits, *, axis: logits,
)

LOG_SOFTMAX_SLOPE: Primitive = Primitive(
    "LogSoftmaxGrad",
    _log_softmax_slope,
    (
        lambda dy, y, axis: subtract(dy, reduce_sum(multiply(dy, exp(y)), axis, keepdims=True)),
        lambda dy, x, y, axis: negative(multiply(multiply(dy, exp(y)), reduce_sum(x, axis, keepdims=True))),
    ),
    shape=lambda x, y, *, axis: x,
)


def _slope_of_logarithm(x: Tensor, y: Tensor, axis: int) -> Tensor:
    """x - exp(y)·Σ x: the cotangent x of a logarithm of a softmax whose output is y."""
    return apply(LOG_SOFTMAX_SLOPE, x, y, axis=axis)


def log_softmax(logits: TensorLike, axis: Any = None, name: str | None = None) -> Tensor:
    """x - log Σ exp(x) along an axis, for numbers of any size.

    Args:
        logits: floating-point numbers, of at least one axis.
        axis: the axis to normalize along; the last one by default.
        name: unused.

    Returns:
        A tensor of the same shape and dtype.

    Raises:
        InvalidArgumentError: the axis is out of range, or the input is a scalar or does not hold floating-point numbers.

    >>> import tapeflow as tf
    >>> tf.nn.log_softmax([[0.0, 0.0], [1000.0, -1000.0]]).numpy()
    array([[-6.931472e-01, -6.931472e-01],
           [ 0.000000e+00, -2.000000e+03]], dtype=float32)
    """
    x, axis = _checked(LOG_SOFTMAX, logits, axis)
    return apply(LOG_SOFTMAX, x, axis=axis)


def _checked(primitive: Primitive, logits: TensorLike, axis: Any) -> tuple[Tensor, int]:
    x = logits if type(logits) is Tensor else convert(logits)
    check_dtype(primitive, x, "f")
    ndim = x._value.ndim
    if not ndim:
        if primitive is SOFTMAX:
            raise AbortedError(None, None, "{{function_node Softmax}} Input dims must be >=1, got a scalar")
        raise invalid(primitive.name, "logits must have >= 1 dimension, got []")
    axis = -1 if axis is None else int(axis)
    if not -ndim <= axis < ndim:
        raise InvalidArgumentError(
            None,
            None,
            f"`dim` must be in the range [{-ndim}, {ndim}) where {ndim} is the number of dimensions in the input. "
            f"Received: dim={axis}",
        )
    return x, axis % ndim
