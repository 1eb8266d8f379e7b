"""Adam and AdamW."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["Adam", "AdamW"]


class Adam(Optimizer):
    """Steps of about the learning rate in each coordinate: gradients averaged and divided by their usual size.

    Args:
        learning_rate: the learning rate η.
        beta_1: how slowly the average m of the gradients moves.
        beta_2: how slowly the average v of their squares moves.
        epsilon: added to √v.
        amsgrad: whether to divide by the largest √v so far.
        **options: those of `Optimizer`.

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).
    See `Kingma and Ba, 2014 <https://arxiv.org/abs/1412.6980>`_; AMSGrad is `Reddi et al., 2018
    <https://openreview.net/forum?id=ryQu7f-RZ>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Adam(learning_rate=0.25).minimize(lambda: x * x, [x])
    >>> round(float(x), 5)
    0.75
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        self.amsgrad = amsgrad

    def slots(self) -> list[tuple[Slot, ...]]:
        averages = (Slot("_momentums", "momentum"), Slot("_velocities", "velocity"))
        return [averages, (Slot("_velocity_hats", "velocity_hat"),)] if self.amsgrad else [averages]

    def rule(  # type: ignore[override]
        self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, m: Any, v: Any, largest: Any = None
    ) -> tuple:
        rate = lr * xp.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        m += (gradient - m) * (1 - self.beta_1)
        v += (gradient * gradient - v) * (1 - self.beta_2)
        if largest is None:
            w -= rate * m / (xp.sqrt(v) + self.epsilon)
            return w, m, v
        largest = xp.maximum(largest, v)
        w -= rate * m / (xp.sqrt(largest) + self.epsilon)
        return w, m, v, largest

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }


class AdamW(Adam):
    """Adam with weight decay beside the gradient's step instead of inside the gradient.

    Args:
        learning_rate: the learning rate η.
        weight_decay: by what fraction of η each variable shrinks in each step.
        beta_1: as in `Adam`.
        beta_2: as in `Adam`.
        epsilon: as in `Adam`.
        amsgrad: as in `Adam`.
        **options: those of `Optimizer`.

    Raises:
        ValueError: `weight_decay` is None.

    See `Loshchilov and Hutter, 2017 <https://arxiv.org/abs/1711.05101>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.AdamW(0.25, weight_decay=0.5).apply_gradients([(tf.constant(0.0), x)])
    >>> x.numpy()
    np.float32(0.875)
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
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
        if weight_decay is None:
            raise ValueError("Argument `weight_decay` must be a float. Received: weight_decay=None")
        super().__init__(
            learning_rate,
            beta_1,
            beta_2,
            epsilon,
            amsgrad,
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
