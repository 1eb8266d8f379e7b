"""Nests that go over each row several times, since a row's reduction is used by what is computed of its elements.

The softmax of a row needs the row's maximum, and then the sum of its exponentials; a normalization needs its mean, and then its
variance. Each such reduction ends a *pass* over the row, and what uses it belongs to a later one. All passes over one row are made
before the next row begins, so that its elements come from memory once and from the nearest cache after that:

    for each row
        pass 0: the reductions that need no other
        pass 1: those that need those of pass 0
        ...
        last pass: the results of all elements, and the reductions over the rows themselves

Between two passes stand the steps that are the same for the whole row, which are computed once. A pass computes again what it
needs of the elements, which costs less than to keep it; but for the exponentials and their like, which stay on the stack where a
row is short enough.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tapeflow.graph.native.expressions import Value, in_memory
from tapeflow.graph.native.lowering import ELEMENTARY, TYPES
from tapeflow.graph.native.nest_parts import Nest, constant_value
from tapeflow.graph.native.nests import PARALLEL, Writer, result_of
from tapeflow.graph.native.reductions import accumulator, begins, combined, identity, widened

__all__ = ["COSTLY", "RowWriter"]

COSTLY = frozenset(ELEMENTARY) | {"Elu", "Pow", "PowGrad", "Selu", "SigmoidCrossEntropyWithLogits", "Xlog1py", "Xlogy"}
"""Primitives that take longer than to write their result down and to read it again."""

Source = tuple[str, Any]


class Passes:
    """Which steps and reductions of a nest belong to which pass."""

    def __init__(self, nest: Nest) -> None:
        self.nest = nest
        self._known: dict[Source, tuple[int, bool]] = {}
        self.reductions = [self.pass_of(r.source) for r in nest.row_reductions]
        final = [*nest.results[: len(nest.results) - nest.row_results], *(r.source for r in nest.reductions)]
        # What is written may lie where an operand is, so nothing may read that afterwards: it is written in the last pass.
        self.last = max([*self.reductions, *map(self.pass_of, final)])
        needed: Counter[int] = Counter()
        for number in range(self.last + 1):
            sources = [r.source for r, own in zip(nest.row_reductions, self.reductions, strict=True) if own == number]
            needed.update(self._steps_for([*sources, *(final if number == self.last else [])]))
        self.kept = [n for n, times in needed.items() if times > 1 and nest.steps[n].primitive in COSTLY and nest.scratch]

    def pass_of(self, source: Source) -> int:
        """The first pass in which a value can be had."""
        return self._place(source)[0]

    def varies(self, source: Source) -> bool:
        """Whether a value differs within a row."""
        return self._place(source)[1]

    def _place(self, source: Source) -> tuple[int, bool]:
        if source not in self._known:
            kind, n = source
            if kind == "row":
                found = self.pass_of(self.nest.row_reductions[n].source) + 1, False
            elif kind == "step":
                places = [self._place(x) for x in self.nest.steps[n].operands]
                found = max(number for number, _ in places), any(varies for _, varies in places)
            else:
                found = 0, kind == "operand" and self.nest.operands[n][1][-1]
            self._known[source] = found
        return self._known[source]

    def _steps_for(self, sources: list[Source]) -> set[int]:
        """The steps that a pass computes for each element."""
        found: set[int] = set()
        waiting = list(sources)
        while waiting:
            kind, n = source = waiting.pop()
            if kind == "step" and n not in found and self.varies(source):
                found.add(n)
                waiting.extend(self.nest.steps[n].operands)
        return found


class RowWriter(Writer):
    """The lines of a nest with reductions of rows."""

    def __init__(self, nest: Nest, width: int) -> None:
        super().__init__(nest, width)
        self.passes = Passes(nest)

    def _prepare(self) -> None:
        self.scratch: dict[int, str] = {}
        for n in self.passes.kept:
            type = in_memory(TYPES[self.nest.steps[n].dtype])
            self.scratch[n] = self.emit("ptr", f"alloca {type}, i64 {self.slots[-1]}, align 64")

    def _metadata(self) -> list[str]:
        lines = super()._metadata()
        rest = lines[0].partition("!{!0")[2]
        return [*lines, *(f"!{10 + n} = distinct !{{!{10 + n}{rest}" for n in range(self.passes.last + 1))]

    def _loop(self, depth: int, indices: list[str], before: str) -> None:
        if depth < self.nest.groups - 1:
            super()._loop(depth, indices, before)
            return
        self._find_places(indices)
        self.targets = self.targets[: len(self.nest.results) - self.nest.row_results]
        self.block = before
        within = [n for n, r in enumerate(self.nest.reductions) if not r.along[-1] and begins(r) == depth]
        for n in within:
            self.totals[n] = identity(self.nest.reductions[n])
        self.of_row: dict[Source, Value] = {}
        self.written: set[int] = set()  # of the steps that are kept
        for number in range(self.passes.last + 1):
            self._find_steps_of_row(number)
            self._pass(number)
        self._find_steps_of_row(self.passes.last + 1)
        first, each = len(self.targets), (*(True,) * (self.nest.groups - 1), False)
        for place, source in zip(self.places[first:], self.nest.results[first:], strict=False):
            value = self._value(source, {}, "")
            self._store(value, self._row(place, value.type, each, indices), "")
        for n in within:
            self._store_total(n, indices)

    def _find_steps_of_row(self, number: int) -> None:
        """Computes the steps that are the same for the whole row, as soon as the reductions that they need are there."""
        guards = len(self.program.guards)
        for n, step in enumerate(self.nest.steps):
            source = ("step", n)
            if not self.passes.varies(source) and self.passes.pass_of(source) == number:
                self.of_row[source] = result_of(step, [self._value(x, {}, "") for x in step.operands], self.nest.regroups)
        self._heed(guards)

    def _pass(self, number: int) -> None:
        """One loop over the row."""
        nest, last = self.nest, number == self.passes.last
        label, index, following = f"pass{number}", f"%j{number}", f"%j_next{number}"
        own = [n for n, of in enumerate(self.passes.reductions) if of == number]
        carried = [n for n, r in enumerate(nest.reductions) if last and not r.along[-1]]
        entering, flag = [self.totals[n] for n in carried], self.flag
        self.lines += [f"br label %{label}", f"{label}:", f"{index} = phi i64 [0, {self.block}], [{following}, %{label}]"]
        holes = len(self.lines)
        accumulated = {n: f"%row{n}" for n in own}
        for n in carried:
            self.totals[n] = f"%within{n}"
        self.flag = f"%flag_of_pass{number}"
        guards = len(self.program.guards)
        here: dict[int, Value] = {}
        for n in own:
            reduction = nest.row_reductions[n]
            x = self._value(reduction.source, here, index)
            if reduction.kind == "First":
                # Not the largest integer: LLVM would make a branch of it, and branches are no vectors.
                x = self.program.emit("i64", f"select i1 {x}, i64 {index}, i64 {self.slots[-1]}")
            x = widened(x, reduction)
            accumulated[n] = str(combined(reduction.kind, Value(self.program, x.type, accumulated[n]), x))
        if last:
            written = [self._value(source, here, index) for source in nest.results[: len(self.targets)]]
            taken = [self._value(reduction.source, here, index) for reduction in nest.reductions]
            for place, value in zip(self.targets, written, strict=True):  # it may be an operand's, which was read by now
                self._store(value, self._at(value.type, place, index), PARALLEL)
            for n, (reduction, value) in enumerate(zip(nest.reductions, taken, strict=True)):
                self._take_in(n, reduction, value, index)
        self._heed(guards)
        phis = [
            f"%row{n} = phi {type} [{identity(r)}, {self.block}], [{accumulated[n]}, %{label}]"
            for n, r, type in ((n, nest.row_reductions[n], accumulator(nest.row_reductions[n])) for n in own)
        ]
        phis += [
            f"%within{n} = phi {accumulator(nest.reductions[n])} [{value}, {self.block}], [{self.totals[n]}, %{label}]"
            for n, value in zip(carried, entering, strict=True)
        ]
        phis.append(f"%flag_of_pass{number} = phi i32 [{flag}, {self.block}], [{self.flag}, %{label}]")
        self.lines[holes:holes] = phis
        self.lines += [
            f"{following} = add nuw nsw i64 {index}, 1",
            f"%more_of_pass{number} = icmp slt i64 {following}, {self.slots[-1]}",
            f"br i1 %more_of_pass{number}, label %{label}, label %after_{label}, !llvm.loop !{10 + number}",
            f"after_{label}:",
        ]
        self.block = f"%after_{label}"
        for n in own:
            self.of_row["row", n] = self._total(nest.row_reductions[n], accumulated[n])

    def _value(self, source: Source, here: dict[int, Value], index: str) -> Value:
        """A value within a pass.

        Args:
            source: where it comes from.
            here: the steps and, by ~n, the operands that this pass has computed and loaded so far.
            index: the element's place in the row; none between passes.
        """
        kind, n = source
        if kind == "constant":
            return constant_value(self.program, n)
        if source in self.of_row:
            return self.of_row[source]
        if kind == "operand":
            if n not in self.rows:
                return self.loaded[n]
            if ~n not in here:
                type = TYPES[self.nest.operands[n][0]]
                here[~n] = self._load(type, self._at(type, self.rows[n], index), PARALLEL)
            return here[~n]
        if n not in here:
            here[n] = self._step(n, here, index)
        return here[n]

    def _step(self, n: int, here: dict[int, Value], index: str) -> Value:
        step = self.nest.steps[n]
        type = TYPES[step.dtype]
        if n in self.written:
            return self._load(type, self._at(type, self.scratch[n], index), PARALLEL)
        value = result_of(step, [self._value(x, here, index) for x in step.operands], self.nest.regroups)
        if n in self.scratch:
            self._store(value, self._at(type, self.scratch[n], index), PARALLEL)
            self.written.add(n)
        return value
