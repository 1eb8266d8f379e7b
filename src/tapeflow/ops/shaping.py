"""The same elements in another shape: reshape, transpose, new and dropped axes, broadcasting; and questions about shapes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import BROADCAST_TO
from tapeflow.core.convert import TensorLike, convert, convert_all
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import conj
from tapeflow.core.primitive import Primitive
from tapeflow.core.shapes import TensorShape, as_shape
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.shape_arguments import ShapeLike, read_axis, read_integer, read_integers, read_shape

__all__ = [
    "broadcast_dynamic_shape",
    "broadcast_static_shape",
    "broadcast_to",
    "ensure_shape",
    "expand_dims",
    "guarantee_const",
    "rank",
    "reshape",
    "shape",
    "shape_n",
    "size",
    "squeeze",
    "transpose",
]

# -- reshape -------------------------------------------------------------------------------------------


def _reshape(x, *, shape):
    y = x.reshape(shape)
    return y if shape or y.dtype.kind == "O" else y[()]  # a NumPy scalar computes faster than an array of no axes


RESHAPE: Primitive = Primitive(
    "Reshape",
    _reshape,
    (lambda dy, x_shape: apply(RESHAPE, dy, shape=x_shape),),
    linear=True,
)


def reshaped(x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`x` in a shape that is known to fit."""
    return apply(RESHAPE, x, shape=shape)


