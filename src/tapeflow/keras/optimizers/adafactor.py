"""Adafactor."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.variable import Variable
from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import slot_name

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    """RMSprop that remembers the mean squares of a matrix by their rows and columns only.

    Args:
        learning_rate: the learning rate η.
        beta_2_decay: how fast the means come to move more slowly: in step t by 1 - t^beta_2_decay.
        epsilon_1: added to the squared gradient.
        epsilon_2: the least size that a variable is taken to have.
        clip_threshold: the largest root mean square of an update before it is multiplied by the rate.
        relative_step: whether the rate is min(η, 1/√t) instead of η.
        **options: those of `Optimizer`.

    With RMS(x) the root of the mean of x²: R and C are the moving means of g² + ε₁ over columns and over rows,
    V = R C / mean(R) (V itself is the moving mean for vectors and scalars), U = g / √V,
    w ← w − max(ε₂, RMS(w)) ρₜ U / max(1, RMS(U) / d).
    See `Shazeer and Stern, 2018 <https://arxiv.org/abs/1804.04235>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Adafactor(learning_rate=0.25).minimize(lambda: x * x, [x])
    >>> round(float(x), 5)
    0.75
    """

    elementwise = False

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate,
            weight_decay,
            clipnorm,
            clipvalue,
            global_clipnorm,
            use_ema,
            ema_momentum,
            ema_overwrite_frequency,
            loss_scale_factor,
            gradient_accumulation_steps,
            name,
            **kwargs,
        )
        self.beta_2_decay = beta_2_decay
        self.epsilon_1 = epsilon_1
        self.epsilon_2 = epsilon_2
        self.clip_threshold = clip_threshold
        self.relative_step = relative_step

    def _add_slots(self, variables: list[Variable]) -> None:
        for variable in variables:
            value = variable._value
            name = slot_name(variable, "velocity")
            shapes = [value.shape] if value.ndim < 2 else [value.shape[:-1], value.shape[:-2] + value.shape[-1:]]
            self._slots.append(tuple([self._keep(np.zeros(shape, value.dtype)[()], name) for shape in shapes]))

    def rule(  # type: ignore[override]
        self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, *means: Any
    ) -> tuple:
        beta_2 = 1 - t**self.beta_2_decay
        squares = gradient * gradient + self.epsilon_1
        if len(means) == 2:
            rows = beta_2 * means[0] + (1 - beta_2) * xp.mean(squares, axis=-1)
            columns = beta_2 * means[1] + (1 - beta_2) * xp.mean(squares, axis=-2)
            v = (rows / xp.mean(rows, axis=-1, keepdims=True))[..., None] * columns[..., None, :]
            means = (rows, columns)
        else:
            v = beta_2 * means[0] + (1 - beta_2) * squares
            means = (v,)
        update = gradient / xp.sqrt(v)
        rate = xp.minimum(lr, 1 / xp.sqrt(t)) if self.relative_step else lr
        rate = rate * xp.maximum(_rms(xp, w), self.epsilon_2)
        w -= rate / xp.maximum(_rms(xp, update) / self.clip_threshold, 1) * update
        return w, *means

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _rms(xp: Any, x: Any) -> Any:
    return xp.sqrt(xp.mean(x * x))
