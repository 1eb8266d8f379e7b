"""The functions that there is machine code for, by name: of float32 all, of float64 nearly all.

The inputs and the result have one type, "float" or "double". Arithmetic rounds as NumPy's does, the others are within 2 ulp.
"""

from __future__ import annotations

from collections.abc import Callable

from tapeflow.graph.native import trigonometric
from tapeflow.graph.native.elementary import ELEMENTARY
from tapeflow.graph.native.expressions import Value, choose, square_root
from tapeflow.graph.native.trigonometric import TRIGONOMETRIC

__all__ = ["FUNCTIONS", "ONLY_SINGLE", "WIDE", "function"]


def _relu(x: Value) -> Value:
    return choose(x <= 0.0, x.like(0.0), x)


def _larger(x: Value, y: Value) -> Value:
    """NumPy's: a NaN wins, of equal ones the first."""
    return choose((x >= y) | x.is_nan(), x, y)


def _smaller(x: Value, y: Value) -> Value:
    return choose((x <= y) | x.is_nan(), x, y)


ARITHMETIC: dict[str, Callable[..., Value]] = {
    "add": lambda x, y: x + y,
    "divide": lambda x, y: x / y,
    "maximum": _larger,
    "minimum": _smaller,
    "multiply": lambda x, y: x * y,
    "negative": lambda x: -x,
    "relu": _relu,
    "rsqrt": lambda x: 1.0 / square_root(x),
    "sigmoid_slope": lambda x, y: (1.0 - x) * x * y,
    "sqrt": square_root,
    "square": lambda x: x * x,
    "subtract": lambda x, y: x - y,
    "tanh_slope": lambda x, y: (1.0 - x * x) * y,
}

FUNCTIONS: dict[str, Callable[..., Value]] = ARITHMETIC | ELEMENTARY | TRIGONOMETRIC
"""Name: the function of values, "float" or "double"."""

ONLY_SINGLE = frozenset({"atan2", "erfc", "pow"})
"""Of float64 these are NumPy's and SciPy's: at most 2 ulp would take twice the digits within."""

WIDE: dict[str, Callable[..., Value]] = trigonometric.WIDE
"""The forms without a guard, slower, of those that have one; for "float"."""


def function(name: str, type: str, wide: bool = False) -> Callable[..., Value] | None:
    """The function of this name for values of a type, or None.

    Args:
        name: as in FUNCTIONS.
        type: "float" or "double".
        wide: the form that serves every argument, where there are two.
    """
    if type not in ("float", "double") or (type == "double" and name in ONLY_SINGLE):
        return None
    if wide and name in WIDE:
        return WIDE[name] if type == "float" else None
    return FUNCTIONS.get(name)
