"""The arguments of a call as a key: one trace serves all calls that have the same."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import UnreadVariable, Variable

__all__ = ["Signature", "is_dead", "key_of"]


class Signature:
    """The parameters of a function, to bring all ways to write a call into one form."""

    def __init__(self, function: Callable) -> None:
        try:
            self._signature: inspect.Signature | None = inspect.signature(function)
        except (TypeError, ValueError):
            self._signature = None
        kinds = () if self._signature is None else tuple(self._signature.parameters.values())
        simple = all(p.kind is p.POSITIONAL_OR_KEYWORD for p in kinds)
        self._count = len(kinds) if simple and self._signature is not None else -1

    def canonical(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """The arguments with defaults filled in and arrays made tensors.

        Raises:
            TypeError: the arguments do not fit the function.
        """
        if (kwargs or len(args) != self._count) and self._signature is not None:
            bound = self._signature.bind(*args, **kwargs)
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        for value in args:
            if type(value) is not Tensor:
                return nest.map_structure(_argument, (args, kwargs))
        return (args, kwargs) if not kwargs else nest.map_structure(_argument, (args, kwargs))


def _argument(value: Any) -> Any:
    return convert(value) if isinstance(value, np.ndarray) else value


class Same:
    """Stands for one object in a key: equal to itself only, and to nothing once the object is gone."""

    __slots__ = ("_hash", "_reference")

    def __init__(self, value: Any) -> None:
        self._hash = id(value)
        try:
            self._reference: Any = weakref.ref(value)
        except TypeError:
            self._reference = lambda: value

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Same):
            return NotImplemented
        mine = self._reference()
        return mine is not None and mine is other._reference()


def is_dead(key: Any) -> bool:
    """Whether an object that the key stands for is gone: no call can have this key any more."""
    if isinstance(key, Same):
        return key._reference() is None
    return isinstance(key, tuple) and any(map(is_dead, key))


def key_of(arguments: Any, shapes: Sequence[tuple] | None = None) -> tuple[Any, list[Tensor]]:
    """What the trace for these arguments is known by, and the tensors among them, in the order of `nest.flatten`.

    With `shapes`, these stand in the key instead of the tensors' own. The key is None where the arguments hold something that a
    trace cannot stand for.
    """
    tensors: list[Tensor] = []
    try:
        return _key(arguments, tensors, shapes), tensors
    except TypeError:
        return None, []


def _key(value: Any, tensors: list[Tensor], shapes: Sequence[tuple] | None = None) -> Any:
    kind = type(value)
    if kind is Tensor:
        tensors.append(value)
        array = value._value
        return array.shape if shapes is None else shapes[len(tensors) - 1], array.dtype
    if kind is tuple:
        return (tuple, *[_key(item, tensors, shapes) for item in value])
    if value is None or kind in (bool, int, str, bytes):
        return kind, value
    if kind in (float, complex):
        return kind, repr(value)
    if isinstance(value, UnreadVariable):
        raise TypeError("the result of an assignment among the arguments")
    if isinstance(value, Variable):
        return Same(value)
    if isinstance(value, Mapping) and nest.is_nested(value):
        names = list(value)
        try:
            names = sorted(names)
        except TypeError:
            raise TypeError("keys that have no order") from None
        return (kind, *[(name, _key(value[name], tensors, shapes)) for name in names])
    if isinstance(value, list | tuple):
        return (kind, *[_key(item, tensors, shapes) for item in value])
    if isinstance(value, np.generic):
        return kind, value.tobytes()
    if isinstance(value, Tensor | IndexedSlices) or nest.is_nested(value):
        raise TypeError(f"{kind.__name__} among the arguments")
    return Same(value)
