"""Ftrl."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Ftrl"]


class Ftrl(Optimizer):
    """Follow the regularized leader: sparse weights through an L1 penalty.

    Args:
        learning_rate: the learning rate η.
        learning_rate_power: p ≤ 0: how fast the rate falls as squared gradients add up.
        initial_accumulator_value: what the sum n of squares starts from.
        l1_regularization_strength: λ₁ ≥ 0.
        l2_regularization_strength: λ₂ ≥ 0.
        l2_shrinkage_regularization_strength: an L2 penalty on the gradient's side: g + 2 · strength · w.
        beta: the paper's β, added to λ₂ as β / (2 η).
        **options: those of `Optimizer`.

    Raises:
        ValueError: `learning_rate_power` is positive, or another of these is negative.

    n′ = n + g², z ← z + g − (n′⁻ᵖ − n⁻ᵖ) / η · w, w ← (clip(z, −λ₁, λ₁) − z) / (n′⁻ᵖ / η + 2 λ₂), n ← n′.
    See `McMahan et al., 2013 <https://research.google.com/pubs/archive/41159.pdf>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(0.0)
    >>> optimizer = tf.keras.optimizers.Ftrl(learning_rate=0.5, initial_accumulator_value=0.0)
    >>> _ = optimizer.apply_gradients([(tf.constant(2.0), x)])
    >>> x.numpy()
    np.float32(-0.5)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
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
        for given, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if value < 0:
                raise ValueError(f"`{given}` needs to be positive or zero. Received: {given}={value}.")
        if learning_rate_power > 0:
            raise ValueError(
                f"`learning_rate_power` needs to be negative or zero. Received: learning_rate_power={learning_rate_power}."
            )
        self.learning_rate_power = learning_rate_power
        self.initial_accumulator_value = initial_accumulator_value
        self.l1_regularization_strength = l1_regularization_strength
        self.l2_regularization_strength = l2_regularization_strength
        self.l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength
        self.beta = beta

    def slots(self) -> list[tuple[Slot, ...]]:
        return [(Slot("_accumulators", "accumulator", self.initial_accumulator_value), Slot("_linears", "linear"))]

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, n: Any, z: Any) -> tuple:  # type: ignore[override]
        l1 = self.l1_regularization_strength
        l2 = self.l2_regularization_strength + self.beta / (2 * lr)
        before = n**-self.learning_rate_power
        n += gradient * gradient
        after = n**-self.learning_rate_power
        z += gradient + 2 * self.l2_shrinkage_regularization_strength * w - (after - before) / lr * w
        w = (xp.clip(z, -l1, l1) - z) / (after / lr + 2 * l2)
        return w, n, z

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "learning_rate_power": self.learning_rate_power,
            "initial_accumulator_value": self.initial_accumulator_value,
            "l1_regularization_strength": self.l1_regularization_strength,
            "l2_regularization_strength": self.l2_regularization_strength,
            "l2_shrinkage_regularization_strength": self.l2_shrinkage_regularization_strength,
            "beta": self.beta,
        }
