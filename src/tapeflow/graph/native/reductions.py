"""The reductions that a nest of loops has instructions for: where they begin, and what one element more makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.graph.native.expressions import Value, constant
from tapeflow.graph.native.lowering import TYPES
from tapeflow.graph.native.nest_parts import Reduction

__all__ = ["EXACT", "accumulator", "begins", "combined", "identity", "is_mixed", "start", "widened"]


def begins(reduction: Reduction) -> int:
    """The first of the groups at the end over which it goes."""
    return max((n + 1 for n, kept in enumerate(reduction.along) if kept), default=0)


def is_mixed(reduction: Reduction) -> bool:
    """Whether it goes over the innermost group and others that are not next to it, so that its results wait in memory."""
    return not reduction.along[-1] and not all(reduction.along[: begins(reduction)])


def accumulator(reduction: Reduction) -> str:
    """The type in which it is computed: sums of floats as doubles, so that they are exact to the last digits of a float.

    What is true is a byte, as in memory: vectors of bits are slow.
    """
    if reduction.kind in TRUTHS:
        return "i8"
    type = TYPES[reduction.dtype]
    if reduction.kind in EXACT and type == "float" and (reduction.wide or not reduction.along[-1]):
        return "double"
    return type


def widened(x: Value, reduction: Reduction) -> Value:
    """An element as it is taken in."""
    type = accumulator(reduction)
    if reduction.kind == "CountNonzero" and x.type != "i1":
        x = x.differs(0)
    return x.unsigned(type) if x.type == "i1" else x.to(type)


def start(reduction: Reduction) -> Any:
    """What a reduction of nothing gives."""
    if reduction.kind not in ("First", "Max", "Min"):
        return 1 if reduction.kind in ("All", "Prod") else 0
    lowest = reduction.kind == "Max"
    if reduction.dtype.kind == "f":
        return -np.inf if lowest else np.inf
    info = np.iinfo(reduction.dtype)
    return info.min if lowest else info.max


def identity(reduction: Reduction) -> str:
    """The same, as LLVM's text has it."""
    return constant(accumulator(reduction), start(reduction))


def combined(kind: str, total: Value, x: Value) -> Value:
    """A reduction's value with one element more. Sums may be taken in any order: that is what makes them vectors."""
    floats = x.type in ("float", "double")
    if kind in INSTRUCTIONS:
        on_floats, on_integers = INSTRUCTIONS[kind]
        return x.program.emit(x.type, f"{on_floats if floats else on_integers} {x.type} {total}, {x}")
    if floats:
        return x.program.intrinsic("maximum" if kind == "Max" else "minimum", total, x)
    test = "sgt" if kind == "Max" else "slt"
    larger = x.program.emit("i1", f"icmp {test} {x.type} {total}, {x}")
    return x.program.emit(x.type, f"select i1 {larger}, {x.type} {total}, {x.type} {x}")


TRUTHS = ("All", "Any")
EXACT = ("Mean", "Prod", "Sum")
"""What rounds, and is computed with more digits where that costs nothing."""

INSTRUCTIONS = {
    "All": ("", "and"),
    "Any": ("", "or"),
    "CountNonzero": ("", "add"),
    "Mean": ("fadd reassoc", "add"),
    "Prod": ("fmul reassoc", "mul"),
    "Sum": ("fadd reassoc", "add"),
}
"""Kind: the instruction for floats, and for integers; maxima and minima take more than one."""
