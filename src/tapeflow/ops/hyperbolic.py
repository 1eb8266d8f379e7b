"""Hyperbolic functions and their inverses."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import binary, conj, unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add, multiply, negative, square, subtract
from tapeflow.ops.division import realdiv

__all__ = ["acosh", "asinh", "atanh", "cosh", "sinh", "tanh"]


@unary("Sinh", np.sinh, derivative=lambda x: cosh(x), large="sinh")
def sinh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic sine, elementwise.

    >>> import tapeflow as tf
    >>> tf.sinh([0.0, 1.0]).numpy().round(3)
    array([0.   , 1.175], dtype=float32)
    """


@unary("Cosh", np.cosh, derivative=lambda x: sinh(x), large="cosh")
def cosh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic cosine, elementwise.

    >>> import tapeflow as tf
    >>> tf.cosh([0.0, 1.0]).numpy().round(3)
    array([1.   , 1.543], dtype=float32)
    """


def _tanh_slope(x: Any, y: Any) -> Any:
    if not x.ndim:
        return y * (1 - x * x)
    slope = x * x
    np.subtract(1, slope, out=slope)
    slope *= y
    return slope


# The derivative is a primitive itself, as in TensorFlow: one kernel and one note on the tape in place of three.
@binary(
    "TanhGrad",
    _tanh_slope,
    (
        lambda dy, x, y: negative(multiply(dy, conj(multiply(y, add(x, x))))),
        lambda dy, x: tanh_slope(conj(x), dy),
    ),
    accepts="fc",
    large="tanh_slope",
)
def tanh_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """y·(1 - x²), where x is a hyperbolic tangent and y its cotangent."""


@unary("Tanh", np.tanh, vjp=lambda dy, out: tanh_slope(conj(out), dy), large="tanh")
def tanh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic tangent, elementwise.

    >>> import tapeflow as tf
    >>> tf.tanh([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.762], dtype=float32)
    """


# By the output, not by √(x² ± 1), whose square would overflow.
@unary("Asinh", np.arcsinh, vjp=lambda dy, out: realdiv(dy, conj(cosh(out))), large="asinh")
def asinh(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of the hyperbolic sine, elementwise.

    >>> import tapeflow as tf
    >>> tf.asinh([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.881], dtype=float32)
    """


@unary("Acosh", np.arccosh, vjp=lambda dy, out: realdiv(dy, conj(sinh(out))), large="acosh")
def acosh(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of the hyperbolic cosine, elementwise: not negative, and NaN where x < 1.

    >>> import tapeflow as tf
    >>> tf.acosh([1.0, 2.0]).numpy().round(3)
    array([0.   , 1.317], dtype=float32)
    """


@unary("Atanh", np.arctanh, vjp=lambda dy, x: realdiv(dy, conj(subtract(1, square(x)))), large="atanh")
def atanh(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of the hyperbolic tangent, elementwise; NaN where |x| > 1.

    >>> import tapeflow as tf
    >>> tf.atanh([0.0, 0.5]).numpy().round(3)
    array([0.   , 0.549], dtype=float32)
    """
