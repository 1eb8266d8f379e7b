"""RMSprop."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["RMSprop"]


class RMSprop(Optimizer):
    """Gradients divided by the root of their mean square.

    Args:
        learning_rate: the learning rate η.
        rho: how slowly the mean square v moves.
        momentum: how much of the last step is made again.
        epsilon: added to v.
        centered: whether to divide by the standard deviation instead.
        **options: those of `Optimizer`.

    v ← ρ v + (1 − ρ) g², w ← w − η g / √(v + ε); `centered` subtracts from v the square of the mean of g.
    See `Tieleman and Hinton, 2012 <https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf>`_; the centered
    form is `Graves, 2013 <https://arxiv.org/abs/1308.0850>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.RMSprop(learning_rate=0.1, rho=0.75).minimize(lambda: x * x, [x])
    >>> round(float(x), 5)
    0.8
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
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
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def slots(self) -> list[tuple[Slot, ...]]:
        found: list[tuple[Slot, ...]] = [(Slot("_velocities", "velocity"),)]
        if self.momentum > 0:
            found.append((Slot("_momentums", "momentum"),))
        if self.centered:
            found.append((Slot("_average_gradients", "average_gradient"),))
        return found

    def rule(  # type: ignore[override]
        self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, v: Any, *others: Any
    ) -> tuple:
        v *= self.rho
        v += (1 - self.rho) * (gradient * gradient)
        variance = v
        if self.centered:
            mean = others[-1]
            mean *= self.rho
            mean += (1 - self.rho) * gradient
            variance = v - mean * mean
            others = (*others[:-1], mean)
        step = lr * gradient / xp.sqrt(variance + self.epsilon)
        if self.momentum > 0:
            m = others[0]
            m *= self.momentum
            m += step
            step = m
            others = (m, *others[1:])
        w -= step
        return w, v, *others

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
