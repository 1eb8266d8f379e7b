"""Nadam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Nadam"]


class Nadam(Optimizer):
    """Adam with Nesterov's look ahead, and a momentum that warms up.

    Args:
        learning_rate: the learning rate η.
        beta_1: how slowly the average m of the gradients moves.
        beta_2: how slowly the average v of their squares moves.
        epsilon: added to √v.
        **options: those of `Optimizer`.

    With the momentum of step t, μₜ = β₁ (1 − 0.96ᵗ / 2), and Πₜ = μ₁ μ₂ … μₜ:
    m̂ = μₜ₊₁ m / (1 − Πₜ₊₁) + (1 − μₜ) g / (1 − Πₜ), v̂ = v / (1 − β₂ᵗ), w ← w − η m̂ / (√v̂ + ε).
    See `Dozat, 2015 <https://cs229.stanford.edu/proj2015/054_report.pdf>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Nadam(learning_rate=0.25).minimize(lambda: x * x, [x])
    >>> round(float(x), 3)
    0.734
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

    def build(self, variables: Any) -> None:
        if not self.built:
            super().build(variables)
            self._u_product = self._keep(np.float32(1), "product")

    def slots(self) -> list[tuple[Slot, ...]]:
        return [(Slot("_momentums", "momentum"), Slot("_velocities", "velocity"))]

    def momentum_at(self, xp: Any, t: Any) -> Any:
        """The momentum μₜ of step t."""
        return xp.asarray(self.beta_1, t.dtype) * (1 - 0.5 * 0.96**t)

    def advance_shared(self, xp: Any, t: Any, read: Callable, write: Callable) -> None:
        write(self._u_product, read(self._u_product) * self.momentum_at(xp, t))

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, m: Any, v: Any) -> tuple:  # type: ignore[override]
        product = self._u_product._value if xp is np else self._u_product._read()
        beta_1, beta_2, product = (xp.asarray(x, t.dtype) for x in (self.beta_1, self.beta_2, product))
        momentum, next_momentum = self.momentum_at(xp, t), self.momentum_at(xp, t + 1)
        m += (gradient - m) * (1 - beta_1)
        v += (gradient * gradient - v) * (1 - beta_2)
        m_hat = next_momentum * m / (1 - product * next_momentum) + (1 - momentum) * gradient / (1 - product)
        w -= lr * m_hat / (xp.sqrt(v / (1 - beta_2**t)) + self.epsilon)
        return w, m, v

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }
