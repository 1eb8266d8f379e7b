"""exp, log, tanh, sin and their like for float32, as straight-line arithmetic: at most 2 ulp from the exact value.

Each is a function of a `Value` that gives a `Value`, so they compose. Every argument is served: subnormals, ±0, ±∞ and NaN;
sin and cos say by a guard where the argument is too large for the quick reduction, and have a wide form for these.

The reductions are W. J. Cody and W. Waite's (Software Manual for the Elementary Functions, 1980; J.-M. Muller, Elementary
Functions, 3rd edition, ch. 11), with fused multiply-add in place of their splitting. The coefficients are minimax fits of our own,
computed by tests/graph/native/fit_polynomials.py, which names the function that each of them approximates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tapeflow.graph.native.expressions import Value, absolute, choose, copy_sign, fma, maximum, minimum, square_root

__all__ = ["FUNCTIONS", "WIDE"]

# In two parts: the first of ln 2 has so few digits that its product with any exponent is exact, the first of π/2 is the nearest
# double; the second is what the first lacks.
LOG2_HIGH, LOG2_LOW = 0.693145751953125, 1.4286068203094173e-06
HALF_PI, HALF_PI_LOW = 1.5707963267948966, 6.123233995736766e-17
LOG2_E = 1.44269504088896340736
TWO_OVER_PI = 0.6366197723675814

# Added and taken away again, it leaves the nearest integer; the integer itself is in the low bits of the sum.
ROUNDING = 12582912.0  # 1.5 · 2²³
ROUNDING_DOUBLE = 6755399441055744.0  # 1.5 · 2⁵²

EXP = (0.5, 0.1666666567325592, 0.04166649281978607, 0.008333543315529823, 0.0013932365691289306, 0.00019764357421081513)
LOG = (
    0.3333333134651184, -0.2500081956386566, 0.2000124156475067, -0.166234090924263,
    0.14201579988002777, -0.13159610331058502, 0.12762217223644257, -0.07636439055204391,
)  # fmt: skip
TANH = (
    -0.3333333134651184, 0.133332297205925, -0.05395007133483887,
    0.021720509976148605, -0.00823054276406765, 0.002195486333221197,
)  # fmt: skip
SIN = (-0.1666666716337204, 0.008333380334079266, -0.0001985349808819592, 2.837246938725002e-06)
COS = (0.04166664555668831, -0.00138873013202101, 2.443066841806285e-05)
ERF = (
    0.12837916612625122, -0.3761262893676758, 0.11283624172210693, -0.026855584233999252,
    0.005191922187805176, -0.0008043317357078195, 7.966376142576337e-05,
)  # fmt: skip
ERFC = (
    -1.128551721572876, -0.635625422000885, -0.10526234656572342, 0.02267369255423546,
    -0.0029298339504748583, 4.9451682571088895e-05, 4.561119567370042e-05, -4.940955477650277e-06,
)  # fmt: skip


def polynomial(x: Value, coefficients: Sequence[float]) -> Value:
    """Σ cₙ xⁿ by Horner's rule."""
    *lower, before, last = coefficients
    value = fma(x, last, before)
    for coefficient in reversed(lower):
        value = fma(value, x, coefficient)
    return value


# -- exponentials ------------------------------------------------------------------------------------


def _reduced(x: Value) -> tuple[Value, Value]:
    """(r, k) with x = k ln 2 + r, |r| ≤ ln 2 / 2 and an integer k."""
    shifted = fma(x, LOG2_E, ROUNDING)
    k = shifted - ROUNDING
    r = fma(k, -LOG2_LOW, fma(k, -LOG2_HIGH, x))
    return r, shifted.bits - x.like(ROUNDING).bits


def _power_of_two(k: Value) -> Value:
    """2ᵏ for an integer k between -126 and 127."""
    return ((k + 127) << 23).bits


def _exp_within(x: Value) -> Value:
    """exp(x) for -104 ≤ x ≤ 89, or NaN."""
    r, k = _reduced(x)
    near_one = fma(r * r, polynomial(r, EXP), r) + 1.0
    half = k >> 1  # in two steps, since 2ᵏ itself may overflow or be subnormal
    return near_one * _power_of_two(half) * _power_of_two(k - half)


