"""Logic, elementwise, on tensors of bool."""

from __future__ import annotations

import operator

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import binary, unary
from tapeflow.core.tensor import Tensor

__all__ = ["logical_and", "logical_not", "logical_or", "logical_xor"]


@binary("LogicalAnd", operator.and_, accepts="b")
def logical_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether both x and y hold, elementwise.

    >>> import tapeflow as tf
    >>> tf.logical_and([True, True], [True, False]).numpy()
    array([ True, False])
    """


@binary("LogicalOr", operator.or_, accepts="b")
def logical_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether x or y holds, or both, elementwise.

    >>> import tapeflow as tf
    >>> tf.logical_or([True, False], [False, False]).numpy()
    array([ True, False])
    """


@binary("LogicalXor", operator.xor, accepts="b")
def logical_xor(x: TensorLike, y: TensorLike, name: str | None = "LogicalXor") -> Tensor:
    """Whether one of x and y holds and the other does not, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.logical_xor([True, True], [True, False]).numpy()
    array([False,  True])
    """


@unary("LogicalNot", operator.invert, accepts="b")
def logical_not(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether x does not hold, elementwise.

    >>> import tapeflow as tf
    >>> tf.logical_not([True, False]).numpy()
    array([False,  True])
    """
