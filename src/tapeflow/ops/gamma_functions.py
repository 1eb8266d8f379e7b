"""The gamma function and its family: logarithm, derivatives, incomplete integrals, and the beta functions.

Derivatives: NIST Digital Library of Mathematical Functions, chapters 5, 8 and 25.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import filled, sum_to_shape
from tapeflow.core.convert import TensorLike, convert, convert_all
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import binary, check_dtype, check_dtypes, in_single, unary
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add, multiply, negative, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.division import realdiv
from tapeflow.ops.exponential import exp, log, xlog1py, xlogy
from tapeflow.ops.reduction import reduce_sum
from tapeflow.ops.scipy_kernels import special
from tapeflow.ops.selection import maximum

__all__ = ["betainc", "digamma", "igamma", "igammac", "lbeta", "lgamma", "polygamma", "zeta"]

# -- the gamma function and its derivatives ------------------------------------------------------------------


def _lgamma(x: Any) -> Any:
    import scipy.special

    return np.where(np.isneginf(x), x.dtype.type(np.inf), scipy.special.gammaln(x))[()]


@unary("Lgamma", in_single(_lgamma), derivative=lambda x: digamma(x), accepts="f")
def lgamma(x: TensorLike, name: str | None = None) -> Tensor:
    """log |Γ(x)|, elementwise; infinite at 0 and the negative integers.

    >>> import tapeflow as tf
    >>> tf.math.lgamma([1.0, 0.5]).numpy().round(3)
    array([0.   , 0.572], dtype=float32)
    """


def _no_pole(x: Any) -> Any:
    return (x > 0) | (x != np.floor(x))


@unary(
    "Digamma",
    special("psi", defined=_no_pole),
    derivative=lambda x: polygamma(Tensor(x.dtype.numpy.type(1)), x),
    accepts="f",
)
def digamma(x: TensorLike, name: str | None = None) -> Tensor:
    """The derivative of log Γ(x), elementwise; NaN at 0 and the negative integers.

    >>> import tapeflow as tf
    >>> tf.math.digamma([1.0, 2.0]).numpy().round(3)
    array([-0.577,  0.423], dtype=float32)
    """


def _zeta(x: Any, q: Any) -> Any:
    import scipy.special

    return np.where(x < 1, x.dtype.type(np.nan), scipy.special.zeta(x, q))[()]


def _polygamma(a: Any, x: Any) -> Any:
    import scipy.special

    whole = (a == np.floor(a)) & (a >= 0)
    higher = np.where(a % 2 == 0, -1, 1).astype(x.dtype) * scipy.special.gamma(a + 1) * _zeta(a + 1, x)
    return np.where(whole, np.where(a == 0, scipy.special.psi(x), higher), x.dtype.type(np.nan))[()]


@binary("Polygamma", in_single(_polygamma), (None, lambda dy, x, y: multiply(dy, polygamma(add(x, 1), y))), accepts="f")
def _polygamma_of(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def polygamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The derivative of order a of the digamma function, elementwise. It has a derivative by x only.

    Args:
        a: whole numbers from 0, in the floating dtype of `x`; NaN results elsewhere.
        x: where to evaluate it.

    >>> import tapeflow as tf
    >>> tf.math.polygamma(1.0, [1.0, 2.0]).numpy().round(3)
    array([1.645, 0.645], dtype=float32)
    """
    return _polygamma_of(a, x)


