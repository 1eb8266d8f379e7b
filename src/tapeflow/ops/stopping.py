"""Where differentiation stops."""

from __future__ import annotations

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor

__all__ = ["stop_gradient"]

STOP_GRADIENT = Primitive("StopGradient", lambda input: input, shape=lambda input: input)


def stop_gradient(input: TensorLike, name: str | None = None) -> Tensor:
    """The same value, as a constant: no gradient flows through it.

    Args:
        input: tensor-like, of any dtype.
        name: accepted.

    >>> import tapeflow as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * tf.stop_gradient(x)
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=3.0>
    """
    return apply(STOP_GRADIENT, convert(input))
