"""Initializers, regularizers and constraints as arguments of a layer: kept, used for a weight, and written into the config."""

from __future__ import annotations

from typing import Any

from tapeflow.keras import constraints, initializers, regularizers
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.variable import Variable

__all__ = ["Configured", "per_axis", "settings_of"]

KINDS = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}


def settings_of(*weights: str) -> tuple[str, ...]:
    """The names of the settings of weights: of each its initializer, regularizer and constraint."""
    return tuple(f"{weight}_{kind}" for kind in KINDS for weight in weights)


def _kind(setting: str) -> Any:
    return KINDS[setting.rpartition("_")[2]]


class Configured(Layer):
    """A layer whose constructor is given `kernel_initializer`, `bias_constraint` and the like, and keeps what they stand for."""

    _settings: tuple[str, ...] = ()  # the names that it is given

    def __init__(self, **kwargs: Any) -> None:
        given = {name: kwargs.pop(name) for name in self._settings}
        super().__init__(**kwargs)
        for name, value in given.items():
            setattr(self, name, _kind(name).get(value))

    def settings_for(self, weight: str) -> dict[str, Any]:
        """The initializer, regularizer and constraint of a weight, as arguments of `add_weight`."""
        return {kind: getattr(self, f"{weight}_{kind}", None) for kind in KINDS}

    def new_weight(self, name: str, shape: Any, settings: str | None = None, **options: Any) -> Variable:
        """A weight with the settings of its name, or of another."""
        return self.add_weight(name=name, shape=shape, **self.settings_for(settings or name) | options)

    def settings_config(self) -> dict[str, Any]:
        """The settings as plain values, by their names."""
        values = {name: getattr(self, name) for name in self._settings}
        return {name: None if value is None else _kind(name).serialize(value) for name, value in values.items()}


def per_axis(name: str, value: Any, rank: int, least: int = 1) -> tuple[int, ...]:
    """An integer for each axis: one for all, or as many as there are.

    Raises:
        ValueError: there are too many or too few, or one is too small.
    """
    found = (value,) * rank if isinstance(value, int) else value
    if not isinstance(found, list | tuple) or len(found) != rank or not all(isinstance(each, int) for each in found):
        raise ValueError(f"The `{name}` argument must be a tuple of {rank} integers. Received {name}={value}")
    bad = {each for each in found if each < least}
    if bad:
        raise ValueError(
            f"The `{name}` argument must be a tuple of {rank} integers. Received {name}={value}, including values {bad} that do "
            f"not satisfy `value {'>' if least == 1 else '>='} 0`"
        )
    return tuple(found)
