"""Computes the float64 coefficients in `tapeflow.graph.native.formats`: run it and compare. It needs mpmath.

    python tests/graph/native/fit_double_polynomials.py

Each polynomial meets its function at the Chebyshev nodes of the interval, computed with fifty digits; that is within a small factor
of the best there is (L. N. Trefethen, Approximation Theory and Approximation Practice, ch. 16), which one more term
makes up for. The error that is left, the rounding of the coefficients included, is printed in units of 2⁻⁵³ of the result.
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath
from mpmath import mp, mpf, sqrt

mp.dps = 50


def fit(function: Callable, low: mpf, high: mpf, degree: int) -> list[float]:
    """The coefficients of the polynomial that meets `function` at the Chebyshev nodes, rounded to float64."""
    count = degree + 1
    scale = max(abs(low), abs(high))
    powers, values = mpmath.matrix(count, count), mpmath.matrix(count, 1)
    for i in range(count):
        x = (low + high) / 2 + (high - low) / 2 * mpmath.cos(mpmath.pi * (2 * i + 1) / (2 * count))
        values[i] = function(x)
        for j in range(count):
            powers[i, j] = (x / scale) ** j
    scaled = mpmath.lu_solve(powers, values)
    return [float(scaled[j] / scale**j) for j in range(count)]


def largest_error(function: Callable, weight: Callable, coefficients: list[float], low: mpf, high: mpf) -> float:
    points = [low + (high - low) * (k + mpf(1) / 2) / 400 for k in range(400)]
    exact = [mpf(c) for c in reversed(coefficients)]
    return float(max(abs((mpmath.polyval(exact, x) - function(x)) * weight(x)) for x in points) * 2**53)


def remainder_of(odd_function: Callable) -> Callable:
    """(f(√s) / √s - 1) / s for an odd function with f'(0) = 1."""
    return lambda s: (odd_function(sqrt(s)) / sqrt(s) - 1) / s


def of_erfcx(u: mpf) -> mpf:
    """(1 + 2x) exp(x²) erfc(x) with u = (x - 4) / (x + 4)."""
    x = 4 * (1 + u) / (1 - u)
    return (1 + 2 * x) * mpmath.exp(x * x) * mpmath.erfc(x)


ZERO = mpf("1e-12")
EIGHTH, QUARTER = mpmath.tan(mpmath.pi / 8), mpmath.pi / 4  # what is far beyond tan(π/8) or π/4 is reduced first
FITS = {
    "EXP": (lambda r: (mpmath.expm1(r) - r) / r**2, lambda r: r * r / mpmath.exp(r), mpf("-0.34759"), mpf("0.3476"), 10),
    "LOG": (lambda z: 2 * remainder_of(mpmath.atanh)(z), lambda z: z / 2, ZERO, (3 - 2 * sqrt(2)) ** 2 * mpf("1.001"), 6),
    "TANH": (remainder_of(mpmath.tanh), lambda s: s, ZERO, mpf("0.36"), 11),
    "SIN": (remainder_of(mpmath.sin), lambda s: s, ZERO, QUARTER**2 * mpf("1.001"), 6),
    "COS": (lambda s: (mpmath.cos(sqrt(s)) - 1 + s / 2) / s**2, lambda s: s * s, ZERO, QUARTER**2 * mpf("1.001"), 5),
    "TAN": (remainder_of(mpmath.tan), lambda s: s, ZERO, QUARTER**2 * mpf("1.01"), 14),
    "ASIN": (remainder_of(mpmath.asin), lambda s: s, ZERO, mpf("0.25"), 12),
    "ATAN": (remainder_of(mpmath.atan), lambda s: s, ZERO, EIGHTH**2 * mpf("1.001"), 11),
    "SINH": (remainder_of(mpmath.sinh), lambda s: s, ZERO, mpf(1), 7),
    "ERF": (lambda s: mpmath.erf(sqrt(s)) / sqrt(s) - 1, lambda s: 1, ZERO, mpf("0.86"), 12),
    "ERFC": (
        lambda t: mpmath.log(mpmath.erfc(t)) / t,
        lambda t: t * mpmath.erfc(t) / mpmath.erf(t),
        mpf("0.92"),
        mpf("5.95"),
        24,
    ),
    # These are for float32, whose arithmetic is float64's there:
    "ERFCX": (of_erfcx, lambda u: 1, mpf(-1), (mpf("10.2") - 4) / (mpf("10.2") + 4), 13),
    "LOG2": (
        lambda f: mpmath.log1p(f) / f / mpmath.log(2),
        lambda f: f / mpmath.log1p(f),
        sqrt(mpf("0.5")) * mpf("0.9999") - 1,
        sqrt(2) * mpf("1.0001") - 1,
        13,
    ),
    "EXP2": (lambda r: mpmath.power(2, r), lambda r: mpmath.power(2, -r), mpf("-0.5"), mpf("0.5"), 6),
}

if __name__ == "__main__":
    for name, (function, weight, low, high, degree) in FITS.items():
        coefficients = fit(function, low, high, degree)
        print(
            f"{name} = {tuple(coefficients)}  # largest error {largest_error(function, weight, coefficients, low, high):.3f}"
        )
