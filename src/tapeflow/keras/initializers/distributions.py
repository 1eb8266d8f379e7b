"""Initializers with random values of a fixed distribution, and random rotations."""

from __future__ import annotations

import math
from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.backend import floatx
from tapeflow.keras.initializers.initializer import Seeded, dims

__all__ = ["Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal"]


class RandomUniform(Seeded):
    """Uniform between two values.

    Args:
        minval: the lowest value.
        maxval: the value that all are below.
        seed: an integer, or None for other values in each initializer.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.RandomUniform(0.0, 1.0, seed=5)([3]).numpy()
    array([0.06185329, 0.8316691 , 0.97357714], dtype=float32)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.minval = minval
        self.maxval = maxval

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        kind = tf.as_dtype(dtype or floatx())
        return tf.random.stateless_uniform(dims(shape), self.key, self.minval, self.maxval, kind)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._given, "minval": self.minval, "maxval": self.maxval}


class RandomNormal(Seeded):
    """Normal.

    Args:
        mean: the mean.
        stddev: the standard deviation.
        seed: an integer, or None for other values in each initializer.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.RandomNormal(stddev=1.0, seed=5)([3]).shape
    TensorShape([3])
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean = mean
        self.stddev = stddev

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        kind = tf.as_dtype(dtype or floatx())
        return tf.random.stateless_normal(dims(shape), self.key, self.mean, self.stddev, kind)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._given, "mean": self.mean, "stddev": self.stddev}


class TruncatedNormal(RandomNormal):
    """Normal, without values further than two standard deviations from the mean.

    Args:
        mean: the mean.
        stddev: the standard deviation before values are left out.
        seed: an integer, or None for other values in each initializer.

    >>> import tapeflow as tf
    >>> bool(tf.reduce_max(abs(tf.keras.initializers.TruncatedNormal(stddev=1.0)([1000]))) <= 2.0)
    True
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        kind = tf.as_dtype(dtype or floatx())
        return tf.random.stateless_truncated_normal(dims(shape), self.key, self.mean, self.stddev, kind)


class Orthogonal(Seeded):
    """A random matrix with orthonormal rows or columns, times a factor; more dimensions count as rows.

    Args:
        gain: the factor.
        seed: an integer, or None for other values in each initializer.

    See `Saxe et al., 2014 <https://arxiv.org/abs/1312.6120>`_.

    >>> import tapeflow as tf
    >>> q = tf.keras.initializers.Orthogonal(seed=1)([3, 2])
    >>> (abs(tf.transpose(q) @ q).numpy().round(3) + 0.0).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        size = dims(shape)
        if len(size) < 2:
            raise ValueError(
                f"The tensor to initialize must be at least two-dimensional. Received: shape={shape} of rank {len(size)}."
            )
        rows, columns = math.prod(size[:-1]), size[-1]
        kind = tf.as_dtype(dtype or floatx())
        random = tf.random.stateless_normal([max(rows, columns), min(rows, columns)], self.key, dtype=kind)
        q, r = tf.linalg.qr(random)
        q = q * tf.sign(tf.linalg.diag_part(r))  # so that every rotation is equally likely
        return self.gain * tf.reshape(tf.transpose(q) if rows < columns else q, size)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "seed": self._given}
