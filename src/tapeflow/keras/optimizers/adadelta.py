"""Adadelta."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Adadelta"]


class Adadelta(Optimizer):
    """Steps as large as recent steps were, where gradients are as large as recent gradients were.

    Args:
        learning_rate: the learning rate η; 1.0 for the paper's method.
        rho: how slowly the mean squares move: G of the gradients, D of the steps.
        epsilon: added to both.
        **options: those of `Optimizer`.

    G ← ρ G + (1 − ρ) g², Δ = g √(D + ε) / √(G + ε), D ← ρ D + (1 − ρ) Δ², w ← w − η Δ.
    See `Zeiler, 2012 <https://arxiv.org/abs/1212.5701>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Adadelta(learning_rate=1.0, rho=0.75, epsilon=0.01).minimize(lambda: x * x, [x])
    >>> round(float(x), 3)
    0.801
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
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
        self.rho = rho
        self.epsilon = epsilon

    def slots(self) -> list[tuple[Slot, ...]]:
        return [
            (
                Slot("_accumulated_grads", "accumulated_grad"),
                Slot("_accumulated_delta_vars", "accumulated_delta_var"),
            )
        ]

    def rule(  # type: ignore[override]
        self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, squares: Any, steps: Any
    ) -> tuple:
        squares *= self.rho
        squares += (1 - self.rho) * (gradient * gradient)
        step = gradient * xp.sqrt(steps + self.epsilon) / xp.sqrt(squares + self.epsilon)
        steps *= self.rho
        steps += (1 - self.rho) * (step * step)
        w -= lr * step
        return w, squares, steps

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "rho": self.rho,
            "epsilon": self.epsilon,
        }
