"""Nested structures: `tf.nest`.

A structure is a sequence (list, tuple, namedtuple, deque, range, dict view, …) or a mapping whose elements are
structures, down to the leaves: everything else, None, strings, arrays, tensors and sets included. Mappings are
walked in the order of their sorted keys, so that equal dicts agree whatever order they were filled in.

A *composite*, such as `tf.IndexedSlices`, is a leaf unless `expand_composites` asks for its tensors. A class is one if
it has the methods `__nest_flatten__()`, giving a tuple of components, and `__nest_unflatten__(components)`, giving a
value like itself with others. What `__nest_static__()` gives, if it has that, is what its components alone do not tell: composites
of one structure have it in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MappingView, Sequence
from typing import Any

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]


# Types that are leaves for certain; tensors and variables enter themselves. Asking the abstract classes takes a microsecond.
LEAVES: set[type] = {bool, int, float, complex, str, bytes, type(None)}


def is_nested(seq: Any) -> bool:
    """Whether a value is a structure with elements (perhaps none), and not a leaf.

    >>> import tapeflow as tf
    >>> tf.nest.is_nested([1, 2]), tf.nest.is_nested({}), tf.nest.is_nested("ab"), tf.nest.is_nested(None)
    (True, True, False, False)
    """
    kind = type(seq)
    if kind is list or kind is tuple or kind is dict:
        return True
    if kind in LEAVES:
        return False
    return isinstance(seq, (Sequence, Mapping, MappingView)) and not isinstance(seq, (str, bytes))


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """List the leaves of a structure, depth first; a leaf gives the list of itself alone.

    Args:
      structure: anything; mappings are read in the order of their sorted keys.
      expand_composites: whether composites such as `tf.IndexedSlices` are replaced by their tensors.

    Raises:
      TypeError: when the keys of a mapping cannot be sorted.

    >>> import tapeflow as tf
    >>> tf.nest.flatten([1, (2, None), {"b": 4, "a": 5}])
    [1, 2, None, 5, 4]
    """
    leaves: list[Any] = []
    _flatten_into(leaves, structure, expand_composites)
    return leaves


def pack_sequence_as(structure: Any, flat_sequence: Sequence[Any], expand_composites: bool = False) -> Any:
    """Put leaves into a structure: what undoes `flatten`.

    Args:
      structure: the pattern; its own leaves are not used.
      flat_sequence: the new leaves, in the order in which `flatten` lists them.
      expand_composites: whether composites in the pattern are made anew from their tensors.

    Raises:
      TypeError: when `flat_sequence` is no list or other structure.
      ValueError: when it does not have as many elements as the pattern has leaves.

    >>> import tapeflow as tf
    >>> tf.nest.pack_sequence_as({"b": 0, "a": (0, 0)}, [1, 2, 3])
    {'b': 3, 'a': (1, 2)}
    """
    if not is_nested(flat_sequence) or isinstance(flat_sequence, Mapping):
        raise TypeError(f"The leaves to pack must come in a list, and {_described(flat_sequence)} is none.")
    leaves = list(flat_sequence)
    wanted = len(flatten(structure, expand_composites))
    if len(leaves) != wanted:
        raise ValueError(
            f"Could not pack the sequence: the structure {structure!r} has {wanted} leaves, and flat_sequence has "
            f"{len(leaves)} elements: {leaves!r}."
        )
    return _pack(structure, iter(leaves), expand_composites)


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """Call `func` with the corresponding leaves of structures that are alike, and arrange the results like the first.

    Args:
      func: takes one argument from each structure.
      *structure: one structure or more.
      **kwargs: `check_types` (True): whether lists and tuples count as different; `expand_composites` (False): whether
        composites are opened.

    Raises:
      TypeError: when `func` is not callable, or the structures differ in the type of a sequence.
      ValueError: when the structures differ otherwise, there is none, or another keyword is given.

    >>> import tapeflow as tf
    >>> tf.nest.map_structure(lambda x, y: x + y, [1, {"a": 2}], [10, {"a": 20}])
    [11, {'a': 22}]
    """
    if not callable(func):
        raise TypeError(f"func must be callable, and {func!r} is not.")
    if not structure:
        raise ValueError("map_structure() needs at least one structure.")
    check_types = kwargs.pop("check_types", True)
    expand_composites = kwargs.pop("expand_composites", False)
    if kwargs:
        raise ValueError(
            f"map_structure() takes the keywords `check_types` and `expand_composites`, and not `{next(iter(kwargs))}`."
        )
    first = structure[0]
    for other in structure[1:]:
        assert_same_structure(first, other, check_types, expand_composites)
    flat = [flatten(each, expand_composites) for each in structure]
    results = [func(*leaves) for leaves in zip(*flat, strict=True)]
    return _pack(first, iter(results), expand_composites)


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Make sure that two structures differ at most in their leaves.

    Args:
      nest1: a structure.
      nest2: another.
      check_types: whether sequences must be of the same type (a list may stand for its subclasses, one namedtuple for
        another with the same name and fields) and mappings must meet mappings.
      expand_composites: whether composites are opened and compared as well.

    Raises:
      TypeError: when the types of two sequences differ.
      ValueError: when one has elements where the other has a leaf, or in the number of elements or the keys.

    >>> import tapeflow as tf
    >>> tf.nest.assert_same_structure([1, (2, 3)], ["a", (None, "b")])
    >>> tf.nest.assert_same_structure([1, 2], [1])
    Traceback (most recent call last):
    ...
    ValueError: The two structures do not have the same nested structure.
    <BLANKLINE>
    First: [., .]
    Second: [.]
    <BLANKLINE>
    They do not have the same number of elements: list [1, 2] has 2, and list [1] in its place 1.
    """
    difference = _difference(nest1, nest2, check_types, expand_composites)
    if difference is not None:
        kind, explanation = difference
        raise kind(
            "The two structures do not have the same nested structure.\n\n"
            f"First: {_skeleton(nest1)}\nSecond: {_skeleton(nest2)}\n\n{explanation}"
        )


