"""Which nodes of a graph a loop over arrays can compute."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tapeflow.core.dimension import holds_dim
from tapeflow.core.symbolic import Shapeless, SymbolicTensor
from tapeflow.graph.ir import Node
from tapeflow.graph.native.expressions import Program
from tapeflow.graph.native.functions import function
from tapeflow.graph.native.lowering import ELEMENTARY, RULES, TYPES, lower
from tapeflow.graph.native.nest_parts import constant_value

__all__ = ["LITERAL", "constant_of", "is_elementwise", "of_unknown_sizes", "reduction_of"]

LITERAL = ("Pow", "PowGrad")
"""Operations whose machine code depends on a constant among their operands: x² is a product."""


def is_elementwise(node: Node, out: Any, late: bool = False) -> bool:
    """Whether a node computes each element of its result from those of its operands at the same place, in machine code.

    With `late`, shapes need not be known.
    """
    name = node.primitive.name
    if name not in ("BiasAdd", "ScaleRows") and name not in RULES and name not in ELEMENTARY:
        return False
    if (not late or name == "ScaleRows") and of_unknown_sizes((out, *node.inputs)):
        return False
    if name in ("BiasAdd", "ScaleRows"):
        return out._value.dtype in TYPES and out._value.dtype.kind != "b"
    value = out._value
    dtypes = [x._value.dtype for x in node.inputs]
    if value.dtype not in TYPES or not all(dtype in TYPES for dtype in dtypes):
        return False
    if name in ELEMENTARY:
        return function(ELEMENTARY[name], TYPES[value.dtype]) is not None and set(dtypes) == {value.dtype}
    return _has_instructions(node, value.dtype)


def of_unknown_sizes(tensors: Iterable[Any]) -> bool:
    """Whether the shapes of some are not known: machine code is made for sizes that are."""
    return any(type(x._value) is Shapeless or holds_dim(x._value.shape) for x in tensors)


_served: dict[tuple, bool] = {}


def _has_instructions(node: Node, dtype: np.dtype) -> bool:
    constants = [constant_of(x) if node.primitive.name in LITERAL else None for x in node.inputs]
    try:
        key = (
            node.primitive.name,
            dtype,
            tuple((node.attributes or {}).items()),
            *[c or x._value.dtype for c, x in zip(constants, node.inputs, strict=True)],
        )
        if key not in _served:
            program = Program()
            operands = [
                constant_value(program, c) if c else program.value(TYPES[x._value.dtype], f"%x{n}")
                for n, (c, x) in enumerate(zip(constants, node.inputs, strict=True))
            ]
            _served[key] = lower(node.primitive.name, dtype, node.attributes, operands) is not None
        return _served[key]
    except Exception:  # a rule that does not serve these operands or attributes
        return False


def constant_of(x: Any) -> tuple[str, bytes] | None:
    """A constant that is one number, or the same everywhere: (its dtype, its bytes)."""
    value = x._value
    if type(x) is SymbolicTensor or value.dtype not in TYPES or not value.size:
        return None
    if value.size == 1 or not any(value.strides):
        return value.dtype.str, np.asarray(value).flat[0].tobytes()
    return None


Reduced = tuple[str, tuple[int, ...]]  # the kind, and the axes


REDUCED = {"All": "b", "Any": "b", "CountNonzero": "bif", "Max": "if", "Mean": "if", "Min": "if", "Prod": "if", "Sum": "if"}
"""Reductions over the axes that an attribute names, and the kinds of dtypes of which there is machine code."""


def reduction_of(node: Node, x: Any, out: Any) -> Reduced | None:
    """What a reduction of x does, if it is served."""
    name, attributes, shape = node.primitive.name, node.attributes or {}, x._value.shape
    dtype, result = x._value.dtype, out._value.dtype
    if dtype not in TYPES or result not in TYPES or not shape or (dtype != result and name != "CountNonzero"):
        return None
    if name in REDUCED:
        axis = attributes["axis"]
        axes = tuple(range(len(shape))) if axis is None else tuple(sorted(axis))
        kind = name
    elif name == "SumToShape":
        target = attributes["shape"]
        extra = len(shape) - len(target)
        axes = (*range(extra), *(n + extra for n, size in enumerate(target) if size == 1 and shape[n + extra] != 1))
        kind = "Sum"
    elif name == "BiasAddGrad":
        axes, kind = tuple(n for n in range(len(shape)) if n != attributes["axis"]), "Sum"
    else:
        return None
    if dtype.kind not in REDUCED[kind] or (name == "CountNonzero" and result.kind != "i"):
        return None
    axes = tuple(n for n in axes if shape[n] != 1)
    return (kind, axes) if axes else None
