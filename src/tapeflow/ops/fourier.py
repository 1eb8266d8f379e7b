"""Discrete Fourier transforms over the last axes: sums with the weights exp(-2πi jk/n), and their inverses."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.dtypes import as_dtype
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import ACTIVE
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid
from tapeflow.ops.casting import cast
from tapeflow.ops.complex_numbers import conj, real
from tapeflow.ops.joining import concat, unstack
from tapeflow.ops.padding import pad
from tapeflow.ops.rearranging import reverse, roll
from tapeflow.ops.selection import maximum
from tapeflow.ops.shape_arguments import are_known_later, read_integers, sizes_as_tensor

__all__ = [
    "fft",
    "fft2d",
    "fft3d",
    "fftshift",
    "ifft",
    "ifft2d",
    "ifft3d",
    "ifftshift",
    "irfft",
    "irfft2d",
    "irfft3d",
    "rfft",
    "rfft2d",
    "rfft3d",
]

COMPLEX64 = np.dtype("complex64")


def _dft(x, *, axes, inverse, scaled):
    if not x.size:
        return x
    norm = "backward" if scaled == inverse else "forward"  # where NumPy divides by the number of points
    transform = np.fft.ifftn if inverse else np.fft.fftn
    return transform(x, axes=tuple(range(-axes, 0)), norm=norm).astype(x.dtype, copy=False)


# The matrix of weights is symmetric, so its adjoint is the transform in the other direction, with the same scale.
DFT = Primitive(
    "FFT",
    _dft,
    (lambda dy, axes, inverse, scaled: apply(DFT, dy, axes=axes, inverse=not inverse, scaled=scaled),),
    linear=True,
)


def _transformed(x: TensorLike, axes: int, inverse: bool) -> Tensor:
    x = convert(x, hint=COMPLEX64)
    check_dtype(DFT, x, "c")
    if x._value.ndim < axes:
        raise invalid(DFT.name, f"Input must have rank of at least {axes} but got: {list(x._value.shape)}")
    return apply(DFT, x, axes=axes, inverse=inverse, scaled=inverse)


def fft(input: TensorLike, name: str | None = None) -> Tensor:
    """The Fourier transform over the last axis: yₖ = Σⱼ xⱼ exp(-2πi jk/n).

    Args:
        input: complex numbers, of shape [..., n].
        name: unused.

    Raises:
        InvalidArgumentError: `input` is a scalar or not complex.

    >>> import tapeflow as tf
    >>> tf.signal.fft([1.0, 2.0]).numpy()
    array([ 3.+0.j, -1.+0.j], dtype=complex64)
    """
    return _transformed(input, 1, False)


def ifft(input: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `fft`: xⱼ = Σₖ yₖ exp(2πi jk/n) / n.

    >>> import tapeflow as tf
    >>> tf.signal.ifft([3.0, -1.0]).numpy()
    array([1.+0.j, 2.+0.j], dtype=complex64)
    """
    return _transformed(input, 1, True)


def fft2d(input: TensorLike, name: str | None = None) -> Tensor:
    """`fft` over the last two axes.

    >>> import tapeflow as tf
    >>> tf.math.real(tf.signal.fft2d([[1.0, 2.0], [3.0, 4.0]])).numpy()
    array([[10., -2.],
           [-4.,  0.]], dtype=float32)
    """
    return _transformed(input, 2, False)


