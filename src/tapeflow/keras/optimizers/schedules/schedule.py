"""The base of all learning rate schedules."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.symbolic import SymbolicTensor, untraceable
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.keras.optimizers.memory import silently

__all__ = ["LearningRateSchedule"]


class LearningRateSchedule:
    """A learning rate that depends on the step.

    Subclass it with a `__call__(step)` that returns the rate, and a `get_config()` if it is to be saved:

    >>> import tapeflow as tf
    >>> class Halving(tf.keras.optimizers.schedules.LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 / 2.0 ** tf.cast(step, tf.float32)
    >>> optimizer = tf.keras.optimizers.SGD(Halving())
    >>> x = tf.Variable(1.0)
    >>> for _ in range(2):
    ...     _ = optimizer.apply_gradients([(tf.constant(1.0), x)])
    >>> print(x.numpy(), optimizer.learning_rate.numpy())
    0.25 0.125
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate at `step`, an integer or an integer tensor or variable."""
        raise NotImplementedError(f"Learning rate schedule '{type(self).__name__}' must override `__call__(self, step)`.")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        raise NotImplementedError(
            f"Learning rate schedule '{type(self).__name__}' must override `get_config()` in order to be serializable."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The schedule that `get_config` described."""
        return cls(**config)


class Formula(LearningRateSchedule):
    """A schedule given by a formula: `rate(xp, step)` over an array namespace, elementwise in the step."""

    initial_learning_rate: Any

    def __call__(self, step: Any) -> Any:
        initial = getattr(self, "initial_learning_rate", None)
        dtype = initial.dtype if isinstance(initial, np.floating) else FLOAT32
        step = convert(step)
        if type(step) is SymbolicTensor:
            return self._rate_in_graph(step, dtype)
        value = step._value
        rate = silently(self.rate, np, value.astype(dtype))
        return Tensor(np.asarray(rate).astype(dtype, copy=False)[()])

    def _rate_in_graph(self, step: Tensor, dtype: np.dtype) -> Tensor:
        from tapeflow.keras.optimizers.tensor_namespace import TENSORS
        from tapeflow.ops.casting import cast

        return cast(self.rate(TENSORS, cast(step, dtype)), dtype)

    def rate(self, xp: Any, step: Any) -> Any:
        """The rate at `step`, a number or array of the dtype of the initial rate."""
        raise NotImplementedError


FLOAT32 = np.dtype("float32")


def plain(value: Any) -> Any:
    """The NumPy value of a tensor or variable; anything else as it is."""
    if isinstance(value, Variable):
        untraceable("a variable among the constants of a schedule")
    return value._value if isinstance(value, Tensor | Variable) else value
