"""Initializers by name, and as plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["deserialize", "get", "serialize"]


def serialize(initializer: Any) -> dict[str, Any]:
    """An initializer as a dict of plain values, for `deserialize`.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.serialize(tf.keras.initializers.Constant(2.0))["config"]
    {'value': 2.0}
    """
    return {
        "module": "keras.initializers",
        "class_name": type(initializer).__name__,
        "config": initializer.get_config(),
        "registered_name": None,
    }


def deserialize(config: Any, custom_objects: dict[str, Callable] | None = None) -> Any:
    """The initializer that `serialize` described.

    Raises:
        ValueError: there is no such initializer.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.deserialize({"class_name": "Constant", "config": {"value": 2.0}}).value
    2.0
    """
    from tapeflow.keras import initializers

    wanted: Any = config.get("class_name") if isinstance(config, dict) else config
    found: Any = (custom_objects or {}).get(wanted)
    if found is None and wanted in initializers.__all__ and isinstance(getattr(initializers, wanted), type):
        found = getattr(initializers, wanted)
    if found is None:
        raise ValueError(f"Could not interpret initializer identifier: {config}")
    return found.from_config(config.get("config", {})) if isinstance(config, dict) else found()


def get(identifier: Any) -> Any:
    """The initializer that is meant by a name, a dict, or a class; a function is returned as it is.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> type(tf.keras.initializers.get("he_normal")).__name__
    'HeNormal'
    """
    if identifier is None:
        return None
    if callable(identifier):
        return identifier() if isinstance(identifier, type) else identifier
    if isinstance(identifier, str | dict):
        return deserialize(identifier)
    raise ValueError(f"Could not interpret initializer identifier: {identifier}")
