"""Schedules that follow a cosine: SGDR, https://arxiv.org/abs/1608.03983."""

from __future__ import annotations

import math
from typing import Any

from tapeflow.keras.optimizers.schedules.schedule import Formula, plain

__all__ = ["CosineDecay", "CosineDecayRestarts"]


class CosineDecay(Formula):
    """Half a cosine, from the initial rate down to `alpha` times it, after an optional linear warm-up.

    Args:
        initial_learning_rate: the rate at step 0.
        decay_steps: how long the decay takes.
        alpha: the lowest rate, as a fraction of the highest.
        name: accepted.
        warmup_target: the rate that the warm-up leads to; None for no warm-up.
        warmup_steps: how long the warm-up takes.

    Raises:
        ValueError: `decay_steps` is not positive.

    See `SGDR: Stochastic Gradient Descent with Warm Restarts <https://arxiv.org/abs/1608.03983>`_.

    >>> import tapeflow as tf
    >>> schedule = tf.keras.optimizers.schedules.CosineDecay(0.0, 100, warmup_target=0.5, warmup_steps=10)
    >>> [round(float(schedule(step)), 6) for step in (0, 5, 10, 60, 110)]
    [0.0, 0.25, 0.5, 0.25, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: Any = None,
        warmup_steps: Any = 0,
    ) -> None:
        self.initial_learning_rate = plain(initial_learning_rate)
        self.decay_steps = plain(decay_steps)
        self.alpha = alpha
        self.name = name
        self.warmup_target = plain(warmup_target)
        self.warmup_steps = plain(warmup_steps)
        if self.decay_steps <= 0:
            raise ValueError(f"Argument `decay_steps` must be > 0. Received: decay_steps={self.decay_steps}")

    def rate(self, xp: Any, step: Any) -> Any:
        if self.warmup_target is None:
            return self._decayed(xp, step, self.initial_learning_rate)
        step = xp.minimum(step, self.decay_steps + self.warmup_steps)
        done = step / self.warmup_steps if self.warmup_steps else 1.0
        warm = (self.warmup_target - self.initial_learning_rate) * done + self.initial_learning_rate
        decayed = self._decayed(xp, step - self.warmup_steps, self.warmup_target)
        return xp.where(step < self.warmup_steps, warm, decayed)

    def _decayed(self, xp: Any, step: Any, highest: Any) -> Any:
        done = xp.minimum(step, self.decay_steps) / self.decay_steps
        cosine = 0.5 * (1 + xp.cos(math.pi * done))
        return highest * ((1 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(Formula):
    """Half cosines one after the other, each `t_mul` times as long and `m_mul` times as high as the one before.

    Args:
        initial_learning_rate: the rate at step 0.
        first_decay_steps: how long the first decay takes.
        t_mul: the factor of the length.
        m_mul: the factor of the height.
        alpha: the lowest rate, as a fraction of the initial one.
        name: accepted.

    Raises:
        ValueError: `first_decay_steps` is not positive.

    See `SGDR: Stochastic Gradient Descent with Warm Restarts <https://arxiv.org/abs/1608.03983>`_.

    >>> import tapeflow as tf
    >>> schedule = tf.keras.optimizers.schedules.CosineDecayRestarts(1.0, 10, m_mul=0.5)
    >>> [round(float(schedule(step)), 6) for step in (0, 5, 10, 20, 30)]
    [1.0, 0.5, 0.5, 0.25, 0.25]
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        first_decay_steps: Any,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = plain(initial_learning_rate)
        self.first_decay_steps = plain(first_decay_steps)
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name
        if self.first_decay_steps <= 0:
            raise ValueError(
                f"Argument `first_decay_steps` must be > 0. Received: first_decay_steps={self.first_decay_steps}"
            )

    def rate(self, xp: Any, step: Any) -> Any:
        done = step / self.first_decay_steps
        if self._t_mul == 1.0:
            restart = xp.floor(done)
            done = done - restart
        else:
            # Decay number i starts at (t_mul^i - 1) / (t_mul - 1), counted in lengths of the first one.
            restart = xp.floor(xp.log(1 - done * (1 - self._t_mul)) / math.log(self._t_mul))
            length = self._t_mul**restart
            done = (done - (1 - length) / (1 - self._t_mul)) / length
        height = self._m_mul**restart
        cosine = 0.5 * height * (1 + xp.cos(math.pi * done))
        return self.initial_learning_rate * ((1 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
