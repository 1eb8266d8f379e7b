"""How a loop is written in a program: its state has places on the stack, and a loop over rows runs in parts.

    between parts     what has run is counted (see pauses.py), and the state compared with that of the part before (see repeats.py)
    each iteration    test, body, what goes on stacks (see kept.py), the next state

LLVM sees nothing of the parts: the loop within one has one way out, and is vectorized or computed in closed form as ever. The
test of a `while` that ended a part is evaluated again; where it has effects, each iteration counts instead. What is neither long
nor may repeat is a loop and nothing else.
"""

from __future__ import annotations

from typing import Any

from tapeflow.graph.ir import Loop, acts, blocks_of
from tapeflow.graph.native.expressions import Value, choose
from tapeflow.graph.native.kept import begun_stacks
from tapeflow.graph.native.pauses import is_short, work_of_turn
from tapeflow.graph.native.repeats import PERIOD, Repeats, may_repeat
from tapeflow.graph.native.rows import Rows, rows_of

__all__ = ["write_loop"]

PART = 1 << 16
"""How many instructions a part has, about."""


def write_loop(writer: Any, node: Loop) -> None:
    """Writes a loop, and makes what it gives known."""
    carried = [i for i, number in enumerate(node.state) if number in writer.needed]
    initial = [writer.tensor(node.initial[i]) for i in carried]
    places = [[writer.place(value.type) for value in x.values] for x in initial]
    for x, where in zip(initial, places, strict=True):
        writer.keep(x, where)
    stacks = begun_stacks(writer, node)
    rows: Rows | None = rows_of(writer, node) if node.rows else None
    parts = _Parts(writer, node, rows, stacks, [place for where in places for place in where])
    turn, body, end = writer.label(), writer.label(), parts.end
    parts.begin(turn)
    for i, x, where in zip(carried, initial, places, strict=True):
        writer.values[node.state[i]] = writer.kept(where, x)
    if rows is not None:
        writer.write(f"br i1 {rows.is_left()}, label %{body}, label %{parts.after}")
        writer.write(f"{body}:")
        rows.take()
    if node.test is not None:
        writer.run(node.test)
        onward, condition = writer.label(), parts.goes_on(writer.condition(node.condition))
        writer.write(f"br i1 {condition}, label %{onward}, label %{end if parts.in_rows else parts.after}")
        writer.write(f"{onward}:")
    writer.run(node.body)
    for x, stack in stacks:
        stack.append(x)
    following = [writer.tensor(node.following[i]) for i in carried]
    for x, where in zip(following, places, strict=True):
        writer.keep(x, where)
    if rows is not None:
        rows.advance()
    parts.turn_ends()
    writer.write(f"br label %{turn}")
    parts.close()
    writer.write(f"{end}:")
    for i, x, where in zip(carried, initial, places, strict=True):
        writer.values[node.outputs[i]] = writer.kept(where, x)


class _Parts:
    """What happens between the parts of a loop."""

    def __init__(self, writer: Any, node: Loop, rows: Rows | None, stacks: list, places: list[str]) -> None:
        self.writer, self.rows, self.in_rows = writer, rows, rows is not None
        self.counts = not is_short(node, writer.symbols)
        self.work = work_of_turn(node, writer.symbols)
        self.end = self.after = writer.label()
        self.size: int | None = None
        self.repeats: Repeats | None = None
        if rows is not None and node.test is None:
            if may_repeat(node, rows, stacks):
                self.size, self.repeats = PERIOD, Repeats(writer, node, places)
            elif self.counts:
                self.size = max(PART // self.work, 1)
        elif rows is None and self.counts and not any(map(acts, blocks_of(node)[0].nodes)):
            self.size = max(PART // self.work, 1)
            self.turns = writer.place("i64")
        if self.size is not None:
            self.again, self.after = writer.label(), writer.label()
        if self.size is not None and rows is not None:
            rows.end, rows.limit_place = self.end, writer.place("i64")

    def begin(self, turn: str) -> None:
        """Before the first iteration, of the loop or of a part."""
        writer, rows = self.writer, self.rows
        if self.size is not None:
            writer.mark(self.again)
        if self.size is not None and rows is None:
            writer.store(writer.program.value("i64", "0"), self.turns)
        elif self.size is not None and rows is not None:
            self.first = writer.load("i64", rows.place)
            limit = self.first + self.size
            writer.store(choose(limit < rows.count, limit, rows.count), rows.limit_place)
            if self.repeats is not None:
                self.repeats.remember()
        writer.mark(turn)

    def goes_on(self, condition: Value) -> Value:
        """Whether there is another iteration in this part, where `condition` says whether there is one at all."""
        if self.size is None or self.rows is not None:
            return condition
        self.turn: Value = self.writer.load("i64", self.turns)
        return condition & (self.turn < self.size)

    def turn_ends(self) -> None:
        """At the end of an iteration."""
        if self.counts and self.size is None:
            self.writer.pauses.count(self.work)
        elif self.size is not None and self.rows is None:
            self.writer.store(self.turn + 1, self.turns)

    def close(self) -> None:
        """After the last iteration of a part."""
        if self.size is None:
            return
        writer, rows = self.writer, self.rows
        writer.write(f"{self.after}:")
        if rows is None:
            turns = writer.load("i64", self.turns)
            writer.pauses.count(turns * self.work)
            writer.write(f"br i1 {turns.equals(self.size)}, label %{self.again}, label %{self.end}")
            return
        now = writer.load("i64", rows.place)
        if self.counts:
            writer.pauses.count((now - self.first) * self.work)
        following = writer.label()
        writer.write(f"br i1 {now < rows.count}, label %{following}, label %{self.end}")
        writer.write(f"{following}:")
        if self.repeats is None:
            writer.write(f"br label %{self.again}")
        else:
            self.repeats.skip(now, rows, self.again)
