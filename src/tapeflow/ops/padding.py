"""A border around a tensor: of one value, or of its mirror image."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dimension import holds_late
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid, wrong_dtype
from tapeflow.ops.parts import sliced
from tapeflow.ops.shape_arguments import read_matrix

__all__ = ["pad"]

Paddings = tuple  # for each axis, how many elements come before and after: pairs of ints


def _inner(shape: tuple[int, ...], paddings: Paddings) -> tuple:
    """Where in the padded tensor the tensor itself stands: a spec, as of a slice."""
    return tuple([(before, before + n, None) for n, (before, _) in zip(shape, paddings, strict=True)])


def _pad(input, constant_values, *, paddings):
    shape = tuple([before + n + after for n, (before, after) in zip(input.shape, paddings, strict=True)])
    out = np.full(shape, constant_values[()] if input.dtype.kind == "O" else constant_values, input.dtype)
    out[tuple([slice(*each) for each in _inner(input.shape, paddings)])] = input
    return out if shape or input.dtype.kind == "O" else out[()]


PAD = Primitive(
    "PadV2",
    _pad,
    (lambda dy, input_shape, paddings: sliced(dy, _inner(input_shape, paddings)), None),
    linear=True,
    shape=lambda input, constant_values, *, paddings: tuple([b + n + a for n, (b, a) in zip(input, paddings, strict=True)]),
)


def _too_wide(before: Any, after: Any, n: Any, offset: int) -> str:
    limit = "less than" if offset else "no greater than"
    return f"paddings must be {limit} the dimension size: {before}, {after} for {n}"


def _mirror(input, *, paddings, offset):
    x = np.asarray(input)
    for axis, (before, after) in enumerate(paddings):
        if index(before) or index(after):
            n = x.shape[axis]
            if max(before, after) > n - offset:
                raise ValueError(_too_wide(before, after, n, offset))
            left = np.arange(before - 1 + offset, offset - 1, -1)
            right = np.arange(n - 1 - offset, n - 1 - offset - after, -1)
            x = x.take(np.concatenate([left, np.arange(n), right]), axis)
    return x


def _fold(padded, *, paddings, offset):
    """The transpose of mirroring: what stands in the border is added to what it is the image of."""
    x = padded
    for axis, (before, after) in enumerate(paddings):
        if index(before) or index(after):
            at = [slice(None)] * axis
            n = x.shape[axis] - before - after
            out = x[(*at, slice(before, before + n))].copy()
            out[(*at, slice(offset, offset + before))] += x[(*at, slice(before))][(*at, slice(None, None, -1))]
            end = n - offset
            out[(*at, slice(end - after, end))] += x[(*at, slice(before + n, None))][(*at, slice(None, None, -1))]
            x = out
    return x


MIRROR_PAD: Primitive = Primitive(
    "MirrorPad",
    _mirror,
    (lambda dy, paddings, offset: apply(FOLD, dy, paddings=paddings, offset=offset),),
    linear=True,
    shape=lambda input, *, paddings, offset: tuple([b + n + a for n, (b, a) in zip(input, paddings, strict=True)]),
)

FOLD: Primitive = Primitive(
    "MirrorPadGrad",
    _fold,
    (lambda dy, paddings, offset: apply(MIRROR_PAD, dy, paddings=paddings, offset=offset),),
    linear=True,
    shape=lambda padded, *, paddings, offset: tuple([n - b - a for n, (b, a) in zip(padded, paddings, strict=True)]),
)


def pad(
    tensor: TensorLike, paddings: Any, mode: str = "CONSTANT", constant_values: TensorLike = 0, name: str | None = None
) -> Tensor:
    """Surrounds a tensor with a border.

    Args:
        tensor: of any dtype and shape.
        paddings: an integer matrix with a row for each axis: how many elements to add before and after.
        mode: "CONSTANT", "REFLECT" (the mirror stands on the outermost element, which is not repeated) or "SYMMETRIC" (the
            mirror stands beside it, and it is); small letters do too.
        constant_values: a scalar, what a constant border consists of. Tapes take it for a constant, as TensorFlow's do.
        name: unused.

    Raises:
        InvalidArgumentError: `paddings` has not a row of two for each axis or a negative number; or a mirrored border is wider
            than what is mirrored.
        ValueError: an unknown mode.

    >>> import tapeflow as tf
    >>> tf.pad([[1, 2, 3]], [[0, 1], [2, 0]]).numpy()
    array([[0, 0, 1, 2, 3],
           [0, 0, 0, 0, 0]], dtype=int32)
    >>> tf.pad([1, 2, 3], [[2, 1]], "REFLECT").numpy(), tf.pad([1, 2, 3], [[2, 1]], "SYMMETRIC").numpy()
    (array([3, 2, 1, 2, 3, 2], dtype=int32), array([2, 1, 1, 2, 3, 3], dtype=int32))
    """
    x = tensor if type(tensor) is Tensor else convert(tensor)
    value = x._value
    mode = mode.upper()
    if mode not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
        raise ValueError(
            f'Value of argument `mode` expected to be one of "CONSTANT", "REFLECT", or "SYMMETRIC". Received `mode` = {mode}'
        )
    operation = "PadV2" if mode == "CONSTANT" else "MirrorPad"
    widths = read_matrix(paddings, operation, "paddings", value.ndim, sizes=True)
    for before, after in widths:
        if before < 0 or after < 0:
            raise invalid(operation, f"Paddings must be non-negative: {before} {after}")
    if mode == "CONSTANT":
        return apply(PAD, x, _border(x, constant_values), paddings=widths)
    offset = int(mode == "REFLECT")
    for n, (before, after) in zip(value.shape, widths, strict=True):
        if not holds_late((before, after, n)) and max(before, after) > n - offset and (before or after):
            raise invalid(operation, _too_wide(before, after, n, offset))
    return apply(MIRROR_PAD, x, paddings=widths, offset=offset)


def _border(x: Tensor, constant_values: TensorLike) -> Tensor:
    if type(constant_values) is int and not constant_values:
        constant_values = b"" if x._value.dtype.kind == "O" else x._value.dtype.type(0)
    border = convert(constant_values, hint=x._value.dtype)
    if border._value.ndim:
        raise invalid("PadV2", f"constant_values must be a scalar. Found: {brackets(border._value)}")
    if border.dtype != x.dtype:
        raise wrong_dtype(
            "PadV2",
            f"cannot compute PadV2 as input #2(zero-based) was expected to be a {x.dtype.name} tensor but is a "
            f"{border.dtype.name} tensor",
        )
    return border
