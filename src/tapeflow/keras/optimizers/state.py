"""What an optimizer remembers: the step count, and variables beside those that it trains."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tapeflow.core.variable import NOT_READ, Variable

__all__ = ["Iterations", "Slot", "VariableList", "slot_name", "state_variable"]


class Slot(NamedTuple):
    """One variable of state for each trained variable: the attribute that lists them, their name and first value."""

    attribute: str
    name: str
    initial: float = 0.0


class VariableList(list):
    """A list that may also be called: `optimizer.variables` for Keras 3, `optimizer.variables()` for Keras 2."""

    def __call__(self) -> list[Variable]:
        return list(self)


class Iterations(Variable):
    """The number of steps made: a variable that holds a Python int, so that counting one costs next to nothing."""

    __slots__ = ("count",)

    count: int

    def __init__(self, path: str, count: int = 0) -> None:
        super().__init__(np.int64(count), trainable=False)
        self._name = f"{path}:0"
        self.path = path

    _value = property(  # type: ignore[assignment]
        lambda self: np.int64(self.count),
        lambda self, value: setattr(self, "count", int(value)),
    )

    def advance(self) -> None:
        """Counts one step."""
        self.count += 1
        self._cached = NOT_READ

    def __deepcopy__(self, memo: dict) -> Iterations:
        twin = memo[id(self)] = Iterations(self.path, self.count)
        return twin

    def __reduce__(self) -> tuple:
        return Iterations, (self.path, self.count)


def state_variable(value: Any, path: str) -> Variable:
    """A variable that no tape follows by itself, with the Keras path and name of an optimizer's state."""
    variable = Variable(value, trainable=False)
    variable._name = f"{path}:0"
    variable.path = path  # type: ignore[attr-defined]
    return variable


def slot_name(variable: Variable, name: str) -> str:
    """Keras's name for the slot `name` of a variable: "dense/kernel" and "momentum" make "dense_kernel_momentum"."""
    return f"{getattr(variable, 'path', variable.name)}_{name}".replace("/", "_").replace(":", "_")
