"""Distances from exact results in units of the last place, and bit patterns to try."""

from __future__ import annotations

import numpy as np
from scipy import special

EXACT = {
    "cos": np.cos,
    "erf": special.erf,
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "relu": lambda x: np.maximum(x, 0.0),
    "sigmoid": special.expit,
    "sin": np.sin,
    "softplus": lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0.0),
    "sqrt": np.sqrt,
    "square": np.square,
    "tanh": np.tanh,
}
"""Of float64, whose error is far below an ulp of float32."""


def patterns(start: int, stop: int, step: int) -> np.ndarray:
    """The float32 numbers with the bit patterns range(start, stop, step)."""
    return np.arange(start, stop, step, dtype=np.uint64).astype(np.uint32).view(np.float32)


def distance(result: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """|result - exact| in ulps of the float32 nearest to the float64 `exact`; infinite where one of them is NaN, infinite or a
    zero of the other sign and the other is not the same."""
    with np.errstate(all="ignore"):
        nearest = exact.astype(np.float32)
        _, exponent = np.frexp(np.maximum(np.abs(nearest), np.finfo(np.float32).tiny))
        off = np.abs(result.astype(np.float64) - exact) / np.ldexp(1.0, exponent - 24)
    off[np.isnan(nearest) & np.isnan(result)] = 0.0
    off[np.isnan(nearest) != np.isnan(result)] = np.inf
    infinite = np.isinf(nearest)
    off[infinite] = 0.0
    # Beside the largest number an infinity is one unit away.
    beyond = np.abs(result[infinite]) < np.finfo(np.float32).max
    off[infinite] = np.where(beyond | (np.sign(result[infinite]) != np.sign(nearest[infinite])), np.inf, 0.0)
    off[(nearest == 0) & (result == 0) & (np.signbit(nearest) != np.signbit(result))] = np.inf
    return off
