"""Metrics that are the mean of right answers."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.metrics import accuracies
from tapeflow.keras.metrics.means import MeanMetricWrapper

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "SparseCategoricalAccuracy",
    "SparseTopKCategoricalAccuracy",
    "TopKCategoricalAccuracy",
]


class Accuracy(MeanMetricWrapper):
    """How often predictions equal labels.

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.Accuracy()([1, 2, 3, 4], [1, 2, 3, 0]).numpy()
    np.float32(0.75)
    """

    def __init__(
        self,
        name: str = "accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(accuracies.accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often predictions are on the label's side of the threshold.

    Args:
        name: the name.
        dtype: the dtype of the mean.
        threshold: above which a prediction means 1.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.BinaryAccuracy()([1, 0], [0.75, 0.75]).numpy()
    np.float32(0.5)
    """

    def __init__(
        self,
        name: str = "binary_accuracy",
        dtype: Any = None,
        threshold: float = 0.5,
    ) -> None:
        super().__init__(accuracies.binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the class of a one-hot label.

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.CategoricalAccuracy()([[0, 1], [1, 0]], [[0.25, 0.75], [0.25, 0.75]]).numpy()
    np.float32(0.5)
    """

    def __init__(
        self,
        name: str = "categorical_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(accuracies.categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest prediction is that of the class that the label names.

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.SparseCategoricalAccuracy()([1, 0], [[0.25, 0.75], [0.25, 0.75]]).numpy()
    np.float32(0.5)
    """

    def __init__(
        self,
        name: str = "sparse_categorical_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(accuracies.sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class of a one-hot label is among the k largest predictions.

    Args:
        name: the name.
        dtype: the dtype of the mean.
        k: how many predictions count.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.TopKCategoricalAccuracy(k=2)([[0, 1, 0]], [[0.5, 0.25, 0.0]]).numpy()
    np.float32(1.0)
    """

    def __init__(
        self,
        k: int = 5,
        name: str = "top_k_categorical_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(accuracies.top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the class that the label names is among the k largest predictions.

    Args:
        name: the name.
        dtype: the dtype of the mean.
        k: how many predictions count.
        from_sorted_ids: not supported.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.SparseTopKCategoricalAccuracy(k=2)([1], [[0.5, 0.25, 0.0]]).numpy()
    np.float32(1.0)
    """

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(accuracies.sparse_top_k_categorical_accuracy, name, dtype, k=k, from_sorted_ids=from_sorted_ids)
