"""Blocks of space moved to the batch, or to the depth, and back: permutations of elements, made of reshape and transpose."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dimension import holds_late
from tapeflow.core.errors import UnimplementedError
from tapeflow.core.symbolic import ACTIVE
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.creation import zeros, zeros_like
from tapeflow.ops.division import floormod
from tapeflow.ops.joining import stack
from tapeflow.ops.padding import pad
from tapeflow.ops.parts import sliced
from tapeflow.ops.shape_arguments import ShapeLike, are_known_later, read_integers, read_matrix
from tapeflow.ops.shaping import reshaped, transpose

__all__ = [
    "batch_to_space",
    "depth_to_space",
    "required_space_to_batch_paddings",
    "space_to_batch",
    "space_to_batch_nd",
    "space_to_depth",
]

# -- batch -----------------------------------------------------------------------------------------------


def _block_sizes(block_shape: ShapeLike, ndim: int, operation: str) -> tuple[int, ...]:
    blocks = read_integers(block_shape, operation, "block_shape", sizes=True)
    if len(blocks) + 1 > ndim:
        raise invalid(operation, f"input rank should be >= {len(blocks) + 1} instead of {ndim}")
    for i, size in enumerate(blocks):
        if not holds_late(size) and size < 1:
            raise invalid(operation, f"All values in block_shape must be positive, got value, {size} at index {i}.")
    return blocks


def space_to_batch_nd(input: TensorLike, block_shape: ShapeLike, paddings: Any, name: str | None = None) -> Tensor:
    """Pads the axes of space, and moves what stands at each position within their blocks to a batch element of its own.

    Args:
        input: of shape [batch, *space, ...].
        block_shape: for each axis of space the size of a block.
        paddings: for each axis of space how many zeros to add before and after.
        name: unused.

    Returns:
        A tensor of shape [batch · prod(block_shape), *(padded space / block_shape), ...].

    Raises:
        InvalidArgumentError: the blocks do not divide the padded space, or the arguments have other sizes.

    >>> import tapeflow as tf
    >>> tf.space_to_batch_nd([[1, 2, 3, 4]], [2], [[0, 0]]).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    x = convert(input)
    blocks = _block_sizes(block_shape, x._value.ndim, "SpaceToBatchND")
    widths = read_matrix(paddings, "SpaceToBatchND", "paddings", len(blocks), sizes=True)
    k, rest = len(blocks), x._value.ndim - len(blocks) - 1
    x = pad(x, [(0, 0), *widths, *[(0, 0)] * rest])
    batch, *space = x._value.shape[: k + 1]
    for i, (size, block) in enumerate(zip(space, blocks, strict=True)):
        if not holds_late((size, block)) and size % block:  # else it does not fit its new shape when the function runs
            raise invalid("SpaceToBatchND", f"padded_shape[{i}]={size} is not divisible by block_shape[{i}]={block}")
    depth = x._value.shape[k + 1 :]
    outer = [size // block for size, block in zip(space, blocks, strict=True)]
    x = reshaped(x, (batch, *[n for pair in zip(outer, blocks, strict=True) for n in pair], *depth))
    within, between = list(range(2, 2 * k + 1, 2)), list(range(1, 2 * k, 2))
    x = transpose(x, [*within, 0, *between, *range(2 * k + 1, 2 * k + 1 + rest)])
    return reshaped(x, (batch * math.prod(blocks), *outer, *depth))


def space_to_batch(input: TensorLike, block_shape: ShapeLike, paddings: Any, name: str | None = None) -> Tensor:
    """The same as `tf.space_to_batch_nd`.

    >>> import tapeflow as tf
    >>> tf.space_to_batch([[1, 2, 3, 4]], [2], [[0, 0]]).shape
    TensorShape([2, 2])
    """
    return space_to_batch_nd(input, block_shape, paddings, name)


def batch_to_space(input: TensorLike, block_shape: ShapeLike, crops: Any, name: str | None = None) -> Tensor:
    """Undoes `tf.space_to_batch`: elements of the batch become positions within blocks of space, whose border is cut off.

    Args:
        input: of shape [batch, *space, ...].
        block_shape: for each axis of space the size of a block; one number stands for two axes.
        crops: for each axis of space how many elements to cut off before and after.
        name: unused.

    Raises:
        InvalidArgumentError: the blocks do not divide the batch, more is cut off than there is, or the arguments have other
            sizes.

    >>> import tapeflow as tf
    >>> tf.batch_to_space([[1, 3], [2, 4]], [2], [[0, 0]]).numpy()
    array([[1, 2, 3, 4]], dtype=int32)
    """
    x = convert(input)
    if not isinstance(block_shape, list | tuple) and not convert(block_shape)._value.ndim:
        block_shape = [block_shape, block_shape]
    blocks = _block_sizes(block_shape, x._value.ndim, "BatchToSpaceND")
    widths = read_matrix(crops, "BatchToSpaceND", "crops", len(blocks), sizes=True)
    k, count = len(blocks), math.prod(blocks)
    batch, *space = x._value.shape[: k + 1]
    depth = x._value.shape[k + 1 :]
    if not holds_late((batch, count)) and batch % count:
        raise invalid(
            "BatchToSpaceND", f"Input batch dimension ({batch}) is not divisible by product of block sizes ({count})"
        )
    spec: list = [(None, None, None)]
    for i, (size, block, (before, after)) in enumerate(zip(space, blocks, widths, strict=True)):
        left = size * block - before - after
        if not holds_late((before, after, left)) and (before < 0 or after < 0 or left < 0):
            raise invalid(
                "BatchToSpaceND", f"cropped_shape[{i}]={left} must be non-negative, and so must crops {before} {after}"
            )
        spec.append((before, before + left, None))
    x = reshaped(x, (*blocks, batch // count, *space, *depth))
    axes = [k, *[axis for i in range(k) for axis in (k + 1 + i, i)], *range(2 * k + 1, 2 * k + 1 + len(depth))]
    whole = [size * block for size, block in zip(space, blocks, strict=True)]
    return sliced(reshaped(transpose(x, axes), (batch // count, *whole, *depth)), tuple(spec))


def required_space_to_batch_paddings(
    input_shape: TensorLike, block_shape: TensorLike, base_paddings: Any = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The paddings that make space divisible by blocks, and the crops that undo them.

    Args:
        input_shape: the sizes of space.
        block_shape: for each axis the size of a block.
        base_paddings: at least so much is padded; nothing by default.
        name: unused.

    Returns:
        (paddings, crops), int32 matrices with a row for each axis.

    >>> import tapeflow as tf
    >>> paddings, crops = tf.required_space_to_batch_paddings([4, 5], [2, 2])
    >>> paddings.numpy().tolist(), crops.numpy().tolist()
    ([[0, 0], [0, 1]], [[0, 0], [0, 1]])
    """
    operation = "required_space_to_batch_paddings"
    if ACTIVE and any(map(are_known_later, (input_shape, block_shape, base_paddings))):
        return _paddings_later(input_shape, block_shape, base_paddings)
    sizes = np.array(read_integers(input_shape, operation, "input_shape"), np.int32)
    blocks = np.array(read_integers(block_shape, operation, "block_shape"), np.int32)
    if len(sizes) != len(blocks):
        raise ValueError(f"Dimensions {len(blocks)} and {len(sizes)} are not compatible: block_shape and input_shape")
    base = np.zeros((len(blocks), 2), np.int32)
    if base_paddings is not None:
        base[:] = read_matrix(base_paddings, operation, "base_paddings", len(blocks))
    extra = -(sizes + base.sum(1)) % blocks
    paddings = np.stack([base[:, 0], base[:, 1] + extra], 1).astype(np.int32)
    return Tensor(paddings), Tensor(np.stack([np.zeros_like(extra), extra], 1).astype(np.int32))


def _paddings_later(input_shape: TensorLike, block_shape: TensorLike, base_paddings: Any) -> tuple[Tensor, Tensor]:
    sizes, blocks = convert(input_shape), convert(block_shape)
    if sizes._value.shape != blocks._value.shape:
        shapes = f"{list(blocks._value.shape)} and {list(sizes._value.shape)}"
        raise ValueError(f"Dimensions {shapes} are not compatible: block_shape and input_shape")
    base = zeros((*blocks._value.shape, 2), sizes.dtype) if base_paddings is None else convert(base_paddings)
    before, after = base[:, 0], base[:, 1]
    extra = floormod(-(sizes + before + after), blocks)
    return stack([before, after + extra], 1), stack([zeros_like(extra), extra], 1)


# -- depth -----------------------------------------------------------------------------------------------


def _image(input: TensorLike, block_size: int, data_format: str, operation: str) -> Tensor:
    x = convert(input)
    if data_format not in ("NHWC", "NCHW", "NCHW_VECT_C"):
        raise invalid(operation, f'data_format must be one of "NHWC", "NCHW", "NCHW_VECT_C", got "{data_format}"')
    if data_format == "NCHW_VECT_C":
        raise UnimplementedError(None, None, f'{operation}: data_format "NCHW_VECT_C" is for GPUs; use "NHWC" or "NCHW"')
    if block_size < 2:
        raise invalid(operation, f"Value for attr 'block_size' of {block_size} must be at least minimum 2")
    if x._value.ndim != 4:
        raise invalid(operation, f"Input rank should be: 4 instead of: {x._value.ndim}")
    return x


def space_to_depth(input: TensorLike, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Moves what stands at each position within blocks of an image to channels of its own.

    Args:
        input: of shape [batch, height, width, channels].
        block_size: height and width of a block, at least 2.
        data_format: "NHWC", or "NCHW" where the channels are the second axis.
        name: unused.

    Raises:
        InvalidArgumentError: blocks do not divide height and width, or the arguments have other ranks.

    >>> import tapeflow as tf
    >>> tf.nn.space_to_depth([[[[1], [2]], [[3], [4]]]], 2).numpy()
    array([[[[1, 2, 3, 4]]]], dtype=int32)
    """
    x, b = _image(input, block_size, data_format, "SpaceToDepth"), block_size
    channels_first = data_format == "NCHW"
    n, h, w, c = np.array(x._value.shape)[[0, 2, 3, 1] if channels_first else [0, 1, 2, 3]].tolist()
    if h % b or w % b:
        raise invalid("SpaceToDepth", f"Image width {w} and height {h} should be divisible by block_size: {b}")
    if channels_first:
        x = transpose(reshaped(x, (n, c, h // b, b, w // b, b)), [0, 3, 5, 1, 2, 4])
        return reshaped(x, (n, b * b * c, h // b, w // b))
    x = transpose(reshaped(x, (n, h // b, b, w // b, b, c)), [0, 1, 3, 2, 4, 5])
    return reshaped(x, (n, h // b, w // b, b * b * c))


def depth_to_space(input: TensorLike, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Undoes `tf.nn.space_to_depth`: channels become positions within blocks of an image.

    Args:
        input: of shape [batch, height, width, channels].
        block_size: height and width of a block, at least 2.
        data_format: "NHWC", or "NCHW" where the channels are the second axis.
        name: unused.

    Raises:
        InvalidArgumentError: a block's size does not divide the channels, or the arguments have other ranks.

    >>> import tapeflow as tf
    >>> tf.nn.depth_to_space([[[[1, 2, 3, 4]]]], 2)[0, :, :, 0].numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    x, b = _image(input, block_size, data_format, "DepthToSpace"), block_size
    channels_first = data_format == "NCHW"
    n, h, w, c = np.array(x._value.shape)[[0, 2, 3, 1] if channels_first else [0, 1, 2, 3]].tolist()
    if c % (b * b):
        raise invalid("DepthToSpace", f"Input depth dimension {c} should be divisible by: {b * b}, got {brackets(x._value)}")
    c //= b * b
    if channels_first:
        x = transpose(reshaped(x, (n, b, b, c, h, w)), [0, 3, 4, 1, 5, 2])
        return reshaped(x, (n, c, h * b, w * b))
    x = transpose(reshaped(x, (n, h, w, b, b, c)), [0, 1, 3, 2, 4, 5])
    return reshaped(x, (n, h * b, w * b, c))
