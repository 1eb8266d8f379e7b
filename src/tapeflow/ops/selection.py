"""One of two values: the greater, the smaller, or by a condition."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from tapeflow.core.broadcasting import sum_to_shape
from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import binary, check_dtype
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import wrong_dtype
from tapeflow.ops.comparison import greater_equal, less_equal

__all__ = ["maximum", "minimum", "where"]

# -- by a condition ------------------------------------------------------------------------------------


def _select(condition: Any, x: Any, y: Any) -> Any:
    if not condition.ndim and not x.ndim and not y.ndim:
        return x if condition else y
    try:
        return np.where(condition, x, y)
    except ValueError:
        shapes = [list(v.shape) for v in (condition, x, y)]
        raise ValueError("condition {}, then {}, and else {} must be broadcastable".format(*shapes)) from None


@functools.cache
def zero(dtype: np.dtype) -> Tensor:
    """0 of a dtype."""
    return Tensor(dtype.type(0))


# The cotangent goes to the operand that was taken, and what the other one is there does not matter: 0, not 0·dy.
SELECT = Primitive(
    "SelectV2",
    _select,
    vjps=(
        None,
        lambda dy, condition, x_shape, x_dtype: sum_to_shape(apply(SELECT, condition, dy, zero(x_dtype)), x_shape),
        lambda dy, condition, y_shape, y_dtype: sum_to_shape(apply(SELECT, condition, zero(y_dtype), dy), y_shape),
    ),
    shape=np.broadcast_shapes,
    like=1,
)


def _indices(condition: np.ndarray) -> np.ndarray:
    if not condition.ndim:
        raise ValueError("Unhandled input dimensions: 0; a scalar has no indices")
    return np.argwhere(condition)


WHERE = Primitive("Where", _indices, opens=lambda condition: [(Told((0,), "true"), len(condition))])


def where(condition: TensorLike, x: TensorLike = None, y: TensorLike = None, name: str | None = None) -> Tensor:
    """`x` where the condition holds, else `y`; without them, where the condition holds.

    Args:
        condition: bool; without `x` and `y` also numeric, where what is not 0 holds.
        x: values of any shape; the three are broadcast together.
        y: values of the dtype of `x`.

    Returns:
        The values taken, or the int64 indices [number found, rank of condition].

    Raises:
        ValueError: only one of `x` and `y` is given.
        TypeError: the condition is not bool.
        InvalidArgumentError: the shapes do not broadcast, or the dtypes of `x` and `y` differ.

    >>> import tapeflow as tf
    >>> tf.where([True, False, True], [1.0, 2.0, 3.0], 0.0).numpy()
    array([1., 0., 3.], dtype=float32)
    >>> tf.where([True, False, True]).numpy()
    array([[0],
           [2]])
    """
    if x is None and y is None:
        condition = convert(condition)
        check_dtype(WHERE, condition, "biufc")
        return apply(WHERE, condition)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    if type(condition) is not Tensor:
        condition = convert(condition, hint=BOOL)
    if type(x) is not Tensor or type(y) is not Tensor:
        x, y = convert_operands(x, y)
    if condition._value.dtype is not BOOL or x._value.dtype != y._value.dtype:
        place, wanted, given = (0, "bool", condition) if condition._value.dtype is not BOOL else (2, x.dtype.name, y)
        raise wrong_dtype(
            "SelectV2",
            f"cannot compute SelectV2 as input #{place}(zero-based) was expected to be a {wanted} tensor but is a "
            f"{given.dtype.name} tensor; convert it with tf.cast",
        )
    return apply(SELECT, condition, x, y)


BOOL = np.dtype("bool")

# -- the greater and the smaller -------------------------------------------------------------------------


def _maximum(x: Any, y: Any) -> Any:
    if x.ndim or y.ndim:
        return np.maximum(x, y)
    return x if x >= y or x != x else y  # a NaN wins


def _minimum(x: Any, y: Any) -> Any:
    if x.ndim or y.ndim:
        return np.minimum(x, y)
    return x if x <= y or x != x else y


def _where_chosen(chosen: Any) -> tuple:
    """The rules of an extreme: the cotangent goes to the operand chosen, at a tie to the first."""
    return (
        lambda dy, x, y, x_dtype: apply(SELECT, chosen(x, y), dy, zero(x_dtype)),
        lambda dy, x, y, x_dtype: apply(SELECT, chosen(x, y), zero(x_dtype), dy),
    )


@binary("Maximum", _maximum, _where_chosen(greater_equal), accepts="iuf", large="maximum")
def maximum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The greater of x and y, elementwise; NaN where either is. At a tie the gradient goes to x.

    >>> import tapeflow as tf
    >>> tf.maximum([1.0, 5.0], 3.0).numpy()
    array([3., 5.], dtype=float32)
    """


@binary("Minimum", _minimum, _where_chosen(less_equal), accepts="iuf", large="minimum")
def minimum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The smaller of x and y, elementwise; NaN where either is. At a tie the gradient goes to x.

    >>> import tapeflow as tf
    >>> tf.minimum([1.0, 5.0], 3.0).numpy()
    array([1., 3.], dtype=float32)
    """
