"""Elementwise kernels for large arrays: machine code where it is faster than NumPy, found at the first use.

The machine code belongs to a floor above this one, `tapeflow.graph.native`, and needs llvmlite; so it is asked for by name when
the first large array comes, never at import. Where it has no answer the NumPy kernel gives it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["LARGE", "large_kernel"]

LARGE = {
    "add": 400_000,
    "cos": 8_192,
    "divide": 400_000,
    "erf": 4_096,
    "exp": 8_192,
    "expm1": 4_096,
    "log": 8_192,
    "log1p": 4_096,
    "multiply": 400_000,
    "relu": 400_000,
    "sigmoid": 8_192,
    "sigmoid_slope": 16_384,
    "sin": 8_192,
    "softplus": 4_096,
    "sqrt": 300_000,
    "square": 400_000,
    "subtract": 400_000,
    "tanh": 4_096,
    "tanh_slope": 16_384,
}
"""How many float32 elements an array must have; measured by benchmarks/native_thresholds.py."""

_compute: Callable | None = None


def large_kernel(name: str, kernel: Callable) -> Callable:
    """`kernel`, but by machine code where that serves these arrays.

    Args:
        name: the function's name in `LARGE`.
        kernel: the NumPy kernel.
    """

    def kernel_for_large(*arrays: Any) -> Any:
        value = (_compute or _find())(name, *arrays)
        return kernel(*arrays) if value is None else value

    return kernel_for_large


def _find() -> Callable:
    global _compute
    _compute = import_module("tapeflow.graph.native.eager").compute
    return _compute
