"""Transposed convolutions: what convolutions do to cotangents, as layers that make arrays larger."""

from __future__ import annotations

from typing import Any

from tapeflow.core.convert import TensorLike, convert_operands
from tapeflow.core.dimension import holds_dim
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.convolution import BY_INPUT
from tapeflow.ops.shape_arguments import ShapeLike, read_shape
from tapeflow.ops.windows import (
    channels_first,
    inner_rank,
    place_windows,
    read_sizes,
    to_channels_first,
    to_channels_last,
)

__all__ = ["conv1d_transpose", "conv2d_transpose", "conv3d_transpose", "conv_transpose"]


def conv_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution: what it does to cotangents; it makes arrays larger.

    Args:
        input: of shape [batch, *counts, channels], or with the channels on the second axis.
        filters: of shape [*kernel, outputs, channels].
        output_shape: the whole shape of the result, from which the convolution would lead to that of the input.
        strides, padding, data_format, dilations: those of the convolution.
        name: unused.

    Raises:
        InvalidArgumentError: shapes, dtypes or a format that do not fit.
        ValueError: another number of strides, dilations or paddings.

    >>> import tapeflow as tf
    >>> x = tf.reshape([1.0, 2.0], [1, 2, 1])
    >>> tf.nn.conv_transpose(x, tf.ones([2, 1, 1]), output_shape=[1, 4, 1], strides=2).numpy().ravel()
    array([1., 1., 2., 2.], dtype=float32)
    """
    operation = "ConvTranspose"
    x, w = convert_operands(input, filters)
    check_dtypes(BY_INPUT, x, w, "iufc")
    rank = inner_rank(x, w, operation)
    if x._value.ndim != rank + 2:
        raise invalid(operation, f"input must be {rank + 2}-dimensional for such filters: {brackets(x._value)}")
    first = channels_first(data_format, rank, operation)
    if first:
        x = to_channels_last(x)
    channel_axis = 1 if first else rank + 1
    shape = read_shape(output_shape, operation)
    *kernel, outputs, channels = w._value.shape
    if len(shape) == rank:
        full: tuple[int, ...] = (x._value.shape[0], *shape, outputs)
    elif len(shape) == rank + 2:
        full = (shape[0], *shape[2:], shape[1]) if first else shape
    else:
        raise invalid(operation, f"output_shape must have {rank + 2} sizes, got {list(shape)}")
    windows = place_windows(
        full[1:-1],
        tuple(kernel),
        read_sizes(strides, rank, channel_axis, "strides", operation),
        read_sizes(dilations, rank, channel_axis, "dilations", operation),
        padding,
        first,
        operation,
    )
    expected = (full[0], *windows.counts, channels)
    unknown = holds_dim((x._value.shape, expected))  # then it is for the kernel to say
    if full[-1] != outputs or (not unknown and x._value.shape != expected):
        raise invalid(
            operation,
            f"a convolution with filters of shape {brackets(w._value)} does not lead from output_shape {list(shape)} to the "
            f"shape of the input, {brackets(x._value)}, but to {list(expected)}",
        )
    y = apply(BY_INPUT, x, w, windows=windows)
    return to_channels_first(y) if first else y


def conv1d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`conv_transpose` over one axis.

    >>> import tapeflow as tf
    >>> tf.nn.conv1d_transpose(tf.ones([1, 2, 3]), tf.ones([2, 5, 3]), [1, 4, 5], strides=2).shape
    TensorShape([1, 4, 5])
    """
    return conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations)


def conv2d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: Any,
    padding: Any = "SAME",
    data_format: str = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`conv_transpose` over two axes.

    >>> import tapeflow as tf
    >>> tf.nn.conv2d_transpose(tf.ones([1, 2, 2, 3]), tf.ones([2, 2, 5, 3]), [1, 4, 4, 5], strides=2).shape
    TensorShape([1, 4, 4, 5])
    """
    return conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations)


def conv3d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Tensor:
    """`conv_transpose` over three axes.

    >>> import tapeflow as tf
    >>> tf.nn.conv3d_transpose(tf.ones([1, 1, 1, 1, 3]), tf.ones([2, 2, 2, 5, 3]), [1, 2, 2, 2, 5], strides=2).shape
    TensorShape([1, 2, 2, 2, 5])
    """
    return conv_transpose(input, filters, output_shape, strides, padding, data_format, dilations)
