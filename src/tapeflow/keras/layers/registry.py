"""Layers as plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.keras.identifiers import described, instance_of, named

__all__ = ["deserialize", "serialize"]


def serialize(layer: Any) -> dict[str, Any]:
    """A layer as a dict of plain values, for `deserialize`; without its weights' values.

    >>> import tapeflow as tf
    >>> tf.keras.layers.serialize(tf.keras.layers.Dense(2))["config"]["units"]
    2
    """
    found = described(layer, "keras.layers" if type(layer).__module__.startswith("tapeflow.keras.layers") else "keras")
    build = layer.get_build_config()
    return found | ({"build_config": build} if build else {})


def deserialize(config: Any, custom_objects: dict[str, Callable] | None = None) -> Any:
    """The layer that `serialize` described.

    Args:
        config: the dict.
        custom_objects: a program's own classes, by name.

    Raises:
        ValueError: there is no such layer.

    >>> import tapeflow as tf
    >>> tf.keras.layers.deserialize(tf.keras.layers.serialize(tf.keras.layers.Dense(2))).units
    2
    """
    layer = instance_of(named("layer", config, custom_objects, _class), config)
    if isinstance(config, dict) and not layer.built:
        layer.build_from_config(config.get("build_config"))
    return layer


def _class(name: Any) -> Any:
    from tapeflow.keras import layers, models

    for module in (layers, models):
        if name in module.__all__:
            found = getattr(module, name)
            return found if isinstance(found, type) else None
    return None