def exp(x: Value) -> Value:
    return _exp_within(minimum(maximum(x, -104.0), 89.0))


def _decay(x: Value) -> Value:
    """exp(-|x|)."""
    return _exp_within(maximum(-absolute(x), -104.0))


def expm1(x: Value) -> Value:
    r, k = _reduced(minimum(maximum(x, -20.0), 89.0))
    near_zero = fma(r * r, polynomial(r, EXP), r)
    half_power = _power_of_two(k - 1)  # half of it, since 2¹²⁸ is no number
    value = fma(half_power, near_zero, half_power - 0.5)
    return choose(absolute(x) < 2.0**-25, x, value + value)


def sigmoid(x: Value) -> Value:
    """a / (a + a exp(-x)), where a is a power of two with which nothing overflows and the quotient may be subnormal."""
    r, k = _reduced(minimum(maximum(-x, -30.0), 105.0))
    half = k >> 1
    a, power = _power_of_two(0 - half), _power_of_two(k - half)
    return a / (fma(fma(r * r, polynomial(r, EXP), r), power, a) + power)


def tanh(x: Value) -> Value:
    magnitude = minimum(absolute(x), 10.0)
    square = x * x
    near_zero = fma(x * square, polynomial(square, TANH), x)
    r, k = _reduced(magnitude + magnitude)
    power = (fma(r * r, polynomial(r, EXP), r) + 1.0) * _power_of_two(k)
    far = 1.0 - x.like(2.0) / (power + 1.0)
    return copy_sign(choose(magnitude < 0.6, near_zero, far), x)


# -- logarithms --------------------------------------------------------------------------------------

SQRT_HALF_BITS = 0x3F3504F3
EXPONENT_BITS = -0x00800000  # sign and exponent


def _log_of(f: Value, e: Value) -> Value:
    """log((1 + f) · 2ᵉ) for √½ ≤ 1 + f < √2."""
    bend = f * f * fma(f, polynomial(f, LOG), -0.5)
    return fma(e, LOG2_HIGH, f + fma(e, LOG2_LOW, bend))


def log(x: Value) -> Value:
    subnormal = x < 2.0**-126
    scaled = choose(subnormal, x * 2.0**23, x)
    exponent = (scaled.bits - SQRT_HALF_BITS) & EXPONENT_BITS
    f = (scaled.bits - exponent).bits - 1.0
    e = (exponent >> 23).to("float") - choose(subnormal, x.like(23.0), 0.0)
    value = choose(x < float("inf"), _log_of(f, e), x)
    value = choose(x >= 0.0, value, float("nan"))
    return choose(x.equals(0.0), x.like(-float("inf")), value)


def log1p(x: Value) -> Value:
    exponent = ((x + 1.0).bits - SQRT_HALF_BITS) & EXPONENT_BITS
    scale = (0x40800000 - exponent).bits  # 2²⁻ᵉ: 2⁻ᵉ itself may be subnormal
    f = fma(x * 0.25, scale, fma(scale, 0.25, -1.0))  # (1 + x) · 2⁻ᵉ - 1, of which no digit is lost
    value = _log_of(f, (exponent >> 23).to("float"))
    value = choose(x < float("inf"), value, x)
    value = choose(x >= -1.0, value, float("nan"))
    value = choose(x.equals(-1.0), x.like(-float("inf")), value)
    return choose(absolute(x) < 2.0**-25, x, value)


def softplus(x: Value) -> Value:
    return log1p(_decay(x)) + maximum(x, 0.0)


# -- sine and cosine ---------------------------------------------------------------------------------


def _quadrant(x: Value) -> tuple[Value, Value]:
    """(r, q) with x = q π/2 + r, |r| ≤ π/4 and an integer q, for |x| < 2³⁰; in double precision, to lose no digit of r."""
    wide = x.to("double")
    shifted = fma(wide, TWO_OVER_PI, ROUNDING_DOUBLE)
    q = shifted - ROUNDING_DOUBLE
    r = fma(q, -HALF_PI_LOW, fma(q, -HALF_PI, wide))
    x.program.guard(absolute(x) >= 2.0**30)
    return r.to("float"), shifted.bits.to("i32")


# 2/π in binary, 32 digits a word, after one word of zeros (N. J. A. Sloane, OEIS A060294).
TWO_OVER_PI_WORDS = (0, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB)


