"""Eager elementwise operations on large arrays: one kernel, several threads.

`tapeflow.core.large_arrays` comes here once an operand is large enough. What is not served (another dtype, an array that is
not contiguous, no LLVM) is answered with None, and NumPy does it.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.elementary import FUNCTIONS, WIDE
from tapeflow.graph.native.loops import JOB, elementwise_loop
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.threads import run_job

__all__ = ["compute", "kernel"]

FLOAT32 = np.dtype("float32")

SMALLEST_CHUNK = dict.fromkeys(("add", "divide", "multiply", "relu", "square", "subtract"), 250_000)
SMALLEST_CHUNK |= {"erf": 65_536, "sigmoid": 65_536, "softplus": 32_768, "sigmoid_slope": 250_000, "tanh_slope": 250_000}
SMALLEST_CHUNK_OTHERWISE = 131_072
"""The elements a thread must have to be worth waking; measured by benchmarks/native_thresholds.py."""

_kernels: dict[tuple[str, str, bool], int | None] = {}


def kernel(name: str, operands: str, wide: bool = False) -> int | None:
    """The address of a function's loop as a job (see `loops.elementwise_loop`); None, remembered, where it cannot be had."""
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
            (compiled,) = host.link(elementwise_loop(function, operands, width=host.width), JOB)
        except Exception:  # LLVM refuses: never the user's error
            compiled = None
    _kernels[key] = compiled
    return compiled


def compute(name: str, *arrays: Any) -> np.ndarray | None:
    """The function `name` of float32 arrays of one shape, or of such arrays and single numbers; None: not served."""
    shape, operands, held = None, "", []
    for x in arrays:
        if x.dtype is not FLOAT32:
            return None
        if not x.ndim:
            operands += "n"
            x = np.array(x)
        else:
            operands += "a"
            if shape is None:
                shape = x.shape
            flags = x.flags
            if x.shape != shape or not (flags.c_contiguous and flags.aligned):
                return None
        held.append(x)
    if shape is None:
        return None
    job = kernel(name, operands)
    if job is None:
        return None
    out = np.empty(shape, FLOAT32)
    block = array("q", [address(out), *map(address, held)])
    place, smallest = block.buffer_info()[0], SMALLEST_CHUNK.get(name, SMALLEST_CHUNK_OTHERWISE)
    if run_job(job, place, out.size, smallest):
        job = kernel(name, operands, wide=True)
        if job is None:
            return None
        run_job(job, place, out.size, smallest)
    return out
