"""Precision and recall: ratios of counts of true and false positives and negatives."""

from __future__ import annotations

from typing import Any

import numpy as np

import tapeflow as tf
from tapeflow.core.convert import TensorLike
from tapeflow.core.tensor import Tensor
from tapeflow.keras.losses.loss import aligned
from tapeflow.keras.metrics.metric import Metric

__all__ = ["Precision", "Recall"]


class _Ratio(Metric):
    """true positives / (true positives + others), for each threshold."""

    others = ""

    def __init__(self, thresholds: Any, top_k: Any, class_id: Any, name: str | None, dtype: Any) -> None:
        super().__init__(name=name, dtype=dtype)
        for argument, value in (("top_k", top_k), ("class_id", class_id)):
            if value is not None:
                raise NotImplementedError(f"{type(self).__name__} does not support `{argument}`")
        self._given = thresholds
        self.thresholds = np.atleast_1d(0.5 if thresholds is None else thresholds).astype("float32").tolist()
        if not all(0 <= threshold <= 1 for threshold in self.thresholds):
            raise ValueError(f"Threshold values must be in [0, 1]. Received: {thresholds}")
        self.true_positives = self.add_variable((len(self.thresholds),), name="true_positives")
        self.missed = self.add_variable((len(self.thresholds),), name=self.others)

    def update_state(  # type: ignore[override]
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        t, p = aligned(tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype))
        weight = tf.ones_like(p)
        if sample_weight is not None:
            given = tf.cast(sample_weight, self._dtype)
            weight = tf.broadcast_to(given if given.ndim in (0, p.ndim) else given[..., tf.newaxis], p.shape)
        labels = tf.cast(t, tf.bool)
        right, others = [], []
        for threshold in self.thresholds:
            positive = p > threshold
            right.append(self._sum(weight, tf.logical_and(labels, positive)))
            others.append(self._sum(weight, self.counted(labels, positive)))
        self.true_positives.assign_add(tf.stack(right))
        self.missed.assign_add(tf.stack(others))

    def _sum(self, weight: Tensor, where: Tensor) -> Tensor:
        return tf.reduce_sum(tf.where(where, weight, tf.zeros_like(weight)))

    def counted(self, labels: Tensor, positive: Tensor) -> Tensor:
        """Which samples the denominator counts beside the true positives."""
        raise NotImplementedError

    def result(self) -> Tensor:
        found = tf.math.divide_no_nan(self.true_positives, self.true_positives + self.missed)
        return found[0] if len(self.thresholds) == 1 else found

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"thresholds": self._given, "top_k": None, "class_id": None}


class Precision(_Ratio):
    """How many of the samples predicted to be positive are: true positives / (true + false positives).

    Args:
        thresholds: above which predictions are positive; 0.5 by default. A list gives a list of results.
        top_k: not supported.
        class_id: not supported.
        name: the name.
        dtype: the dtype of the counts.

    Raises:
        ValueError: a threshold is not in [0, 1].

    >>> import tapeflow as tf
    >>> tf.keras.metrics.Precision()([1, 0, 1], [0.75, 0.75, 0.25]).numpy()
    np.float32(0.5)
    """

    others = "false_positives"

    def __init__(
        self,
        thresholds: Any = None,
        top_k: Any = None,
        class_id: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(thresholds, top_k, class_id, name, dtype)

    def counted(self, labels: Tensor, positive: Tensor) -> Tensor:
        return tf.logical_and(tf.logical_not(labels), positive)


class Recall(_Ratio):
    """How many of the positive samples are found: true positives / (true positives + false negatives).

    Args:
        thresholds: above which predictions are positive; 0.5 by default. A list gives a list of results.
        top_k: not supported.
        class_id: not supported.
        name: the name.
        dtype: the dtype of the counts.

    Raises:
        ValueError: a threshold is not in [0, 1].

    >>> import tapeflow as tf
    >>> tf.keras.metrics.Recall()([1, 0, 1], [0.75, 0.75, 0.25]).numpy()
    np.float32(0.5)
    """

    others = "false_negatives"

    def __init__(
        self,
        thresholds: Any = None,
        top_k: Any = None,
        class_id: Any = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(thresholds, top_k, class_id, name, dtype)

    def counted(self, labels: Tensor, positive: Tensor) -> Tensor:
        return tf.logical_and(labels, tf.logical_not(positive))
