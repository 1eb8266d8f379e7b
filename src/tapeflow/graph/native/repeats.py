"""A loop whose state repeats does nothing new: gradient descent that has arrived stays where it is, to the last bit.

What an iteration does depends on the state alone, if it reads no rows. So when the state after some iterations is, bit for bit,
what it was before them, every further so many iterations end in that state again, and may be left out. Many trainings end
that way: the step becomes smaller than half a unit in the last place of x, or x goes to and fro between two neighbours.

The loop compares its state with that of `PERIOD` iterations ago, so it finds every period that divides this number, and pays for
a comparison once in that time. Nothing is rounded differently and nothing is guessed: the results are those of all iterations.

Counters change in every iteration: an integer that the loop adds a constant to, and reads for nothing else, is no part of the state
in this sense. What the iterations left out would have added to it is added at once, in the integers' own arithmetic.
"""

from __future__ import annotations

import re
from typing import Any

from tapeflow.graph.ir import Assign, Loop, blocks_of
from tapeflow.graph.native.expressions import AS_INTEGER, Value

__all__ = ["PERIOD", "Repeats", "may_repeat"]

PERIOD = 256
"""The iterations between two looks at the state: a power of two, which 1 and 2 and their like divide."""

MOST_VALUES = 32

NAME = re.compile(r"%[\w.]+")
COUNTED = re.compile(r"(%\w+) = add i\d+ (%?\w+), (-?\d+)$")


def may_repeat(node: Loop, rows: Any, stacks: list) -> bool:
    """Whether an iteration depends on the state alone, and there are enough of them."""
    return node.test is None and not rows.sources and not stacks and rows.length >= 4 * PERIOD


def assigned_in(block: Any) -> dict[int, Any]:
    """The variables that are assigned in a block and inside its nodes."""
    found: dict[int, Any] = {}
    for node in block.nodes:
        if type(node) is Assign:
            found[id(node.variable)] = node.variable
        for inner in blocks_of(node):
            found |= assigned_in(inner)
    return found


class Repeats:
    """The state of a loop under way, looked at between two parts of `PERIOD` iterations.

    Args:
        writer: what writes the program.
        node: the loop.
        places: where the state is that it carries.
    """

    def __init__(self, writer: Any, node: Loop, places: list[str]) -> None:
        self.writer = writer
        of_variables = [place for key in assigned_in(node.body) for place in writer.places[key][1]]
        self.places = list(dict.fromkeys([*places, *of_variables]))
        self.begin = 0

    def remember(self) -> None:
        """Before the first of the iterations."""
        writer = self.writer
        types = {line.split(" = alloca ")[0]: line.split(" = alloca ")[1] for line in writer.head if " = alloca " in line}
        self.before = {place: writer.load(types[place], place) for place in self.places}
        self.begin = len(writer.program.lines)

    def skip(self, turn: Value, rows: Any, following: str) -> None:
        """After them: where the state is the same, whole periods are left out; then goes to the label `following`."""
        writer = self.writer
        counters = self._counters(writer.program.lines[self.begin :])
        compared = [place for place in self.places if place not in counters]
        if len(compared) > MOST_VALUES:
            writer.write(f"br label %{following}")
            return
        same: Any = None
        for place in compared:
            before = self.before[place]
            now = writer.load(before.type, place)
            if before.type in AS_INTEGER:
                before, now = before.bits, now.bits  # -0.0 is another state than 0.0
            equal = now.equals(before)
            same = equal if same is None else same & equal
        repeated = writer.label()
        if same is None:
            writer.write(f"br label %{repeated}")
        else:
            writer.write(f"br i1 {same}, label %{repeated}, label %{following}")
        writer.write(f"{repeated}:")
        left = rows.count - turn
        skipped = left - (left & (PERIOD - 1))
        writer.store(turn + skipped, rows.place)
        for place, step in counters.items():
            value = writer.load(self.before[place].type, place)
            writer.store(value + skipped.to(value.type) * step, place)
        writer.write(f"br i1 {left.differs(skipped)}, label %{following}, label %{rows.end}")

    def _counters(self, lines: list[str]) -> dict[str, int]:
        """The places of the counters and what each iteration adds to them, as the text of an iteration says."""
        uses: dict[str, list[str]] = {}
        for line in lines:
            for name in set(NAME.findall(line.partition(" = ")[2] or line)):
                uses.setdefault(name, []).append(line)
        found = {}
        for place in self.places:
            if self.before[place].type not in ("i32", "i64"):
                continue
            named = uses.get(place, [])
            loads = [line for line in named if " = load " in line]
            if len(named) != 2 or len(loads) != 1:
                continue
            loaded = loads[0].partition(" = ")[0]
            added = [COUNTED.match(line) for line in uses.get(loaded, [])]
            if len(added) != 1 or added[0] is None or added[0][2] != loaded:
                continue
            stores = uses.get(added[0][1], [])
            if len(stores) == 1 and stores[0] in named and not stores[0].startswith(f"store ptr {place}"):
                found[place] = int(added[0][3])
        return found
