"""Absolute values and signs."""

from __future__ import annotations

import operator

import numpy as np

from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import multiply
from tapeflow.ops.casting import cast
from tapeflow.ops.division import divide_no_nan

__all__ = ["abs", "sign"]


def _abs_vjp(dy: Tensor, x: Tensor, x_dtype: np.dtype) -> Tensor:
    if x_dtype.kind != "c":
        return multiply(dy, sign(x))
    # Not by `sign`, whose derivative counts as 0: that of x / |x| does not.
    return multiply(divide_no_nan(cast(dy, x_dtype), cast(abs(x), x_dtype)), x)


@unary("Abs", operator.abs, vjp=_abs_vjp, accepts="ifc")
def abs(x: TensorLike, name: str | None = None) -> Tensor:
    """|x|, elementwise; of complex numbers the magnitude, which is real. The derivative at 0 is 0.

    >>> import tapeflow as tf
    >>> tf.abs([-1.0, 2.0]).numpy()
    array([1., 2.], dtype=float32)
    >>> tf.abs(3 + 4j).numpy()
    np.float64(5.0)
    """


def _zeros(dy: Tensor, x_shape: tuple[int, ...], x_dtype: np.dtype) -> Tensor:
    return filled(0, x_shape, x_dtype)


@unary("Sign", np.sign, vjp=_zeros, accepts="ifc")
def sign(x: TensorLike, name: str | None = None) -> Tensor:
    """-1, 0 or 1, elementwise; of a complex number x / |x|.

    >>> import tapeflow as tf
    >>> tf.sign([-3.0, 0.0, 2.0]).numpy()
    array([-1.,  0.,  1.], dtype=float32)
    """
