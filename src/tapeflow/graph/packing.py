"""How the results of a function are put into the structure that it returned, in the time that writing the structure down takes.

`nest.pack_sequence_as` looks at the structure at every call, which takes longer than a small compiled function does. For what most
functions return (a tensor, nothing; tuples, lists and dicts of these) the packing is written out as Python, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core import nest
from tapeflow.core.tensor import Tensor

__all__ = ["packer"]


def packer(structure: Any, leaves: Sequence[Any]) -> Callable[[Sequence[Tensor]], Any]:
    """What puts the tensors of a call into a structure.

    Args:
        structure: what the function returned when it was traced.
        leaves: what it consists of; those that are no tensors are the same at every call.

    Returns:
        A function of the tensors, in the order of `leaves`.
    """
    names: dict[str, Any] = {}
    text = _written(structure, iter(range(len(leaves))), names)
    if text is None:
        return lambda tensors: _packed(structure, leaves, tensors)
    return eval(compile(f"lambda y: {text}", "<tapeflow results>", "eval"), names)


def _written(part: Any, places: Any, names: dict[str, Any]) -> str | None:
    if isinstance(part, Tensor):
        return f"y[{next(places)}]"
    if type(part) in (tuple, list):
        parts = [_written(each, places, names) for each in part]
        if None in parts:
            return None
        text = "".join(f"{each}, " for each in parts)
        return f"({text})" if type(part) is tuple else f"[{text}]"
    if type(part) is dict:
        values = {key: _written(part[key], places, names) for key in sorted(part)}
        if None in values.values():
            return None
        pairs = [(_named(key, names), values[key]) for key in part]
        return f"{{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"
    if part is None or type(part) in (bool, int, float, str, bytes):
        return _named(part, names)
    return None  # named tuples, other mappings, composites


def _named(constant: Any, names: dict[str, Any]) -> str:
    name = f"c{len(names)}"
    names[name] = constant
    return name


def _packed(structure: Any, leaves: Sequence[Any], tensors: Sequence[Tensor]) -> Any:
    following = iter(tensors)
    flat = [next(following) if isinstance(leaf, Tensor) else leaf for leaf in leaves]
    return nest.pack_sequence_as(structure, flat, expand_composites=True)
