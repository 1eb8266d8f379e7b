"""Losses between numbers."""

from __future__ import annotations

from typing import Any

from tapeflow.keras.losses import functions
from tapeflow.keras.losses.loss import FunctionLoss

__all__ = [
    "CosineSimilarity",
    "Huber",
    "LogCosh",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
]


class MeanSquaredError(FunctionLoss):
    """The mean of (y_true − y_pred)².

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.MeanSquaredError()([0.0, 1.0], [1.0, 3.0]).numpy()
    np.float32(2.5)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.mean_squared_error, name, reduction, dtype)


class MeanAbsoluteError(FunctionLoss):
    """The mean of |y_true − y_pred|.

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.MeanAbsoluteError()([0.0, 1.0], [1.0, 3.0]).numpy()
    np.float32(1.5)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.mean_absolute_error, name, reduction, dtype)


class MeanAbsolutePercentageError(FunctionLoss):
    """The mean of 100 · |y_true − y_pred| / |y_true|.

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.MeanAbsolutePercentageError()([2.0, 4.0], [1.0, 4.0]).numpy()
    np.float32(25.0)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_percentage_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.mean_absolute_percentage_error, name, reduction, dtype)


class MeanSquaredLogarithmicError(FunctionLoss):
    """The mean of (log(1 + y_true) − log(1 + y_pred))².

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.MeanSquaredLogarithmicError()([0.0, 1.0], [0.0, 1.0]).numpy()
    np.float32(0.0)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.mean_squared_logarithmic_error, name, reduction, dtype)


class Huber(FunctionLoss):
    """Squared errors where they are small, absolute ones where they are large: see `huber`.

    Args:
        delta: where the square ends.
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.Huber()([0.0, 0.0], [1.0, 3.0]).numpy()
    np.float32(1.5)
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.huber, name, reduction, dtype, delta=delta)


class LogCosh(FunctionLoss):
    """The mean of log(cosh(y_pred − y_true)).

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.LogCosh()([0.0], [0.0]).numpy()
    np.float32(0.0)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "log_cosh",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.log_cosh, name, reduction, dtype)


class Poisson(FunctionLoss):
    """The mean of y_pred − y_true · log(y_pred).

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.Poisson()([0.0, 0.0], [1.0, 2.0]).numpy()
    np.float32(1.5)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "poisson",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.poisson, name, reduction, dtype)


class CosineSimilarity(FunctionLoss):
    """The negative cosine of the angle between labels and predictions.

    Args:
        axis: the axis of the vectors.
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.CosineSimilarity()([[0.0, 2.0]], [[0.0, 3.0]]).numpy()
    np.float32(-1.0)
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.cosine_similarity, name, reduction, dtype, axis=axis)
