"""Losses as functions of labels and predictions: one loss for each sample, the mean or sum over the last axis."""

from __future__ import annotations

import math
from typing import Any

import tapeflow as tf
from tapeflow.core.convert import TensorLike
from tapeflow.core.tensor import Tensor
from tapeflow.keras.losses.loss import aligned

__all__ = [
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]

EPSILON = 1e-7


def _pair(y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    """Labels and predictions in the dtype of the predictions, which must be floats."""
    p = tf.convert_to_tensor(y_pred)
    if not (p.dtype.is_floating or p.dtype.is_complex):
        p = tf.cast(p, tf.float32)
    return aligned(tf.convert_to_tensor(tf.cast(y_true, p.dtype)), p)  # a variable of that dtype is cast to itself


def _mean(losses: Tensor) -> Tensor:
    return tf.reduce_mean(losses, axis=-1)


# -- of numbers ----------------------------------------------------------------------------------------


def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((y_true − y_pred)²).

    >>> import tapeflow as tf
    >>> tf.keras.losses.mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]]).numpy()
    array([2.5], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    return _mean(tf.math.squared_difference(t, p))


def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(|y_true − y_pred|).

    >>> import tapeflow as tf
    >>> tf.keras.losses.mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]]).numpy()
    array([1.5], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    return _mean(abs(t - p))


def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """100 · mean(|y_true − y_pred| / |y_true|).

    >>> import tapeflow as tf
    >>> tf.keras.losses.mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]).numpy()
    array([25.], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    return 100.0 * _mean(abs((t - p) / tf.maximum(abs(t), EPSILON)))


def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean((log(1 + y_true) − log(1 + y_pred))²), negative values taken as 0.

    >>> import tapeflow as tf
    >>> tf.keras.losses.mean_squared_logarithmic_error([[0.0, 1.0]], [[0.0, 1.0]]).numpy()
    array([0.], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    return _mean(tf.square(tf.math.log(tf.maximum(p, EPSILON) + 1.0) - tf.math.log(tf.maximum(t, EPSILON) + 1.0)))


def huber(y_true: TensorLike, y_pred: TensorLike, delta: float = 1.0) -> Tensor:
    """The mean of e²/2 where |e| ≤ delta, and of delta · |e| − delta²/2 elsewhere.

    >>> import tapeflow as tf
    >>> tf.keras.losses.huber([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    array([1.5], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    size = abs(p - t)
    return _mean(tf.where(size <= delta, 0.5 * size * size, delta * size - 0.5 * delta**2))


def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(log(cosh(y_pred − y_true))), without overflow.

    >>> import tapeflow as tf
    >>> tf.keras.losses.log_cosh([[0.0]], [[0.0]]).numpy()
    array([0.], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    error = p - t
    return _mean(error + tf.math.softplus(-2.0 * error) - math.log(2))


def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(y_pred − y_true · log(y_pred)).

    >>> import tapeflow as tf
    >>> tf.keras.losses.poisson([[0.0, 0.0]], [[1.0, 2.0]]).numpy()
    array([1.5], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    return _mean(p - t * tf.math.log(p + EPSILON))


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """The negative cosine of the angle between labels and predictions: −1 for the same direction.

    >>> import tapeflow as tf
    >>> tf.keras.losses.cosine_similarity([[0.0, 2.0]], [[0.0, 3.0]]).numpy()
    array([-1.], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    return -tf.reduce_sum(tf.nn.l2_normalize(t, axis) * tf.nn.l2_normalize(p, axis), axis)


# -- of margins ----------------------------------------------------------------------------------------


def _signs(t: Tensor) -> Tensor:
    """Labels 0 and 1 as −1 and 1; others as they are."""
    binary = tf.reduce_all(tf.logical_or(tf.equal(t, 0.0), tf.equal(t, 1.0)))
    return tf.where(binary, 2.0 * t - 1.0, t)


def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(max(1 − y_true · y_pred, 0)), for labels −1 and 1, or 0 and 1.

    >>> import tapeflow as tf
    >>> tf.keras.losses.hinge([[0.0, 1.0]], [[-2.0, 0.0]]).numpy()
    array([0.5], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    return _mean(tf.maximum(1.0 - _signs(t) * p, 0.0))


def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """mean(max(1 − y_true · y_pred, 0)²), for labels −1 and 1, or 0 and 1.

    >>> import tapeflow as tf
    >>> tf.keras.losses.squared_hinge([[0.0, 1.0]], [[-2.0, -1.0]]).numpy()
    array([2.], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    return _mean(tf.square(tf.maximum(1.0 - _signs(t) * p, 0.0)))


def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """max(1 + the largest prediction of a wrong class − that of the right one, 0), for one-hot labels.

    >>> import tapeflow as tf
    >>> tf.keras.losses.categorical_hinge([[0.0, 1.0]], [[0.25, 0.75]]).numpy()
    array([0.5], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    right, wrong = tf.reduce_sum(t * p, axis=-1), tf.reduce_max((1.0 - t) * p, axis=-1)
    return tf.maximum(wrong - right + 1.0, 0.0)


# -- of distributions ----------------------------------------------------------------------------------


def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """sum(y_true · log(y_true / y_pred)), both kept in [1e-7, 1].

    >>> import tapeflow as tf
    >>> tf.keras.losses.kl_divergence([[0.5, 0.5]], [[0.5, 0.5]]).numpy()
    array([0.], dtype=float32)
    """
    t, p = (tf.clip_by_value(y, EPSILON, 1.0) for y in _pair(y_true, y_pred))
    return tf.reduce_sum(t * tf.math.log(t / p), axis=-1)


def binary_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """The mean of −t log p − (1 − t) log(1 − p) over `axis`.

    Args:
        y_true: labels t, 0 or 1.
        y_pred: probabilities p, or logits.
        from_logits: whether they are logits; stable for any size then.
        label_smoothing: moves the labels towards 1/2 by this fraction of the way.
        axis: the axis of the mean.

    Raises:
        ValueError: the shapes differ.

    >>> import tapeflow as tf
    >>> tf.keras.losses.binary_crossentropy([[0.0, 1.0]], [[0.0, 1000.0]], from_logits=True).numpy().round(4)
    array([0.3466], dtype=float32)
    """
    t, p = _same_shape(*_pair(y_true, y_pred))
    return tf.reduce_mean(_binary(_smoothed(t, label_smoothing, 2), p, from_logits), axis=axis)


def _binary(t: Tensor, p: Tensor, from_logits: bool) -> Tensor:
    if from_logits:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=p)
    p = tf.clip_by_value(p, EPSILON, 1.0 - EPSILON)
    return -t * tf.math.log(p) - (1.0 - t) * tf.math.log(1.0 - p)


def binary_focal_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Binary cross-entropy times (1 − q)^gamma, where q is the probability given to the right class.

    Args:
        y_true: labels, 0 or 1.
        y_pred: probabilities, or logits.
        apply_class_balancing: whether to weight the classes 1 and 0 by alpha and 1 − alpha.
        alpha: the weight of class 1.
        gamma: how much easy samples are held back.
        from_logits: whether `y_pred` are logits.
        label_smoothing: moves the labels towards 1/2 by this fraction of the way.
        axis: the axis of the mean.

    See `Lin et al., 2017 <https://arxiv.org/abs/1708.02002>`_.

    >>> import tapeflow as tf
    >>> tf.keras.losses.binary_focal_crossentropy([[1.0]], [[0.5]]).numpy().round(4)
    array([0.1733], dtype=float32)
    """
    t, p = _same_shape(*_pair(y_true, y_pred))
    t = _smoothed(t, label_smoothing, 2)
    if from_logits:
        p = tf.sigmoid(p)
    right = t * p + (1.0 - t) * (1.0 - p)
    losses = (1.0 - right) ** gamma * _binary(t, p, False)
    if apply_class_balancing:
        losses = losses * (t * alpha + (1.0 - t) * (1.0 - alpha))
    return tf.reduce_mean(losses, axis=axis)


def categorical_crossentropy(
    y_true: TensorLike, y_pred: TensorLike, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Tensor:
    """−sum(t log p) over `axis`.

    Args:
        y_true: labels t: a distribution, usually one-hot.
        y_pred: probabilities p, which are scaled to a sum of 1, or logits.
        from_logits: whether they are logits; stable for any size then.
        label_smoothing: moves the labels towards the uniform distribution by this fraction of the way.
        axis: the axis of the classes.

    Raises:
        ValueError: the shapes differ.

    >>> import tapeflow as tf
    >>> tf.keras.losses.categorical_crossentropy([[0.0, 1.0]], [[0.0, 1.0]], from_logits=True).numpy().round(4)
    array([0.3133], dtype=float32)
    """
    p = tf.convert_to_tensor(y_pred)
    t, p = _same_shape(tf.cast(y_true, p.dtype), p)
    t = _smoothed(t, label_smoothing, p.shape[axis])
    if from_logits:
        return tf.nn.softmax_cross_entropy_with_logits(labels=t, logits=p, axis=axis)
    p = p / tf.reduce_sum(p, axis=axis, keepdims=True)
    return -tf.reduce_sum(t * tf.math.log(tf.clip_by_value(p, EPSILON, 1.0 - EPSILON)), axis=axis)


def sparse_categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """−log p of the class that the label names.

    Args:
        y_true: class numbers, of the shape of `y_pred` without its last axis, or with 1 there.
        y_pred: probabilities, or logits, of each class along the last axis.
        from_logits: whether they are logits; stable for any size then.
        ignore_class: a label whose loss is 0.
        axis: the axis of the classes: only -1.

    Raises:
        ValueError: the shapes do not fit, or the axis is not the last one.
        InvalidArgumentError: a label names no class.

    >>> import tapeflow as tf
    >>> tf.keras.losses.sparse_categorical_crossentropy([1], [[0.0, 1.0]], from_logits=True).numpy().round(4)
    array([0.3133], dtype=float32)
    """
    p = tf.convert_to_tensor(y_pred)
    labels = tf.cast(y_true, tf.int64)
    if axis not in (-1, p.ndim - 1):
        raise ValueError(f"Only axis=-1 is currently supported. Received: axis={axis}")
    if labels.ndim == p.ndim and labels.shape[-1] == 1:
        labels = tf.squeeze(labels, -1)
    if labels.shape != p.shape[:-1]:
        raise ValueError(
            "Arguments `target` and `output` must have the same shape up until the last dimension: "
            f"target.shape={tuple(labels.shape)}, output.shape={tuple(p.shape)}"
        )
    counts: Any = None
    if ignore_class is not None:
        counts = tf.not_equal(labels, ignore_class)
        labels = tf.where(counts, labels, tf.zeros_like(labels))
    logits = p if from_logits else tf.math.log(tf.clip_by_value(p, EPSILON, 1.0 - EPSILON))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return losses if counts is None else tf.where(counts, losses, tf.zeros_like(losses))


def _smoothed(t: Tensor, fraction: float, classes: int | None) -> Tensor:
    return t * (1.0 - fraction) + fraction / classes if fraction else t  # type: ignore[operator]


def _same_shape(t: Tensor, p: Tensor) -> tuple[Tensor, Tensor]:
    if t.shape != p.shape:
        raise ValueError(
            "Arguments `target` and `output` must have the same shape. Received: "
            f"target.shape={tuple(t.shape)}, output.shape={tuple(p.shape)}"
        )
    return t, p
