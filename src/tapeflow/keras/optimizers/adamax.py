"""Adamax."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Adamax"]


class Adamax(Optimizer):
    """Adam with the largest recent gradient in place of the root of the mean square.

    Args:
        learning_rate: the learning rate η.
        beta_1: how slowly the average m of the gradients moves.
        beta_2: how slowly the largest gradient u is forgotten.
        epsilon: added to u.
        **options: those of `Optimizer`.

    m ← β₁ m + (1 − β₁) g, u ← max(β₂ u, |g|), w ← w − η m / ((1 − β₁ᵗ) (u + ε)).
    See section 7.1 of `Kingma and Ba, 2014 <https://arxiv.org/abs/1412.6980>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Adamax(learning_rate=0.25).minimize(lambda: x * x, [x])
    >>> round(float(x), 5)
    0.75
    """

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
        return [(Slot("_m", "momentum"), Slot("_u", "norm"))]

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, m: Any, u: Any) -> tuple:  # type: ignore[override]
        m += (gradient - m) * (1 - self.beta_1)
        u = xp.maximum(self.beta_2 * u, xp.abs(gradient))
        w -= lr * m / ((1 - self.beta_1**t) * (u + self.epsilon))
        return w, m, u

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
