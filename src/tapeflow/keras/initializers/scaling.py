"""Initializers whose variance depends on the numbers of inputs and outputs."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.backend import floatx
from tapeflow.keras.initializers.initializer import Seeded, dims

__all__ = ["GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "VarianceScaling"]

TRUNCATED = 0.87962566103423978  # the standard deviation of the normal distribution cut off at ±2


class VarianceScaling(Seeded):
    """Random values with the variance scale / n, where n is the number of inputs, of outputs, or the mean of both.

    Args:
        scale: the factor of the variance.
        mode: "fan_in", "fan_out" or "fan_avg".
        distribution: "truncated_normal", "untruncated_normal" or "uniform".
        seed: an integer, or None for other values in each initializer.
        input_axes: not supported.
        output_axes: not supported.

    Raises:
        ValueError: an argument is out of its range.

    >>> import tapeflow as tf
    >>> w = tf.keras.initializers.VarianceScaling(2.0, seed=1)([1000, 50])
    >>> round(float(tf.math.reduce_variance(w)) * 1000, 1)
    2.0
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        if scale <= 0.0:
            raise ValueError(f"Argument `scale` must be positive float. Received: scale={scale}")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"Invalid `mode` argument: {mode}. Please use one of fan_in, fan_out, fan_avg")
        if distribution not in ("uniform", "truncated_normal", "untruncated_normal"):
            raise ValueError(
                f"Invalid `distribution` argument: {distribution}. Please use one of uniform, truncated_normal, "
                "untruncated_normal"
            )
        if input_axes is not None or output_axes is not None:
            raise NotImplementedError(f"{type(self).__name__} does not support `input_axes` and `output_axes`")
        super().__init__(seed)
        self.scale = scale
        self.mode = mode
        self.distribution = distribution

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        size = dims(shape)
        inputs, outputs = _fans(size)
        n = {"fan_in": inputs, "fan_out": outputs, "fan_avg": (inputs + outputs) / 2}[self.mode]
        variance = self.scale / max(1.0, n)
        kind = tf.as_dtype(dtype or floatx())
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return tf.random.stateless_uniform(size, self.key, -limit, limit, kind)
        if self.distribution == "untruncated_normal":
            return tf.random.stateless_normal(size, self.key, 0.0, math.sqrt(variance), kind)
        return tf.random.stateless_truncated_normal(size, self.key, 0.0, math.sqrt(variance) / TRUNCATED, kind)

    def get_config(self) -> dict[str, Any]:
        return {
            "seed": self._given,
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": None,
            "output_axes": None,
        }


def _fans(shape: list[int]) -> tuple[int, int]:
    """The numbers of inputs and outputs of a kernel: the last two axes, times the places of a convolution's window."""
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


class Preset(VarianceScaling):
    """A variance scaling of which only the seed is left to choose."""

    preset: ClassVar[tuple[float, str, str]]  # scale, mode and distribution

    def __init__(self, seed: int | None = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(*self.preset, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._given, "input_axes": None, "output_axes": None}


class GlorotUniform(Preset):
    """Uniform with variance 2 / (inputs + outputs): the default of Keras's layers.

    Args:
        seed: an integer, or None for other values in each initializer.
        input_axes: not supported.
        output_axes: not supported.

    See `Glorot and Bengio, 2010 <https://proceedings.mlr.press/v9/glorot10a.html>`_.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.GlorotUniform(seed=1)([2, 3]).shape
    TensorShape([2, 3])
    """

    preset = 1.0, "fan_avg", "uniform"


class GlorotNormal(Preset):
    """Truncated normal with variance 2 / (inputs + outputs).

    Args:
        seed: an integer, or None for other values in each initializer.
        input_axes: not supported.
        output_axes: not supported.

    See `Glorot and Bengio, 2010 <https://proceedings.mlr.press/v9/glorot10a.html>`_.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.GlorotNormal(seed=1)([2, 3]).shape
    TensorShape([2, 3])
    """

    preset = 1.0, "fan_avg", "truncated_normal"


class HeUniform(Preset):
    """Uniform with variance 2 / inputs: for ReLU.

    Args:
        seed: an integer, or None for other values in each initializer.
        input_axes: not supported.
        output_axes: not supported.

    See `He et al., 2015 <https://arxiv.org/abs/1502.01852>`_.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.HeUniform(seed=1)([2, 3]).shape
    TensorShape([2, 3])
    """

    preset = 2.0, "fan_in", "uniform"


class HeNormal(Preset):
    """Truncated normal with variance 2 / inputs: for ReLU.

    Args:
        seed: an integer, or None for other values in each initializer.
        input_axes: not supported.
        output_axes: not supported.

    See `He et al., 2015 <https://arxiv.org/abs/1502.01852>`_.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.HeNormal(seed=1)([2, 3]).shape
    TensorShape([2, 3])
    """

    preset = 2.0, "fan_in", "truncated_normal"


class LecunUniform(Preset):
    """Uniform with variance 1 / inputs.

    Args:
        seed: an integer, or None for other values in each initializer.
        input_axes: not supported.
        output_axes: not supported.

    See `LeCun et al., 1998 <http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf>`_.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.LecunUniform(seed=1)([2, 3]).shape
    TensorShape([2, 3])
    """

    preset = 1.0, "fan_in", "uniform"


class LecunNormal(Preset):
    """Truncated normal with variance 1 / inputs: for SELU.

    Args:
        seed: an integer, or None for other values in each initializer.
        input_axes: not supported.
        output_axes: not supported.

    See `LeCun et al., 1998 <http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf>`_.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.LecunNormal(seed=1)([2, 3]).shape
    TensorShape([2, 3])
    """

    preset = 1.0, "fan_in", "truncated_normal"
