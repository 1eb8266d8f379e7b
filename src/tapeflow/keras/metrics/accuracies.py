"""How often predictions are right: 1 or 0 for each sample."""

from __future__ import annotations

import tapeflow as tf
from tapeflow.core.convert import TensorLike
from tapeflow.core.tensor import Tensor
from tapeflow.keras.losses.loss import aligned

__all__ = [
    "accuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "cosine_similarity",
    "sparse_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]


def accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Where predictions equal labels."""
    p = tf.convert_to_tensor(y_pred)
    t, p = aligned(tf.cast(y_true, p.dtype), p)
    if t.shape != p.shape:
        raise ValueError(f"labels of shape {t.shape} and predictions of shape {p.shape} must have one shape")
    return tf.cast(tf.equal(t, p), tf.float32)


def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> Tensor:
    """Where predictions are above the threshold for labels 1, and not above it for labels 0.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.binary_accuracy([1, 0, 1], [0.75, 0.5, 0.25]).numpy()
    array([1., 1., 0.], dtype=float32)
    """
    p = tf.convert_to_tensor(y_pred)
    t, p = aligned(tf.cast(y_true, p.dtype), p)
    return tf.cast(tf.equal(t, tf.cast(p > threshold, p.dtype)), tf.float32)


def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Where the largest prediction is that of the labels' class, for one-hot labels.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.categorical_accuracy([[0, 1], [1, 0]], [[0.25, 0.75], [0.25, 0.75]]).numpy()
    array([1., 0.], dtype=float32)
    """
    return tf.cast(tf.equal(tf.argmax(y_true, axis=-1), tf.argmax(y_pred, axis=-1)), tf.float32)


def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Where the largest prediction is that of the class that the label names.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.sparse_categorical_accuracy([1, 0], [[0.25, 0.75], [0.25, 0.75]]).numpy()
    array([1., 0.], dtype=float32)
    """
    p = tf.convert_to_tensor(y_pred)
    return tf.cast(tf.equal(_classes(y_true, p), tf.argmax(p, axis=-1)), tf.float32)


def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Where the labels' class is among the k largest predictions, for one-hot labels.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.top_k_categorical_accuracy([[0.0, 1.0, 0.0]], [[0.5, 0.25, 0.0]], k=2).numpy()
    array([1.], dtype=float32)
    """
    return sparse_top_k_categorical_accuracy(tf.argmax(y_true, axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: TensorLike, y_pred: TensorLike, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Where the class that the label names is among the k largest predictions.

    >>> import tapeflow as tf
    >>> tf.keras.metrics.sparse_top_k_categorical_accuracy([1], [[0.5, 0.25, 0.0]], k=2).numpy()
    array([1.], dtype=float32)
    """
    if from_sorted_ids:
        raise NotImplementedError("sparse_top_k_categorical_accuracy does not support `from_sorted_ids`")
    p = tf.convert_to_tensor(y_pred)
    labels = _classes(y_true, p)
    flat = tf.math.in_top_k(tf.reshape(labels, [-1]), tf.reshape(p, [-1, p.shape[-1]]), k)
    return tf.cast(tf.reshape(flat, labels.shape), tf.float32)


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """The cosine of the angle between labels and predictions."""
    t, p = aligned(tf.convert_to_tensor(y_true), tf.convert_to_tensor(y_pred))
    return tf.reduce_sum(tf.nn.l2_normalize(t, axis) * tf.nn.l2_normalize(p, axis), axis)


def _classes(y_true: TensorLike, p: Tensor) -> Tensor:
    labels = tf.cast(y_true, tf.int64)
    return tf.squeeze(labels, -1) if labels.ndim == p.ndim and labels.shape[-1] == 1 else labels
