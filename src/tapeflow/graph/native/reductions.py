"""The reductions that a nest of loops has instructions for: where they begin, and what one element more makes of them."""

from __future__ import annotations

import numpy as np

from tapeflow.graph.native.expressions import Value, constant
from tapeflow.graph.native.lowering import TYPES
from tapeflow.graph.native.nest_parts import Reduction

__all__ = ["accumulator", "begins", "combined", "identity", "widened"]


def begins(reduction: Reduction) -> int:
    """The first of the groups at the end over which it goes."""
    return max((n + 1 for n, kept in enumerate(reduction.along) if kept), default=0)


def accumulator(reduction: Reduction) -> str:
    """The type in which it is computed: sums of floats as doubles, so that they are exact to the last digits of a float."""
    type = TYPES[reduction.dtype]
    if reduction.kind in ("Sum", "Mean") and type == "float" and (reduction.wide or not reduction.along[-1]):
        return "double"
    return type


def widened(x: Value, reduction: Reduction) -> Value:
    type = accumulator(reduction)
    return x if x.type == type else x.to(type)


def identity(reduction: Reduction) -> str:
    """What a reduction of nothing gives."""
    type = accumulator(reduction)
    if reduction.kind in ("Sum", "Mean"):
        return constant(type, 0)
    sign = -1 if reduction.kind == "Max" else 1
    if type in ("float", "double"):
        return constant(type, sign * float("inf"))
    info = np.iinfo(reduction.dtype)
    return str(info.min if sign < 0 else info.max)


def combined(kind: str, total: Value, x: Value) -> Value:
    """A reduction's value with one element more. Sums may be taken in any order: that is what makes them vectors."""
    floats = x.type in ("float", "double")
    if kind in ("Sum", "Mean"):
        return x.program.emit(x.type, f"{'fadd reassoc' if floats else 'add'} {x.type} {total}, {x}")
    if floats:
        return x.program.intrinsic("maximum" if kind == "Max" else "minimum", total, x)
    test = "sgt" if kind == "Max" else "slt"
    larger = x.program.emit("i1", f"icmp {test} {x.type} {total}, {x}")
    return x.program.emit(x.type, f"select i1 {larger}, {x.type} {total}, {x.type} {x}")
