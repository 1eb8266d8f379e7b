"""exp, log, tanh, erf and their like for float32 and float64, as straight-line arithmetic: at most 2 ulp from the exact value.

Each is a function of a `Value` that gives a `Value` of its type, so they compose. Every argument is served: subnormals, ±0, ±∞ and
NaN; what needs another form for some arguments says so by a guard, and may have a wide form that serves these too.

The reductions are W. J. Cody and W. Waite's (Software Manual for the Elementary Functions, 1980; J.-M. Muller, Elementary
Functions, 3rd edition, ch. 11), with fused multiply-add in place of their splitting.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tapeflow.graph.native.expressions import Value, absolute, choose, copy_sign, fma, maximum, minimum, square_root
from tapeflow.graph.native.formats import DOUBLE, ERFCX, EXP2, FORMATS, LOG2, SINGLE

__all__ = ["ELEMENTARY", "polynomial"]

LOG2_E = 1.44269504088896340736
LOG_2 = 0.6931471805599453


def polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Σ cₙ xⁿ by Horner's rule."""
    *lower, before, last = coefficients
    value = fma(x, last, before)
    for coefficient in reversed(lower):
        value = fma(value, x, coefficient)
    return value


# -- exponentials ------------------------------------------------------------------------------------


def _reduced(x: Value) -> tuple[Value, Value]:
    """(exp(r) - 1, k) with x = k ln 2 + r, |r| ≤ ln 2 / 2 and an integer k."""
    format = FORMATS[x.type]
    shifted = fma(x, LOG2_E, format.rounding)
    k = shifted - format.rounding
    high, low = format.log2
    r = fma(k, -low, fma(k, -high, x))
    return fma(r * r, polynomial(r, format.exp), r), shifted.bits - x.like(format.rounding).bits


def _power_of_two(k: Value, like: Value) -> Value:
    """2ᵏ for an integer k for which it is a normal number."""
    format = FORMATS[like.type]
    return ((k + format.bias) << format.mantissa).bits


def _exp_within(x: Value, halvings: int = 0) -> Value:
    """exp(x) / 2ʰ for x that is within the bounds of the format, or NaN."""
    near_zero, k = _reduced(x)
    if halvings:
        k = k - halvings
    half = k >> 1  # in two steps, since 2ᵏ itself may overflow or be subnormal
    return (near_zero + 1.0) * _power_of_two(half, x) * _power_of_two(k - half, x)


def exp(x: Value) -> Value:
    format = FORMATS[x.type]
    return _exp_within(minimum(maximum(x, format.smallest_exponential), format.largest_exponential))


def _decay(x: Value) -> Value:
    """exp(-|x|)."""
    return _exp_within(maximum(-absolute(x), FORMATS[x.type].smallest_exponential))


def expm1(x: Value) -> Value:
    format = FORMATS[x.type]
    near_zero, k = _reduced(minimum(maximum(x, -format.one_beside_exponential), format.largest_exponential))
    half_power = _power_of_two(k - 1, x)  # half of it, since the largest power is no number
    value = fma(half_power, near_zero, half_power - 0.5)
    return choose(absolute(x) < format.negligible, x, value + value)


def sigmoid(x: Value) -> Value:
    """a / (a + a exp(-x)), where a is a power of two with which nothing overflows and the quotient may be subnormal."""
    format = FORMATS[x.type]
    near_zero, k = _reduced(minimum(maximum(-x, -format.one_beside_exponential), 1.0 - format.smallest_exponential))
    half = k >> 1
    a, power = _power_of_two(0 - half, x), _power_of_two(k - half, x)
    return a / (fma(near_zero, power, a) + power)


def tanh(x: Value) -> Value:
    format = FORMATS[x.type]
    magnitude = minimum(absolute(x), format.tanh_is_one)
    square = x * x
    near_zero = fma(x * square, polynomial(square, format.tanh), x)
    from_one, k = _reduced(magnitude + magnitude)
    far = 1.0 - x.like(2.0) / ((from_one + 1.0) * _power_of_two(k, x) + 1.0)
    return copy_sign(choose(magnitude < 0.6, near_zero, far), x)


def sinh(x: Value) -> Value:
    format = FORMATS[x.type]
    magnitude = minimum(absolute(x), format.largest_exponential + 1.0)
    square = x * x
    near_zero = fma(x * square, polynomial(square, format.sinh), x)
    half = _exp_within(magnitude, halvings=1)
    return choose(magnitude < 1.0, near_zero, copy_sign(half - 0.25 / half, x))


def cosh(x: Value) -> Value:
    half = _exp_within(minimum(absolute(x), FORMATS[x.type].largest_exponential + 1.0), halvings=1)
    return half + 0.25 / half


# -- logarithms --------------------------------------------------------------------------------------


def _log_of(f: Value, e: Value) -> Value:
    """log((1 + f) · 2ᵉ) for √½ ≤ 1 + f < √2."""
    format = FORMATS[f.type]
    if format is SINGLE:
        bend = f * f * fma(f, polynomial(f, format.log), -0.5)
    else:  # in s = f / (2 + f), where log(1 + f) = 2 artanh(s), half as many terms are enough
        s = f / (f + 2.0)
        square, half_square = s * s, f * f * 0.5
        bend = fma(s, fma(square, polynomial(square, format.log), half_square), -half_square)
    high, low = format.log2
    return fma(e, high, f + fma(e, low, bend))


