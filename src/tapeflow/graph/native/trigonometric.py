"""sin, cos, tan and their inverses, as straight-line arithmetic: at most 2 ulp from the exact value (see elementary.py)."""

from __future__ import annotations

from collections.abc import Callable

from tapeflow.graph.native.elementary import polynomial
from tapeflow.graph.native.expressions import Value, absolute, choose, copy_sign, fma, minimum, square_root
from tapeflow.graph.native.formats import DOUBLE, FORMATS, SINGLE

__all__ = ["TRIGONOMETRIC", "WIDE"]

TWO_OVER_PI = 0.6366197723675814
HALF_PI, HALF_PI_LOW, HALF_PI_LOWEST = 1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33
"""π/2 as a sum: each is the double nearest to what those before it lack."""

QUICK = {"float": 2.0**30, "double": 2.0**40}
"""The quick reduction serves arguments below this: further off the nearest multiple of π/2 would be missed."""


# -- argument reduction ----------------------------------------------------------------------------------


def _quadrant(x: Value) -> tuple[Value, Value, Value]:
    """(r, s, q) with x = q π/2 + r + s, |r| ≤ π/4, s below the last digit of r, and an integer q; x and r are doubles."""
    shifted = fma(x, TWO_OVER_PI, DOUBLE.rounding)
    q = shifted - DOUBLE.rounding
    above = fma(q, -HALF_PI, x)  # exact
    part = q * HALF_PI_LOW
    lost = fma(q, HALF_PI_LOW, -part)
    r = above - part
    below = fma(q, -HALF_PI_LOWEST, ((above - r) - part) - lost)
    return r, below, shifted.bits


def _guarded(x: Value) -> None:
    x.program.guard(absolute(x) >= QUICK[x.type])


def _single_quadrant(x: Value) -> tuple[Value, Value]:
    """(r, q) for a float32, r as a double."""
    _guarded(x)
    wide = x.to("double")
    shifted = fma(wide, TWO_OVER_PI, DOUBLE.rounding)
    q = shifted - DOUBLE.rounding
    return fma(q, -HALF_PI_LOW, fma(q, -HALF_PI, wide)), shifted.bits.to("i32")


# 2/π in binary, 32 digits a word, after one word of zeros (N. J. A. Sloane, OEIS A060294).
TWO_OVER_PI_WORDS = (0, 0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0, 0xDB629599, 0x3C439041, 0xFE5163AB)


