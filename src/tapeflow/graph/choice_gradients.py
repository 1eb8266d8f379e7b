"""The derivative of a choice is a choice on the same condition, of the derivatives of the two sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.symbolic import SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.gradient.backprop import SILENT, accumulate, collect, depends_on, pull_back
from tapeflow.graph.imports import HiddenCotangents, KeptValues, absent
from tapeflow.graph.ir import Block, Choice
from tapeflow.graph.loops import BlockTape
from tapeflow.graph.stacks import zeros_like

__all__ = ["ChoiceImporter", "ChoiceNote"]


class ChoiceNote:
    """A choice as one operation, as the tapes around it hear of it: from what its sides read to what it gives.

    Args:
        tracer: the trace.
        node: the choice.
        tapes: what heard each side.
        results: what the choice gives.
        of_variables: for each variable that a side reads, what was read in front of the choice.
        recorders: the tapes around it.
    """

    name = "If"
    differentiable = True
    fills = False
    variadic = True
    inputs = ("inputs",)

    def __init__(
        self, tracer: Any, node: Choice, tapes: list, results: list, of_variables: dict[int, Tensor], recorders: tuple
    ) -> None:
        self.tracer, self.node, self.tapes, self.results, self.home = tracer, node, tapes, results, tracer.block
        self.kept = KeptValues(tracer, tracer.block, recorders)
        self.sides: dict[int, int] = {}  # the number of a kept result -> the side that has it
        found: dict[int, tuple[Tensor, list[int]]] = {}
        for tape in tapes:
            for key, x in tape.captured.items():
                found[key] = x, [key]
            for variable, keys in tape.reads():
                entry = found.setdefault(-id(variable), (of_variables[id(variable)], []))
                entry[1].extend(keys)
        self.captured = list(found.values())
        node.note = self
        self.tell(recorders)

    def tell(self, recorders: tuple) -> None:
        """Tells the tapes."""
        for recorder in recorders:
            recorder.record(self, tuple([x for x, _ in self.captured]), (*self.results, self.kept.hidden), None)
            self.kept.tell(recorder)

    def entries(self, inputs: tuple, output: Any, attributes: dict | None, tracked: set[int]) -> tuple | None:
        """What a tape keeps: which of the inputs it follows."""
        keys = tuple([x._key if x._key in tracked else 0 for x in inputs])
        return (keys, self.pull_back, (keys,)) if any(keys) else None

    def push_forward(self, inputs: tuple, tangents: Sequence) -> list:
        """The tangents of the results, for those of the inputs."""
        from tapeflow.graph.forward_mode import push_through_choice

        return push_through_choice(self, tangents)

    def keep(self, x: SymbolicTensor, side: int) -> SymbolicTensor:
        """One more result of the choice: a value of one of its sides."""
        kept = self.kept.made.get(x._value.number)
        if kept is None:
            kept = self.kept.keep(x, 0)
            self.node.results[side].append(x)
            self.node.results[1 - side].append(absent(x))
            self.node.outputs = (*self.node.outputs, kept._value.number)
            self.sides[kept._value.number] = side
        return kept

    def pull_back(self, dy: tuple, keys: tuple) -> list:
        """The cotangents of what the sides read, by a choice."""
        from tapeflow.graph.control_flow import trace_sides

        *of_results, hidden = dy
        kept = hidden.found if type(hidden) is HiddenCotangents else {}
        given = [(i, d) for i, d in enumerate(of_results) if d is not None]
        if not given and not kept:
            return [None] * len(keys)
        wanted = [(j, ks) for j, (_, ks) in enumerate(self.captured) if keys[j]]

        def side(number: int) -> list:
            tape: BlockTape = self.tapes[number]
            seeds = [(self.node.results[number][i], d) for i, d in given]
            seeds += [(self.kept.inside[n], d) for n, d in kept.items() if self.sides[n] == number]
            cotangents: dict[int, Any] = {}
            for x, d in seeds:
                if x._key:
                    cotangents[x._key] = accumulate(cotangents[x._key], d) if x._key in cotangents else d
            targets = {k for _, ks in wanted for k in ks}
            found = pull_back(tape._notes or [], cotangents, targets, tape._leaves, consume=False)
            totals = [collect(found, ks) for _, ks in wanted]
            return [None if d is None else convert(d) for d in totals]

        def fill(yes: list, no: list) -> None:
            for n, (j, _) in enumerate(wanted):
                for mine, other in ((yes, no), (no, yes)):
                    if other[n] is not None:
                        mine[n] = zeros_like(self.captured[j][0]) if mine[n] is None else mine[n]

        importers = (ChoiceImporter(self, 0), ChoiceImporter(self, 1))
        condition = self.node.condition
        found = trace_sides(tracing(), condition, (lambda: side(0), lambda: side(1)), importers, fill)
        answer: list[Any] = [None] * len(keys)
        for (j, ks), d in zip(wanted, found, strict=True):
            answer[j] = SILENT if d is None and self._is_read(ks) else d
        return answer

    def _is_read(self, keys: list[int]) -> bool:
        """Whether any of the results depends on what is captured under these keys."""
        for tape, results in zip(self.tapes, self.node.results, strict=True):
            ends = {x._key for x in results}
            if not ends.isdisjoint(depends_on(tape._notes or [], set(keys))):
                return True
        return False


class ChoiceImporter:
    """Brings the values of one side of a choice to the same side of the choice that is its derivative."""

    def __init__(self, note: ChoiceNote, side: int) -> None:
        self.note, self.side = note, side

    def has(self, scope: Block) -> bool:
        """Whether `scope` is that side."""
        return scope is self.note.node.blocks[self.side]

    def lift(self, x: SymbolicTensor) -> Any:
        """What stands for `x` in the derivative's side."""
        return self.note.keep(x, self.side)
