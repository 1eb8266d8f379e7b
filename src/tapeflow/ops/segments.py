"""Reductions over segments: rows that carry the same number are reduced together."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype, conj
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import Abstract, SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, integers, invalid, wrong_dtype
from tapeflow.ops.arithmetic import add, multiply
from tapeflow.ops.division import realdiv, truediv, truncatediv
from tapeflow.ops.powers import sqrt
from tapeflow.ops.shape_arguments import read_size

__all__ = [
    "segment_max",
    "segment_mean",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "unsorted_segment_max",
    "unsorted_segment_mean",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sqrt_n",
    "unsorted_segment_sum",
]

FLOAT32 = np.dtype("float32")

# -- kernels ------------------------------------------------------------------------------------------------


def _reduced(ufunc: np.ufunc, data: np.ndarray, ids: np.ndarray, n: int, empty: Any) -> np.ndarray:
    """Reduces the rows of each segment: sorted by segment, they are runs. Rows of negative segments are left out."""
    ids = np.asarray(ids)
    dtype, inner = data.dtype, data.shape[ids.ndim :]
    _check_ids(ids, n)
    ids, data = np.ravel(ids), data.reshape(ids.size, *inner)
    if ids.size and ids.min() < 0:
        data, ids = data[ids >= 0], ids[ids >= 0]
    if (np.diff(ids) < 0).any():
        order = np.argsort(ids, kind="stable")
        data, ids = data[order], ids[order]
    out = np.full((n, *inner), empty, dtype)
    if data.size:
        starts = np.flatnonzero(np.diff(ids, prepend=-1))
        wide = FLOAT32 if dtype.itemsize == 2 and dtype.kind in "fV" else dtype
        out[ids[starts]] = ufunc.reduceat(data.astype(wide, copy=False), starts, 0)
    return out


def _check_ids(ids: np.ndarray, n: int) -> None:
    if ids.size and ids.max() >= n:
        place = np.unravel_index(np.argmax(ids >= n), ids.shape)
        raise ValueError(f"segment_ids[{','.join(str(int(i)) for i in place)}] = {ids[place]} is out of range [0, {n})")


def _sum(data, segment_ids, *, n):
    return _reduced(np.add, np.asarray(data), segment_ids, n, 0)


def _prod(data, segment_ids, *, n):
    return _reduced(np.multiply, np.asarray(data), segment_ids, n, 1)


def _max(data, segment_ids, *, n, empty):
    return _reduced(np.maximum, np.asarray(data), segment_ids, n, empty)


def _min(data, segment_ids, *, n, empty):
    return _reduced(np.minimum, np.asarray(data), segment_ids, n, empty)


def _take(x, segment_ids):
    rows = x[np.maximum(segment_ids, 0)] if len(x) else np.zeros((*segment_ids.shape, *x.shape[1:]), x.dtype)
    left_out = segment_ids < 0
    if left_out.any():
        rows[left_out] = 0
    return rows


def _shares(data, extremes, segment_ids):
    chosen = (data == _take(extremes, segment_ids)) & _like(segment_ids >= 0, data)
    count = _take(_sum(chosen.astype(data.dtype), segment_ids, n=len(extremes)), segment_ids)
    return np.where(chosen, 1 / np.maximum(count, 1), 0).astype(data.dtype)


def _sole_zeros(data, segment_ids, *, n):
    zeros = (data == 0).astype(np.int64)
    return (zeros & (_take(_sum(zeros, segment_ids, n=n), segment_ids) == 1)).astype(data.dtype)


def _like(mask: np.ndarray, data: np.ndarray) -> np.ndarray:
    return mask.reshape((*mask.shape, *[1] * (data.ndim - mask.ndim)))


def _segments(segment_ids, *, operation):
    if not segment_ids.size:
        return np.int64(0)
    if (np.diff(segment_ids) < 0).any():
        raise invalid(operation, "segment ids are not increasing; the unsorted_segment functions take them in any order")
    first, last = segment_ids[0], segment_ids[-1]
    if first < 0:
        raise invalid(
            operation,
            f"Segment id {first} out of range [0, {last + 1}), possibly because 'segment_ids' input is not sorted.",
        )
    return np.int64(last + 1)


def _count(segment_ids, *, n, rank, dtype):
    _check_ids(segment_ids, n)
    counts = np.bincount(np.ravel(segment_ids)[np.ravel(segment_ids) >= 0], minlength=n)
    return np.maximum(counts, 1).astype(dtype).reshape((n, *[1] * rank))


# -- primitives ---------------------------------------------------------------------------------------------


def _taken(x: Tensor, segment_ids: Tensor) -> Tensor:
    return apply(TAKE, x, segment_ids)


def _pull_prod(dy: Tensor, data: Tensor, segment_ids: Tensor, out: Tensor, n: int) -> Tensor:
    # The product of the others is the product over the element itself, or, for the only zero, the product with 1 in its place.
    zero = apply(ZEROS, data)
    sole = apply(SOLE_ZEROS, data, segment_ids, n=n)
    filled = add(multiply(data, 1 - zero), zero)
    over = multiply(1 - zero, realdiv(_taken(out, segment_ids), filled))
    without = multiply(sole, _taken(apply(PROD, filled, segment_ids, n=n), segment_ids))
    return multiply(_taken(dy, segment_ids), conj(add(over, without)))


def _pull_extreme(dy: Tensor, data: Tensor, segment_ids: Tensor, out: Tensor) -> Tensor:
    return multiply(_taken(dy, segment_ids), apply(SHARES, data, out, segment_ids))


def _segments_shape(data: tuple[int, ...], ids: tuple[int, ...], *, n: int, **_: Any) -> tuple[int, ...]:
    return (n, *data[len(ids) :])


SUM = Primitive(
    "UnsortedSegmentSum",
    _sum,
    (lambda dy, segment_ids: _taken(dy, segment_ids), None),
    linear=True,
    shape=_segments_shape,
)
TAKE = Primitive(
    "TakeSegments",
    _take,
    (lambda dy, x_shape, segment_ids: apply(SUM, dy, segment_ids, n=x_shape[0]), None),
    linear=True,
    shape=lambda x, ids: (*ids, *x[1:]),
)
PROD = Primitive("UnsortedSegmentProd", _prod, (_pull_prod, None), shape=_segments_shape)
MAX = Primitive("UnsortedSegmentMax", _max, (_pull_extreme, None), shape=_segments_shape)
MIN = Primitive("UnsortedSegmentMin", _min, (_pull_extreme, None), shape=_segments_shape)

# Constants to every tape: equal parts for the elements that attain an extreme; where zeros, and lone zeros, stand; and the
# sizes of segments.
SHARES = Primitive("SegmentShares", _shares, shape=lambda data, extremes, ids: data)
ZEROS = Primitive("ZerosOf", lambda data: (data == 0).astype(data.dtype))
SOLE_ZEROS = Primitive("SegmentSoleZeros", _sole_zeros, shape=lambda data, ids, *, n: data)
SEGMENTS = Primitive("NumberOfSegments", _segments)
COUNT = Primitive("SegmentCount", _count, shape=lambda ids, *, n, rank, dtype: (n, *[1] * rank))

# -- arguments ----------------------------------------------------------------------------------------------


def _sorted_arguments(data: TensorLike, segment_ids: TensorLike, operation: str, accepts: str) -> tuple[Tensor, Tensor, int]:
    x, ids = _converted(data, segment_ids, operation, accepts)
    values = ids._value
    if not x._value.ndim:
        raise invalid(operation, "input must be at least rank 1")
    if values.ndim != 1:
        raise invalid(operation, f"segment_ids should be a vector, and its shape is {brackets(values)}.")
    if values.shape[0] != x._value.shape[0]:
        raise invalid(
            operation,
            f"segment_ids should be the same size as dimension 0 of input: {brackets(values)} and {brackets(x._value)}.",
        )
    return x, ids, read_size(apply(SEGMENTS, ids, operation=operation), "segment_ids")


def _unsorted_arguments(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, operation: str, accepts: str
) -> tuple[Tensor, Tensor, int]:
    x, ids = _converted(data, segment_ids, operation, accepts)
    values = ids._value
    count = convert(num_segments)._value
    if count.ndim:
        raise invalid(operation, f"num_segments should be a scalar, not shape {brackets(count)}")
    if type(count) is Abstract:
        n = read_size(num_segments, "num_segments")
    else:
        (n,) = integers(count, "num_segments", operation)
    if n < 0:
        raise invalid(operation, f"Input num_segments == {n} must not be negative.")
    if x._value.shape[: values.ndim] != values.shape:
        raise invalid(
            operation, f"data.shape = {brackets(x._value)} does not start with segment_ids.shape = {brackets(values)}"
        )
    return x, ids, n


def _converted(data: TensorLike, segment_ids: TensorLike, operation: str, accepts: str) -> tuple[Tensor, Tensor]:
    x, ids = convert(data), convert(segment_ids)
    check_dtype(SUM, x, accepts)
    if ids._value.dtype.kind not in "iu":
        raise wrong_dtype(
            operation, f"Value for attr 'Tindices' of {ids.dtype.name} is not in the list of allowed values: int32, int64"
        )
    return x, ids if ids._value.ndim or type(ids) is SymbolicTensor else Tensor(np.asarray(ids._value))


def _limit(dtype: np.dtype, sign: int) -> Any:
    described = dtypes.from_numpy(dtype)
    return described.max if sign > 0 else described.min


def _sizes(ids: Tensor, n: int, x: Tensor, dtype: Any = None) -> Tensor:
    rank = x._value.ndim - ids._value.ndim
    return apply(COUNT, ids, n=n, rank=rank, dtype=dtype or x._value.dtype)


# -- sorted segments ----------------------------------------------------------------------------------------


def segment_sum(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The sums of the rows of each segment; 0 for a segment without rows.

    Args:
        data: numbers, of shape [rows, ...].
        segment_ids: the segment of each row, ascending, from 0.
        name: unused.

    Returns:
        A tensor of shape [segments, ...].

    Raises:
        InvalidArgumentError: the segments are not ascending, or shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.math.segment_sum([1, 2, 3, 4], [0, 0, 1, 1]).numpy()
    array([3, 7], dtype=int32)
    """
    x, ids, n = _sorted_arguments(data, segment_ids, "SegmentSum", "iufc")
    return apply(SUM, x, ids, n=n)


