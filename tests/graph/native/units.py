"""Distances from exact results in units of the last place, and bit patterns to try."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from tapeflow.graph.native import eager


def _erfc(x: np.ndarray) -> np.ndarray:
    """SciPy's, which is slow, where it is neither 1 - 2x/√π to 80 bits nor a constant: of the float32s these are seven in eight."""
    size = np.abs(x)
    if size.max() < 2.0**-27:
        return 1 - 2 / np.sqrt(np.pi) * x
    if size.min() > 12:
        return np.where(x > 0, 0.0, 2.0)  # of float32 the smallest is at 10.06
    return special.erfc(x)


EXACT = {
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "cos": np.cos,
    "cosh": np.cosh,
    "erf": special.erf,
    "erfc": _erfc,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "negative": np.negative,
    "relu": lambda x: np.where(x <= 0, x.dtype.type(0), x),
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "sigmoid": special.expit,
    "sin": np.sin,
    "sinh": np.sinh,
    "softplus": lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0.0),
    "sqrt": np.sqrt,
    "square": np.square,
    "tan": np.tan,
    "tanh": np.tanh,
}
"""Of float64, whose error is far below an ulp of float32."""

EXACT_OF_TWO = {"atan2": np.arctan2, "pow": np.power}


def _long_erf(x: np.ndarray) -> np.ndarray:
    """2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!, whose terms are all of one sign."""
    term = 2 / np.sqrt(np.arccos(np.longdouble(-1))) * np.abs(x)
    total = term.copy()
    for n in range(1, 200):
        term = term * (2 * x * x) / (2 * n + 1)
        total += term
    return np.copysign(np.where(np.abs(x) < 6.5, total * np.exp(-x * x), np.where(np.isnan(x), x, 1)), x)


LONG_EXACT = EXACT | {"erf": _long_erf, "sigmoid": lambda x: 1 / (1 + np.exp(-x))}
del LONG_EXACT["erfc"]
"""Of long double, where it has more digits than float64."""


def patterns(start: int, stop: int, step: int) -> np.ndarray:
    """The float32 numbers with the bit patterns range(start, stop, step)."""
    return np.arange(start, stop, step, dtype=np.uint64).astype(np.uint32).view(np.float32)


def distance(result: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """|result - exact| in ulps of the number nearest to the wider `exact`; infinite where one of them is NaN, infinite or a
    zero of the other sign and the other is not the same."""
    format = np.finfo(result.dtype)
    with np.errstate(all="ignore"):
        nearest = exact.astype(result.dtype)
        _, exponent = np.frexp(np.maximum(np.abs(nearest), format.tiny))
        off = np.abs(result.astype(exact.dtype) - exact) / np.ldexp(exact.dtype.type(1), exponent - format.nmant - 1)
    off[np.isnan(nearest) & np.isnan(result)] = 0.0
    off[np.isnan(nearest) != np.isnan(result)] = np.inf
    infinite = np.isinf(nearest)
    off[infinite] = 0.0
    # Beside the largest number an infinity is one unit away.
    beyond = np.abs(result[infinite]) < format.max
    off[infinite] = np.where(beyond | (np.sign(result[infinite]) != np.sign(nearest[infinite])), np.inf, 0.0)
    off[(nearest == 0) & (result == 0) & (np.signbit(nearest) != np.signbit(result))] = np.inf
    return off


def worst(name: str, exact: Callable, wider: type, *arrays: np.ndarray) -> tuple[float, tuple]:
    """The largest distance of the native function from the exact one, and where it is.

    Args:
        name: the native function.
        exact: the same, for arrays of the dtype `wider`.
        wider: a float type with more digits than the arrays'.
        arrays: the arguments.
    """
    with np.errstate(all="ignore"):
        result, true = eager.compute(name, *arrays), exact(*(x.astype(wider) for x in arrays))
        integers = f"i{result.itemsize}"
        nearest = true.astype(result.dtype)
        differs = np.flatnonzero((result.view(integers) != nearest.view(integers)) & ~(np.isnan(result) & np.isnan(nearest)))
        if not differs.size:
            return 0.0, ()  # the nearest numbers throughout
        off = distance(result[differs], true[differs])
    at = int(off.argmax())
    return float(off[at]), tuple(x[differs[at]] for x in arrays)
