"""Pooling as layers: the greatest or the mean of what a window sees, or of everything."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.inner_axes import InnerAxes, Windowed
from tapeflow.keras.layers.settings import per_axis

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
]


class Pooling(Windowed):
    """A pooling layer with a window."""

    _builds_nothing = True
    mode: str

    def __init__(self, pool_size: Any, strides: Any, padding: str, data_format: str | None, **kwargs: Any) -> None:
        super().__init__(padding, data_format, **kwargs)
        self.pool_size = per_axis("pool_size", pool_size, self.rank)
        self.strides = self.pool_size if strides is None else per_axis("strides", strides, self.rank)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, pooled."""
        return tf.nn.pool(
            inputs,
            list(self.pool_size),
            self.mode,
            strides=list(self.strides),
            padding=self.padding.upper(),
            data_format=self.op_format,
        )

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        counts = self.window_counts(input_shape, self.pool_size, self.strides)
        return self.with_sizes(input_shape, counts, input_shape[self.channel_axis])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
            "data_format": self.data_format,
        }


class GlobalPooling(InnerAxes):
    """A pooling layer over all inner axes."""

    _builds_nothing = True
    reduce: str

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.keepdims = keepdims

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, pooled."""
        return getattr(tf, self.reduce)(inputs, axis=list(self.inner_axes), keepdims=self.keepdims)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        axes = self.inner_axes
        kept = [1 if i in axes else size for i, size in enumerate(input_shape) if self.keepdims or i not in axes]
        return tuple(kept)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format, "keepdims": self.keepdims}


class MaxPooling1D(Pooling):
    """The greatest of each window of inputs of shape (batch, length, channels).

    Args:
        pool_size: the size of the window; an integer.
        strides: by how much the window is moved; by default by its size.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first".
        name: the name.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.MaxPooling1D(2)(tf.ones([2, 4, 3])).shape
    TensorShape([2, 2, 3])
    """

    rank = 1
    mode = "MAX"

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)


class MaxPooling2D(Pooling):
    """The greatest of each window of inputs of shape (batch, height, width, channels).

    Args:
        pool_size: the size of the window; an integer, or one for each axis.
        strides: by how much the window is moved; by default by its size.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first".
        name: the name.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.MaxPooling2D(2)(tf.ones([2, 4, 4, 3])).shape
    TensorShape([2, 2, 2, 3])
    """

    rank = 2
    mode = "MAX"

    def __init__(
        self,
        pool_size: Any = (2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)


class MaxPooling3D(Pooling):
    """The greatest of each window of inputs of shape (batch, depth, height, width, channels).

    Args:
        pool_size: the size of the window; an integer, or one for each axis.
        strides: by how much the window is moved; by default by its size.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first".
        name: the name.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.MaxPooling3D(2)(tf.ones([2, 4, 4, 4, 3])).shape
    TensorShape([2, 2, 2, 2, 3])
    """

    rank = 3
    mode = "MAX"

    def __init__(
        self,
        pool_size: Any = (2, 2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)


class AveragePooling1D(Pooling):
    """The mean of each window of inputs of shape (batch, length, channels).

    Args:
        pool_size: the size of the window; an integer.
        strides: by how much the window is moved; by default by its size.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first".
        name: the name.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.AveragePooling1D(2)(tf.ones([2, 4, 3])).shape
    TensorShape([2, 2, 3])
    """

    rank = 1
    mode = "AVG"

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)


class AveragePooling2D(Pooling):
    """The mean of each window of inputs of shape (batch, height, width, channels).

    Args:
        pool_size: the size of the window; an integer, or one for each axis.
        strides: by how much the window is moved; by default by its size.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first".
        name: the name.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.AveragePooling2D(2)(tf.ones([2, 4, 4, 3])).shape
    TensorShape([2, 2, 2, 3])
    """

    rank = 2
    mode = "AVG"

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)


class AveragePooling3D(Pooling):
    """The mean of each window of inputs of shape (batch, depth, height, width, channels).

    Args:
        pool_size: the size of the window; an integer, or one for each axis.
        strides: by how much the window is moved; by default by its size.
        padding: "valid" or "same".
        data_format: "channels_last" or "channels_first".
        name: the name.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is out of its range, or inputs do not have the shape.

    >>> import tapeflow as tf
    >>> tf.keras.layers.AveragePooling3D(2)(tf.ones([2, 4, 4, 4, 3])).shape
    TensorShape([2, 2, 2, 2, 3])
    """

    rank = 3
    mode = "AVG"

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)


class GlobalMaxPooling1D(GlobalPooling):
    """The greatest of each channel of inputs of shape (batch, length, channels).

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: whether the axes stay, of size 1.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.GlobalMaxPooling1D()(tf.ones([2, 4, 3])).shape
    TensorShape([2, 3])
    """

    rank = 1
    reduce = "reduce_max"


class GlobalMaxPooling2D(GlobalPooling):
    """The greatest of each channel of inputs of shape (batch, height, width, channels).

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: whether the axes stay, of size 1.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.GlobalMaxPooling2D()(tf.ones([2, 4, 4, 3])).shape
    TensorShape([2, 3])
    """

    rank = 2
    reduce = "reduce_max"


class GlobalMaxPooling3D(GlobalPooling):
    """The greatest of each channel of inputs of shape (batch, depth, height, width, channels).

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: whether the axes stay, of size 1.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.GlobalMaxPooling3D()(tf.ones([2, 4, 4, 4, 3])).shape
    TensorShape([2, 3])
    """

    rank = 3
    reduce = "reduce_max"


class GlobalAveragePooling1D(GlobalPooling):
    """The mean of each channel of inputs of shape (batch, length, channels).

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: whether the axes stay, of size 1.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.GlobalAveragePooling1D()(tf.ones([2, 4, 3])).shape
    TensorShape([2, 3])
    """

    rank = 1
    reduce = "reduce_mean"


class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel of inputs of shape (batch, height, width, channels).

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: whether the axes stay, of size 1.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.GlobalAveragePooling2D()(tf.ones([2, 4, 4, 3])).shape
    TensorShape([2, 3])
    """

    rank = 2
    reduce = "reduce_mean"


class GlobalAveragePooling3D(GlobalPooling):
    """The mean of each channel of inputs of shape (batch, depth, height, width, channels).

    Args:
        data_format: "channels_last" or "channels_first".
        keepdims: whether the axes stay, of size 1.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.GlobalAveragePooling3D()(tf.ones([2, 4, 4, 4, 3])).shape
    TensorShape([2, 3])
    """

    rank = 3
    reduce = "reduce_mean"


# Keras's other names
MaxPool1D = MaxPooling1D
GlobalMaxPool1D = GlobalMaxPooling1D
AvgPool1D = AveragePooling1D
GlobalAvgPool1D = GlobalAveragePooling1D
MaxPool2D = MaxPooling2D
GlobalMaxPool2D = GlobalMaxPooling2D
AvgPool2D = AveragePooling2D
GlobalAvgPool2D = GlobalAveragePooling2D
MaxPool3D = MaxPooling3D
GlobalMaxPool3D = GlobalMaxPooling3D
AvgPool3D = AveragePooling3D
GlobalAvgPool3D = GlobalAveragePooling3D
