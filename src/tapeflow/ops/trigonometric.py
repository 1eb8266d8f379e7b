"""Sines, cosines, tangents and their inverses."""

from __future__ import annotations

import numpy as np

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import binary, conj, unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add, multiply, negative, square, subtract
from tapeflow.ops.division import realdiv
from tapeflow.ops.powers import rsqrt

__all__ = ["acos", "asin", "atan", "atan2", "cos", "sin", "tan"]


@unary("Sin", np.sin, vjp=lambda dy, x: multiply(dy, conj(cos(x))), large="sin")
def sin(x: TensorLike, name: str | None = None) -> Tensor:
    """The sine, elementwise, of x in radians.

    >>> import tapeflow as tf
    >>> tf.sin([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.841], dtype=float32)
    """


@unary("Cos", np.cos, vjp=lambda dy, x: negative(multiply(dy, conj(sin(x)))), large="cos")
def cos(x: TensorLike, name: str | None = None) -> Tensor:
    """The cosine, elementwise, of x in radians.

    >>> import tapeflow as tf
    >>> tf.cos([0.0, 1.0]).numpy().round(3)
    array([1.  , 0.54], dtype=float32)
    """


@unary("Tan", np.tan, derivative=lambda out: add(multiply(out, out), 1), large="tan")
def tan(x: TensorLike, name: str | None = None) -> Tensor:
    """The tangent, elementwise, of x in radians.

    >>> import tapeflow as tf
    >>> tf.tan([0.0, 1.0]).numpy().round(3)
    array([0.   , 1.557], dtype=float32)
    """


@unary("Asin", np.arcsin, derivative=lambda x: rsqrt(subtract(1, square(x))), large="asin")
def asin(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle between -π/2 and π/2 whose sine is x, elementwise; NaN where |x| > 1.

    >>> import tapeflow as tf
    >>> tf.asin([0.0, 1.0]).numpy().round(3)
    array([0.   , 1.571], dtype=float32)
    """


@unary("Acos", np.arccos, derivative=lambda x: negative(rsqrt(subtract(1, square(x)))), large="acos")
def acos(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle between 0 and π whose cosine is x, elementwise; NaN where |x| > 1.

    >>> import tapeflow as tf
    >>> tf.acos([0.0, 1.0]).numpy().round(3)
    array([1.571, 0.   ], dtype=float32)
    """


@unary("Atan", np.arctan, vjp=lambda dy, x: realdiv(dy, conj(add(square(x), 1))), large="atan")
def atan(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle between -π/2 and π/2 whose tangent is x, elementwise.

    >>> import tapeflow as tf
    >>> tf.atan([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.785], dtype=float32)
    """


@binary(
    "Atan2",
    np.arctan2,
    (  # the first operand is the ordinate
        lambda dy, x, y: multiply(y, realdiv(dy, add(square(x), square(y)))),
        lambda dy, x, y: negative(multiply(x, realdiv(dy, add(square(x), square(y))))),
    ),
    accepts="f",
)
def _atan2(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def atan2(y: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The angle between -π and π of the point (x, y), elementwise.

    >>> import tapeflow as tf
    >>> tf.atan2([1.0, 1.0], [0.0, -1.0]).numpy().round(3)
    array([1.571, 2.356], dtype=float32)
    """
    return _atan2(y, x)
