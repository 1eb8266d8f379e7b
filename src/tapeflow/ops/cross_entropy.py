"""Cross-entropies between labels and the softmax or sigmoid of logits, finite for logits of any size.

They are primitives for stability: the logarithm is taken of no probability, only of sums of exponentials.

The softmax cross-entropies go on the tape as two notes that share the work and keep one array of the logits' size. The first
notes how the softmax follows from the logits, the second how the loss does: its slope is softmax - labels. A gradient meets the
second note only; the gradient of that gradient also meets the softmax, and so the first.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.broadcasting import broadcast_to_shape
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dimension import broadcast_sizes
from tapeflow.core.dispatch import apply
from tapeflow.core.dtypes import float32
from tapeflow.core.elementwise import binary, check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid, wrong_dtype
from tapeflow.ops.arithmetic import add, multiply, negative, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.exponential import sigmoid, softplus
from tapeflow.ops.parts import gathered
from tapeflow.ops.reduction import reduce_sum
from tapeflow.ops.shape_arguments import read_axis
from tapeflow.ops.shaping import reshaped, transpose
from tapeflow.ops.softmax import log_softmax, shifted, softmax_slope, total

__all__ = [
    "sigmoid_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
    "weighted_cross_entropy_with_logits",
]

# -- what both softmax cross-entropies share ---------------------------------------------------------------


def _finished(y: np.ndarray, sums: np.ndarray, dtype: np.dtype) -> np.ndarray:
    y /= sums
    return y.astype(dtype, copy=False)


def _pull_softmax(dy: tuple, out: tuple) -> Tensor:
    return softmax_slope(dy[1], out[1], 1)


# -- labels that are class numbers ----------------------------------------------------------------------------


def _sparse(logits, labels):
    y = shifted(logits, 1)
    chosen = y.reshape(-1)[_places(labels, y.shape[1])]
    np.exp(y, out=y)
    sums = total(y, 1)
    losses = np.log(sums[:, 0])
    losses -= chosen
    return losses.astype(logits.dtype, copy=False), _finished(y, sums, logits.dtype)


def _places(labels: np.ndarray, classes: int) -> np.ndarray:
    """Where the labelled elements of a matrix stand in its rows laid end to end."""
    places = np.arange(0, labels.size * classes, classes)
    places += labels
    return places


def _sparse_slope(x, softmax, labels):
    slope = np.multiply(softmax, x[:, np.newaxis], order="C")  # rows end to end: transposed logits have a transposed softmax
    slope.reshape(-1)[_places(labels, softmax.shape[1])] -= x
    return slope


def _sparse_by_cotangent(dy: Tensor, softmax: Tensor, labels: Tensor) -> Tensor:
    # Σ dy·(softmax - labels) over each row
    return subtract(reduce_sum(multiply(dy, softmax), 1), gathered(dy, labels, 1, 1))


SPARSE_SLOPE = Primitive(
    "SparseCrossEntropyGrad",
    _sparse_slope,
    (_sparse_by_cotangent, lambda dy, x, x_shape: multiply(dy, reshaped(x, (*x_shape, 1))), None),
    shape=lambda x, softmax, labels: softmax,
)

SPARSE = Primitive("SparseSoftmaxCrossEntropyWithLogits", _sparse, (_pull_softmax, None))

SPARSE_LOSS = Primitive(
    "SparseCrossEntropyLoss",
    lambda losses, softmax, logits, labels: losses,
    (None, None, lambda dy, softmax, labels: apply(SPARSE_SLOPE, dy, softmax, labels), None),
    shape=lambda losses, softmax, logits, labels: losses,
)


def sparse_softmax_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, name: str | None = None) -> Tensor:
    """-log softmax(logits) at the labelled class, for each example.

    Args:
        labels: int32 or int64, of shape [...]: for each example its class, in [0, classes).
        logits: floating-point numbers, of shape [..., classes].
        name: unused.

    Returns:
        A tensor of the shape of `labels` and the dtype of `logits`.

    Raises:
        ValueError: the shapes do not fit, or an argument is None.
        InvalidArgumentError: a label is out of range, or a dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1, 0], logits=[[0.0, 0.0], [-1000.0, 1000.0]]).numpy()
    array([6.931472e-01, 2.000000e+03], dtype=float32)
    """
    if labels is None or logits is None:
        raise ValueError(_missing("sparse_softmax_cross_entropy_with_logits", labels, logits))
    y = labels if type(labels) is Tensor else convert(labels)
    x = logits if type(logits) is Tensor else convert(logits)
    values, classes = y._value, x._value
    check_dtype(SPARSE, x, "f")
    if values.dtype != np.int32 and values.dtype != np.int64:
        raise wrong_dtype(
            SPARSE.name,
            f"Value for attr 'Tlabels' of {y.dtype.name} is not in the list of allowed values: int32, int64; "
            "softmax_cross_entropy_with_logits takes probabilities",
        )
    if not classes.ndim:
        raise ValueError(f"`logits` cannot be a scalar. Received logits={logits}")
    if values.ndim != classes.ndim - 1:
        raise ValueError(
            "`labels.shape.rank` must equal `logits.shape.rank - 1`. Received: "
            f"labels.shape={values.shape} of rank {values.ndim} and logits.shape={classes.shape} of rank {classes.ndim}"
        )
    if values.shape != classes.shape[:-1]:
        raise ValueError(
            "`labels.shape` must equal `logits.shape` except for the last dimension. Received: "
            f"labels.shape={values.shape} and logits.shape={classes.shape}"
        )
    if type(y) is Tensor:
        _check_range(values, classes.shape[-1])
    else:
        y = apply(LABELS, y, classes=classes.shape[-1])
    flat = classes.ndim == 2
    if not flat:
        x, y = reshaped(x, (values.size, classes.shape[-1])), reshaped(y, (values.size,))
    losses, probabilities = apply(SPARSE, x, y)
    loss = apply(SPARSE_LOSS, losses, probabilities, x, y)
    return loss if flat else reshaped(loss, values.shape)


def _check_range(labels: Any, classes: int) -> None:
    if not classes:
        raise invalid(SPARSE.name, f"Must have at least one class, but got logits shape [{labels.size},0]")
    if not labels.size:
        return
    # Read as unsigned, a negative label is larger than any class: one pass for both ends.
    unsigned = labels.view(np.uint32 if labels.dtype.itemsize == 4 else np.uint64)
    if np.maximum.reduce(unsigned, None) >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)].flat[0] if labels.ndim else labels
        raise invalid(
            SPARSE.name,
            f"Received a label value of {wrong} which is outside the valid range of [0, {classes}).  "
            f"Label values: {' '.join(map(str, labels.reshape(-1)[:20]))}{' ...' if labels.size > 20 else ''}",
        )


def _checked(labels, *, classes):
    _check_range(labels, classes)
    return labels


LABELS = Primitive("CheckLabels", _checked, shape=lambda labels, classes: labels)
"""The labels, which are looked at when the function runs, where it is a traced one."""

# -- labels that are probabilities ------------------------------------------------------------------------------


def _dense(logits, labels):
    y = shifted(logits, 1)
    exponentials = np.exp(y)
    sums = total(exponentials, 1)
    np.subtract(np.log(sums), y, out=y)
    y *= labels
    return total(y, 1)[:, 0].astype(logits.dtype, copy=False), _finished(exponentials, sums, logits.dtype)


def _dense_slope(x, softmax, labels):
    slope = softmax - labels
    slope *= x[:, np.newaxis]
    return slope


DENSE_SLOPE = Primitive(
    "CrossEntropyGrad",
    _dense_slope,
    (
        lambda dy, softmax, labels: reduce_sum(multiply(dy, subtract(softmax, labels)), 1),
        lambda dy, x, x_shape: multiply(dy, reshaped(x, (*x_shape, 1))),
        lambda dy, x, x_shape: negative(multiply(dy, reshaped(x, (*x_shape, 1)))),
    ),
    shape=lambda x, softmax, labels: softmax,
)

DENSE = Primitive("SoftmaxCrossEntropyWithLogits", _dense, (_pull_softmax, None))

# TensorFlow's convention: the slope by the logits counts on labels that sum to 1.
DENSE_LOSS = Primitive(
    "CrossEntropyLoss",
    lambda losses, softmax, logits, labels: losses,
    (
        None,
        None,
        lambda dy, softmax, labels: apply(DENSE_SLOPE, dy, softmax, labels),
        lambda dy, logits, losses_shape: negative(multiply(reshaped(dy, (*losses_shape, 1)), log_softmax(logits))),
    ),
    shape=lambda losses, softmax, logits, labels: losses,
)


def softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, axis: Any = -1, name: str | None = None
) -> Tensor:
    """-Σ labels·log softmax(logits) along an axis, for each example.

    The gradient with respect to the logits is softmax(logits) - labels, which is right for labels that sum to 1.

    Args:
        labels: for each example the probabilities of its classes; cast to the dtype of `logits`.
        logits: floating-point numbers. Laid out as matrices, the two must broadcast.
        axis: the axis of the classes.
        name: unused.

    Returns:
        A tensor of the shape of `logits` without that axis.

    Raises:
        InvalidArgumentError: the shapes do not fit, the axis is out of range, or the logits are not floating-point numbers.
        ValueError: an argument is None.

    >>> import tapeflow as tf
    >>> tf.nn.softmax_cross_entropy_with_logits(labels=[[0.5, 0.5], [1.0, 0.0]], logits=[[0.0, 0.0], [-1e3, 1e3]]).numpy()
    array([6.931472e-01, 2.000000e+03], dtype=float32)
    """
    if labels is None or logits is None:
        raise ValueError(_missing("softmax_cross_entropy_with_logits", labels, logits))
    x = logits if type(logits) is Tensor else convert(logits)
    check_dtype(DENSE, x, "f")
    dtype = x._value.dtype
    y = cast(convert(labels, hint=dtype), dtype)
    if dtype.itemsize == 2:
        return cast(softmax_cross_entropy_with_logits(cast(y, float32), cast(x, float32), axis), dtype)
    ndim = x._value.ndim
    if not ndim:
        raise invalid(DENSE.name, "logits must have an axis of classes, got a scalar")
    axis = read_axis(axis, ndim, DENSE.name)
    if axis != ndim - 1:
        if y._value.ndim != ndim:
            raise invalid(DENSE.name, f"logits {brackets(x._value)} and labels {brackets(y._value)} have different ranks")
        last = [i for i in range(ndim) if i != axis] + [axis]
        x, y = transpose(x, last), transpose(y, last)
    shape = x._value.shape
    if shape != y._value.shape or ndim != 2:
        x, y = _as_matrices(x, y)
    losses, probabilities = apply(DENSE, x, y)
    loss = apply(DENSE_LOSS, losses, probabilities, x, y)
    if loss._value.shape == shape[:-1]:
        return loss
    if loss._value.size != math.prod(shape[:-1]):
        raise invalid(DENSE.name, f"labels of {loss._value.size} examples do not fit logits of shape {list(shape)}")
    return reshaped(loss, shape[:-1])


def _as_matrices(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Logits and labels as matrices of one shape, a row for each example."""
    flat = [_as_matrix(t) for t in (x, y)]
    try:
        shape = broadcast_sizes(*(t._value.shape for t in flat))
    except ValueError:
        sizes = [brackets(t._value) for t in flat]
        raise invalid(
            DENSE.name, f"logits and labels must be broadcastable: logits_size={sizes[0]} labels_size={sizes[1]}"
        ) from None
    return broadcast_to_shape(flat[0], shape), broadcast_to_shape(flat[1], shape)


