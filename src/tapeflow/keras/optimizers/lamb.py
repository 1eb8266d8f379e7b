"""Lamb."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Lamb"]


class Lamb(Optimizer):
    """Adam whose step for each variable is as long as the variable is: for very large batches.

    Args:
        learning_rate: the learning rate η.
        beta_1: how slowly the average m of the gradients moves.
        beta_2: how slowly the average v of their squares moves.
        epsilon: added to √v̂.
        **options: those of `Optimizer`.

    r = m̂ / (√v̂ + ε), w ← w − η ‖w‖ / ‖r‖ · r, where the ratio is 1 if a norm is 0; m̂ and v̂ are Adam's.
    See `You et al., 2019 <https://arxiv.org/abs/1904.00962>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Lamb(learning_rate=0.25).minimize(lambda: x * x, [x])
    >>> round(float(x), 5)
    0.75
    """

    elementwise = False

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
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
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def slots(self) -> list[tuple[Slot, ...]]:
        return [(Slot("_momentums", "momentum"), Slot("_velocities", "velocity"))]

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, m: Any, v: Any) -> tuple:  # type: ignore[override]
        m += (gradient - m) * (1 - self.beta_1)
        v += (gradient * gradient - v) * (1 - self.beta_2)
        r = m / (1 - self.beta_1**t) / (xp.sqrt(v / (1 - self.beta_2**t)) + self.epsilon)
        length, step = xp.sqrt(xp.sum(w * w)), xp.sqrt(xp.sum(r * r))
        ratio = xp.where(xp.logical_and(length > 0, step > 0), length / step, xp.asarray(1, t.dtype))
        w -= lr * ratio * r
        return w, m, v

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
