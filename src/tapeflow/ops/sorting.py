"""Sorting, the largest elements, and searching in what is sorted."""

from __future__ import annotations

from operator import index
from typing import Any, NamedTuple

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.dimension import holds_late
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype, check_dtypes
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, integers, invalid
from tapeflow.ops.shape_arguments import read_count, read_integer

__all__ = ["argsort", "in_top_k", "searchsorted", "sort", "top_k"]

# -- taking along an axis, and putting back: each is the other's transpose -----------------------------------


def _take_along(x, indices, *, axis):
    return np.take_along_axis(x, indices, axis)


def _put_along(x, indices, *, axis, size):
    shape = list(x.shape)
    shape[axis] = size
    out = np.zeros(shape, x.dtype)
    np.put_along_axis(out, indices, x, axis)
    return out


TAKE_ALONG = Primitive(
    "TakeAlong",
    _take_along,
    (lambda dy, indices, x_shape, axis: apply(PUT_ALONG, dy, indices, axis=axis, size=x_shape[axis]), None),
    linear=True,
)
# Along the axis no index occurs twice: it is part of a permutation.
PUT_ALONG = Primitive(
    "PutAlong", _put_along, (lambda dy, indices, axis: apply(TAKE_ALONG, dy, indices, axis=axis), None), linear=True
)

# -- sorting ----------------------------------------------------------------------------------------------


def _sort(x, *, axis, descending):
    out = np.sort(x, axis)
    return np.flip(out, axis) if descending else out


def _argsort(x, *, axis, descending):
    if not descending:
        return np.argsort(x, axis, kind="stable").astype(np.int32)
    # Equal elements keep their order also here: sorted from the back, and turned around.
    order = np.flip(np.argsort(np.flip(x, axis), axis, kind="stable"), axis)
    return (x.shape[axis] - 1 - order).astype(np.int32)


# The forward pass sorts without indices, which is much faster; the rule finds them when it is needed.
SORT = Primitive(
    "Sort",
    _sort,
    (
        lambda dy, x, x_shape, axis, descending: apply(
            PUT_ALONG, dy, apply(ARGSORT, x, axis=axis, descending=descending), axis=axis, size=x_shape[axis]
        ),
    ),
)
ARGSORT = Primitive("ArgSort", _argsort)


def _order(values: TensorLike, axis: Any, direction: str, primitive: Primitive) -> tuple[Tensor, int, bool]:
    x = convert(values)
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction={direction}")
    check_dtype(primitive, x, "iuf")
    (index,) = integers(axis, "axis", primitive.name)
    ndim = x._value.ndim
    if not -ndim <= index < ndim:
        raise invalid(primitive.name, f"slice index {index} of dimension 0 out of bounds: the values have {ndim} axes")
    return x, index % ndim, direction == "DESCENDING"


