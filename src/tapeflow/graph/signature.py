"""The arguments of a call as a key: one trace serves all calls that have the same."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import UnreadVariable, Variable
from tapeflow.ops.tensor_array import TensorArray

__all__ = ["is_dead", "key_by_spec", "key_of"]

LITERALS = (bool, int, float, complex, str, bytes, type(None))
NAN = object()  # stands for every number that is not equal to itself


class Same:
    """Stands for one object in a key: equal to it and its equals, and to nothing once the object is gone.

    Raises:
        TypeError: nothing can refer to the object weakly, or it is not hashable.
    """

    __slots__ = ("_hash", "_reference")

    def __init__(self, value: Any) -> None:
        self._reference: Any = weakref.ref(value)
        self._hash = hash(value) if not isinstance(value, Variable) else id(value)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Same):
            return NotImplemented
        mine, its = self._reference(), other._reference()
        if mine is its:
            return mine is not None
        if mine is None or its is None or isinstance(mine, Variable) or isinstance(its, Variable):
            return False
        return bool(mine == its)


class NoKey(Exception):
    """Arguments that a trace cannot stand for."""


def is_dead(key: Any) -> bool:
    """Whether an object that the key stands for is gone: no call can have this key any more."""
    if type(key) is Same:
        return key._reference() is None
    return type(key) is tuple and any(map(is_dead, key))


def key_of(arguments: Any, shapes: Sequence[tuple] | None = None) -> tuple[Any, list[Tensor]]:
    """What the trace for these arguments is known by, and the tensors among them, in the order of `nest.flatten`.

    With `shapes`, these stand in the key instead of the tensors' own. The key is None where the arguments hold something that a
    trace cannot stand for.

    Raises:
        TypeError: an argument is not hashable, so it may change: a trace for it would be stale.
    """
    tensors: list[Tensor] = []
    try:
        return _key(arguments, tensors, shapes, None), tensors
    except NoKey:
        return None, []


def key_by_spec(arguments: Any) -> tuple[Any, list[Variable]]:
    """The key of a call in which any variables of the same shapes and dtypes may take the place of those among the arguments.

    Returns:
        The key, and the variables, each once.
    """
    variables: list[Variable] = []
    return _key(arguments, [], None, variables), variables


def _key(value: Any, tensors: list[Tensor], shapes: Sequence[tuple] | None, variables: list[Variable] | None) -> Any:
    kind = type(value)
    if kind is Tensor:
        tensors.append(value)
        array = value._value
        return array.shape if shapes is None else shapes[len(tensors) - 1], array.dtype
    if kind is tuple:
        return (tuple, *[_key(item, tensors, shapes, variables) for item in value])
    if kind in LITERALS:
        return value if value == value else NAN
    if isinstance(value, Variable):
        return _variable_key(value, variables)
    if isinstance(value, Mapping) and nest.is_nested(value):
        names = list(value)
        try:
            names = sorted(names)
        except TypeError:
            raise NoKey from None
        return (dict, *[(name, _key(value[name], tensors, shapes, variables)) for name in names])
    if isinstance(value, list | tuple):
        kind = kind if hasattr(kind, "_fields") else list if isinstance(value, list) else tuple
        return (kind, *[_key(item, tensors, shapes, variables) for item in value])
    if kind is TensorArray:
        return _key_of_array(value, tensors, shapes, variables)
    if hasattr(kind, "__nest_flatten__"):
        known = value.__nest_static__() if hasattr(kind, "__nest_static__") else None
        return (kind, known, *[_key(item, tensors, shapes, variables) for item in value.__nest_flatten__()])
    if isinstance(value, Tensor | np.ndarray):
        raise NoKey
    return _key_of_object(value)


def _key_of_array(value: TensorArray, *rest: Any) -> Any:
    items = value.items()
    if items is None:
        raise NoKey
    sizes = value.element_shape.as_list() if value.element_shape.rank is not None else [None]
    flags = (
        value.dtype.name,
        value.dynamic_size,
        value._clear_after_read,
        value._infer_shape,
        value.element_shape.rank,
        *sizes,
    )
    return (TensorArray, flags, *[_key(item, *rest) for item in items])


def _variable_key(value: Variable, variables: list[Variable] | None) -> Any:
    while isinstance(value, UnreadVariable):
        value = value._parent
    if variables is None:
        return Same(value)
    place = next((i for i, each in enumerate(variables) if each is value), len(variables))
    if place == len(variables):
        variables.append(value)
    sizes = None if value.shape.rank is None else tuple(value.shape)
    return Variable, place, sizes, value._value.dtype, value.trainable


def _key_of_object(value: Any) -> Any:
    """The object, or what is equal to it.

    Raises:
        TypeError: it is not hashable.
        ValueError: it is a spec, which stands for arguments and is none.
    """
    if isinstance(value, weakref.ReferenceType):
        raise TypeError(f"weakref input {value!r} not supported for tf.function: give what it refers to")
    if isinstance(value, TensorSpec):
        raise ValueError(
            f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)}) to a Tensor: a spec is for "
            "get_concrete_function and input_signature"
        )
    try:
        hash(value)
    except TypeError:
        raise TypeError(
            f"tf.function cannot tell {value!r} from others, because a {type(value).__name__} is not hashable: it may change, "
            "and what was traced for it would be stale. Give what it holds as tensors in a list, tuple, dict or namedtuple, or "
            "make its class hashable (a dataclass: frozen=True)"
        ) from None
    if nest.is_nested(value):
        raise NoKey
    try:
        return Same(value)
    except TypeError:
        return value  # nothing can refer to it weakly
