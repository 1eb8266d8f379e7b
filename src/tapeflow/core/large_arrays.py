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
    "cos": 131_072,
    "erf": 1_024,
    "exp": 32_768,
    "expm1": 65_536,
    "log": 131_072,
    "log1p": 131_072,
    "relu": 32_768,
    "sigmoid": 32_768,
    "sigmoid_slope": 65_536,
    "sin": 131_072,
    "softplus": 4_096,
    "sqrt": 65_536,
    "tanh": 262_144,
    "tanh_slope": 65_536,
}
"""How many float32 elements an array must have; measured by benchmarks/native_thresholds.py.

Sums and products are not here: memory bounds them, and NumPy is as fast."""

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