def sort(values: TensorLike, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """Sorts along an axis.

    Args:
        values: real numbers, of any shape but a scalar's.
        axis: the axis.
        direction: "ASCENDING" or "DESCENDING".
        name: unused.

    Raises:
        ValueError: `direction` is neither.
        InvalidArgumentError: the axis is out of range, or the values are not real numbers.

    >>> import tapeflow as tf
    >>> tf.sort([3.0, 1.0, 2.0], direction="DESCENDING").numpy()
    array([3., 2., 1.], dtype=float32)
    """
    x, axis, descending = _order(values, axis, direction, SORT)
    return apply(SORT, x, axis=axis, descending=descending)


def argsort(
    values: TensorLike, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Tensor:
    """The indices that sort along an axis; equal elements keep their order.

    Args:
        values: real numbers, of any shape but a scalar's.
        axis: the axis.
        direction: "ASCENDING" or "DESCENDING".
        stable: whether equal elements must keep their order; they do in either case.
        name: unused.

    Raises:
        ValueError: `direction` is neither.
        InvalidArgumentError: the axis is out of range, or the values are not real numbers.

    >>> import tapeflow as tf
    >>> tf.argsort([3.0, 1.0, 2.0]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    x, axis, descending = _order(values, axis, direction, ARGSORT)
    return apply(ARGSORT, x, axis=axis, descending=descending)


# -- the largest elements -----------------------------------------------------------------------------------


class TopKV2(NamedTuple):
    """What `tf.math.top_k` returns."""

    values: Tensor
    indices: Tensor


def _top_k(x, *, k, dtype):
    if x.dtype.kind in "fV" and np.isnan(x).any():
        x = np.where(np.isnan(x), x.dtype.type(-np.inf), x)  # NaN comes last
    n = x.shape[-1]
    if index(k) > n:
        raise ValueError(_too_few(n, k))
    if n < 64 or 4 * k > n or not k or x.dtype.kind == "V":
        return _argsort(x, axis=-1, descending=True)[..., :k].astype(dtype)
    # Few of many: without sorting the others. Of those that equal the last one chosen, the first are taken.
    last = np.partition(x, n - k, -1)[..., n - k, np.newaxis]
    above, equal = x > last, x == last
    room = k - np.add.reduce(above, -1, np.int64, None, True)
    chosen = above | (equal & (np.add.accumulate(equal, -1, np.int64) <= room))
    places = np.nonzero(chosen.reshape(-1, n))[1].reshape((*x.shape[:-1], k))
    order = _argsort(np.take_along_axis(x, places, -1), axis=-1, descending=True)
    return np.take_along_axis(places, order, -1).astype(dtype)


TOP_K_INDICES = Primitive("TopKIndices", _top_k, shape=lambda x, *, k, dtype: (*x[:-1], k))


def _too_few(n: Any, k: Any) -> str:
    return f"input must have at least k columns. Had {n}, needed {k}"


def top_k(
    input: TensorLike, k: Any = 1, sorted: bool = True, index_type: Any = dtypes.int32, name: str | None = None
) -> TopKV2:
    """The k largest elements along the last axis, and where they stand; of equal ones the first come first.

    Args:
        input: real numbers, of shape [..., n].
        k: how many; from 0 to n.
        sorted: whether the largest must come first; it does in either case.
        index_type: the dtype of the indices: int16, int32 or int64.
        name: unused.

    Returns:
        A named tuple (values, indices), both of shape [..., k].

    Raises:
        InvalidArgumentError: k is out of range, or a dtype is not allowed.

    >>> import tapeflow as tf
    >>> values, indices = tf.math.top_k([1.0, 5.0, 3.0], k=2)
    >>> values.numpy(), indices.numpy()
    (array([5., 3.], dtype=float32), array([1, 2], dtype=int32))
    """
    x = convert(input)
    operation = "TopKV2"
    check_dtype(TOP_K_INDICES, x, "iuf")
    dtype = dtypes.as_dtype(index_type)
    if dtype.name not in ("int16", "int32", "int64"):
        raise invalid(operation, f"Value for attr 'index_type' of {dtype.name} is not int16, int32 or int64")
    if not x._value.ndim:
        raise invalid(operation, "input must be >= 1-D, got shape []")
    count = convert(k)._value
    if count.ndim:
        raise invalid(operation, f"k must be scalar, got shape {brackets(count)}")
    n = x._value.shape[-1]
    number = read_count(k, "k", operation)
    if not holds_late((number, n)):  # else the kernel says so
        if number < 0:
            raise invalid(operation, f"Need k >= 0, got {number}")
        if number > n:
            raise invalid(operation, _too_few(n, number))
    indices = apply(TOP_K_INDICES, x, k=number, dtype=dtype.numpy)
    return TopKV2(apply(TAKE_ALONG, x, indices, axis=x._value.ndim - 1), indices)


def _in_top_k(targets, predictions, *, k):
    rows, classes = predictions.shape
    known = (targets >= 0) & (targets < classes)
    chosen = predictions[np.arange(rows), np.where(known, targets, 0)]
    ahead = np.add.reduce(predictions > chosen[:, np.newaxis], 1, np.int64)
    usable = np.isfinite(predictions).all(1)
    return known & usable & (ahead < index(k))


IN_TOP_K = Primitive("InTopKV2", _in_top_k)


def in_top_k(targets: TensorLike, predictions: TensorLike, k: Any, name: str | None = None) -> Tensor:
    """Whether each target is among the k largest predictions of its row; equal predictions are all counted in.

    Args:
        targets: class numbers, of shape [rows], int32 or int64.
        predictions: float32, of shape [rows, classes].
        k: how many.
        name: unused.

    Returns:
        Bools of shape [rows]; False where a prediction is not finite.

    Raises:
        InvalidArgumentError: shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.math.in_top_k([0, 1], [[0.1, 0.5, 0.4], [0.1, 0.5, 0.4]], k=1).numpy()
    array([False,  True])
    """
    operation = "InTopKV2"
    t, p = convert(targets), convert(predictions, hint=np.dtype("float32"))
    check_dtype(IN_TOP_K, t, "iu")
    check_dtype(IN_TOP_K, p, "f")
    if p._value.ndim != 2:
        raise invalid(operation, f"predictions must be 2-dimensional, and its shape is {brackets(p._value)}")
    if t._value.ndim != 1:
        raise invalid(operation, f"targets must be 1-dimensional, and its shape is {brackets(t._value)}")
    if p._value.shape[0] != t._value.shape[0]:
        raise invalid(
            operation, f"First dimension of predictions {p._value.shape[0]} must match length of targets {t._value.shape[0]}"
        )
    (number,) = (read_integer(k, "k"),) if type(k) is SymbolicTensor else integers(k, "k", operation)
    return apply(IN_TOP_K, t, p, k=number)


# -- searching ----------------------------------------------------------------------------------------------


def _searchsorted(sequence, values, *, side, dtype):
    if sequence.ndim == 1:
        return np.searchsorted(sequence, values, side).astype(dtype)
    out = np.empty(values.shape, dtype)
    for row in np.ndindex(sequence.shape[:-1]):
        out[row] = np.searchsorted(sequence[row], values[row], side)
    return out


SEARCHSORTED = Primitive("SearchSorted", _searchsorted)


def searchsorted(
    sorted_sequence: TensorLike,
    values: TensorLike,
    side: str = "left",
    out_type: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """Where values would go in sorted sequences to keep them sorted.

    Args:
        sorted_sequence: of shape [..., n], ascending.
        values: of shape [..., k], with the same leading axes and the same dtype; or of any shape for one sequence.
        side: "left" for the first place that a value may take, "right" for the last one.
        out_type: int32 or int64.
        name: unused.

    Returns:
        Places from 0 to n, of the shape of `values`.

    Raises:
        ValueError: `side` is unknown.
        InvalidArgumentError: shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.searchsorted([1, 3, 5], [0, 3, 6], side="right").numpy()
    array([0, 2, 3], dtype=int32)
    """
    if side not in ("left", "right"):
        raise ValueError(f"Argument `side` must be either 'right' or 'left'. Received: `side` = '{side}'.")
    operation = "LowerBound" if side == "left" else "UpperBound"
    sequence, wanted = convert_operands(sorted_sequence, values)
    check_dtypes(SEARCHSORTED, sequence, wanted, "iuf")
    dtype = dtypes.as_dtype(out_type)
    if dtype.name not in ("int32", "int64"):
        raise InvalidArgumentError(None, None, f"out_type of tf.searchsorted must be int32 or int64, not {dtype.name}")
    a, b = sequence._value, wanted._value
    if not a.ndim or not b.ndim:
        raise invalid(operation, f"slice index -1 of dimension 0 out of bounds: shapes {brackets(a)} and {brackets(b)}")
    if a.ndim > 1 and a.shape[:-1] != b.shape[:-1]:
        raise invalid(operation, f"Leading dim_size of both tensors must match: {brackets(a)} and {brackets(b)}")
    return apply(SEARCHSORTED, sequence, wanted, side=side, dtype=dtype.numpy)
