"""The elements of a `tf.TensorArray` in a graph, as a value that writing makes a new one of.

A symbolic tensor of depth 1 stands for them. When the graph runs they are `Cells`: all versions of an array share one list, which
holds the newest; an older version knows in what it differs from the next (Baker, "Shallow binding makes functional arrays fast",
1991). So a loop of n writes takes time n, and a version that the backward pass still needs stays what it was.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np

from tapeflow.core.convert import CONVERTERS
from tapeflow.core.errors import OutOfRangeError
from tapeflow.core.recording import heard_by
from tapeflow.core.symbolic import fail
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Block
from tapeflow.graph.stacks import StackOperation, zero_stack

__all__ = ["Cells", "add_at", "cleared", "grown", "new", "read", "size", "stacked", "unstacked", "within", "written"]


class Cells:
    """One version of an array; None stands for an element that was never written, which is zeros."""

    __slots__ = ("_difference", "_items", "_length")
    nbytes = math.inf  # never made in advance

    def __init__(self, items: list, length: int) -> None:
        self._items, self._length = items, length
        self._difference: Any = None  # (place, own element there, next version), unless the list holds this version

    def __len__(self) -> int:
        return self._length

    def _here(self) -> list:
        """The list, made to hold this version."""
        later: list[Cells] = []
        version = self
        while version._difference is not None:
            later.append(version)
            version = version._difference[2]
        for each in reversed(later):
            place, item, newer = each._difference
            items = newer._items
            newer._difference, newer._items = (place, items[place], each), []
            items[place] = item
            each._items, each._difference = items, None
        return self._items

    def all(self) -> list:
        """The elements."""
        return self._here()[: self._length]

    def read(self, place: Any) -> Any:
        """One element."""
        i = int(place)
        if not 0 <= i < self._length:
            raise OutOfRangeError(None, None, f"Tried to read from index {i} but array size is: {self._length}")
        return self._here()[i]

    def written(self, place: Any, item: Any, grows: bool = False) -> Cells:
        """The version with another element."""
        i = int(place)
        if i < 0 or (i >= self._length and not grows):
            raise OutOfRangeError(
                None, None, f"Tried to write to index {i} but array is not resizeable and size is: {self._length}"
            )
        items = self._here()
        items.extend([None] * (i + 1 - len(items)))
        newer = Cells(items, max(self._length, i + 1))
        self._difference, self._items = (i, items[i], newer), []
        items[i] = item
        return newer

    def plus(self, other: Cells) -> Cells:
        """The sums of the elements of two arrays."""
        pairs = zip(self.all(), other.all(), strict=True)
        found = [y if x is None else x if y is None else x + y for x, y in pairs]
        return Cells(found, len(found))

    def zeros(self) -> Cells:
        """An array as long, of zeros."""
        return Cells([None] * self._length, self._length)


class CellCotangent:
    """The cotangent of an array of which one element was read: it is added where there are others, in its place."""

    def __init__(self, cells: Any, place: Any, dy: Any) -> None:
        self.cells, self.place, self.dy = cells, place, dy

    def plus(self, other: Any) -> Any:
        """The sum with another cotangent of the same array."""
        if isinstance(other, CellCotangent):
            other = other.whole()
        return add_at(other, self.place, self.dy)

    def whole(self) -> Any:
        """The cotangent as an array of its own."""
        return add_at(zero_stack(self.cells), self.place, self.dy)


CONVERTERS[CellCotangent] = lambda found: found.whole()


def _eagerly(*inputs: Any) -> Any:
    raise TypeError("a TensorArray of a graph is not replayed")


def _read(cells: Any, place: Any) -> Callable:
    shape, dtype = cells.shape, cells.dtype

    def kernel(cells: Cells, place: Any) -> Any:
        item = cells.read(place)
        return np.zeros(shape, dtype)[()] if item is None else item

    return kernel


def _stacked(cells: Any, like: Any) -> Callable:
    shape, dtype = cells.shape, cells.dtype

    def kernel(cells: Cells, like: Any) -> np.ndarray:
        out = np.zeros((len(like), *shape), dtype)
        for i, item in enumerate(cells.all()):
            if item is not None:
                out[i] = item
        return out

    return kernel


def _array(cells: Any, *_: Any) -> tuple:
    return cells.shape, cells.dtype, 1


def _written(grows: bool) -> StackOperation:
    return StackOperation(
        "TensorArrayWrite",
        lambda cells, place, item: cells.written(place, item, grows),
        _eagerly,
        lambda cells, place, item: (item.shape, cells.dtype, 1),
        (lambda dy, cells, place, item: cleared(dy, place), None, lambda dy, cells, place, item: read(dy, place)),
    )


written, grown = _written(False), _written(True)
"""The array with another element; of `grown`, the place may be behind the last."""

cleared = StackOperation(
    "TensorArrayClear",
    lambda cells, place: cells.written(place, None) if int(place) < len(cells) else cells,
    _eagerly,
    _array,
    (lambda dy, cells, place: cleared(dy, place), None),
)
read = StackOperation(
    "TensorArrayRead",
    _read,
    _eagerly,
    lambda cells, place: (cells.shape, cells.dtype, 0),
    (lambda dy, cells, place: CellCotangent(cells, place, dy), None),
    bound=True,
)
add_at = StackOperation(
    "TensorArrayAdd",
    lambda cells, place, item: cells.written(place, item if cells.read(place) is None else cells.read(place) + item),
    _eagerly,
    _array,
    (lambda dy, cells, place, item: dy, None, lambda dy, cells, place, item: read(dy, place)),
)
stacked = StackOperation(
    "TensorArrayStack",
    _stacked,
    _eagerly,
    lambda cells, like: ((like.shape[0], *cells.shape), cells.dtype, 0),
    (lambda dy, cells, like: unstacked(dy), None),
    bound=True,
)
unstacked = StackOperation(
    "TensorArrayUnstack",
    lambda x: Cells(list(x), len(x)),
    _eagerly,
    lambda x: (x.shape[1:], x.dtype, 1),
    (lambda dy, x: stacked(dy, x),),
)
size = StackOperation(
    "TensorArraySize", lambda cells: np.int32(len(cells)), _eagerly, lambda cells: ((), np.dtype("int32"), 0), (None,)
)


def new(count: Tensor, shape: tuple, dtype: Any) -> Any:
    """An array of elements that were never written, of this shape."""
    operation = StackOperation(
        "TensorArray",
        lambda count: Cells([None] * max(int(count), 0), max(int(count), 0)),
        _eagerly,
        lambda count: (shape, dtype, 1),
        (None,),
    )
    return operation(count)


@contextmanager
def within(tracer: Any, home: Block) -> Iterator[Any]:
    """A context in which operations come at the end of a block around the one under way; it gives this module.

    The tapes that listen in that block hear of them.
    """
    inside, recorders, block = tracer.block, None, tracer.block
    while block is not home:
        if block.outer is None:
            fail("a TensorArray from outside of the function, or of a loop or choice in it")
        recorders, block = block.before, block.outer
    tracer.replayable, tracer.has_arrays = False, True
    tracer.block = home
    try:
        with nullcontext() if recorders is None else heard_by(recorders):
            yield sys.modules[__name__]
    finally:
        tracer.block = inside
