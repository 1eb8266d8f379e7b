"""Metrics that are sums or means of what they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tapeflow as tf
from tapeflow.core.convert import TensorLike
from tapeflow.core.tensor import Tensor
from tapeflow.keras.losses.loss import aligned
from tapeflow.keras.metrics.metric import Metric, weighted

__all__ = ["Mean", "MeanMetricWrapper", "RootMeanSquaredError", "Sum"]


class Sum(Metric):
    """The weighted sum of values.

    Args:
        name: the name.
        dtype: the dtype of the sum.

    >>> import tapeflow as tf
    >>> metric = tf.keras.metrics.Sum()
    >>> metric.update_state([1.0, 2.0])
    >>> metric(4.0).numpy()
    np.float32(7.0)
    """

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable(name="total")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:  # type: ignore[override]
        found, _ = weighted(values, sample_weight, self._dtype, mean=False)
        self.total.assign_add(tf.reduce_sum(found))

    def result(self) -> Tensor:
        return tf.identity(self.total)


class Mean(Metric):
    """The weighted mean of values.

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> metric = tf.keras.metrics.Mean(name="loss")
    >>> for loss in (1.0, 2.0, 6.0):
    ...     metric.update_state(loss)
    >>> metric.result().numpy()
    np.float32(3.0)
    >>> metric.reset_state()
    >>> metric([1.0, 5.0], sample_weight=[3.0, 1.0]).numpy()
    np.float32(2.0)
    """

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:  # type: ignore[override]
        found, weight = weighted(values, sample_weight, self._dtype, mean=True)
        self.total.assign_add(tf.reduce_sum(found))
        self.count.assign_add(tf.reduce_sum(weight))

    def result(self) -> Tensor:
        return tf.math.divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The weighted mean of a function of labels and predictions.

    Args:
        fn: `fn(y_true, y_pred, **arguments)` gives a value for each sample.
        name: the name; by default the function's.
        dtype: the dtype of the mean, which labels and predictions are cast to.
        **arguments: further arguments of the function.

    >>> import tapeflow as tf
    >>> metric = tf.keras.metrics.MeanMetricWrapper(lambda y_true, y_pred: abs(y_true - y_pred), name="error")
    >>> metric([1.0, 2.0], [1.0, 4.0]).numpy()
    np.float32(1.0)
    """

    def __init__(self, fn: Callable, name: str | None = None, dtype: Any = None, **arguments: Any) -> None:
        super().__init__(name=str(name or getattr(fn, "__name__", "mean_metric_wrapper")), dtype=dtype)
        self._fn = fn
        self._arguments = arguments

    def update_state(  # type: ignore[override]
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        t, p = tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype)
        values = self._fn(t, p, **self._arguments)
        ignored = self._arguments.get("ignore_class")
        if ignored is not None:
            counts = tf.cast(tf.not_equal(tf.reshape(t, values.shape), float(ignored)), self._dtype)
            sample_weight = counts if sample_weight is None else counts * tf.cast(sample_weight, self._dtype)
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | self._arguments


class RootMeanSquaredError(Mean):
    """The root of the weighted mean of (y_true − y_pred)².

    Args:
        name: the name.
        dtype: the dtype of the mean.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.RootMeanSquaredError()([0.0, 0.0], [3.0, 3.0]).numpy()
    np.float32(3.0)
    """

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(  # type: ignore[override]
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        t, p = aligned(tf.cast(y_true, self._dtype), tf.cast(y_pred, self._dtype))
        super().update_state(tf.math.squared_difference(t, p), sample_weight)

    def result(self) -> Tensor:
        return tf.sqrt(super().result())