# -- walking ------------------------------------------------------------------------------------


def _is_composite(value: Any) -> bool:
    return hasattr(type(value), "__nest_flatten__")


def _flatten_into(leaves: list[Any], structure: Any, expand_composites: bool) -> None:
    # The common kinds first: every call of `tape.gradient` comes through here.
    kind = type(structure)
    if kind in LEAVES:
        leaves.append(structure)
    elif kind is list or kind is tuple:
        for element in structure:
            _flatten_into(leaves, element, expand_composites)
    elif is_nested(structure):
        for element in _elements(structure):
            _flatten_into(leaves, element, expand_composites)
    elif expand_composites and _is_composite(structure):
        for component in structure.__nest_flatten__():
            _flatten_into(leaves, component, expand_composites)
    else:
        leaves.append(structure)


def _elements(structure: Any) -> Iterable[Any]:
    """The elements of what `is_nested`, in the order in which they are walked."""
    if isinstance(structure, Mapping):
        return [structure[key] for key in _sorted_keys(structure)]
    return structure


def _sorted_keys(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError as error:
        raise TypeError(
            f"A mapping in a nested structure is walked in the order of its sorted keys, and the keys "
            f"{list(mapping)!r} cannot be sorted: {error}."
        ) from None


def _pack(structure: Any, leaves: Iterator[Any], expand_composites: bool) -> Any:
    """Build a structure like the given one; `leaves` holds at least as many as it needs."""
    if type(structure) in LEAVES:
        return next(leaves)
    if is_nested(structure):
        if isinstance(structure, Mapping):
            packed = {key: _pack(structure[key], leaves, expand_composites) for key in _sorted_keys(structure)}
            return _mapping_like(structure, {key: packed[key] for key in structure})
        return _sequence_like(structure, [_pack(each, leaves, expand_composites) for each in _elements(structure)])
    if expand_composites and _is_composite(structure):
        components = structure.__nest_flatten__()
        return structure.__nest_unflatten__(tuple([_pack(each, leaves, expand_composites) for each in components]))
    return next(leaves)


def _mapping_like(pattern: Mapping[Any, Any], items: dict[Any, Any]) -> Any:
    kind = type(pattern)
    if kind is dict:
        return items
    default_factory = getattr(pattern, "default_factory", _NO_FACTORY)
    try:
        if default_factory is not _NO_FACTORY:
            return kind(default_factory, items)  # type: ignore[call-arg]
        return kind(items)  # type: ignore[call-arg]
    except TypeError as error:
        raise TypeError(
            f"Cannot make another {kind.__name__} with new values: its constructor must take a dict. It said: {error}."
        ) from error


_NO_FACTORY = object()


def _sequence_like(pattern: Any, elements: list[Any]) -> Any:
    kind = type(pattern)
    if kind is list or isinstance(pattern, (range, MappingView)):
        return elements  # ranges and views cannot hold other elements
    if _is_namedtuple(pattern):
        return kind(*elements)
    return kind(elements)


def _is_namedtuple(value: Any) -> bool:
    fields = getattr(value, "_fields", None)
    return isinstance(value, tuple) and isinstance(fields, tuple) and all(isinstance(field, str) for field in fields)


# -- comparing ----------------------------------------------------------------------------------


def _difference(first: Any, second: Any, check_types: bool, expand_composites: bool) -> tuple[type[Exception], str] | None:
    """The first difference, as the kind of error that it is and an explanation, or None."""
    inner1, inner2 = _components(first, expand_composites), _components(second, expand_composites)
    if inner1 is None and inner2 is None:
        return None
    if inner1 is None or inner2 is None:
        inside, leaf = (second, first) if inner1 is None else (first, second)
        return ValueError, f"{_described(inside)} has elements, and {_described(leaf)} in its place is a leaf."
    if _static(first) != _static(second):
        return TypeError, f"{_described(first)} is not compatible with {_described(second)} in its place."
    if check_types:
        if not _same_kind(first, second):
            return TypeError, (
                f"{_described(first)} is not of the same type as {_described(second)} in its place; "
                "check_types=False would accept this."
            )
        if isinstance(first, Mapping) and set(first) != set(second):
            return ValueError, f"{_described(first)} does not have the same set of keys as {_described(second)}."
    if len(inner1) != len(inner2):
        return ValueError, (
            f"They do not have the same number of elements: {_described(first)} has {len(inner1)}, and "
            f"{_described(second)} in its place {len(inner2)}."
        )
    for element1, element2 in zip(inner1, inner2, strict=True):
        difference = _difference(element1, element2, check_types, expand_composites)
        if difference is not None:
            return difference
    return None


def _static(value: Any) -> Any:
    """What composites of one structure have in common besides the number of their components."""
    return value.__nest_static__() if hasattr(type(value), "__nest_static__") else None


def _components(value: Any, expand_composites: bool) -> list[Any] | None:
    """The elements, or None of a leaf."""
    if is_nested(value):
        return list(_elements(value))
    if expand_composites and _is_composite(value):
        return list(value.__nest_flatten__())
    return None


def _same_kind(first: Any, second: Any) -> bool:
    kind1, kind2 = type(first), type(second)
    if kind1 is kind2:
        return True
    if isinstance(first, Mapping) or isinstance(second, Mapping):
        return isinstance(first, Mapping) and isinstance(second, Mapping)
    if isinstance(first, list) and isinstance(second, list):
        return True
    if _is_namedtuple(first) and _is_namedtuple(second):
        return kind1.__name__ == kind2.__name__ and first._fields == second._fields
    return False


def _described(value: Any) -> str:
    kind, text = type(value).__name__, repr(value)
    return text if text.startswith(kind) else f"{kind} {text}"


def _skeleton(value: Any) -> str:
    """A structure with a dot for every leaf, such as "[., {'a': .}]"."""
    if not is_nested(value):
        return "."
    if isinstance(value, Mapping):
        text = "{" + ", ".join([f"{key!r}: {_skeleton(value[key])}" for key in value]) + "}"
    elif _is_namedtuple(value):
        text = ", ".join([f"{field}={_skeleton(getattr(value, field))}" for field in value._fields])
        return f"{type(value).__name__}({text})"
    elif isinstance(value, tuple):
        text = "(" + ", ".join([_skeleton(element) for element in value]) + (",)" if len(value) == 1 else ")")
    else:
        text = "[" + ", ".join([_skeleton(element) for element in value]) + "]"
    return text if type(value) in (dict, list, tuple) else f"{type(value).__name__}({text})"
