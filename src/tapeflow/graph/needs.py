"""Which values of a graph are needed, and how often each is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Block, Choice, Loop, acts, blocks_of, tensors_of

__all__ = ["made_in", "needed_by", "rows_needed", "tensors_in", "uses_of"]


def needed_by(block: Block, outputs: Sequence) -> set[int]:
    """The numbers of all values that the outputs and the effects of a graph depend on."""
    needed: set[int] = set()
    _need(outputs, needed)
    _mark(block.nodes, needed)
    return needed


def _need(tensors: Any, needed: set[int]) -> None:
    needed.update(x._value.number for x in tensors if type(x) is SymbolicTensor)


def _mark(nodes: list, needed: set[int]) -> None:
    """Marks what the nodes need, from the last to the first."""
    for node in reversed(nodes):
        if not acts(node) and needed.isdisjoint(node.outputs):
            continue
        if type(node) is Loop:
            _mark_loop(node, needed)
        elif type(node) is Choice:
            _need([node.condition], needed)
            for results, side in zip(node.results, node.blocks, strict=True):
                _need([y for y, number in zip(results, node.outputs, strict=True) if number in needed], needed)
                _mark(side.nodes, needed)
        else:
            _need(node.inputs, needed)


def _mark_loop(node: Loop, needed: set[int]) -> None:
    """A part of the state is needed if somebody reads it, in the loop or after it; so is a row, and a stack after it."""
    _need([x for x, number in zip(node.emitted, node.stacks, strict=True) if number in needed], needed)
    if node.test is not None:
        _need([node.condition], needed)
    waiting = list(zip(node.state, node.outputs, node.initial, node.following, strict=False))
    while True:
        for block in reversed(blocks_of(node)):
            _mark(block.nodes, needed)
        found = [each for each in waiting if each[0] in needed or each[1] in needed]
        if not found:
            break
        for each in found:
            waiting.remove(each)
            needed.add(each[0])
            _need(each[2:], needed)
    _need([source for source, _ in rows_needed(node, needed)], needed)


def rows_needed(node: Loop, needed: set[int]) -> list[tuple[Any, int]]:
    """The pairs (what the loop runs over, number of its row) that must be there: one at least, since they say how often."""
    pairs = list(zip(node.rows, node.items, strict=True))
    return [pair for pair in pairs if pair[1] in needed] or pairs[:1]


def made_in(block: Block) -> set[int]:
    """The numbers of all values that a block makes, those inside its nodes included."""
    found: set[int] = set()
    for node in block.nodes:
        found.update(node.outputs)
        if type(node) is Loop:
            found.update(node.state, node.items)
        for each in blocks_of(node):
            found |= made_in(each)
    return found


def uses_of(block: Block, outputs: Sequence) -> Counter[int]:
    """How often each value of a graph is named: by nodes, and as an output."""
    return Counter(x._value.number for x in (*tensors_in(block), *outputs) if type(x) is SymbolicTensor)


def tensors_in(block: Block) -> Iterator[Any]:
    """The tensors that the nodes of a block name, and those inside them."""
    for node in block.nodes:
        yield from tensors_of(node)
        for each in blocks_of(node):
            yield from tensors_in(each)
