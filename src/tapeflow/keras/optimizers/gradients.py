"""From what a program gives an optimizer to gradients that fit their variables, all checked before anything changes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.errors import InvalidArgumentError, UnimplementedError
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.keras.optimizers.memory import silently

__all__ = [
    "Rows",
    "admit",
    "by_global_norm",
    "by_norm",
    "by_value",
    "dense",
    "divided",
    "pairs_of",
    "scaled",
    "warn_of_missing",
]


class Rows:
    """A gradient that is zero but for some rows: distinct `indices` into the first axis, and the `values` there."""

    __slots__ = ("indices", "shape", "values")

    def __init__(self, indices: np.ndarray, values: np.ndarray, shape: tuple[int, ...]) -> None:
        self.indices, inverse = np.unique(indices, return_inverse=True)
        self.values = np.zeros((len(self.indices), *values.shape[1:]), values.dtype)
        np.add.at(self.values, inverse, values)
        self.shape = shape

    def with_values(self, values: np.ndarray) -> Rows:
        """The same rows with other values."""
        other = object.__new__(Rows)
        other.indices, other.values, other.shape = self.indices, values, self.shape
        return other


def dense(gradient: Any) -> Any:
    """The gradient as one array."""
    if type(gradient) is not Rows:
        return gradient
    array = np.zeros(gradient.shape, gradient.values.dtype)
    array[gradient.indices] = gradient.values
    return array


# -- admission ---------------------------------------------------------------------------------------


def pairs_of(grads_and_vars: Iterable) -> list[tuple[Any, Variable]]:
    """The (gradient, variable) pairs of any iterable.

    Raises:
        TypeError: it is not an iterable of pairs, or the second of a pair is not a `tf.Variable`.
        ValueError: it is empty.
    """
    advice = "give an iterable of (gradient, variable) pairs, for example zip(gradients, variables)"
    if isinstance(grads_and_vars, Tensor | Variable | np.ndarray | str | bytes | dict):
        raise TypeError(f"`grads_and_vars` is a {type(grads_and_vars).__name__}: {advice}")
    try:
        given = list(grads_and_vars)
    except TypeError:
        raise TypeError(f"`grads_and_vars` is a {type(grads_and_vars).__name__}: {advice}") from None
    if not given:
        raise ValueError(f"No gradients provided for any variable: `grads_and_vars` is empty; {advice}")
    for i, pair in enumerate(given):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(f"`grads_and_vars` has {_what(pair)} at position {i}: {advice}")
        if not isinstance(pair[1], Variable):
            swapped = "; the pair seems to be the wrong way round" if isinstance(pair[0], Variable) else ""
            raise TypeError(
                f"`grads_and_vars` has {_what(pair[1])} at position {i} where a tf.Variable is expected{swapped}: {advice}"
            )
    return [(gradient, variable) for gradient, variable in given]


def _what(thing: Any) -> str:
    if isinstance(thing, tuple | list):
        return f"a {type(thing).__name__} of {len(thing)}"
    return f"a {type(thing).__name__}"


def admit(pairs: Sequence[tuple[Any, Variable]]) -> list[tuple[Any, Variable]]:
    """The pairs that have a gradient, each gradient an array of its variable's shape and dtype, or `Rows`.

    Raises:
        ValueError: no pair has a gradient, or one cannot be a tensor.
        InvalidArgumentError: a gradient has another shape than its variable.
        UnimplementedError: a gradient is of strings, or the dtype of the variable cannot hold its kind of numbers.
    """
    missing = [variable.name for gradient, variable in pairs if gradient is None]
    if len(missing) == len(pairs):
        names = ", ".join(missing)
        raise ValueError(
            f"No gradients provided for any variable: ({names}). Every gradient is None: the loss was not computed from "
            "these variables while the tape was recording, or the path from them to the loss goes through integers, NumPy "
            "or `tf.stop_gradient`. With a persistent tape, `tf.debugging.why_none(tape, loss, variable)` says which."
        )
    found = [(_fitting(gradient, variable), variable) for gradient, variable in pairs if gradient is not None]
    warn_of_missing(missing)
    return found


def warn_of_missing(names: list[str]) -> None:
    """Warns that these variables have no gradients."""
    if names:
        warnings.warn(
            f"Gradients do not exist for variables {names} when minimizing the loss: they are left as they are. Does the "
            "loss depend on them, and was it computed while the tape was recording? With a persistent tape, "
            "`tf.debugging.why_none(tape, loss, variable)` says why.",
            stacklevel=_outside(),
        )


def _outside() -> int:
    """The stack level, for `warnings.warn` in the caller, of the first frame outside this package."""
    import sys

    level, frame = 1, sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith("tapeflow."):
        level, frame = level + 1, frame.f_back  # type: ignore[assignment]
    return level


def _fitting(gradient: Any, variable: Variable) -> Any:
    own = variable._value
    if isinstance(gradient, IndexedSlices):
        indices = np.asarray(convert(gradient.indices)._value)
        values = _cast(convert(gradient.values)._value, variable)
        if indices.ndim != 1 or values.shape != (*indices.shape, *own.shape[1:]) or not own.ndim:
            raise InvalidArgumentError(
                None,
                None,
                f"the gradient of variable {variable.name} of shape {own.shape} is IndexedSlices with indices of shape "
                f"{indices.shape} and values of shape {values.shape}; the values must have the shape "
                f"(number of indices, {', '.join(map(str, own.shape[1:]))})",
            )
        if indices.size and (indices.min() < 0 or indices.max() >= own.shape[0]):
            raise InvalidArgumentError(
                None,
                None,
                f"the gradient of variable {variable.name} of shape {own.shape} has indices from {indices.min()} to "
                f"{indices.max()}; they must be in [0, {own.shape[0]})",
            )
        return Rows(indices, values, own.shape)
    value = gradient._value if type(gradient) is Tensor else convert(gradient, hint=None)._value
    if value.shape != own.shape:
        raise InvalidArgumentError(
            None,
            None,
            f"the gradient has shape {value.shape} and its variable {variable.name} has shape {own.shape}: they must be "
            "equal. Are gradients and variables given in the same order?",
        )
    return _cast(value, variable)


def _cast(value: Any, variable: Variable) -> Any:
    dtype = variable._value.dtype
    if value.dtype == dtype:
        return value
    if value.dtype.kind == "O" or (value.dtype.kind == "c" and dtype.kind != "c"):
        raise UnimplementedError(
            None,
            None,
            f"a gradient of dtype {Tensor(value).dtype.name} cannot be cast to {variable.dtype.name}, the dtype of its "
            f"variable {variable.name}",
        )
    return silently(value.astype, dtype)


# -- scaling and clipping ----------------------------------------------------------------------------


def scaled(gradient: Any, factor: Any) -> Any:
    """gradient · factor, in the gradient's dtype."""
    if type(gradient) is Rows:
        return gradient.with_values(scaled(gradient.values, factor))
    return gradient * gradient.dtype.type(factor)


