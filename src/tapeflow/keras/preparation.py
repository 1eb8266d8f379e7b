"""`tf.keras.utils`: what programs prepare their data and their chance with."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

import tapeflow as tf
from tapeflow.compat.missing import names_missing_from
from tapeflow.core.tensor import Tensor
from tapeflow.keras.backend import clear_session

__all__ = ["clear_session", "set_random_seed", "to_categorical"]


def set_random_seed(seed: int) -> None:
    """Seeds Python's `random`, NumPy's, and `tf.random`: layers that are made then begin with the same weights in each run.

    Args:
        seed: an integer that is not negative.

    Raises:
        ValueError: it is none.

    >>> import tapeflow as tf
    >>> tf.keras.utils.set_random_seed(1)
    >>> first = tf.keras.initializers.GlorotUniform()([2, 2])
    >>> tf.keras.utils.set_random_seed(1)
    >>> bool(tf.reduce_all(first == tf.keras.initializers.GlorotUniform()([2, 2])))
    True
    """
    if isinstance(seed, bool) or not hasattr(seed, "__index__") or int(seed) < 0:
        raise ValueError(f"Expected `seed` argument to be a non-negative integer. Received: seed={seed}")
    random.seed(seed)
    np.random.seed(seed)
    tf.random.set_seed(seed)


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """A row for each class number, with 1 in its place and 0 elsewhere.

    Args:
        x: integers, of any shape; a last axis of 1 is left out.
        num_classes: the length of a row; by default one more than the greatest number.

    Returns:
        An array, or a tensor if `x` is one; float32.

    >>> import tapeflow as tf
    >>> tf.keras.utils.to_categorical([0, 2]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    numbers = np.array(x, dtype="int64")
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers.reshape(numbers.shape[:-1])
    size = int(numbers.max()) + 1 if num_classes is None else num_classes
    rows = np.zeros((numbers.size, size), "float32")
    rows[np.arange(numbers.size), numbers.ravel()] = 1.0
    found = rows.reshape((*numbers.shape, size))
    return tf.constant(found) if isinstance(x, Tensor) else found


__getattr__ = names_missing_from("tapeflow.keras.utils")


def __dir__() -> list[str]:
    return __all__
