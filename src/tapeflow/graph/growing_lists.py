"""Python lists that a loop of the graph appends to: their elements are TensorArrays, which grow when the function runs.

A list becomes one when a loop that becomes part of the graph appends tensors to it that the loop makes. What is appended otherwise,
a number or a tensor from outside of the loop, is appended once, when the function is traced, as every Python effect is; with
`experimental_autograph_options=tf.autograph.experimental.Feature.LISTS` the list grows in every iteration then too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import is_
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import CONVERTERS, convert
from tapeflow.core.symbolic import SymbolicTensor, fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.ops.gathering import gather
from tapeflow.ops.tensor_array import TensorArray

__all__ = ["GrowingList", "Probe", "appended", "listed", "stacked"]


class Probe:
    """Stands for a list while it is found out what a loop appends to it."""

    def __init__(self, items: list) -> None:
        self.items, self.seen = list(items), []  # type: ignore[var-annotated]

    def note(self, value: Any) -> None:
        """Something is appended."""
        self.items.append(value)
        self.seen.append(value)

    def grows(self, always: bool) -> bool:
        """Whether the list must be a value of the graph: tensors were appended that the loop, which is left by now, made."""
        leaves = nest.flatten(self.seen, expand_composites=True)
        return bool(self.seen) and (always or any(type(x) is SymbolicTensor and not x._value.scope.open for x in leaves))

    def size(self) -> Tensor:
        """Stands for the number of elements."""
        return tracing().symbol((), np.dtype("int32"))

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice) or not self.items:
            fail("a list is read in the loop that appends to it")
        return self.items[-1]  # all of them are alike


class GrowingList:
    """A list whose elements are in TensorArrays: one for each leaf of an element, which may be a structure.

    Attributes:
        arrays: the TensorArrays.
        pattern: an element, for its structure.
        length: how many elements there are, where that is known before the function runs.
        added: how many of them were added in the iteration under way, where that is known.
    """

    __slots__ = ("_listed", "added", "arrays", "length", "pattern")

    def __init__(self, arrays: tuple, pattern: Any, length: int | None = None, added: int | None = None) -> None:
        self.arrays, self.pattern, self.length, self.added = arrays, pattern, length, added
        self._listed: list | None = None  # the list that it has become, if somebody took it

    @classmethod
    def of(cls, items: list, appended: list) -> GrowingList:
        """The list as it is in front of a loop that appends such values."""
        pattern = appended[0]
        leaves = [convert(x) for x in nest.flatten(pattern, expand_composites=True)]
        arrays = tuple(
            [TensorArray(x.dtype, 0, dynamic_size=True, clear_after_read=False, element_shape=x.shape) for x in leaves]
        )
        found = cls(arrays, pattern, 0, 0)
        for item in items:
            found = found.with_one_more(item)
        return found

    def __nest_flatten__(self) -> tuple:
        return self.arrays

    def __nest_unflatten__(self, arrays: tuple) -> GrowingList:
        return GrowingList(tuple(arrays), self.pattern)

    # -- what a program does with it ---------------------------------------------------------------------------

    def with_one_more(self, value: Any) -> GrowingList:
        """The list with another element."""
        try:
            nest.assert_same_structure(self.pattern, value, expand_composites=True)
            leaves = [
                convert(x, hint=array.dtype.numpy)
                for x, array in zip(nest.flatten(value, expand_composites=True), self.arrays, strict=True)
            ]
        except (TypeError, ValueError):
            fail("values of several structures are appended to a list")
        if any(x.dtype != a.dtype or x.shape != a.element_shape for x, a in zip(leaves, self.arrays, strict=True)):
            fail("values of several shapes or dtypes are appended to a list")
        place = self.arrays[0].size()
        arrays = tuple([array.write(place, x) for array, x in zip(self.arrays, leaves, strict=True)])
        return GrowingList(arrays, self.pattern, _plus(self.length, 1), _plus(self.added, 1))

    def after_loop(self, before: GrowingList, added: int | None, iterations: int | None) -> None:
        """Notes how long it is after a loop that began with `before` and added so many in each of its iterations."""
        more = None if added is None or iterations is None else added * iterations
        self.length, self.added = _plus(before.length, more), _plus(before.added, more)

    def size(self) -> Any:
        """How many elements there are: a number, or a tensor where that is known only when the function runs."""
        if self._listed is not None:
            return len(self._listed)
        return self.arrays[0].size() if self.length is None else self.length

    def row(self, place: Any) -> Any:
        """One element."""
        leaves = [array.read(place) for array in self.arrays]
        return nest.pack_sequence_as(self.pattern, leaves, expand_composites=True)

    def listed(self) -> list:
        """The elements as a list of Python's, which it is from now on."""
        if self._listed is None:
            if self.length is None:
                fail("a list whose length is known only when the function runs is taken as a whole")
            stacks = [array.stacked_to(self.length) for array in self.arrays]
            rows = [[x[i] for x in stacks] for i in range(self.length)]
            items = [nest.pack_sequence_as(self.pattern, row, expand_composites=True) for row in rows]
            self._listed = items if nest.is_nested(self.pattern) else Unstacked(items, stacks[0])
        return self._listed

    def append(self, value: Any) -> None:
        """Adds an element, outside of the loops."""
        self.listed().append(value)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return self.listed()[place]
        if self._listed is not None:
            return gather(convert(self._listed), place) if isinstance(place, Tensor) else self._listed[place]
        if isinstance(place, int) and place < 0:
            place = self.size() + place
        return self.row(place)

    def __iter__(self) -> Iterator:
        return iter(self.listed())


class Unstacked(list):
    """The elements of a list that a loop made. As long as it is the same list, it becomes a tensor without stacking them again.

    A copy, and what a function returns, is a list like any other.
    """

    def __new__(cls, items: Iterable = (), whole: Tensor | None = None) -> Any:
        return list(items) if whole is None else super().__new__(cls)

    def __init__(self, items: Iterable, whole: Tensor) -> None:
        super().__init__(items)
        self._whole, self._items = whole, tuple(self)

    def tensor(self) -> Tensor:
        """The elements as one tensor."""
        is_same = len(self) == len(self._items) and all(map(is_, self, self._items))
        return self._whole if is_same else convert(list(self))


CONVERTERS[Unstacked] = Unstacked.tensor


def listed(value: Any) -> Any:
    """A list that is not only read: one of Python's."""
    return value.listed() if type(value) is GrowingList else value


def stacked(value: Any) -> Any:
    """A list that an operation takes as a tensor: that tensor, where the length is known only when the function runs."""
    if type(value) is not GrowingList or value.length is not None or nest.is_nested(value.pattern):
        return listed(value)
    return value.arrays[0].stack()


def appended(target: Any, value: Any) -> Any:
    """The list after `target.append(value)`."""
    if isinstance(target, GrowingList):
        return target.with_one_more(value)
    if isinstance(target, Probe):
        target.note(value)
    else:
        target.append(value)
    return target


def _plus(count: int | None, more: int | None) -> int | None:
    return None if count is None or more is None else count + more
