"""Initializers by name, and as plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.keras.identifiers import described, identified, instance_of, named

__all__ = ["deserialize", "get", "serialize"]


def serialize(initializer: Any) -> dict[str, Any]:
    """An initializer as a dict of plain values, for `deserialize`.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.serialize(tf.keras.initializers.Constant(2.0))["config"]
    {'value': 2.0}
    """
    return described(initializer, "keras.initializers")


def deserialize(config: Any, custom_objects: dict[str, Callable] | None = None) -> Any:
    """The initializer that `serialize` described.

    Raises:
        ValueError: there is no such initializer.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.deserialize({"class_name": "Constant", "config": {"value": 2.0}}).value
    2.0
    """
    return instance_of(named("initializer", config, custom_objects, _class), config)


def get(identifier: Any) -> Any:
    """The initializer that is meant by a name, a dict, or a class; a function is returned as it is.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> type(tf.keras.initializers.get("he_normal")).__name__
    'HeNormal'
    """
    return identified("initializer", identifier, deserialize, makes=True)


def _class(name: Any) -> type | None:
    from tapeflow.keras import initializers

    found = getattr(initializers, name) if name in initializers.__all__ else None
    return found if isinstance(found, type) else None
