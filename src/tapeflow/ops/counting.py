"""Counting integers, values between limits, pairs of labels; and which values there are at all."""

from __future__ import annotations

from operator import index
from typing import Any, NamedTuple

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dimension import holds_late, smaller
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, integers, invalid
from tapeflow.ops.casting import cast
from tapeflow.ops.shape_arguments import read_count, read_integer, read_size
from tapeflow.ops.shaping import reshaped

__all__ = [
    "bincount",
    "confusion_matrix",
    "histogram_fixed_width",
    "histogram_fixed_width_bins",
    "unique",
    "unique_with_counts",
]

INT32, INT64 = np.dtype("int32"), np.dtype("int64")

# -- integers -----------------------------------------------------------------------------------------------


def _bincount(arr, *weights, size, binary, dtype):
    rows = arr.reshape(int(np.prod(arr.shape[:-1])), arr.shape[-1])
    counts = np.zeros((len(rows), size), dtype)
    if rows.size and rows.min() < 0:
        raise ValueError("Input arr must be non-negative!")
    inside = rows < size
    places = np.nonzero(inside)[0], rows[inside]
    if binary:
        counts[places] = 1
    else:
        np.add.at(counts, places, weights[0].reshape(rows.shape)[inside] if weights else dtype.type(1))
    return counts.reshape((*arr.shape[:-1], size))


def _classes(*numbers):
    return np.int64(max([int(x.max()) + 1 for x in numbers if x.size] + [0]))


BINCOUNT = Primitive("DenseBincount", _bincount)
CLASSES = Primitive("NumberOfClasses", _classes)
"""One more than the greatest of integers."""


