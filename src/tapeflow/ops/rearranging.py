"""Elements repeated, turned around and shifted along axes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dimension import same_shape
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.symbolic import ACTIVE, SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid
from tapeflow.ops.arithmetic import subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.division import floormod
from tapeflow.ops.joining import unstack
from tapeflow.ops.parts import gathered
from tapeflow.ops.shape_arguments import ShapeLike, are_known_later, read_axis, read_integer, read_integers
from tapeflow.ops.shaping import reshaped

__all__ = ["repeat", "reverse", "reverse_sequence", "roll", "tile"]

# -- tile ------------------------------------------------------------------------------------------------


def _tile(input, *, multiples):
    pairs = [n for pair in zip(multiples, input.shape, strict=True) for n in pair]
    spread = np.broadcast_to(input.reshape([n for size in input.shape for n in (1, size)]), pairs)
    return spread.reshape([m * n for m, n in zip(multiples, input.shape, strict=True)])


def _untile(tiled, *, multiples, shape):
    pairs = [n for pair in zip(multiples, shape, strict=True) for n in pair]
    return np.add.reduce(tiled.reshape(pairs), axis=tuple(range(0, len(pairs), 2)), dtype=tiled.dtype)


TILE: Primitive = Primitive(
    "Tile",
    _tile,
    (lambda dy, input_shape, multiples: apply(UNTILE, dy, multiples=multiples, shape=input_shape),),
    linear=True,
)

UNTILE: Primitive = Primitive(
    "TileTranspose", _untile, (lambda dy, multiples: apply(TILE, dy, multiples=multiples),), linear=True
)


def tile(input: TensorLike, multiples: ShapeLike, name: str | None = None) -> Tensor:
    """Copies of a tensor side by side.

    Args:
        input: of any dtype and shape.
        multiples: for each axis, how many copies.
        name: unused.

    Raises:
        InvalidArgumentError: there is not one number for each axis, or one is negative.

    >>> import tapeflow as tf
    >>> tf.tile([[1, 2], [3, 4]], [1, 2]).numpy()
    array([[1, 2, 1, 2],
           [3, 4, 3, 4]], dtype=int32)
    """
    x = input if type(input) is Tensor else convert(input)
    counts = read_integers(multiples, "Tile", "multiples", sizes=True)
    if len(counts) != x._value.ndim:
        raise invalid(
            "Tile", f"Expected multiples argument to be a vector of length {x._value.ndim} but got length {len(counts)}"
        )
    for i, count in enumerate(counts):
        if count < 0:
            raise invalid("Tile", f"Expected multiples[{i}] >= 0, but got {count}")
    return apply(TILE, x, multiples=counts) if counts else x


# -- repeat ----------------------------------------------------------------------------------------------


def _repeat(input, repeats, *, axis):
    return np.repeat(input, repeats, axis)


def _unrepeat(repeated, repeats, *, size, axis):
    shape = repeated.shape
    if not repeats.ndim:
        parts = repeated.reshape(*shape[:axis], size, int(repeats), *shape[axis + 1 :])
        return np.add.reduce(parts, axis=axis + 1, dtype=repeated.dtype)
    out = np.zeros((*shape[:axis], size, *shape[axis + 1 :]), repeated.dtype)
    present = np.flatnonzero(repeats)
    if present.size:
        starts = (np.cumsum(repeats) - repeats)[present]
        out[(*[slice(None)] * axis, present)] = np.add.reduceat(repeated, starts, axis)
    return out


REPEAT: Primitive = Primitive(
    "Repeat",
    _repeat,
    (
        lambda dy, repeats, input_shape, axis: apply(UNREPEAT, dy, repeats, size=input_shape[axis], axis=axis),
        None,
    ),
    linear=True,
    opens=lambda input, repeats, *, axis: [
        (*input[:axis], Told((1,), ("repeated", getattr(input[axis], "polynomial", input[axis]))), *input[axis + 1 :])
    ],
)

UNREPEAT: Primitive = Primitive(
    "RepeatTranspose",
    _unrepeat,
    (lambda dy, repeats, axis: apply(REPEAT, dy, repeats, axis=axis), None),
    linear=True,
    shape=lambda repeated, repeats, *, size, axis: (*repeated[:axis], size, *repeated[axis + 1 :]),
)


def repeat(input: TensorLike, repeats: TensorLike, axis: Any = None, name: str | None = None) -> Tensor:
    """Each element, or slice along an axis, several times in a row.

    Args:
        input: of any dtype and shape.
        repeats: how often: an integer, or a vector of one for each element along the axis.
        axis: the axis; by default the input is flattened first.
        name: unused.

    Raises:
        InvalidArgumentError: a number is negative.
        TypeError: `repeats` is not of integers.
        ValueError: the axis is out of range, or `repeats` has another length than it.

    >>> import tapeflow as tf
    >>> tf.repeat([1, 2, 3], [3, 0, 2]).numpy()
    array([1, 1, 1, 3, 3], dtype=int32)
    >>> tf.repeat([[1, 2], [3, 4]], 2, axis=1).numpy()
    array([[1, 1, 2, 2],
           [3, 3, 4, 4]], dtype=int32)
    """
    x, counts = convert(input), convert(repeats)
    number = counts._value
    if number.dtype.kind not in "iu":
        if not number.size and type(repeats) in (list, tuple):  # an empty list has no dtype of its own
            return repeat(x, Tensor(np.zeros(0, np.int32)), axis)
        raise TypeError(f"Argument `repeats` must be of integers, got {repeats!r} of dtype {counts.dtype.name}")
    if axis is None:
        x, axis = reshaped(x, (x._value.size,)), 0
    ndim = x._value.ndim
    axis = read_integer(axis, "axis")
    if not -ndim <= axis < ndim:
        raise ValueError(f"axis={axis} out of bounds: expected {-ndim}<=axis<{ndim}")
    axis %= ndim
    if number.ndim > 1:
        raise ValueError(f"Shape {tuple(number.shape)} of `repeats` must have rank at most 1")
    if not same_shape(number.shape, x._value.shape[axis : axis + 1]):  # sizes known later are not asked for if they are one
        if number.size == 1:
            counts = reshaped(counts, ())
        elif number.shape[0] != x._value.shape[axis]:
            raise ValueError(f"Dimensions {x._value.shape[axis]} and {len(number)} are not compatible")
    if type(counts) is not SymbolicTensor and number.size and number.min() < 0:
        raise invalid("Repeat", f"`repeats` must not be negative, got {number.min()}")
    return apply(REPEAT, x, counts, axis=axis)


# -- reverse and roll ------------------------------------------------------------------------------------


def _reverse(tensor, *, axis):
    return tensor[tuple([slice(None, None, -1) if a in axis else slice(None) for a in range(tensor.ndim)])]


REVERSE: Primitive = Primitive("ReverseV2", _reverse, (lambda dy, axis: apply(REVERSE, dy, axis=axis),), linear=True)


def reverse(tensor: TensorLike, axis: ShapeLike, name: str | None = None) -> Tensor:
    """The elements in reverse order along some axes; none is copied.

    Args:
        tensor: of any dtype and shape.
        axis: a list of axes; negative ones count from the end.
        name: unused.

    Raises:
        InvalidArgumentError: it is no list, or an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> tf.reverse([[1, 2, 3], [4, 5, 6]], [1]).numpy()
    array([[3, 2, 1],
           [6, 5, 4]], dtype=int32)
    """
    x = tensor if type(tensor) is Tensor else convert(tensor)
    ndim = x._value.ndim
    if ACTIVE and ndim and are_known_later(axis):
        from tapeflow.ops.axes_known_later import axes_among

        outside = f"axis {{axis}} is out of valid range [{-ndim}, {ndim}) [Op:ReverseV2]"
        return apply(
            REVERSE, x, axis=axes_among(axis, ndim, outside, "axis {twice} specified more than once. [Op:ReverseV2]")
        )
    axes = read_integers(axis, "ReverseV2", "axis") if ndim else ()  # a scalar has nothing to reverse
    axes = tuple([read_axis(a, ndim, "ReverseV2", f"axis {a} is out of valid range [{-ndim}, {ndim})") for a in axes])
    for a in axes:
        if axes.count(a) > 1:
            raise invalid("ReverseV2", f"axis {a} specified more than once.")
    return apply(REVERSE, x, axis=axes) if axes else x


def _roll(input, *, shift, axis):
    return np.roll(input, shift, axis)


ROLL: Primitive = Primitive(
    "Roll",
    _roll,
    (lambda dy, shift, axis: apply(ROLL, dy, shift=tuple([-s for s in shift]), axis=axis),),
    linear=True,
)


def roll(input: TensorLike, shift: ShapeLike, axis: ShapeLike, name: str | None = None) -> Tensor:
    """The elements moved along axes; what falls off at one end comes in at the other.

    Args:
        input: of at least one axis.
        shift: how far, towards higher indices: an integer, or a list of one for each of several axes.
        axis: the axis, or a list of as many.
        name: unused.

    Raises:
        InvalidArgumentError: an axis is out of range, or there are not as many shifts as axes.

    >>> import tapeflow as tf
    >>> tf.roll([1, 2, 3, 4, 5], 2, axis=0).numpy()
    array([4, 5, 1, 2, 3], dtype=int32)
    """
    x = input if type(input) is Tensor else convert(input)
    ndim = x._value.ndim
    if not ndim:
        raise invalid("Roll", "input must be 1-D or higher")
    if ACTIVE and are_known_later(axis):
        return _rolled_along(x, shift, convert(axis))
    axes = read_integers(axis, "Roll", "axis", 0)
    later = convert(shift) if ACTIVE else None
    if type(later) is SymbolicTensor and later._value.content is None:
        return _rolled_later(x, later, axes)
    shifts = read_integers(shift, "Roll", "shift", 0)
    if len(shifts) != len(axes):
        raise invalid("Roll", f"shift and axis must have the same size, got {len(shifts)} and {len(axes)}")
    axes = tuple([read_axis(a, ndim, "Roll", f"axis {a} is out of range") for a in axes])
    return apply(ROLL, x, shift=shifts, axis=axes)


def _rolled_along(x: Tensor, shift: ShapeLike, axis: Tensor) -> Tensor:
    """The same where the axes are known only when the function runs."""
    from tapeflow.ops.axes_known_later import along

    shifts, axes = (unstack(each) if each._value.ndim else [each] for each in (convert(shift), axis))
    if len(shifts) != len(axes):
        raise invalid("Roll", f"shift and axis must have the same size, got {len(shifts)} and {len(axes)}")
    for by, each in zip(shifts, axes, strict=True):
        x = along(each, x._value.ndim, "axis {axis} is out of range [Op:Roll]", partial(roll, x, by))
    return x


def _rolled_later(x: Tensor, shift: Tensor, axes: tuple[int, ...]) -> Tensor:
    """The same where the shifts are known only when the function runs: each row of the result is looked up."""
    shifts = unstack(shift) if shift._value.ndim else [shift]
    if len(shifts) != len(axes):
        raise invalid("Roll", f"shift and axis must have the same size, got {len(shifts)} and {len(axes)}")
    for by, axis in zip(shifts, axes, strict=True):
        axis = read_axis(axis, x._value.ndim, "Roll", f"axis {axis} is out of range")
        size = x._value.shape[axis]
        if size:
            x = gathered(x, floormod(subtract(Tensor(np.arange(size)), cast(by, dtypes.int64)), size), axis)
    return x


# -- sequences of different lengths ----------------------------------------------------------------------


def _reverse_sequence(input, seq_lengths, *, seq_axis, batch_axis):
    n = input.shape[seq_axis]
    for i, length in enumerate(seq_lengths.tolist()):
        if not 0 <= length <= n:
            raise ValueError(f"seq_lengths[{i}] = {length} is not in [0, {n}]")
    lengths, position = seq_lengths[:, np.newaxis], np.arange(n)
    source = np.where(position < lengths, lengths - 1 - position, position)
    x = np.moveaxis(input, (batch_axis, seq_axis), (0, 1))
    y = x[np.arange(len(seq_lengths))[:, np.newaxis], source]
    return np.moveaxis(y, (0, 1), (batch_axis, seq_axis))


REVERSE_SEQUENCE: Primitive = Primitive(
    "ReverseSequence",
    _reverse_sequence,
    (
        lambda dy, seq_lengths, seq_axis, batch_axis: apply(
            REVERSE_SEQUENCE, dy, seq_lengths, seq_axis=seq_axis, batch_axis=batch_axis
        ),
        None,
    ),
    linear=True,
)


def reverse_sequence(
    input: TensorLike,
    seq_lengths: TensorLike,
    seq_axis: int | None = None,
    batch_axis: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Reverses the beginning of each sequence of a batch, and leaves what follows it.

    Args:
        input: of at least two axes.
        seq_lengths: int32 or int64, for each element of the batch how much of it to reverse.
        seq_axis: the axis along which the sequences go.
        batch_axis: the axis of the batch; 0 by default.
        name: unused.

    Raises:
        InvalidArgumentError: an axis is out of range, or a length is.
        TypeError: there is no `seq_axis`.

    >>> import tapeflow as tf
    >>> tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1).numpy()
    array([[2, 1, 3],
           [6, 5, 4]], dtype=int32)
    """
    x, lengths = convert(input), convert(seq_lengths)
    batch_axis = 0 if batch_axis is None else batch_axis
    if seq_axis is None:
        raise TypeError("Expected int for argument 'seq_axis' not None.")
    ndim, number = x._value.ndim, lengths._value
    for what, axis in (("seq_dim", seq_axis), ("batch_dim", batch_axis)):
        if not 0 <= axis < ndim:
            raise invalid("ReverseSequence", f"{what} must be in [0, {ndim}), got {axis}")
    if seq_axis == batch_axis:
        raise invalid("ReverseSequence", f"batch_dim == seq_dim == {seq_axis}")
    if number.dtype.kind not in "iu" or number.ndim != 1:
        raise invalid("ReverseSequence", f"seq_lengths must be a vector of integers, got {lengths!r}")
    size, count = x._value.shape[batch_axis], number.shape[0]
    if count != size:
        raise invalid("ReverseSequence", f"Length of seq_lengths != input.dims({batch_axis}), ({count} vs. {size})")
    return apply(REVERSE_SEQUENCE, x, lengths, seq_axis=seq_axis, batch_axis=batch_axis)
