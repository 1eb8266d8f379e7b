"""Questions about shapes, and what becomes of them when they are broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert, convert_all
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.shapes import TensorShape, as_shape
from tapeflow.core.symbolic import Shapeless, SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.joining import same_dtypes
from tapeflow.ops.shape_arguments import ShapeLike, sizes_as_tensor

__all__ = [
    "broadcast_dynamic_shape",
    "broadcast_static_shape",
    "ensure_shape",
    "guarantee_const",
    "rank",
    "shape",
    "shape_n",
    "size",
]

# -- broadcasting --------------------------------------------------------------------------------------


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
    return sizes_as_tensor(convert(input)._value.shape, _index_type(out_type, "Shape"))


def shape_n(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> list[Tensor]:
    """The shapes of several tensors, each as a vector of integers.

    >>> import tapeflow as tf
    >>> [s.numpy().tolist() for s in tf.shape_n([[1, 2, 3], 4])]
    [[3], []]
    """
    dtype = _index_type(out_type, "ShapeN")
    tensors = convert_all(input)
    same_dtypes(tensors, "ShapeN")
    return [sizes_as_tensor(x._value.shape, dtype) for x in tensors]


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
    return sizes_as_tensor(convert(input)._value.size, dtype.numpy)


def rank(input: TensorLike, name: str | None = None) -> Tensor:
    """The number of axes, as an int32 scalar tensor.

    >>> import tapeflow as tf
    >>> tf.rank([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(2)
    """
    return Tensor(np.int32(convert(input)._value.ndim))


def _merged(x: tuple, *, shape: tuple) -> tuple:
    if len(x) != len(shape) or any(b is not None and type(a) is int and a != b for a, b in zip(x, shape, strict=True)):
        raise ValueError(f"a tensor of shape {list(x)} is not compatible with expected shape {list(shape)}")
    return tuple([a if b is None else b for a, b in zip(x, shape, strict=True)])


ENSURE = Primitive("EnsureShape", lambda x, *, shape: x, (lambda dy: dy,), linear=True, shape=_merged)


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
    if type(tensor._value) is Shapeless:
        tensor.set_shape(wanted)
        return tensor
    if not wanted.is_compatible_with(tensor.shape):
        sizes = ",".join("?" if n is None else str(n) for n in wanted)
        raise invalid(
            "EnsureShape",
            f"Shape of tensor input {brackets(tensor._value)} is not compatible with expected shape [{sizes}].",
        )
    if wanted.rank is None:
        return tensor
    y = apply(ENSURE, tensor, shape=tuple(wanted))  # sizes that are unknown here are checked when they are known
    if type(y) is SymbolicTensor:
        y._value.unranked = False
    return y


def guarantee_const(input: TensorLike, name: str | None = None) -> Tensor:
    """`input` as a tensor: a promise to a compiler that it does not change, which here says nothing new.

    >>> import tapeflow as tf
    >>> tf.guarantee_const(2.0).numpy()
    np.float32(2.0)
    """
    return convert(input)
