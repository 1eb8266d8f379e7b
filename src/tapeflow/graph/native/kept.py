"""Stacks in machine code: what a loop keeps of each iteration for its derivative, row after row in memory that grows.

A *buffer* is memory from Python's allocator; it is twice as large when it is full, and given back when the program ends. A stack is
a part of a buffer: where its rows begin and how many there are. A stack of stacks is the rows of all of them in one buffer, and
beside it a buffer of their lengths: the inner loop appends to the buffer of the outer one's stack, and nothing is copied.

A loop that runs over a stack of stacks takes them in the order in which they were appended, or in the opposite one: it finds each
by going on from the one before.
"""

from __future__ import annotations

from typing import Any

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Loop
from tapeflow.graph.native.expressions import WIDTH, Value, from_memory, in_memory, to_memory
from tapeflow.graph.native.pauses import c_function
from tapeflow.graph.native.unrolled import Refused, Small, check, constant_tensor

__all__ = ["Buffer", "Stack", "begun_stacks", "stack_given", "stack_rows"]

FIRST_ROWS = 64


class Buffer:
    """Memory that grows.

    Args:
        writer: what writes the program.
        type: of the elements.
        width: how many elements a row has; none where all rows are the same constant.
    """

    def __init__(self, writer: Any, type: str, width: int) -> None:
        self.writer, self.type, self.width = writer, type, width
        self.row_bytes = (WIDTH[type] // 8 or 1) * width
        self.base, self.capacity, self.length = writer.place("ptr"), writer.place("i64"), writer.place("i64")
        writer.head += [
            f"store ptr null, ptr {self.base}",
            f"store i64 0, ptr {self.capacity}",
            f"store i64 0, ptr {self.length}",
        ]
        if width:
            if not writer.buffers:
                writer.allocate = writer.pointer(c_function("PyMem_RawRealloc"))
                writer.free = writer.pointer(c_function("PyMem_RawFree"))
            writer.buffers.append(self)

    def rows(self) -> Value:
        """How many there are now."""
        return self.writer.load("i64", self.length)

    def append(self, values: list[Value]) -> None:
        """Writes a row behind the last one."""
        writer, length = self.writer, self.rows()
        if self.width:
            capacity = writer.load("i64", self.capacity)
            grow, on = writer.label(), writer.label()
            writer.write(f"br i1 {length.equals(capacity)}, label %{grow}, label %{on}, !prof !0")
            writer.write(f"{grow}:")
            twice = capacity + capacity
            larger = writer.program.emit("i64", f"select i1 {capacity.equals(0)}, i64 {FIRST_ROWS}, i64 {twice}")
            old = writer.load("ptr", self.base)
            new = writer.program.emit("ptr", f"call ptr {writer.allocate}(ptr {old}, i64 {larger * self.row_bytes})")
            none, grown = writer.program.emit("i1", f"icmp eq ptr {new}, null"), writer.label()
            writer.write(f"br i1 {none}, label %given_up, label %{grown}")
            writer.write(f"{grown}:")
            writer.store(new, self.base)
            writer.store(larger, self.capacity)
            writer.mark(on)
            for k, value in enumerate(values):
                writer.store(to_memory(value), self._place(length, k))
        writer.store(length + 1, self.length)

    def _place(self, row: Value, k: int) -> str:
        base, memory = self.writer.load("ptr", self.base), in_memory(self.type)
        where = row * self.width + k
        return str(self.writer.program.emit("ptr", f"getelementptr {memory}, ptr {base}, i64 {where}"))

    def row(self, row: Value) -> list[Value]:
        """The elements of a row."""
        found = []
        for k in range(self.width):
            element = self.writer.load(in_memory(self.type), self._place(row, k))
            found.append(from_memory(element, self.type))
        return found


class Stack:
    """Rows of a buffer, or stacks of them.

    Attributes:
        shape, dtype: of a row, or of a row of a row.
        constant: what every row is, where none is in memory.
        start, count: places that hold where it begins and how many rows, or stacks, it has.
        lengths: of a stack of stacks, the buffer of their lengths; else None.
        backwards: whether the first row in memory is the last one.
    """

    def __init__(
        self, writer: Any, like: tuple[tuple, Any], buffer: Buffer, constant: Small | None, backwards: bool
    ) -> None:
        self.writer, self.buffer, self.constant, self.backwards = writer, buffer, constant, backwards
        self.shape, self.dtype = like
        self.start, self.count = writer.place("i64"), writer.place("i64")
        self.lengths: Buffer | None = None
        self.inner: Stack | None = None  # the one that the loop inside is filling

    def append(self, x: Any) -> None:
        """Puts the value of an iteration on it."""
        if self.inner is not None:
            self.lengths.append([self.writer.load("i64", self.inner.count)])  # type: ignore[union-attr]
        else:
            self.buffer.append([] if self.constant is not None else self.writer.tensor(x).values)
        self.writer.store(self.writer.load("i64", self.count) + 1, self.count)

    def row(self, place: Value) -> Small:
        """A row."""
        if self.constant is not None:
            return self.constant
        if self.backwards:
            place = self.writer.load("i64", self.count) - 1 - place
        values = self.buffer.row(self.writer.load("i64", self.start) + place)
        return Small(values, self.shape, self.dtype)


def begun_stacks(writer: Any, node: Loop) -> list[tuple[Any, Stack]]:
    """The stacks that a loop fills, empty, and what goes on each."""
    found = []
    for x, number in zip(node.emitted, node.stacks, strict=True):
        if number not in writer.needed:
            continue
        depth = x._value.depth if type(x) is SymbolicTensor else 0
        if depth > 1:
            raise Refused("stacks of stacks of stacks")
        outer = writer.shared.get(number)
        if outer is not None:  # a part of the stack of the loop around
            stack = Stack(writer, (outer.shape, outer.dtype), outer.buffer, None, node.reverse)
            outer.inner = stack
        else:
            stack = _new(writer, x, depth, node, number in writer.given_out)
        writer.store(stack.buffer.rows(), stack.start)
        writer.store(writer.program.value("i64", "0"), stack.count)
        writer.stacks[number] = stack
        found.append((x, stack))
    return found


def _new(writer: Any, x: Any, depth: int, node: Loop, kept_outside: bool) -> Stack:
    value = x._value
    constant = constant_tensor(writer.program, value) if type(x) is not SymbolicTensor and not kept_outside else None
    buffer = Buffer(writer, check(value.shape, value.dtype), 0 if constant is not None else value.size)
    stack = Stack(writer, (value.shape, value.dtype), buffer, constant, node.reverse)
    if depth:
        if not any(isinstance(inner, Loop) and value.number in inner.stacks for inner in node.body.nodes):
            raise Refused("a stack of stacks that no loop made")
        stack.lengths = Buffer(writer, "i64", 1)
        writer.store(writer.program.value("i64", "0"), stack.lengths.length)
        writer.shared[value.number] = stack
    writer.store(writer.program.value("i64", "0"), buffer.length)
    return stack


def stack_rows(writer: Any, node: Loop, stack: Stack, item: int) -> Any:
    """How a loop finds the rows of a stack: a function of the row's place; for a stack of stacks it makes the row known."""
    if stack.lengths is None:
        return stack.row
    lengths = stack.lengths
    row = Stack(writer, (stack.shape, stack.dtype), stack.buffer, None, stack.inner is not None and stack.inner.backwards)
    upwards = node.reverse == stack.backwards
    place, inner = writer.place("i64"), writer.place("i64")  # of the next length, and of its rows
    zero = writer.program.value("i64", "0")
    writer.store(zero if upwards else writer.load("i64", stack.count), place)
    writer.store(zero if upwards else stack.buffer.rows(), inner)

    def take(_: Value) -> None:
        at, start = writer.load("i64", place), writer.load("i64", inner)
        at = at if upwards else at - 1
        (length,) = lengths.row(at)
        start = start if upwards else start - length
        writer.store(start, row.start)
        writer.store(length, row.count)
        writer.store(at + 1 if upwards else at, place)
        writer.store(start + length if upwards else start, inner)
        writer.stacks[item] = row

    return take


def stack_given(writer: Any, value: Any) -> Stack:
    """A stack from outside: its address and its length."""
    type = check(value.shape, value.dtype)
    buffer = Buffer.__new__(Buffer)
    buffer.writer, buffer.type, buffer.width = writer, type, value.size
    buffer.base = writer.place("ptr")
    stack = Stack(writer, (value.shape, value.dtype), buffer, None, False)
    address, count = writer.stack_argument(value)
    writer.head += [
        f"store ptr {address}, ptr {buffer.base}",
        f"store i64 0, ptr {stack.start}",
        f"store i64 {count}, ptr {stack.count}",
    ]
    return stack
