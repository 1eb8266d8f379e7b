"""Bessel functions of order 0 and 1: of the first kind (J), the second (Y), and modified (I, K).

An "e" behind the name: scaled by exp(-|x|) for I, by exp(x) for K, so that large x neither overflow nor vanish.
Derivatives: NIST Digital Library of Mathematical Functions, 10.6 and 10.29.
"""

from __future__ import annotations

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import multiply, negative, subtract
from tapeflow.ops.comparison import equal
from tapeflow.ops.division import realdiv
from tapeflow.ops.magnitude import sign
from tapeflow.ops.powers import reciprocal
from tapeflow.ops.scipy_kernels import special
from tapeflow.ops.selection import where

__all__ = [
    "bessel_i0",
    "bessel_i0e",
    "bessel_i1",
    "bessel_i1e",
    "bessel_j0",
    "bessel_j1",
    "bessel_k0",
    "bessel_k0e",
    "bessel_k1",
    "bessel_k1e",
    "bessel_y0",
    "bessel_y1",
]


def _half_at_zero(x: Tensor, slope: Tensor) -> Tensor:
    """The slope, and 1/2 at 0, where its formula is 0 / 0."""
    return where(equal(x, 0), 0.5, slope)


# -- first and second kind --------------------------------------------------------------------------------------


@unary("BesselJ0", special("j0"), derivative=lambda x: negative(bessel_j1(x)), accepts="f")
def bessel_j0(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind J₀, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.special.bessel_j0([0.0, 1.0]).numpy().round(3)
    array([1.   , 0.765], dtype=float32)
    """


@unary(
    "BesselJ1",
    special("j1"),
    derivative=lambda x, out: _half_at_zero(x, subtract(bessel_j0(x), realdiv(out, x))),
    accepts="f",
)
def bessel_j1(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind J₁, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.special.bessel_j1([0.0, 1.0]).numpy().round(3)
    array([0.  , 0.44], dtype=float32)
    """


@unary("BesselY0", special("y0"), derivative=lambda x: negative(bessel_y1(x)), accepts="f")
def bessel_y0(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind Y₀, elementwise, for x > 0.

    >>> import tapeflow as tf
    >>> tf.math.special.bessel_y0([1.0, 2.0]).numpy().round(3)
    array([0.088, 0.51 ], dtype=float32)
    """


@unary("BesselY1", special("y1"), derivative=lambda x, out: subtract(bessel_y0(x), realdiv(out, x)), accepts="f")
def bessel_y1(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind Y₁, elementwise, for x > 0.

    >>> import tapeflow as tf
    >>> tf.math.special.bessel_y1([1.0, 2.0]).numpy().round(3)
    array([-0.781, -0.107], dtype=float32)
    """


# -- modified, first kind ------------------------------------------------------------------------------------------


@unary("BesselI0", special("i0"), derivative=lambda x: bessel_i1(x), accepts="f")
def bessel_i0(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind I₀, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.bessel_i0([0.0, 1.0]).numpy().round(3)
    array([1.   , 1.266], dtype=float32)
    """


@unary(
    "BesselI1",
    special("i1"),
    derivative=lambda x, out: _half_at_zero(x, subtract(bessel_i0(x), realdiv(out, x))),
    accepts="f",
)
def bessel_i1(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the first kind I₁, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.bessel_i1([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.565], dtype=float32)
    """


@unary(
    "BesselI0e",
    special("i0e"),
    derivative=lambda x, out: subtract(bessel_i1e(x), multiply(sign(x), out)),
    accepts="f",
)
def bessel_i0e(x: TensorLike, name: str | None = None) -> Tensor:
    """exp(-|x|)·I₀(x), elementwise.

    >>> import tapeflow as tf
    >>> tf.math.bessel_i0e([0.0, 1.0]).numpy().round(3)
    array([1.   , 0.466], dtype=float32)
    """


@unary(
    "BesselI1e",
    special("i1e"),
    derivative=lambda x, out: _half_at_zero(x, subtract(bessel_i0e(x), multiply(out, sign(x) + reciprocal(x)))),
    accepts="f",
)
def bessel_i1e(x: TensorLike, name: str | None = None) -> Tensor:
    """exp(-|x|)·I₁(x), elementwise.

    >>> import tapeflow as tf
    >>> tf.math.bessel_i1e([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.208], dtype=float32)
    """


# -- modified, second kind -----------------------------------------------------------------------------------------


@unary("BesselK0", special("k0"), derivative=lambda x: negative(bessel_k1(x)), accepts="f")
def bessel_k0(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind K₀, elementwise, for x > 0.

    >>> import tapeflow as tf
    >>> tf.math.special.bessel_k0([1.0, 2.0]).numpy().round(3)
    array([0.421, 0.114], dtype=float32)
    """


@unary("BesselK1", special("k1"), derivative=lambda x, out: negative(bessel_k0(x) + realdiv(out, x)), accepts="f")
def bessel_k1(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind K₁, elementwise, for x > 0.

    >>> import tapeflow as tf
    >>> tf.math.special.bessel_k1([1.0, 2.0]).numpy().round(3)
    array([0.602, 0.14 ], dtype=float32)
    """


@unary("BesselK0e", special("k0e"), derivative=lambda x, out: subtract(out, bessel_k1e(x)), accepts="f")
def bessel_k0e(x: TensorLike, name: str | None = None) -> Tensor:
    """exp(x)·K₀(x), elementwise, for x > 0.

    >>> import tapeflow as tf
    >>> tf.math.special.bessel_k0e([1.0, 2.0]).numpy().round(3)
    array([1.144, 0.842], dtype=float32)
    """


@unary(
    "BesselK1e",
    special("k1e"),
    derivative=lambda x, out: subtract(multiply(out, subtract(1, reciprocal(x))), bessel_k0e(x)),
    accepts="f",
)
def bessel_k1e(x: TensorLike, name: str | None = None) -> Tensor:
    """exp(x)·K₁(x), elementwise, for x > 0.

    >>> import tapeflow as tf
    >>> tf.math.special.bessel_k1e([1.0, 2.0]).numpy().round(3)
    array([1.636, 1.033], dtype=float32)
    """
