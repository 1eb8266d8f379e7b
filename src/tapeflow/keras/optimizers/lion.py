"""Lion."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Lion"]


class Lion(Optimizer):
    """Steps of one size, in the direction of the sign of the averaged gradient.

    Args:
        learning_rate: the learning rate η: the size of every step.
        beta_1: how much the average m counts beside the gradient in the sign.
        beta_2: how slowly the average moves.
        **options: those of `Optimizer`.

    Raises:
        ValueError: `beta_1` is not in (0, 1].

    w ← w − η sign(β₁ m + (1 − β₁) g), m ← β₂ m + (1 − β₂) g.
    See `Chen et al., 2023 <https://arxiv.org/abs/2302.06675>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Lion(learning_rate=0.25).minimize(lambda: x * x, [x])
    >>> x.numpy()
    np.float32(0.75)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
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
        if not 0 < beta_1 <= 1:
            raise ValueError(
                "Argument `beta_1` must be in the [0, 1] range. Otherwise, the optimizer degenerates to SignSGD. Received: "
                f"beta_1={beta_1}."
            )
        self.beta_1 = beta_1
        self.beta_2 = beta_2

    def slots(self) -> list[tuple[Slot, ...]]:
        return [(Slot("_momentums", "momentum"),)]

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, m: Any) -> tuple:  # type: ignore[override]
        w -= lr * xp.sign(self.beta_1 * m + (1 - self.beta_1) * gradient)
        m *= self.beta_2
        m += (1 - self.beta_2) * gradient
        return w, m

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
        }
