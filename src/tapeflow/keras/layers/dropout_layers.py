"""Layers with chance: they act while `training`, and pass on what they are given otherwise."""

from __future__ import annotations

import math
from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.activation_layers import Elementwise
from tapeflow.keras.layers.inner_axes import checked_data_format
from tapeflow.keras.layers.specification import InputSpec
from tapeflow.keras.random import SeedGenerator

__all__ = ["Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D", "SpatialDropout2D"]


class Dropout(Elementwise):
    """Sets elements to zero at random while training, and scales up the others so that the mean stays.

    Args:
        rate: the probability that an element is dropped.
        noise_shape: the shape of the choices, which broadcasts with the inputs; None for an axis of the inputs' size.
        seed: an integer, for the same choices in each run.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: the rate is not between 0 and 1.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.Dropout(0.5, seed=1)
    >>> layer(tf.ones([6]), training=True).numpy(), layer(tf.ones([2])).numpy()
    (array([2., 0., 2., 0., 0., 0.], dtype=float32), array([1., 1.], dtype=float32))
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 <= rate <= 1:
            raise ValueError(
                f"Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate={rate}"
            )
        self.rate = rate
        self.seed = seed
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """The inputs, some of them dropped if `training`."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return tf.zeros_like(inputs)
        noise_shape = self.noise_shape
        if noise_shape is not None and None in noise_shape:
            sizes = tf.shape(inputs)
            noise_shape = [sizes[i] if size is None else size for i, size in enumerate(noise_shape)]  # type: ignore[assignment]
        return tf.nn.experimental.stateless_dropout(inputs, self.rate, self.seed_generator.next(), noise_shape=noise_shape)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"rate": self.rate, "seed": self.seed, "noise_shape": self.noise_shape}


class SpatialDropout(Dropout):
    """Dropout of whole channels."""

    rank: int

    def __init__(self, rate: float, data_format: str | None, seed: int | None, name: str | None, dtype: Any) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = checked_data_format(data_format)
        inner = (1,) * self.rank
        self.noise_shape = (None, None, *inner) if self.data_format == "channels_first" else (None, *inner, None)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        own = super().get_config()
        return {name: own[name] for name in ("rate", "seed", "name")} | {"dtype": str(self.dtype)}


class SpatialDropout1D(SpatialDropout):
    """Sets whole channels of series of shape (batch, length, channels) to zero while training.

    Args:
        rate: the probability that a channel is dropped.
        seed: an integer, for the same choices in each run.
        name: the name.
        dtype: the dtype.

    >>> import tapeflow as tf
    >>> x = tf.keras.layers.SpatialDropout1D(0.5, seed=1)(tf.ones([1, 3, 8]), training=True)
    >>> bool(tf.reduce_all(x[:, 0] == x[:, 1]))
    True
    """

    rank = 1

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(rate, None, seed, name, dtype)


class SpatialDropout2D(SpatialDropout):
    """Sets whole channels of images of shape (batch, height, width, channels) to zero while training.

    Args:
        rate: the probability that a channel is dropped.
        data_format: "channels_last" or "channels_first".
        seed: an integer, for the same choices in each run.
        name: the name.
        dtype: the dtype.

    >>> import tapeflow as tf
    >>> x = tf.keras.layers.SpatialDropout2D(0.5, seed=1)(tf.ones([1, 3, 3, 8]), training=True)
    >>> bool(tf.reduce_all(x[:, 0] == x[:, 1]))
    True
    """

    rank = 2

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(rate, data_format, seed, name, dtype)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"data_format": self.data_format}


class GaussianNoise(Elementwise):
    """Adds normal noise while training.

    Args:
        stddev: its standard deviation.
        seed: an integer, for the same noise in each run.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: the deviation is not between 0 and 1.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.GaussianNoise(0.5, seed=1)
    >>> bool(tf.reduce_all(layer(tf.zeros([3]), training=True) != 0.0)), layer(tf.zeros([2])).numpy()
    (True, array([0., 0.], dtype=float32))
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= stddev <= 1:
            raise ValueError(
                "Invalid value received for argument `stddev`. Expected a float value between 0 and 1. Received: "
                f"stddev={stddev}"
            )
        self.stddev, self.seed = stddev, seed
        if stddev > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """The inputs, with noise if `training`."""
        if not training or self.stddev == 0:
            return inputs
        return inputs + _normal(inputs, 0.0, self.stddev, self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"stddev": self.stddev, "seed": self.seed}


class GaussianDropout(Elementwise):
    """Multiplies by normal noise of mean 1 and standard deviation √(rate / (1 - rate)) while training.

    Args:
        rate: tells how much noise.
        seed: an integer, for the same noise in each run.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: the rate is not between 0 and 1.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.GaussianDropout(0.5, seed=1)
    >>> bool(tf.reduce_all(layer(tf.ones([3]), training=True) != 1.0)), layer(tf.ones([2])).numpy()
    (True, array([1., 1.], dtype=float32))
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate <= 1:
            raise ValueError(
                f"Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate={rate}"
            )
        self.rate, self.seed = rate, seed
        if rate > 0:
            self.seed_generator = SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """The inputs, with noise if `training`."""
        if not training or self.rate == 0:
            return inputs
        return inputs * _normal(inputs, 1.0, math.sqrt(self.rate / (1.0 - self.rate)), self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"rate": self.rate, "seed": self.seed}


def _normal(x: Tensor, mean: float, stddev: float, seeds: SeedGenerator) -> Tensor:
    """Normal numbers in the shape and dtype of a tensor."""
    return tf.random.stateless_normal(tf.shape(x), seeds.next(), mean, stddev, x.dtype)