def segment_mean(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The means of the rows of each segment; 0 for a segment without rows.

    Args:
        data: numbers, of shape [rows, ...]; a mean of integers is rounded towards zero.
        segment_ids: the segment of each row, ascending, from 0.
        name: unused.

    Raises:
        InvalidArgumentError: the segments are not ascending, or shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.math.segment_mean([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1]).numpy()
    array([1.5, 3.5], dtype=float32)
    """
    x, ids, n = _sorted_arguments(data, segment_ids, "SegmentMean", "iufc")
    total, sizes = apply(SUM, x, ids, n=n), _sizes(ids, n, x)
    if x._value.dtype.kind in "iu":
        return truncatediv(total, sizes)
    return realdiv(total, sizes)


def segment_prod(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The products of the rows of each segment; 1 for a segment without rows.

    Args:
        data: numbers, of shape [rows, ...].
        segment_ids: the segment of each row, ascending, from 0.
        name: unused.

    Raises:
        InvalidArgumentError: the segments are not ascending, or shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.math.segment_prod([1, 2, 3, 4], [0, 0, 1, 1]).numpy()
    array([ 2, 12], dtype=int32)
    """
    x, ids, n = _sorted_arguments(data, segment_ids, "SegmentProd", "iufc")
    return apply(PROD, x, ids, n=n)


def segment_max(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The largest elements of each segment; 0 for a segment without rows.

    Args:
        data: real numbers, of shape [rows, ...].
        segment_ids: the segment of each row, ascending, from 0.
        name: unused.

    Raises:
        InvalidArgumentError: the segments are not ascending, or shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.math.segment_max([1, 2, 4, 3], [0, 0, 1, 1]).numpy()
    array([2, 4], dtype=int32)
    """
    x, ids, n = _sorted_arguments(data, segment_ids, "SegmentMax", "iuf")
    return apply(MAX, x, ids, n=n, empty=0)


def segment_min(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The smallest elements of each segment; 0 for a segment without rows.

    Args:
        data: real numbers, of shape [rows, ...].
        segment_ids: the segment of each row, ascending, from 0.
        name: unused.

    Raises:
        InvalidArgumentError: the segments are not ascending, or shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.math.segment_min([1, 2, 4, 3], [0, 0, 1, 1]).numpy()
    array([1, 3], dtype=int32)
    """
    x, ids, n = _sorted_arguments(data, segment_ids, "SegmentMin", "iuf")
    return apply(MIN, x, ids, n=n, empty=0)


# -- segments in any order ------------------------------------------------------------------------------------


def unsorted_segment_sum(data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None) -> Tensor:
    """The sums of the elements of each segment; 0 for a segment without any.

    Args:
        data: numbers, of shape [*segment_ids.shape, ...].
        segment_ids: the segments, from 0 to num_segments - 1, in any order; elements of negative ones are left out.
        num_segments: how many segments there are.
        name: unused.

    Returns:
        A tensor of shape [num_segments, ...].

    Raises:
        InvalidArgumentError: a segment is out of range, or shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.math.unsorted_segment_sum([1, 2, 3, 4], [1, 0, 1, -1], 3).numpy()
    array([2, 4, 0], dtype=int32)
    """
    x, ids, n = _unsorted_arguments(data, segment_ids, num_segments, "UnsortedSegmentSum", "iufc")
    return apply(SUM, x, ids, n=n)


def unsorted_segment_mean(data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None) -> Tensor:
    """The means of the elements of each segment; 0 for a segment without any. Means of integers are floating.

    Args, raises: as for `tf.math.unsorted_segment_sum`.

    >>> import tapeflow as tf
    >>> tf.math.unsorted_segment_mean([1.0, 2.0, 4.0], [1, 0, 1], 3).numpy()
    array([2. , 2.5, 0. ], dtype=float32)
    """
    x, ids, n = _unsorted_arguments(data, segment_ids, num_segments, "UnsortedSegmentMean", "iufc")
    return truediv(apply(SUM, x, ids, n=n), _sizes(ids, n, x))


def unsorted_segment_sqrt_n(data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None) -> Tensor:
    """The sums of the elements of each segment, divided by the roots of their numbers; 0 for a segment without any.

    Args, raises: as for `tf.math.unsorted_segment_sum`; the data are floating or complex.

    >>> import tapeflow as tf
    >>> tf.math.unsorted_segment_sqrt_n([1.0, 2.0, 4.0, 1.0, 2.0], [0, 1, 1, 1, 1], 2).numpy()
    array([1. , 4.5], dtype=float32)
    """
    x, ids, n = _unsorted_arguments(data, segment_ids, num_segments, "UnsortedSegmentSqrtN", "fc")
    return realdiv(apply(SUM, x, ids, n=n), sqrt(_sizes(ids, n, x)))


def unsorted_segment_prod(data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None) -> Tensor:
    """The products of the elements of each segment; 1 for a segment without any.

    Args, raises: as for `tf.math.unsorted_segment_sum`.

    >>> import tapeflow as tf
    >>> tf.math.unsorted_segment_prod([1, 2, 3], [1, 0, 1], 3).numpy()
    array([2, 3, 1], dtype=int32)
    """
    x, ids, n = _unsorted_arguments(data, segment_ids, num_segments, "UnsortedSegmentProd", "iufc")
    return apply(PROD, x, ids, n=n)


def unsorted_segment_max(data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None) -> Tensor:
    """The largest elements of each segment; the lowest number of the dtype for a segment without any.

    Args, raises: as for `tf.math.unsorted_segment_sum`; the data are real.

    >>> import tapeflow as tf
    >>> tf.math.unsorted_segment_max([1, 2, 3], [1, 0, 1], 2).numpy()
    array([2, 3], dtype=int32)
    """
    x, ids, n = _unsorted_arguments(data, segment_ids, num_segments, "UnsortedSegmentMax", "iuf")
    return apply(MAX, x, ids, n=n, empty=_limit(x._value.dtype, -1))


def unsorted_segment_min(data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None) -> Tensor:
    """The smallest elements of each segment; the highest number of the dtype for a segment without any.

    Args, raises: as for `tf.math.unsorted_segment_sum`; the data are real.

    >>> import tapeflow as tf
    >>> tf.math.unsorted_segment_min([1, 2, 3], [1, 0, 1], 2).numpy()
    array([2, 1], dtype=int32)
    """
    x, ids, n = _unsorted_arguments(data, segment_ids, num_segments, "UnsortedSegmentMin", "iuf")
    return apply(MIN, x, ids, n=n, empty=_limit(x._value.dtype, 1))
