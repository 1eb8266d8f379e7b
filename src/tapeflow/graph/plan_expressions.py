"""Nodes that Python says in a few words: as such they are written into a Plan, which saves the call of their kernel.

Each does what the kernel does, for dtypes and shapes that are known.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from tapeflow.graph.ir import Node
from tapeflow.ops.matrix_products import LARGE, TRANSPOSED, large_product
from tapeflow.ops.parts import numpy_index

__all__ = ["expression"]

OPERATORS: dict[Any, str] = {
    operator.add: "+",
    operator.sub: "-",
    operator.mul: "*",
    operator.truediv: "/",
}


def expression(node: Node, operands: list[str], constant: Callable[[Any], str]) -> str | None:
    """The Python expression of a node; None: it is to be a call of its kernel.

    Args:
        node: the node.
        operands: the names of its inputs.
        constant: gives the name of a value.
    """
    sign = OPERATORS.get(node.compute)
    if sign is not None and not node.attributes and len(operands) == 2:
        return f"{operands[0]} {sign} {operands[1]}"
    if node.primitive is None:
        return None
    write = EXPRESSIONS.get(node.primitive.name)
    return None if write is None else write(node, operands, constant)


def _product(node: Node, operands: list[str], constant: Callable[[Any], str]) -> str | None:
    if any(x._value.ndim != 2 or x._value.dtype.kind != "f" or x._value.dtype.itemsize < 4 for x in node.inputs):
        return None
    factors, sizes = [], []
    for x, name, form in zip(node.inputs, operands, ("form_a", "form_b"), strict=True):
        transposed = (node.attributes or {})[form] & TRANSPOSED
        factors.append(f"{name}.T" if transposed else name)
        sizes.append(x._value.shape[::-1] if transposed else x._value.shape)
    a, b = factors
    rows, columns = sizes[0][0], sizes[1][1]
    is_large = type(rows) is type(columns) is int and rows * columns >= LARGE
    return f"{constant(large_product)}({a}, {b})" if is_large else f"{a}.dot({b})"


def _slice(node: Node, operands: list[str], constant: Callable[[Any], str]) -> str | None:
    if node.inputs[0]._value.dtype.kind == "O":
        return None
    return f"{operands[0]}[{constant(numpy_index((node.attributes or {})['spec']))}]"


EXPRESSIONS: dict[str, Callable[[Node, list[str], Callable[[Any], str]], str | None]] = {
    "MatMul": _product,
    "StridedSlice": _slice,
}
