"""Shapes, axes and lists of integers as arguments: however they are given, they become Python integers here, once."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.dimension import Dim, dims_in, holds_late
from tapeflow.core.shapes import TensorShape
from tapeflow.core.symbolic import ACTIVE, Abstract, SymbolicTensor, tracing, verdict
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops.arguments import brackets, integers, invalid

__all__ = [
    "ShapeLike",
    "are_known_later",
    "read_axis",
    "read_count",
    "read_integer",
    "read_integers",
    "read_matrix",
    "read_shape",
    "read_size",
    "sizes_as_tensor",
]

ShapeLike = Any  # a list or tuple (of ints and integer tensors), a TensorShape, an integer tensor or array

INT32 = np.dtype("int32")


def read_shape(shape: ShapeLike, operation: str, scalar: bool = True, strict: bool = False) -> tuple[int, ...]:
    """The sizes that `shape` names; whether they are negative is for the caller to judge.

    Args:
        shape: a vector of integers in any form.
        operation: for messages.
        scalar: whether a lone integer n is taken for [n].
        strict: whether sizes that are not integers are a TypeError, which is what creation ops raise.

    Raises:
        InvalidArgumentError: it is not a vector, or not of integers.
        ValueError: a size is None.
    """
    kind = type(shape)
    if kind is tuple or kind is list:
        if ACTIVE and SymbolicTensor in map(type, shape):
            return tuple([each for size in shape for each in _late_sizes(size)])
        for size in shape:
            if type(size) is not int and type(size) is not Dim:
                break
        else:
            return tuple(shape)
    elif (kind is int or kind is Dim) and scalar:
        return (shape,)
    elif kind is TensorShape:
        if not shape.is_fully_defined():
            raise ValueError(f"Cannot convert a partially known TensorShape {shape} to a Tensor for {operation}")
        return tuple(shape)
    if strict and not isinstance(shape, Tensor | Variable | np.ndarray):
        value = convert(shape, hint=INT32)._value
    else:
        value = convert(shape)._value
    if value.dtype.kind not in "iu" and value.size:
        message = f"the sizes of a shape must be int32 or int64, got {shape!r} of dtype {value.dtype.name}"
        raise TypeError(message) if strict else invalid(operation, message)
    if value.ndim > 1 or (not value.ndim and not scalar):
        raise invalid(operation, f"shape must be a vector of {{int32,int64}}, got shape {brackets(value)}")
    return flat(value) if type(value) is not Abstract else _late_sizes(value.scope.tracer.symbols[value.number])


def _late_sizes(x: Any) -> tuple:
    """What stands for a size, or the sizes, in a shape of which some may depend on values."""
    if type(x) is not SymbolicTensor:
        return read_shape(x, "Pack")
    value = x._value
    if value.content is not None and not holds_late(value.content.reshape(-1).tolist()):
        return flat(value)
    if value.dtype.kind not in "iu":
        raise verdict(TypeError(f"the sizes of a shape must be int32 or int64, got {x!r}"))
    return tracing().late.sizes(x)


def flat(value: Any) -> tuple[int, ...]:
    """The integers of an array, in row-major order; sizes, where the values of a symbolic tensor are known as such."""
    if type(value) is Abstract:
        if value.content is None:
            return tracing().late.numbers(value.scope.tracer.symbols[value.number])
        return tuple(value.content.reshape(-1).tolist())
    return tuple(value.reshape(-1).astype(np.int64).tolist())


def read_integers(values: Any, operation: str, argument: str, rank: int = 1, sizes: bool = False) -> tuple[int, ...]:
    """The integers of a vector (rank 1), or of a vector or scalar (rank 0), given in any form.

    Those that are known only when a function runs must not be negative then, if they are `sizes`.

    Raises:
        InvalidArgumentError: it is of another rank, or not of integers.
    """
    kind = type(values)
    if (kind is int or kind is Dim) and rank == 0:
        return (values,)
    if kind in (tuple, list) and all(type(value) is int or type(value) is Dim for value in values):
        return tuple(values)
    value = convert(values)._value
    if value.dtype.kind not in "iu" and value.size:
        raise invalid(operation, f"`{argument}` must be int32 or int64, got {values!r} of dtype {value.dtype.name}")
    if value.ndim > 1 or value.ndim < rank:
        raise invalid(operation, f"`{argument}` must be a vector, got shape {brackets(value)}")
    return _late_sizes(value.scope.tracer.symbols[value.number]) if sizes and type(value) is Abstract else flat(value)


def read_matrix(
    values: Any, operation: str, argument: str, rows: int | None = None, sizes: bool = False
) -> tuple[tuple[int, int], ...]:
    """The rows of an integer matrix with two columns, such as paddings; what is known later must be a size, if they are `sizes`.

    Raises:
        InvalidArgumentError: it is of another shape, or not of integers.
    """
    if type(values) in (list, tuple) and values and len(values) == rows:
        pairs = tuple([tuple(row) for row in values if type(row) in (list, tuple)])
        if len(pairs) == rows and all(len(row) == 2 and all(type(n) in (int, Dim) for n in row) for row in pairs):
            return pairs
    value = convert(values)._value
    if type(value) is not Abstract:
        value = np.asarray(value)
    if value.ndim != 2 or value.shape[1] != 2:
        raise invalid(operation, f"{argument} must be a matrix with 2 columns: {brackets(value)}")
    if value.dtype.kind not in "iu" and value.size:
        raise invalid(operation, f"`{argument}` must be int32 or int64, got dtype {value.dtype.name}")
    if rows is not None and value.shape[0] != rows:
        raise invalid(operation, f"The first dimension of {argument} must be {rows}, and it is of shape {brackets(value)}")
    numbers = _late_sizes(value.scope.tracer.symbols[value.number]) if sizes and type(value) is Abstract else flat(value)
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def read_integer(value: Any, argument: str) -> Any:
    """One integer: a Python or NumPy one, or a tensor with a single element.

    Raises:
        TypeError: it is a float, or has more elements.
        ValueError: it is None.
    """
    if type(value) is int or type(value) is Dim:
        return value
    if (
        isinstance(value, Tensor)
        and type(value._value) is Abstract
        and value._value.dtype.kind in "iu"
        and not value._value.ndim
    ):
        numbers = flat(value._value)
        if len(numbers) == 1:
            return numbers[0]
    try:
        return operator.index(value)
    except TypeError:
        number = np.asarray(convert(value, hint=None if isinstance(value, Tensor | Variable) else INT32)._value)
        if number.size != 1 or number.dtype.kind not in "iu":
            raise TypeError(f"`{argument}` must be one integer, got {value!r}") from None
        return int(number.reshape(())[()])


def read_size(value: Any, argument: str) -> Any:
    """One integer that is the size of an axis; whether a known one is negative is for the caller to judge.

    Raises:
        TypeError: it is a float, or has more elements.
        ValueError: it is None.
    """
    if type(value) is SymbolicTensor and value._value.dtype.kind in "iu" and not value._value.ndim:
        return tracing().late.size(value)
    return read_integer(value, argument)


def read_count(value: Any, argument: str, operation: str) -> Any:
    """How many there are of something: one integer, in any form; whether a known one is negative is for the caller to judge.

    Raises:
        InvalidArgumentError: it is not an integer, or there are several.
    """
    if type(value) is SymbolicTensor:
        return read_size(value, argument)
    numbers = integers(value, argument, operation)
    if len(numbers) != 1:
        raise invalid(operation, f"`{argument}` must be one integer, got {value!r}")
    return numbers[0]


def are_known_later(value: Any) -> bool:
    """Whether integers, in any form, are known only when the function runs."""
    if isinstance(value, list | tuple):
        return any(map(are_known_later, value))
    if type(value) is not SymbolicTensor or value._value.dtype.kind not in "iu":
        return False
    content = value._value.content
    return content is None or any(type(n) is Dim for n in content.reshape(-1).tolist())


def read_axis(axis: Any, ndim: int, operation: str, message: str = "") -> int:
    """`axis` as an index of one of `ndim` axes, counted from the front.

    Raises:
        InvalidArgumentError: it is out of range.
        TypeError: it is not an integer.
    """
    if type(axis) is not int:
        axis = read_integer(axis, "axis")
    if not -ndim <= axis < ndim:
        raise invalid(operation, message or f"Expected an axis in the range [{-ndim}, {ndim}), but got {axis}")
    return axis + ndim if axis < 0 else axis


def sizes_as_tensor(sizes: Any, dtype: np.dtype) -> Tensor:
    """A size, or a tuple of them, as a tensor; where one of them is unknown, it is known when the function runs."""
    unknown = next(dims_in(sizes), None)
    return Tensor(np.array(sizes, dtype)[()]) if unknown is None else unknown.sizes.emit(sizes, dtype)