def _as_matrix(x: Tensor) -> Tensor:
    shape = x._value.shape
    return x if len(shape) == 2 else reshaped(x, (math.prod(shape[:-1]), shape[-1] if shape else 1))


# -- independent classes ------------------------------------------------------------------------------------------


def _sigmoid_cross_entropy(x: Any, y: Any) -> Any:
    # max(x, 0) - x·y + log(1 + exp(-|x|)), in this order: the first two cancel where the logarithm is all that is left
    if not x.ndim:
        return np.maximum(x, x.dtype.type(0)) - x * y + np.log1p(np.exp(-np.abs(x)))
    rest = np.abs(x)
    np.negative(rest, out=rest)
    np.exp(rest, out=rest)
    np.log1p(rest, out=rest)
    loss = np.maximum(x, x.dtype.type(0))
    loss -= x * y
    loss += rest
    return loss


@binary(
    "SigmoidCrossEntropyWithLogits",
    _sigmoid_cross_entropy,
    (
        lambda dy, x, y: multiply(dy, subtract(sigmoid(x), y)),
        lambda dy, x: negative(multiply(dy, x)),
    ),
    accepts="f",
)
def _sigmoid_loss(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def sigmoid_cross_entropy_with_logits(
    labels: TensorLike | None = None, logits: TensorLike | None = None, name: str | None = None
) -> Tensor:
    """-labels·log sigmoid(logits) - (1 - labels)·log(1 - sigmoid(logits)), elementwise.

    Args:
        labels: probabilities, of the shape and dtype of `logits`.
        logits: floating-point numbers, of any shape.
        name: unused.

    Raises:
        ValueError: the shapes differ, or an argument is None.
        InvalidArgumentError: the dtypes differ, or are not floating.

    >>> import tapeflow as tf
    >>> tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0, 1.0], logits=[0.0, 1000.0, 1000.0]).numpy()
    array([6.931472e-01, 1.000000e+03, 0.000000e+00], dtype=float32)
    """
    x, y = _alike("sigmoid_cross_entropy_with_logits", labels, logits)
    return _sigmoid_loss(x, y)


def weighted_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, pos_weight: TensorLike, name: str | None = None
) -> Tensor:
    """The sigmoid cross-entropy with the term of positive labels weighted, elementwise.

    -labels·log sigmoid(logits)·pos_weight - (1 - labels)·log(1 - sigmoid(logits))

    Args:
        labels: probabilities, of the shape and dtype of `logits`.
        logits: floating-point numbers, of any shape.
        pos_weight: what positive labels count; it broadcasts with `logits`.
        name: unused.

    Raises:
        ValueError: the shapes of labels and logits differ.
        InvalidArgumentError: the dtypes differ, or are not floating.

    >>> import tapeflow as tf
    >>> tf.nn.weighted_cross_entropy_with_logits(labels=[1.0, 0.0], logits=[0.0, 0.0], pos_weight=2.0).numpy()
    array([1.3862944, 0.6931472], dtype=float32)
    """
    x, y = _alike("weighted_cross_entropy_with_logits", labels, logits)
    weight = convert(pos_weight, hint=x._value.dtype)
    excess = add(multiply(subtract(weight, 1), y), 1)
    return add(multiply(subtract(1, y), x), multiply(excess, softplus(negative(x))))


def _alike(function: str, labels: TensorLike, logits: TensorLike) -> tuple[Tensor, Tensor]:
    if labels is None or logits is None:
        raise ValueError(_missing(function, labels, logits))
    x, y = convert(logits), convert(labels)
    if x._value.shape != y._value.shape:
        raise ValueError(f"`logits` and `labels` must have the same shape, received ({x._value.shape} vs {y._value.shape}).")
    return x, y


def _missing(function: str, labels: TensorLike, logits: TensorLike) -> str:
    return f"Both `labels` and `logits` must be provided for {function}. Received: labels={labels} and logits={logits}"
