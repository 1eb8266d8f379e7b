"""Tangents through loops and choices: beside a loop runs another of the same length, which carries the tangents of its state.

The second loop reads what the first one computed in the same way as a backward loop does: `imports` says how a value of one
block reaches another. The tangents of what the first loop keeps for others, because a backward pass asks for it, come off the
second loop in the same way, so that an accumulator around a tape hears of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.dimension import holds_late
from tapeflow.core.recording import current, heard_by
from tapeflow.core.symbolic import SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS
from tapeflow.gradient.backprop import depends_on
from tapeflow.gradient.forward import ForwardAccumulator
from tapeflow.graph.choice_gradients import ChoiceImporter, ChoiceNote
from tapeflow.graph.hearing import hear
from tapeflow.graph.imports import LoopImporter, absent
from tapeflow.graph.ir import Choice
from tapeflow.graph.loop_gradients import LoopNote
from tapeflow.graph.loops import LoopBuilder, depth_of
from tapeflow.graph.stacks import rows_like, zeros_like

__all__ = ["push_through_choice", "push_through_loop"]

Tangents = Sequence[Any]  # for each input or result its tangent, or None


class Inside(ForwardAccumulator):
    """Carries tangents inside a block."""

    def __init__(self) -> None:
        super().__init__((), ())

    def seed(self, keys: Iterable[int], tangent: Tensor | None) -> None:
        """Begins with the tangent of what has these keys in the block."""
        if tangent is not None:
            self._tangents.update((key, tangent) for key in keys if key)

    def of(self, x: Any) -> Tensor | None:
        """The tangent of a value of the block; None if it has none."""
        return self._tangents.get(x._key) if x._key else None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """A context in which the recorders of this place hear how tangents are computed."""
        recording = current()
        with heard_by((*(() if recording is None else recording[1]), self)):
            yield


# -- loops -------------------------------------------------------------------------------------------


def push_through_loop(note: LoopNote, tangents: Tangents) -> list:
    """The tangents of a loop's results, and of what it keeps later on, by a loop of the tangents.

    Args:
        note: of the loop.
        tangents: those of its initial state, of what it runs over, and of what it reads from outside.
    """
    node = note.node
    carried, rows = len(node.state), len(node.rows)
    of_state, of_rows, of_captured = tangents[:carried], tangents[carried : carried + rows], tangents[carried + rows :]
    moving = _moving(note, of_state, of_rows, of_captured)
    inside = Inside()
    builder = LoopBuilder(tracing(), reverse=node.reverse)
    with builder:
        for i in moving:
            start = of_state[i]
            before, after = (x[i]._value.shape for x in (note.symbols, note.results))
            start = builder.zeros(node.initial[i]) if start is None else start
            carry = builder.carry(start, shape=before, final=after) if holds_late(before) else builder.carry(start)
            inside.seed([note.symbols[i]._key], carry)
        for x, source, tangent in zip(note.items, node.rows, of_rows, strict=True):
            if tangent is not None:
                inside.seed([x._key], builder.row(_as_long(note, builder, source, tangent)))
        with builder.body(LoopImporter(note, builder)):
            for i, x in enumerate(note.symbols):
                if i not in moving:
                    inside.seed([x._key], of_state[i])  # no iteration changes it
            for (_, keys), tangent in zip(note.captured, of_captured, strict=True):
                inside.seed(keys, tangent)
            with inside.listening():
                for block in (node.test, node.body):
                    hear(inside, () if block is None else block.nodes, note.tracer.symbols)
            following = [(node.following[i], inside.of(node.following[i])) for i in moving]
            emitted = [inside.of(x) for x in node.emitted[: len(note.results) - carried]]
            if not builder.rows:
                builder.row(node.rows[0] if node.rows and node.test is None else note.count())
            builder.ends(
                [zeros_like(x) if tangent is None else convert(tangent) for x, tangent in following],
                [convert(tangent) for tangent in emitted if tangent is not None],
            )
    finals, stacks = builder.close()
    of_finals, of_stacks = iter(finals), iter(stacks)
    found = [next(of_finals) if i in moving else of_state[i] for i in range(carried)]
    found += [None if tangent is None else next(of_stacks) for tangent in emitted]
    return [*found, _KeptByLoop(note, inside, builder.node.note)]


def _moving(note: LoopNote, of_state: Tangents, of_rows: Tangents, of_captured: Tangents) -> list[int]:
    """Which parts of the state may have a tangent that iterations change."""
    node, notes = note.node, note.tape._notes or []
    seeds = {x._key for x, tangent in zip(note.symbols, of_state, strict=True) if tangent is not None}
    seeds |= {x._key for x, tangent in zip(note.items, of_rows, strict=True) if tangent is not None}
    for (_, keys), tangent in zip(note.captured, of_captured, strict=True):
        seeds.update(keys if tangent is not None else ())
    states = [
        (i, x, y)
        for i, (x, y) in enumerate(zip(note.symbols, node.following, strict=True))
        if y is not x and x._value.dtype.kind in DIFFERENTIABLE_KINDS
    ]
    while True:
        reached = depends_on(notes, seeds - {0})
        more = {x._key for _, x, y in states if y._key in reached} - seeds
        if not more:
            return [i for i, x, _ in states if x._key in seeds]
        seeds |= more


def _as_long(note: LoopNote, builder: LoopBuilder, source: Tensor, tangent: Tensor) -> Any:
    """The tangents of the rows that the loop ran over: not all, if it has a test."""
    if note.node.test is None or depth_of(source):
        return tangent
    with builder.outside():
        return rows_like(tangent, note.count())


class _KeptByLoop:
    """The tangents of what a loop keeps for others.

    Args:
        note: of the loop.
        inside: what carried the tangents in its body.
        beside: the note of the loop that computes them.
    """

    def __init__(self, note: LoopNote, inside: Inside, beside: LoopNote) -> None:
        self.note, self.inside, self.beside = note, inside, beside

    def tangent(self, number: int) -> Any:
        """The tangent of the stack with this number."""
        found = self.inside.of(self.note.kept.inside[number])
        if found is None or (type(found) is SymbolicTensor and found._value.scope in self.beside.scopes):
            return None if found is None else self.beside.stack(found)
        node, value = self.beside.node, found._value
        stack = self.note.tracer.symbol(value.shape, value.dtype, depth_of(found) + 1, self.beside.outer)
        node.emitted.append(found)  # the same in each iteration
        node.outputs = [*node.outputs, stack._value.number]
        return stack


# -- choices -----------------------------------------------------------------------------------------


def push_through_choice(note: ChoiceNote, tangents: Tangents) -> list:
    """The tangents of a choice's results, and of what it keeps later on, by a choice on the same condition.

    Args:
        note: of the choice.
        tangents: those of what its sides read.
    """
    from tapeflow.graph.control_flow import trace_sides

    node, insides = note.node, (Inside(), Inside())
    results = [side[: len(note.results)] for side in node.results]

    def side(number: int) -> list:
        inside = insides[number]
        for (_, keys), tangent in zip(note.captured, tangents, strict=True):
            inside.seed(keys, tangent)
        with inside.listening():
            hear(inside, node.blocks[number].nodes, note.tracer.symbols)
        found = map(inside.of, results[number])
        return [None if tangent is None else convert(tangent) for tangent in found]

    def fill(yes: list, no: list) -> None:
        for i, y in enumerate(note.results):
            for mine, other in ((yes, no), (no, yes)):
                if mine[i] is None and other[i] is not None:
                    mine[i] = zeros_like(y)

    made: list[Choice] = []
    importers = (ChoiceImporter(note, 0), ChoiceImporter(note, 1))
    found = trace_sides(tracing(), node.condition, (lambda: side(0), lambda: side(1)), importers, fill, made.append)
    return [*found, _KeptByChoice(note, insides, made[0].note)]


class _KeptByChoice:
    """The tangents of what a choice keeps for others; as of a loop, with what carried tangents in either side."""

    def __init__(self, note: ChoiceNote, insides: tuple[Inside, Inside], beside: ChoiceNote) -> None:
        self.note, self.insides, self.beside = note, insides, beside

    def tangent(self, number: int) -> Any:
        """The tangent of the kept result with this number."""
        x = self.note.kept.inside[number]
        side = self.note.node.blocks.index(x._value.scope)
        found = self.insides[side].of(x)
        node = self.beside.node
        if found is None or (type(found) is SymbolicTensor and found._value.scope is node.blocks[side]):
            return None if found is None else self.beside.keep(found, side)
        kept = self.note.tracer.symbol(found._value.shape, found._value.dtype, depth_of(found), self.beside.home)
        node.results[side].append(found)
        node.results[1 - side].append(absent(kept))
        node.outputs = (*node.outputs, kept._value.number)
        return kept
