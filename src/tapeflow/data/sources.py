"""Where datasets begin: tensors, numbers, generators, and several datasets joined to one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tapeflow.core import dtypes, nest
from tapeflow.core.convert import convert
from tapeflow.core.dtypes import int64
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.shapes import TensorShape, TensorSpec
from tapeflow.data.in_graphs import is_symbolic, later
from tapeflow.data.pipeline import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Pipeline
from tapeflow.data.structure import Rows, arrays_of, components, spec_of

__all__ = ["Numbers", "generated", "generator_spec", "of_numbers", "of_slices", "shortest", "zipped"]


class Numbers:
    """Elements that are numbers themselves, of a dtype."""

    def __init__(self, dtype: np.dtype) -> None:
        self._dtype = dtype

    def one(self, number: int) -> tuple:
        """The number."""
        return (self._dtype.type(number),)

    def many(self, numbers: list[int]) -> tuple:
        """The numbers, as a vector."""
        return (np.array(numbers, self._dtype),)


def of_numbers(args: tuple, dtype: Any) -> tuple:
    """The parts of a dataset of the numbers from a start to before a stop, by steps."""
    if not 1 <= len(args) <= 3:
        raise ValueError(f"Invalid `args`. The length of `args` should be between 1 and 3 but was {len(args)}.")
    dtype = int64 if dtype is None else dtypes.as_dtype(dtype)
    bounds = [convert(x) for x in args]
    if any(map(is_symbolic, bounds)):
        values, slots = later(bounds)
        spec, numbered = TensorSpec((), dtype), Numbers(dtype.numpy)
        return "_RangeDataset", spec, UNKNOWN_CARDINALITY, lambda: iter(range(*map(int, values()))), numbered, False, slots
    numbers = range(*[int(arrays_of(x)[0]) for x in bounds])
    return "_RangeDataset", TensorSpec((), dtype), len(numbers), lambda: iter(numbers), Numbers(dtype.numpy)


def of_slices(tensors: Any) -> tuple:
    """The parts of a dataset of the rows of tensors.

    Raises:
        ValueError: one is a scalar, or the numbers of rows differ.
    """
    structure = components(tensors)
    leaves = nest.flatten(structure)
    if any(map(is_symbolic, leaves)):
        return _of_slices_later(structure, leaves)
    arrays = arrays_of(structure)
    if not arrays:
        raise ValueError("Invalid `tensors`. `tensors` should not be empty.")
    if any(not array.ndim for array in arrays):
        raise ValueError("Unbatching a tensor is only supported for rank >= 1")
    for array in arrays:
        if len(array) != len(arrays[0]):
            raise ValueError(f"Dimensions {len(arrays[0])} and {len(array)} are not compatible")
    count = len(arrays[0])
    return "_TensorSliceDataset", spec_of(structure, 1), count, lambda: iter(range(count)), Rows(arrays)


def _of_slices_later(structure: Any, leaves: list) -> tuple:
    """The same of tensors of which some are known only when the function runs."""
    if any(not x.shape.rank for x in leaves):
        raise ValueError("Unbatching a tensor is only supported for rank >= 1")
    values, slots = later(leaves)

    def open() -> Iterator[tuple]:
        arrays = values()
        if len(set(map(len, arrays))) > 1:
            raise InvalidArgumentError(None, None, f"tensors of different lengths have no slices: {list(map(len, arrays))}")
        return map(Rows(arrays).one, range(len(arrays[0])))

    counts = [n for n in (x.shape[0] for x in leaves) if n is not None]
    count = counts[0] if counts else UNKNOWN_CARDINALITY
    return "_TensorSliceDataset", spec_of(structure, 1), count, open, None, False, slots


# -- generators ---------------------------------------------------------------------------------------


def generator_spec(types: Any, shapes: Any, signature: Any) -> Any:
    """What a generator says that it gives, in one of two ways."""
    if signature is None and types is None:
        raise TypeError(
            "To specify the output signature you need to provide either the `output_signature` argument or the `output_types` "
            "argument."
        )
    if signature is not None:
        if types is not None or shapes is not None:
            raise TypeError(
                "The `output_signature` argument can not be used together with `output_types` or `output_shapes`."
            )
        return _without_lists(signature)
    types = _without_lists(types)
    if shapes is None:
        return nest.map_structure(lambda dtype: TensorSpec(None, dtype), types)
    flat = [dtypes.as_dtype(dtype) for dtype in nest.flatten(types)]
    given = [shapes] if not nest.is_nested(types) else shapes
    given = given.values() if isinstance(given, dict) else given
    specs = [TensorSpec(TensorShape(shape), dtype) for shape, dtype in zip(given, flat, strict=True)]
    return nest.pack_sequence_as(types, specs)


def _without_lists(structure: Any) -> Any:
    return tuple(structure) if isinstance(structure, list) else structure


def generated(generator: Callable, args: tuple, spec: Any) -> Iterator[tuple]:
    """What a generator yields, as arrays of the dtypes and shapes that it was said to have.

    Raises:
        InvalidArgumentError: it yields something else.
    """
    specs = nest.flatten(spec)
    for value in generator(*args):
        leaves = [value] if not nest.is_nested(spec) else _leaves(spec, value)
        if leaves is None or len(leaves) != len(specs):
            raise _unexpected(
                f"`generator` yielded an element that did not match the expected structure. The expected structure was "
                f"{nest.map_structure(lambda s: s.dtype, spec)}, but the yielded element was {value}."
            )
        yield tuple([_as_specified(leaf, one) for leaf, one in zip(leaves, specs, strict=True)])


def _leaves(spec: Any, value: Any) -> list | None:
    """The parts of a value at the leaves of a spec; None where their structures differ."""
    if isinstance(spec, dict):
        if not isinstance(value, dict) or value.keys() != spec.keys():
            return None
        pairs = [(spec[key], value[key]) for key in sorted(spec)]
    elif isinstance(spec, tuple):
        if not isinstance(value, tuple | list) or len(value) != len(spec):
            return None
        pairs = list(zip(spec, value, strict=True))
    else:
        return [value]
    found: list = []
    for part, inner in pairs:
        leaves = _leaves(part, inner)
        if leaves is None:
            return None
        found += leaves
    return found


def _as_specified(value: Any, spec: TensorSpec) -> Any:
    try:
        array = convert(value, hint=spec.dtype.numpy)._value
        if array.dtype != spec.dtype.numpy:
            if (array.dtype.kind == "O") != (spec.dtype.name == "string"):
                raise TypeError
            array = array.astype(spec.dtype.numpy)
    except (TypeError, ValueError):
        raise _unexpected(
            f"`generator` yielded an element that could not be converted to the expected type. The expected type was "
            f"{spec.dtype.name}, but the yielded element was {value}."
        ) from None
    if not spec.shape.is_compatible_with(array.shape):
        raise _unexpected(
            f"`generator` yielded an element of shape {array.shape} where an element of shape {spec.shape} was expected."
        )
    return array


def _unexpected(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, f"TypeError: {message}")


# -- several datasets ---------------------------------------------------------------------------------


def zipped(datasets: Any) -> tuple:
    """The parts of a dataset whose elements are made of one element of each dataset in a structure."""
    leaves = nest.flatten(datasets)
    for leaf in leaves:
        if not isinstance(leaf, Pipeline):
            raise TypeError(
                "Invalid input to `zip`. Inputs are expected to be (nested) structures of `tf.data.Dataset` objects. Got "
                f"{type(leaf).__name__}."
            )
    spec = nest.map_structure(lambda dataset: dataset.element_spec, datasets)
    counts = [leaf._count for leaf in leaves]

    def open() -> Iterator[tuple]:
        rows = zip(*[leaf.rows() for leaf in leaves], strict=False)
        return (tuple(itertools.chain.from_iterable(row)) for row in rows)

    unsure = [
        leaf for leaf in leaves if any(not s.shape.rank or s.shape[0] is None for s in nest.flatten(leaf.element_spec))
    ]
    slots = {slot: symbol for leaf in leaves for slot, symbol in leaf._slots.items()}
    return "_ZipDataset", spec, shortest(counts), open, None, len(unsure) == 1 and unsure[0]._alike, slots


def shortest(counts: list[int]) -> int:
    """How many elements there are until one of several datasets ends."""
    if any(count == UNKNOWN_CARDINALITY for count in counts):
        return UNKNOWN_CARDINALITY
    return min([count for count in counts if count >= 0], default=INFINITE_CARDINALITY)
