"""Initializers, regularizers and constraints as arguments of a layer: kept, used for a weight, and written into the config."""

from __future__ import annotations

from typing import Any

from tapeflow.keras import constraints, initializers, regularizers
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.variable import Variable

__all__ = ["Configured", "per_axis"]

KINDS = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}


class Configured(Layer):
    """A layer whose attributes `kernel_initializer`, `bias_constraint` and the like are such."""

    def keep(self, **settings: Any) -> None:
        """Puts what names, dicts and objects stand for into attributes of these names."""
        for name, value in settings.items():
            setattr(self, name, KINDS[name.rpartition("_")[2]].get(value))
        self.__dict__["_settings"] = (*self.__dict__.get("_settings", ()), *settings)

    def new_weight(self, name: str, shape: Any, settings: str | None = None, **options: Any) -> Variable:
        """A weight with the initializer, regularizer and constraint of its name, or of another."""
        stem = settings or name
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{stem}_initializer"),
            regularizer=getattr(self, f"{stem}_regularizer", None),
            constraint=getattr(self, f"{stem}_constraint", None),
            **options,
        )

    def settings_config(self) -> dict[str, Any]:
        """The settings as plain values, by their names."""
        found = {}
        for name in self.__dict__.get("_settings", ()):
            value = getattr(self, name)
            found[name] = None if value is None else KINDS[name.rpartition("_")[2]].serialize(value)
        return found


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
