"""Muon."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.keras.optimizers.optimizer import Optimizer
from tapeflow.keras.optimizers.state import Slot
from tapeflow.keras.optimizers.tensor_namespace import TENSORS

__all__ = ["Muon"]

TINY = 1e-7  # added to a norm before it divides


class Muon(Optimizer):
    """Momentum whose direction is made orthogonal, for the matrices of hidden layers; all other variables go by Adam.

    Args:
        learning_rate: the learning rate η.
        adam_beta_1: β₁ of Adam.
        adam_beta_2: β₂ of Adam.
        adam_weight_decay: the weight decay of variables that go by Adam.
        epsilon: ε of Adam.
        weight_decay: that of the matrices.
        clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum, ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: as in `Optimizer`.
        exclude_layers: patterns: matrices with names in which one is found go by Adam.
        exclude_embeddings: whether matrices with "embedding" in their names do, too.
        muon_a, muon_b, muon_c: the coefficients a, b, c of the iteration.
        adam_lr_ratio: by what the learning rate is multiplied for Adam.
        momentum: the momentum μ.
        ns_steps: how many iterations.
        nesterov: whether to look ahead.
        rms_rate: the size of a step, in root mean squares.
        **kwargs: as in `Optimizer`.

    m ← μ m + g; X ← (g + μ m) / ‖g + μ m‖, then `ns_steps` times X ← a X + (b XXᵀ + c (XXᵀ)²) X, which brings all singular values
    near to 1; w ← w − η · rms_rate · √(the longer side) · X. See `Jordan et al., 2024 <https://kellerjordan.github.io/posts/muon/>`_
    and `Liu et al., 2025 <https://arxiv.org/abs/2502.16982>`_.

    >>> import tapeflow as tf
    >>> x = tf.Variable([[3.0, 0.0], [0.0, 0.1]])
    >>> optimizer = tf.keras.optimizers.Muon(learning_rate=1.0, weight_decay=None)
    >>> _ = optimizer.minimize(lambda: tf.reduce_sum(x * x), [x])
    >>> bool(x[1, 1] < -0.1)  # a step as long where the gradient is small
    True
    """

    elementwise = False

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float = 0.2,
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
        self.adam_beta_1 = adam_beta_1
        self.adam_beta_2 = adam_beta_2
        self.adam_weight_decay = adam_weight_decay
        self.epsilon = epsilon
        self.exclude_layers = list(exclude_layers or [])
        self.exclude_embeddings = exclude_embeddings
        self.muon_a = muon_a
        self.muon_b = muon_b
        self.muon_c = muon_c
        self.adam_lr_ratio = adam_lr_ratio
        self.momentum = momentum
        self.ns_steps = ns_steps
        self.nesterov = nesterov
        self.rms_rate = rms_rate

    def goes_by_adam(self, variable: Variable) -> bool:
        """Whether a variable is none of those that Muon is for."""
        name = variable.name
        return (
            variable._value.ndim != 2
            or (self.exclude_embeddings and "embedding" in name.lower())
            or any(re.search(pattern, name) for pattern in self.exclude_layers)
        )

    def _add_slots(self, variables: list[Variable]) -> None:
        for variable in variables:
            names = ("momentum", "velocity") if self.goes_by_adam(variable) else ("momentum",)
            self._slots.append(tuple([self._slot_variable(variable, Slot(f"_{name}", name)) for name in names]))

    def _decay_of(self, variable: Variable) -> float | None:
        return self.adam_weight_decay if self.goes_by_adam(variable) else super()._decay_of(variable)

    def _is_direct(self) -> bool:
        return super()._is_direct() and not self.adam_weight_decay

    def rule(self, xp: Any, t: Any, lr: Any, gradient: Any, w: Any, m: Any, v: Any = None) -> tuple:  # type: ignore[override]
        if v is not None:
            rate = self.adam_lr_ratio * lr * xp.sqrt(1 - self.adam_beta_2**t) / (1 - self.adam_beta_1**t)
            m += (gradient - m) * (1 - self.adam_beta_1)
            v += (gradient * gradient - v) * (1 - self.adam_beta_2)
            w -= rate * m / (xp.sqrt(v) + self.epsilon)
            return w, m, v
        m = m * self.momentum + gradient
        direction = self._orthogonal(xp, gradient + m * self.momentum if self.nesterov else m, self.ns_steps)
        w -= lr * self._size_of(w.shape) * direction
        return w, m

    def _size_of(self, shape: Sequence[int]) -> float:
        return self.rms_rate * float(np.sqrt(max(shape)))

    def _orthogonal(self, xp: Any, x: Any, steps: int) -> Any:
        """A matrix of the same singular vectors, whose singular values are near 1."""
        is_tall = x.shape[0] > x.shape[1]
        if is_tall:
            x = xp.transpose(x)
        x = x / (xp.sqrt(xp.sum(x * x)) + TINY)
        for _ in range(steps):
            square = xp.matmul(x, xp.transpose(x))
            x = self.muon_a * x + xp.matmul(self.muon_b * square + self.muon_c * xp.matmul(square, square), x)
        return xp.transpose(x) if is_tall else x

    # -- parts of a step, as tensors ---------------------------------------------------------------------

    def transpose_last_axis(self, X: TensorLike) -> Tensor:
        """A matrix with its axes exchanged."""
        return TENSORS.transpose(convert(X))

    def lr_adjust(self, x: TensorLike) -> Tensor:
        """An orthogonal matrix, made as long as a step is."""
        x = convert(x)
        return x * self._size_of(x._value.shape)

    def zeropower_via_newtonschulz5(self, x: TensorLike, steps: int) -> Tensor:
        """A matrix of the same singular vectors, whose singular values come nearer to 1 in each of the steps."""
        return self._orthogonal(TENSORS, convert(x), steps)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "adam_beta_1": self.adam_beta_1,
            "adam_beta_2": self.adam_beta_2,
            "epsilon": self.epsilon,
            "exclude_layers": self.exclude_layers,
            "muon_a": self.muon_a,
            "muon_b": self.muon_b,
            "muon_c": self.muon_c,
            "adam_lr_ratio": self.adam_lr_ratio,
            "momentum": self.momentum,
            "ns_steps": self.ns_steps,
            "nesterov": self.nesterov,
            "exclude_embeddings": self.exclude_embeddings,
            "adam_weight_decay": self.adam_weight_decay,
            "rms_rate": self.rms_rate,
        }
