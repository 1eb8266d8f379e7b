"""Powers, roots and reciprocals.

The derivatives of the root functions are primitives themselves (TensorFlow's SqrtGrad and its like): one kernel and one note
on the tape in place of three. Their first operand is the output of the root, the second one its cotangent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.broadcasting import sum_to_shape
from tapeflow.core.convert import TensorLike
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import binary, conj, in_single, unary
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add, multiply, negative, subtract
from tapeflow.ops.comparison import greater, not_equal
from tapeflow.ops.division import realdiv
from tapeflow.ops.exponential import log
from tapeflow.ops.selection import where

__all__ = ["pow", "reciprocal", "rsqrt", "sqrt"]

# -- powers ------------------------------------------------------------------------------------------


def _power(x: Any, y: Any) -> Any:
    if y.ndim:
        return x**y
    # One exponent for all: what most programs write, at a fraction of the cost of the general power.
    if y == 2:
        return x * x
    if y.dtype.kind not in "fV":
        return x**y
    if y == 1:
        return x
    if y == -1:
        return 1 / x
    if x.ndim:
        if y == 3 and x.dtype.itemsize > 2:
            return x * x * x
        if y == 0.5:
            return _root(x)
    return x**y


def _root(x: np.ndarray) -> np.ndarray:
    """x^(1/2) as IEEE 754 defines powers: it differs from the square root at -0 and at minus infinity."""
    root = np.sqrt(x)
    if np.isneginf(x).any():
        root[np.isneginf(x)] = np.inf
    return np.abs(root, out=root)


def _power_slope(dy: Any, x: Any, y: Any) -> Any:
    if dy.dtype.kind == "V":
        return in_single(_power_slope)(dy, x, y)
    if not y.ndim and y == 2:
        slope = x + x
    else:
        slope = y * _power(x, y - 1)
    if slope.ndim and slope.shape == dy.shape:
        slope *= dy  # in place: nobody else holds it
        return slope
    return dy * slope


# dy·y·x^(y-1): the cotangent of x in x^y, in one step because x**2 and its kin are in every loss.
POWER_SLOPE = Primitive(
    "PowGrad",
    _power_slope,
    vjps=(
        lambda g, dy_shape, x, y: sum_to_shape(apply(POWER_SLOPE, g, conj(x), conj(y)), dy_shape),
        lambda g, dy, x, y, x_shape: sum_to_shape(
            apply(POWER_SLOPE, multiply(g, conj(multiply(dy, y))), conj(x), conj(subtract(y, 1))), x_shape
        ),
        lambda g, dy, x, y, y_shape: sum_to_shape(
            multiply(g, conj(multiply(dy, _slope_by_exponent(pow(x, subtract(y, 1)), x, y)))), y_shape
        ),
    ),
)


def _slope_by_exponent(power: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The derivative by y of y·x^(y-1), where the power is known."""
    return add(power, multiply(multiply(y, power), _log(x)))


def _log(x: Tensor) -> Tensor:
    """log x where x has one, else 0: TensorFlow's convention for the derivative of x^y by y."""
    mask = not_equal(x, 0) if x.dtype.is_complex else greater(x, 0)
    return where(mask, log(where(mask, x, 1)), 0)


@binary(
    "Pow",
    _power,
    (
        lambda dy, x, y: apply(POWER_SLOPE, dy, conj(x), conj(y)),
        lambda dy, x, out: multiply(dy, conj(multiply(out, _log(x)))),
    ),
    accepts="ifc",
)
def pow(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x to the power y, elementwise. The derivative by y counts as 0 where x is not positive.

    Raises:
        InvalidArgumentError: an integer to a negative integer power.

    >>> import tapeflow as tf
    >>> tf.pow([1.0, 2.0, 3.0], 2.0).numpy()
    array([1., 4., 9.], dtype=float32)
    """


# -- roots -------------------------------------------------------------------------------------------


def _zero_from_zero(slope: Callable) -> Callable:
    """The kernel `slope`, which is 0 where the cotangent y is, even where the slope is infinite.

    It is what TensorFlow does, and why the gradient of a root that was masked out by `where` is 0 and not NaN.
    """

    def kernel(x: Any, y: Any) -> Any:
        if not x.ndim and not y.ndim:
            value = slope(x, y)
            return value if value == value or y != 0 else value.dtype.type(0)
        value = slope(x, y)
        undefined = np.isnan(value)
        return np.where(undefined & (y == 0), value.dtype.type(0), value) if undefined.any() else value

    return kernel


@binary(
    "SqrtGrad",
    _zero_from_zero(lambda x, y: y / (x + x)),
    (
        lambda dy, x, out: negative(multiply(dy, conj(realdiv(out, x)))),
        lambda dy, x: sqrt_slope(conj(x), dy),
    ),
    accepts="fc",
)
def sqrt_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """y / 2x, where x is a root."""


@unary("Sqrt", np.sqrt, vjp=lambda dy, out: sqrt_slope(conj(out), dy), large="sqrt")
def sqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """√x, elementwise; NaN for negative numbers. The derivative at 0 is infinite.

    >>> import tapeflow as tf
    >>> tf.sqrt([4.0, 9.0]).numpy()
    array([2., 3.], dtype=float32)
    """


@binary(
    "RsqrtGrad",
    _zero_from_zero(lambda x, y: y * (x * x * x) / -2),
    (
        lambda dy, x, y: multiply(dy, conj(multiply(y, multiply(multiply(x, x), -1.5)))),
        lambda dy, x: rsqrt_slope(conj(x), dy),
    ),
    accepts="fc",
)
def rsqrt_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """-y·x³ / 2, where x is the reciprocal of a root."""


@unary("Rsqrt", lambda x: 1 / np.sqrt(x), vjp=lambda dy, out: rsqrt_slope(conj(out), dy), large="rsqrt")
def rsqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """1 / √x, elementwise; infinite at 0.

    >>> import tapeflow as tf
    >>> tf.math.rsqrt([4.0, 0.25]).numpy()
    array([0.5, 2. ], dtype=float32)
    """


@binary(
    "ReciprocalGrad",
    _zero_from_zero(lambda x, y: -y * (x * x)),
    (
        lambda dy, x, y: negative(multiply(dy, conj(multiply(y, add(x, x))))),
        lambda dy, x: reciprocal_slope(conj(x), dy),
    ),
    accepts="fc",
)
def reciprocal_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """-y·x², where x is a reciprocal."""


@unary("Reciprocal", lambda x: 1 / x, vjp=lambda dy, out: reciprocal_slope(conj(out), dy))
def reciprocal(x: TensorLike, name: str | None = None) -> Tensor:
    """1 / x, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.reciprocal([2.0, 4.0]).numpy()
    array([0.5 , 0.25], dtype=float32)
    """
