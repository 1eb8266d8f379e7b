"""Blocks of matrices: taking one out of a matrix, and putting one into a matrix of zeros. Each is the other's derivative."""

from __future__ import annotations

import numpy as np

from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor

__all__ = ["put_block", "take_block"]


def _take(x, *, top, bottom, left, right):
    return x[..., top:bottom, left:right]


def _put(x, *, top, left, rows, columns):
    out = np.zeros((*x.shape[:-2], rows, columns), x.dtype)
    out[..., top : top + x.shape[-2], left : left + x.shape[-1]] = x
    return out


TAKE_BLOCK = Primitive(
    "TakeBlock",
    _take,
    (lambda dy, x_shape, top, left: put_block(dy, top, left, x_shape[-2], x_shape[-1]),),
    linear=True,
)

PUT_BLOCK = Primitive(
    "PutBlock",
    _put,
    (lambda dy, x_shape, top, left: take_block(dy, top, top + x_shape[-2], left, left + x_shape[-1]),),
    linear=True,
)


def take_block(x: Tensor, top: int, bottom: int, left: int, right: int) -> Tensor:
    """Rows top to bottom and columns left to right of each matrix."""
    return apply(TAKE_BLOCK, x, top=top, bottom=bottom, left=left, right=right)


def put_block(x: Tensor, top: int, left: int, rows: int, columns: int) -> Tensor:
    """Matrices of zeros of this size, with x in them."""
    return apply(PUT_BLOCK, x, top=top, left=left, rows=rows, columns=columns)
