"""Broadcasting and its transpose: two linear primitives, each the derivative of the other."""

from __future__ import annotations

import numpy as np

from tapeflow.core.dimension import holds_dim, same_shape
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor

__all__ = ["broadcast_to_shape", "filled", "sum_to_shape"]


def _sum_to(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    extra = x.ndim - len(shape)
    if extra == 1 and x.shape[1:] == shape:  # a bias: the same sum without the search for axes
        return np.add.reduce(x, 0, x.dtype)
    axes = tuple(range(extra)) + tuple(
        axis + extra for axis, size in enumerate(shape) if size == 1 and x.shape[axis + extra] != 1
    )
    return np.add.reduce(x, axis=axes, keepdims=True, dtype=x.dtype).reshape(shape)


SUM_TO = Primitive(
    "SumToShape",
    _sum_to,
    vjps=(lambda dy, x_shape: broadcast_to_shape(dy, x_shape),),
    linear=True,
    shape=lambda x, *, shape: shape,
)


def _repeated_shape(x: tuple[int, ...], *, shape: tuple[int, ...]) -> tuple[int, ...]:
    if np.broadcast_shapes(x, shape) != shape:
        raise ValueError(f"Dimensions must be equal: {list(x)} cannot be repeated to be {list(shape)}")
    return shape


BROADCAST_TO = Primitive(
    "BroadcastTo",
    lambda x, *, shape: np.broadcast_to(x, shape),
    vjps=(lambda dy, x_shape: sum_to_shape(dy, x_shape),),
    linear=True,
    shape=_repeated_shape,
)


def sum_to_shape(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Sums `x` over the axes along which something of `shape` was broadcast to the shape of `x`."""
    if type(x) is SymbolicTensor:
        return x if same_shape(x._value.shape, shape) else apply(SUM_TO, x, shape=shape)
    return x if x._value.shape == shape else apply(SUM_TO, x, shape=shape)


def broadcast_to_shape(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Repeats `x` along new and along size-1 axes until it has `shape`; the copies share memory."""
    if type(x) is SymbolicTensor:
        return x if same_shape(x._value.shape, shape) else apply(BROADCAST_TO, x, shape=shape)
    return x if x._value.shape == shape else apply(BROADCAST_TO, x, shape=shape)


def filled(number: int, shape: tuple, dtype: np.dtype) -> Tensor:
    """A tensor full of a number, in a shape of which sizes may be unknown."""
    if holds_dim(shape):
        return broadcast_to_shape(Tensor(np.array(number, dtype)), shape)
    return Tensor(np.full(shape, number, dtype)[()])
