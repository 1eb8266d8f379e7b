"""Averages of variables over the steps of a training: `tf.train.ExponentialMovingAverage`."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.recording import heard_by
from tapeflow.core.symbolic import tracing, tracing_with
from tapeflow.core.variable import UnreadVariable, Variable
from tapeflow.ops.arithmetic import multiply, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.selection import minimum

__all__ = ["ExponentialMovingAverage"]

FLOAT32 = np.dtype("float32")


class ExponentialMovingAverage:
    """Keeps an average of each variable that forgets what was long ago: average ← decay · average + (1 − decay) · variable.

    Evaluated with the averages in place of the variables, a model is often better: the noise of the last steps is gone. Call
    `apply` after each step of the optimizer, in a `tf.function` if you like.

    Args:
        decay: how much of the average is kept in a step, close to 1: 0.999, say.
        num_updates: how many steps there were; the decay is then at most (1 + num_updates) / (10 + num_updates), so that averages
            move faster at first. A number, or a variable that the program counts in.
        zero_debias: accepted, without effect, as in TensorFlow: averages begin with the values of their variables, so there is
            no bias.
        name: what the averages are named after.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> ema = tf.train.ExponentialMovingAverage(decay=0.9)
    >>> ema.apply([x])
    >>> _ = x.assign(2.0)
    >>> ema.apply([x])
    >>> round(float(ema.average(x)), 3)
    1.1
    """

    def __init__(
        self,
        decay: TensorLike,
        num_updates: TensorLike | None = None,
        zero_debias: bool = False,
        name: str = "ExponentialMovingAverage",
    ) -> None:
        self._decay = decay
        self._num_updates = num_updates
        self._zero_debias = zero_debias
        self._name = name
        self._averages: dict[int, tuple[weakref.ref, Variable]] = {}  # by the ids of variables that live

    @property
    def name(self) -> str:
        """What the averages are named after."""
        return self._name

    def apply(self, var_list: Sequence[Variable] | None = None) -> None:
        """Moves the averages of these variables by one step; those that have none begin with their values.

        Args:
            var_list: variables of floating dtype. Without them nothing is done: the program knows its variables, nobody else does.

        Raises:
            TypeError: one of them is no variable, or of another dtype.
        """
        pairs = [(variable, self._of(variable)) for variable in map(_owner, var_list or ())]
        with heard_by(()):
            for variable, average in pairs:
                value = variable._read()
                average.assign_sub(multiply(subtract(average._read(), value), self._forgotten(value.dtype)))

    def _forgotten(self, dtype: Any) -> Any:
        """1 - the decay of this step."""
        decay = cast(convert(self._decay, hint=FLOAT32), FLOAT32)
        if self._num_updates is not None:
            steps = cast(convert(self._num_updates), FLOAT32)
            decay = minimum(decay, (1.0 + steps) / (10.0 + steps))
        return cast(1.0 - decay, dtype)

    def _of(self, variable: Variable) -> Variable:
        """The average of a variable, made where there is none."""
        found = self._averages.get(id(variable))
        if found is not None and found[0]() is variable:
            return found[1]
        if variable._value.dtype.kind not in "fV":
            raise TypeError(f"The variables must be half, float, or double: {variable.name} is {variable.dtype.name}")
        with tracing_with(None), heard_by(()):  # averages are there before a function runs
            average = Variable(variable._value, trainable=False, dtype=variable.dtype, name=self.average_name(variable))
        key, averages = id(variable), self._averages
        averages[key] = weakref.ref(variable, lambda _: averages.pop(key, None)), average
        tracer = tracing()
        if tracer is not None:  # it began with what the variable holds now, which is no longer so if Python runs instead
            tracer.undo.append(lambda: averages.pop(key, None))
        return average

    def average(self, var: Variable) -> Variable | None:
        """The variable that holds the average of another; None if there is none."""
        found = self._averages.get(id(_owner(var)))
        return found[1] if found is not None and found[0]() is _owner(var) else None

    def average_name(self, var: Variable) -> str:
        """What the average of a variable is, or would be, called."""
        return f"{var.name.partition(':')[0]}/{self._name}"

    def variables_to_restore(self, moving_avg_variables: Sequence[Variable] | None = None) -> dict[str, Variable]:
        """The variables by the names that their averages are saved under: restored so, they become the averages.

        Args:
            moving_avg_variables: which; without them all that have an average.
        """
        if moving_avg_variables is None:
            living = [reference() for reference, _ in self._averages.values()]
            moving_avg_variables = [variable for variable in living if variable is not None]
        return {self.average_name(variable): variable for variable in moving_avg_variables}


def _owner(variable: Any) -> Variable:
    while isinstance(variable, UnreadVariable):
        variable = variable._parent
    if not isinstance(variable, Variable):
        raise TypeError(
            "tf.train.ExponentialMovingAverage does not support non-Variable tensors when eager execution is enabled: it was "
            f"given {variable!r}"
        )
    return variable
