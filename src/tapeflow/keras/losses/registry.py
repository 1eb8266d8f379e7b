"""Losses by name, and as plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["deserialize", "get", "serialize"]


def serialize(loss: Any) -> Any:
    """A loss as plain values for `deserialize`: a dict, or the name of a function.

    >>> import tapeflow as tf
    >>> tf.keras.losses.serialize(tf.keras.losses.Huber(2.0))["config"]["delta"]
    2.0
    """
    if callable(loss) and hasattr(loss, "__name__"):
        return loss.__name__
    return {
        "module": "keras.losses",
        "class_name": type(loss).__name__,
        "config": loss.get_config(),
        "registered_name": None,
    }


def deserialize(name: Any, custom_objects: dict[str, Callable] | None = None) -> Any:
    """The loss that `serialize` described, or the function of a name.

    Raises:
        ValueError: there is no such loss.

    >>> import tapeflow as tf
    >>> tf.keras.losses.deserialize("mse") is tf.keras.losses.mean_squared_error
    True
    """
    from tapeflow.keras import losses

    wanted: Any = name.get("class_name") if isinstance(name, dict) else name
    found: Any = (custom_objects or {}).get(wanted) or (
        getattr(losses, wanted) if isinstance(wanted, str) and wanted in losses.__all__ else None
    )
    if found is None:
        raise ValueError(f"Could not interpret loss identifier: {name}")
    if isinstance(name, dict):
        return found.from_config(name.get("config", {}))
    return found() if isinstance(found, type) else found


def get(identifier: Any) -> Any:
    """The loss that is meant by a name, a dict from `serialize`, or a function or loss, which is returned as it is.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> tf.keras.losses.get("MeanSquaredError").name
    'mean_squared_error'
    """
    if identifier is None or callable(identifier):
        return identifier
    if isinstance(identifier, str | dict):
        return deserialize(identifier)
    raise ValueError(f"Could not interpret loss identifier: {identifier}")
