"""Layers with chance: they act while `training`, and pass on what they are given otherwise."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.activation_layers import Elementwise
from tapeflow.keras.random import SeedGenerator

__all__ = ["Dropout"]


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
