"""Functions defined by integrals: Dawson's, the exponential, Fresnel's and Spence's.

Derivatives: NIST Digital Library of Mathematical Functions, chapters 6, 7 and 25: those of the integrals by their limit.
"""

from __future__ import annotations

import math
from typing import Any

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import in_single, unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import multiply, square, subtract
from tapeflow.ops.comparison import equal
from tapeflow.ops.division import realdiv
from tapeflow.ops.exponential import exp, log
from tapeflow.ops.scipy_kernels import special
from tapeflow.ops.selection import where
from tapeflow.ops.trigonometric import cos, sin

__all__ = ["dawsn", "expint", "fresnel_cos", "fresnel_sin", "spence"]


@unary("Dawsn", special("dawsn"), derivative=lambda x, out: subtract(1, multiply(multiply(x, out), 2)), accepts="f")
def dawsn(x: TensorLike, name: str | None = None) -> Tensor:
    """Dawson's integral exp(-x²) ∫₀ˣ exp(t²) dt, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.special.dawsn([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.538], dtype=float32)
    """


@unary("Expint", special("expi"), derivative=lambda x: realdiv(exp(x), x), accepts="f")
def expint(x: TensorLike, name: str | None = None) -> Tensor:
    """The exponential integral Ei, the principal value of ∫ exp(t) / t dt from -∞ to x, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.special.expint([1.0, 2.0]).numpy().round(3)
    array([1.895, 4.954], dtype=float32)
    """


def _fresnel(part: int) -> Any:
    def kernel(x: Any) -> Any:
        import scipy.special

        return scipy.special.fresnel(x)[part]

    return in_single(kernel)


@unary("FresnelCos", _fresnel(1), derivative=lambda x: cos(square(x) * (math.pi / 2)), accepts="f")
def fresnel_cos(x: TensorLike, name: str | None = None) -> Tensor:
    """Fresnel's integral ∫₀ˣ cos(πt²/2) dt, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.special.fresnel_cos([0.0, 1.0]).numpy().round(3)
    array([0.  , 0.78], dtype=float32)
    """


@unary("FresnelSin", _fresnel(0), derivative=lambda x: sin(square(x) * (math.pi / 2)), accepts="f")
def fresnel_sin(x: TensorLike, name: str | None = None) -> Tensor:
    """Fresnel's integral ∫₀ˣ sin(πt²/2) dt, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.special.fresnel_sin([0.0, 1.0]).numpy().round(3)
    array([0.   , 0.438], dtype=float32)
    """


@unary(
    "Spence",
    special("spence"),
    derivative=lambda x: where(equal(x, 1), -1.0, realdiv(log(x), subtract(1, x))),
    accepts="f",
)
def spence(x: TensorLike, name: str | None = None) -> Tensor:
    """Spence's integral ∫ log(t) / (1 - t) dt from 1 to x, the dilogarithm of 1 - x, elementwise, for x ≥ 0.

    >>> import tapeflow as tf
    >>> tf.math.special.spence([1.0, 2.0]).numpy().round(3)
    array([ 0.   , -0.822], dtype=float32)
    """
