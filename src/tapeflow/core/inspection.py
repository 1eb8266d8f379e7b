"""Questions about values and about where a program stands: `tf.is_tensor`, `tf.executing_eagerly`, and their like."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tapeflow.core.recording import current, set_recorders
from tapeflow.core.symbolic import SymbolicTensor, perform, tracing, tracing_with
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable

if TYPE_CHECKING:
    import logging

__all__ = [
    "executing_eagerly",
    "get_logger",
    "get_static_value",
    "init_scope",
    "inside_function",
    "is_symbolic_tensor",
    "is_tensor",
    "timestamp",
]


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor, a variable, or another object of TapeFlow's that stands for one.

    >>> import tapeflow as tf
    >>> tf.is_tensor(tf.Variable(1.0)), tf.is_tensor([1.0])
    (True, False)
    """
    return isinstance(x, Tensor | Variable) or hasattr(type(x), "__tf_tensor__")


def executing_eagerly() -> bool:
    """Whether operations compute at once: False while a `tf.function` is being traced.

    >>> import tapeflow as tf
    >>> tf.executing_eagerly()
    True
    """
    return tracing() is None


def inside_function() -> bool:
    """Whether a `tf.function` is being traced.

    >>> import tapeflow as tf
    >>> tf.inside_function()
    False
    """
    return tracing() is not None


def is_symbolic_tensor(tensor: Any) -> bool:
    """Whether `tensor` stands for a value that is not known yet, inside a `tf.function`.

    >>> import tapeflow as tf
    >>> tf.is_symbolic_tensor(tf.constant(1.0))
    False
    """
    return isinstance(tensor, SymbolicTensor)


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The value of a tensor as NumPy, if it is known without running anything; None for a variable, which may change.

    Args:
        tensor: a tensor or variable; anything else is returned as it is.
        partial: accepted: a value is known as a whole or not at all.

    >>> import tapeflow as tf
    >>> tf.get_static_value(tf.constant([1, 2]))
    array([1, 2], dtype=int32)
    """
    if isinstance(tensor, Variable | SymbolicTensor):
        return None
    return tensor.numpy() if isinstance(tensor, Tensor) else tensor


@contextmanager
def init_scope() -> Iterator[None]:
    """A context outside of all tapes and of the function being traced: what is computed in it is computed at once.

    >>> import tapeflow as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     with tf.init_scope():
    ...         y = x * x
    >>> print(tape.gradient(y, x))
    None
    """
    recording = current()
    set_recorders(())
    try:
        with tracing_with(None):
            yield
    finally:
        if recording is not None:
            set_recorders(recording[1])


def get_logger() -> logging.Logger:
    """The logger that warnings of TapeFlow go to.

    >>> import tapeflow as tf
    >>> tf.get_logger().name
    'tapeflow'
    """
    import logging  # loaded when there is something to say

    return logging.getLogger("tapeflow")


def timestamp(name: str | None = None) -> Tensor:
    """The time since the epoch in seconds, a float64 scalar.

    >>> import tapeflow as tf
    >>> tf.timestamp().dtype
    tf.float64
    """
    return perform(lambda: Tensor(np.float64(time.time())), (), ((), np.dtype("float64")), assigns=False)
