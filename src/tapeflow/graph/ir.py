"""What a trace consists of: nodes in program order, in blocks.

A value is known by a number that is unique in its graph, so that the blocks of a loop or a choice see the values around
them. A node that has effects is never left out and never moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from operator import is_
from typing import Any

from tapeflow.core.tensor import Tensor

__all__ = [
    "Absent",
    "Assign",
    "Block",
    "Choice",
    "Loop",
    "Node",
    "acts",
    "blocks_of",
    "closed_like",
    "copied",
    "node_of",
    "reopened",
    "tensors_of",
]


class Block:
    """Nodes that run one after the other: a function's, a loop's body, one side of a choice."""

    __slots__ = ("before", "imports", "nodes", "open", "outer", "reads", "seeds", "tracer")

    def __init__(self, tracer: Any, outer: Block | None) -> None:
        self.tracer = tracer
        self.outer = outer
        self.nodes: list[Any] = []
        self.before: tuple = ()  # the recorders that listen in the block around it
        self.imports: Any = None  # what brings values of an earlier block here, where this one is its backward pass
        self.open = True  # whether it is being traced, or one inside it is
        self.reads: dict[tuple, Any] = {}  # (variable, epoch) -> the tensor of its value, while nothing is assigned
        self.seeds = 0  # how many random operations have been given a number for want of a seed


def closed_like(block: Block) -> Block:
    """A block without nodes in the place of another one, when nothing is traced any more."""
    found = Block(block.tracer, block.outer)
    found.open = False
    return found


@contextmanager
def reopened(block: Block | None) -> Iterator[None]:
    """A context in which a block, and those around it, can be named again."""
    closed = []
    while block is not None:
        if not block.open:
            closed.append(block)
            block.open = True
        block = block.outer
    try:
        yield
    finally:
        for each in closed:
            each.open = False


class Node:
    """One operation.

    Attributes:
        primitive: what is applied; None for reads and effects.
        compute: a function of arrays; of none for the read of a variable.
        inputs: tensors, symbolic ones and constants.
        attributes: keyword arguments of `compute`.
        outputs: the numbers of its results.
        several: whether `compute` gives a tuple.
        effect: whether it does something that others can see.
        replay: a function of tensors that does the same eagerly.
        variable: what is read, in a read.
        large: whether a result is worth deleting when it is not needed any more.
        heard: whether tapes outside hear of it; they do not of what is done in the course of an update.
    """

    __slots__ = (
        "attributes",
        "compute",
        "effect",
        "heard",
        "inputs",
        "large",
        "outputs",
        "primitive",
        "replay",
        "several",
        "variable",
    )

    def __init__(
        self,
        primitive: Any,
        compute: Callable,
        inputs: tuple,
        attributes: dict | None,
        outputs: tuple[int, ...],
        replay: Callable,
        several: bool = False,
        effect: bool = False,
        variable: Any = None,
        large: bool = False,
        heard: bool = True,
    ) -> None:
        self.primitive, self.compute, self.inputs, self.attributes = primitive, compute, inputs, attributes
        self.outputs, self.replay, self.several, self.effect, self.variable = outputs, replay, several, effect, variable
        self.large, self.heard = large, heard

    def with_inputs(self, inputs: tuple) -> Node:
        """The same operation on other tensors."""
        other = copy(self)
        other.inputs = inputs
        return other


class Assign:
    """A variable gets a new value. `v.assign_add(x)` is three nodes: a read of v, the sum, and this.

    Attributes:
        variable: whose value changes.
        value: the tensor of its new value, of the variable's dtype and of a shape that it admits.
    """

    __slots__ = ("value", "variable")

    outputs: tuple[int, ...] = ()

    def __init__(self, variable: Any, value: Any) -> None:
        self.variable, self.value = variable, value

    @property
    def inputs(self) -> tuple:
        """What it needs: the new value."""
        return (self.value,)


class Absent(Tensor):
    """Stands for a result that only the other side of a choice has, and that is read only where that side ran."""

    __slots__ = ()


class Choice:
    """`if`: one of two blocks runs, and what it gives is the result."""

    __slots__ = ("blocks", "condition", "note", "outputs", "results")

    def __init__(self, condition: Any, blocks: tuple, results: tuple, outputs: tuple[int, ...]) -> None:
        self.condition = condition
        self.blocks: tuple[Block, Block] = blocks
        self.results: tuple[list, list] = results  # the tensors that each block ends with
        self.outputs = outputs
        self.note: Any = None  # as a loop's


class Loop:
    """`while`, `for` and scans: a state goes through the body as long as the test holds, or there are rows.

    The differentiation of a loop gives loops again: what the backward loop needs of each iteration is *emitted* by the forward
    loop into a stack, and the backward loop runs over the rows of the stack in reverse.

    Attributes:
        rows: what the loop runs over: tensors, stacks or ranges, all of one length; none for `while`.
        items: the numbers that their rows have in the body.
        initial, state: the tensors that the state starts with, and the numbers it has in the body.
        test: a block, and `condition` the tensor that it ends with; None if there is no test.
        body: a block, and `following` the tensors that it ends with: the next state.
        emitted: tensors of the body, each of which is put on a stack in every iteration.
        outputs: the numbers of the state afterwards, and after them those of the stacks.
        reverse: whether it goes from the last row to the first. A row that is emitted has the place of the row it came from.
        note: the loop as tapes hear of it (`loop_gradients.LoopNote`); None where they hear nothing, and in copies.
    """

    __slots__ = (
        *("body", "condition", "emitted", "following", "initial", "items", "note", "outputs", "reverse", "rows", "state"),
        "test",
    )

    def __init__(
        self,
        rows: list,
        items: list[int],
        initial: list,
        state: list[int],
        test: Block | None,
        condition: Any,
        body: Block,
        following: list,
        emitted: list,
        outputs: list[int],
        reverse: bool = False,
    ) -> None:
        self.rows, self.items, self.initial, self.state = rows, items, initial, state
        self.test, self.condition, self.body, self.following = test, condition, body, following
        self.emitted, self.outputs, self.reverse = emitted, outputs, reverse
        self.note: Any = None

    @property
    def stacks(self) -> list[int]:
        """The numbers of the stacks, one for each tensor emitted."""
        return self.outputs[len(self.state) :]


def node_of(x: Any) -> Any:
    """The node that gives a symbolic tensor; None if it is given to its block."""
    value = x._value
    return next((node for node in reversed(value.scope.nodes) if value.number in node.outputs), None)


def acts(node: Any) -> bool:
    """Whether a node, or any inside it, has an effect."""
    if type(node) is Node:
        return node.effect
    if type(node) is Assign:
        return True
    return any(acts(inner) for block in blocks_of(node) for inner in block.nodes)


def blocks_of(node: Any) -> list[Block]:
    """The blocks inside a node, in the order in which they run."""
    if type(node) is Choice:
        return list(node.blocks)
    if type(node) is Loop:
        return [block for block in (node.test, node.body) if block is not None]
    return []


def tensors_of(node: Any) -> list:
    """The tensors that a node itself names; those that the nodes in its blocks name are theirs."""
    if type(node) is Choice:
        return [node.condition, *node.results[0], *node.results[1]]
    if type(node) is Loop:
        condition = [] if node.condition is None else [node.condition]
        return [*node.rows, *node.initial, *condition, *node.following, *node.emitted]
    return list(node.inputs)


def copied(node: Any, value: Callable[[Any], Any], blocks: dict[int, Block]) -> Any:
    """The same node with `value(x)` for each tensor x that it names, and other blocks.

    Args:
        node: it stays as it is.
        value: a function of a tensor.
        blocks: for the id of each block inside the node, the block to put in its place.
    """
    if type(node) is Choice:
        yes, no = (blocks[id(block)] for block in node.blocks)
        results = [value(x) for x in node.results[0]], [value(x) for x in node.results[1]]
        return Choice(value(node.condition), (yes, no), results, node.outputs)
    if type(node) is Loop:
        return Loop(
            [value(x) for x in node.rows],
            node.items,
            [value(x) for x in node.initial],
            node.state,
            None if node.test is None else blocks[id(node.test)],
            None if node.condition is None else value(node.condition),
            blocks[id(node.body)],
            [value(x) for x in node.following],
            [value(x) for x in node.emitted],
            node.outputs,
            node.reverse,
        )
    if type(node) is Assign:
        return Assign(node.variable, value(node.value))
    inputs = tuple([value(x) for x in node.inputs])
    return node if all(map(is_, inputs, node.inputs)) else node.with_inputs(inputs)
