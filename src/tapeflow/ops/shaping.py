"""The same elements in another shape: reshape, transpose, new and dropped axes, broadcasting."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.broadcasting import BROADCAST_TO
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dimension import Dim, holds_dim, holds_unsure
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import conj
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.symbolic import ACTIVE, SymbolicTensor, as_seen_in_graph
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.shape_arguments import ShapeLike, are_known_later, read_axis, read_integer, read_integers, read_shape

__all__ = [
    "broadcast_to",
    "expand_dims",
    "reshape",
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
    shape=lambda x, *, shape: shape,
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
    if ACTIVE and (open_shape := _open_shape(shape)) is not None:
        return apply(RESHAPE_AS_TOLD, x, *open_shape)
    sizes = read_shape(shape, "Reshape")
    value = x._value
    if any(type(size) is int and size < 0 for size in sizes):
        sizes = _completed(value.size, value.shape, sizes)
    elif type(value.size) is Dim or holds_dim(sizes):
        pass  # whether it fits is seen when the sizes are known
    elif math.prod(sizes) != value.size:
        raise invalid(
            "Reshape",
            f"Input to reshape is a tensor with {value.size} values, but the requested shape has {math.prod(sizes)}",
        )
    return apply(RESHAPE, x, shape=sizes)


RESHAPE_AS_TOLD = Primitive(
    "ReshapeAsTold",
    lambda x, shape: _reshape(x, shape=tuple(shape.reshape(-1).tolist())),
    (lambda dy, x_shape: apply(RESHAPE, dy, shape=x_shape), None),
    linear=True,
    opens=lambda x, shape: [tuple([Told((0, 1), ("reshaped", i)) for i in range(math.prod(shape))])],
)
"""To a shape that is known only when a function runs."""


def _open_shape(shape: ShapeLike) -> tuple[Tensor] | None:
    """The shape as a tensor, if some of its sizes are known only when a function runs; None if not."""
    parts = shape if type(shape) in (list, tuple) else (shape,)
    for part in parts:
        if type(part) is SymbolicTensor and part._value.dtype.kind in "iu":
            content = part._value.content
            if content is None or holds_unsure(content.reshape(-1).tolist()):
                return (convert(shape),)
    return None


def _completed(count: int, old: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[int, ...]:
    """`sizes` with its -1 replaced, so that there are `count` elements."""
    unknown = [i for i, size in enumerate(sizes) if type(size) is int and size < 0]
    for i in unknown:
        if sizes[i] != -1:
            raise invalid("Reshape", f"Size {i} must be non-negative, not {sizes[i]}")
    if len(unknown) > 1:
        raise invalid("Reshape", f"Only one input size may be -1, not both {unknown[0]} and {unknown[1]}")
    known = math.prod([size for i, size in enumerate(sizes) if i not in unknown])
    if type(count) is Dim or type(known) is Dim:
        exact = count // known if type(known) is Dim or known else -1
        return tuple([exact if i in unknown else size for i, size in enumerate(sizes)])
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
    shape=lambda a, *, perm: tuple([a[i] for i in perm]),
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
    axes: Any
    if perm is None:
        axes = tuple(range(ndim - 1, -1, -1))
    elif ACTIVE and are_known_later(perm):
        from tapeflow.ops.axes_known_later import order_of_axes

        axes = order_of_axes(perm, ndim)
    else:
        axes = read_integers(perm, "Transpose", "perm")
        if len(axes) != ndim:
            message = (
                f"transpose expects a vector of size {ndim}. But input(1) is a vector of size {len(axes)} [Op:Transpose]"
            )
            raise as_seen_in_graph(InvalidArgumentError(None, None, message))
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
    n = len(shape) + 1
    if type(axis) is not int:
        if type(axis) is SymbolicTensor and are_known_later(axis):
            from tapeflow.ops.axes_known_later import along

            return along(axis, n, no_such_place("{axis}", n), lambda a: expand_dims(x, a))
        if np.size(axis := convert(axis, hint=np.dtype("int32"))._value) != 1:
            raise invalid("ExpandDims", "'dim' must be a tensor with a single value")
        axis = read_integer(axis, "axis")
    axis = read_axis(axis, n, "ExpandDims", no_such_place(axis, n))
    return apply(RESHAPE, x, shape=(*shape[:axis], 1, *shape[axis:]))


def no_such_place(axis: Any, n: int) -> str:
    """What to say of an axis that is none of the n that there are after one more is put in."""
    return f"Tried to expand dim index {axis} for tensor with {n - 1} dimensions."


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
        if type(shape[i]) is not Dim and shape[i] != 1:
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
    for size in sizes:
        if type(size) is int and size < 0:
            raise invalid("BroadcastTo", f"Dimension {min(sizes)} must be >= 0")
    for mine, wanted in zip(reversed(old), reversed(sizes)):  # noqa: B905  # the ranks may differ
        if type(mine) is int is type(wanted) and mine != wanted and mine != 1:
            raise invalid("BroadcastTo", f"Incompatible shapes: {brackets(x._value)} vs. [{','.join(map(str, sizes))}]")
    return apply(BROADCAST_TO, x, shape=sizes)