def _quadrant_of_any(x: Value) -> tuple[Value, Value]:
    """The same for every finite float32 x ≥ 1, by M. Payne and R. Hanek's way (1983).

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
    return choose(absolute(x) < float("inf"), r, float("nan")), q


def _wide_quadrant(x: Value) -> tuple[Value, Value]:
    near, q_near = _single_quadrant(x)
    x.program.guards.pop()
    far, q_far = _quadrant_of_any(x)
    small = absolute(x) < QUICK["float"]
    return choose(small, near, far), choose(small, q_near, q_far)


# -- sine, cosine, tangent -------------------------------------------------------------------------------


def _signed(value: Value, q: Value) -> Value:
    """The value, with the other sign in the lower half of the circle."""
    integer = value.bits
    return (integer ^ ((q & 2) << (30 if integer.type == "i32" else 62))).bits


def _sine(r: Value, q: Value) -> Value:
    """sin(q π/2 + r) for float32."""
    r = r.to("float")
    square = r * r
    sine = fma(r * square, polynomial(square, SINGLE.sin), r)
    cosine = fma(square * square, polynomial(square, SINGLE.cos), fma(square, -0.5, 1.0))
    return _signed(choose((q & 1).equals(0), sine, cosine), q)


def _sine_of_double(r: Value, below: Value, q: Value) -> Value:
    square = r * r
    sine = r + fma(r * square, polynomial(square, DOUBLE.sin), below)
    cosine = fma(square, -0.5, 1.0) + fma(square * square, polynomial(square, DOUBLE.cos), -(r * below))
    return _signed(choose((q & 1).equals(0), sine, cosine), q)


def sin(x: Value) -> Value:
    if x.type == "double":
        _guarded(x)
        value = _sine_of_double(*_quadrant(x))
    else:
        value = _sine(*_single_quadrant(x))
    return choose(x.equals(0.0), x, value)


def cos(x: Value) -> Value:
    if x.type == "double":
        _guarded(x)
        r, below, q = _quadrant(x)
        return _sine_of_double(r, below, q + 1)
    r, q = _single_quadrant(x)
    return _sine(r, q + 1)


def sin_wide(x: Value) -> Value:
    value = _sine(*_wide_quadrant(x))
    return choose(x.equals(0.0), x, value)


def cos_wide(x: Value) -> Value:
    r, q = _wide_quadrant(x)
    return _sine(r, q + 1)


def _tangent(r: Value, below: Value, q: Value) -> Value:
    """tan(q π/2 + r + below)."""
    square = r * r
    value = r + fma(r * square, polynomial(square, FORMATS[r.type].tan), fma(square, below, below))
    return choose((q & 1).equals(0), value, -1.0 / value)


def _tangent_of_single(r: Value, q: Value) -> Value:
    """The same with r in float64, for float32."""
    rounded = r.to("float")
    return _tangent(rounded, (r - rounded.to("double")).to("float"), q)


def tan(x: Value) -> Value:
    if x.type == "double":
        _guarded(x)
        value = _tangent(*_quadrant(x))
    else:
        value = _tangent_of_single(*_single_quadrant(x))
    return choose(x.equals(0.0), x, value)


def tan_wide(x: Value) -> Value:
    return choose(x.equals(0.0), x, _tangent_of_single(*_wide_quadrant(x)))


# -- their inverses --------------------------------------------------------------------------------------


def _arcsine_part(x: Value) -> tuple[Value, Value, Value]:
    """(is |x| ≤ ½, and in two parts arcsin|x| if so, else arcsin √((1 - |x|)/2) = (π/2 - arcsin|x|) / 2)."""
    magnitude = absolute(x)
    small = magnitude <= 0.5
    square = choose(small, magnitude * magnitude, fma(magnitude, -0.5, 0.5))
    root = choose(small, magnitude, square_root(square))
    return small, root, root * square * polynomial(square, FORMATS[x.type].asin)


def asin(x: Value) -> Value:
    high, low = FORMATS[x.type].half_pi
    small, root, bend = _arcsine_part(x)
    twice = root + root
    difference = high - twice
    lost = (high - difference) - twice
    return copy_sign(choose(small, root + bend, difference - (bend + bend - (low + lost))), x)


def acos(x: Value) -> Value:
    high, low = FORMATS[x.type].half_pi
    small, root, bend = _arcsine_part(x)
    part = root + bend
    near_half_pi = high - (copy_sign(part, x) - low)
    twice = part + part
    return choose(small, near_half_pi, choose(x < 0.0, 2 * high - (twice - 2 * low), twice))


def _arctangent(numerator: Value, denominator: Value) -> Value:
    """arctan(numerator / denominator) for 0 ≤ numerator ≤ denominator; beyond tan(π/8) by the difference from π/4."""
    format = FORMATS[numerator.type]
    high, low = format.half_pi
    far = numerator > denominator * 0.4142135623730951
    t = choose(far, numerator - denominator, numerator) / choose(far, numerator + denominator, denominator)
    square = t * t
    bend = t * square * polynomial(square, format.atan)
    return choose(far, (bend + low / 2) + t + high / 2, t + bend)


def atan(x: Value) -> Value:
    high, low = FORMATS[x.type].half_pi
    magnitude = minimum(absolute(x), 2.0**60)
    one = x.like(1.0)
    steep = magnitude > 1.0
    value = _arctangent(choose(steep, one, magnitude), choose(steep, magnitude, one))
    return copy_sign(choose(steep, high - (value - low), value), x)


def atan2(y: Value, x: Value) -> Value:
    """For float32, in float64, where no quotient of two of them overflows."""
    height, width = absolute(y.to("double")), absolute(x.to("double"))
    both_infinite = height.equals(float("inf")) & width.equals(float("inf"))
    height, width = (choose(both_infinite, height.like(1.0), length) for length in (height, width))
    # Beside an infinity anything is nothing; it may not meet another in the quotient.
    height, width = (minimum(length, 2.0**1000) for length in (height, width))
    steep = height > width
    shorter, longer = choose(steep, width, height), choose(steep, height, width)
    value = _arctangent(shorter, choose(longer.equals(0.0), longer.like(1.0), longer))
    value = choose(steep, HALF_PI - (value - HALF_PI_LOW), value)
    value = choose(x.bits < 0, 2 * HALF_PI - (value - 2 * HALF_PI_LOW), value)
    value = choose(height.is_nan() | width.is_nan(), height.like(float("nan")), value)
    return copy_sign(value.to("float"), y)


TRIGONOMETRIC: dict[str, Callable[..., Value]] = {
    "acos": acos,
    "asin": asin,
    "atan": atan,
    "atan2": atan2,
    "cos": cos,
    "sin": sin,
    "tan": tan,
}
"""Name: the function of values."""

WIDE: dict[str, Callable[..., Value]] = {"cos": cos_wide, "sin": sin_wide, "tan": tan_wide}
"""The forms without a guard, slower, of those that have one; for float32."""
