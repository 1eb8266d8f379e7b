"""`tf.TensorArray`: a list of tensors that loops write to and read from."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, as_tensor, convert
from tapeflow.core.errors import InvalidArgumentError, OutOfRangeError
from tapeflow.core.shapes import TensorShape
from tapeflow.core.symbolic import ACTIVE, SymbolicTensor, place, tracing, untraceable
from tapeflow.core.tensor import Tensor
from tapeflow.ops.creation import zeros
from tapeflow.ops.joining import concat, split, stack, unstack
from tapeflow.ops.shaping import reshape

__all__ = ["TensorArray"]


class TensorArray:
    """A list of tensors of one dtype, written one element at a time; everything in it is differentiable.

    Args:
        dtype: the dtype of the elements.
        size: how many elements there are.
        dynamic_size: whether writing past the end makes the array longer.
        clear_after_read: whether an element can be read once only, which frees it; True by default.
        tensor_array_name, name, colocate_with_first_write_call: accepted; there are no graph and no devices to place it in.
        infer_shape: whether all elements must have the shape of the first one written.
        element_shape: the shape that they must have.

    Raises:
        NotImplementedError: `handle` or `flow` is given.

    >>> import tapeflow as tf
    >>> powers = tf.TensorArray(tf.float32, size=3)
    >>> for i in range(3):
    ...     powers = powers.write(i, 2.0**i)
    >>> powers.stack().numpy()
    array([1., 2., 4.], dtype=float32)
    """

    __slots__ = (
        *("_clear_after_read", "_dtype", "_dynamic_size", "_element_shape", "_flow", "_home", "_infer_shape", "_length"),
        "_stored",
    )

    def __init__(
        self,
        dtype: Any,
        size: TensorLike | None = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        for argument, value in (("handle", handle), ("flow", flow)):
            if value is not None:
                raise NotImplementedError(f"tf.TensorArray does not support `{argument}`")
        self._dtype = dtypes.as_dtype(dtype)
        self._dynamic_size = bool(dynamic_size)
        self._clear_after_read = clear_after_read is None or bool(clear_after_read)
        self._infer_shape = infer_shape
        self._element_shape = TensorShape(element_shape)
        self._home = place()
        self._flow: Any = None
        self._stored: list[Tensor | None] = []
        self._length: int | None = None  # where it is known though the elements are in a graph
        if ACTIVE and type(count := convert(0 if size is None else size)) is SymbolicTensor:
            with tracing().within(self._home) as cells:
                self._flow = cells.new(count, self._known_shape(), self._dtype.numpy)
            return
        length = 0 if size is None else int(convert(size))
        if length < 0:
            raise InvalidArgumentError(None, None, f"the size of a TensorArray must not be negative, got {length}")
        self._items = [None] * length

    @property
    def _items(self) -> list[Tensor | None]:
        if ACTIVE and self._home is not place():
            untraceable("a TensorArray from outside of the function, or of a loop or choice in it")
        return self._stored

    @_items.setter
    def _items(self, items: list[Tensor | None]) -> None:
        if ACTIVE and self._home is not place():
            untraceable("a TensorArray from outside of the function, or of a loop or choice in it")
        self._stored = items

    # -- in a graph --------------------------------------------------------------------------------

    # A TensorArray that a function makes holds tensors, like any other, as long as it is used where it was made and with
    # indices that are known. In a loop or a choice, or with other indices, its elements become one value of the graph, `_flow`:
    # what is written then makes a new TensorArray, and the old one stays what it was.

    def _is_flowing(self, index: Any = None) -> bool:
        """Whether the elements are, or must become, one value of a graph."""
        if not ACTIVE or tracing() is None:
            return False
        return self._flow is not None or self._home is not place() or type(as_tensor(index)) is SymbolicTensor

    def _known_shape(self) -> tuple:
        return tuple(self._element_shape) if self._element_shape.is_fully_defined() else ()

    def cells(self) -> Any:
        """The elements as one value of the graph."""
        if self._flow is not None:
            return self._flow
        if self._home is None:
            return self._captured()
        self._length = None if self._dynamic_size else len(self._stored)
        self._flow = self._filled(self._home)
        return self._flow

    def _filled(self, home: Any) -> Any:
        with tracing().within(home) as cells:
            flow = cells.new(Tensor(np.int32(len(self._stored))), self._known_shape(), self._dtype.numpy)
            for i, item in enumerate(self._stored):
                if item is not None and item is not CLEARED:
                    flow = cells.written(flow, Tensor(np.int32(i)), item)
        return flow

    def _captured(self) -> Any:
        """The elements that an array from outside of a function has when that is traced."""
        tracer = tracing()
        known = tracer.arrays.get(id(self))
        if known is None:
            known = tracer.arrays[id(self)] = self, self._filled(tracer.root)
        return known[1]

    def with_items(self, items: Any, home: Any) -> TensorArray:
        """An array like this one of other elements, made in a block of a function that is traced."""
        other = copy(self)
        other._stored, other._home = list(items), home
        return other

    def items(self) -> list[Tensor | None] | None:
        """The elements, None for each that is not there; None for an array that is a value of a graph."""
        return None if self._flow is not None else [None if item is CLEARED else item for item in self._stored]

    def of(self, cells: Any) -> TensorArray:
        """An array like this one with other elements."""
        other = copy(self)
        other._flow, other._home, other._stored = cells, place(), []
        return other

    def following(self, before: TensorArray, initial: Any) -> Any:
        """The elements after an iteration of a loop that began with the array `before`, whose elements came from `initial`."""
        after = self.cells()
        for value in (before.cells()._value, initial._value):
            if not before._element_shape.is_fully_defined() and type(value) is type(after._value):
                value.shape, value.ndim, value.size = after._value.shape, after._value.ndim, after._value.size
        return after

    def _known(self, what: str) -> None:
        if not self._element_shape.is_fully_defined():
            untraceable(f"{what} a TensorArray whose elements' shape is not known; give element_shape")

    # -- what it is --------------------------------------------------------------------------------

    @property
    def dtype(self) -> dtypes.DType:
        """The dtype of the elements."""
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        """Whether writing past the end makes the array longer."""
        return self._dynamic_size

    @property
    def element_shape(self) -> TensorShape:
        """The shape of the elements, as far as it is known."""
        return self._element_shape

    @property
    def handle(self) -> None:
        """None: the array is a Python object."""
        return None

    @property
    def flow(self) -> Tensor:
        """A placeholder for the order of reads and writes, which eagerly is the program's."""
        return Tensor(np.int32(0))

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements, an int32 scalar."""
        if self._is_flowing():
            with tracing().within(place()) as cells:
                return cells.size(self.cells())
        return Tensor(np.int32(len(self._items)))

    def __len__(self) -> int:
        return len(self._items)

    def identity(self) -> TensorArray:
        """This array."""
        return self

    def grad(self, source: Any, flow: Any = None, name: str | None = None) -> TensorArray:
        """Not needed: tapes differentiate what is read and written.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            "TensorArray.grad is not supported when executing eagerly: a tape records reads and writes."
        )

    def close(self, name: str | None = None) -> None:
        """Frees the elements: the array has none afterwards."""
        self._items = []

    # -- one element -------------------------------------------------------------------------------

    def read(self, index: TensorLike, name: str | None = None) -> Tensor:
        """The element number `index`; one that was never written is zeros.

        Raises:
            OutOfRangeError: there is no such element.
            InvalidArgumentError: it was read before and cleared by that.
        """
        if self._is_flowing(index):
            self._known("reading from")
            with tracing().within(place()) as cells:
                return cells.read(self.cells(), convert(index))
        i = int(convert(index))
        if not 0 <= i < len(self._items):
            raise OutOfRangeError(None, None, f"Tried to read from index {i} but array size is: {len(self._items)}")
        item = self._items[i]
        if item is CLEARED:
            raise InvalidArgumentError(
                None,
                None,
                f"Could not read index {i} twice because it was cleared after a previous read (perhaps try setting "
                "clear_after_read = False?)",
            )
        if item is None:
            return self._zeros(f"index {i} was never written")
        if self._clear_after_read and self._home is None:  # in a graph nothing is freed by that
            self._items[i] = CLEARED
        return item

    def write(self, index: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """Makes `value` the element number `index`, and returns the array.

        Raises:
            OutOfRangeError: there is no such element, and the size is not dynamic.
            InvalidArgumentError: the value has another dtype.
            ValueError: the value has another shape than the elements.
        """
        if self._is_flowing(index):
            return self._flowing_write(convert(index), value)
        i = int(convert(index))
        if i < 0:
            raise OutOfRangeError(None, None, f"Writing to negative indices (index {i}) is not allowed.")
        if i >= len(self._items) and not self._dynamic_size:
            raise OutOfRangeError(
                None,
                None,
                f"Tried to write to index {i} but array is not resizeable and size is: {len(self._items)}; make it with "
                "dynamic_size=True",
            )
        item = self._admit(value)
        if i >= len(self._items):
            self._items.extend([None] * (i + 1 - len(self._items)))
        self._items[i] = item
        return self

    def _flowing_write(self, index: Tensor, value: TensorLike) -> TensorArray:
        self.cells()
        other = copy(self)
        item = other._admit(value)
        if not item.shape.is_fully_defined() or item.shape != other._element_shape:
            untraceable("a TensorArray of elements of several shapes")
        with tracing().within(place()) as cells:
            return other.of((cells.grown if self._dynamic_size else cells.written)(self.cells(), index, item))

    def _admit(self, value: TensorLike) -> Tensor:
        item = convert(value, hint=self._dtype.numpy)
        if item.dtype != self._dtype:
            raise InvalidArgumentError(
                None,
                None,
                f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype {item.dtype.name}; use tf.cast",
            )
        if not self._element_shape.is_compatible_with(item.shape):
            raise ValueError(f"Incompatible shape for value ({item.shape}), expected ({self._element_shape})")
        if self._infer_shape:
            self._element_shape = self._element_shape.merge_with(item.shape)
        return item

    def _zeros(self, why: str) -> Tensor:
        if not self._element_shape.is_fully_defined():
            raise ValueError(f"{why}, and the shape of the elements is not known: give element_shape")
        return zeros(self._element_shape, self._dtype)

    # -- all of them -------------------------------------------------------------------------------

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one tensor [n, …]; those never written, or cleared, are zeros."""
        if self._is_flowing():
            self._known("stacking")
            if self._length is None:
                like = zeros(reshape(self.size(), [1]), dtypes.int8)
            else:
                like = Tensor(np.broadcast_to(np.int8(0), (int(self._length),)))
            with tracing().within(place()) as cells:
                return cells.stacked(self.cells(), like)
        return self.gather(range(len(self._items)))

    def stacked_to(self, count: int) -> Tensor:
        """All elements of an array in a graph as one tensor, where it is known from elsewhere how many there are."""
        known = copy(self)
        known._length = count
        return known.stack()

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements with these numbers as one tensor [len(indices), …]."""
        if self._is_flowing(indices):
            return stack([self.read(i) for i in unstack(convert(indices))])
        chosen = [self._items[int(i)] for i in _numbers(indices)]
        items = [self._zeros("an element was never written") if i is None or i is CLEARED else i for i in chosen]
        if not items:
            return zeros([0, *(size or 0 for size in self._element_shape)] if self._element_shape.rank else [0], self._dtype)
        return stack(items)

    def concat(self, name: str | None = None) -> Tensor:
        """All elements joined along their first axis.

        Raises:
            InvalidArgumentError: the elements are scalars.
        """
        if self._is_flowing():
            whole = self.stack()
            if whole._value.ndim < 2:
                raise InvalidArgumentError(None, None, "Concat saw a scalar shape at index 0 but requires at least vectors.")
            return reshape(whole, [-1, *whole._value.shape[2:]])
        items = [self._zeros("an element was never written") if i is None or i is CLEARED else i for i in self._items]
        for i, item in enumerate(items):
            if not item.ndim:
                raise InvalidArgumentError(
                    None, None, f"Concat saw a scalar shape at index {i} but requires at least vectors."
                )
        return concat(items, 0) if items else zeros([0], self._dtype)

    def unstack(self, value: TensorLike, name: str | None = None) -> TensorArray:
        """Writes the slices of `value` along its first axis, and returns the array."""
        if self._is_flowing(value):
            return self._flowing_unstack(self._sliceable(value))
        items = self._slices(value)
        if len(items) > len(self._items) and not self._dynamic_size:
            raise ValueError(
                f"Cannot unstack {len(items)} tensors into a TensorArray of static size {len(self._items)}; make it with "
                "dynamic_size=True"
            )
        self._items = list(items)
        return self

    def _flowing_unstack(self, value: Tensor) -> TensorArray:
        count = value._value.shape[0]
        self._admit(value[0] if count else zeros(value.shape[1:], value.dtype))
        known = self._length if self._flow is not None else len(self._stored)
        if known is not None and count > known and not self._dynamic_size:
            raise ValueError(
                f"Cannot unstack {count} tensors into a TensorArray of static size {known}; make it with dynamic_size=True"
            )
        with tracing().within(place()) as cells:
            other = self.of(cells.unstacked(value))
        other._length = None if self._dynamic_size else count
        return other

    def _sliceable(self, value: TensorLike) -> Tensor:
        tensor = convert(value, hint=self._dtype.numpy)
        if not tensor._value.ndim:
            raise InvalidArgumentError(None, None, "a TensorArray takes the slices of a tensor of at least one dimension")
        return tensor

    def _slices(self, value: TensorLike) -> list[Tensor]:
        return [self._admit(item) for item in unstack(self._sliceable(value))]

    def scatter(self, indices: Any, value: TensorLike, name: str | None = None) -> TensorArray:
        """Writes the slices of `value` along its first axis to these indices, and returns the array.

        Raises:
            InvalidArgumentError: a scalar, or another number of slices than of indices.
        """
        symbolic = type(as_tensor(indices)) is SymbolicTensor
        numbers: Any = unstack(convert(indices)) if symbolic else _numbers(indices)
        items = self._slices(value)
        if len(items) != len(numbers):
            raise InvalidArgumentError(None, None, f"got {len(items)} slices for {len(numbers)} indices")
        array = self
        for number, item in zip(numbers, items, strict=True):
            array = array.write(number, item)
        return array

    def split(self, value: TensorLike, lengths: TensorLike, name: str | None = None) -> TensorArray:
        """Writes pieces of `value` of these lengths along its first axis, and returns the array."""
        pieces = split(convert(value, hint=self._dtype.numpy), _numbers(lengths))
        self._infer_shape = self._infer_shape and len({tuple(piece.shape) for piece in pieces}) <= 1
        array = self
        for i, piece in enumerate(pieces):
            array = array.write(i, piece)
        return array


CLEARED = Tensor(np.int32(0))  # stands in the place of an element that was read


def _numbers(indices: Any) -> list[int]:
    if isinstance(indices, range):
        return list(indices)
    return [int(i) for i in np.atleast_1d(convert(indices)._value)]
