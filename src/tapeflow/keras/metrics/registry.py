"""Metrics by name, and as plain dicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.keras.identifiers import described, identified, instance_of, named

__all__ = ["deserialize", "get", "serialize"]


def serialize(metric: Any) -> dict[str, Any]:
    """A metric as a dict of plain values, for `deserialize`.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.serialize(tf.keras.metrics.Mean())["config"]
    {'name': 'mean', 'dtype': 'float32'}
    """
    return described(metric, "keras.metrics")


def deserialize(config: Any, custom_objects: dict[str, Callable] | None = None) -> Any:
    """The metric that `serialize` described.

    Raises:
        ValueError: there is no such metric.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.deserialize(tf.keras.metrics.serialize(tf.keras.metrics.Mean()))
    <Mean name=mean>
    """
    return instance_of(named("metric", config, custom_objects, lambda name: _classes().get(name)), config)


def get(identifier: Any) -> Any:
    """The metric that is meant by a name ("Mean", "accuracy", "mse"), a dict, or a metric or function, returned as it is.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.get("mse")
    <MeanSquaredError name=mean_squared_error>
    """
    return identified("metric", identifier, deserialize)


ABBREVIATIONS = {
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "kld": "KLDivergence",
}


def _classes() -> dict[str, Any]:
    """The classes by their names, by the snake-case names that they give themselves, and by their abbreviations."""
    from tapeflow.keras import metrics
    from tapeflow.keras.naming import snake_case

    found = {name: getattr(metrics, name) for name in metrics.__all__ if isinstance(getattr(metrics, name), type)}
    found |= {snake_case(name): cls for name, cls in list(found.items())}
    for short, name in ABBREVIATIONS.items():
        found[short] = found[short.upper()] = found[name]
    return found
