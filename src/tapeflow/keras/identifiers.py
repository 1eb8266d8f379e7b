"""What Keras calls identifiers: names, dicts of plain values, classes and functions that stand for a loss, a constraint, …

Each kind has its `serialize`, `deserialize` and `get`; what they have in common is here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["described", "identified", "instance_of", "named"]


def described(thing: Any, module: str) -> dict[str, Any]:
    """An object as a dict of plain values.

    Args:
        thing: it has `get_config()`.
        module: where Keras has its class.
    """
    return {
        "module": module,
        "class_name": type(thing).__name__,
        "config": thing.get_config(),
        "registered_name": None,
    }


def named(kind: str, config: Any, custom_objects: dict[str, Callable] | None, known: Callable[[Any], Any]) -> Any:
    """The class or function that a name, or a dict from `described`, is about.

    Args:
        kind: what it should be, for the message.
        config: the name or dict.
        custom_objects: a program's own classes and functions, by name.
        known: gives Keras's of a name, or None.

    Raises:
        ValueError: there is none.
    """
    wanted: Any = config.get("class_name") if isinstance(config, dict) else config
    found = (custom_objects or {}).get(wanted) or known(wanted)
    if found is None:
        raise ValueError(f"Could not interpret {kind} identifier: {config}")
    return found


def instance_of(found: Any, config: Any) -> Any:
    """The object of a class that a name or a dict describes."""
    return found.from_config(config.get("config", {})) if isinstance(config, dict) else found()


def identified(kind: str, identifier: Any, deserialize: Callable, makes: bool = False) -> Any:
    """What an identifier stands for; functions and objects stand for themselves, and None for nothing.

    Args:
        kind: what it should be, for the message.
        identifier: anything.
        deserialize: what understands names and dicts.
        makes: whether a class stands for an object of it.

    Raises:
        ValueError: it stands for nothing of the kind.
    """
    if identifier is None:
        return None
    if callable(identifier):
        return identifier() if makes and isinstance(identifier, type) else identifier
    if isinstance(identifier, str | dict):
        return deserialize(identifier)
    raise ValueError(f"Could not interpret {kind} identifier: {identifier}")
