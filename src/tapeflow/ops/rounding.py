"""Rounding. What is constant between its steps has no derivative: as in TensorFlow, the gradient is None."""

from __future__ import annotations

import numpy as np

from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import binary, unary
from tapeflow.core.tensor import Tensor

__all__ = ["ceil", "floor", "nextafter", "rint", "round"]


@unary("Floor", np.floor, accepts="f")
def floor(x: TensorLike, name: str | None = None) -> Tensor:
    """The largest integer not above x, elementwise, in the dtype of x.

    >>> import tapeflow as tf
    >>> tf.floor([1.7, -1.2]).numpy()
    array([ 1., -2.], dtype=float32)
    """


@unary("Ceil", np.ceil, accepts="f")
def ceil(x: TensorLike, name: str | None = None) -> Tensor:
    """The smallest integer not below x, elementwise, in the dtype of x.

    >>> import tapeflow as tf
    >>> tf.math.ceil([1.2, -1.7]).numpy()
    array([ 2., -1.], dtype=float32)
    """


@unary("Round", lambda x: x if x.dtype.kind in "iu" else np.rint(x), accepts="iuf")
def round(x: TensorLike, name: str | None = None) -> Tensor:
    """The nearest integer, elementwise; a half goes to the even one. Integers stay as they are.

    >>> import tapeflow as tf
    >>> tf.round([0.5, 1.5, 2.7]).numpy()
    array([0., 2., 3.], dtype=float32)
    """


@unary("Rint", np.rint, accepts="f")
def rint(x: TensorLike, name: str | None = None) -> Tensor:
    """The nearest integer, elementwise; a half goes to the even one.

    >>> import tapeflow as tf
    >>> tf.math.rint([0.5, 1.5, 2.7]).numpy()
    array([0., 2., 3.], dtype=float32)
    """


# A step to the next number moves with the number itself, wherever it goes.
@binary(
    "NextAfter",
    np.nextafter,
    (lambda dy: dy, lambda dy, y_shape, y_dtype: filled(0, y_shape, y_dtype)),
    accepts="f",
)
def _nextafter(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def nextafter(x1: TensorLike, x2: TensorLike, name: str | None = None) -> Tensor:
    """The floating-point number next to x1 on the way to x2, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.nextafter(1.0, 2.0).numpy()
    np.float32(1.0000001)
    """
    return _nextafter(x1, x2)
