"""Bitwise operations on integers: `tf.bitwise`."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import binary, unary
from tapeflow.core.tensor import Tensor

__all__ = ["bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"]


@binary("BitwiseAnd", operator.and_, accepts="iu")
def bitwise_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits that are set in both x and y.

    >>> import tapeflow as tf
    >>> tf.bitwise.bitwise_and([0b110], [0b011]).numpy()
    array([2], dtype=int32)
    """


@binary("BitwiseOr", operator.or_, accepts="iu")
def bitwise_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits that are set in x or y or both.

    >>> import tapeflow as tf
    >>> tf.bitwise.bitwise_or([0b110], [0b011]).numpy()
    array([7], dtype=int32)
    """


@binary("BitwiseXor", operator.xor, accepts="iu")
def bitwise_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits in which x and y differ.

    >>> import tapeflow as tf
    >>> tf.bitwise.bitwise_xor([0b110], [0b011]).numpy()
    array([5], dtype=int32)
    """


@unary("Invert", operator.invert, accepts="iu")
def invert(x: TensorLike, name: str | None = None) -> Tensor:
    """All bits flipped.

    >>> import tapeflow as tf
    >>> tf.bitwise.invert([5]).numpy()
    array([-6], dtype=int32)
    """


def _places(x: Any, y: Any) -> Any:
    """How far to shift: a shift by more bits than there are is undefined, so it is held between 0 and one less."""
    return np.clip(y, 0, 8 * x.dtype.itemsize - 1)


@binary("LeftShift", lambda x, y: np.left_shift(x, _places(x, y)), accepts="iu")
def left_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x shifted left by y bits. A negative y counts as 0, and one that is too large as the number of bits less one.

    >>> import tapeflow as tf
    >>> tf.bitwise.left_shift([1, 3], 2).numpy()
    array([ 4, 12], dtype=int32)
    """


@binary("RightShift", lambda x, y: np.right_shift(x, _places(x, y)), accepts="iu")
def right_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x shifted right by y bits; a negative x keeps its sign. Values of y out of range are held in it, as by `left_shift`.

    >>> import tapeflow as tf
    >>> tf.bitwise.right_shift([-8, 12], 2).numpy()
    array([-2,  3], dtype=int32)
    """
