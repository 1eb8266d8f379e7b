"""Metrics that are the mean of a loss."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.losses import functions as losses
from tapeflow.keras.metrics import accuracies
from tapeflow.keras.metrics.means import MeanMetricWrapper

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]


class MeanSquaredError(MeanMetricWrapper):
    """The mean of (y_true − y_pred)².

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.MeanSquaredError()([0.0, 1.0], [1.0, 3.0]).numpy()
    np.float32(2.5)
    """

    def __init__(
        self,
        name: str = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of |y_true − y_pred|.

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.MeanAbsoluteError()([0.0, 1.0], [1.0, 3.0]).numpy()
    np.float32(1.5)
    """

    def __init__(
        self,
        name: str = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """The mean of 100 · |y_true − y_pred| / |y_true|.

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.MeanAbsolutePercentageError()([2.0, 4.0], [1.0, 4.0]).numpy()
    np.float32(25.0)
    """

    def __init__(
        self,
        name: str = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of (log(1 + y_true) − log(1 + y_pred))².

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.MeanSquaredLogarithmicError()([0.0, 1.0], [0.0, 1.0]).numpy()
    np.float32(0.0)
    """

    def __init__(
        self,
        name: str = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """The mean of log(cosh(y_pred − y_true)).

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.LogCoshError()([0.0], [0.0]).numpy()
    np.float32(0.0)
    """

    def __init__(
        self,
        name: str = "logcosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.log_cosh, name, dtype)


class Poisson(MeanMetricWrapper):
    """The mean of y_pred − y_true · log(y_pred).

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.Poisson()([0.0, 0.0], [1.0, 2.0]).numpy()
    np.float32(1.5)
    """

    def __init__(
        self,
        name: str = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.poisson, name, dtype)


class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine of the angle between labels and predictions.

    Args:
        name: the name.
        dtype: the dtype of the mean.
        axis: as in the loss.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.CosineSimilarity()([[0.0, 2.0]], [[0.0, 3.0]]).numpy()
    np.float32(1.0)
    """

    def __init__(
        self,
        name: str = "cosine_similarity",
        dtype: Any = None,
        axis: int = -1,
    ) -> None:
        super().__init__(accuracies.cosine_similarity, name, dtype, axis=axis)


class Hinge(MeanMetricWrapper):
    """The mean of max(1 − y_true · y_pred, 0).

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.Hinge()([0.0, 1.0], [-2.0, 0.0]).numpy()
    np.float32(0.5)
    """

    def __init__(
        self,
        name: str = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """The mean of max(1 − y_true · y_pred, 0)².

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.SquaredHinge()([0.0, 1.0], [-2.0, -1.0]).numpy()
    np.float32(2.0)
    """

    def __init__(
        self,
        name: str = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """By how much the best wrong class comes too near the right one.

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.CategoricalHinge()([[0.0, 1.0]], [[0.25, 0.75]]).numpy()
    np.float32(0.5)
    """

    def __init__(
        self,
        name: str = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.categorical_hinge, name, dtype)


class KLDivergence(MeanMetricWrapper):
    """The mean over samples of the sum of y_true · log(y_true / y_pred).

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]).numpy()
    np.float32(0.0)
    """

    def __init__(
        self,
        name: str = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(losses.kl_divergence, name, dtype)


class BinaryCrossentropy(MeanMetricWrapper):
    """The mean binary cross-entropy of labels 0 and 1.

    Args:
        name: the name.
        dtype: the dtype of the mean.
        from_logits: whether predictions are logits.
        label_smoothing: as in the loss.

    >>> import tapeflow as tf
    >>> round(float(tf.keras.metrics.BinaryCrossentropy(from_logits=True)([0.0, 1.0], [0.0, 1000.0])), 4)
    0.3466
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(losses.binary_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing)


class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of one-hot labels.

    Args:
        name: the name.
        dtype: the dtype of the mean.
        from_logits: whether predictions are logits.
        label_smoothing: as in the loss.
        axis: as in the loss.

    >>> import tapeflow as tf
    >>> round(float(tf.keras.metrics.CategoricalCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 1.0]])), 4)
    0.3133
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            losses.categorical_crossentropy, name, dtype, from_logits=from_logits, label_smoothing=label_smoothing, axis=axis
        )


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross-entropy of labels that name classes.

    Args:
        name: the name.
        dtype: the dtype of the mean.
        from_logits: whether predictions are logits.
        ignore_class: a label whose samples do not count.
        axis: as in the loss.

    >>> import tapeflow as tf
    >>> round(float(tf.keras.metrics.SparseCategoricalCrossentropy(from_logits=True)([1], [[0.0, 1.0]])), 4)
    0.3133
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            losses.sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
