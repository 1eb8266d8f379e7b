"""Transposed and depthwise convolutions as layers."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.convolution_layers import positive_filters
from tapeflow.keras.layers.convolving import Convolving
from tapeflow.keras.layers.settings import per_axis, settings_of

__all__ = ["Conv1DTranspose", "Conv2DTranspose", "DepthwiseConv2D"]


class Transposed(Convolving):
    """A transposed convolution: what pulls back cotangents through a convolution."""

    def __init__(self, filters: int, output_padding: Any, **options: Any) -> None:
        super().__init__(**options)
        self.filters = positive_filters(filters)
        self.output_padding = None if output_padding is None else per_axis("output_padding", output_padding, self.rank, 0)

    def build(self, input_shape: Any) -> None:
        channels = self.expect_channels(input_shape)
        self.kernel = self.new_weight("kernel", (*self.kernel_size, self.filters, channels))
        self.bias = self.new_weight("bias", (self.filters,)) if self.use_bias else None

    def _sizes(self, sizes: Any) -> list:
        found: list[Any] = []
        for i, size in enumerate(sizes):
            window, stride, dilation = self.kernel_size[i], self.strides[i], self.dilation_rate[i]
            reach = dilation * (window - 1) + 1
            if size is None:
                found.append(None)
            elif self.output_padding is not None:
                before = reach // 2 if self.padding == "same" else 0
                found.append((size - 1) * stride + reach - 2 * before + self.output_padding[i])
            elif self.padding == "same":
                found.append(size * stride)
            else:
                found.append(size * stride + max(reach - stride, 0))
        return found

    def call(self, inputs: Tensor) -> Tensor:
        """The outputs for the inputs."""
        inputs = self.as_computed(inputs)
        known, sizes = tuple(inputs.shape), tf.shape(inputs)
        actual = [sizes[i] if size is None else size for i, size in enumerate(known)]
        shape = self.with_sizes(actual, self._sizes(self.inner_sizes(actual)), self.filters)
        outputs = tf.nn.conv_transpose(
            inputs,
            tf.convert_to_tensor(self.kernel),
            list(shape),
            strides=list(self.strides),
            padding=self.padding.upper(),
            data_format=self.op_format,
            dilations=list(self.dilation_rate),
        )
        return self.finished(outputs, self.bias)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return self.with_sizes(input_shape, self._sizes(self.inner_sizes(input_shape)), self.filters)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"filters": self.filters, "output_padding": self.output_padding}


class Conv1DTranspose(Transposed):
    """A transposed convolution over inputs of shape (batch, length, channels): a step from small to large.

    Args:
        filters: how many channels the outputs have.
        kernel_size: the size of the window; an integer.
        strides: by how much the window is moved over the outputs.
        padding: "valid" or "same".
        output_padding: how much longer the outputs are; None for what the padding gives.
        data_format: "channels_last" or "channels_first".
        dilation_rate: the distance between what the window sees.
        activation: a function or the name of one of `keras.activations`; by default none.
        use_bias: whether there is a bias.
        kernel_initializer, bias_initializer: of the weights.
        kernel_regularizer, bias_regularizer: of the weights.
        activity_regularizer: of the outputs.
        kernel_constraint, bias_constraint: of the weights.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Conv1DTranspose(5, 3, strides=2, padding="same")(tf.ones([2, 4, 3])).shape
    TensorShape([2, 8, 5])
    """

    rank = 1

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters=filters,
            output_padding=output_padding,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            activity_regularizer=activity_regularizer,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )


class Conv2DTranspose(Transposed):
    """A transposed convolution over inputs of shape (batch, height, width, channels): a step from small to large.

    Args:
        filters: how many channels the outputs have.
        kernel_size: the size of the window; an integer, or one for each axis.
        strides: by how much the window is moved over the outputs.
        padding: "valid" or "same".
        output_padding: how much longer the outputs are; None for what the padding gives.
        data_format: "channels_last" or "channels_first".
        dilation_rate: the distance between what the window sees.
        activation: a function or the name of one of `keras.activations`; by default none.
        use_bias: whether there is a bias.
        kernel_initializer, bias_initializer: of the weights.
        kernel_regularizer, bias_regularizer: of the weights.
        activity_regularizer: of the outputs.
        kernel_constraint, bias_constraint: of the weights.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Conv2DTranspose(5, 3, strides=2, padding="same")(tf.ones([2, 4, 4, 3])).shape
    TensorShape([2, 8, 8, 5])
    """

    rank = 2

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters=filters,
            output_padding=output_padding,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            activity_regularizer=activity_regularizer,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )


class DepthwiseConv2D(Convolving):
    """A convolution of each channel by itself, over inputs of shape (batch, height, width, channels).

    Args:
        kernel_size: the size of the window; an integer, or one for each axis.
        strides: by how much the window is moved.
        padding: "valid" or "same".
        depth_multiplier: how many filters each channel has.
        data_format: "channels_last" or "channels_first".
        dilation_rate: the distance between what the window sees.
        activation: a function or the name of one of `keras.activations`; by default none.
        use_bias: whether there is a bias.
        depthwise_initializer, bias_initializer: of the weights.
        depthwise_regularizer, bias_regularizer: of the weights.
        activity_regularizer: of the outputs.
        depthwise_constraint, bias_constraint: of the weights.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.DepthwiseConv2D(3, depth_multiplier=2)(tf.ones([2, 5, 5, 3])).shape
    TensorShape([2, 3, 3, 6])
    """

    rank = 2
    _settings = settings_of("depthwise", "bias")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            activity_regularizer=activity_regularizer,
            depthwise_initializer=depthwise_initializer,
            bias_initializer=bias_initializer,
            depthwise_regularizer=depthwise_regularizer,
            bias_regularizer=bias_regularizer,
            depthwise_constraint=depthwise_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
        self.depth_multiplier = depth_multiplier
        if self.strides[0] != self.strides[1]:
            raise NotImplementedError(f"DepthwiseConv2D does not support different strides: {self.strides}")

    def build(self, input_shape: Any) -> None:
        channels = self.expect_channels(input_shape)
        self.kernel = self.new_weight("kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise")
        self.bias = self.new_weight("bias", (channels * self.depth_multiplier,)) if self.use_bias else None
        self.convolved_sizes(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        """The outputs for the inputs."""
        steps = [1, 1, *self.strides] if self.channels_first else [1, *self.strides, 1]
        outputs = tf.nn.depthwise_conv2d(
            self.as_computed(inputs),
            tf.convert_to_tensor(self.kernel),
            strides=steps,
            padding=self.padding.upper(),
            data_format=self.op_format,
            dilations=list(self.dilation_rate),
        )
        return self.finished(outputs, self.bias)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        channels = input_shape[self.channel_axis]
        wide = None if channels is None else channels * self.depth_multiplier
        return self.with_sizes(input_shape, self.convolved_sizes(input_shape), wide)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"depth_multiplier": self.depth_multiplier}
