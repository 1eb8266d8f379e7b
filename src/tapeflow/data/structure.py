"""The structure of a dataset's elements: nested tuples and dicts, in which a list is one tensor and not a nest."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.shapes import TensorShape, TensorSpec
from tapeflow.core.symbolic import SymbolicTensor, fail
from tapeflow.core.tensor import Tensor

__all__ = [
    "DatasetSpec",
    "IteratorSpec",
    "Rows",
    "arrays_of",
    "components",
    "flat_values",
    "packer",
    "row_of",
    "spec_of",
    "stacked",
]


class DatasetSpec:
    """Describes an element, or a part of one, that is a dataset itself.

    Args:
        element_spec: what its elements are.
        dataset_shape: the shape of a tensor of datasets; there is only ().

    >>> import tapeflow as tf
    >>> tf.data.Dataset.range(6).window(3).element_spec
    DatasetSpec(TensorSpec(shape=(), dtype=tf.int64, name=None), TensorShape([]))
    """

    __slots__ = ("dataset_shape", "element_spec")

    def __init__(self, element_spec: Any, dataset_shape: Any = ()) -> None:
        self.element_spec = element_spec
        self.dataset_shape = TensorShape(dataset_shape)

    def __eq__(self, other: object) -> bool:
        return type(other) is DatasetSpec and self.element_spec == other.element_spec

    def __hash__(self) -> int:
        return hash(repr(self.element_spec))

    def __repr__(self) -> str:
        return f"DatasetSpec({self.element_spec!r}, {self.dataset_shape!r})"


class IteratorSpec:
    """Describes an iterator over a dataset, whose elements are what `element_spec` says."""

    __slots__ = ("element_spec",)

    def __init__(self, element_spec: Any) -> None:
        self.element_spec = element_spec

    def __eq__(self, other: object) -> bool:
        return type(other) is IteratorSpec and self.element_spec == other.element_spec

    def __hash__(self) -> int:
        return hash(repr(self.element_spec))

    def __repr__(self) -> str:
        return f"IteratorSpec({self.element_spec!r})"


# -- from Python's values -----------------------------------------------------------------------------


def components(value: Any, lists: bool = False) -> Any:
    """The value with a tensor for each leaf.

    Args:
        value: what a program gives for elements, or what its function returns.
        lists: whether a list is a tuple, as where a function returns it; else it is one tensor.
    """
    if isinstance(value, dict):
        parts = {key: components(part, lists) for key, part in value.items()}
        return type(value)(parts) if isinstance(value, OrderedDict) else parts
    if isinstance(value, tuple) or (lists and isinstance(value, list)):
        members = [components(part, lists) for part in value]
        return type(value)(*members) if hasattr(value, "_fields") else tuple(members)
    if hasattr(value, "element_spec"):
        return value
    return convert(value)


def arrays_of(structure: Any) -> list[Any]:
    """The arrays of a structure of tensors, in the order of its leaves."""
    arrays = [leaf._value if isinstance(leaf, Tensor) else leaf for leaf in nest.flatten(structure)]
    if any(isinstance(leaf, SymbolicTensor) for leaf in nest.flatten(structure)):
        fail("a dataset is made of tensors that are known later")
    return arrays


def spec_of(structure: Any, drop: int = 0) -> Any:
    """The specs of a structure of tensors, without so many of their first axes."""

    def one(leaf: Any) -> Any:
        if not isinstance(leaf, Tensor):
            return DatasetSpec(leaf.element_spec)
        return TensorSpec(leaf.shape[drop:], leaf.dtype)

    return nest.map_structure(one, structure)


def flat_values(value: Any) -> tuple:
    """What stands at the leaves of a function's result."""
    if type(value) is Tensor:
        return (value._value,)
    return tuple(arrays_of(components(value, lists=True)))


# -- to elements --------------------------------------------------------------------------------------


def packer(spec: Any) -> Callable[[Sequence[Any]], Any]:
    """The function that makes an element, a structure of tensors, of the values at its leaves."""
    if not nest.is_nested(spec):
        return lambda values: _leaf(values[0])
    if type(spec) is tuple and not any(nest.is_nested(part) for part in spec):
        return lambda values: tuple([_leaf(value) for value in values])
    return lambda values: nest.pack_sequence_as(spec, [_leaf(value) for value in values])


def _leaf(value: Any) -> Any:
    return value if hasattr(value, "element_spec") else Tensor(value)


def row_of(array: np.ndarray, number: int) -> Any:
    """A row: of text an array, since the element alone would be bytes, which have no shape."""
    return array[number, ...] if array.dtype == object else array[number]


class Rows:
    """Elements that are the rows of arrays: so that they can be shuffled as numbers, and a batch is one indexing."""

    def __init__(self, arrays: Sequence[np.ndarray]) -> None:
        self._arrays = arrays

    def one(self, number: int) -> tuple:
        """The row of this number."""
        return tuple([row_of(array, number) for array in self._arrays])

    def many(self, numbers: Sequence[int]) -> tuple:
        """The rows of these numbers, one above the other."""
        first, count = numbers[0], len(numbers)
        if numbers[-1] - first == count - 1 and list(numbers) == list(range(first, first + count)):
            return tuple([a[first : first + count] for a in self._arrays])
        return tuple([a[numbers] for a in self._arrays])


def stacked(rows: Sequence[tuple]) -> tuple:
    """The batch of several elements' values.

    Raises:
        InvalidArgumentError: their shapes differ.
    """
    return tuple([_stack(parts) for parts in zip(*rows, strict=True)])


def _stack(parts: Sequence[Any]) -> Any:
    if hasattr(parts[0], "element_spec"):
        raise TypeError("datasets cannot be put into a batch; give them to flat_map, which joins their elements")
    for part in parts:
        if part.shape != parts[0].shape:
            raise InvalidArgumentError(
                None,
                None,
                "Cannot add tensor to the batch: number of elements does not match. Shapes are: "
                f"[tensor]: {list(part.shape)}, [batch]: {list(parts[0].shape)}; padded_batch fills up what is shorter",
            )
    batch = np.empty((len(parts), *parts[0].shape), parts[0].dtype)
    for i, part in enumerate(parts):
        batch[i] = part[()] if part.dtype == object and not part.shape else part
    return batch
