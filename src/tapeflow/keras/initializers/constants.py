"""Initializers without chance."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.convert import TensorLike
from tapeflow.core.tensor import Tensor
from tapeflow.keras.backend import floatx
from tapeflow.keras.initializers.initializer import Initializer, dims

__all__ = ["Constant", "Identity", "Ones", "Zeros"]


class Zeros(Initializer):
    """All zeros.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.Zeros()([2]).numpy()
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        return tf.zeros(dims(shape), tf.as_dtype(dtype or floatx()))


class Ones(Initializer):
    """All ones.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.Ones()([2]).numpy()
    array([1., 1.], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        return tf.ones(dims(shape), tf.as_dtype(dtype or floatx()))


class Constant(Initializer):
    """One value everywhere, or an array that is broadcast.

    Args:
        value: the value.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.Constant(0.5)([2]).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, value: TensorLike = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        return tf.broadcast_to(tf.cast(self.value, tf.as_dtype(dtype or floatx())), dims(shape))

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}


class Identity(Initializer):
    """The unit matrix times a factor.

    Args:
        gain: the factor.

    >>> import tapeflow as tf
    >>> tf.keras.initializers.Identity(2.0)([2, 3]).numpy()
    array([[2., 0., 0.],
           [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        size = dims(shape)
        if len(size) != 2:
            raise ValueError(
                f"Identity matrix initializer can only be used for 2D matrices. Received: shape={shape} of rank {len(size)}."
            )
        return self.gain * tf.eye(size[0], size[1], dtype=tf.as_dtype(dtype or floatx()))

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}
