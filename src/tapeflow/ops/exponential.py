"""Exponentials, logarithms and the logistic family."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import binary, conj, unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add, multiply, negative, subtract
from tapeflow.ops.division import is_nonzero, realdiv, xdivy, zero_where

__all__ = ["exp", "expm1", "log", "log1p", "log_sigmoid", "sigmoid", "softplus", "xlog1py", "xlogy"]

# -- exponentials and logarithms ---------------------------------------------------------------------


@unary("Exp", np.exp, vjp=lambda dy, out: multiply(dy, conj(out)), large="exp")
def exp(x: TensorLike, name: str | None = None) -> Tensor:
    """e to the power x, elementwise.

    >>> import tapeflow as tf
    >>> tf.exp([0.0, 1.0]).numpy().round(3)
    array([1.   , 2.718], dtype=float32)
    """


# exp(x), not out + 1: where x is very negative nothing of the derivative would be left in it.
@unary("Expm1", np.expm1, derivative=lambda x: exp(x), large="expm1")
def expm1(x: TensorLike, name: str | None = None) -> Tensor:
    """exp(x) - 1, elementwise, exact for small x.

    >>> import tapeflow as tf
    >>> tf.math.expm1([0.0, 1.0]).numpy().round(3)
    array([0.   , 1.718], dtype=float32)
    """


@unary("Log", np.log, vjp=lambda dy, x: realdiv(dy, conj(x)), large="log")
def log(x: TensorLike, name: str | None = None) -> Tensor:
    """The natural logarithm, elementwise: -inf at 0, NaN for negative numbers.

    >>> import tapeflow as tf
    >>> tf.math.log([1.0, 2.0]).numpy().round(3)
    array([0.   , 0.693], dtype=float32)
    """


@unary("Log1p", np.log1p, vjp=lambda dy, x: realdiv(dy, conj(add(x, 1))), large="log1p")
def log1p(x: TensorLike, name: str | None = None) -> Tensor:
    """log(1 + x), elementwise, exact for small x.

    >>> import tapeflow as tf
    >>> tf.math.log1p([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.693], dtype=float32)
    """


@binary(
    "Xlogy",
    lambda x, y: zero_where(x == 0, x * np.log(y)),
    (
        lambda dy, x, y: multiply(dy, conj(xlogy(is_nonzero(x), y))),
        lambda dy, x, y: multiply(dy, conj(xdivy(x, y))),
    ),
    accepts="fc",
)
def xlogy(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x·log(y), elementwise, and 0 where x is 0, whatever y is.

    >>> import tapeflow as tf
    >>> tf.math.xlogy([0.0, 2.0], [0.0, 1.0]).numpy()
    array([0., 0.], dtype=float32)
    """


@binary(
    "Xlog1py",
    lambda x, y: zero_where(x == 0, x * np.log1p(y)),
    (
        lambda dy, x, y: multiply(dy, conj(xlog1py(is_nonzero(x), y))),
        lambda dy, x, y: multiply(dy, conj(xdivy(x, add(y, 1)))),
    ),
    accepts="fc",
)
def xlog1py(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x·log(1 + y), elementwise, and 0 where x is 0, whatever y is.

    >>> import tapeflow as tf
    >>> tf.math.xlog1py([0.0, 2.0], [-1.0, 0.0]).numpy()
    array([0., 0.], dtype=float32)
    """


# -- the logistic family -------------------------------------------------------------------------------


def _sigmoid(x: Any) -> Any:
    if x.dtype.itemsize == 2:  # exp overflows long before the sigmoid is 0 in half precision
        return _sigmoid(x.astype(np.float32)).astype(x.dtype)
    if not x.ndim:
        return 1 / (1 + np.exp(-x))
    y = np.exp(-x)
    y += 1
    return np.divide(1, y, out=y)


def _sigmoid_slope(x: Any, y: Any) -> Any:
    if not x.ndim:
        return (1 - x) * x * y
    slope = 1 - x
    slope *= x
    slope *= y
    return slope


# The derivative is a primitive itself, as in TensorFlow: one kernel and one note on the tape in place of three.
@binary(
    "SigmoidGrad",
    _sigmoid_slope,
    (
        lambda dy, x, y: multiply(dy, conj(multiply(y, subtract(1, add(x, x))))),
        lambda dy, x: sigmoid_slope(conj(x), dy),
    ),
    accepts="fc",
    large="sigmoid_slope",
)
def sigmoid_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """y·x·(1 - x), where x is a sigmoid and y its cotangent."""


@unary("Sigmoid", _sigmoid, vjp=lambda dy, out: sigmoid_slope(conj(out), dy), large="sigmoid")
def sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """1 / (1 + exp(-x)), elementwise.

    >>> import tapeflow as tf
    >>> tf.sigmoid([-1000.0, 0.0, 1000.0]).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """


def _softplus(x: Any) -> Any:
    if not x.ndim:
        return x + np.log1p(np.exp(-x)) if x > 0 else np.log1p(np.exp(x))
    y = np.abs(x)
    np.negative(y, out=y)
    np.exp(y, out=y)
    np.log1p(y, out=y)
    y += np.maximum(x, 0)
    return y


@unary("Softplus", _softplus, vjp=lambda dy, x: multiply(dy, sigmoid(x)), accepts="f", large="softplus")
def _softplus_of(x: TensorLike, name: str | None = None) -> Tensor: ...


def softplus(features: TensorLike, name: str | None = None) -> Tensor:
    """log(1 + exp(x)), elementwise, without overflow.

    >>> import tapeflow as tf
    >>> tf.math.softplus([-1000.0, 0.0, 1000.0]).numpy().round(3)
    array([0.00e+00, 6.93e-01, 1.00e+03], dtype=float32)
    """
    return _softplus_of(features)


def log_sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """log(sigmoid(x)) = -softplus(-x), elementwise, without overflow.

    >>> import tapeflow as tf
    >>> tf.math.log_sigmoid([-1000.0, 0.0]).numpy().round(3)
    array([-1.00e+03, -6.93e-01], dtype=float32)
    """
    return negative(softplus(negative(x)))
