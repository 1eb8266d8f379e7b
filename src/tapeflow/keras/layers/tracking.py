"""What a layer consists of: the weights, layers, metrics and seeds that are put into its attributes, in the order that they come.

Lists, dicts and sets become lists, dicts and sets that tell the layer what is put into them later, so a layer in
`self.blocks.append(layer)` is found like one in `self.block = layer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tapeflow.keras.metrics.metric import Metric
from tapeflow.keras.random import SeedGenerator
from tapeflow.keras.variable import Variable

__all__ = ["PLAIN", "Parts", "TrackedDict", "TrackedList", "TrackedSet"]

PLAIN = {type(None), bool, int, float, complex, str, bytes}
LOCKED = (
    "You cannot add new elements of state (variables or sub-layers) to a layer that is already built. All state must be created "
    "in the `__init__()` method or in the `build()` method."
)


class Parts:
    """The parts of one layer."""

    __slots__ = ("_known", "layers", "locked", "metrics", "non_trainable", "seeds", "trainable")

    def __init__(self) -> None:
        self.trainable: list[Variable] = []
        self.non_trainable: list[Variable] = []
        self.layers: list[Any] = []
        self.metrics: list[Metric] = []
        self.seeds: list[SeedGenerator] = []
        self.locked = False
        self._known: set[int] = set()

    def tracked(self, value: Any) -> Any:
        """The value of an attribute, noted if it is a part; containers become such as tell what is put into them.

        Raises:
            ValueError: it is a new part, and the layer is built.
        """
        if type(value) in PLAIN:
            return value
        if isinstance(value, TrackedList | TrackedDict | TrackedSet):
            if value._parts is self:
                return value
            return type(value)(value, self)
        if type(value) is list:
            return TrackedList(value, self)
        if type(value) is dict:
            return TrackedDict(value, self)
        if type(value) is set:
            return TrackedSet(value, self)
        if isinstance(value, tuple):
            for item in value:
                self.tracked(item)
            return value
        self.note(value)
        return value

    def note(self, part: Any) -> None:
        """Notes a variable, layer, metric or seed generator; other things are none of a layer's business."""
        kind = self._of_kind(part)
        if kind is None or id(part) in self._known:
            return
        if self.locked:
            raise ValueError(LOCKED)
        self._known.add(id(part))
        kind.append(part)

    def forget(self, part: Any) -> None:
        """Forgets what was taken out of an attribute."""
        kind = self._of_kind(part)
        if kind is not None and id(part) in self._known:
            self._known.discard(id(part))
            kind[:] = [other for other in kind if other is not part]

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "_known"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        kinds = (self.trainable, self.non_trainable, self.layers, self.metrics, self.seeds)
        self._known = {id(part) for kind in kinds for part in kind}

    def _of_kind(self, part: Any) -> list | None:
        if isinstance(part, Variable):
            return self.trainable if part.trainable else self.non_trainable
        if isinstance(part, Metric):
            return self.metrics
        if isinstance(part, SeedGenerator):
            return self.seeds
        from tapeflow.keras.layers.layer import Layer

        return self.layers if isinstance(part, Layer) else None


class TrackedList(list):
    """A list in an attribute of a layer."""

    def __init__(self, values: Iterable = (), parts: Parts | None = None) -> None:
        self._parts = parts
        super().__init__(values if parts is None else [parts.tracked(value) for value in values])

    def _tracked(self, value: Any) -> Any:
        return value if self._parts is None else self._parts.tracked(value)

    def _forget(self, values: Iterable) -> None:
        for value in values:
            if self._parts is not None:
                self._parts.forget(value)

    def append(self, value: Any) -> None:
        super().append(self._tracked(value))

    def insert(self, index: Any, value: Any) -> None:
        super().insert(index, self._tracked(value))

    def extend(self, values: Iterable) -> None:
        super().extend([self._tracked(value) for value in values])

    def __iadd__(self, values: Iterable) -> Any:  # type: ignore[misc]
        self.extend(values)
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(index, [*map(self._tracked, value)] if isinstance(index, slice) else self._tracked(value))

    def __delitem__(self, index: Any) -> None:
        self._forget(self[index] if isinstance(index, slice) else [self[index]])
        super().__delitem__(index)

    def remove(self, value: Any) -> None:
        super().remove(value)
        self._forget([value])

    def pop(self, index: Any = -1) -> Any:
        value = super().pop(index)
        self._forget([value])
        return value

    def clear(self) -> None:
        self._forget(self)
        super().clear()

    def __reduce__(self) -> tuple:
        return list, (list(self),)


class TrackedDict(dict):
    """A dict in an attribute of a layer."""

    def __init__(self, values: Any = (), parts: Parts | None = None) -> None:
        self._parts = parts
        super().__init__({key: self._tracked(value) for key, value in dict(values).items()})

    def _tracked(self, value: Any) -> Any:
        return value if self._parts is None else self._parts.tracked(value)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, self._tracked(value))

    def update(self, *args: Any, **kwargs: Any) -> None:
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def __delitem__(self, key: Any) -> None:
        value = self[key]
        super().__delitem__(key)
        if self._parts is not None:
            self._parts.forget(value)

    def pop(self, key: Any, *default: Any) -> Any:
        value = super().pop(key, *default)
        if self._parts is not None:
            self._parts.forget(value)
        return value

    def __reduce__(self) -> tuple:
        return dict, (dict(self),)


class TrackedSet(set):
    """A set in an attribute of a layer."""

    def __init__(self, values: Iterable = (), parts: Parts | None = None) -> None:
        self._parts = parts
        super().__init__(values if parts is None else [parts.tracked(value) for value in values])

    def add(self, value: Any) -> None:
        super().add(value if self._parts is None else self._parts.tracked(value))

    def update(self, *others: Iterable) -> None:
        for other in others:
            for value in other:
                self.add(value)

    def __reduce__(self) -> tuple:
        return set, (set(self),)
