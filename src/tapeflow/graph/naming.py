"""The names of the tensors and operations in a graph.

A placeholder is named after its argument, anything else after its operation, with a number where others came before:
`add`, `add_1`. Names are made when somebody asks; nothing depends on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tapeflow.graph.ir import Assign, Block, Choice, Loop

__all__ = ["named_nodes", "names_in", "type_of_node"]

# What Python's operators call their operations.
OPERATORS = {
    **{"AddV2": "add", "Sub": "sub", "Mul": "mul", "RealDiv": "truediv", "Pow": "pow", "Pack": "stack"},
    **{"StridedSlice": "strided_slice", "ConcatV2": "concat", "Split": "split", "FloorDiv": "floordiv", "FloorMod": "mod"},
}


def type_of_node(node: Any) -> str:
    """What kind of operation a node is."""
    if type(node) is Choice:
        return "If"
    if type(node) is Loop:
        return "While"
    if type(node) is Assign:
        return "AssignVariableOp"
    if getattr(node, "variable", None) is not None:
        return "ReadVariableOp"
    primitive = getattr(node, "primitive", None)
    return "Effect" if primitive is None else getattr(primitive, "base", primitive).name


def named_nodes(block: Block, placeholders: Any) -> Iterator[tuple[str, Any]]:
    """The nodes of a block, each with its name.

    Args:
        block: a function's nodes, or those so far.
        placeholders: the names that its arguments have.
    """
    taken = dict.fromkeys(placeholders, 1)
    for node in block.nodes:
        kind = type_of_node(node)
        base = {"If": "cond", "While": "while"}.get(kind) or OPERATORS.get(kind, kind)
        count = taken.get(base, 0)
        taken[base] = count + 1
        yield (f"{base}_{count}" if count else base), node


def names_in(tracer: Any) -> dict[int, str]:
    """The names of the tensors of a trace, which may be under way, by their numbers."""
    names = {number: f"{name}:0" for number, name in tracer.placeholders.items()}
    blocks, block = [], tracer.block
    while block is not None:
        blocks.append(block)
        block = block.outer
    if tracer.root not in blocks:
        blocks.append(tracer.root)
    taken = list(tracer.placeholders.values())
    for each in reversed(blocks):
        for name, node in named_nodes(each, taken):
            for i, number in enumerate(getattr(node, "outputs", ())):
                names[number] = f"{name}:{i}"
    return names
