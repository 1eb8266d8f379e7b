"""Optimizers and schedules by name, and as plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["deserialize", "deserialize_schedule", "get", "serialize"]


def serialize(optimizer: Any) -> dict[str, Any]:
    """An optimizer or schedule as a dict of plain values, for `deserialize`.

    >>> import tapeflow as tf
    >>> tf.keras.optimizers.serialize(tf.keras.optimizers.SGD(0.5, name="sgd"))["config"]["learning_rate"]
    0.5
    """
    from tapeflow.keras.optimizers.schedules.schedule import LearningRateSchedule

    module = "keras.optimizers.schedules" if isinstance(optimizer, LearningRateSchedule) else "keras.optimizers"
    known = _classes().get(type(optimizer).__name__) is type(optimizer)
    return {
        "module": module if known else type(optimizer).__module__,
        "class_name": type(optimizer).__name__,
        "config": optimizer.get_config(),
        "registered_name": None if known else type(optimizer).__name__,
    }


def serialize_schedule(learning_rate_schedule: Any) -> dict[str, Any]:
    """A schedule as a dict of plain values, for `deserialize`.

    >>> import tapeflow as tf
    >>> decay = tf.keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)
    >>> tf.keras.optimizers.schedules.serialize(decay)["config"]["decay_rate"]
    0.5
    """
    return serialize(learning_rate_schedule)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Callable] | None = None) -> Any:
    """The optimizer that `serialize` described.

    Args:
        config: the dict; Keras's own lower-case names are understood as well.
        custom_objects: classes that are not Keras's, by name.

    Raises:
        ValueError: the class is unknown.
        TypeError: `config` is not such a dict.

    >>> import tapeflow as tf
    >>> tf.keras.optimizers.deserialize({"class_name": "SGD", "config": {"learning_rate": 0.5}}).learning_rate.numpy()
    np.float32(0.5)
    """
    if not isinstance(config, dict) or "class_name" not in config:
        raise TypeError(f'expected a dict with "class_name" and "config", got {config!r}')
    name = config["class_name"]
    found: Any = (custom_objects or {}).get(name) or _classes().get(name) or _lower_case().get(str(name).lower())
    if found is None:
        raise ValueError(
            f"Unknown optimizer or schedule: {name!r}. Pass its class in `custom_objects`, for example "
            f"custom_objects={{{name!r}: {name}}}"
        )
    arguments = config.get("config", {})
    if custom_objects and isinstance(arguments.get("learning_rate"), dict):
        arguments = arguments | {"learning_rate": deserialize(arguments["learning_rate"], custom_objects)}
    return found.from_config(arguments)


deserialize_schedule = deserialize


def get(identifier: Any) -> Any:
    """The optimizer that is meant by a name, a dict from `serialize`, or an optimizer, which is returned as it is.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> type(tf.keras.optimizers.get("rmsprop")).__name__
    'RMSprop'
    """
    from tapeflow.keras.optimizers.optimizer import Optimizer

    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str) and identifier.lower() in _lower_case():
        return _lower_case()[identifier.lower()]()
    raise ValueError(
        f"Could not interpret optimizer identifier: {identifier}. Known names: {', '.join(sorted(_lower_case()))}."
    )


def _classes() -> dict[str, Any]:
    from tapeflow.keras import optimizers

    spaces = (optimizers, optimizers.schedules)
    return {name: getattr(space, name) for space in spaces for name in space.__all__ if name[0].isupper()}


def _lower_case() -> dict[str, Any]:
    """The optimizers by Keras's lower-case names."""
    from tapeflow.keras import optimizers

    return {
        name.lower(): getattr(optimizers, name) for name in optimizers.__all__ if name[0].isupper() and name != "Optimizer"
    }