def log(x: Value) -> Value:
    format = FORMATS[x.type]
    subnormal = x < format.smallest_normal
    scaled = choose(subnormal, x * 2.0**format.mantissa, x)
    exponent = (scaled.bits - format.root_half) & format.exponent_bits
    f = (scaled.bits - exponent).bits - 1.0
    e = (exponent >> format.mantissa).to(x.type) - choose(subnormal, x.like(float(format.mantissa)), 0.0)
    value = choose(x < float("inf"), _log_of(f, e), x)
    value = choose(x >= 0.0, value, float("nan"))
    return choose(x.equals(0.0), x.like(-float("inf")), value)


def log1p(x: Value) -> Value:
    format = FORMATS[x.type]
    exponent = ((x + 1.0).bits - format.root_half) & format.exponent_bits
    scale = (((format.bias + 2) << format.mantissa) - exponent).bits  # 2²⁻ᵉ: 2⁻ᵉ itself may be subnormal
    f = fma(x * 0.25, scale, fma(scale, 0.25, -1.0))  # (1 + x) · 2⁻ᵉ - 1, of which no digit is lost
    value = _log_of(f, (exponent >> format.mantissa).to(x.type))
    value = choose(x < float("inf"), value, x)
    value = choose(x >= -1.0, value, float("nan"))
    value = choose(x.equals(-1.0), x.like(-float("inf")), value)
    return choose(absolute(x) < format.negligible, x, value)


def softplus(x: Value) -> Value:
    return log1p(_decay(x)) + maximum(x, 0.0)


def asinh(x: Value) -> Value:
    magnitude = absolute(x)
    huge = magnitude > FORMATS[x.type].huge
    square = magnitude * magnitude
    value = log1p(choose(huge, magnitude, magnitude + square / (square_root(square + 1.0) + 1.0)))
    return copy_sign(choose(huge, value + LOG_2, value), x)


def acosh(x: Value) -> Value:
    """log1p(u) with u = t + √(t² + 2t) and t = x - 1; what u lost in rounding counts 1 / (1 + u) = x - √(x² - 1) times."""
    huge = x > FORMATS[x.type].huge
    t = x - 1.0
    root = square_root(fma(t, t, t + t))
    u = t + root
    lost = choose(x < 2.0, t - (u - root), 0.0)  # beyond that it does not show, and the difference below has no digits
    value = log1p(choose(huge, x, u))
    value = choose(huge, value + LOG_2, fma(lost, x - root, value))
    return choose(x >= 1.0, value, float("nan"))


def atanh(x: Value) -> Value:
    magnitude = absolute(x)
    twice = magnitude + magnitude
    value = log1p(twice + twice * magnitude / (1.0 - magnitude)) * 0.5
    return copy_sign(choose(magnitude <= 1.0, value, float("nan")), x)


# -- powers ------------------------------------------------------------------------------------------


def _log2(x: Value) -> Value:
    """For x ≥ 0 that was a float32, as a double."""
    exponent = (x.bits - DOUBLE.root_half) & DOUBLE.exponent_bits
    f = (x.bits - exponent).bits - 1.0
    value = fma(f, polynomial(f, LOG2), (exponent >> DOUBLE.mantissa).to("double"))
    value = choose(x < float("inf"), value, x)
    return choose(x.equals(0.0), x.like(-float("inf")), value)


def _exp2(x: Value) -> Value:
    """For a double, to be a float32."""
    within = minimum(maximum(x, -160.0), 130.0)
    shifted = within + DOUBLE.rounding
    r = within - (shifted - DOUBLE.rounding)
    return polynomial(r, EXP2) * _power_of_two(shifted.bits - x.like(DOUBLE.rounding).bits, x)


def power(x: Value, y: Value) -> Value:
    """xʸ for float32: 2 to the power y log₂|x|, in float64, where the product loses nothing that shows."""
    value = _exp2(y.to("double") * _log2(absolute(x).to("double"))).to("float")
    whole, half = y.program.intrinsic("floor", y), y * 0.5
    is_odd = whole.equals(y) & half.differs(half.program.intrinsic("floor", half))
    value = choose((x.bits < 0) & is_odd, -value, value)
    undefined = (x < 0.0) & (x > -float("inf")) & whole.differs(y)
    value = choose(undefined, value.like(float("nan")), value)
    to_infinity = absolute(y).equals(float("inf"))
    is_one = x.equals(1.0) | y.equals(0.0) | (x.equals(-1.0) & to_infinity)
    return choose(is_one, value.like(1.0), value)


# -- the error function ------------------------------------------------------------------------------


def erf(x: Value) -> Value:
    format = FORMATS[x.type]
    square = x * x
    near_zero = fma(x, polynomial(square, format.erf), x)
    magnitude = minimum(absolute(x), format.erf_is_one)
    far = copy_sign(1.0 - _exp_within(polynomial(magnitude, format.erfc) * magnitude), x)
    return choose(magnitude < 0.92, near_zero, far)


def erfc(x: Value) -> Value:
    """For float32: exp(-x²) P((x - 4) / (x + 4)) / (1 + 2x), after M. M. Shepherd and J. G. Laframboise (1981); in float64 x² is
    exact."""
    wide = x.to("double")
    magnitude = minimum(absolute(wide), 10.2)
    scaled = polynomial((magnitude - 4.0) / (magnitude + 4.0), ERFCX)
    value = _exp2(magnitude * magnitude * -LOG2_E) * scaled / fma(magnitude, 2.0, 1.0)
    return choose(wide < 0.0, 2.0 - value, value).to("float")


ELEMENTARY: dict[str, Callable[..., Value]] = {
    "acosh": acosh,
    "asinh": asinh,
    "atanh": atanh,
    "cosh": cosh,
    "erf": erf,
    "erfc": erfc,
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "pow": power,
    "sigmoid": sigmoid,
    "sinh": sinh,
    "softplus": softplus,
    "tanh": tanh,
}
"""Name: the function of values."""
