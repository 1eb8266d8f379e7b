"""Ctrl-C reaches loops of machine code.

A signal's handler is Python, and runs when Python does. So a program that may run for long counts what it does, and after some
tens of milliseconds takes Python's lock and lets the handlers run. Where one of them raises, the program is left with nothing
written: variables are as they were before it began. Between two pauses other threads run.

Which loops count: those of unknown length, and those that are known to take longer than `SHORT`. A loop over rows counts once in a
while, so that its innermost part is as if nobody counted.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import numpy as np

from tapeflow.graph.ir import Choice, Loop, Node, blocks_of
from tapeflow.graph.native.expressions import Value
from tapeflow.graph.native.lowering import ELEMENTARY

__all__ = ["Pauses", "c_function", "is_short", "work_of"]

UNPAUSED = 1 << 27
"""How many instructions run between two pauses, about."""

SHORT = 1 << 18
"""A loop of no more instructions than this does not count: it takes less than a millisecond."""

IN_A_FUNCTION = 40  # instructions of an exponential or a sine

PAUSE = """define internal i32 @pause(ptr %restore, ptr %check, ptr %save, ptr %thread) noinline cold {
call void %restore(ptr %thread)
%raised = call i32 %check()
%leave = icmp ne i32 %raised, 0
br i1 %leave, label %left, label %on
on:
%same = call ptr %save()
br label %left
left:
ret i32 %raised
}"""


def c_function(name: str) -> np.int64:
    """The address of a function of Python's C interface."""
    return np.int64(ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0)


class Pauses:
    """The counting of a program.

    Args:
        writer: what writes the program.

    Attributes:
        used: whether anything counts: then the program is entered with Python's lock, and lets it go itself.
    """

    def __init__(self, writer: Any) -> None:
        self.writer, self.used = writer, False

    def _begin(self) -> None:
        self.used, writer = True, self.writer
        names = "PyEval_RestoreThread", "PyErr_CheckSignals", "PyEval_SaveThread"
        self.restore, self.check, self.save = [writer.pointer(c_function(name)) for name in names]
        self.left = writer.place("i64")
        writer.head += [f"store i64 {UNPAUSED}, ptr {self.left}", f"%thread = call ptr {self.save}()"]

    def count(self, work: Value | int) -> None:
        """Writes that so many instructions have run."""
        if sys.implementation.name != "cpython":
            return
        if not self.used:
            self._begin()
        writer = self.writer
        left = writer.load("i64", self.left) - work
        writer.store(left, self.left)
        pause, on = writer.label(), writer.label()
        writer.write(f"br i1 {left < 0}, label %{pause}, label %{on}, !prof !0")
        writer.write(f"{pause}:")
        given = f"ptr {self.restore}, ptr {self.check}, ptr {self.save}, ptr %thread"
        raised = writer.program.emit("i32", f"call i32 @pause({given})")
        writer.store(left.like(UNPAUSED), self.left)
        writer.write(f"br i1 {raised.differs(0)}, label %interrupted, label %{on}, !prof !0")
        writer.write(f"{on}:")

    def leaving(self) -> list[str]:
        """The instructions before a return, with the lock taken back."""
        return [f"call void {self.restore}(ptr %thread)"] if self.used else []

    def definitions(self) -> list[str]:
        """What the module needs beside the program."""
        return [PAUSE] if self.used else []


def work_of(nodes: Any, symbols: dict[int, Any]) -> int:
    """How many instructions nodes are, about, without those of inner loops that count themselves."""
    total = 0
    for node in nodes:
        if type(node) is Node:
            found = [symbols[number].size for number in node.outputs if number in symbols and not symbols[number].depth]
            long = node.primitive is not None and (node.primitive.name in ELEMENTARY or node.primitive.name == "Pow")
            total += (IN_A_FUNCTION if long else 2) * sum(size for size in found if isinstance(size, int))
        elif type(node) is Choice:
            total += 2 + max(work_of(block.nodes, symbols) for block in node.blocks)
        elif type(node) is Loop:
            total += work_of_turn(node, symbols) * _turns(node) if is_short(node, symbols) else 2
        else:
            total += 1
    return total


def work_of_turn(node: Loop, symbols: dict[int, Any]) -> int:
    """How many instructions one iteration is, about."""
    return 3 + sum(work_of(block.nodes, symbols) for block in blocks_of(node))


def _turns(node: Loop) -> Any:
    """How often a loop runs, at most; infinity where that is not known."""
    value: Any = node.rows[0]._value if node.rows else None
    known = value is not None and not getattr(value, "depth", 0) and isinstance(value.shape[0], int)
    return value.shape[0] if known else float("inf")


def is_short(node: Loop, symbols: dict[int, Any]) -> bool:
    """Whether a loop runs for less than a millisecond."""
    blocks = (inner for block in blocks_of(node) for inner in block.nodes)
    if any(type(inner) is Loop and not is_short(inner, symbols) for inner in blocks):
        return False
    return work_of_turn(node, symbols) * _turns(node) <= SHORT
