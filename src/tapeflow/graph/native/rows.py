"""What a loop in a program runs over: numbers in equal steps, which are computed as they are needed, or the rows of an array."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Loop
from tapeflow.graph.native.elements import rows_of_array
from tapeflow.graph.native.expressions import Value, constant
from tapeflow.graph.native.kept import stack_rows
from tapeflow.graph.native.unrolled import Refused, Small, check
from tapeflow.graph.needs import rows_needed

__all__ = ["Rows", "rows_of"]


class Rows:
    """The rows of a loop under way.

    Args:
        writer: what writes the program.
        node: the loop.
        count: how many rows there are, an i64.
        sources: for each number in the loop's body, how its row is found: (number, a function of the row's place, an i64).
        length: the count, where it is known before the program runs; else 0.

    Attributes:
        place: where the number of the turn is.
        limit_place: where the number of the first turn of the next part is, if the loop runs in parts; then `end` is the label
            after the loop.
    """

    limit_place: str | None = None
    end = ""

    def __init__(self, writer: Any, node: Loop, count: Value, sources: list[tuple[int, Any]], length: int) -> None:
        self.writer, self.node, self.count, self.sources, self.length = writer, node, count, sources, length
        self.place = writer.place("i64")
        writer.store(count.like(0), self.place)

    def is_left(self) -> Value:
        """Whether there is another row, in this part."""
        self.turn: Value = self.writer.load("i64", self.place)
        return self.turn < (self.count if self.limit_place is None else self.writer.load("i64", self.limit_place))

    def take(self) -> None:
        """Makes the rows of this turn known."""
        place = self.count - 1 - self.turn if self.node.reverse else self.turn
        for number, row in self.sources:
            found = row(place)
            if found is not None:
                self.writer.values[number] = found

    def advance(self) -> None:
        self.writer.store(self.turn + 1, self.place)


def rows_of(writer: Any, node: Loop) -> Rows:
    """The rows of a loop.

    Raises:
        Refused: they are not of one of the kinds that there are.
    """
    sources, length, count = [], 0, None
    for x, item in rows_needed(node, writer.needed):
        value = x._value
        if getattr(value, "depth", 0):
            stack = writer.stacks.get(value.number)
            if stack is None:
                raise Refused("a loop over rows that no loop kept")
            if count is None:
                count = writer.load("i64", stack.count)
            if item in writer.needed:
                sources.append((item, stack_rows(writer, node, stack, item)))
            continue
        if not isinstance(value.shape[0], int):
            raise Refused("a loop over something else than tensors of known length")
        length = value.shape[0]
        if item in writer.needed:
            sources.append(
                (
                    item,
                    _steps(writer, value) if type(x) is not SymbolicTensor and _is_even(value) else rows_of_array(writer, x),
                )
            )
    if count is None:
        count = Value(writer.program, "i64", constant("i64", length))
    return Rows(writer, node, count, sources, length)


def _is_even(array: Any) -> bool:
    """Whether an array consists of integers in equal steps."""
    if array.ndim != 1 or array.dtype.kind != "i" or not len(array):
        return False
    first, step = int(array[0]), int(array[1]) - int(array[0]) if len(array) > 1 else 0
    return bool(np.array_equal(array, first + step * np.arange(len(array))))


def _steps(writer: Any, array: Any) -> Any:
    type, shape = check((), array.dtype), ()
    first, step = int(array[0]), int(array[1]) - int(array[0]) if len(array) > 1 else 0
    return lambda place: Small([(place * step + first).to(type)], shape, array.dtype)
