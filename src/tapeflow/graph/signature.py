"""The arguments of a call as a key: one trace serves all calls that have the same."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import UnreadVariable, Variable

__all__ = ["is_dead", "key_of"]


class Same:
    """Stands for one object in a key: equal to it and its equals, and to nothing once the object is gone.

    Raises:
        TypeError: the object is not hashable, so it may change: a trace for it would be stale.
    """

    __slots__ = ("_hash", "_reference")

    def __init__(self, value: Any) -> None:
        self._hash = hash(value) if not isinstance(value, Variable) else id(value)
        try:
            self._reference: Any = weakref.ref(value)
        except TypeError:
            self._reference = lambda: value

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Same):
            return NotImplemented
        mine, its = self._reference(), other._reference()
        if mine is its:
            return mine is not None
        return type(mine) is type(its) and not isinstance(mine, Variable) and mine is not None and bool(mine == its)


class NoKey(Exception):
    """Arguments that a trace cannot stand for."""


def is_dead(key: Any) -> bool:
    """Whether an object that the key stands for is gone: no call can have this key any more."""
    if isinstance(key, Same):
        return key._reference() is None
    return isinstance(key, tuple) and any(map(is_dead, key))


def key_of(arguments: Any, shapes: Sequence[tuple] | None = None) -> tuple[Any, list[Tensor]]:
    """What the trace for these arguments is known by, and the tensors among them, in the order of `nest.flatten`.

    With `shapes`, these stand in the key instead of the tensors' own. The key is None where the arguments hold something that a
    trace cannot stand for.

    Raises:
        TypeError: an argument is not hashable, so it may change: a trace for it would be stale.
    """
    tensors: list[Tensor] = []
    try:
        return _key(arguments, tensors, shapes), tensors
    except NoKey:
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
        raise NoKey
    if isinstance(value, Variable):
        return Same(value)
    if isinstance(value, Mapping) and nest.is_nested(value):
        names = list(value)
        try:
            names = sorted(names)
        except TypeError:
            raise NoKey from None
        return (kind, *[(name, _key(value[name], tensors, shapes)) for name in names])
    if isinstance(value, list | tuple):
        return (kind, *[_key(item, tensors, shapes) for item in value])
    if hasattr(kind, "__nest_flatten__"):
        return (kind, *[_key(item, tensors, shapes) for item in value.__nest_flatten__()])
    if isinstance(value, Tensor | np.ndarray) or nest.is_nested(value):
        raise NoKey
    try:
        return Same(value)
    except TypeError:
        raise TypeError(
            f"tf.function cannot tell {value!r} from others, because a {kind.__name__} is not hashable: it may change, and what "
            "was traced for it would be stale. Give what it holds as tensors in a list, tuple, dict or namedtuple, or make its "
            "class hashable (a dataclass: frozen=True)"
        ) from None
