"""Pooling: the largest element or the mean of what each window sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.extremes import lowest
from tapeflow.ops.windows import (
    Windows,
    channels_first,
    inner_rank,
    place_windows,
    read_sizes,
    spread_windows,
    to_channels_first,
    to_channels_last,
    windows_of,
)

__all__ = [
    "avg_pool",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "max_pool",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_pool_with_argmax",
    "pool",
]

# -- the largest -------------------------------------------------------------------------------------------------

# Where the largest elements are is a constant to every tape; taking them from there is linear. So every order follows.


def _positions(x, *, windows):
    """For each window the place of its largest element, the first one at ties, among the elements of its example."""
    rank = len(windows.sizes)
    seen = windows_of(x, windows, lowest(x.dtype))
    flat = np.moveaxis(seen, -1, rank + 1).reshape(len(x), *windows.counts, x.shape[-1], -1)
    within = np.unravel_index(np.argmax(flat, -1), windows.kernel)
    place = np.zeros(flat.shape[:-1], np.int64)
    for axis, offset in enumerate(within):
        count = windows.counts[axis]
        start = np.arange(count) * windows.strides[axis] - windows.padding[axis][0]
        place *= windows.sizes[axis]
        place += start.reshape(-1, *(1,) * (rank - axis)) + offset * windows.dilations[axis]
    return place * x.shape[-1] + np.arange(x.shape[-1])


def _take(x, positions):
    flat = np.take_along_axis(x.reshape(len(x), -1), positions.reshape(len(x), -1), 1)
    return flat.reshape(positions.shape)


def _put(values, positions, *, shape):
    out = np.zeros((shape[0], int(np.prod(shape[1:]))), values.dtype)
    rows = np.arange(shape[0])[:, np.newaxis]
    np.add.at(out, (rows, positions.reshape(shape[0], -1)), values.reshape(shape[0], -1))
    return out.reshape(shape)


POSITIONS = Primitive("MaxPoolPositions", _positions)

TAKE: Primitive = Primitive(
    "MaxPool", _take, (lambda dy, positions, x_shape: apply(PUT, dy, positions, shape=x_shape), None), linear=True
)

PUT: Primitive = Primitive("MaxPoolGrad", _put, (lambda dy, positions: apply(TAKE, dy, positions), None), linear=True)

# -- the mean ---------------------------------------------------------------------------------------------------------


def _counted(windows: Windows, dtype: np.dtype) -> np.ndarray:
    """How many elements each window sees, edges left out."""
    rank = len(windows.sizes)
    ones = windows_of(np.ones((1, *windows.sizes, 1), dtype), windows)
    return ones.sum(tuple(range(rank + 1, 2 * rank + 1)))


def _average(x, *, windows):
    rank = len(windows.sizes)
    wide = x.astype(np.float32) if x.dtype.itemsize == 2 else x
    total = np.add.reduce(windows_of(wide, windows), tuple(range(rank + 1, 2 * rank + 1)))
    return (total / _counted(windows, wide.dtype)).astype(x.dtype, copy=False)


def _spread_average(dy, *, windows):
    share = dy / _counted(windows, dy.dtype)
    rank = len(windows.sizes)
    seen = np.broadcast_to(
        np.expand_dims(share, tuple(range(rank + 1, 2 * rank + 1))),
        (len(dy), *windows.counts, *windows.kernel, dy.shape[-1]),
    )
    return spread_windows(seen, windows)


AVERAGE = Primitive("AvgPool", _average, (lambda dy, windows: apply(SPREAD_AVERAGE, dy, windows=windows),), linear=True)

SPREAD_AVERAGE: Primitive = Primitive(
    "AvgPoolGrad", _spread_average, (lambda dy, windows: apply(AVERAGE, dy, windows=windows),), linear=True
)

# -- public ---------------------------------------------------------------------------------------------------------------


def _pooled(
    kind: str,
    input: TensorLike,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None,
    rank: int | None = None,
    dilations: Any = 1,
) -> Tensor:
    operation = "MaxPool" if kind == "MAX" else "AvgPool"
    x = convert(input)
    check_dtype(TAKE if kind == "MAX" else AVERAGE, x, "iuf" if kind == "MAX" else "f")
    rank = inner_rank(x, None, operation, rank)
    if x._value.ndim != rank + 2:
        raise invalid(operation, f"tensor_in must be {rank + 2}-dimensional, got {brackets(x._value)}")
    first = channels_first(data_format, rank, operation)
    x = to_channels_last(x) if first else x
    windows = _windows(x, ksize, strides, dilations, padding, first, operation)
    y = apply(TAKE, x, apply(POSITIONS, x, windows=windows)) if kind == "MAX" else apply(AVERAGE, x, windows=windows)
    return to_channels_first(y) if first else y


def _windows(x: Tensor, ksize: Any, strides: Any, dilations: Any, padding: Any, first: bool, operation: str) -> Windows:
    rank = x._value.ndim - 2
    axis = 1 if first else rank + 1
    windows = place_windows(
        x._value.shape[1:-1],
        read_sizes(ksize, rank, axis, "ksize", operation),
        read_sizes(strides, rank, axis, "strides", operation),
        read_sizes(dilations, rank, axis, "dilations", operation),
        padding,
        first,
        operation,
    )
    known = [count for count in windows.counts if type(count) is int]
    if 0 in known and min(windows.sizes) > 0:
        raise invalid(
            operation, f"a window of {list(windows.kernel)} does not fit into {list(windows.sizes)} with padding {padding!r}"
        )
    if (max(windows.dilations) > 1 or not isinstance(padding, str)) and not np.all(_counted(windows, np.dtype(np.int64))):
        raise invalid(operation, f"a window of {list(windows.kernel)} sees nothing but padding in {list(windows.sizes)}")
    return windows


def max_pool(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The largest element of each window. At ties the gradient goes to the first one.

    Args:
        input: of shape [batch, *sizes, channels] with one to three inner axes, or with the channels on the second axis.
        ksize: the size of the window: a number, one for each inner axis, or one for each axis of the input.
        strides: how far the windows are apart, likewise.
        padding: "VALID", "SAME", or a list of pairs for all axes of the input.
        data_format: where the channels are, such as "NHWC" (the default) or "NCHW".
        name: unused.

    Raises:
        InvalidArgumentError: a shape, dtype or format that does not fit, or a window that is larger than the input.
        ValueError: another number of sizes, strides or paddings.

    >>> import tapeflow as tf
    >>> x = tf.reshape([1.0, 5.0, 3.0, 2.0], [1, 4, 1])
    >>> tf.nn.max_pool(x, ksize=2, strides=2, padding="VALID").numpy().ravel()
    array([5., 3.], dtype=float32)
    """
    return _pooled("MAX", input, ksize, strides, padding, data_format)