@binary(
    "Zeta", in_single(_zeta), (None, lambda dy, x, y: negative(multiply(dy, multiply(x, zeta(add(x, 1), y))))), accepts="f"
)
def _zeta_of(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def zeta(x: TensorLike, q: TensorLike, name: str | None = None) -> Tensor:
    """Hurwitz's zeta function Σ (n + q)⁻ˣ over n = 0, 1, …, elementwise. It has a derivative by q only.

    >>> import tapeflow as tf
    >>> tf.math.zeta([2.0, 4.0], 1.0).numpy().round(3)
    array([1.645, 1.082], dtype=float32)
    """
    return _zeta_of(x, q)


# -- incomplete gamma functions --------------------------------------------------------------------------------


def _in_domain(a: Any, x: Any) -> Any:
    return (a > 0) & (x >= 0)


def _log_moment(x: Any, y: Any, *, order: int) -> Any:
    """∫ log(t)ᵏ t^(a-1) e^(-t) dt / Γ(a) from 0 to x for the order k: what the derivatives of the integral by a are made of.

    With t = x·exp(-s) it is an integral over s > 0 that decays at both ends of s = exp(π/2·sinh u), where the trapezoidal
    rule converges exponentially: Takahasi & Mori, "Double exponential formulas for numerical integration" (1974).
    """
    import scipy.special

    a, x = np.broadcast_arrays(np.asarray(x, np.float64)[..., None], np.asarray(y, np.float64)[..., None])
    u, step = np.linspace(-4.0, 2.6, 500, retstep=True)
    s = np.exp(np.pi / 2 * np.sinh(u))
    weight = step * np.pi / 2 * np.cosh(u) * s
    log_x = np.log(x)
    logarithm = a * (log_x - s) - x * np.exp(-s) - scipy.special.gammaln(a)
    moment = np.sum(weight * (log_x - s) ** order * np.exp(logarithm), axis=-1)
    value = np.where(_in_domain(a, x)[..., 0], np.where(x[..., 0] == 0, 0.0, moment), np.nan)
    return value.astype(y.dtype)


def _density(a: Tensor, x: Tensor) -> Tensor:
    """The derivative by x of the incomplete gamma function: the density of the gamma distribution."""
    return exp(subtract(xlogy(subtract(a, 1), x), add(x, lgamma(a))))


def _moment_by_a(dy: Tensor, a: Tensor, x: Tensor, order: int) -> Tensor:
    higher, same = apply(LOG_MOMENT, a, x, order=order + 1), apply(LOG_MOMENT, a, x, order=order)
    return multiply(dy, subtract(higher, multiply(digamma(a), same)))


def _moment_by_x(dy: Tensor, a: Tensor, x: Tensor, order: int) -> Tensor:
    slope = _density(a, x)
    for _ in range(order):
        slope = multiply(slope, log(x))
    return multiply(dy, slope)


LOG_MOMENT = Primitive(
    "IgammaLogMoment",
    _log_moment,
    vjps=(
        lambda dy, x, y, order, x_shape: sum_to_shape(_moment_by_a(dy, x, y, order), x_shape),
        lambda dy, x, y, order, y_shape: sum_to_shape(_moment_by_x(dy, x, y, order), y_shape),
    ),
)


def quantile_slope(a: Tensor, x: Tensor) -> Tensor:
    """The derivative by a of a quantile x of the gamma distribution: how a number that was drawn moves with the parameter.

    P(a, x) stays what it is when a moves, so dx/da = -(∂P/∂a) / (∂P/∂x): Figurnov, Mohamed & Mnih, "Implicit
    Reparameterization Gradients" (2018). In double precision, since both are small where the other is.
    """
    a64, x64 = cast(a, dtypes.float64), maximum(cast(x, dtypes.float64), np.finfo(np.float64).tiny)
    one = filled(1, a64._value.shape, np.dtype("float64"))
    return cast(negative(realdiv(_moment_by_a(one, a64, x64, 0), _density(a64, x64))), x.dtype)


@binary(
    "Igamma",
    special("gammainc", defined=_in_domain),
    (lambda dy, x, y: _moment_by_a(dy, x, y, 0), lambda dy, x, y: multiply(dy, _density(x, y))),
    accepts="f",
)
def _igamma(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def igamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The lower regularized incomplete gamma function ∫₀ˣ t^(a-1) e^(-t) dt / Γ(a), elementwise, for a > 0 and x ≥ 0.

    >>> import tapeflow as tf
    >>> tf.math.igamma(1.0, [0.0, 1.0]).numpy().round(3)
    array([0.   , 0.632], dtype=float32)
    """
    return _igamma(a, x)


@binary(
    "Igammac",
    special("gammaincc", defined=_in_domain),
    (lambda dy, x, y: negative(_moment_by_a(dy, x, y, 0)), lambda dy, x, y: negative(multiply(dy, _density(x, y)))),
    accepts="f",
)
def _igammac(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def igammac(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The upper regularized incomplete gamma function, 1 - igamma(a, x), elementwise, for a > 0 and x ≥ 0.

    >>> import tapeflow as tf
    >>> tf.math.igammac(1.0, [0.0, 1.0]).numpy().round(3)
    array([1.   , 0.368], dtype=float32)
    """
    return _igammac(a, x)


# -- beta functions ----------------------------------------------------------------------------------------------


def _beta_density(a: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """The derivative by x of the incomplete beta function: the density of the beta distribution."""
    log_beta = subtract(add(lgamma(a), lgamma(b)), lgamma(add(a, b)))
    return exp(subtract(add(xlog1py(subtract(b, 1), negative(x)), xlogy(subtract(a, 1), x)), log_beta))


BETAINC = Primitive(
    "Betainc",
    special("betainc", defined=lambda a, b, x: (a > 0) & (b > 0) & (x >= 0) & (x <= 1)),
    vjps=(None, None, lambda dy, a, b, x, x_shape: sum_to_shape(multiply(dy, _beta_density(a, b, x)), x_shape)),
    inputs=("a", "b", "x"),
)


def betainc(a: TensorLike, b: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The regularized incomplete beta function ∫₀ˣ t^(a-1) (1-t)^(b-1) dt / B(a, b), elementwise, for a, b > 0, 0 ≤ x ≤ 1.

    It has a derivative by x only.

    >>> import tapeflow as tf
    >>> tf.math.betainc(2.0, 2.0, [0.25, 0.5]).numpy().round(3)
    array([0.156, 0.5  ], dtype=float32)
    """
    first, second, third = convert_all([a, b, x])
    check_dtypes(BETAINC, first, second, "f")
    check_dtypes(BETAINC, first, third, "f")
    return apply(BETAINC, first, second, third)


def lbeta(x: TensorLike, name: str | None = None) -> Tensor:
    """log |B(x)| = Σ log |Γ(xᵢ)| - log |Γ(Σ xᵢ)| along the last axis, which is taken away.

    >>> import tapeflow as tf
    >>> tf.math.lbeta([1.0, 2.0]).numpy().round(3)
    np.float32(-0.693)
    """
    tensor = convert(x)
    check_dtype(BETAINC, tensor, "f")
    return subtract(reduce_sum(lgamma(tensor), -1), lgamma(reduce_sum(tensor, -1)))
