"""What operations that are not elementwise ask of their arguments, and how they refuse them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.dimension import Dim
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.symbolic import ACTIVE, Abstract, as_seen_in_graph, tracing

__all__ = [
    "Axis",
    "brackets",
    "integers",
    "invalid",
    "kept_shape",
    "normalized_axes",
    "reduced_shape",
    "reduced_size",
    "wrong_dtype",
]

Axis = Any  # None (all axes), an integer, or a list, array or tensor of them

INT32 = np.dtype("int32")


# Operations that look at some of their arguments only when they run, inside a function too.
LATE = {"Cumsum", "Cumprod", "Roll", "SegmentSum", "Transpose", *(f"Random{kind}" for kind in ("Uniform", "StandardNormal"))}


def invalid(operation: str, message: str) -> Exception:
    """The error for arguments that `operation` cannot take; it names the operation as TensorFlow does.

    It is an InvalidArgumentError; in a function being traced, where shapes are looked at before anything runs, a ValueError.
    """
    error = InvalidArgumentError(None, None, f"{{{{function_node {operation}}}}} {message} [Op:{operation}]")
    return error if operation in LATE else as_seen_in_graph(error)


def wrong_dtype(operation: str, message: str) -> Exception:
    """The error for tensors of dtypes that `operation` cannot take: a TypeError in a function being traced."""
    return as_seen_in_graph(InvalidArgumentError(None, None, f"{message} [Op:{operation}]"), TypeError)


def brackets(x: Any) -> str:
    """The shape of an array or tensor, as TensorFlow writes shapes in errors: [2,3]; unknown sizes as they are in the call."""
    return f"[{','.join([str(n.hint if type(n) is Dim else n) for n in x.shape])}]"


def normalized_axes(axis: Axis, ndim: int, operation: str) -> Any:
    """`axis` as non-negative integers, each once; None for all axes; `Cases` where only values tell.

    Raises:
        InvalidArgumentError: an axis is out of range, or given twice.
        TypeError: an axis is not an integer.
    """
    if axis is None:
        return None
    axes: tuple[int, ...]
    if type(axis) is int:
        axes = (axis,)
    elif type(axis) in (list, tuple) and all(type(a) is int for a in axis):
        axes = tuple(axis)
    elif ACTIVE and tracing() is not None and (found := _axes_known_later(axis, ndim, operation)) is not None:
        if type(found) is not tuple:
            return found
        axes = found
    else:
        value = np.asarray(convert(axis, hint=INT32)._value)
        if value.dtype.kind not in "iub" and value.size:
            raise TypeError(f"the axes of {operation} must be integers, got {axis!r} of dtype {value.dtype}")
        axes = tuple(value.ravel().astype(int).tolist())
    for a in axes:
        if not -ndim <= a < ndim:
            raise invalid(operation, _no_such_axis(a, ndim))
    axes = tuple([a % ndim for a in axes])
    if len(axes) > 1 and len(set(axes)) < len(axes):
        twice = next(a for a in axes if axes.count(a) > 1)
        raise invalid(operation, f"{TWICE}{twice}")
    return axes


TWICE = "Invalid reduction arguments: Axes contains duplicate dimension: "


def _no_such_axis(axis: Any, ndim: int) -> str:
    return f"Invalid reduction dimension ({axis} for input with {ndim} dimension(s)"


def _axes_known_later(axis: Axis, ndim: int, operation: str) -> Any:
    """The axes that the values of a symbolic tensor name: integers where they are known, else the sets that they may be.

    None for anything that has values.
    """
    value = convert(axis, hint=INT32)._value
    if type(value) is not Abstract or value.dtype.kind not in "iu":
        return None
    from tapeflow.ops.axes_known_later import axes_among
    from tapeflow.ops.shape_arguments import are_known_later

    tensor = value.scope.tracer.symbols[value.number]
    if are_known_later(tensor):
        return axes_among(tensor, ndim, _no_such_axis("{axis}", ndim), f"{TWICE}{{twice}} [Op:{operation}]")
    return tuple(value.content.reshape(-1).tolist()) if value.content is not None else None


def kept_shape(shape: tuple[int, ...], axis: tuple[int, ...] | None) -> tuple[int, ...]:
    """The shape after a reduction that keeps the reduced axes, with size 1."""
    if axis is None:
        return (1,) * len(shape)
    return tuple([1 if i in axis else n for i, n in enumerate(shape)])


def reduced_shape(shape: tuple[int, ...], *, axis: tuple[int, ...] | None, keepdims: bool) -> tuple[int, ...]:
    """The shape after a reduction."""
    if keepdims:
        return kept_shape(shape, axis)
    return () if axis is None else tuple([n for i, n in enumerate(shape) if i not in axis])


def reduced_size(shape: tuple[int, ...], axis: tuple[int, ...] | None) -> int:
    """How many elements go into each one of the result."""
    n = 1
    for i, size in enumerate(shape):
        if axis is None or i in axis:
            n *= size
    return n


def integers(value: Any, what: str, operation: str, error: type[Exception] = InvalidArgumentError) -> tuple[int, ...]:
    """The elements of an integer, or of a list, array or tensor of them.

    Raises:
        error: `value` holds something else.
    """
    if type(value) is int:
        return (value,)
    array = np.asarray(convert(value)._value)
    if array.dtype.kind not in "iu":
        message = f"{what} must be of dtype int32 or int64, and is {value!r}"
        raise invalid(operation, message) if error is InvalidArgumentError else error(f"{operation}: {message}")
    return tuple(array.ravel().tolist())
