"""Eager elementwise operations on large arrays of float32 and float64: one kernel, several threads.

`tapeflow.core.large_arrays` comes here once an operand is large enough. What is not served (another dtype, an array that is
not contiguous, no LLVM) is answered with None, and NumPy does it.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.functions import function
from tapeflow.graph.native.loops import JOB, elementwise_loop
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.threads import run_job

__all__ = ["compute", "kernel"]

TYPES = {np.dtype("float32"): "float", np.dtype("float64"): "double"}

SMALLEST_CHUNK = dict.fromkeys(("add", "divide", "multiply", "relu", "square", "subtract"), 250_000)
SMALLEST_CHUNK |= {"erf": 65_536, "sigmoid": 65_536, "softplus": 32_768, "sigmoid_slope": 250_000, "tanh_slope": 250_000}
SMALLEST_CHUNK_OTHERWISE = 131_072
"""The elements a thread must have to be worth waking; measured by benchmarks/native_thresholds.py."""

_kernels: dict[tuple[str, str, str, bool], int | None] = {}


def kernel(name: str, operands: str, type: str = "float", wide: bool = False) -> int | None:
    """The address of a function's loop as a job (see `loops.elementwise_loop`); None, remembered, where it cannot be had."""
    key = (name, operands, type, wide)
    try:
        return _kernels[key]
    except KeyError:
        pass
    host = machine()
    if host is None:
        return None  # not remembered: it may only be switched off
    compiled = None
    try:
        formula = function(name, type, wide)
        if formula is not None:
            (compiled,) = host.link(elementwise_loop(formula, operands, type, host.width), JOB)
    except Exception:  # LLVM refuses: never the user's error
        compiled = None
    _kernels[key] = compiled
    return compiled


def compute(name: str, *arrays: Any) -> np.ndarray | None:
    """The function `name` of arrays of one shape and dtype, or of such arrays and single numbers; None: not served."""
    shape, operands, held = None, "", []
    dtype = arrays[0].dtype
    type = TYPES.get(dtype)
    if type is None:
        return None
    for x in arrays:
        if x.dtype is not dtype:
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
    job = kernel(name, operands, type)
    if job is None:
        return None
    out = np.empty(shape, dtype)
    block = array("q", [address(out), *map(address, held)])
    place, smallest = block.buffer_info()[0], SMALLEST_CHUNK.get(name, SMALLEST_CHUNK_OTHERWISE)
    if run_job(job, place, out.size, smallest):
        job = kernel(name, operands, type, wide=True)
        if job is None:
            return None
        run_job(job, place, out.size, smallest)
    return out
