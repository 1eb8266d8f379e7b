"""Elements at places that are known only when the program runs: `x[i]`, `x[:, i]`, `tf.gather(x, i)`, and their derivatives.

An array from outside stays in memory, however large it is, and the program loads what it asks for. Where the elements of x are
values of the program they are put into memory first. A place that is not there is an error: a guard leaves it to the Plan, before
anything is loaded.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Node
from tapeflow.graph.native.expressions import Value, choose, from_memory, in_memory, to_memory
from tapeflow.graph.native.unrolled import MOST_ELEMENTS, Refused, Small, check
from tapeflow.ops.parts import numpy_index
from tapeflow.ops.slices_known_later import At, Between, Block

__all__ = ["AT_PLACES", "at_places", "is_large", "reads_memory", "rows_of_array"]

LARGEST = 1 << 22
"""The elements of an array whose slices are found by numbering all of them."""


def reads_memory(node: Node) -> bool:
    """Whether the first input of a node may be an array of any size."""
    return node.primitive is not None and node.primitive.name in ("StridedSliceAt", "GatherV2")


def is_large(x: Any) -> bool:
    """Whether a tensor is too large for its elements to be values."""
    shape = x._value.shape
    return all(isinstance(n, int) for n in shape) and math.prod(shape) > MOST_ELEMENTS


def base_of(writer: Any, x: Any) -> str:
    """Where the elements of x are: an array from outside, or memory on the stack."""
    value = x._value
    if type(x) is SymbolicTensor and value.number in writer.values:
        return stored(writer, writer.tensor(x))
    if type(x) is SymbolicTensor and value.number not in writer.given:
        raise Refused("a value that is not small")
    key = value.number if type(x) is SymbolicTensor else id(value)
    if key not in writer.addresses:
        writer.addresses[key] = writer.address(value.number if type(x) is SymbolicTensor else value)
    return writer.addresses[key]


def stored(writer: Any, x: Small) -> str:
    """The elements of a small tensor, put into memory of their own."""
    memory = in_memory(x.values[0].type)
    base = f"%array{len(writer.head)}"
    writer.head.append(f"{base} = alloca [{len(x.values)} x {memory}]")
    for k, value in enumerate(x.values):
        _store(writer, value, base, value.program.value("i64", str(k)))
    return base


def _store(writer: Any, value: Value, base: str, place: Value) -> None:
    element = to_memory(value)
    where = writer.program.emit("ptr", f"getelementptr {element.type}, ptr {base}, i64 {place}")
    writer.store(element, where.name)


def _load(writer: Any, type: str, base: str, place: Value) -> Value:
    memory = in_memory(type)
    where = writer.program.emit("ptr", f"getelementptr {memory}, ptr {base}, i64 {place}")
    element = writer.program.emit(memory, f"load {memory}, ptr {where}, align 1")
    return from_memory(element, type)


def rows_of_array(writer: Any, x: Any) -> Any:
    """A function of a place, that gives the row of x there."""
    value = x._value
    type, shape = check(value.shape[1:], value.dtype), value.shape[1:]
    base, size = base_of(writer, x), math.prod(shape)
    return lambda place: Small([_load(writer, type, base, place * size + k) for k in range(size)], shape, value.dtype)


# -- the operations ------------------------------------------------------------------------------------------


def _offsets(writer: Any, spec: tuple, places: Small, shape: tuple[int, ...]) -> list[Value]:
    """The places in memory of the elements of a slice."""
    if math.prod(shape) > LARGEST:
        raise Refused(f"a slice of an array of {math.prod(shape)} elements")
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    known: list[Any] = []
    offset: Any = None
    for axis, item in enumerate(spec):
        if isinstance(item, Between) or (isinstance(item, Block) and (type(item.size) is not int or item.size < 0)):
            raise Refused("a slice between places known only when it runs")
        if isinstance(item, At | Block):
            if None in spec[:axis] or Ellipsis in spec[:axis]:
                raise Refused("a slice with new axes")
            place, size = places.values[item.place], shape[axis]
            room = size - item.size if isinstance(item, Block) else size - 1
            least = 0 if isinstance(item, Block) else -size
            writer.program.guard((place < least) | (place > room))
            if isinstance(item, At):
                place = choose(place < 0, place + size, place)
            part = place * strides[axis]
            offset = part if offset is None else offset + part
            known.append((0, item.size, None) if isinstance(item, Block) else 0)
        else:
            known.append(item)
    numbers = np.arange(math.prod(shape)).reshape(shape)[numpy_index(tuple(known))]
    check(numbers.shape, np.dtype("int64"))
    writer.heed_guards()
    return [offset + number for number in np.ravel(numbers).tolist()]


def _sliced(writer: Any, node: Node, output: Any) -> Small:
    x, spec = node.inputs[0], node.attributes["spec"]  # type: ignore[index]
    type = check(output.shape, output.dtype)
    base = base_of(writer, x)
    offsets = _offsets(writer, spec, writer.tensor(node.inputs[1]), x._value.shape)
    return Small([_load(writer, type, base, offset) for offset in offsets], output.shape, output.dtype)


def _gathered(writer: Any, node: Node, output: Any) -> Small | None:
    attributes: Any = node.attributes
    x, count = node.inputs[0], node.inputs[0]._value.shape[0]
    if not is_large(x):
        return None  # a choice between values
    if attributes["axis"] or attributes["batch_dims"]:
        raise Refused("a gather along another axis than the first")
    check(output.shape, output.dtype)
    row, places = rows_of_array(writer, x), writer.tensor(node.inputs[1]).values
    for place in places:
        writer.program.guard((place < 0) | (place >= count))
    writer.heed_guards()
    values = [value for place in places for value in row(place.to("i64")).values]
    return Small(values, output.shape, output.dtype)


def _spread(writer: Any, node: Node, output: Any) -> Small:
    """Zeros but for a slice: what the cotangent of a slice gives to that of the whole."""
    type = check(output.shape, output.dtype)
    new, places = (writer.tensor(x) for x in node.inputs)
    zeros = Small([new.values[0].like(0)] * output.size, output.shape, output.dtype)
    return _changed(writer, zeros, type, new, node.attributes["spec"], places)  # type: ignore[index]


def _put(writer: Any, node: Node, output: Any) -> Small:
    """A tensor with another slice."""
    type = check(output.shape, output.dtype)
    old, places, new = (writer.tensor(x) for x in node.inputs)
    return _changed(writer, old, type, new, node.attributes["spec"], places)  # type: ignore[index]


def _changed(writer: Any, x: Small, type: str, new: Small, spec: tuple, places: Small) -> Small:
    offsets, base = _offsets(writer, spec, places, x.shape), stored(writer, x)
    values = new.values * len(offsets) if len(new.values) == 1 else new.values
    if len(values) != len(offsets):
        raise Refused("a slice that is assigned a broadcast tensor")
    for value, offset in zip(values, offsets, strict=True):
        _store(writer, value, base, offset)
    every = [x.values[0].program.value("i64", str(k)) for k in range(len(x.values))]
    return Small([_load(writer, type, base, k) for k in every], x.shape, x.dtype)


AT_PLACES = {"GatherV2": _gathered, "StridedSliceAt": _sliced, "StridedSliceAtAssign": _put, "StridedSliceAtGrad": _spread}


def at_places(writer: Any, node: Node, output: Any) -> Small | None:
    """The result of such an operation; None where it can be had from values."""
    return AT_PLACES[node.primitive.name](writer, node, output)
