"""Computes the float32 coefficients in `tapeflow.graph.native.formats`: run it and compare.

    python tests/graph/native/fit_polynomials.py

A minimax fit by Lawson's algorithm: least squares whose weights are multiplied by the error again and again, which ends at the
polynomial of the smallest largest error (C. L. Lawson, 1961; J.-M. Muller, Elementary Functions, 3rd edition, ch. 3). The
coefficients are rounded to float32 one at a time, lowest degree first, and the others fitted anew after each rounding.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

POINTS = 3000
ROUNDS = 300


def lawson(basis: np.ndarray, target: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The coefficients c for which the largest |(basis·c - target)·weight| is smallest."""
    density = np.ones(len(target))
    best, least = None, np.inf
    for _ in range(ROUNDS):
        root = np.sqrt(density)
        coefficients = np.linalg.lstsq(basis * (weight * root)[:, None], target * weight * root, rcond=None)[0]
        error = np.abs((basis @ coefficients - target) * weight)
        if error.max() < least:
            best, least = coefficients, error.max()
        if error.max() == 0:
            break
        density *= error / error.max() + 1e-6
        density /= density.mean()
    assert best is not None
    return best


def fit(target: Callable, weight: Callable, low: float, high: float, degree: int) -> tuple[list[float], float]:
    """float32 coefficients of `target` between `low` and `high`, and the largest weighted error that is left."""
    x = (low + high) / 2 + (high - low) / 2 * np.cos(np.linspace(0, np.pi, POINTS))
    x = x[np.abs(x) > 1e-4 * (high - low)]
    scale = max(abs(low), abs(high))
    basis = (x[:, None] / scale) ** np.arange(degree + 1)
    y, w = target(x), weight(x)
    kept: list[float] = []
    for k in range(degree + 1):
        rest = y - basis[:, :k] @ np.array([c * scale**n for n, c in enumerate(kept)])
        kept.append(float(np.float32(lawson(basis[:, k:], rest, w)[0] / scale**k)))
    left = (basis @ np.array([c * scale**n for n, c in enumerate(kept)]) - y) * w
    return kept, float(np.abs(left).max())


def remainder_of_log(f: np.ndarray) -> np.ndarray:
    """(log(1 + f) - f + f²/2) / f³, by its series where the difference would cancel."""
    series = sum((-1) ** n * f**n / (n + 3) for n in range(40))
    direct = (np.log1p(f) - f + f * f / 2) / f**3
    return np.where(np.abs(f) < 0.1, series, direct)


def remainder_of_exp(r: np.ndarray) -> np.ndarray:
    """(exp(r) - 1 - r) / r²."""
    return sum(r**n / special.factorial(n + 2) for n in range(25))


def sinc_remainder(s: np.ndarray) -> np.ndarray:
    """(sin √s / √s - 1) / s."""
    return sum((-1) ** (n + 1) * s**n / special.factorial(2 * n + 3) for n in range(15))


def cosine_remainder(s: np.ndarray) -> np.ndarray:
    """(cos √s - 1 + s/2) / s²."""
    return sum((-1) ** n * s**n / special.factorial(2 * n + 4) for n in range(15))


def tanh_remainder(s: np.ndarray) -> np.ndarray:
    """(tanh √s / √s - 1) / s, from the Bernoulli numbers, whose series is good to π/2."""
    bernoulli = special.bernoulli(120)
    terms = [2.0 ** (2 * n) * (2.0 ** (2 * n) - 1) * bernoulli[2 * n] / special.factorial(2 * n) for n in range(2, 60)]
    return sum(term * s**n for n, term in enumerate(terms))


def erf_remainder(s: np.ndarray) -> np.ndarray:
    """erf √s / √s - 1."""
    return 2 / np.sqrt(np.pi) * sum((-1) ** n * s**n / (special.factorial(n) * (2 * n + 1)) for n in range(40)) - 1


def tan_remainder(s: np.ndarray) -> np.ndarray:
    """(tan √s / √s - 1) / s."""
    return -tanh_remainder(-s)


def asin_remainder(s: np.ndarray) -> np.ndarray:
    """(arcsin √s / √s - 1) / s."""
    return sum(special.binom(2 * n, n) / 4.0**n / (2 * n + 1) * s ** (n - 1) for n in range(1, 40))


def atan_remainder(s: np.ndarray) -> np.ndarray:
    """(arctan √s / √s - 1) / s."""
    return sum((-1.0) ** n * s ** (n - 1) / (2 * n + 1) for n in range(1, 40))


def sinh_remainder(s: np.ndarray) -> np.ndarray:
    """(sinh √s / √s - 1) / s."""
    return sum(s**n / special.factorial(2 * n + 3) for n in range(15))


HALF_LOG2 = np.log(2) / 2 * 1.002
FITS = {
    "EXP": (remainder_of_exp, lambda r: r * r / np.abs(np.expm1(r)), -HALF_LOG2, HALF_LOG2, 5),
    "LOG": (remainder_of_log, lambda f: f**3 / np.log1p(f), np.sqrt(0.5) - 1, np.sqrt(2) - 1, 7),
    "TANH": (tanh_remainder, lambda s: s * np.sqrt(s) / np.tanh(np.sqrt(s)), 0, 0.6**2, 5),
    "SIN": (sinc_remainder, lambda s: s, 0, (np.pi / 4) ** 2 * 1.002, 3),
    "COS": (cosine_remainder, lambda s: s * s, 0, (np.pi / 4) ** 2 * 1.002, 2),
    "TAN": (tan_remainder, lambda s: s * np.sqrt(s) / np.tan(np.sqrt(s)), 0, (np.pi / 4) ** 2 * 1.002, 6),
    "ASIN": (asin_remainder, lambda s: s * np.sqrt(s) / np.arcsin(np.sqrt(s)), 0, 0.25, 4),
    "ATAN": (atan_remainder, lambda s: s * np.sqrt(s) / np.arctan(np.sqrt(s)), 0, np.tan(np.pi / 8) ** 2 * 1.002, 4),
    "SINH": (sinh_remainder, lambda s: s * np.sqrt(s) / np.sinh(np.sqrt(s)), 0, 1, 3),
    "ERF": (erf_remainder, lambda s: 1.0, 0, 0.925**2, 6),
    "ERFC": (
        lambda t: np.log(special.erfc(t)) / t,
        lambda t: t * special.erfc(t) / special.erf(t),
        0.92,
        4.0,
        7,
    ),
}

if __name__ == "__main__":
    for name, arguments in FITS.items():
        coefficients, error = fit(*arguments)
        print(f"{name} = {tuple(coefficients)}  # largest error {error / 2**-24:.3f} · 2⁻²⁴")
