"""Adagrad."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Adagrad"]


class Adagrad(Optimizer):
    """Gradients divided by the root of the sum of their squares: rates that fall faster where gradients are larger.

    Args:
        learning_rate: the learning rate η.
        initial_accumulator_value: what the sum s starts from.
        epsilon: added to s.
        **options: those of `Optimizer`.

    s ← s + g², w ← w − η g / √(s + ε).
    See `Duchi et al., 2011 <https://www.jmlr.org/papers/v12/duchi11a.html>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Adagrad(learning_rate=0.25, initial_accumulator_value=0.0).minimize(lambda: x * x, [x])
    >>> round(float(x), 5)
    0.75
    """

    rowwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
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
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def slots(self) -> list[tuple[Slot, ...]]:
        return [(Slot("_accumulators", "accumulator", self.initial_accumulator_value),)]

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, s: Any) -> tuple:  # type: ignore[override]
        s += gradient * gradient
        w -= lr * gradient / xp.sqrt(s + self.epsilon)
        return w, s

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
