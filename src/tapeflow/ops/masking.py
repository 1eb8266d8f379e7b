"""Elements chosen by masks and by the numbers of the partitions that they belong to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert, convert_all
from tapeflow.core.dimension import at_least, may_be_equal
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.casting import cast
from tapeflow.ops.parts import gathered
from tapeflow.ops.shape_arguments import are_known_later, read_integer

__all__ = ["boolean_mask", "dynamic_partition", "dynamic_stitch", "sequence_mask"]

# -- masks -----------------------------------------------------------------------------------------------


def _mask(tensor, mask, *, axis):
    return tensor[(*[slice(None)] * axis, mask)]


def _unmask(kept, mask, *, shape, axis):
    out = np.zeros(shape, kept.dtype)
    out[(*[slice(None)] * axis, mask)] = kept
    return out


MASK: Primitive = Primitive(
    "BooleanMask",
    _mask,
    (lambda dy, mask, tensor_shape, axis: apply(UNMASK, dy, mask, shape=tensor_shape, axis=axis), None),
    linear=True,
    opens=lambda tensor, mask, *, axis: [(*tensor[:axis], Told((1,), "true"), *tensor[axis + len(mask) :])],
)

UNMASK: Primitive = Primitive(
    "BooleanMaskTranspose",
    _unmask,
    (lambda dy, mask, axis: apply(MASK, dy, mask, axis=axis), None),
    linear=True,
    shape=lambda kept, mask, *, shape, axis: shape,
)


def boolean_mask(tensor: TensorLike, mask: TensorLike, axis: Any = None, name: str = "boolean_mask") -> Tensor:
    """The elements where a mask is True.

    Args:
        tensor: of shape [..., *mask.shape, ...].
        mask: of at least one axis; numbers count as True where they are not 0.
        axis: the axis of `tensor` at which the mask's first one stands; 0 by default.
        name: unused.

    Returns:
        A tensor with one axis in place of the mask's.

    Raises:
        ValueError: the mask is a scalar, or its shape is not that of these axes of `tensor`.

    >>> import tapeflow as tf
    >>> tf.boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True]).numpy()
    array([[1, 2],
           [5, 6]], dtype=int32)
    """
    x, chosen = convert(tensor), convert(mask)
    if chosen._value.dtype.kind != "b":
        chosen = cast(chosen, dtypes.bool)
    shape, ndim = x._value.shape, chosen._value.ndim
    if not ndim:
        raise ValueError("mask cannot be scalar.")
    if type(axis) is SymbolicTensor and are_known_later(axis):
        from tapeflow.ops.axes_known_later import along

        outside = f"the mask cannot stand at axis {{axis}} of a tensor with {len(shape)} axes"
        fits = f"Shapes {chosen._value.shape} of the mask and {shape} of the tensor are incompatible from axis {{axis}} on"
        covers = lambda a: may_be_equal(shape[a : a + ndim], chosen._value.shape)
        return along(axis, len(shape), outside, lambda a: boolean_mask(x, chosen, a), covers, fits)
    first = 0 if axis is None else read_integer(axis, "axis")
    covered = shape[first : first + ndim] if first >= 0 else shape[first : first + ndim or None]
    if covered != chosen._value.shape:
        raise ValueError(
            f"Shapes {covered} and {chosen._value.shape} are incompatible: the mask must have the shape of the axes of "
            f"`tensor` that start with axis {first}, and the tensor's shape is {shape}"
        )
    return apply(MASK, x, chosen, axis=first % len(shape))


def _sequence_mask(lengths, *, maxlen):
    return np.arange(maxlen) < np.asarray(lengths)[..., np.newaxis]


SEQUENCE_MASK = Primitive("SequenceMask", _sequence_mask)
LONGEST = Primitive("LongestSequence", lambda lengths: np.int64(math.ceil(lengths.max()) if lengths.size else 0))


def sequence_mask(lengths: TensorLike, maxlen: Any = None, dtype: Any = dtypes.bool, name: str | None = None) -> Tensor:
    """Masks of sequences that start with as many True as the sequence is long.

    Args:
        lengths: integers, of any shape.
        maxlen: the size of the new last axis; the greatest length by default.
        dtype: of the result.
        name: unused.

    Raises:
        ValueError: `maxlen` is no scalar.

    >>> import tapeflow as tf
    >>> tf.sequence_mask([1, 3, 0]).numpy()
    array([[ True, False, False],
           [ True,  True,  True],
           [False, False, False]])
    """
    x = convert(lengths)
    if maxlen is None:
        longest = read_integer(apply(LONGEST, x), "maxlen")
    else:
        given = convert(maxlen)
        if given._value.ndim:
            raise ValueError(
                f"Argument `maxlen` must be scalar for sequence_mask, received `maxlen` = {maxlen} with shape "
                f"'{given.shape}' instead"
            )
        longest = read_integer(given, "maxlen") if type(given) is SymbolicTensor else int(given._value)
    return cast(apply(SEQUENCE_MASK, x, maxlen=at_least(longest, 0)), dtype)


# -- partitions: dynamic_stitch puts together what dynamic_partition took apart --------------------------


def _rows(x: Any, prefix: int) -> np.ndarray:
    """An array seen as rows, one for each element of its first `prefix` axes."""
    return np.asarray(x).reshape(math.prod(x.shape[:prefix]), *x.shape[prefix:])


def _partition(data, partitions, *, num_partitions):
    rows, numbers = _rows(data, partitions.ndim), np.asarray(partitions).reshape(-1)
    if numbers.size and (numbers.min() < 0 or numbers.max() >= num_partitions):
        at = tuple(np.argwhere((partitions < 0) | (partitions >= num_partitions))[0].tolist())
        number = np.asarray(partitions)[at]
        raise invalid("DynamicPartition", f"partitions{list(at)} = {number} is not in [0, {num_partitions})")
    return tuple([rows[numbers == k] for k in range(num_partitions)])


def _unpartition(partitions, *parts, shape):
    numbers = np.asarray(partitions).reshape(-1)
    rows = np.empty((numbers.size, *shape[partitions.ndim :]), parts[0].dtype)
    for k, part in enumerate(parts):
        rows[numbers == k] = part
    return rows.reshape(shape)


PARTITION: Primitive = Primitive(
    "DynamicPartition",
    _partition,
    (lambda dy, partitions, data_shape: apply(UNPARTITION, partitions, *dy, shape=data_shape), None),
    linear=True,
    opens=lambda data, partitions, *, num_partitions: [
        (Told((1,), ("partition", k)), *data[len(partitions) :]) for k in range(num_partitions)
    ],
)

UNPARTITION: Primitive = Primitive(
    "DynamicPartitionTranspose",
    _unpartition,
    pullback=lambda dy, inputs: [None, *apply(PARTITION, dy, inputs[0], num_partitions=len(inputs) - 1)],
    linear=True,
    shape=lambda partitions, *parts, shape: shape,
    like=1,
)


def dynamic_partition(
    data: TensorLike, partitions: TensorLike, num_partitions: int, name: str | None = None
) -> list[Tensor]:
    """Sorts elements into as many tensors as there are partitions.

    Args:
        data: of shape [*partitions.shape, ...].
        partitions: int32, for each element the number of its partition.
        num_partitions: how many there are.
        name: unused.

    Returns:
        For each partition its elements, in order, along a new first axis that stands for those of `partitions`.

    Raises:
        InvalidArgumentError: a number is not in [0, num_partitions), or the shapes do not fit.

    >>> import tapeflow as tf
    >>> [part.numpy().tolist() for part in tf.dynamic_partition([1, 2, 3, 4], [0, 1, 0, 1], 2)]
    [[1, 3], [2, 4]]
    """
    x, numbers = convert(data), convert(partitions, hint=np.dtype("int32"))
    value = numbers._value
    if value.dtype != np.int32:
        raise invalid("DynamicPartition", f"`partitions` must be int32, got {numbers.dtype.name}; use tf.cast")
    if num_partitions < 1:
        raise invalid("DynamicPartition", f"Value for attr 'num_partitions' of {num_partitions} must be at least minimum 1")
    if x._value.shape[: value.ndim] != value.shape:
        raise invalid(
            "DynamicPartition",
            f"data.shape must start with partitions.shape, got data.shape = {brackets(x._value)}, partitions.shape = "
            f"{brackets(value)}",
        )
    return list(apply(PARTITION, x, numbers, num_partitions=num_partitions))


def _stitch(*indices_and_data):
    count = len(indices_and_data) // 2
    indices, data = indices_and_data[:count], indices_and_data[count:]
    size = max([int(i.max()) + 1 for i in indices if i.size], default=0)
    out = np.zeros((size, *data[0].shape[indices[0].ndim :]), data[0].dtype)
    for m, (i, x) in enumerate(zip(indices, data, strict=True)):
        if i.size and i.min() < 0:
            raise invalid("DynamicStitch", f"indices[{m}] is out of range: {i.min()} is negative")
        out[np.asarray(i).reshape(-1)] = _rows(x, i.ndim)
    return out


def _pull_stitched(dy: Tensor, inputs: tuple) -> list:
    # TensorFlow's convention: what was overwritten gets the same cotangent as what overwrote it.
    indices = inputs[: len(inputs) // 2]
    return [*[None] * len(indices), *[gathered(dy, i) for i in indices]]


STITCH = Primitive(
    "DynamicStitch",
    _stitch,
    pullback=_pull_stitched,
    linear=True,
    like=-1,
    opens=lambda *shapes: [(Told(tuple(range(len(shapes) // 2)), "stitched"), *shapes[len(shapes) // 2][len(shapes[0]) :])],
)


def dynamic_stitch(indices: Any, data: Any, name: str | None = None) -> Tensor:
    """Puts rows together, each where its index says: `out[indices[m][i]] = data[m][i]`.

    Args:
        indices: a list of int32 tensors; where an index occurs twice, the later row stays.
        data: a list of as many tensors; data[m] is of shape [*indices[m].shape, ...], and what follows is the same for all.
        name: unused.

    Returns:
        A tensor with as many rows as the greatest index says; rows that no index names are 0.

    Raises:
        InvalidArgumentError: shapes do not fit, or an index is negative.
        ValueError: the lists have different lengths.

    >>> import tapeflow as tf
    >>> tf.dynamic_stitch([[0, 2], [1]], [[10, 30], [20]]).numpy()
    array([10, 20, 30], dtype=int32)
    """
    numbers, parts = [convert(i, hint=np.dtype("int32")) for i in indices], convert_all(data)
    if len(numbers) != len(parts):
        raise ValueError(
            f"List argument 'data' to 'dynamic_stitch' Op with length {len(parts)} must match length {len(numbers)} of "
            "argument 'indices'."
        )
    rest = parts[0]._value.shape[numbers[0]._value.ndim :] if parts else ()
    for m, (i, x) in enumerate(zip(numbers, parts, strict=True)):
        shape, prefix = x._value.shape, i._value.shape
        if shape[: len(prefix)] != prefix:
            raise invalid(
                "DynamicStitch", f"data[{m}].shape = {list(shape)} does not start with indices[{m}].shape = {list(prefix)}"
            )
        if shape[len(prefix) :] != rest:
            raise invalid(
                "DynamicStitch",
                f"Need data[0].shape[{numbers[0]._value.ndim}:] = data[{m}].shape[{len(prefix)}:], got data[0].shape = "
                f"{brackets(parts[0]._value)}, data[{m}].shape = {list(shape)}, indices[{m}].shape = {list(prefix)}",
            )
    return apply(STITCH, *numbers, *parts)
