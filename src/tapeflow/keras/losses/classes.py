"""Losses of classifiers."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.losses import functions
from tapeflow.keras.losses.loss import FunctionLoss

__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "Hinge",
    "KLDivergence",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
]


class Hinge(FunctionLoss):
    """The mean of max(1 − y_true · y_pred, 0), for labels −1 and 1, or 0 and 1.

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.Hinge()([0.0, 1.0], [-2.0, 0.0]).numpy()
    np.float32(0.5)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.hinge, name, reduction, dtype)


class SquaredHinge(FunctionLoss):
    """The mean of max(1 − y_true · y_pred, 0)², for labels −1 and 1, or 0 and 1.

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.SquaredHinge()([0.0, 1.0], [-2.0, -1.0]).numpy()
    np.float32(2.0)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "squared_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.squared_hinge, name, reduction, dtype)


class CategoricalHinge(FunctionLoss):
    """By how much the best wrong class comes too near the right one: see `categorical_hinge`.

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.CategoricalHinge()([[0.0, 1.0]], [[0.25, 0.75]]).numpy()
    np.float32(0.5)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_hinge",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.categorical_hinge, name, reduction, dtype)


class KLDivergence(FunctionLoss):
    """The sum of y_true · log(y_true / y_pred).

    Args:
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> tf.keras.losses.KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]).numpy()
    np.float32(0.0)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "kl_divergence",
        dtype: Any = None,
    ) -> None:
        super().__init__(functions.kl_divergence, name, reduction, dtype)


class BinaryCrossentropy(FunctionLoss):
    """The mean of −t log p − (1 − t) log(1 − p): labels t are 0 or 1, predictions p probabilities.

    Args:
        from_logits: whether predictions are logits instead of probabilities; stable for any size then.
        label_smoothing: moves the labels towards 1/2 by this fraction of the way.
        axis: the axis of the mean.
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> round(float(tf.keras.losses.BinaryCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 1000.0]])), 4)
    0.3466
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            functions.binary_crossentropy,
            name,
            reduction,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class BinaryFocalCrossentropy(FunctionLoss):
    """Binary cross-entropy that holds easy samples back: see `binary_focal_crossentropy`.

    Args:
        apply_class_balancing: whether to weight the classes 1 and 0 by alpha and 1 − alpha.
        alpha: the weight of class 1.
        gamma: how much easy samples are held back.
        from_logits: whether predictions are logits instead of probabilities; stable for any size then.
        label_smoothing: moves the labels towards 1/2 by this fraction of the way.
        axis: the axis of the mean.
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> round(float(tf.keras.losses.BinaryFocalCrossentropy()([[1.0]], [[0.5]])), 4)
    0.1733
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            functions.binary_focal_crossentropy,
            name,
            reduction,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalCrossentropy(FunctionLoss):
    """−sum(t log p): labels t are distributions, usually one-hot, predictions p probabilities.

    Args:
        from_logits: whether predictions are logits instead of probabilities; stable for any size then.
        label_smoothing: moves the labels towards the uniform distribution by this fraction of the way.
        axis: the axis of the classes.
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> round(float(tf.keras.losses.CategoricalCrossentropy(from_logits=True)([[0.0, 1.0]], [[0.0, 1.0]])), 4)
    0.3133
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            functions.categorical_crossentropy,
            name,
            reduction,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(FunctionLoss):
    """−log p of the class that the label, a number, names.

    Args:
        from_logits: whether predictions are logits instead of probabilities; stable for any size then.
        ignore_class: a label whose samples do not count.
        axis: the axis of the classes: only -1.
        reduction: as in `Loss`.
        name: as in `Loss`.
        dtype: as in `Loss`.

    >>> import tapeflow as tf
    >>> round(float(tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)([1], [[0.0, 1.0]])), 4)
    0.3133
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(
            functions.sparse_categorical_crossentropy,
            name,
            reduction,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )

    def mask(self, y_true: Tensor) -> Tensor | None:
        ignored = self._arguments["ignore_class"]
        if ignored is None:
            return None
        counts = tf.not_equal(y_true, float(ignored))
        return tf.squeeze(counts, -1) if counts.ndim > 1 and counts.shape[-1] == 1 else counts

    def get_config(self) -> dict[str, Any]:
        return {key: value for key, value in super().get_config().items() if key != "axis"}
