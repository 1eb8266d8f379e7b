"""Tensors joined along an axis, and taken apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import CONVERTERS, STACK, TensorLike, as_tensor, convert, convert_all
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.recording import current
from tapeflow.core.symbolic import ACTIVE, SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops.arguments import brackets, invalid, wrong_dtype
from tapeflow.ops.casting import cast
from tapeflow.ops.shape_arguments import are_known_later, read_axis, read_integer, read_integers

__all__ = ["concat", "parallel_stack", "split", "stack", "unstack"]

# -- concat and split: each is the derivative of the other ------------------------------------------------


def _split(value, *, sizes, axis):
    index: list[Any] = [slice(None)] * (axis + 1)
    start, parts = 0, []
    for size in sizes:
        index[axis] = slice(start, start + size)
        parts.append(value[tuple(index)])
        start += size
    if start != value.shape[axis]:
        raise ValueError(f"the sizes {list(sizes)} do not add up to the {value.shape[axis]} elements of the axis")
    return tuple(parts)


def _joined_shape(*shapes: tuple[int, ...], axis: int) -> tuple[int, ...]:
    first = shapes[0]
    return (*first[:axis], sum([shape[axis] for shape in shapes]), *first[axis:][1:])


CONCAT: Primitive = Primitive(
    "ConcatV2",
    lambda *values, axis: np.concatenate(values, axis),
    pullback=lambda dy, shapes, axis: apply(SPLIT, dy, sizes=tuple([shape[axis] for shape in shapes]), axis=axis),
    linear=True,
    shape=_joined_shape,
)

SPLIT: Primitive = Primitive("SplitV", _split, (lambda dy, axis: apply(CONCAT, *dy, axis=axis),), linear=True)


def same_dtypes(tensors: Sequence[Tensor], operation: str) -> None:
    """InvalidArgumentError unless all tensors have one dtype; nothing is promoted silently."""
    for i, x in enumerate(tensors):
        first = tensors[0]
        if x._value.dtype is not first._value.dtype and x.dtype != first.dtype:
            raise wrong_dtype(
                operation,
                f"cannot compute {operation} as input #{i}(zero-based) was expected to be a {first.dtype.name} tensor but "
                f"is a {x.dtype.name} tensor; convert one of them, for example tf.cast(x, tf.{first.dtype.name})",
            )


def concat(values: Any, axis: Any, name: str = "concat") -> Tensor:
    """Joins tensors along an axis that they have.

    Args:
        values: a list of tensors of one dtype, whose shapes agree in all other axes.
        axis: the axis; negative ones count from the end.
        name: unused.

    Raises:
        InvalidArgumentError: the axis is out of range, or dtypes or shapes disagree. Scalars have no axis: `tf.stack` them.

    >>> import tapeflow as tf
    >>> tf.concat([[[1, 2]], [[3, 4], [5, 6]]], axis=0).numpy()
    array([[1, 2],
           [3, 4],
           [5, 6]], dtype=int32)
    """
    if not isinstance(values, list | tuple):
        return convert(values)
    tensors = values if values and all(type(value) is Tensor for value in values) else convert_all(values)
    if not tensors:
        raise invalid("ConcatV2", "there is nothing to concatenate: `values` is an empty list")
    first = tensors[0]._value
    if len(tensors) > 1:
        same_dtypes(tensors, "ConcatV2")
    if type(axis) is SymbolicTensor and are_known_later(axis):
        from tapeflow.ops.joining_known_later import joined_along

        return joined_along(tensors, axis)
    axis = read_integer(axis, "axis")
    if len(tensors) == 1:
        return tensors[0]
    ndim = first.ndim
    if not ndim:
        raise invalid("ConcatV2", "ConcatOp : Can't concatenate scalars (use tf.stack instead)")
    a = read_axis(axis, ndim, "ConcatV2", no_such_axis(axis, ndim))
    for i, x in enumerate(tensors):
        shape = x._value.shape
        if len(shape) != ndim:
            raise invalid(
                "ConcatV2",
                f"ConcatOp : Ranks of all input tensors should match: shape[0] = {brackets(first)} vs. shape[{i}] = "
                f"{brackets(x._value)}",
            )
        if shape[:a] != first.shape[:a] or shape[a + 1 :] != first.shape[a + 1 :]:
            odd = next(d for d in range(ndim) if d != a and shape[d] != first.shape[d])
            raise invalid(
                "ConcatV2",
                f"ConcatOp : Dimension {odd} in both shapes must be equal: shape[0] = {brackets(first)} vs. shape[{i}] = "
                f"{brackets(x._value)}",
            )
    return apply(CONCAT, *tensors, axis=a)


def no_such_axis(axis: Any, ndim: int) -> str:
    """What `concat` says of an axis that there is not."""
    return f"ConcatOp : Expected concatenating dimensions in the range [{-ndim}, {ndim}), but got {axis}"


def split(
    value: TensorLike, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split"
) -> list[Tensor]:
    """Cuts a tensor along an axis.

    Args:
        value: a tensor with that axis.
        num_or_size_splits: an int, the number of equal pieces; or a vector of the pieces' sizes, one of which may be -1.
        axis: the axis; negative ones count from the end.
        num: the number of pieces, where `num_or_size_splits` is a vector; checked against its length.
        name: unused.

    Returns:
        The pieces, which share memory with `value`.

    Raises:
        InvalidArgumentError: the sizes do not add up, or the axis is out of range.
        ValueError: `num_or_size_splits` is a number but no integer.

    >>> import tapeflow as tf
    >>> x = tf.constant([1, 2, 3, 4, 5, 6])
    >>> [piece.numpy().tolist() for piece in tf.split(x, 3)]
    [[1, 2], [3, 4], [5, 6]]
    >>> [piece.numpy().tolist() for piece in tf.split(x, [1, -1, 2])]
    [[1], [2, 3, 4], [5, 6]]
    """
    x = convert(value)
    shape = x._value.shape
    counted = type(num_or_size_splits) is int
    operation = "Split" if counted else "SplitV"
    if not counted:
        given = convert(num_or_size_splits)
        if not given._value.ndim:
            if given._value.dtype.kind not in "iu":
                raise ValueError(
                    "Rank-0 tensors are not supported as the num_or_size_splits argument to split. Argument provided: "
                    f"{num_or_size_splits}"
                )
            counted, num_or_size_splits = True, read_integer(given, "num_or_size_splits")
    if type(axis) is SymbolicTensor and are_known_later(axis):
        from tapeflow.ops.joining_known_later import cut_along

        return cut_along(x, num_or_size_splits, axis, num)
    a = read_axis(axis, len(shape), operation, no_axis_to_cut(axis, len(shape)))
    total = shape[a]
    if counted:
        count = num_or_size_splits
        if count < 1:
            raise invalid(operation, f"Value for attr 'num_split' of {count} must be at least minimum 1")
        if total % count:
            raise invalid(
                operation,
                "Number of ways to split should evenly divide the split dimension, but got split_dim "
                f"{a} (size = {total}) and num_split {count}",
            )
        sizes = (total // count,) * count
    elif ACTIVE and are_known_later(num_or_size_splits):
        from tapeflow.ops.joining_known_later import cut_into

        return cut_into(x, num_or_size_splits, a, num)
    else:
        sizes = piece_sizes(read_integers(num_or_size_splits, operation, "num_or_size_splits"), total, num)
    return list(apply(SPLIT, x, sizes=sizes, axis=a))


def no_axis_to_cut(axis: Any, ndim: int) -> str:
    """What `split` says of an axis that there is not."""
    return f"-input rank(-{ndim}) <= split_dim < input rank ({ndim}), but got {axis}"


def piece_sizes(sizes: tuple[int, ...], total: int, num: int | None) -> tuple[int, ...]:
    """The sizes of the pieces of an axis, as `split` is given them; one that is -1 is what the others leave."""
    if num is not None and num != len(sizes):
        raise invalid("SplitV", f"`num` is {num}, and `num_or_size_splits` has {len(sizes)} elements: {list(sizes)}")
    if sizes.count(-1) > 1:
        raise invalid("SplitV", "There can only be one -1 in the input.")
    for i, size in enumerate(sizes):
        if size < -1:
            raise invalid("SplitV", f"Split size at index {i} must be >= 0. Got: {size}")
    rest = total - sum([size for size in sizes if size >= 0])
    if rest < 0 or (rest and -1 not in sizes):
        raise invalid(
            "SplitV",
            "Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the "
            f"size of the input along split_dim if not fully specified. Got: sizes {list(sizes)} of {total}",
        )
    return tuple([rest if size == -1 else size for size in sizes])


# -- stack and unstack: each is the derivative of the other ----------------------------------------------


def _pack(*values, axis):
    if axis == 0 and not values[0].ndim:
        return np.array(values, values[0].dtype)
    new = (*[slice(None)] * axis, np.newaxis)
    return np.concatenate([value[new] for value in values], axis)


def _unpack(value, *, axis):
    if value.dtype.kind == "O":  # an array of strings, even if of a single one
        return tuple([value[(*[slice(None)] * axis, i, ...)] for i in range(value.shape[axis])])
    return tuple(value if axis == 0 else np.moveaxis(value, axis, 0))


PACK: Primitive = Primitive(
    "Pack",
    _pack,
    pullback=lambda dy, axis: apply(UNPACK, dy, axis=axis),
    linear=True,
    shape=lambda *shapes, axis: (*shapes[0][:axis], len(shapes), *shapes[0][axis:]),
)

UNPACK: Primitive = Primitive("Unpack", _unpack, (lambda dy, axis: apply(PACK, *dy, axis=axis),), linear=True)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """Joins tensors along a new axis.

    Args:
        values: a list of tensors of one shape and dtype.
        axis: where the new axis stands in the result; negative ones count from the end.
        name: unused.

    Raises:
        InvalidArgumentError: shapes or dtypes disagree.
        ValueError: the axis is out of range.

    >>> import tapeflow as tf
    >>> tf.stack([[1, 4], [2, 5], [3, 6]], axis=1).numpy()
    array([[1, 2, 3],
           [4, 5, 6]], dtype=int32)
    """
    if not isinstance(values, list | tuple) or type(values) in CONVERTERS or _nested_dtype(values) is None:
        try:
            x = convert(values)
        except (TypeError, ValueError):
            if not isinstance(values, list | tuple):
                raise
            tensors = _stackable(values)  # says which of the shapes differ
        else:
            if not axis or not x._value.ndim:
                return x
            tensors = unstack(x)
    else:
        tensors = _stackable(values)
    ndim = tensors[0]._value.ndim + 1
    axis = int(axis)
    if not -ndim <= axis < ndim:
        raise ValueError(f"Argument `axis` = {axis} not in range [{-ndim}, {ndim})")
    return apply(PACK, *tensors, axis=axis % ndim)


def _stackable(values: Any, dtype: np.dtype | None = None) -> list[Tensor]:
    """The values as tensors of one shape and dtype."""
    if dtype is None:
        dtype = _nested_dtype(values)
        tensors = convert_all(values) if dtype is None else [convert(value, hint=dtype) for value in values]
    else:
        tensors = [cast(convert(value, hint=dtype), dtype) for value in values]
    same_dtypes(tensors, "Pack")
    first = tensors[0]._value
    for i, x in enumerate(tensors):
        if x._value.shape != first.shape:
            raise invalid(
                "Pack",
                f"Shapes of all inputs must match: values[0].shape = {brackets(first)} != values[{i}].shape = "
                f"{brackets(x._value)}",
            )
    return tensors


def _nested_dtype(values: Any) -> np.dtype | None:
    """The dtype of the first tensor in a nested list."""
    for value in values:
        if type(value) is Tensor:
            found = value._value.dtype
        elif isinstance(value, list | tuple):
            found = _nested_dtype(value)
        else:
            tensor = as_tensor(value)
            found = None if tensor is None else tensor._value.dtype
        if found is not None:
            return found
    return None


STACK.append(lambda value, dtype: apply(PACK, *_stackable(value, dtype), axis=0))


def parallel_stack(values: Any, name: str = "parallel_stack") -> Tensor:
    """Joins tensors along a new first axis, as `tf.stack` does.

    TensorFlow offers it in graphs only, where the pieces are copied as they become ready.

    >>> import tapeflow as tf
    >>> tf.parallel_stack([[1, 4], [2, 5]]).numpy()
    array([[1, 4],
           [2, 5]], dtype=int32)
    """
    return stack(values)


def unstack(value: TensorLike, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    """Takes a tensor apart along an axis, which disappears.

    Args:
        value: a tensor with that axis.
        num: the size of the axis, which is checked; known anyway.
        axis: the axis; negative ones count from the end.
        name: unused.

    Returns:
        As many tensors as the axis has elements; they share memory with `value`.

    Raises:
        InvalidArgumentError: the axis does not have the size `num`.
        ValueError: the axis is out of range.

    >>> import tapeflow as tf
    >>> [row.numpy().tolist() for row in tf.unstack([[1, 2], [3, 4]])]
    [[1, 2], [3, 4]]
    """
    x = convert(value)
    shape = x._value.shape
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"Argument `axis` = {axis} not in range [{-len(shape)}, {len(shape)})")
    axis %= len(shape)
    if num is not None and num != shape[axis]:
        raise invalid("Unpack", f"Input shape axis {axis} must equal {num}, got shape {brackets(x._value)}")
    return list(apply(UNPACK, x, axis=axis))


# -- iteration -------------------------------------------------------------------------------------------


def iterate(x: Tensor) -> Iterator[Tensor]:
    """The elements along the first axis: one operation for all of them where a tape may listen, and one by one elsewhere."""
    value = x._value
    if not value.ndim:
        raise TypeError("Cannot iterate over a scalar tensor.")
    if x._key and current() is not None:
        return iter(apply(UNPACK, x, axis=0))
    if value.dtype.kind == "O":
        return (Tensor(value[i, ...]) for i in range(len(value)))
    return map(Tensor, value)


def contains(x: Any, item: TensorLike) -> bool:
    """Python's `item in x`: whether an element along the first axis equals it."""
    return any(element is item or bool(element == item) for element in x)


Tensor.__iter__ = iterate  # type: ignore[method-assign]
Tensor.__contains__ = Variable.__contains__ = contains  # type: ignore[method-assign]
