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
from tapeflow.graph.native.machine import Compiled, Machine
from tapeflow.graph.native.threads import processors, run_job

__all__ = ["compute", "compute_if_faster", "kernel"]

FLOAT32, FLOAT64 = np.dtype("float32"), np.dtype("float64")

COST = dict.fromkeys(
    ("add", "divide", "maximum", "minimum", "multiply", "sigmoid_slope", "sqrt", "subtract", "tanh_slope"), 170
)
COST |= dict.fromkeys(("negative", "relu", "square"), 100) | dict.fromkeys(("acosh", "asinh", "atanh", "erf", "tan"), 700)
COST |= {
    "acos": 290,
    "asin": 290,
    "atan": 380,
    "atan2": 1750,
    "cos": 500,
    "cosh": 320,
    "erfc": 1300,
    "exp": 260,
    "expm1": 250,
}
COST |= {
    "log": 370,
    "log1p": 390,
    "pow": 1900,
    "rsqrt": 290,
    "sigmoid": 310,
    "sin": 510,
    "sinh": 430,
    "softplus": 900,
    "tanh": 440,
}
"""Picoseconds that a float32 takes on one thread, a float64 at least twice; measured by benchmarks/native_thresholds.py."""

WORTH_WAKING = 25_000_000
"""The picoseconds of work that a thread must have to be worth waking."""

SLOWER_ALONE = {
    "float": {
        "acosh",
        "add",
        "asinh",
        "atanh",
        "divide",
        "log",
        "multiply",
        "negative",
        "sinh",
        "square",
        "subtract",
        "tan",
        "tanh",
    },
    "double": {"acosh", "add", "asinh", "divide", "multiply", "negative", "sinh", "square", "subtract"},
}
"""What NumPy is faster at on one thread: it goes through memory as fast, or has code of its own for this processor."""


def _link(host: Machine, key: tuple[str, str, str, bool]) -> int | None:
    name, operands, type, wide = key
    formula = function(name, type, wide)
    if formula is None:
        return None
    (job,) = host.link(elementwise_loop(formula, operands, type, host.width), JOB)
    return job


_kernels = Compiled(_link)


def kernel(name: str, operands: str, type: str = "float", wide: bool = False) -> int | None:
    """The address of a function's loop as a job (see `loops.elementwise_loop`); None where it cannot be had."""
    return _kernels[name, operands, type, wide]


def compute_if_faster(name: str, *arrays: Any) -> np.ndarray | None:
    """`compute`, but None where NumPy is faster at this on the threads that there are."""
    if processors() < 2 and name in SLOWER_ALONE["float" if arrays[0].dtype is FLOAT32 else "double"]:
        return None
    return compute(name, *arrays)


def compute(name: str, *arrays: Any) -> np.ndarray | None:
    """The function `name` of arrays of one shape and dtype, or of such arrays and single numbers; None: not served."""
    shape, operands, held = None, "", []
    dtype = arrays[0].dtype
    if dtype is FLOAT32:  # not by a dictionary: a dtype's hash takes long
        type = "float"
    elif dtype is FLOAT64:
        type = "double"
    else:
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
    place, smallest = block.buffer_info()[0], 4 * WORTH_WAKING // (COST[name] * dtype.itemsize)
    if run_job(job, place, out.size, smallest):
        job = kernel(name, operands, type, wide=True)
        if job is None:
            return None
        run_job(job, place, out.size, smallest)
    return out
