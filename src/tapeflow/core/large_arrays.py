"""Elementwise kernels for large arrays: machine code where it is faster than NumPy, found at the first use.

The machine code belongs to a floor above this one, `tapeflow.graph.native`, and needs llvmlite; so it is asked for by name when
the first large array comes, never at import. Where it has no answer the NumPy kernel gives it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["LARGE", "NEVER", "by_rows", "large_kernel", "machine_code"]

NEVER = sys.maxsize

LARGE = {
    "acos": (32_768, 16_384),
    "acosh": (65_536, 65_536),
    "add": (300_000, 150_000),
    "asin": (32_768, 16_384),
    "asinh": (65_536, 65_536),
    "atan": (131_072, 32_768),
    "atanh": (80_000, 65_536),
    "cos": (131_072, 512),
    "cosh": (65_536, 65_536),
    "divide": (300_000, 150_000),
    "erf": (1_024, 512),
    "erfc": (1_024, NEVER),
    "exp": (32_768, 65_536),
    "expm1": (32_768, 16_384),
    "log": (131_072, 65_536),
    "log1p": (131_072, 65_536),
    "maximum": (300_000, 150_000),
    "minimum": (300_000, 150_000),
    "multiply": (300_000, 150_000),
    "negative": (500_000, 250_000),
    "relu": (16_384, 8_192),
    "rsqrt": (16_384, 4_096),
    "sigmoid": (2_048, 1_024),
    "sigmoid_slope": (65_536, 16_384),
    "sin": (131_072, 512),
    "sinh": (131_072, 65_536),
    "softplus": (1_024, 1_024),
    "sqrt": (32_768, 8_192),
    "square": (500_000, 250_000),
    "subtract": (300_000, 150_000),
    "tan": (131_072, 32_768),
    "tanh": (131_072, 65_536),
    "tanh_slope": (32_768, 16_384),
}
"""How many elements an array must have, float32's and float64's; measured by benchmarks/native_thresholds.py."""


def machine_code(module: str, name: str) -> Callable:
    """The function `name` of `tapeflow.graph.native.<module>`, which is imported when the first of its functions is asked for."""
    found = _found.get((module, name))
    if found is None:
        found = _found[module, name] = getattr(import_module(f"tapeflow.graph.native.{module}"), name)
    return found


_found: dict[tuple[str, str], Callable] = {}


def large_kernel(name: str, kernel: Callable) -> Callable:
    """`kernel`, but by machine code where that serves these arrays.

    Args:
        name: the function's name in `LARGE`.
        kernel: the NumPy kernel.
    """

    def kernel_for_large(*arrays: Any) -> Any:
        value = machine_code("eager", "compute_if_faster")(name, *arrays)
        return kernel(*arrays) if value is None else value

    return kernel_for_large


LARGE_ROWS = 256
"""Elements of a matrix whose softmax and cross-entropies are machine code, eagerly and in graphs. With fewer, loading LLVM once
takes tens of milliseconds, and NumPy's calls little more than that code's."""

LARGE_RECIPES = 16_384
"""Elements of a matrix for which the functions of `tapeflow.graph.native.row_functions` are faster than NumPy."""

RECIPES = frozenset({"log_softmax", "log_softmax_slope", "logsumexp", "softmax_slope"})
"""What those functions are called."""


def by_rows(name: str, matrix: Any, *arrays: Any) -> Any:
    """A function of the rows of a matrix, by machine code; None where that does not serve it or is not worth it.

    Args:
        name: the function's name in `tapeflow.graph.native.softmax_rows` or `row_functions`.
        matrix, *arrays: its arguments.
    """
    module, fewest = ("row_functions", LARGE_RECIPES) if name in RECIPES else ("softmax_rows", LARGE_ROWS)
    return None if matrix.size < fewest else machine_code(module, name)(matrix, *arrays)
