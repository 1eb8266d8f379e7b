"""How the values of a block that was closed reach a later block: the backward pass of a loop reads what the forward pass made.

A backward block has an importer. Asked for a value of the forward block, it finds the cheapest way: what does not change from
iteration to iteration is computed once more, outside of the loop; what the loop runs over is run over again; all else the
forward loop puts on a stack, or the forward choice gives as one more result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import CONVERTERS
from tapeflow.core.dimension import holds_dim
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Absent, Assign, Block, Choice, Loop, Node
from tapeflow.graph.loops import LoopBuilder, depth_of
from tapeflow.graph.stacks import rows_like

__all__ = ["HiddenCotangents", "KeptValues", "LoopImporter", "absent", "assigned"]


class HiddenCotangents:
    """The cotangents of what was kept of a loop or a choice, by the numbers of the stacks or results."""

    def __init__(self, found: dict[int, Any]) -> None:
        self.found = found

    def plus(self, other: HiddenCotangents) -> HiddenCotangents:
        """Both; no number is in both."""
        return HiddenCotangents(other.found | self.found)


CONVERTERS[HiddenCotangents] = lambda found: found  # type: ignore[assignment, return-value]


class KeptNote:
    """What is kept of a loop or a choice is a result of it like any other: its cotangent goes to the one hidden result."""

    name = "Kept"
    differentiable = True
    fills = True

    def __init__(self, number: int) -> None:
        self.number = number

    def entries(self, inputs: tuple, output: Any, attributes: dict | None, tracked: set[int]) -> tuple | None:
        """What a tape keeps of it."""
        (hidden,) = inputs
        return (hidden._key, self.pull_back, ()) if hidden._key in tracked else None

    def push_forward(self, inputs: tuple, tangents: Sequence) -> list:
        """Its tangent, which what computes those of the loop or choice knows."""
        return [tangents[0].tangent(self.number)]

    def pull_back(self, dy: Any) -> HiddenCotangents:
        """The cotangent, under the number of what it belongs to."""
        return HiddenCotangents({self.number: dy})


class KeptValues:
    """The values of a block that its loop or choice keeps for others, because a backward pass asked for them."""

    def __init__(self, tracer: Any, home: Block, recorders: tuple) -> None:
        self.tracer, self.home, self.recorders = tracer, home, recorders
        self.hidden = tracer.symbol((), np.dtype("float32"), 0, home)  # only tapes know it: no node gives it
        self.inside: dict[int, Any] = {}  # the number of a stack or result -> what it keeps
        self.made: dict[Any, SymbolicTensor] = {}  # what is kept -> the stack or result

    def keep(self, x: SymbolicTensor, more: int) -> SymbolicTensor:
        """A new result of the loop or choice, `more` times stacked than `x`; the tapes that heard of the node hear of it."""
        kept = self.tracer.symbol(x._value.shape, x._value.dtype, x._value.depth + more, self.home)
        number = kept._value.number
        self.inside[number] = x
        self.made[x._value.number] = kept
        for recorder in self.recorders:
            if getattr(recorder, "_notes", ()) is not None:
                recorder.record(KeptNote(number), (self.hidden,), kept, None)
        return kept

    def tell(self, recorder: Any) -> None:
        """Tells a tape of what is kept so far."""
        for number in self.inside:
            recorder.record(KeptNote(number), (self.hidden,), self.tracer.symbols[number], None)


class LoopImporter:
    """Brings the values of a loop's blocks to the loop that runs backwards.

    Args:
        note: of the forward loop.
        builder: of the backward loop.
    """

    def __init__(self, note: Any, builder: LoopBuilder) -> None:
        self.note, self.builder = note, builder
        self.known: dict[int, Any] = {}

    def has(self, scope: Block) -> bool:
        """Whether `scope` is one of the forward loop's blocks."""
        return scope in self.note.scopes

    def lift(self, x: SymbolicTensor) -> Any:
        """What stands for `x` in the backward loop."""
        number = x._value.number
        if number not in self.known:
            self._find(x)
        return self.known[number]

    def _find(self, x: SymbolicTensor) -> None:
        note, number = self.note, x._value.number
        source = note.sources.get(number)
        if source is not None:
            self.known[number] = self._row(source)
        elif note.is_invariant(x):
            self._find_outside(x)
        else:
            self.known[number] = self.builder.row(self.note.stack(x))

    def _row(self, source: Tensor) -> SymbolicTensor:
        """The row of what the forward loop ran over; not all of its rows, if the loop has a test."""
        if self.note.node.test is not None and not depth_of(source):
            with self.builder.outside():
                (source,) = self.builder.tracer.reach((source,))
                source = rows_like(source, self.note.count())
        return self.builder.row(source)

    def _find_outside(self, x: Any) -> None:
        """Computes what no iteration changes in front of the backward loop, where the tapes around hear of it."""
        note, number = self.note, x._value.number
        with self.builder.outside():
            if number in note.unchanged:
                self.known[number] = note.unchanged[number]
                return
            node = note.producers[number]
            inputs = [self.lift(i) if type(i) is SymbolicTensor and self.has(i._value.scope) else i for i in node.inputs]
            results = node.replay(*inputs)
            self.known.update(zip(node.outputs, results if node.several else (results,), strict=True))


def assigned(block: Block | None) -> set[int] | None:
    """The ids of the variables that a block assigns; None if it does something that might assign any."""
    found: set[int] = set()
    for node in () if block is None else block.nodes:
        if type(node) is Assign:
            found.add(id(node.variable))
        elif type(node) is Node:
            if node.effect:
                return None
        else:
            inner = node.blocks if type(node) is Choice else (node.body, node.test) if type(node) is Loop else ()
            for each in map(assigned, inner):
                if each is None:
                    return None
                found |= each
    return found


def absent(x: SymbolicTensor) -> Absent:
    """What stands for a value of one side of a choice where the other side runs: nobody will read it."""
    value = x._value
    if value.depth:
        return Absent([])
    return Absent(np.broadcast_to(np.zeros((), value.dtype), () if holds_dim(value.shape) else value.shape)[()])
