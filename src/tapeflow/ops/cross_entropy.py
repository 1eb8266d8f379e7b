"""Cross-entropies between labels and the softmax or sigmoid of logits, finite for logits of any size.

They are primitives for stability: the logarithm is taken of no probability, only of sums of exponentials.

A softmax cross-entropy has two outputs: the losses, and how far the softmax is in excess of the labels, which is the losses'
slope by the logits. So a gradient costs one product. The gradient of that gradient goes through the excess, whose own slope is
the softmax's; then the softmax is computed again from the logits, because excess + labels would round a small one away.
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
from tapeflow.core.large_arrays import by_rows
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid, wrong_dtype
from tapeflow.ops.arithmetic import add, multiply, negative, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.exponential import sigmoid, softplus
from tapeflow.ops.reduction import reduce_sum
from tapeflow.ops.shape_arguments import read_axis
from tapeflow.ops.shaping import reshaped, transpose
from tapeflow.ops.softmax import log_softmax, shifted, softmax, softmax_slope, total

__all__ = [
    "sigmoid_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits",
    "sparse_softmax_cross_entropy_with_logits",
    "weighted_cross_entropy_with_logits",
]

# -- what both softmax cross-entropies share ---------------------------------------------------------------


def _scaled_rows(x, y):
    return y * x[:, np.newaxis]


SCALE_ROWS: Primitive = Primitive(
    "ScaleRows",
    _scaled_rows,
    (lambda dy, y: reduce_sum(multiply(dy, y), 1), lambda dy, x: apply(SCALE_ROWS, x, dy)),
    shape=lambda x, y: y,
)


def _pull_logits(dy: tuple, logits: Tensor, out: tuple) -> Tensor:
    by_losses, by_excess = dy
    slope = None if by_losses is None else apply(SCALE_ROWS, by_losses, out[1])
    if by_excess is None:
        return slope  # type: ignore[return-value]  # one of the two there is
    of_softmax = softmax_slope(by_excess, softmax(logits), 1)
    return of_softmax if slope is None else add(slope, of_softmax)


# -- labels that are class numbers ----------------------------------------------------------------------------


def _sparse(logits, labels):
    found = by_rows("sparse_cross_entropy", logits, labels)
    if found is not None:
        losses, excess, outside = found
        if outside:
            check_range(labels, logits.shape[1])
        return losses, excess
    check_range(labels, logits.shape[1])
    y = np.ascontiguousarray(shifted(logits, 1))  # rows end to end: transposed logits give a transposed difference
    elements = y.reshape(-1)
    labelled = np.arange(0, y.size, y.shape[1])
    labelled += labels
    chosen = elements[labelled]
    np.exp(y, out=y)
    sums = total(y, 1)
    losses = np.log(sums[:, 0])
    losses -= chosen
    y /= sums
    elements[labelled] -= 1
    return losses.astype(logits.dtype, copy=False), y.astype(logits.dtype, copy=False)


SPARSE = Primitive("SparseSoftmaxCrossEntropyWithLogits", _sparse, (_pull_logits, None), fills=False)


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
    flat = classes.ndim == 2
    if not flat:
        x, y = reshaped(x, (values.size, classes.shape[-1])), reshaped(y, (values.size,))
    losses, _ = apply(SPARSE, x, y)
    return losses if flat else reshaped(losses, values.shape)


def check_range(labels: Any, classes: int) -> None:
    """Refuses labels that are no class.

    Raises:
        InvalidArgumentError: one is below 0 or not below `classes`.
    """
    if not classes:
        raise invalid(SPARSE.name, f"Must have at least one class, but got logits shape [{labels.size},0]")
    if not labels.size:
        return
    # Read as unsigned, a negative label is larger than any class: one pass for both ends.
    unsigned = labels.view(np.uint32 if labels.dtype.itemsize == 4 else np.uint64)
    if unsigned.max() >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)].flat[0] if labels.ndim else labels
        raise invalid(
            SPARSE.name,
            f"Received a label value of {wrong} which is outside the valid range of [0, {classes}).  "
            f"Label values: {' '.join(map(str, labels.reshape(-1)[:20]))}{' ...' if labels.size > 20 else ''}",
        )


# -- labels that are probabilities ------------------------------------------------------------------------------


def _dense(logits, labels):
    found = by_rows("cross_entropy", logits, labels)
    if found is not None:
        return found
    y = shifted(logits, 1)
    exponentials = np.exp(y)
    sums = total(exponentials, 1)
    np.subtract(np.log(sums), y, out=y)
    y *= labels
    exponentials /= sums
    exponentials -= labels
    return total(y, 1)[:, 0].astype(logits.dtype, copy=False), exponentials.astype(logits.dtype, copy=False)


def _pull_labels(dy: tuple, logits: Tensor) -> Tensor:
    by_losses, by_excess = dy
    if by_losses is None:
        return negative(by_excess)
    slope = negative(apply(SCALE_ROWS, by_losses, log_softmax(logits)))
    return slope if by_excess is None else subtract(slope, by_excess)


# TensorFlow's convention: the slope by the logits counts on labels that sum to 1.
DENSE = Primitive("SoftmaxCrossEntropyWithLogits", _dense, (_pull_logits, _pull_labels), fills=False)


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
    loss, _ = apply(DENSE, x, y)
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
