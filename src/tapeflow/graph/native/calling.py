"""How a compiled program is called: numbers packed into a block of bytes, one call, and a block of bytes unpacked.

For scalars this takes about a microsecond, as much as ten operations of a Plan: a program is worth its compilation where it has a
loop, or saves more than a few such calls.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tapeflow.core.symbolic import Abstract, SymbolicTensor
from tapeflow.core.variable import NOT_READ, Variable
from tapeflow.graph.ir import Assign, Block, Choice, Loop, Node, blocks_of
from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.loops import ENTRY
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.programs import Text, written
from tapeflow.graph.native.served import of_unknown_sizes
from tapeflow.graph.native.unrolled import Refused
from tapeflow.graph.needs import needed_by, tensors_in
from tapeflow.graph.stacks import KeptRows, range_rows

__all__ = ["parts", "whole"]

FORMATS = {"float32": "f", "float64": "d", "int32": "i", "int64": "q", "bool": "?"}

SCALAR_NODE, ARRAY_NODE = 1, 6
WORTH = 200
"""What a Plan's operations must cost together, in tenths of a microsecond, for a program to be compiled: that takes as long as
thousands of calls of a smaller one."""


def whole(block: Block, inputs: Sequence[int], outputs: Sequence[Any]) -> tuple[Callable | None, str]:
    """A function of the arrays of `inputs` that gives those of `outputs`, or None if the Plan must run.

    Args:
        block: the graph.
        inputs: the numbers of its arguments.
        outputs: the tensors it gives.

    Returns:
        The function and "", or None and why there is no such program.
    """
    if _cost(block) < WORTH:
        return None, "too few operations"
    symbols = {x._value.number: x for x in (*tensors_in(block), *outputs) if type(x) is SymbolicTensor}
    given = [symbols[n] for n in inputs if n in symbols]
    try:
        _refuse_unknown_sizes(block, symbols)
        text = written(block.nodes, given, outputs, needed_by(block, outputs))
        return _compiled(text, [f"v{n}" for n in inputs]), ""
    except Refused as error:
        return None, str(error)


class Part(NamedTuple):
    """A loop as a function: of the values of some numbers, giving a tuple of those of others, or None (see `whole`)."""

    function: Callable
    given: list[int]
    results: list[int]


def parts(block: Block, outputs: Sequence[Any]) -> tuple[dict[int, tuple[Loop, Part]], list[tuple[Loop, str]]]:
    """The loops of a graph that can be programs, the outermost of each nest.

    Returns:
        For the id of such a loop's list of outputs, which its copies share, the loop and the program; and the other loops with
        the reasons.
    """
    found: dict[int, tuple[Loop, Part]] = {}
    refused: list[tuple[Loop, str]] = []
    needed = needed_by(block, outputs) if any(type(node) is not Node for node in block.nodes) else set()

    ranges: dict[int, Node] = {}

    def look(block: Block) -> None:
        for node in block.nodes:
            if type(node) is Node and node.primitive is range_rows:
                ranges[node.outputs[0]] = node
            if type(node) is Loop:
                try:
                    found[id(node.outputs)] = node, _part(node, needed, ranges)
                    continue
                except Refused as error:
                    refused.append((node, str(error)))
            for inner in blocks_of(node):
                look(inner)

    look(block)
    return found, refused


def _part(node: Loop, needed: set[int], ranges: dict[int, Node]) -> Part:
    """A loop as a program, with the ranges that it runs over: their numbers are computed as they are needed."""
    block = Block(None, None)
    rows = dict.fromkeys(x._value.number for x in node.rows if type(x) is SymbolicTensor)
    block.nodes = [*[ranges[number] for number in rows if number in ranges], node]
    if _cost(block) < WORTH:
        raise Refused("too few operations")
    made = set(_made(block))
    symbols = {x._value.number: x for x in tensors_in(block) if type(x) is SymbolicTensor}
    _refuse_unknown_sizes(block, symbols)
    given = [x for number, x in symbols.items() if number not in made]
    results = [_like(n, first, 0) for n, first in zip(node.outputs, node.initial, strict=False) if n in needed]
    results += [_like(n, x, 1) for n, x in zip(node.stacks, node.emitted, strict=True) if n in needed]
    text = written(block.nodes, given, results, needed)
    numbers = [x._value.number for x in given]
    return Part(_compiled(text, [f"v{n}" for n in numbers]), numbers, [y._value.number for y in results])


def _refuse_unknown_sizes(block: Block, symbols: dict[int, SymbolicTensor]) -> None:
    ranges = set(_made_by(block, range_rows))  # their numbers are computed as they are needed, however many
    if of_unknown_sizes(x for number, x in symbols.items() if number not in ranges):
        raise Refused("sizes that depend on values")


def _made_by(block: Block, primitive: Any) -> Iterator[int]:
    for node in block.nodes:
        if type(node) is Node and node.primitive is primitive:
            yield from node.outputs
        for inner in blocks_of(node):
            yield from _made_by(inner, primitive)


def _like(number: int, tensor: Any, more: int) -> SymbolicTensor:
    """The tensor of this number, like another one, or a stack of such."""
    value = tensor._value
    return SymbolicTensor(Abstract(value.shape, value.dtype, number, None, getattr(value, "depth", 0) + more))


def _made(block: Block) -> Iterator[int]:
    """The numbers of all values that are made in a block and inside its nodes."""
    for node in block.nodes:
        yield from node.outputs
        if type(node) is Loop:
            yield from (*node.state, *node.items)
        for inner in blocks_of(node):
            yield from _made(inner)


def _cost(block: Block) -> float:
    """What a Plan would take for a block, in units of an operation on scalars; loops of unknown length are long."""
    cost = 0.0
    for node in block.nodes:
        if type(node) is Loop:
            rows = node.rows[0]._value.shape[:1] if node.rows else ()
            times = rows[0] if rows and isinstance(rows[0], int) else float("inf")
            cost += sum(map(_cost, blocks_of(node)), 1.0) * times
        elif type(node) is Choice:
            cost += max(map(_cost, node.blocks))
        elif type(node) is Assign or node.primitive is not None:
            cost += ARRAY_NODE if getattr(node, "large", False) else SCALAR_NODE
    return cost


# -- the call ------------------------------------------------------------------------------------------------


def _compiled(text: Text, parameters: list[str]) -> Callable:
    host = machine()
    if host is None:
        raise Refused("there is no LLVM, or TAPEFLOW_NATIVE=off")
    try:
        (entry,) = host.link(text.module, ENTRY, quickly=not text.loops)
    except Exception as error:  # never the user's error
        raise Refused(f"LLVM refuses it: {error}") from None
    # A loop lets other threads run; a call that lasts less than a microsecond does not let go of Python's lock.
    kind = ctypes.CFUNCTYPE if text.loops and not text.takes_the_lock else ctypes.PYFUNCTYPE
    prototype = kind(ctypes.c_int32, ctypes.c_char_p, ctypes.c_void_p)
    return _written(text, parameters, prototype(entry))


def _written(text: Text, parameters: list[str], entry: Callable) -> Callable:
    """The Python function around the machine code, written out for its arguments and results."""
    names: dict[str, Any] = {"entry": entry, "NOT_READ": NOT_READ, "address": address, "array": _array}
    names |= {"rows_in_memory": _rows_in_memory, "rows_at": _rows_at, "free": _free}
    lines, packed, codes = [f"def program({', '.join(parameters)}):"], [], "="
    for i, (source, shape, dtype, *more) in enumerate(text.inputs):
        name = f"v{source}" if isinstance(source, int) else f"c{i}"
        if not isinstance(source, int):
            names[name] = source
        if isinstance(source, Variable):
            name += "._value"
        if more:
            names[f"d{i}"] = dtype
            lines.append(f" a{i} = rows_in_memory({name}, d{i}, {shape})")
            packed.append(f"address(a{i}), len(a{i})")
            codes += "qq"
        elif shape is None:
            names["contiguous"] = np.ascontiguousarray
            lines.append(f" a{i} = contiguous({name})")
            packed.append(f"address(a{i})")
            codes += "q"
        elif shape:
            packed.append(f"{name}.tobytes()")
            codes += f"{int(np.prod(shape)) * dtype.itemsize}s"
        else:
            packed.append(name)
            codes += FORMATS[dtype.name]
    names["pack"] = struct.Struct(codes).pack
    codes, found, results = "=", [], []
    freed = []
    for i, (shape, dtype, backwards) in enumerate(text.outputs):
        names[f"t{i}"] = dtype if shape or backwards is not None else dtype.type
        if backwards is not None:
            found.append(f"b{i}, s{i}, n{i}")
            codes += "qqq"
            results.append(f"rows_at(b{i}, s{i}, n{i}, t{i}, {shape}, {backwards})")
            freed.append(f"b{i}")
            continue
        found.append(f"y{i}")
        if shape:
            codes += f"{int(np.prod(shape)) * dtype.itemsize}s"
            results.append(f"array(y{i}, t{i}, {shape})")
        else:
            codes += FORMATS[dtype.name]
            results.append(f"t{i}(y{i})")
    names["unpack"] = struct.Struct(codes).unpack
    names["Out"] = ctypes.c_char * struct.calcsize(codes)
    lines.append(" out = Out()")
    lines.append(f" if entry(pack({', '.join(packed)}), out): return None")
    if found:
        lines.append(f" {', '.join(found)}, = unpack(out)")
    count = len(results) - len(text.assigned)
    for k, variable in enumerate(text.assigned):
        names[f"w{k}"] = variable
        lines.append(f" w{k}._value = {results[count + k]}; w{k}._cached = NOT_READ")
    if freed:
        lines.append(f" y = ({''.join(f'{each}, ' for each in results[:count])})")
        lines.append(f" for b in {{{', '.join(freed)}}}: free(b)")
    lines.append(" return y" if freed else f" return ({''.join(f'{each}, ' for each in results[:count])})")
    exec(compile("\n".join(lines), "<tapeflow program>", "exec"), names)
    return names["program"]


def _array(data: bytes, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    return np.frombuffer(data, dtype).reshape(shape).copy()


def _rows_in_memory(rows: Any, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    """The rows of a stack as one array."""
    if type(rows) is KeptRows:
        return np.ascontiguousarray(rows.array)
    return np.array(list(rows), dtype).reshape(len(rows), *shape)


def _rows_at(base: int, start: int, count: int, dtype: np.dtype, shape: tuple[int, ...], backwards: bool) -> KeptRows:
    """The rows that a program has left in memory."""
    array = np.empty((count, *shape), dtype)
    if array.nbytes:
        ctypes.memmove(address(array), base + start * (array.nbytes // count), array.nbytes)
    return KeptRows(array[::-1] if backwards else array)


def _free(base: int) -> None:
    if base:
        free = ctypes.pythonapi.PyMem_RawFree
        free.argtypes, free.restype = (ctypes.c_void_p,), None
        free(base)