def divided(gradient: Any, divisor: Any) -> Any:
    """gradient / divisor, in the gradient's dtype."""
    if type(gradient) is Rows:
        return gradient.with_values(divided(gradient.values, divisor))
    return gradient / gradient.dtype.type(divisor)


def by_value(gradient: Any, limit: float) -> Any:
    """Each element brought into [-limit, limit]."""
    if type(gradient) is Rows:
        return gradient.with_values(by_value(gradient.values, limit))
    return np.clip(gradient, gradient.dtype.type(-limit), gradient.dtype.type(limit))


def by_norm(gradient: Any, limit: float) -> Any:
    """The gradient, shortened to the L2 norm `limit` if it is longer."""
    norm = np.sqrt(squared_norm(gradient))
    return scaled(gradient, limit / norm) if norm > limit else gradient


def by_global_norm(gradients: list, limit: float) -> list:
    """The gradients, all shortened by one factor if their L2 norm together is above `limit`; NaN if it is not finite."""
    norm = np.sqrt(sum(float(squared_norm(gradient)) for gradient in gradients))
    if norm <= limit:
        return gradients
    factor = limit / norm if np.isfinite(norm) else np.nan
    return [scaled(gradient, factor) for gradient in gradients]


def squared_norm(gradient: Any) -> Any:
    values = gradient.values if type(gradient) is Rows else gradient
    return (values * values.conj()).real.sum() if values.dtype.kind == "c" else np.square(values).sum()