def reshape(tensor: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """The same elements, in row-major order, in another shape.

    Args:
        tensor: of any dtype and shape.
        shape: the new sizes; one of them may be -1, which stands for what remains.
        name: unused.

    Returns:
        A tensor of that shape. It shares its memory with `tensor` wherever the strides allow it.

    Raises:
        InvalidArgumentError: the numbers of elements differ, or there are several -1 or other negative sizes.

    >>> import tapeflow as tf
    >>> tf.reshape([1, 2, 3, 4, 5, 6], [2, -1]).numpy()
    array([[1, 2, 3],
           [4, 5, 6]], dtype=int32)
    """
    x = tensor if type(tensor) is Tensor else convert(tensor)
    sizes = read_shape(shape, "Reshape")
    value = x._value
    if sizes and min(sizes) < 0:
        sizes = _completed(value.size, value.shape, sizes)
    elif math.prod(sizes) != value.size:
        raise invalid(
            "Reshape",
            f"Input to reshape is a tensor with {value.size} values, but the requested shape has {math.prod(sizes)}",
        )
    return apply(RESHAPE, x, shape=sizes)


def _completed(count: int, old: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[int, ...]:
    """`sizes` with its -1 replaced, so that there are `count` elements."""
    unknown = [i for i, size in enumerate(sizes) if size < 0]
    for i in unknown:
        if sizes[i] != -1:
            raise invalid("Reshape", f"Size {i} must be non-negative, not {sizes[i]}")
    if len(unknown) > 1:
        raise invalid("Reshape", f"Only one input size may be -1, not both {unknown[0]} and {unknown[1]}")
    known = math.prod([size for size in sizes if size >= 0])
    if known:
        missing, rest = divmod(count, known)
    else:  # nothing in, nothing out: what is left of the sizes that are not 0
        missing, rest = divmod(math.prod([n for n in old if n]), math.prod([n for n in sizes if n > 0]))
    if rest or (count and not known):
        raise invalid(
            "Reshape",
            f"Input to reshape is a tensor with {count} values, but the requested shape requires a multiple of {known}",
        )
    return tuple([missing if size < 0 else size for size in sizes])


# -- transpose -----------------------------------------------------------------------------------------


def _inverse(perm: tuple[int, ...]) -> tuple[int, ...]:
    inverse = [0] * len(perm)
    for i, axis in enumerate(perm):
        inverse[axis] = i
    return tuple(inverse)


TRANSPOSE: Primitive = Primitive(
    "Transpose",
    lambda a, *, perm: a.transpose(perm) if perm else a,
    (lambda dy, perm: apply(TRANSPOSE, dy, perm=_inverse(perm)),),
    linear=True,
)


def transpose(a: TensorLike, perm: ShapeLike | None = None, conjugate: bool = False, name: str = "transpose") -> Tensor:
    """The axes in another order; no element is copied.

    Args:
        a: of any dtype and shape.
        perm: axis i of the result is axis perm[i] of `a`; reversed by default. Negative ones count from the end.
        conjugate: whether to take the complex conjugate as well.
        name: unused.

    Raises:
        InvalidArgumentError: `perm` is not a permutation of the axes.

    >>> import tapeflow as tf
    >>> tf.transpose([[1, 2, 3], [4, 5, 6]]).numpy()
    array([[1, 4],
           [2, 5],
           [3, 6]], dtype=int32)
    >>> tf.transpose(tf.zeros([2, 3, 4]), perm=[2, 0, 1]).shape
    TensorShape([4, 2, 3])
    """
    x = a if type(a) is Tensor else convert(a)
    ndim = x._value.ndim
    if perm is None:
        axes = tuple(range(ndim - 1, -1, -1))
    else:
        axes = read_integers(perm, "Transpose", "perm")
        if len(axes) != ndim:
            raise invalid(
                "Transpose", f"transpose expects a vector of size {ndim}. But input(1) is a vector of size {len(axes)}"
            )
        for axis in axes:
            if not -ndim <= axis < ndim:
                raise invalid("Transpose", f"{axis} is out of range [0 .. {ndim})")
        axes = tuple([axis % ndim for axis in axes])
        if len(set(axes)) != ndim:
            missing = next(axis for axis in range(ndim) if axis not in axes)
            raise invalid("Transpose", f"{missing} is missing from {{{','.join(map(str, axes))}}}")
    y = apply(TRANSPOSE, x, perm=axes)
    return conj(y) if conjugate else y


# -- axes of size 1 ------------------------------------------------------------------------------------


def expand_dims(input: TensorLike, axis: Any, name: str | None = None) -> Tensor:
    """Inserts an axis of size 1.

    Args:
        input: of any dtype and shape.
        axis: where the new axis stands in the result; negative ones count from the end.
        name: unused.

    Raises:
        InvalidArgumentError: the axis is out of range, or there are several.

    >>> import tapeflow as tf
    >>> x = tf.zeros([2, 3])
    >>> tf.expand_dims(x, 0).shape, tf.expand_dims(x, -1).shape
    (TensorShape([1, 2, 3]), TensorShape([2, 3, 1]))
    """
    x = input if type(input) is Tensor else convert(input)
    shape = x._value.shape
    if type(axis) is not int:
        if np.size(axis := convert(axis, hint=np.dtype("int32"))._value) != 1:
            raise invalid("ExpandDims", "'dim' must be a tensor with a single value")
        axis = read_integer(axis, "axis")
    n = len(shape) + 1
    axis = read_axis(axis, n, "ExpandDims", f"Tried to expand dim index {axis} for tensor with {n - 1} dimensions.")
    return apply(RESHAPE, x, shape=(*shape[:axis], 1, *shape[axis:]))


def squeeze(input: TensorLike, axis: ShapeLike | None = None, name: str | None = None) -> Tensor:
    """Drops axes of size 1.

    Args:
        input: of any dtype and shape.
        axis: the axis, or list of axes, to drop; all that have size 1 by default, and where the list is empty.
        name: unused.

    Raises:
        InvalidArgumentError: an axis is out of range, or does not have size 1.

    >>> import tapeflow as tf
    >>> x = tf.zeros([1, 2, 1, 3])
    >>> tf.squeeze(x).shape, tf.squeeze(x, axis=[2]).shape
    (TensorShape([2, 3]), TensorShape([1, 2, 3]))
    """
    x = input if type(input) is Tensor else convert(input)
    shape = x._value.shape
    axes = () if axis is None else read_integers(axis, "Squeeze", "axis", rank=0)
    dropped = set()
    for a in axes:
        i = read_axis(a, len(shape), "Squeeze", f"Tried to squeeze dim index {a} for tensor with {len(shape)} dimensions.")
        if shape[i] != 1:
            raise invalid("Squeeze", f"Can not squeeze dim[{i}], expected a dimension of 1, got {shape[i]}")
        dropped.add(i)
    kept = tuple([n for i, n in enumerate(shape) if (i not in dropped if axes else n != 1)])
    return apply(RESHAPE, x, shape=kept)


# -- broadcasting --------------------------------------------------------------------------------------


def broadcast_to(input: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """Repeats `input` along new leading axes, and along axes of size 1, until it has a shape.

    Args:
        input: of any dtype and shape.
        shape: a vector of sizes, with which the shape of `input` broadcasts.
        name: unused.

    Returns:
        A tensor of that shape; the repetitions share memory.

    Raises:
        InvalidArgumentError: the shapes do not fit.

    >>> import tapeflow as tf
    >>> tf.broadcast_to([1, 2, 3], [2, 3]).numpy()
    array([[1, 2, 3],
           [1, 2, 3]], dtype=int32)
    """
    x = input if type(input) is Tensor else convert(input)
    sizes = read_shape(shape, "BroadcastTo", scalar=False)
    old = x._value.shape
    if len(old) > len(sizes):
        raise invalid(
            "BroadcastTo",
            f"Rank of input ({len(old)}) must be no greater than rank of output shape ({len(sizes)}).",
        )
    if sizes and min(sizes) < 0:
        raise invalid("BroadcastTo", f"Dimension {min(sizes)} must be >= 0")
    for mine, wanted in zip(reversed(old), reversed(sizes)):  # noqa: B905  # the ranks may differ
        if mine != wanted and mine != 1:
            raise invalid("BroadcastTo", f"Incompatible shapes: {brackets(x._value)} vs. [{','.join(map(str, sizes))}]")
    return apply(BROADCAST_TO, x, shape=sizes)


def broadcast_static_shape(shape_x: TensorShape, shape_y: TensorShape) -> TensorShape:
    """The shape of the result when tensors of these shapes, which may be known in part, are broadcast together.

    Raises:
        ValueError: they cannot be.

    >>> import tapeflow as tf
    >>> tf.broadcast_static_shape(tf.TensorShape([2, 1]), tf.TensorShape([3]))
    TensorShape([2, 3])
    """
    x, y = as_shape(shape_x), as_shape(shape_y)
    if x.rank is None or y.rank is None:
        return TensorShape(None)
    ndim = max(x.rank, y.rank)
    pairs = zip([1] * (ndim - x.rank) + x.as_list(), [1] * (ndim - y.rank) + y.as_list(), strict=True)
    sizes: list[int | None] = []
    for a, b in pairs:
        if a == 1 or (a is None and b != 1):
            sizes.append(b)
        elif b == 1 or b is None or a == b:
            sizes.append(a)
        else:
            raise ValueError(
                "Incompatible shapes for broadcasting. Two shapes are compatible if for each dimension pair they are either "
                f"equal or one of them is 1. Received: {x} and {y}."
            )
    return TensorShape(sizes)


def _broadcast_args(s0, s1):
    sizes = np.broadcast_shapes(tuple(s0.tolist()), tuple(s1.tolist()))
    return np.array(sizes, s0.dtype)


BROADCAST_ARGS = Primitive("BroadcastArgs", _broadcast_args)


def broadcast_dynamic_shape(shape_x: ShapeLike, shape_y: ShapeLike) -> Tensor:
    """The shape of the result when tensors of these shapes are broadcast together, as a tensor.

    Raises:
        InvalidArgumentError: they cannot be.

    >>> import tapeflow as tf
    >>> tf.broadcast_dynamic_shape([2, 1], [3]).numpy()
    array([2, 3], dtype=int32)
    """
    x, y = convert_all([list(s) if isinstance(s, TensorShape) else s for s in (shape_x, shape_y)])
    return apply(BROADCAST_ARGS, x, y)


# -- questions -----------------------------------------------------------------------------------------


def _index_type(out_type: Any, operation: str) -> np.dtype:
    dtype = dtypes.int32 if out_type is None else dtypes.as_dtype(out_type)
    if dtype not in (dtypes.int32, dtypes.int64):
        raise invalid(
            operation, f"Value for attr 'out_type' of {dtype.name} is not in the list of allowed values: int32, int64"
        )
    return dtype.numpy


def shape(input: TensorLike, out_type: Any = None, name: str | None = None) -> Tensor:
    """The shape, as a vector of integers.

    Args:
        input: of any dtype and shape.
        out_type: `tf.int32` (the default) or `tf.int64`.
        name: unused.

    >>> import tapeflow as tf
    >>> tf.shape([[1, 2, 3], [4, 5, 6]]).numpy()
    array([2, 3], dtype=int32)
    """
    return Tensor(np.array(convert(input)._value.shape, _index_type(out_type, "Shape")))


def shape_n(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> list[Tensor]:
    """The shapes of several tensors, each as a vector of integers.

    >>> import tapeflow as tf
    >>> [s.numpy().tolist() for s in tf.shape_n([[1, 2, 3], 4])]
    [[3], []]
    """
    dtype = _index_type(out_type, "ShapeN")
    tensors = convert_all(input)
    for i, x in enumerate(tensors):
        if x.dtype != tensors[0].dtype:
            raise invalid(
                "ShapeN",
                f"input #{i}(zero-based) was expected to be a {tensors[0].dtype.name} tensor but is a {x.dtype.name} tensor",
            )
    return [Tensor(np.array(x._value.shape, dtype)) for x in tensors]


def size(input: TensorLike, out_type: Any = None, name: str | None = None) -> Tensor:
    """The number of elements, as a scalar tensor.

    Args:
        input: of any dtype and shape.
        out_type: the dtype of the result; `tf.int32` by default.
        name: unused.

    >>> import tapeflow as tf
    >>> tf.size([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(6)
    """
    dtype = dtypes.int32 if out_type is None else dtypes.as_dtype(out_type)
    return Tensor(dtype.numpy.type(convert(input)._value.size))


def rank(input: TensorLike, name: str | None = None) -> Tensor:
    """The number of axes, as an int32 scalar tensor.

    >>> import tapeflow as tf
    >>> tf.rank([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(2)
    """
    return Tensor(np.int32(convert(input)._value.ndim))


def ensure_shape(x: TensorLike, shape: Any, name: str | None = None) -> Tensor:
    """`x` itself, if it has the shape.

    Args:
        x: of any dtype and shape.
        shape: what `tf.TensorShape` takes; None stands for any size, or for any shape.
        name: unused.

    Raises:
        InvalidArgumentError: it has another shape.

    >>> import tapeflow as tf
    >>> tf.ensure_shape([[1, 2, 3]], [None, 3]).shape
    TensorShape([1, 3])
    """
    tensor = convert(x)
    wanted = TensorShape(shape)
    if not wanted.is_compatible_with(tensor._value.shape):
        sizes = ",".join("?" if n is None else str(n) for n in wanted)
        raise invalid(
            "EnsureShape",
            f"Shape of tensor input {brackets(tensor._value)} is not compatible with expected shape [{sizes}].",
        )
    return tensor


def guarantee_const(input: TensorLike, name: str | None = None) -> Tensor:
    """`input` as a tensor: a promise to a compiler that it does not change, which here says nothing new.

    >>> import tapeflow as tf
    >>> tf.guarantee_const(2.0).numpy()
    np.float32(2.0)
    """
    return convert(input)
