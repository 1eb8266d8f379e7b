"""The base of all losses: weights, masks and how the losses of a batch become one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tapeflow as tf
from tapeflow.core.convert import TensorLike
from tapeflow.core.tensor import Tensor
from tapeflow.keras.backend import floatx

__all__ = ["FunctionLoss", "Loss", "Reduction", "aligned"]

REDUCTIONS = ("sum_over_batch_size", "sum", "none", "mean", "mean_with_sample_weight", "auto", None)


class Reduction:
    """The names of the ways to make one number of the losses of a batch."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


class Loss:
    """The base class of losses.

    Args:
        name: the name.
        reduction: "sum_over_batch_size" or "mean" (also Keras 2's "auto") for the mean over all elements, "sum",
            "mean_with_sample_weight" for the mean by weight, or "none" (or None) for the losses themselves.
        dtype: what labels and predictions are cast to; float32 by default.

    Raises:
        ValueError: the reduction is unknown.

    Subclasses say in `call` what the losses are:

    >>> import tapeflow as tf
    >>> class Absolute(tf.keras.losses.Loss):
    ...     def call(self, y_true, y_pred):
    ...         return abs(y_true - y_pred)
    >>> Absolute()([1.0, 2.0], [1.0, 5.0]).numpy()
    np.float32(1.5)
    """

    def __init__(self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None) -> None:
        if reduction not in REDUCTIONS:
            raise ValueError(
                f"Invalid value for argument `reduction`. Expected one of {REDUCTIONS}. Received: reduction={reduction}"
            )
        self.name = name or type(self).__name__.lower()
        self.reduction = reduction
        self._dtype = tf.as_dtype(dtype or floatx())

    @property
    def dtype(self) -> str:
        """The name of the dtype that labels and predictions are cast to."""
        return self._dtype.name

    def __call__(self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None) -> Tensor:
        """The loss of a batch.

        Args:
            y_true: the labels.
            y_pred: the predictions.
            sample_weight: a number, or a weight for each sample, or for each loss.
        """
        labels, predictions = (tf.cast(y, self._dtype) for y in (y_true, y_pred))
        losses = tf.cast(self.call(labels, predictions), self._dtype)
        mask = self.mask(labels)
        if mask is not None:
            mask = tf.cast(mask, self._dtype)
        return self._reduced(losses, sample_weight, mask)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The losses, one for each sample or position."""
        raise NotImplementedError(f"{type(self).__name__} must override `call(self, y_true, y_pred)`")

    def mask(self, y_true: Tensor) -> Tensor | None:
        """Which losses count, for subclasses where `y_true` tells: None, all of them."""
        return None

    def _reduced(self, losses: Tensor, sample_weight: TensorLike | None, mask: Tensor | None) -> Tensor:
        weight = None if sample_weight is None else tf.cast(sample_weight, self._dtype)
        if weight is not None:
            weight, losses = aligned(weight, losses)
        if mask is not None:
            weight = mask if weight is None else weight * mask
        if weight is not None:
            losses = losses * weight
        if self.reduction in ("none", None):
            return losses
        total = tf.reduce_sum(losses)
        if self.reduction == "sum":
            return total
        count: Any = tf.cast(tf.size(losses), self._dtype) if mask is None else tf.reduce_sum(mask)
        if self.reduction == "mean_with_sample_weight" and weight is not None:
            count = tf.reduce_sum(tf.broadcast_to(weight, losses.shape))
        return tf.math.divide_no_nan(total, count)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss."""
        return {"name": self.name, "reduction": self.reduction}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The loss that `get_config` described."""
        return cls(**config)


class FunctionLoss(Loss):
    """A loss that is a function of labels and predictions, with some arguments of its own."""

    def __init__(self, function: Callable, name: str, reduction: str | None, dtype: Any, **arguments: Any) -> None:
        super().__init__(name, reduction, dtype)
        self._function = function
        self._arguments = arguments

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self._function(y_true, y_pred, **self._arguments)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | self._arguments

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def aligned(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Both with one rank: a last dimension of 1 that only one of them has is dropped, or given to the other if that is a vector."""
    difference = x.ndim - y.ndim
    if difference == 1 and x.shape[-1] == 1:
        return (x, y[:, tf.newaxis]) if y.ndim == 1 else (tf.squeeze(x, -1), y)
    if difference == -1 and y.shape[-1] == 1:
        return (x[:, tf.newaxis], y) if x.ndim == 1 else (x, tf.squeeze(y, -1))
    return x, y
