"""Losses by name, and as plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.keras.identifiers import described, identified, instance_of, named

__all__ = ["deserialize", "get", "serialize"]


def serialize(loss: Any) -> Any:
    """A loss as plain values for `deserialize`: a dict, or the name of a function.

    >>> import tapeflow as tf
    >>> tf.keras.losses.serialize(tf.keras.losses.Huber(2.0))["config"]["delta"]
    2.0
    """
    if callable(loss) and hasattr(loss, "__name__"):
        return loss.__name__
    return described(loss, "keras.losses")


def deserialize(name: Any, custom_objects: dict[str, Callable] | None = None) -> Any:
    """The loss that `serialize` described, or the function of a name.

    Raises:
        ValueError: there is no such loss.

    >>> import tapeflow as tf
    >>> tf.keras.losses.deserialize("mse") is tf.keras.losses.mean_squared_error
    True
    """
    found = named("loss", name, custom_objects, _known)
    return instance_of(found, name) if isinstance(name, dict) or isinstance(found, type) else found


def get(identifier: Any) -> Any:
    """The loss that is meant by a name, a dict from `serialize`, or a function or loss, which is returned as it is.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> tf.keras.losses.get("MeanSquaredError").name
    'mean_squared_error'
    """
    return identified("loss", identifier, deserialize)


def _known(name: Any) -> Any:
    from tapeflow.keras import losses

    return getattr(losses, name) if isinstance(name, str) and name in losses.__all__ else None
