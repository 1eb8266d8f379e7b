"""The bias of a layer: one number for each channel."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.broadcasting import broadcast_to_shape
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.shaping import reshaped

__all__ = ["bias_add"]

FLOAT32 = np.dtype("float32")


def _bias_add(value, bias, *, axis):
    if axis == value.ndim - 1:
        return value + bias
    return value + bias.reshape(-1, *(1,) * (value.ndim - axis - 1))


def _bias_slope(x, *, axis):
    dtype = x.dtype
    if x.ndim == 2 and axis == 1 and dtype.kind in "fc" and dtype.itemsize > 2:
        return np.ones(len(x), dtype).dot(x)  # sums the rows by BLAS, in a third of the time
    axes = tuple([i for i in range(x.ndim) if i != axis])
    if dtype.itemsize == 2 and dtype.kind in "fV":
        return np.add.reduce(x, axes, FLOAT32).astype(dtype)
    return np.add.reduce(x, axes, dtype)


def _pull_slope(dy: Tensor, x_shape: tuple[int, ...], axis: int) -> Tensor:
    column = (*(1,) * axis, x_shape[axis], *(1,) * (len(x_shape) - axis - 1))
    return broadcast_to_shape(reshaped(dy, column), x_shape)


BIAS_SLOPE = Primitive("BiasAddGrad", _bias_slope, (_pull_slope,), linear=True, shape=lambda x, *, axis: x[axis : axis + 1])

BIAS_ADD = Primitive(
    "BiasAdd",
    _bias_add,
    (lambda dy: dy, lambda dy, axis: apply(BIAS_SLOPE, dy, axis=axis)),
    linear=True,
    shape=lambda value, bias, *, axis: value,
)


def bias_add(value: TensorLike, bias: TensorLike, data_format: str | None = None, name: str | None = None) -> Tensor:
    """`value` with a number added to each of its channels.

    Args:
        value: numbers, of at least two axes.
        bias: a vector of the same dtype, with an element for each channel.
        data_format: where the channels are: last ("N...C", the default, or a form of it such as "NHWC"), or on the second
            axis ("NC...", "NCHW").
        name: unused.

    Raises:
        ValueError: `data_format` is no such form.
        InvalidArgumentError: the shapes do not fit, or the dtypes differ or are not numbers.

    >>> import tapeflow as tf
    >>> tf.nn.bias_add([[1.0, 2.0], [3.0, 4.0]], [10.0, 20.0]).numpy()
    array([[11., 22.],
           [13., 24.]], dtype=float32)
    """
    x = value if type(value) is Tensor else convert(value)
    b = bias if type(bias) is Tensor else convert(bias, hint=x._value.dtype)
    check_dtypes(BIAS_ADD, x, b, "iufc")
    axis = _channel_axis(data_format, x._value.ndim)
    if x._value.ndim < 2:
        raise invalid("BiasAdd", f"Input tensor must be at least 2D: {brackets(x._value)}")
    if b._value.ndim != 1:
        raise invalid("BiasAdd", f"Biases must be 1D: {brackets(b._value)}")
    if b._value.shape[0] != x._value.shape[axis]:
        raise invalid(
            "BiasAdd",
            f"Must provide as many biases as the {'last' if axis > 1 or x._value.ndim == 2 else 'channel'} dimension of the "
            f"input tensor: {brackets(b._value)} vs. {brackets(x._value)}",
        )
    return apply(BIAS_ADD, x, b, axis=axis)


def _channel_axis(data_format: Any, ndim: int) -> int:
    if data_format is None or (data_format.startswith("N") and data_format.endswith("C") and data_format != "NC"):
        return ndim - 1
    if data_format.startswith("NC"):
        return 1
    raise ValueError(f"`data_format` must be of the form `N...C` or `NC...`. Received: data_format={data_format}")