def bincount(
    arr: TensorLike,
    weights: TensorLike = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Tensor:
    """How often each integer from 0 on occurs.

    Args:
        arr: integers that are not negative, of any shape; floating ones are truncated.
        weights: what each one counts, of the same shape; the result has their dtype.
        minlength: the least length of the result.
        maxlength: its greatest length; integers from there on are not counted.
        dtype: the dtype of the result, without weights.
        name: unused.
        axis: None or 0 counts over the whole of `arr`, -1 over its last axis.
        binary_output: whether to say only if an integer occurs, 1 or 0.

    Raises:
        ValueError: `axis` is another one, or there are weights and `binary_output`.
        InvalidArgumentError: an integer is negative, or the weights have another shape.

    >>> import tapeflow as tf
    >>> tf.math.bincount([1, 1, 3]).numpy()
    array([0, 2, 0, 1], dtype=int32)
    """
    operation = "DenseBincount"
    if binary_output and weights is not None:
        raise ValueError("Arguments `binary_output` and `weights` are mutually exclusive. Please specify only one.")
    if axis not in (None, 0, -1):
        raise ValueError(f"Unsupported value for argument axis={axis}. Only 0 and -1 are currently supported.")
    given = convert(arr)
    values = given._value
    if values.dtype.kind not in "iuf":
        raise invalid(operation, f"arr must hold integers, and is {dtypes.from_numpy(values.dtype).name}")
    numbers = cast(given if values.ndim else reshaped(given, (1,)), dtypes.int64)
    w = None if weights is None else convert(weights)
    if w is not None and w._value.shape != values.shape:
        raise invalid(
            operation,
            "`weights` must be the same shape as `arr` or a length-0 `Tensor`, in which case it acts as all weights equal to 1. "
            f"Received {brackets(w._value)} for {brackets(values)}",
        )
    size = read_size(apply(CLASSES, numbers), "arr")
    if minlength is not None:
        size = -smaller(-size, -_shortest(minlength))  # the larger one, without asking which it is
    if maxlength is not None:
        longest = read_count(maxlength, "maxlength", "DenseBincount")
        if not holds_late(longest) and longest < 0:
            raise invalid("DenseBincount", f"size ({longest}) must be non-negative")
        size = smaller(size, longest)
    if axis != -1:
        numbers = reshaped(numbers, (numbers._value.size,))
    counted = [numbers] if w is None else [numbers, w]
    result = dtypes.as_dtype(dtype).numpy if w is None else w._value.dtype
    return apply(BINCOUNT, *counted, size=size, binary=bool(binary_output), dtype=result)


def _shortest(minlength: Any) -> Any:
    if type(minlength) is SymbolicTensor:
        return read_integer(minlength, "minlength")
    (number,) = integers(minlength, "minlength", "DenseBincount")
    return number


# -- values between limits ----------------------------------------------------------------------------------


def _bins(values, limits, *, nbins, dtype):
    if index(nbins) < 1:
        raise ValueError(_no_bins(nbins))
    low, high = limits.astype(np.float64)
    if not low < high:
        raise ValueError(f"value_range should satisfy value_range[0] < value_range[1], but got '[{limits[0]}, {limits[1]}]'")
    if values.dtype.kind in "fV" and np.isnan(values).any():
        raise ValueError("Histogram values must not contain NaN")
    scaled = np.floor((values.astype(np.float64) - low) / (high - low) * nbins)
    return np.clip(scaled, 0, nbins - 1).astype(dtype)


def _no_bins(number: Any) -> str:
    return f"nbins should be a positive number, but got '{number}'"


def _histogram(values, limits, *, nbins, dtype):
    return np.bincount(_bins(values, limits, nbins=nbins, dtype=INT64).ravel(), minlength=nbins).astype(dtype)


BINS = Primitive("HistogramFixedWidthBins", _bins)
HISTOGRAM = Primitive("HistogramFixedWidth", _histogram, shape=lambda values, limits, *, nbins, dtype: (nbins,))


def _counted(primitive: Primitive, values: TensorLike, value_range: TensorLike, nbins: Any, dtype: Any) -> Tensor:
    operation = primitive.name
    x = convert(values)
    limits = convert(value_range, hint=x._value.dtype)
    check_dtypes(primitive, x, limits, "if")
    result = dtypes.as_dtype(dtype)
    if result.name not in ("int32", "int64"):
        raise invalid(
            operation, f"Value for attr 'dtype' of {result.name} is not in the list of allowed values: int32, int64"
        )
    if limits._value.shape != (2,):
        raise invalid(
            operation, f"value_range should be a vector of 2 elements, and its shape is {brackets(limits._value)}."
        )
    number = read_count(nbins, "nbins", operation)
    if not holds_late(number) and number <= 0:
        raise invalid(operation, _no_bins(number))
    return apply(primitive, x, limits, nbins=number, dtype=result.numpy)


def histogram_fixed_width(
    values: TensorLike,
    value_range: TensorLike,
    nbins: Any = 100,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How many values fall into each of `nbins` bins of equal width.

    Args:
        values: real numbers, of any shape.
        value_range: the lower and the upper limit, of the same dtype; values beyond them count in the first or last bin.
        nbins: how many bins.
        dtype: int32 or int64.
        name: unused.

    Raises:
        InvalidArgumentError: the limits are not ascending, `nbins` is not positive, or a value is NaN.

    >>> import tapeflow as tf
    >>> tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([2, 1, 1, 0, 2], dtype=int32)
    """
    return _counted(HISTOGRAM, values, value_range, nbins, dtype)


def histogram_fixed_width_bins(
    values: TensorLike,
    value_range: TensorLike,
    nbins: Any = 100,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """The bin, of `nbins` bins of equal width, that each value falls into.

    Args:
        values: real numbers, of any shape.
        value_range: the lower and the upper limit, of the same dtype; values beyond them are in the first or last bin.
        nbins: how many bins.
        dtype: int32 or int64.
        name: unused.

    Raises:
        InvalidArgumentError: the limits are not ascending, `nbins` is not positive, or a value is NaN.

    >>> import tapeflow as tf
    >>> tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([0, 0, 1, 2, 4, 4], dtype=int32)
    """
    return _counted(BINS, values, value_range, nbins, dtype)


# -- pairs of labels ----------------------------------------------------------------------------------------


def _confusion(labels, predictions, weights, *, classes, dtype):
    out = np.zeros((classes, classes), dtype)
    labels, predictions = np.asarray(labels).astype(INT64), np.asarray(predictions).astype(INT64)
    for what, value in (("labels", labels), ("predictions", predictions)):
        if value.size and value.min() < 0:
            raise ValueError(f"`{what}` contains negative values: {value[value < 0].flat[0]}")
        if value.size and value.max() >= classes:
            raise ValueError(f"`{what}` out of bound: {value.max()} is not below the number of classes, {classes}")
    np.add.at(out, (labels, predictions), weights)
    return out


CONFUSION = Primitive(
    "ConfusionMatrix", _confusion, shape=lambda labels, predictions, weights, *, classes, dtype: (classes, classes)
)


def confusion_matrix(
    labels: TensorLike,
    predictions: TensorLike,
    num_classes: Any = None,
    weights: TensorLike = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How often each label (row) met each prediction (column).

    Args:
        labels, predictions: class numbers from 0, one for each example; one of the two may have a last axis of size 1.
        num_classes: how many classes; by default the largest number and one.
        weights: what each example counts.
        dtype: the dtype of the result.
        name: unused.

    Returns:
        A matrix of shape [num_classes, num_classes].

    Raises:
        InvalidArgumentError: a class number is negative or too large, or there are not as many labels as predictions.
        ValueError: there are not as many weights as predictions.

    >>> import tapeflow as tf
    >>> tf.math.confusion_matrix([0, 1, 1], [0, 0, 1]).numpy()
    array([[1, 0],
           [1, 1]], dtype=int32)
    """
    operation = "ConfusionMatrix"
    given = [convert(labels), convert(predictions)]
    ranks = [x._value.ndim for x in given]
    for i, x in enumerate(given):
        if ranks[i] == ranks[1 - i] + 1 and x._value.shape[-1] == 1:
            given[i] = reshaped(x, x._value.shape[:-1])
    a, b = given
    if a._value.shape != b._value.shape:
        raise invalid(
            operation, f"Shapes of all inputs must match: labels {brackets(a._value)} != predictions {brackets(b._value)}"
        )
    if num_classes is not None:
        classes = read_count(num_classes, "num_classes", operation)
    else:
        classes = read_size(apply(CLASSES, a, b), "num_classes")
    result = dtypes.as_dtype(dtype)
    w = filled(1, b._value.shape, result.numpy) if weights is None else cast(weights, result)
    if w._value.shape != b._value.shape:
        raise ValueError(
            f"Shapes {b._value.shape} and {w._value.shape} are incompatible: there must be a weight for each prediction"
        )
    return apply(CONFUSION, a, b, w, classes=classes, dtype=result.numpy)


# -- which values there are -----------------------------------------------------------------------------------


class Unique(NamedTuple):
    """What `tf.unique` returns."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """What `tf.unique_with_counts` returns."""

    y: Tensor
    idx: Tensor
    count: Tensor  # type: ignore[assignment]  # tuple has a method of this name; TensorFlow has the field


def _unique(x, *, dtype):
    # NaNs are each a value of their own; everything comes in the order in which it is first met.
    values, first, inverse, counts = (
        np.unique(x, True, True, True, equal_nan=False) if x.size else (x, *[np.zeros(0, INT64)] * 3)
    )
    order = np.argsort(first, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return values[order], place[inverse.reshape(-1)].astype(dtype), counts[order].astype(dtype)


UNIQUE = Primitive("Unique", _unique, opens=lambda x, *, dtype: [(Told((0,), "distinct"),), x, (Told((0,), "distinct"),)])


def unique(x: TensorLike, out_idx: Any = dtypes.int32, name: str | None = None) -> Unique:
    """The different values of a vector, in the order in which they come.

    Args:
        x: a vector of any dtype.
        out_idx: int32 or int64.
        name: unused.

    Returns:
        A named tuple (y, idx): the values; and for each element of x its place among them, x = y[idx].

    Raises:
        InvalidArgumentError: `x` is no vector.

    >>> import tapeflow as tf
    >>> y, idx = tf.unique([3, 1, 3, 2])
    >>> y.numpy(), idx.numpy()
    (array([3, 1, 2], dtype=int32), array([0, 1, 0, 2], dtype=int32))
    """
    y, idx, _ = _distinct(x, out_idx, "Unique")
    return Unique(y, idx)


def unique_with_counts(x: TensorLike, out_idx: Any = dtypes.int32, name: str | None = None) -> UniqueWithCounts:
    """The different values of a vector, in the order in which they come, and how often each one occurs.

    Args:
        x: a vector of any dtype.
        out_idx: int32 or int64.
        name: unused.

    Returns:
        A named tuple (y, idx, count): the values; for each element of x its place among them, x = y[idx]; and the counts.

    Raises:
        InvalidArgumentError: `x` is no vector.

    >>> import tapeflow as tf
    >>> tf.unique_with_counts([3, 1, 3, 2]).count.numpy()
    array([2, 1, 1], dtype=int32)
    """
    return UniqueWithCounts(*_distinct(x, out_idx, "UniqueWithCounts"))


def _distinct(x: TensorLike, out_idx: Any, operation: str) -> tuple[Tensor, Tensor, Tensor]:
    vector = convert(x)
    if vector._value.ndim != 1:
        raise invalid(operation, f"unique expects a 1D vector, and the shape is {brackets(vector._value)}.")
    index = dtypes.as_dtype(out_idx)
    if index.name not in ("int32", "int64"):
        raise invalid(
            operation, f"Value for attr 'out_idx' of {index.name} is not in the list of allowed values: int32, int64"
        )
    return apply(UNIQUE, vector, dtype=index.numpy)
