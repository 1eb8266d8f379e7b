"""The error function and its inverses, and the quantiles of the normal distribution."""

from __future__ import annotations

import math

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import multiply, negative, square
from tapeflow.ops.exponential import exp
from tapeflow.ops.scipy_kernels import special

__all__ = ["erf", "erfc", "erfcinv", "erfinv", "ndtri"]

# The derivatives: NIST Digital Library of Mathematical Functions, 7.10, and that of an inverse function.


@unary(
    "Erf",
    special("erf"),
    derivative=lambda x: exp(negative(square(x))) * (2 / math.sqrt(math.pi)),
    accepts="f",
    large="erf",
)
def erf(x: TensorLike, name: str | None = None) -> Tensor:
    """The error function 2/√π ∫₀ˣ exp(-t²) dt, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.erf([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.843], dtype=float32)
    """


@unary(
    "Erfc",
    special("erfc"),
    derivative=lambda x: exp(negative(square(x))) * (-2 / math.sqrt(math.pi)),
    accepts="f",
    large="erfc",
)
def erfc(x: TensorLike, name: str | None = None) -> Tensor:
    """1 - erf(x), elementwise, exact for large x.

    >>> import tapeflow as tf
    >>> tf.math.erfc([0.0, 1.0]).numpy().round(3)
    array([1.   , 0.157], dtype=float32)
    """


@unary("Erfinv", special("erfinv"), derivative=lambda out: exp(square(out)) * (math.sqrt(math.pi) / 2), accepts="f")
def erfinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of the error function, elementwise, for x between -1 and 1.

    >>> import tapeflow as tf
    >>> tf.math.erfinv([0.0, 0.5]).numpy().round(3)
    array([0.   , 0.477], dtype=float32)
    """


@unary("Ndtri", special("ndtri"), derivative=lambda out: exp(square(out) * 0.5) * math.sqrt(2 * math.pi), accepts="f")
def ndtri(x: TensorLike, name: str | None = None) -> Tensor:
    """The quantile of the standard normal distribution, elementwise, for probabilities x.

    >>> import tapeflow as tf
    >>> tf.math.ndtri([0.5, 0.975]).numpy().round(3)
    array([0.  , 1.96], dtype=float32)
    """


def erfcinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `tf.math.erfc`, elementwise, for x between 0 and 2.

    >>> import tapeflow as tf
    >>> tf.math.erfcinv([0.5, 1.5]).numpy().round(3)
    array([ 0.477, -0.477], dtype=float32)
    """
    return multiply(ndtri(multiply(x, 0.5)), -math.sqrt(0.5))
