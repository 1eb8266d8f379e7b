"""A graph run node by node, so that tapes outside the function hear of every operation, as if it were run eagerly."""

from __future__ import annotations

import itertools
from typing import Any

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Assign, Block, Choice, Node, acts

__all__ = ["replay"]


def replay(block: Block, needed: set[int], values: dict[int, Tensor]) -> None:
    """Applies the nodes of a block to tensors.

    Args:
        block: the nodes.
        needed: the numbers of the values that something reads; nodes that give others only are left out.
        values: the tensors of the numbers known so far; those of the block are added.
    """

    def value(x: Any) -> Tensor:
        return values[x._value.number] if type(x) is SymbolicTensor else x

    for node in block.nodes:
        if needed.isdisjoint(node.outputs) and not acts(node):
            continue
        if type(node) is Node:
            result = node.replay(*map(value, node.inputs))
            if node.several:
                values.update(zip(node.outputs, result, strict=True))
            elif node.outputs:
                values[node.outputs[0]] = result
        elif type(node) is Assign:
            node.variable._rebind(value(node.value), False)
        elif type(node) is Choice:
            side = 0 if bool(value(node.condition)) else 1
            replay(node.blocks[side], needed, values)
            for number, result in zip(node.outputs, node.results[side], strict=True):
                values[number] = value(result)
        else:
            _loop(node, needed, values, value)


def _loop(node: Any, needed: set[int], values: dict[int, Any], value: Any) -> None:
    state = list(map(value, node.initial))
    stacks: list[list] = [[] for _ in node.emitted]
    rows = zip(*[list(value(source)) for source in node.rows], strict=False) if node.rows else itertools.repeat(())
    for items in list(rows)[::-1] if node.reverse else rows:
        values.update(zip(node.state, state, strict=True))
        values.update(zip(node.items, items, strict=True))
        if node.test is not None:
            replay(node.test, needed, values)
            if not bool(value(node.condition)):
                break
        replay(node.body, needed, values)
        for stack, x, number in zip(stacks, node.emitted, node.stacks, strict=True):
            stack.append(value(x) if number in needed else None)
        state = [value(x) if number in needed else None for number, x in zip(node.state, node.following, strict=True)]
    values.update(zip(node.outputs, [*state, *[stack[::-1] if node.reverse else stack for stack in stacks]], strict=True))
