"""What convolutional layers have in common: their arguments, their bias and activation, and the sizes of what they give."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras import activations
from tapeflow.keras.layers.reshaping import checked_data_format
from tapeflow.keras.layers.settings import Configured, per_axis
from tapeflow.keras.layers.specification import InputSpec

__all__ = ["Convolving", "convolved_size"]

FORMATS = {1: ("NWC", "NCW"), 2: ("NHWC", "NCHW"), 3: ("NDHWC", "NCDHW")}


def convolved_size(size: int | None, window: int, stride: int, padding: str, dilation: int) -> int | None:
    """How many windows fit along an axis."""
    if size is None:
        return None
    if padding in ("same", "causal"):
        return -(-size // stride)
    return (size - dilation * (window - 1) - 1) // stride + 1


class Convolving(Configured):
    """A layer with a window that is moved over the inner axes."""

    rank: int
    paddings: tuple[str, ...] = ("same", "valid")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        activity_regularizer: Any,
        settings: dict[str, Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.kernel_size = per_axis("kernel_size", kernel_size, self.rank)
        self.strides = per_axis("strides", strides, self.rank)
        self.dilation_rate = per_axis("dilation_rate", dilation_rate, self.rank)
        self.padding = str(padding).lower()
        if self.padding not in self.paddings:
            named = ", ".join(repr(each) for each in self.paddings)
            raise ValueError(f"The `padding` argument must be a list/tuple or one of {{{named}}}. Received: {padding}")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self.data_format = checked_data_format(data_format)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.keep(**settings)
        self.input_spec = InputSpec(min_ndim=self.rank + 2)

    @property
    def channels_first(self) -> bool:
        """Whether the channels are the second axis."""
        return self.data_format == "channels_first"

    @property
    def op_format(self) -> str:
        """The format as operations call it."""
        return FORMATS[self.rank][self.channels_first]

    def expect_channels(self, input_shape: Any) -> int:
        """How many channels there are; from now on inputs must have so many."""
        axis = 1 if self.channels_first else -1
        channels = input_shape[axis]
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={axis: channels})
        return channels

    def inner_sizes(self, input_shape: Any) -> tuple:
        """The sizes that the window is moved over."""
        return tuple(input_shape)[2:] if self.channels_first else tuple(input_shape)[1:-1]

    def with_sizes(self, input_shape: Any, inner: Any, channels: Any) -> tuple:
        """The shape with these sizes in it."""
        return (input_shape[0], channels, *inner) if self.channels_first else (input_shape[0], *inner, channels)

    def convolved_sizes(self, input_shape: Any) -> tuple:
        """How many windows fit, along each of the inner axes.

        Raises:
            ValueError: none fits.
        """
        sizes = tuple(
            convolved_size(size, window, stride, self.padding, dilation)
            for size, window, stride, dilation in zip(
                self.inner_sizes(input_shape), self.kernel_size, self.strides, self.dilation_rate, strict=True
            )
        )
        if any(size is not None and size <= 0 for size in sizes):
            raise ValueError(
                f"Computed output size would be zero or negative. Received `inputs shape={tuple(input_shape)}`, "
                f"`kernel shape={self.kernel_size}`, `dilation_rate={self.dilation_rate}`, `strides={self.strides}`, "
                f"`padding={self.padding}`."
            )
        return sizes

    def as_computed(self, inputs: Tensor) -> Tensor:
        """Integers as floating-point numbers."""
        return inputs if inputs.dtype.is_floating else tf.cast(inputs, self.compute_dtype)

    def finished(self, outputs: Tensor, bias: Any) -> Tensor:
        """The outputs with their bias and activation."""
        if bias is not None:
            outputs = outputs + (tf.reshape(bias, [1, -1, *[1] * self.rank]) if self.channels_first else bias)
        return outputs if self.activation is activations.linear else self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "activity_regularizer": super().get_config().get("activity_regularizer"),
            **self.settings_config(),
        }