def _quadrant_of_any(x: Value) -> tuple[Value, Value]:
    """The same for every finite x ≥ 1, by M. Payne and R. Hanek's way (1983).

    With x = m · 2ⁿ for integers m and n, the digits of 2/π that stand for multiples of 4 in the product contribute nothing, and
    those far behind the point too little: 96 digits in between are enough for a float32.
    """
    bits = x.bits & 0x7FFFFFFF
    mantissa = ((bits & 0x007FFFFF) | 0x00800000).unsigned("i64")
    place = (bits >> 23) - (127 - 7)  # of the first digit that counts, in the words above
    word = place >> 5
    shift = (place & 31).unsigned("i64")

    def digits(first: int) -> Value:
        pairs = [TWO_OVER_PI_WORDS[n] << 32 | TWO_OVER_PI_WORDS[n + 1] for n in range(first, first + 5)]
        pair = mantissa.like(pairs[0])
        for n, other in enumerate(pairs[1:], 1):
            pair = choose(word.equals(n), mantissa.like(other), pair)
        return (pair << shift).shift_in_zeros(32)

    product = (
        ((mantissa * digits(0)) << 32) + mantissa * digits(1) + (mantissa * digits(2)).shift_in_zeros(32)
    )  # x · 2/π in units of 2⁻⁶², modulo 4
    q = (product + (1 << 61)).shift_in_zeros(62)
    r = (product - (q << 62)).to("double") * (HALF_PI * 2.0**-62)
    negative = x < 0.0
    r = choose(negative, -r, r)
    q = choose(negative, 0 - q, q).to("i32")
    return choose(absolute(x) < float("inf"), r.to("float"), float("nan")), q


def _sine(r: Value, q: Value) -> Value:
    """sin(q π/2 + r)."""
    square = r * r
    sine = fma(r * square, polynomial(square, SIN), r)
    cosine = fma(square * square, polynomial(square, COS), fma(square, -0.5, 1.0))
    value = choose((q & 1).equals(0), sine, cosine)
    return (value.bits ^ ((q & 2) << 30)).bits


def sin(x: Value) -> Value:
    value = _sine(*_quadrant(x))
    return choose(x.equals(0.0), x, value)


def cos(x: Value) -> Value:
    r, q = _quadrant(x)
    return _sine(r, q + 1)


def _where_large(x: Value) -> tuple[Value, Value]:
    near, q_near = _quadrant(x)
    x.program.guards.pop()
    far, q_far = _quadrant_of_any(x)
    small = absolute(x) < 2.0**30
    return choose(small, near, far), choose(small, q_near, q_far)


def sin_wide(x: Value) -> Value:
    value = _sine(*_where_large(x))
    return choose(x.equals(0.0), x, value)


def cos_wide(x: Value) -> Value:
    r, q = _where_large(x)
    return _sine(r, q + 1)


# -- the error function ------------------------------------------------------------------------------


def erf(x: Value) -> Value:
    square = x * x
    near_zero = fma(x, polynomial(square, ERF), x)
    magnitude = minimum(absolute(x), 4.0)
    far = copy_sign(1.0 - _exp_within(polynomial(magnitude, ERFC) * magnitude), x)
    return choose(magnitude < 0.92, near_zero, far)


# -- arithmetic --------------------------------------------------------------------------------------


def relu(x: Value) -> Value:
    return choose(x <= 0.0, x.like(0.0), x)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "add": lambda x, y: x + y,
    "cos": cos,
    "divide": lambda x, y: x / y,
    "erf": erf,
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "multiply": lambda x, y: x * y,
    "relu": relu,
    "sigmoid": sigmoid,
    "sigmoid_slope": lambda x, y: (1.0 - x) * x * y,
    "sin": sin,
    "softplus": softplus,
    "sqrt": square_root,
    "square": lambda x: x * x,
    "subtract": lambda x, y: x - y,
    "tanh": tanh,
    "tanh_slope": lambda x, y: (1.0 - x * x) * y,
}
"""Name: the function of values."""

WIDE: dict[str, Callable[..., Value]] = {"cos": cos_wide, "sin": sin_wide}
"""The forms without a guard, slower, of those that have one."""
