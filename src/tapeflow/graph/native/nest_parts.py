"""What a nest of loops over arrays computes, as data: the key by which its machine code is known."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tapeflow.graph.native.expressions import Program, Value, constant
from tapeflow.graph.native.lowering import TYPES

__all__ = ["Along", "Nest", "Reduction", "Step", "constant_value"]

Along = tuple[bool, ...]  # for each group of axes, whether an array has elements along it


class Step(NamedTuple):
    """A primitive applied to operands: ("operand", n), ("step", n), ("constant", its bytes), or ("row", n): a row's reduction."""

    primitive: str
    dtype: np.dtype
    attributes: tuple
    operands: tuple[tuple[str, Any], ...]


class Reduction(NamedTuple):
    """The sum of a step, or another reduction, over the groups along which it is not kept. `kind` is the primitive's name.

    A sum of floats is stored as a double if `wide`: somebody adds several of them. The reduction "First" is for rows only: the
    place of the first element that is true.
    """

    kind: str
    source: tuple[str, Any]
    dtype: np.dtype
    along: Along
    wide: bool


class Nest(NamedTuple):
    """What is computed: operands (dtype, along), steps, the steps that are results, and reductions, which are results too.

    `row_reductions` go over the innermost group, and steps use them: see row_nests.py. They are no results; if one of them or what
    follows from it alone is, that is among the last `row_results` results, which have one element for each row.
    """

    groups: int
    operands: tuple[tuple[np.dtype, Along], ...]
    steps: tuple[Step, ...]
    results: tuple[tuple[str, Any], ...]
    reductions: tuple[Reduction, ...]
    short: bool  # whether the innermost loop is too short to be cut into whole vectors
    regroups: bool = False  # whether sums and products may be regrouped
    row_reductions: tuple[Reduction, ...] = ()
    row_results: int = 0
    scratch: bool = False  # whether a row is short enough to be kept on the stack between two passes over it


def constant_value(program: Program, scalar: tuple[str, bytes]) -> Value:
    """A constant, given as (its dtype, its bytes)."""
    dtype, content = scalar
    number = np.frombuffer(content, dtype)[0]
    type = TYPES[np.dtype(dtype)]
    return Value(program, type, ("true" if number else "false") if type == "i1" else constant(type, number))
