"""Gradients checked by differences: `tf.test.compute_gradient`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, as_tensor, convert
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS
from tapeflow.gradient.tape import GradientTape

__all__ = ["compute_gradient"]

Jacobians = tuple[np.ndarray, ...]


def compute_gradient(
    f: Callable[..., TensorLike], x: Sequence[TensorLike], delta: float | None = None
) -> tuple[Jacobians, Jacobians]:
    """The Jacobians of a function twice: by its derivative rules, and by central differences.

    Args:
        f: a function of tensors that returns one.
        x: its arguments, a list or tuple, of floating or complex dtypes.
        delta: the step of the differences; 1/1024 by default.

    Returns:
        Two tuples with a matrix for each argument: a row for each element of the result, a column for each element of the
        argument. A complex element stands for two, its real part and its imaginary part.

    Raises:
        ValueError: `x` is no list or tuple.
        AssertionError: an argument is of another dtype.
        TypeError: `f` does not return a tensor.

    >>> import tapeflow as tf
    >>> by_rules, by_differences = tf.test.compute_gradient(tf.square, [tf.constant([1.0, 3.0])])
    >>> by_rules[0]
    array([[2., 0.],
           [0., 6.]], dtype=float32)
    """
    if not isinstance(x, list | tuple):
        raise ValueError(
            f"`x` must be a list or tuple of values convertible to a Tensor (arguments to `f`), not a {type(x)}"
        )
    arguments = [convert(value) for value in x]
    for i, argument in enumerate(arguments):
        if argument._value.dtype.kind not in DIFFERENTIABLE_KINDS:
            raise AssertionError(f"Cannot compute gradient for unsupported type {argument.dtype.name} of argument {i}")
    step = 1.0 / 1024 if delta is None else delta
    return by_rules(f, arguments), by_differences(f, arguments, step)


def by_rules(f: Callable, arguments: list[Tensor]) -> Jacobians:
    """The Jacobians, a walk back for each row."""
    with GradientTape(persistent=True) as tape:
        tape.watch(arguments)
        y = as_tensor(f(*arguments))
    if y is None:
        raise TypeError("the function to check must return one tensor")
    rows: list[list[np.ndarray]] = [[] for _ in arguments]
    for direction in _basis(y._value):
        gradients = tape.gradient(y, arguments, Tensor(direction), unconnected_gradients="zero")
        for found, gradient in zip(rows, gradients, strict=True):
            found.append(_reals(convert(gradient)._value))
    reals = [_reals(argument._value) for argument in arguments]
    return tuple(np.array(found, r.dtype).reshape(len(found), r.size) for found, r in zip(rows, reals, strict=True))


def by_differences(f: Callable, arguments: list[Tensor], step: float) -> Jacobians:
    """The Jacobians, two calls of the function for each column."""

    def moved(position: int, direction: np.ndarray) -> np.ndarray:
        replaced = list(arguments)
        replaced[position] = Tensor((arguments[position]._value + direction).astype(direction.dtype))
        return _reals(convert(f(*replaced))._value)

    size = _reals(convert(f(*arguments))._value).size
    jacobians = []
    for position, argument in enumerate(arguments):
        columns = [
            (moved(position, direction * step) - moved(position, direction * -step)) / (2 * step)
            for direction in _basis(argument._value)
        ]
        dtype = _reals(argument._value).dtype
        jacobians.append(np.array(columns, dtype).reshape(len(columns), size).T.copy())
    return tuple(jacobians)


def _reals(value: Any) -> np.ndarray:
    """All elements in a row, each complex one as its real part and its imaginary part."""
    flat = np.ascontiguousarray(value).reshape(-1)
    return flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat


def _basis(value: Any) -> list[np.ndarray]:
    """The unit vectors of the space that a value lives in."""
    count = value.size
    units = [unit.astype(value.dtype).reshape(value.shape) for unit in np.eye(count)]
    return [part for unit in units for part in ((unit, unit * 1j) if value.dtype.kind == "c" else (unit,))]
