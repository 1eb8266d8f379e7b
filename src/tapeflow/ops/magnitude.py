"""Absolute values and signs."""

from __future__ import annotations

import operator

import numpy as np

from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.elementwise import conj, unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import multiply, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.division import divide_no_nan

__all__ = ["abs", "sign"]


def _abs_vjp(dy: Tensor, x: Tensor, x_dtype: np.dtype) -> Tensor:
    if x_dtype.kind != "c":
        return multiply(dy, _real_sign(x))
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


@unary("Sign", np.sign, vjp=_zeros, accepts="if")
def _real_sign(x: TensorLike, name: str | None = None) -> Tensor: ...


def _pull_complex_sign(dy: Tensor, x: Tensor, out: Tensor, x_dtype: np.dtype) -> Tensor:
    # What turns with x is left of dy, what only makes it longer is not: (dy - y² conj dy) / 2|x| for y = x / |x|.
    turning = multiply(subtract(dy, multiply(multiply(out, out), conj(dy))), 0.5)
    return divide_no_nan(turning, cast(abs(x), x_dtype))


@unary("ComplexSign", np.sign, vjp=_pull_complex_sign, accepts="c")
def _complex_sign(x: TensorLike, name: str | None = None) -> Tensor: ...


def sign(x: TensorLike, name: str | None = None) -> Tensor:
    """-1, 0 or 1, elementwise; of a complex number x / |x|, and 0 of 0.

    The derivative is 0 for real numbers, and that of x / |x| for complex ones, taken as 0 at 0.

    Args:
        x: floating-point numbers, integers or complex numbers, of any shape.
        name: unused.

    >>> import tapeflow as tf
    >>> tf.sign([-3.0, 0.0, 2.0]).numpy()
    array([-1.,  0.,  1.], dtype=float32)
    """
    x = x if type(x) is Tensor else convert(x)
    return (_complex_sign if x._value.dtype.kind == "c" else _real_sign)(x)
