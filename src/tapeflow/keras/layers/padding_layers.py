"""Layers that make images and series larger or smaller."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.inner_axes import InnerAxes
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.settings import per_axis
from tapeflow.keras.layers.specification import InputSpec

__all__ = ["Cropping1D", "Cropping2D", "UpSampling1D", "UpSampling2D", "ZeroPadding1D", "ZeroPadding2D"]


def _pairs(name: str, value: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """How much at the beginning and the end of each of two axes.

    Raises:
        ValueError: it is no integer, nor two, nor two pairs.
    """
    if isinstance(value, int):
        return (value, value), (value, value)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"`{name}` should have two elements. Received: {name}={value}.")
    first, second = (per_axis(f"{name} entry", each, 2, 0) for each in value)
    return (first[0], first[1]), (second[0], second[1])


class ZeroPadding1D(InnerAxes):
    """Zeros before and after each series of shape (length, channels).

    Args:
        padding: how many; an integer, or two.
        data_format: "channels_last" or "channels_first".
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.ZeroPadding1D(2)(tf.ones([1, 3, 4])).shape
    TensorShape([1, 7, 4])
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.padding = per_axis("padding", padding, 2, 0)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs with zeros around them."""
        return tf.pad(inputs, [self.padding if axis in self.inner_axes else (0, 0) for axis in range(3)])

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        shape = list(input_shape)
        [axis] = self.inner_axes
        if shape[axis] is not None:
            shape[axis] += sum(self.padding)
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"padding": self.padding, "data_format": self.data_format}


class ZeroPadding2D(InnerAxes):
    """Zeros around each image.

    Args:
        padding: how many; an integer, two for height and width, or two pairs.
        data_format: "channels_last" or "channels_first".
        **kwargs: those of `Layer`.

    Raises:
        ValueError: `padding` is something else.

    >>> import tapeflow as tf
    >>> tf.keras.layers.ZeroPadding2D(((1, 0), (2, 2)))(tf.ones([1, 3, 3, 4])).shape
    TensorShape([1, 4, 7, 4])
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.padding = _pairs("padding", padding)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs with zeros around them."""
        around: list = [(0, 0)] * 4
        for axis, pair in zip(self.inner_axes, self.padding, strict=True):
            around[axis] = pair
        return tf.pad(inputs, around)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        shape = list(input_shape)
        for i, pair in zip(self.inner_axes, self.padding, strict=True):
            shape[i] = None if shape[i] is None else shape[i] + sum(pair)
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"padding": self.padding, "data_format": self.data_format}


class Cropping1D(Layer):
    """Each series of shape (length, channels) without what is at its ends.

    Args:
        cropping: how much is cut off; an integer, or two.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when called: nothing would be left.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Cropping1D((1, 2))(tf.ones([1, 7, 4])).shape
    TensorShape([1, 4, 4])
    """

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = per_axis("cropping", cropping, 2, 0)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs without their ends."""
        self.compute_output_shape(tuple(inputs.shape))
        return inputs[:, self.cropping[0] : -self.cropping[1] or None]

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        length = input_shape[1]
        if length is not None:
            length -= sum(self.cropping)
            _require_rest(length, "cropping", self.cropping, input_shape)
        return (input_shape[0], length, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"cropping": self.cropping}


def _require_rest(length: int, name: str, value: Any, input_shape: Any) -> None:
    if length <= 0:
        raise ValueError(
            f"`{name}` parameter of Cropping layer must be smaller than the input's sizes. Received: "
            f"input_shape={tuple(input_shape)}, {name}={value}"
        )


class Cropping2D(InnerAxes):
    """Each image without what is at its edges.

    Args:
        cropping: how much is cut off; an integer, two for height and width, or two pairs.
        data_format: "channels_last" or "channels_first".
        **kwargs: those of `Layer`.

    Raises:
        ValueError: `cropping` is something else; or, when called, nothing would be left.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Cropping2D(((1, 0), (2, 2)))(tf.ones([1, 5, 5, 4])).shape
    TensorShape([1, 4, 1, 4])
    """

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(data_format, **kwargs)
        self.cropping = _pairs("cropping", cropping)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs without their edges."""
        self.compute_output_shape(tuple(inputs.shape))
        kept = [slice(None)] * 4
        for i, (before, after) in zip(self.inner_axes, self.cropping, strict=True):
            kept[i] = slice(before, -after or None)
        return inputs[tuple(kept)]

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        shape = list(input_shape)
        for i, pair in zip(self.inner_axes, self.cropping, strict=True):
            if shape[i] is not None:
                shape[i] -= sum(pair)
                _require_rest(shape[i], "cropping", self.cropping, input_shape)
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"cropping": self.cropping, "data_format": self.data_format}


class UpSampling1D(Layer):
    """Each step of a series several times.

    Args:
        size: how many times.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.UpSampling1D(2)(tf.constant([[[1.0], [2.0]]])).numpy().ravel()
    array([1., 1., 2., 2.], dtype=float32)
    """

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = int(size)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, each step several times."""
        return tf.repeat(inputs, self.size, axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        length = None if input_shape[1] is None else input_shape[1] * self.size
        return (input_shape[0], length, input_shape[2])

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"size": self.size}


class UpSampling2D(InnerAxes):
    """Each pixel of an image several times.

    Args:
        size: how many times; an integer, or one for height and one for width.
        data_format: "channels_last" or "channels_first".
        interpolation: must be "nearest".
        **kwargs: those of `Layer`.

    Raises:
        NotImplementedError: another interpolation is asked for.

    >>> import tapeflow as tf
    >>> tf.keras.layers.UpSampling2D((2, 3))(tf.ones([1, 4, 4, 2])).shape
    TensorShape([1, 8, 12, 2])
    """

    rank = 2

    def __init__(
        self, size: Any = (2, 2), data_format: str | None = None, interpolation: str = "nearest", **kwargs: Any
    ) -> None:
        super().__init__(data_format, **kwargs)
        if str(interpolation).lower() != "nearest":
            raise NotImplementedError(f"UpSampling2D does not support `interpolation` {interpolation!r}, only 'nearest'")
        self.size = per_axis("size", size, 2)
        self.interpolation = "nearest"

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, each pixel several times."""
        for axis, times in zip(self.inner_axes, self.size, strict=True):
            inputs = tf.repeat(inputs, times, axis=axis)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        shape = list(input_shape)
        for axis, times in zip(self.inner_axes, self.size, strict=True):
            shape[axis] = None if shape[axis] is None else shape[axis] * times
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        own = {"size": self.size, "data_format": self.data_format, "interpolation": self.interpolation}
        return super().get_config() | own
