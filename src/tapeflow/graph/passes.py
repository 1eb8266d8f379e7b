"""Passes: a graph in, a smaller graph with the same meaning out. They run before the Plan is written.

    simplified   a node that gives what is there already (x·1, the transpose of a transpose) is not computed
    folded       a node of constants alone is computed now
    shared       of two nodes that compute the same, one is left
    pruned       nodes that nothing needs are left out, and so are results of choices, parts of states, rows and stacks
    hoisted      what a loop would compute again in every turn is computed before it (hoisting.py)

The first three are *rules*: functions of a node that give tensors to use instead of its outputs, another node in its place, or
None where they have nothing to say. `rewritten` walks a graph once and asks them for each node, so that the time is linear in
the number of nodes. What a rule does keeps every bit of the result, ±0 and NaN included.

A pass makes new blocks and leaves the old ones alone: those are what is replayed under tapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tapeflow.core.config import is_wanted
from tapeflow.core.quiet import run_in_copy
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.graph.hoisting import hoisted
from tapeflow.graph.ir import Block, Choice, Loop, Node, acts, blocks_of, closed_like, copied
from tapeflow.graph.needs import needed_by, rows_needed, tensors_in
from tapeflow.graph.simplify import simplified

__all__ = ["Values", "folded", "optimized", "pruned", "rewritten", "shared"]

LARGEST_FOLDED = 65_536
"""Bytes of a result that is computed in advance: the graph holds it as long as it lives."""


class Values:
    """What a walk through a graph knows.

    Attributes:
        instead: for the number of a value, the tensor that stands for it.
        makers: for the number of a value, the node that makes it.
        symbols: for the number of a value that something needs, its tensor.
        common: for what a node computes, the node: in the block under way and in those around it.
        epoch: another number after every effect: the reads of a variable in one epoch have one value.
    """

    def __init__(self, block: Block, outputs: Sequence) -> None:
        self.instead: dict[int, Tensor] = {}
        self.makers: dict[int, Node] = {}
        self.symbols = {x._value.number: x for x in (*tensors_in(block), *outputs) if type(x) is SymbolicTensor}
        self.common: dict[tuple, Node] = {}
        self.epoch = 0

    def of(self, x: Any) -> Any:
        """The tensor that stands for x now."""
        return self.instead.get(x._value.number, x) if type(x) is SymbolicTensor else x

    def maker(self, x: Any) -> Node | None:
        """The node that x comes from, if one is known."""
        return self.makers.get(x._value.number) if type(x) is SymbolicTensor else None


Rule = Callable[[Node, Values], "Node | Sequence[Tensor | None] | None"]


def optimized(block: Block, outputs: Sequence) -> tuple[Block, list]:
    """The graph of `block`, which gives the tensors `outputs`, after the passes that are wanted: its block and its outputs."""
    rules: list[Rule] = []
    if is_wanted("arithmetic_optimization"):
        rules += [simplified]
    if is_wanted("constant_folding"):
        rules += [folded]
    if is_wanted("arithmetic_optimization"):
        rules += [shared]
    block, results = rewritten(block, outputs, rules)
    block = pruned(block, results)
    return (hoisted(block) if is_wanted("loop_optimization") else block), results


# -- rules ---------------------------------------------------------------------------------------------


def folded(node: Node, values: Values) -> list[Tensor] | None:
    """The results of a node whose inputs are all known, unless they are large."""
    if not node.inputs or any(type(x) is SymbolicTensor for x in node.inputs):
        return None
    try:
        found = run_in_copy(node.compute, *[x._value for x in node.inputs], **(node.attributes or {}))
    except Exception:  # the user sees the error when the function runs
        return None
    results = list(found) if node.several else [found]
    if sum(y.nbytes for y in results) > LARGEST_FOLDED:
        return None
    return [Tensor(y) for y in results]


def shared(node: Node, values: Values) -> list[Tensor | None] | None:
    """The results of a node before this one that computes the same."""
    key = _key(node, values)
    if key is None:
        return None
    twin = values.common.setdefault(key, node)
    if twin is node:
        return None
    for mine, other in zip(node.outputs, twin.outputs, strict=True):
        if mine in values.symbols and other not in values.symbols:  # so far nobody needed it
            mine_value = values.symbols[mine]._value
            values.symbols[other] = SymbolicTensor(
                type(mine_value)(mine_value.shape, mine_value.dtype, other, mine_value.scope)
            )
    return [values.symbols.get(other) for other in twin.outputs]


def _key(node: Node, values: Values) -> tuple | None:
    """What two nodes have in common that compute the same; None if that cannot be told."""
    if node.variable is not None:
        return "read", id(node.variable), values.epoch
    attributes = []
    for name, value in (node.attributes or {}).items():
        if not _is_plain(value):
            return None
        attributes.append((name, repr(value)))
    return id(node.compute), node.primitive.name, tuple(map(_identity, node.inputs)), tuple(attributes)


def _identity(x: Any) -> Any:
    value = x._value
    if type(x) is SymbolicTensor:
        return value.number
    if value.nbytes <= 64 and value.dtype.kind not in "OV":
        return value.dtype.str, value.shape, value.tobytes()
    return "array", id(value)


def _is_plain(value: Any) -> bool:
    """Whether the text of a value tells all about it."""
    if type(value) is tuple:
        return all(map(_is_plain, value))
    return (
        value is None or type(value) in (bool, int, str, float, type(Ellipsis), np.dtype, type) or isinstance(value, slice)
    )


# -- walks ---------------------------------------------------------------------------------------------


def rewritten(block: Block, outputs: Sequence, rules: Sequence[Rule]) -> tuple[Block, list]:
    """The graph with what the rules say, and its outputs."""
    values = Values(block, outputs)
    block = _rewritten(block, values, rules)
    return block, [values.of(y) for y in outputs]


def _rewritten(block: Block, values: Values, rules: Sequence[Rule]) -> Block:
    found = closed_like(block)
    known = dict(values.common) if block.outer is not None else values.common
    outside, values.common = values.common, known
    for node in block.nodes:
        effect = acts(node)
        inner = {}
        for each in blocks_of(node):
            values.epoch += effect  # what is read inside may have been assigned in the turn before
            inner[id(each)] = _rewritten(each, values, rules)
        values.epoch += effect
        node = copied(node, values.of, inner)
        if type(node) is Node and not effect:
            answer = _answer(node, values, rules)
            if type(answer) is Node:
                node = answer
            elif answer is not None:
                for number, y in zip(node.outputs, answer, strict=True):
                    if y is not None:
                        values.instead[number] = y
                continue
            for number in node.outputs:
                values.makers[number] = node
        found.nodes.append(node)
    values.common = outside
    return found


def _answer(node: Node, values: Values, rules: Sequence[Rule]) -> Any:
    """What the rules make of a node: another node, tensors, or None."""
    changed = None
    for rule in rules:
        if node.primitive is None and node.variable is None:
            return changed
        answer = rule(node, values)
        if type(answer) is Node:
            node = changed = answer
        elif answer is not None:
            return answer
    return changed


def pruned(block: Block, outputs: Sequence) -> Block:
    """The graph without the nodes that neither act nor are needed, and without the results of choices and loops that are not.

    What is left names nothing but what is left: those who read the graph need not know what was left out.
    """
    needed = needed_by(block, outputs)
    return _pruned(block, needed)


def _pruned(block: Block, needed: set[int]) -> Block:
    found = closed_like(block)
    for node in block.nodes:
        if acts(node) or not needed.isdisjoint(node.outputs):
            inner = {id(each): _pruned(each, needed) for each in blocks_of(node)}
            found.nodes.append(_narrowed(copied(node, lambda x: x, inner), needed) if inner else node)
    return found


def _narrowed(node: Choice | Loop, needed: set[int]) -> Choice | Loop:
    """A choice or loop that names what is needed alone: the nodes that computed the rest of its results are gone."""
    if type(node) is Choice:
        chosen = [i for i, number in enumerate(node.outputs) if number in needed]
        node.results = [node.results[0][i] for i in chosen], [node.results[1][i] for i in chosen]
        node.outputs = tuple([node.outputs[i] for i in chosen])
        return node
    assert type(node) is Loop
    if node.rows:
        pairs = rows_needed(node, needed)
        node.rows, node.items = [source for source, _ in pairs], [item for _, item in pairs]
    carried = [i for i, number in enumerate(node.state) if number in needed]
    emitted = [i for i, number in enumerate(node.stacks) if number in needed]
    if len(carried) + len(emitted) < len(node.outputs):
        outputs = [*(node.outputs[i] for i in carried), *(node.stacks[i] for i in emitted)]
        for name in ("initial", "state", "following"):
            setattr(node, name, [getattr(node, name)[i] for i in carried])
        node.emitted, node.outputs = [node.emitted[i] for i in emitted], outputs
    return node
