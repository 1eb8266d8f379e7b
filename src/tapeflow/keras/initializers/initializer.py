"""The base of all initializers."""

from __future__ import annotations

import random
from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor

__all__ = ["Initializer", "Seeded", "dims"]


class Initializer:
    """The base class of initializers: functions of a shape and a dtype.

    >>> import tapeflow as tf
    >>> class Halves(tf.keras.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return tf.fill(shape, tf.cast(0.5, dtype or tf.float32))
    >>> tf.Variable(Halves()([2])).numpy()
    array([0.5, 0.5], dtype=float32)
    """

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """A tensor of the shape and dtype (float32 by default)."""
        raise NotImplementedError(f"{type(self).__name__} must override `__call__(self, shape, dtype=None)`")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The initializer that `get_config` described."""
        return cls(**config)

    def clone(self) -> Any:
        """An initializer that gives the same values."""
        return type(self).from_config(self.get_config())


class Seeded(Initializer):
    """An initializer that gives random values: the same ones each time it is called.

    Without a seed one is drawn from Python's `random`, as Keras does.
    """

    def __init__(self, seed: int | None = None) -> None:
        if seed is not None and (isinstance(seed, bool) or not hasattr(seed, "__index__")):
            raise ValueError(f"`seed` argument should be an integer or None. Received: seed={seed}")
        self._given = None if seed is None else int(seed)
        self.seed = random.randint(1, 10**9) if seed is None else int(seed)

    @property
    def key(self) -> list[int]:
        """The seed of the stateless random functions."""
        return [self.seed, 0]

    def get_config(self) -> dict[str, Any]:
        return {"seed": self._given}

    def clone(self) -> Any:
        twin = super().clone()
        twin.seed = self.seed
        return twin


def dims(shape: Any) -> list[int]:
    """The shape as a list of integers.

    Raises:
        ValueError: a dimension is not known.
    """
    found = tf.TensorShape(shape)
    if not found.is_fully_defined():
        raise ValueError(f"the shape of what is initialized must be known, got {found}")
    return [int(n) for n in found]  # type: ignore[arg-type]
