"""Arithmetic: sums, products, quotients and powers, elementwise and broadcasting."""

from __future__ import annotations

import operator

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import binary, conj, unary
from tapeflow.core.tensor import Tensor

__all__ = ["add", "multiply", "negative", "pow", "square", "subtract"]


@binary("AddV2", operator.add, (lambda dy: dy, lambda dy: dy), accepts="iufcS")
def add(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x + y, elementwise.

    >>> import tapeflow as tf
    >>> tf.add([1.0, 2.0], 3.0).numpy()
    array([4., 5.], dtype=float32)
    """


@binary("Sub", operator.sub, (lambda dy: dy, lambda dy: negative(dy)))
def subtract(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x - y, elementwise.

    >>> import tapeflow as tf
    >>> tf.subtract([1.0, 2.0], 3.0).numpy()
    array([-2., -1.], dtype=float32)
    """


@binary("Mul", operator.mul, (lambda dy, y: multiply(dy, conj(y)), lambda dy, x: multiply(dy, conj(x))))
def multiply(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x · y, elementwise.

    >>> import tapeflow as tf
    >>> tf.multiply([1.0, 2.0], 3.0).numpy()
    array([3., 6.], dtype=float32)
    """


@unary("Neg", operator.neg, vjp=lambda dy: negative(dy), accepts="iufc")
def negative(x: TensorLike, name: str | None = None) -> Tensor:
    """-x, elementwise.

    >>> import tapeflow as tf
    >>> tf.negative([1.0, -2.0]).numpy()
    array([-1.,  2.], dtype=float32)
    """


@unary("Square", lambda x: x * x, vjp=lambda dy, x: multiply(dy, conj(x + x)), accepts="iufc")
def square(x: TensorLike, name: str | None = None) -> Tensor:
    """x², elementwise.

    >>> import tapeflow as tf
    >>> tf.square([1.0, -2.0]).numpy()
    array([1., 4.], dtype=float32)
    """


def _power(x, y):
    if not y.ndim:
        if y == 2:
            return x * x
    return x**y


@binary("Pow", _power, (lambda dy, x, y: multiply(dy, multiply(y, pow(x, subtract(y, 1)))), None))
def pow(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x to the power y, elementwise."""
