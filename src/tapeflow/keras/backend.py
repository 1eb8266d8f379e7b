"""`tf.keras.backend`: what Keras computes with unless told otherwise."""

from __future__ import annotations

from typing import Any

from tapeflow.compat.missing import names_missing_from

__all__ = ["clear_session", "epsilon", "floatx", "set_floatx"]

FLOATS = ("bfloat16", "float16", "float32", "float64")

_settings = {"floatx": "float32"}


def floatx() -> str:
    """The dtype of learning rates, initial values, losses and metrics that are given none: "float32" unless it was set.

    >>> import tapeflow as tf
    >>> tf.keras.backend.floatx()
    'float32'
    """
    return _settings["floatx"]


def set_floatx(value: str) -> None:
    """Sets what `floatx` gives. Tensors and variables are not concerned: `tf.constant(1.0)` stays float32.

    Args:
        value: "bfloat16", "float16", "float32" or "float64".

    Raises:
        ValueError: it is none of these; nothing is changed.

    >>> import tapeflow as tf
    >>> tf.keras.backend.set_floatx("float64")
    >>> tf.keras.optimizers.SGD(0.5).learning_rate.dtype
    tf.float64
    >>> tf.keras.backend.set_floatx("float32")
    """
    if not isinstance(value, str) or value not in FLOATS:
        raise ValueError(f"Unknown `floatx` value: {value}. Expected one of {FLOATS}")
    _settings["floatx"] = value


def epsilon() -> float:
    """The small number that Keras keeps logarithms and quotients away from zero with: 1e-7.

    >>> import tapeflow as tf
    >>> tf.keras.backend.epsilon()
    1e-07
    """
    return 1e-7


def clear_session(free_memory: bool = True) -> None:
    """Lets the names that layers get by themselves start anew.

    Args:
        free_memory: accepted; memory is given back when the last reference to it goes.

    >>> import tapeflow as tf
    >>> tf.keras.backend.clear_session()
    >>> tf.keras.layers.Dense(1).name, tf.keras.layers.Dense(1).name
    ('dense', 'dense_1')
    """
    from tapeflow.keras.naming import forget_names

    forget_names()


__getattr__: Any = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
