"""Convolutions over one, two or three axes, of all channels together and of each by itself.

A convolution is a matrix product of what each window sees with the filters. Of the three arrays in it, the input, the filters and
the cotangent of the output, any two give the third by one of three primitives, and so the derivatives of each are the other two
(Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.joining import concat, split
from tapeflow.ops.shaping import reshaped
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
    "atrous_conv2d",
    "conv1d",
    "conv2d",
    "conv3d",
    "convolution",
    "depthwise_conv2d",
    "separable_conv2d",
]

FLOAT32 = np.dtype("float32")

# -- the three primitives ------------------------------------------------------------------------------------------


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype(FLOAT32) if x.dtype.itemsize == 2 and x.dtype.kind in "fV" else x


def _convolve(x, filters, *, windows):
    seen = windows_of(_wide(x), windows)
    rows, outputs = math.prod(seen.shape[: len(windows.sizes) + 1]), filters.shape[-1]
    product = seen.reshape(rows, filters.size // max(outputs, 1)) @ _wide(filters).reshape(-1, outputs) if rows else 0
    return np.broadcast_to(product, (rows, outputs)).reshape(len(x), *windows.counts, outputs).astype(x.dtype, copy=False)


def _by_input(dy, filters, *, windows):
    outputs = filters.shape[-1]
    matrix = _wide(filters).reshape(-1, outputs)
    seen = _wide(dy).reshape(-1, outputs) @ matrix.T
    shape = (len(dy), *windows.counts, *windows.kernel, filters.shape[-2])
    return spread_windows(seen.reshape(shape), windows).astype(dy.dtype, copy=False)


def _by_filters(x, dy, *, windows):
    seen = windows_of(_wide(x), windows)
    rows, outputs = math.prod(dy.shape[:-1]), dy.shape[-1]
    shape = (*windows.kernel, x.shape[-1], outputs)
    if not rows:
        return np.zeros(shape, x.dtype)
    return (seen.reshape(rows, -1).T @ _wide(dy).reshape(rows, outputs)).reshape(shape).astype(x.dtype, copy=False)


CONVOLVE = Primitive(
    "Convolution",
    _convolve,
    (
        lambda dy, filters, windows: apply(BY_INPUT, dy, filters, windows=windows),
        lambda dy, x, windows: apply(BY_FILTERS, x, dy, windows=windows),
    ),
    shape=lambda x, filters, *, windows: (x[0], *windows.counts, filters[-1]),
)

BY_INPUT: Primitive = Primitive(
    "ConvolutionBackpropInput",
    _by_input,
    (
        lambda g, filters, windows: apply(CONVOLVE, g, filters, windows=windows),
        lambda g, dy, windows: apply(BY_FILTERS, g, dy, windows=windows),
    ),
    shape=lambda dy, filters, *, windows: (dy[0], *windows.sizes, filters[-2]),
)

BY_FILTERS: Primitive = Primitive(
    "ConvolutionBackpropFilter",
    _by_filters,
    (
        lambda g, dy, windows: apply(BY_INPUT, dy, g, windows=windows),
        lambda g, x, windows: apply(CONVOLVE, x, g, windows=windows),
    ),
    shape=lambda x, dy, *, windows: (*windows.kernel, x[-1], dy[-1]),
)

# -- convolutions -----------------------------------------------------------------------------------------------------


def _convolution(
    input: TensorLike,
    filters: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str | None,
    dilations: Any,
    operation: str,
    rank: int | None = None,
) -> Tensor:
    x, w = convert_operands(input, filters)
    check_dtypes(CONVOLVE, x, w, "iufc")
    if rank is not None and w._value.ndim != rank + 2:
        raise invalid(operation, f"filter must be {rank + 2}-dimensional: {brackets(w._value)}")
    rank = inner_rank(x, w, operation, rank)
    if x._value.ndim < rank + 2:
        raise invalid(operation, f"convolution input must be {rank + 2}-dimensional: {brackets(x._value)}")
    first = channels_first(data_format, rank, operation)
    batch = x._value.shape[: -rank - 1]
    if len(batch) > 1:  # leading axes are one long batch
        x = reshaped(x, (math.prod(batch), *x._value.shape[-rank - 1 :]))
    if first:
        x = to_channels_last(x)
    channel_axis = 1 if first else rank + 1
    steps = read_sizes(strides, rank, channel_axis, "strides", operation)
    gaps = read_sizes(dilations, rank, channel_axis, "dilations", operation)
    sizes, channels = x._value.shape[1:-1], x._value.shape[-1]
    *kernel, depth, _ = w._value.shape
    if not depth or channels % depth:
        raise invalid(operation, f"input depth must be evenly divisible by filter depth: {channels} vs {depth}")
    windows = place_windows(sizes, tuple(kernel), steps, gaps, padding, first, operation)
    groups = channels // depth
    if groups == 1:
        y = apply(CONVOLVE, x, w, windows=windows)
    else:
        y = _grouped(x, w, windows, groups, operation)
    if first:
        y = to_channels_first(y)
    return reshaped(y, (*batch, *y._value.shape[1:])) if len(batch) > 1 else y


def _grouped(x: Tensor, w: Tensor, windows: Windows, groups: int, operation: str) -> Tensor:
    if w._value.shape[-1] % groups:
        raise invalid(
            operation, f"output depth must be evenly divisible by number of groups: {w._value.shape[-1]} vs {groups}"
        )
    parts = zip(split(x, groups, -1), split(w, groups, -1), strict=True)
    return concat([apply(CONVOLVE, a, b, windows=windows) for a, b in parts], -1)


def convolution(
    input: TensorLike,
    filters: TensorLike,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A convolution over as many axes as the filters have, one to three; without flipping the filters, as networks do.

    Args:
        input: of shape [batch, *sizes, channels], or [batch, channels, *sizes].
        filters: of shape [*kernel, channels / groups, outputs], of the same dtype. With fewer channels than the input has, it is
            cut into groups, and so are the outputs.
        strides: how far the windows are apart, a number or one for each axis; 1 by default.
        padding: "VALID", "SAME", or a list of pairs for all axes of the input.
        data_format: where the channels are: last ("NWC", "NHWC", "NDHWC"), the default, or first ("NCW", "NCHW", "NCDHW").
        dilations: how far the elements of a window are apart; 1 by default.
        name: unused.

    Returns:
        A tensor of shape [batch, *counts, outputs], or [batch, outputs, *counts].

    Raises:
        InvalidArgumentError: shapes, dtypes or a format that do not fit.
        ValueError: another number of strides, dilations or paddings.

    >>> import tapeflow as tf
    >>> x = tf.reshape([1.0, 2.0, 4.0, 8.0], [1, 4, 1])
    >>> tf.nn.convolution(x, tf.reshape([1.0, -1.0], [2, 1, 1])).numpy().ravel()
    array([-1., -2., -4.], dtype=float32)
    """
    return _convolution(input, filters, strides, padding, data_format, dilations, "Convolution")


