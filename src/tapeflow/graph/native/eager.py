"""Eager elementwise operations on large arrays: one kernel, several threads.

`tapeflow.core.large_arrays` comes here once an operand is large enough. What is not served (another dtype, an array that is
not contiguous, no LLVM) is answered with None, and NumPy does it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.graph.native.elementary import FUNCTIONS, WIDE
from tapeflow.graph.native.loops import elementwise_loop
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.threads import in_chunks

__all__ = ["compute", "kernel"]

FLOAT32 = np.dtype("float32")

SMALLEST_CHUNK = dict.fromkeys(("add", "divide", "multiply", "relu", "square", "subtract"), 250_000)
SMALLEST_CHUNK |= {"erf": 65_536, "sigmoid": 65_536, "softplus": 32_768, "sigmoid_slope": 250_000, "tanh_slope": 250_000}
SMALLEST_CHUNK_OTHERWISE = 131_072
"""The elements a thread must have to be worth waking; measured by benchmarks/native_thresholds.py."""

_kernels: dict[tuple[str, str, bool], Callable[..., int] | None] = {}


def kernel(name: str, operands: str, wide: bool = False) -> Callable[..., int] | None:
    """The compiled loop of a function (see `loops.elementwise_loop`); None where it cannot be had, which is remembered."""
    key = (name, operands, wide)
    try:
        return _kernels[key]
    except KeyError:
        pass
    compiled = None
    host = machine()
    if host is not None:
        try:
            function = WIDE[name] if wide else FUNCTIONS[name]
            text = elementwise_loop(function, operands, width=host.width)
            compiled = host.load(text, len(operands) + 1)
        except Exception:  # LLVM refuses: never the user's error
            compiled = None
    _kernels[key] = compiled
    return compiled


def compute(name: str, *arrays: Any) -> np.ndarray | None:
    """The function `name` of float32 arrays of one shape, or of such arrays and single numbers; None: not served."""
    shape, operands, held = None, "", []
    for array in arrays:
        if array.dtype is not FLOAT32:
            return None
        if not array.ndim:
            operands += "n"
            array = np.array(array)
        else:
            operands += "a"
            if shape is None:
                shape = array.shape
            flags = array.flags
            if array.shape != shape or not (flags.c_contiguous and flags.aligned):
                return None
        held.append(array)
    if shape is None:
        return None
    function = kernel(name, operands)
    if function is None:
        return None
    out = np.empty(shape, FLOAT32)
    places = [(array.ctypes.data, 4 if operand == "a" else 0) for array, operand in zip(held, operands, strict=True)]
    places.insert(0, (out.ctypes.data, 4))
    refused = []

    def work(start: int, stop: int) -> None:
        arguments = [place + step * start for place, step in places]
        if function(*arguments, stop - start):
            wide = kernel(name, operands, wide=True)
            if wide is None:
                refused.append(start)
            else:
                wide(*arguments, stop - start)

    in_chunks(work, out.size, SMALLEST_CHUNK.get(name, SMALLEST_CHUNK_OTHERWISE))
    return None if refused else out
