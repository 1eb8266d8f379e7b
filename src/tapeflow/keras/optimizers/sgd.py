"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot

__all__ = ["SGD"]


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

    Args:
        learning_rate: the learning rate.
        momentum: how much of the last step is made again, in [0, 1].
        nesterov: whether to look ahead by the momentum.
        **options: those of `Optimizer`.

    Raises:
        ValueError: `momentum` is not in [0, 1].

    With velocity m: m ← μ m − η g, w ← w + m; with `nesterov`, w ← w + μ m − η g.
    See `Sutskever et al., 2013 <https://proceedings.mlr.press/v28/sutskever13.html>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable(1.0)
    >>> optimizer = tf.keras.optimizers.SGD(learning_rate=0.25, momentum=0.5)
    >>> for _ in range(2):
    ...     _ = optimizer.minimize(lambda: x * x, [x])
    >>> x.numpy()
    np.float32(0.0)
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        if not isinstance(momentum, int | float) or not 0 <= momentum <= 1:
            raise ValueError("`momentum` must be a float between [0, 1].")
        self.momentum = momentum
        self.nesterov = nesterov

    @property
    def rowwise(self) -> bool:  # type: ignore[override]
        return not self.momentum

    def slots(self) -> list[tuple[Slot, ...]]:
        return [(Slot("_momentums", "momentum"),)] if self.momentum else []

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, m: Any = None) -> tuple:  # type: ignore[override]
        step = lr * gradient
        if m is None:
            w -= step
            return (w,)
        m *= self.momentum
        m -= step
        w += self.momentum * m - step if self.nesterov else m
        return w, m

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"momentum": self.momentum, "nesterov": self.nesterov}