def max_pool1d(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: str | None = None
) -> Tensor:
    """`max_pool` over one axis.

    >>> import tapeflow as tf
    >>> tf.nn.max_pool1d(tf.ones([1, 5, 2]), 2, 2, "SAME").shape
    TensorShape([1, 3, 2])
    """
    return _pooled("MAX", input, ksize, strides, padding, data_format, 1)


def max_pool2d(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """`max_pool` over two axes.

    >>> import tapeflow as tf
    >>> tf.nn.max_pool2d(tf.ones([1, 5, 4, 2]), 2, 2, "VALID").shape
    TensorShape([1, 2, 2, 2])
    """
    return _pooled("MAX", input, ksize, strides, padding, data_format, 2)


def max_pool3d(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: str | None = None
) -> Tensor:
    """`max_pool` over three axes.

    >>> import tapeflow as tf
    >>> tf.nn.max_pool3d(tf.ones([1, 4, 4, 4, 2]), 2, 2, "VALID").shape
    TensorShape([1, 2, 2, 2, 2])
    """
    return _pooled("MAX", input, ksize, strides, padding, data_format, 3)


def max_pool_with_argmax(
    input: TensorLike,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    output_dtype: Any = dtypes.int64,
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The largest element of each window, and where it stands.

    Args:
        input: of shape [batch, height, width, channels].
        ksize, strides, padding: as `max_pool`.
        data_format: must be "NHWC".
        output_dtype: int32 or int64, of the places.
        include_batch_in_index: whether places count from the first element of the batch, not of the example.
        name: unused.

    Returns:
        The largest elements, and their places among the elements laid end to end.

    Raises:
        InvalidArgumentError: a shape, dtype or format that does not fit, or a window that is larger than the input.

    >>> import tapeflow as tf
    >>> values, places = tf.nn.max_pool_with_argmax(tf.reshape([1.0, 5.0, 3.0, 2.0], [1, 2, 2, 1]), 2, 2, "VALID")
    >>> values.numpy().ravel(), places.numpy().ravel()
    (array([5.], dtype=float32), array([1]))
    """
    x = convert(input)
    check_dtype(TAKE, x, "iuf")
    if x._value.ndim != 4:
        raise invalid("MaxPoolWithArgmax", f"tensor_in must be 4-dimensional, got {brackets(x._value)}")
    if data_format != "NHWC":
        raise invalid("MaxPoolWithArgmax", f"data_format must be 'NHWC', got {data_format!r}")
    wanted = dtypes.as_dtype(output_dtype)
    if wanted.name not in ("int32", "int64"):
        raise invalid("MaxPoolWithArgmax", f"output_dtype must be int32 or int64, got {wanted.name}")
    windows = _windows(x, ksize, strides, 1, padding, False, "MaxPoolWithArgmax")
    positions = apply(POSITIONS, x, windows=windows)
    places = positions._value
    if include_batch_in_index:
        places = places + (np.arange(len(places)) * int(np.prod(x._value.shape[1:]))).reshape(-1, 1, 1, 1)
    return apply(TAKE, x, positions), Tensor(places.astype(wanted.numpy))


def avg_pool(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
) -> Tensor:
    """The mean of what each window sees; what lies beyond the edges does not count.

    Args:
        input: floating-point numbers, of shape [batch, *sizes, channels] with one to three inner axes, or with the channels
            on the second axis.
        ksize: the size of the window: a number, one for each inner axis, or one for each axis of the input.
        strides: how far the windows are apart, likewise.
        padding: "VALID" or "SAME".
        data_format: where the channels are, such as "NHWC" (the default) or "NCHW".
        name: unused.

    Raises:
        InvalidArgumentError: a shape, dtype or format that does not fit, or a window that is larger than the input.
        ValueError: another number of sizes or strides.

    >>> import tapeflow as tf
    >>> x = tf.reshape([1.0, 5.0, 3.0], [1, 3, 1])
    >>> tf.nn.avg_pool(x, ksize=2, strides=2, padding="SAME").numpy().ravel()
    array([3., 3.], dtype=float32)
    """
    return _pooled("AVG", input, ksize, strides, padding, data_format)


def avg_pool1d(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = "NWC", name: str | None = None
) -> Tensor:
    """`avg_pool` over one axis.

    >>> import tapeflow as tf
    >>> tf.nn.avg_pool1d(tf.ones([1, 5, 2]), 2, 2, "SAME").shape
    TensorShape([1, 3, 2])
    """
    return _pooled("AVG", input, ksize, strides, padding, data_format, 1)


def avg_pool2d(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """`avg_pool` over two axes.

    >>> import tapeflow as tf
    >>> tf.nn.avg_pool2d(tf.ones([1, 5, 4, 2]), 2, 2, "VALID").shape
    TensorShape([1, 2, 2, 2])
    """
    return _pooled("AVG", input, ksize, strides, padding, data_format, 2)


def avg_pool3d(
    input: TensorLike, ksize: Any, strides: Any, padding: Any, data_format: str = "NDHWC", name: str | None = None
) -> Tensor:
    """`avg_pool` over three axes.

    >>> import tapeflow as tf
    >>> tf.nn.avg_pool3d(tf.ones([1, 4, 4, 4, 2]), 2, 2, "VALID").shape
    TensorShape([1, 2, 2, 2, 2])
    """
    return _pooled("AVG", input, ksize, strides, padding, data_format, 3)


def pool(
    input: TensorLike,
    window_shape: Any,
    pooling_type: str,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`max_pool` or `avg_pool`, by name, and with gaps in the windows if wished.

    Args:
        input: of shape [batch, *sizes, channels], or with the channels on the second axis.
        window_shape: the size of the window along each inner axis.
        pooling_type: "MAX" or "AVG".
        strides: how far the windows are apart; 1 by default.
        padding: "VALID" or "SAME".
        data_format: where the channels are, such as "NHWC" (the default) or "NCHW".
        dilations: how far the elements of a window are apart; 1 by default.
        name: unused.

    Raises:
        ValueError: another pooling type.
        InvalidArgumentError: a shape, dtype or format that does not fit, or a window that is larger than the input.

    >>> import tapeflow as tf
    >>> tf.nn.pool(tf.ones([1, 5, 5, 2]), [2, 2], "MAX", dilations=[2, 2]).shape
    TensorShape([1, 3, 3, 2])
    """
    if pooling_type not in ("MAX", "AVG"):
        raise ValueError(f"Unsupported pooling type: {pooling_type!r}; use 'MAX' or 'AVG'")
    return _pooled(pooling_type, input, window_shape, strides, padding, data_format, None, dilations)
