"""Shapes, axes and lists of integers as arguments: however they are given, they become Python integers here, once."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.shapes import TensorShape
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops.arguments import brackets, invalid

__all__ = ["ShapeLike", "read_axis", "read_integer", "read_integers", "read_matrix", "read_shape"]

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
        for size in shape:
            if type(size) is not int:
                break
        else:
            return tuple(shape)
    elif kind is int and scalar:
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
    return tuple(value.reshape(-1).astype(np.int64).tolist())


def read_integers(values: Any, operation: str, argument: str, rank: int = 1) -> tuple[int, ...]:
    """The integers of a vector (rank 1), or of a vector or scalar (rank 0), given in any form.

    Raises:
        InvalidArgumentError: it is of another rank, or not of integers.
    """
    kind = type(values)
    if kind is int and rank == 0:
        return (values,)
    if kind in (tuple, list) and all(type(value) is int for value in values):
        return tuple(values)
    value = convert(values)._value
    if value.dtype.kind not in "iu" and value.size:
        raise invalid(operation, f"`{argument}` must be int32 or int64, got {values!r} of dtype {value.dtype.name}")
    if value.ndim > 1 or value.ndim < rank:
        raise invalid(operation, f"`{argument}` must be a vector, got shape {brackets(value)}")
    return tuple(value.reshape(-1).astype(np.int64).tolist())


def read_matrix(values: Any, operation: str, argument: str, rows: int | None = None) -> tuple[tuple[int, int], ...]:
    """The rows of an integer matrix with two columns, such as paddings.

    Raises:
        InvalidArgumentError: it is of another shape, or not of integers.
    """
    if type(values) in (list, tuple) and values and len(values) == rows:
        pairs = tuple([tuple(row) for row in values if type(row) in (list, tuple)])
        if len(pairs) == rows and all(len(row) == 2 and type(row[0]) is type(row[1]) is int for row in pairs):
            return pairs
    value = np.asarray(convert(values)._value)
    if value.ndim != 2 or value.shape[1] != 2:
        raise invalid(operation, f"{argument} must be a matrix with 2 columns: {brackets(value)}")
    if value.dtype.kind not in "iu" and value.size:
        raise invalid(operation, f"`{argument}` must be int32 or int64, got dtype {value.dtype.name}")
    if rows is not None and len(value) != rows:
        raise invalid(operation, f"The first dimension of {argument} must be {rows}, and it is of shape {brackets(value)}")
    return tuple([(int(a), int(b)) for a, b in value])


def read_integer(value: Any, argument: str) -> int:
    """One integer: a Python or NumPy one, or a tensor with a single element.

    Raises:
        TypeError: it is a float, or has more elements.
        ValueError: it is None.
    """
    if type(value) is int:
        return value
    try:
        return operator.index(value)
    except TypeError:
        number = np.asarray(convert(value, hint=None if isinstance(value, Tensor | Variable) else INT32)._value)
        if number.size != 1 or number.dtype.kind not in "iu":
            raise TypeError(f"`{argument}` must be one integer, got {value!r}") from None
        return int(number.reshape(())[()])


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