def conv1d(
    input: TensorLike,
    filters: TensorLike,
    stride: Any,
    padding: str,
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A convolution over one axis.

    Args:
        input: of shape [batch, width, channels]; with `data_format` "NCW", [batch, channels, width].
        filters: of shape [width, channels / groups, outputs].
        stride: how far the windows are apart.
        padding: "VALID" or "SAME".
        data_format: "NWC" or "NCW".
        dilations: how far the elements of a window are apart.
        name: unused.

    Raises:
        InvalidArgumentError: shapes, dtypes or a format that do not fit.
        ValueError: another number of strides or dilations.

    >>> import tapeflow as tf
    >>> tf.nn.conv1d(tf.ones([1, 4, 1]), tf.ones([3, 1, 1]), stride=1, padding="SAME").numpy().ravel()
    array([2., 3., 3., 2.], dtype=float32)
    """
    return _convolution(input, filters, stride, padding, data_format, dilations, "Conv1D", 1)


def conv2d(
    input: TensorLike,
    filters: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A convolution over two axes.

    Args:
        input: of shape [batch, height, width, channels]; with `data_format` "NCHW", [batch, channels, height, width].
        filters: of shape [height, width, channels / groups, outputs].
        strides: how far the windows are apart: a number, one for each axis, or four for the axes of the input.
        padding: "VALID", "SAME", or a list of pairs for the four axes of the input.
        data_format: "NHWC" or "NCHW".
        dilations: how far the elements of a window are apart, as `strides`.
        name: unused.

    Raises:
        InvalidArgumentError: shapes, dtypes or a format that do not fit.
        ValueError: another number of strides, dilations or paddings.

    >>> import tapeflow as tf
    >>> tf.nn.conv2d(tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1]), strides=1, padding="SAME").numpy()[0, :, :, 0]
    array([[4., 4., 2.],
           [4., 4., 2.],
           [2., 2., 1.]], dtype=float32)
    """
    return _convolution(input, filters, strides, padding, data_format, dilations, "Conv2D", 2)


def conv3d(
    input: TensorLike,
    filters: TensorLike,
    strides: Any,
    padding: str,
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A convolution over three axes.

    Args:
        input: of shape [batch, depth, height, width, channels]; with `data_format` "NCDHW" the channels are second.
        filters: of shape [depth, height, width, channels, outputs].
        strides: five numbers, for the axes of the input.
        padding: "VALID" or "SAME".
        data_format: "NDHWC" or "NCDHW".
        dilations: five numbers.
        name: unused.

    Raises:
        InvalidArgumentError: shapes, dtypes or a format that do not fit.
        ValueError: another number of strides or dilations.

    >>> import tapeflow as tf
    >>> x = tf.ones([1, 2, 2, 2, 1])
    >>> tf.nn.conv3d(x, tf.ones([2, 2, 2, 1, 1]), strides=[1, 1, 1, 1, 1], padding="VALID").numpy().ravel()
    array([8.], dtype=float32)
    """
    return _convolution(input, filters, strides, padding, data_format, dilations, "Conv3D", 3)


def atrous_conv2d(value: TensorLike, filters: TensorLike, rate: int, padding: str, name: str | None = None) -> Tensor:
    """A convolution over two axes whose windows have gaps.

    Args:
        value: of shape [batch, height, width, channels].
        filters: of shape [height, width, channels, outputs].
        rate: how far the elements of a window are apart.
        padding: "VALID" or "SAME".
        name: unused.

    >>> import tapeflow as tf
    >>> tf.nn.atrous_conv2d(tf.ones([1, 3, 3, 1]), tf.ones([2, 2, 1, 1]), rate=2, padding="VALID").shape
    TensorShape([1, 1, 1, 1])
    """
    return _convolution(value, filters, 1, padding, "NHWC", rate, "Conv2D", 2)


# -- each channel by itself --------------------------------------------------------------------------------------------------


def depthwise_conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A convolution over two axes of each channel with filters of its own.

    Args:
        input: of shape [batch, height, width, channels]; with `data_format` "NCHW", [batch, channels, height, width].
        filter: of shape [height, width, channels, multiplier].
        strides: four numbers, for the axes of the input.
        padding: "VALID", "SAME", or a list of pairs for the four axes of the input.
        data_format: "NHWC" or "NCHW".
        dilations: two numbers.
        name: unused.

    Returns:
        A tensor with channels · multiplier channels.

    Raises:
        InvalidArgumentError: shapes, dtypes or a format that do not fit.
        ValueError: another number of strides, dilations or paddings.

    >>> import tapeflow as tf
    >>> tf.nn.depthwise_conv2d(tf.ones([1, 4, 4, 2]), tf.ones([2, 2, 2, 3]), [1, 1, 1, 1], "SAME").shape
    TensorShape([1, 4, 4, 6])
    """
    w = convert(filter)
    if w._value.ndim != 4:
        raise invalid("DepthwiseConv2dNative", f"filter must be 4-dimensional: {brackets(w._value)}")
    height, width, channels, multiplier = w._value.shape
    x = convert(input)
    given = x._value.shape[1 if data_format == "NCHW" else -1] if x._value.ndim == 4 else None
    if given != channels:
        raise invalid(
            "DepthwiseConv2dNative",
            f"input and filter must have the same depth: {brackets(x._value)} vs {brackets(w._value)}",
        )
    grouped = reshaped(w, (height, width, 1, channels * multiplier))
    return _convolution(x, grouped, strides, padding, data_format, dilations, "DepthwiseConv2dNative", 2)


def separable_conv2d(
    input: TensorLike,
    depthwise_filter: TensorLike,
    pointwise_filter: TensorLike,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """A depthwise convolution, and a convolution over single points that mixes its channels.

    Args:
        input: of shape [batch, height, width, channels]; with `data_format` "NCHW", [batch, channels, height, width].
        depthwise_filter: of shape [height, width, channels, multiplier].
        pointwise_filter: of shape [1, 1, channels · multiplier, outputs].
        strides, padding, data_format, dilations: those of the depthwise convolution.
        name: unused.

    Raises:
        InvalidArgumentError: shapes, dtypes or a format that do not fit.
        ValueError: another number of strides, dilations or paddings.

    >>> import tapeflow as tf
    >>> depthwise, pointwise = tf.ones([2, 2, 2, 3]), tf.ones([1, 1, 6, 4])
    >>> tf.nn.separable_conv2d(tf.ones([1, 4, 4, 2]), depthwise, pointwise, [1, 1, 1, 1], "SAME").shape
    TensorShape([1, 4, 4, 4])
    """
    y = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return _convolution(y, pointwise_filter, 1, "VALID", data_format, 1, "Conv2D", 2)
