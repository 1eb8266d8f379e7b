"""`tf.keras.regularizers`: what is added to a loss for weights that are large. Functions of a tensor that give a number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import tapeflow as tf
from tapeflow.compat.missing import names_missing_from
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.tensor import Tensor
from tapeflow.keras.identifiers import described, identified, instance_of, named

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]


class Regularizer:
    """A function of a tensor that gives a number to add to a loss. Subclasses say which.

    >>> import tapeflow as tf
    >>> class Sum(tf.keras.regularizers.Regularizer):
    ...     def __call__(self, x):
    ...         return 0.5 * tf.reduce_sum(x)
    >>> layer = tf.keras.layers.Dense(2, kernel_initializer="ones", kernel_regularizer=Sum())
    >>> _ = layer(tf.ones([1, 3]))
    >>> [loss.numpy().item() for loss in layer.losses]
    [3.0]
    """

    def __call__(self, x: TensorLike) -> Any:
        """The number; here 0."""
        return tf.zeros([], convert(x).dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another one like this."""
        raise NotImplementedError(f"{self} does not implement get_config()")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The regularizer that `get_config` described."""
        return cls(**config)


def _factor(name: str, value: Any) -> Any:
    """A factor, if it is one.

    Raises:
        ValueError: it is no number, or negative or not finite.
    """
    if isinstance(value, bool) or not hasattr(value, "__float__") or not 0.0 <= float(value) < math.inf:
        raise ValueError(f"Invalid value for argument {name}: expected a non-negative float. Received: {name}={value}")
    return value


class L1L2(Regularizer):
    """l1 · Σ|x| + l2 · Σx².

    Args:
        l1: the factor of the sum of absolute values.
        l2: the factor of the sum of squares.

    Raises:
        ValueError: a factor is no number, or negative.

    >>> import tapeflow as tf
    >>> tf.keras.regularizers.L1L2(0.5, 0.25)([1.0, -2.0]).numpy()
    np.float32(2.75)
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = _factor("l1", 0.0 if l1 is None else l1)
        self.l2 = _factor("l2", 0.0 if l2 is None else l2)

    def __call__(self, x: TensorLike) -> Tensor:
        x = convert(x)
        total = tf.zeros([], x.dtype)
        if self.l1:
            total = total + self.l1 * tf.reduce_sum(tf.abs(x))
        if self.l2:
            total = total + self.l2 * tf.reduce_sum(tf.square(x))
        return total

    def get_config(self) -> dict[str, Any]:
        return {"l1": float(self.l1), "l2": float(self.l2)}


class L1(Regularizer):
    """l1 · Σ|x|.

    Args:
        l1: the factor.

    Raises:
        ValueError: the factor is no number, or negative.

    >>> import tapeflow as tf
    >>> tf.keras.regularizers.L1(0.5)([1.0, -2.0]).numpy()
    np.float32(1.5)
    """

    def __init__(self, l1: float | None = 0.01) -> None:
        self.l1 = float(np.float32(_factor("l1", 0.01 if l1 is None else l1)))  # as Keras keeps it

    def __call__(self, x: TensorLike) -> Tensor:
        return self.l1 * tf.reduce_sum(tf.abs(convert(x)))

    def get_config(self) -> dict[str, Any]:
        return {"l1": float(self.l1)}


class L2(Regularizer):
    """l2 · Σx².

    Args:
        l2: the factor.

    Raises:
        ValueError: the factor is no number, or negative.

    >>> import tapeflow as tf
    >>> tf.keras.regularizers.L2(0.5)([1.0, -2.0]).numpy()
    np.float32(2.5)
    """

    def __init__(self, l2: float | None = 0.01) -> None:
        self.l2 = _factor("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: TensorLike) -> Tensor:
        return self.l2 * tf.reduce_sum(tf.square(convert(x)))

    def get_config(self) -> dict[str, Any]:
        return {"l2": float(self.l2)}


class OrthogonalRegularizer(Regularizer):
    """The mean |cosine| between two rows of a matrix, or two columns, times a factor.

    Args:
        factor: the factor.
        mode: "rows" or "columns".

    Raises:
        ValueError: an argument is out of its range; or, when called, the tensor is no matrix.

    >>> import tapeflow as tf
    >>> tf.keras.regularizers.OrthogonalRegularizer(1.0)([[1.0, 0.0], [1.0, 1.0]]).numpy().round(4)
    np.float32(0.7071)
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor("factor", factor)
        if mode not in ("rows", "columns"):
            raise ValueError(
                f'Invalid value for argument `mode`. Expected one of {{"rows", "columns"}}. Received: mode={mode}'
            )
        self.mode = mode

    def __call__(self, x: TensorLike) -> Tensor:
        x = convert(x)
        if x.ndim != 2:
            raise ValueError(f"Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape={x.shape}")
        axis = 1 if self.mode == "rows" else 0
        unit = x * tf.math.rsqrt(tf.maximum(tf.reduce_sum(tf.square(x), axis, keepdims=True), 1e-12))
        cosines = tf.matmul(unit, unit, transpose_b=axis == 1, transpose_a=axis == 0)
        size = x.shape[1 - axis]
        others = tf.abs(cosines * (1.0 - tf.eye(size, dtype=x.dtype)))
        return self.factor * 0.5 * tf.reduce_sum(others) / (size * (size - 1.0) / 2.0)

    def get_config(self) -> dict[str, Any]:
        return {"factor": float(self.factor), "mode": self.mode}


# Keras's other names
l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

# -- by name, and as plain dicts ----------------------------------------------------------------------

BY_NAME: dict[str, type[Regularizer]] = {
    **{kind.__name__: kind for kind in (Regularizer, L1, L2, L1L2, OrthogonalRegularizer)},
    **{"l1": L1, "l2": L2, "l1_l2": L1L2, "l1l2": L1L2, "orthogonal_regularizer": OrthogonalRegularizer},
}


def serialize(regularizer: Any) -> dict[str, Any]:
    """A regularizer as a dict of plain values, for `deserialize`.

    >>> import tapeflow as tf
    >>> tf.keras.regularizers.serialize(tf.keras.regularizers.L2(0.5))["config"]
    {'l2': 0.5}
    """
    return described(regularizer, "keras.regularizers")


def deserialize(config: Any, custom_objects: dict[str, Callable] | None = None) -> Any:
    """The regularizer that `serialize` described, or that is called so.

    Raises:
        ValueError: there is no such regularizer.

    >>> import tapeflow as tf
    >>> tf.keras.regularizers.deserialize({"class_name": "L1", "config": {"l1": 0.5}}).l1
    0.5
    """
    return instance_of(named("regularizer", config, custom_objects, BY_NAME.get), config)


def get(identifier: Any) -> Any:
    """The regularizer that is meant by a name, a dict, or a class; a function is returned as it is, and so is None.

    Raises:
        ValueError: nothing is meant by it.

    >>> import tapeflow as tf
    >>> type(tf.keras.regularizers.get("l2")).__name__
    'L2'
    """
    return identified("regularizer", identifier, deserialize, makes=True)


__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
