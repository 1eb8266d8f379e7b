"""What convolutional layers have in common: their arguments, their bias and activation, and the sizes of what they give."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras import activations
from tapeflow.keras.layers.inner_axes import Windowed
from tapeflow.keras.layers.settings import per_axis, settings_of
from tapeflow.keras.layers.specification import InputSpec

__all__ = ["Convolving"]


class Convolving(Windowed):
    """A layer whose window is a kernel."""

    _settings = settings_of("kernel", "bias")

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
        **kwargs: Any,
    ) -> None:
        super().__init__(padding, data_format, activity_regularizer=activity_regularizer, **kwargs)
        self.kernel_size = per_axis("kernel_size", kernel_size, self.rank)
        self.strides = per_axis("strides", strides, self.rank)
        self.dilation_rate = per_axis("dilation_rate", dilation_rate, self.rank)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.input_spec = InputSpec(min_ndim=self.rank + 2)

    def expect_channels(self, input_shape: Any) -> int:
        """How many channels there are; from now on inputs must have so many."""
        channels = input_shape[self.channel_axis]
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={self.channel_axis: channels})
        return channels

    def convolved_sizes(self, input_shape: Any) -> tuple:
        """How many windows fit, along each of the inner axes.

        Raises:
            ValueError: none fits.
        """
        reaches = [dilation * (size - 1) + 1 for size, dilation in zip(self.kernel_size, self.dilation_rate, strict=True)]
        sizes = self.window_counts(input_shape, reaches, self.strides)
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
        own = super().get_config()
        return own | {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "activity_regularizer": own.get("activity_regularizer"),
            **self.settings_config(),
        }