def ifft2d(input: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `fft2d`.

    >>> import tapeflow as tf
    >>> tf.math.real(tf.signal.ifft2d([[10.0, -2.0], [-4.0, 0.0]])).numpy()
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    return _transformed(input, 2, True)


def fft3d(input: TensorLike, name: str | None = None) -> Tensor:
    """`fft` over the last three axes.

    >>> import tapeflow as tf
    >>> tf.signal.fft3d(tf.ones([2, 2, 2], tf.complex64))[0, 0, 0].numpy()
    np.complex64(8+0j)
    """
    return _transformed(input, 3, False)


def ifft3d(input: TensorLike, name: str | None = None) -> Tensor:
    """The inverse of `fft3d`.

    >>> import tapeflow as tf
    >>> tf.signal.ifft3d(tf.ones([2, 2, 2], tf.complex64))[0, 0, 0].numpy()
    np.complex64(1+0j)
    """
    return _transformed(input, 3, True)


# -- real signals ---------------------------------------------------------------------------------------


def rfft(input_tensor: TensorLike, fft_length: TensorLike | None = None, name: str | None = None) -> Tensor:
    """The Fourier transform of real numbers over the last axis: the n // 2 + 1 frequencies that say all.

    Args:
        input_tensor: float32 or float64, of shape [..., m].
        fft_length: [n]: the input is cut or padded with zeros to n points; m by default.
        name: unused.

    Returns:
        complex64 or complex128, of shape [..., n // 2 + 1].

    Raises:
        ValueError: `input_tensor` is neither float32 nor float64.
        InvalidArgumentError: `input_tensor` is a scalar, or `fft_length` is not one size.

    >>> import tapeflow as tf
    >>> tf.signal.rfft([1.0, 2.0, 3.0, 4.0]).numpy()
    array([10.+0.j, -2.+2.j, -2.+0.j], dtype=complex64)
    """
    return _real_transform("RFFT", input_tensor, fft_length, 1)


def irfft(input_tensor: TensorLike, fft_length: TensorLike | None = None, name: str | None = None) -> Tensor:
    """The inverse of `rfft`.

    Args:
        input_tensor: complex numbers, of shape [..., m].
        fft_length: [n], the number of points of the result; 2 (m - 1) by default.
        name: unused.

    Returns:
        float32 or float64, of shape [..., n].

    Raises:
        ValueError: `input_tensor` is not complex.
        InvalidArgumentError: `input_tensor` is a scalar, or `fft_length` is not one size.

    >>> import tapeflow as tf
    >>> tf.signal.irfft(tf.signal.rfft([1.0, 2.0, 3.0, 4.0])).numpy()
    array([1., 2., 3., 4.], dtype=float32)
    """
    return _real_inverse("IRFFT", input_tensor, fft_length, 1)


def rfft2d(input_tensor: TensorLike, fft_length: TensorLike | None = None, name: str | None = None) -> Tensor:
    """`rfft` over the last axis, and `fft` over the one before.

    Args:
        input_tensor: float32 or float64, of shape [..., m₁, m₂].
        fft_length: [n₁, n₂]: the input is cut or padded with zeros to so many points.
        name: unused.

    Returns:
        complex64 or complex128, of shape [..., n₁, n₂ // 2 + 1].

    >>> import tapeflow as tf
    >>> tf.math.real(tf.signal.rfft2d([[1.0, 2.0], [3.0, 4.0]])).numpy()
    array([[10., -2.],
           [-4.,  0.]], dtype=float32)
    """
    return _real_transform("RFFT2D", input_tensor, fft_length, 2)


def rfft3d(input_tensor: TensorLike, fft_length: TensorLike | None = None, name: str | None = None) -> Tensor:
    """`rfft` over the last axis, and `fft` over the two before.

    >>> import tapeflow as tf
    >>> tf.signal.rfft3d(tf.ones([2, 2, 2])).shape, tf.signal.rfft3d(tf.ones([2, 2, 2]))[0, 0, 0].numpy()
    (TensorShape([2, 2, 2]), np.complex64(8+0j))
    """
    return _real_transform("RFFT3D", input_tensor, fft_length, 3)


def irfft2d(input_tensor: TensorLike, fft_length: TensorLike | None = None, name: str | None = None) -> Tensor:
    """The inverse of `rfft2d`.

    Args:
        input_tensor: complex numbers, of shape [..., m₁, m₂].
        fft_length: [n₁, n₂], the numbers of points of the result; [m₁, 2 (m₂ - 1)] by default.
        name: unused.

    >>> import tapeflow as tf
    >>> tf.signal.irfft2d(tf.signal.rfft2d([[1.0, 2.0], [3.0, 4.0]])).numpy()
    array([[1., 2.],
           [3., 4.]], dtype=float32)
    """
    return _real_inverse("IRFFT2D", input_tensor, fft_length, 2)


def irfft3d(input_tensor: TensorLike, fft_length: TensorLike | None = None, name: str | None = None) -> Tensor:
    """The inverse of `rfft3d`.

    >>> import tapeflow as tf
    >>> tf.signal.irfft3d(tf.signal.rfft3d(tf.ones([2, 2, 2])))[1, 1].numpy()
    array([1., 1.], dtype=float32)
    """
    return _real_inverse("IRFFT3D", input_tensor, fft_length, 3)


def _real_transform(op: str, input_tensor: TensorLike, fft_length: Any, axes: int) -> Tensor:
    x = convert(input_tensor, hint=np.dtype("float32"))
    if x.dtype.name not in ("float32", "float64"):
        raise ValueError(f"{op} requires tf.float32 or tf.float64 inputs, got: {x}; use tf.cast to convert it")
    if ACTIVE and are_known_later(fft_length):
        x, fft_length = _cut_later(x, _points_later(op, fft_length), axes), None
    points = _points(op, x, fft_length, axes=axes)
    z = cast(_cut(x, points), as_dtype("complex64" if x.dtype.name == "float32" else "complex128"))
    return _transformed(z, axes, False)[..., : points[-1] // 2 + 1]


def _real_inverse(op: str, input_tensor: TensorLike, fft_length: Any, axes: int) -> Tensor:
    """The frequencies that a real signal mirrors are put back: of the conjugate at the negative place on every axis."""
    z = convert(input_tensor, hint=COMPLEX64)
    if not z.dtype.is_complex:
        raise ValueError(f"{op} requires tf.complex64 or tf.complex128 inputs, got: {z}; use tf.cast to convert it")
    if ACTIVE and are_known_later(fft_length):
        sizes = _points_later(op, fft_length)
        last = sizes[-1]
        half = _cut_later(z, concat([sizes[:-1], [last // 2 + 1]], 0), axes)
        inner = half[..., 1 : last - last // 2]
    else:
        points = _points(op, z, fft_length, lambda m: max(2 * (m - 1), 0), axes)
        half = _cut(z, [*points[:-1], points[-1] // 2 + 1])
        inner = half[..., 1 : points[-1] - points[-1] // 2]
    mirrored = conj(reverse(inner, [-1]))
    for axis in range(-axes, -1):
        mirrored = roll(reverse(mirrored, [axis]), [1], [axis])
    return real(_transformed(concat([half, mirrored], -1), axes, True))


def _points(op: str, x: Tensor, fft_length: Any, default: Any = lambda m: m, axes: int = 1) -> list[int]:
    """The numbers of points on the last axes; `default` says which there are on the last one where they are not given."""
    shape = x._value.shape
    if len(shape) < axes:
        raise invalid(op, f"Input must have rank of at least {axes} but got: {list(shape)}")
    if fft_length is None:
        return [*shape[len(shape) - axes : -1], default(shape[-1])]
    sizes = np.asarray(fft_length).reshape(-1)
    if sizes.size != axes or min(sizes) < 0:
        many = "one size that is not negative" if axes == 1 else f"{axes} sizes that are not negative"
        raise invalid(op, f"fft_length must be {many}, got {sizes.tolist()}")
    return [int(size) for size in sizes]


def _cut(x: Tensor, points: list[int]) -> Tensor:
    """x with these numbers of points on its last axes: the first ones, or zeros behind them."""
    shape = x._value.shape
    kept = shape[: len(shape) - len(points)]
    missing = [n - m for n, m in zip(points, shape[len(kept) :], strict=True)]
    if any(m < 0 for m in missing):
        x = x[(..., *[slice(n) for n in points])]
    if any(m > 0 for m in missing):
        return pad(x, [[0, 0]] * len(kept) + [[0, max(m, 0)] for m in missing])
    return x


def _points_later(op: str, fft_length: Any) -> Tensor:
    """The numbers of points as a tensor; negative ones are an error when the function runs."""
    return sizes_as_tensor(read_integers(fft_length, op, "fft_length", sizes=True), np.dtype("int32"))


def _cut_later(x: Tensor, points: Tensor, axes: int) -> Tensor:
    """The same where the numbers of points are known only when the function runs."""
    for axis in range(axes):
        number, place = points[axis], x._value.ndim - axes + axis
        missing = maximum(number - x._value.shape[place], 0)
        x = pad(x, [[0, missing if d == place else 0] for d in range(x._value.ndim)])
        x = x[(*[slice(None)] * place, slice(number))]
    return x


# -- the order of frequencies -----------------------------------------------------------------------------


def fftshift(x: TensorLike, axes: Any = None, name: str | None = None) -> Tensor:
    """x with the frequency 0 moved from the front of each axis to its middle.

    Args:
        x: a tensor.
        axes: an axis or several; all by default.
        name: unused.

    >>> import tapeflow as tf
    >>> tf.signal.fftshift([0, 1, 2, -2, -1]).numpy()
    array([-2, -1,  0,  1,  2], dtype=int32)
    """
    return _shifted(x, axes, lambda n: n // 2)


def ifftshift(x: TensorLike, axes: Any = None, name: str | None = None) -> Tensor:
    """The inverse of `fftshift`.

    >>> import tapeflow as tf
    >>> tf.signal.ifftshift([-2, -1, 0, 1, 2]).numpy()
    array([ 0,  1,  2, -2, -1], dtype=int32)
    """
    return _shifted(x, axes, lambda n: -(n // 2))


def _shifted(x: TensorLike, axes: Any, by: Any) -> Tensor:
    x = convert(x)
    shape = x._value.shape
    if ACTIVE and are_known_later(axes):
        return _shifted_along(x, axes, by)
    chosen = range(len(shape)) if axes is None else [int(axis) for axis in np.asarray(axes).reshape(-1)]
    wrong = [axis for axis in chosen if not -len(shape) <= axis < len(shape)]
    if wrong:
        raise invalid("Roll", f"axis {wrong[0]} is out of range for a tensor of shape {list(shape)}")
    return roll(x, [by(shape[axis]) for axis in chosen], list(chosen)) if math.prod(shape) and shape else x


def _shifted_along(x: Tensor, axes: Any, by: Any) -> Tensor:
    """The same where the axes are known only when the function runs."""
    from tapeflow.ops.axes_known_later import along

    shape, given = x._value.shape, convert(axes)

    def shifted(x: Tensor, axis: int) -> Tensor:
        return roll(x, by(shape[axis]), axis)

    for axis in unstack(given) if given._value.ndim else [given]:
        x = along(axis, len(shape), "axis {axis} is out of range [Op:Roll]", partial(shifted, x))
    return x
