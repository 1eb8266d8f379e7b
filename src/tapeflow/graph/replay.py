"""A graph run node by node: eagerly, so that tapes outside the function hear of every operation, or in another trace.

In a trace, choices and loops become nodes of that trace, by the way that the user's own take.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.dimension import Dim, holds_late
from tapeflow.core.symbolic import SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.control_flow import trace_sides
from tapeflow.graph.ir import Assign, Block, Choice, Loop, Node, acts
from tapeflow.graph.loops import LoopBuilder
from tapeflow.ops.joining import unstack

__all__ = ["replay", "trace_again"]


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
        if type(node) is Node and node.effect and tracing() is not None:
            tracing().effect(node.replay, tuple(map(value, node.inputs)), node.compute)
        elif type(node) is Node:
            result = node.replay(*map(value, node.inputs))
            if node.several:
                values.update(zip(node.outputs, result, strict=True))
            elif node.outputs:
                values[node.outputs[0]] = result
        elif type(node) is Assign:
            node.variable._rebind(value(node.value), False)
        elif type(node) is Choice:
            _choice(node, needed, values, value)
        else:
            _loop(node, needed, values, value)


def _choice(node: Choice, needed: set[int], values: dict[int, Any], value: Any) -> None:
    wanted = [i for i, number in enumerate(node.outputs) if number in needed]

    def side(number: int) -> list:
        replay(node.blocks[number], needed, values)
        return [value(node.results[number][i]) for i in wanted]

    condition = value(node.condition)
    if type(condition) is SymbolicTensor:
        found = trace_sides(tracing(), condition, (lambda: side(0), lambda: side(1)))
    else:
        found = side(0 if bool(condition) else 1)
    values.update(zip([node.outputs[i] for i in wanted], found, strict=True))


def _loop(node: Loop, needed: set[int], values: dict[int, Any], value: Any) -> None:
    carried = [i for i, number in enumerate(node.state) if number in needed]
    emitted = [i for i, number in enumerate(node.stacks) if number in needed]
    outputs = [node.outputs[i] for i in carried] + [node.stacks[i] for i in emitted]
    if tracing() is None:
        found = _run(node, needed, values, value, carried, emitted)
    else:

        def give(numbers: Any, tensors: Any) -> None:
            values.update(zip(numbers, tensors, strict=True))

        found = trace_again(node, value, give, lambda block: replay(block, needed, values), carried, emitted)
    values.update(zip(outputs, found, strict=True))


def trace_again(node: Loop, value: Any, give: Any, block: Any, carried: Sequence[int], emitted: Sequence[int]) -> list:
    """Makes a loop a node of the trace under way.

    Args:
        node: the loop, of another trace.
        value: gives what stands for a tensor of that trace in this one.
        give: says what stands for numbers of that trace.
        block: applies the nodes of a block.
        carried, emitted: which parts of the state and which stacks are wanted.

    Returns:
        These parts of the state afterwards, and the stacks.
    """
    builder = LoopBuilder(tracing(), node.reverse)
    with builder:
        give(
            [node.state[i] for i in carried],
            [builder.carry(convert(value(node.initial[i])), _free_axes(node, i)) for i in carried],
        )
        give(node.items, [builder.row(value(source)) for source in node.rows])
        if node.test is not None:
            with builder.testing():
                block(node.test)
                builder.condition = value(node.condition)
        with builder.body():
            block(node.body)
            builder.ends([value(node.following[i]) for i in carried], [value(node.emitted[i]) for i in emitted])
    finals, stacks = builder.close()
    return [*finals, *stacks]


def _free_axes(node: Loop, i: int) -> tuple[int, ...]:
    """The axes of a part of the state whose sizes change from turn to turn."""
    state = node.body.tracer.symbols[node.state[i]]._value
    if state.depth or not holds_late(state.shape):
        return ()
    pairs = zip(state.shape, node.initial[i]._value.shape, strict=True)
    return tuple([axis for axis, (a, b) in enumerate(pairs) if type(a) is Dim and not a.is_written_as(b)])


def _run(node: Loop, needed: set, values: dict, value: Any, carried: list[int], emitted: list[int]) -> list:
    """The loop run eagerly: what comes out of it."""
    state = [value(node.initial[i]) for i in carried]
    stacks: list[list] = [[] for _ in emitted]
    rows = zip(*[_rows(value(source)) for source in node.rows], strict=False) if node.rows else itertools.repeat(())
    for items in list(rows)[::-1] if node.reverse else rows:
        values.update(zip([node.state[i] for i in carried], state, strict=True))
        values.update(zip(node.items, items, strict=True))
        if node.test is not None:
            replay(node.test, needed, values)
            if not bool(value(node.condition)):
                break
        replay(node.body, needed, values)
        for stack, i in zip(stacks, emitted, strict=True):
            stack.append(value(node.emitted[i]))
        state = [value(node.following[i]) for i in carried]
    return [*state, *[stack[::-1] if node.reverse else stack for stack in stacks]]


def _rows(source: Any) -> Any:
    return unstack(source) if isinstance(source, Tensor) else source
