"""Complex numbers: made of parts, and taken apart.

The gradient of a real function L of z = x + iy is dL/dx + i·dL/dy, which is TensorFlow's convention.
"""

from __future__ import annotations

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.elementwise import binary, conj, unary
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import negative
from tapeflow.ops.division import realdiv
from tapeflow.ops.selection import zero

__all__ = ["angle", "complex", "conj", "imag", "real"]


def _complex(x, y):  # type: ignore[no-untyped-def]
    # Not x + 1j·y, which makes NaN of infinite parts.
    z = np.empty(np.broadcast_shapes(x.shape, y.shape), np.complex64 if x.dtype.itemsize == 4 else np.complex128)
    z.real = x
    z.imag = y
    return z if z.ndim else z[()]


@binary("Complex", _complex, (lambda dy: _real(dy), lambda dy: _imag(dy)), accepts="f")
def _of_parts(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


@unary("Real", np.real, vjp=lambda dy: _with_imaginary_zero(dy), accepts="c")
def _real(x: TensorLike, name: str | None = None) -> Tensor: ...


@unary("Imag", np.imag, vjp=lambda dy: _of_parts(zero(dy.dtype.numpy), dy), accepts="c")
def _imag(x: TensorLike, name: str | None = None) -> Tensor: ...


# With z = x + iy, d angle = (x·dy - y·dx) / |z|², and -dL / (y + ix) is dL·(-y + ix) / |z|².
@unary("Angle", np.angle, vjp=lambda dy, x: negative(realdiv(_with_imaginary_zero(dy), complex(_imag(x), _real(x)))))
def _angle(x: TensorLike, name: str | None = None) -> Tensor: ...


def _with_imaginary_zero(x: Tensor) -> Tensor:
    return _of_parts(x, zero(x.dtype.numpy))


def complex(real: TensorLike, imag: TensorLike, name: str | None = None) -> Tensor:
    """The complex numbers with these parts, which are broadcast.

    Raises:
        TypeError: the parts are not both float32 or both float64.

    >>> import tapeflow as tf
    >>> tf.complex([1.0, 2.0], [3.0, 4.0]).numpy()
    array([1.+3.j, 2.+4.j], dtype=complex64)
    """
    x, y = convert_operands(real, imag)
    if (x.dtype, y.dtype) not in PARTS:
        raise TypeError(
            f"The `real` and `imag` components have incorrect types: {x.dtype.name} {y.dtype.name}. They must be "
            "consistent, and one of [tf.float32, tf.float64]"
        )
    return _of_parts(x, y)


PARTS = ((dtypes.float32, dtypes.float32), (dtypes.float64, dtypes.float64))


def _numeric(input: TensorLike, operation: str) -> Tensor:
    x = convert(input)
    if not x.dtype.is_numeric:
        raise TypeError(f"input must be a numeric tensor, but {operation} got a tensor with dtype {x.dtype.name}")
    return x


def real(input: TensorLike, name: str | None = None) -> Tensor:
    """The real part, elementwise; a real tensor is returned as it is.

    >>> import tapeflow as tf
    >>> tf.math.real(1 + 2j).numpy()
    np.float64(1.0)
    """
    x = _numeric(input, "tf.math.real")
    return _real(x) if x.dtype.is_complex else x


def imag(input: TensorLike, name: str | None = None) -> Tensor:
    """The imaginary part, elementwise; zeros of a real tensor.

    >>> import tapeflow as tf
    >>> tf.math.imag(1 + 2j).numpy()
    np.float64(2.0)
    """
    x = convert(input)
    if x._value.dtype.kind == "O":
        raise TypeError("input must be a numeric tensor, but tf.math.imag got a tensor with dtype string")
    return _imag(x) if x.dtype.is_complex else filled(0, x._value.shape, x._value.dtype)


def angle(input: TensorLike, name: str | None = None) -> Tensor:
    """The angle between -π and π of a complex number in the plane, elementwise; of a real number 0 or π.

    Raises:
        TypeError: integers, bool or string.

    >>> import tapeflow as tf
    >>> tf.math.angle([1j, -1.0 + 0j]).numpy()
    array([1.57079633, 3.14159265])
    """
    x = _numeric(input, "tf.math.angle")
    if x.dtype.is_complex:
        return _angle(x)
    if not x.dtype.is_floating:
        raise TypeError(f"Cannot give an angle in dtype {x.dtype.name}; convert the input with tf.cast")
    value = x._value
    return Tensor(np.where(value < 0, value.dtype.type(np.pi), value.dtype.type(0))[()])
