"""A pass: what loops would compute again in every turn is computed once, before them.

An exponential of something that no turn changes is the same in all of them. LLVM moves arithmetic out of loops itself, but not out
of branches inside of them, and NumPy's kernels have nobody who would. Only functions that take long are moved, and what they alone
need: each value that is kept across a loop takes a register.

What is moved is computed even if the loop has no turn, or its branch is never taken. So it must not fail, whatever its operands
are: elementwise functions of known shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Block, Choice, Loop, Node, blocks_of, closed_like, copied
from tapeflow.graph.native.lowering import ELEMENTARY, RULES
from tapeflow.graph.native.row_nests import COSTLY
from tapeflow.graph.native.served import of_unknown_sizes

__all__ = ["hoisted"]

SAFE = (frozenset(ELEMENTARY) | frozenset(RULES)) - {"FloorDiv", "FloorMod", "TruncateDiv", "TruncateMod"}
"""Primitives that give something for all operands; integers cannot be divided by 0."""


def hoisted(block: Block) -> Block:
    """The graph with what its loops compute of things from outside in front of them."""
    found = closed_like(block)
    for node in block.nodes:
        inner = {id(each): hoisted(each) for each in blocks_of(node)}
        node = copied(node, lambda x: x, inner) if inner else node
        moved = _invariant(node) if type(node) is Loop else []
        if moved:
            numbers = {number for each in moved for number in each.outputs}
            node = copied(node, lambda x: x, {id(each): _without(each, numbers) for each in blocks_of(node)})
        found.nodes += [*moved, node]
    return found


def _invariant(loop: Loop) -> list[Node]:
    """The nodes of a loop to be moved, in order."""
    varying = {*loop.state, *loop.items, *(number for node in _nodes(loop) for number in node.outputs)}
    candidates: list[Node] = []
    for node in _nodes(loop):
        if _is_safe(node) and not any(x._value.number in varying for x in node.inputs if type(x) is SymbolicTensor):
            varying.difference_update(node.outputs)
            candidates.append(node)
    needed: set[int] = set()
    moved = []
    for node in reversed(candidates):
        if node.primitive.name in COSTLY or not needed.isdisjoint(node.outputs):
            needed.update(x._value.number for x in node.inputs if type(x) is SymbolicTensor)
            moved.append(node)
    return moved[::-1]


def _is_safe(node: Any) -> bool:
    if type(node) is not Node or node.primitive is None or node.effect or node.several:
        return False
    if node.primitive.name not in SAFE or any(getattr(x._value, "depth", 0) for x in node.inputs):
        return False
    return not of_unknown_sizes(node.inputs)


def _nodes(node: Any) -> Iterator[Any]:
    """The nodes of a loop's test and body, and of the choices in these; not those of the loops in these."""
    for block in blocks_of(node):
        for each in block.nodes:
            yield each
            if type(each) is Choice:
                yield from _nodes(each)


def _without(block: Block, numbers: set[int]) -> Block:
    """The block without the nodes that give these numbers."""
    found = closed_like(block)
    for node in block.nodes:
        if type(node) is Choice:
            node = copied(node, lambda x: x, {id(each): _without(each, numbers) for each in node.blocks})
        elif not numbers.isdisjoint(node.outputs):
            continue
        found.nodes.append(node)
    return found
