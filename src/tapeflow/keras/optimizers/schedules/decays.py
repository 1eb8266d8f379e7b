"""Schedules that lower the learning rate by a power, a root, a fraction or a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tapeflow.keras.optimizers.schedules.schedule import Formula, plain

__all__ = ["ExponentialDecay", "InverseTimeDecay", "PiecewiseConstantDecay", "PolynomialDecay"]


class _Fraction(Formula):
    """What the decays by step / decay_steps share: their arguments."""

    def __init__(
        self, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False, name: str | None = None
    ) -> None:
        self.initial_learning_rate = plain(initial_learning_rate)
        self.decay_steps = plain(decay_steps)
        self.decay_rate = plain(decay_rate)
        self.staircase = staircase
        self.name = name or type(self).__name__
        if self.decay_steps <= 0:
            raise ValueError(f"Argument `decay_steps` must be > 0. Received: decay_steps={self.decay_steps}")

    def progress(self, xp: Any, step: Any) -> Any:
        """How many times `decay_steps` have passed: whole times, with `staircase`."""
        passed = step / self.decay_steps
        return xp.floor(passed) if self.staircase else passed

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class ExponentialDecay(_Fraction):
    """initial_learning_rate · decay_rate^(step / decay_steps).

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: after how many steps the rate has been multiplied by `decay_rate`.
        decay_rate: the factor.
        staircase: whether to lower the rate once every `decay_steps` only.
        name: accepted.

    Raises:
        ValueError: `decay_steps` is not positive.

    >>> import tapeflow as tf
    >>> float(tf.keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=10, decay_rate=0.25)(5))
    0.25
    """

    def rate(self, xp: Any, step: Any) -> Any:
        return self.initial_learning_rate * self.decay_rate ** self.progress(xp, step)


class InverseTimeDecay(_Fraction):
    """initial_learning_rate / (1 + decay_rate · step / decay_steps).

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: how many steps count as one unit of time.
        decay_rate: how much the denominator grows in that time.
        staircase: whether to lower the rate once every `decay_steps` only.
        name: accepted.

    Raises:
        ValueError: `decay_steps` is not positive.

    >>> import tapeflow as tf
    >>> float(tf.keras.optimizers.schedules.InverseTimeDecay(0.5, decay_steps=10, decay_rate=2.0)(5))
    0.25
    """

    def rate(self, xp: Any, step: Any) -> Any:
        return self.initial_learning_rate / (1 + self.decay_rate * self.progress(xp, step))


class PolynomialDecay(Formula):
    """end + (initial − end) · (1 − step / decay_steps)^power, and `end` from `decay_steps` on.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: when the end is reached.
        end_learning_rate: the lowest rate.
        power: 1 for a straight line.
        cycle: whether to start again, twice as long, three times as long, and so on, whenever the end is reached.
        name: accepted.

    Raises:
        ValueError: `decay_steps` is not positive.

    >>> import tapeflow as tf
    >>> float(tf.keras.optimizers.schedules.PolynomialDecay(1.0, decay_steps=10, end_learning_rate=0.5)(5))
    0.75
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        end_learning_rate: Any = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = plain(initial_learning_rate)
        self.decay_steps = plain(decay_steps)
        self.end_learning_rate = plain(end_learning_rate)
        self.power = power
        self.cycle = cycle
        self.name = name
        if self.decay_steps <= 0:
            raise ValueError(f"Argument `decay_steps` must be > 0. Received: decay_steps={self.decay_steps}")

    def rate(self, xp: Any, step: Any) -> Any:
        if self.cycle:
            decay_steps = self.decay_steps * xp.maximum(xp.ceil(step / self.decay_steps), 1.0)
        else:
            decay_steps = self.decay_steps
            step = xp.minimum(step, decay_steps)
        remaining = 1 - step / decay_steps
        return (self.initial_learning_rate - self.end_learning_rate) * remaining**self.power + self.end_learning_rate

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


class PiecewiseConstantDecay(Formula):
    """values[i] up to and including step boundaries[i], and the last value after the last boundary.

    Args:
        boundaries: the steps, increasing.
        values: the rates: one more than there are boundaries.
        name: accepted.

    Raises:
        ValueError: there is not exactly one value more than boundaries.

    >>> import tapeflow as tf
    >>> schedule = tf.keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> [float(schedule(step)) for step in (0, 10, 11, 21)]
    [1.0, 1.0, 0.5, 0.25]
    """

    def __init__(self, boundaries: Sequence[Any], values: Sequence[Any], name: str = "PiecewiseConstant") -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of boundaries should be 1 less than the length of values. "
                f"Received: boundaries={boundaries} of length {len(boundaries)}, and values={values} of length "
                f"{len(values)}."
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def rate(self, xp: Any, step: Any) -> Any:
        rate = self.values[-1]
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1]), strict=True):
            rate = xp.where(step <= boundary, value, rate)
        return rate

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}
