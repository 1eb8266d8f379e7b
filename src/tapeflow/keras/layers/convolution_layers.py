"""Convolutions as layers."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.convolving import Convolving

__all__ = ["Conv1D", "Conv2D", "Conv3D", "positive_filters"]


def positive_filters(filters: Any) -> int:
    """A number of filters.

    Raises:
        ValueError: it is not positive.
    """
    if filters is None or filters <= 0:
        raise ValueError(
            f"Invalid value for argument `filters`. Expected a strictly positive value. Received filters={filters}."
        )
    return filters


class Convolution(Convolving):
    """A convolution with filters over all channels of a group."""

    def __init__(self, filters: int, groups: int, **options: Any) -> None:
        super().__init__(**options)
        self.filters = positive_filters(filters)
        self.groups = groups
        if groups <= 0 or filters % groups:
            raise ValueError(
                "The number of filters must be evenly divisible by the number of groups. Received: "
                f"groups={groups}, filters={filters}."
            )

    def build(self, input_shape: Any) -> None:
        channels = self.expect_channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                "The number of input channels must be evenly divisible by the number of groups. Received "
                f"groups={self.groups}, but the input has {channels} channels (full input shape is {input_shape})."
            )
        self._kernel = self.new_weight("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self.bias = self.new_weight("bias", (self.filters,)) if self.use_bias else None
        self.convolved_sizes(input_shape)

    @property
    def kernel(self) -> Any:
        """The filters, of shape (*kernel_size, channels, filters).

        Raises:
            AttributeError: the layer is not built.
        """
        if not self.built:
            raise AttributeError("You must build the layer before accessing `kernel`.")
        return self._kernel

    def call(self, inputs: Tensor) -> Tensor:
        """The outputs for the inputs."""
        inputs, padding = self.as_computed(inputs), self.padding
        if padding == "causal":
            before = [[self.dilation_rate[0] * (self.kernel_size[0] - 1), 0]]
            inner = [[0, 0], *before] if self.channels_first else [*before, [0, 0]]
            inputs, padding = tf.pad(inputs, [[0, 0], *inner]), "valid"
        outputs = tf.nn.convolution(
            inputs,
            tf.convert_to_tensor(self._kernel),
            strides=list(self.strides),
            padding=padding.upper(),
            data_format=self.op_format,
            dilations=list(self.dilation_rate),
        )
        return self.finished(outputs, self.bias)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return self.with_sizes(input_shape, self.convolved_sizes(input_shape), self.filters)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"filters": self.filters, "groups": self.groups}


class Conv1D(Convolution):
    """A convolution over inputs of shape (batch, length, channels).

    Args:
        filters: how many filters, and channels of the outputs, there are.
        kernel_size: the size of the window; an integer.
        strides: by how much the window is moved.
        padding: "valid", "causal" or "same".
        data_format: "channels_last" or "channels_first".
        dilation_rate: the distance between what the window sees.
        groups: in how many groups the channels are convolved apart.
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
    >>> layer = tf.keras.layers.Conv1D(5, 3, activation="relu")
    >>> layer(tf.ones([2, 6, 3])).shape, layer.kernel.shape
    (TensorShape([2, 4, 5]), TensorShape([3, 3, 5]))
    """

    rank = 1
    paddings = ("same", "valid", "causal")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
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
            groups=groups,
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


class Conv2D(Convolution):
    """A convolution over inputs of shape (batch, height, width, channels).

    Args:
        filters: how many filters, and channels of the outputs, there are.
        kernel_size: the size of the window; an integer, or one for each axis.
        strides: by how much the window is moved.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first".
        dilation_rate: the distance between what the window sees.
        groups: in how many groups the channels are convolved apart.
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
    >>> layer = tf.keras.layers.Conv2D(5, 3, activation="relu")
    >>> layer(tf.ones([2, 8, 8, 3])).shape, layer.kernel.shape
    (TensorShape([2, 6, 6, 5]), TensorShape([3, 3, 3, 5]))
    """

    rank = 2

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1),
        groups: int = 1,
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
            groups=groups,
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


class Conv3D(Convolution):
    """A convolution over inputs of shape (batch, depth, height, width, channels).

    Args:
        filters: how many filters, and channels of the outputs, there are.
        kernel_size: the size of the window; an integer, or one for each axis.
        strides: by how much the window is moved.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first".
        dilation_rate: the distance between what the window sees.
        groups: in how many groups the channels are convolved apart.
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
    >>> layer = tf.keras.layers.Conv3D(5, 3, activation="relu")
    >>> layer(tf.ones([1, 4, 4, 4, 2])).shape, layer.kernel.shape
    (TensorShape([1, 2, 2, 2, 5]), TensorShape([3, 3, 3, 2, 5]))
    """

    rank = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = (1, 1, 1),
        groups: int = 1,
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
            groups=groups,
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
