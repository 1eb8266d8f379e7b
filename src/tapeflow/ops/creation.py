"""Tensors from Python and NumPy values, and tensors filled with one value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import BROADCAST_TO
from tapeflow.core.convert import TensorLike, as_tensor, convert
from tapeflow.core.dimension import holds_dim
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.shape_arguments import ShapeLike, read_shape, read_size
from tapeflow.ops.shaping import reshaped

__all__ = ["constant", "convert_to_tensor", "eye", "fill", "ones", "ones_like", "zeros", "zeros_like"]

# -- constants -----------------------------------------------------------------------------------------


def constant(value: TensorLike, dtype: Any = None, shape: ShapeLike | None = None, name: str = "Const") -> Tensor:
    """A tensor of a value.

    Args:
        value: a number, a string, a nested list of them, a NumPy array or a tensor. An array is copied.
        dtype: by default float32 for Python floats, int32 (int64 where needed) for ints, and a NumPy array's own.
        shape: the shape; by default that of the value. The value must have as many elements, or one, which is repeated.
        name: unused.

    Raises:
        TypeError: the value does not fit `dtype`, or has not as many elements as `shape`.
        ValueError: it is no value for a tensor, such as a list whose rows have different lengths.

    >>> import tapeflow as tf
    >>> tf.constant([[1, 2], [3, 4]], dtype=tf.float32)
    <tf.Tensor: shape=(2, 2), dtype=float32, numpy=
    array([[1., 2.],
           [3., 4.]], dtype=float32)>
    >>> tf.constant(7, shape=[2, 2]).numpy()
    array([[7, 7],
           [7, 7]], dtype=int32)
    """
    if dtype is not None:
        dtype = dtypes.as_dtype(dtype)
        given = as_tensor(value)
        if given is not None and given.dtype != dtype:
            raise TypeError(
                f"Expected tensor {given} with dtype {dtype!r}, but got dtype {given.dtype!r}; use tf.cast to convert it."
            )
    tensor = convert(value, dtype)
    if shape is None:
        return tensor
    sizes = read_shape(shape, "Const", strict=True)
    if sizes and min(sizes) < 0:
        raise ValueError(f"Dimension {min(sizes)} must be >= 0")
    count, old = math.prod(sizes), tensor._value
    if old.shape == sizes:
        return tensor
    if old.size == count:
        return reshaped(tensor, sizes)
    if old.size == 1:
        return fill(sizes, tensor)
    raise TypeError(
        f"Eager execution of tf.constant with unsupported shape. Tensor of shape {brackets(old)} (converted from {value}) "
        f"has {old.size} elements, but got `shape` {sizes} with {count} elements)."
    )


def convert_to_tensor(value: TensorLike, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> Tensor:
    """The tensor that a value stands for.

    Args:
        value: what `tf.constant` takes, a variable, `tf.IndexedSlices`, or a list that holds tensors, which are stacked.
        dtype: the dtype that the result must have; a tensor of another dtype is refused, not converted.
        dtype_hint: a dtype to prefer if the value can have it.
        name: unused.

    Returns:
        A tensor; a tensor is returned as it is.

    Raises:
        TypeError: a Python value does not fit `dtype`.
        ValueError: a tensor has another dtype, or the value is none for a tensor.

    >>> import tapeflow as tf
    >>> x = tf.constant([1.0, 2.0])
    >>> tf.convert_to_tensor([x, 2 * x]).numpy()
    array([[1., 2.],
           [2., 4.]], dtype=float32)
    >>> tf.convert_to_tensor([1, 2], dtype_hint=tf.float64).numpy()
    array([1., 2.])
    """
    if dtype is None and dtype_hint is not None:
        try:
            return convert(value, hint=dtypes.as_dtype(dtype_hint).numpy)
        except (TypeError, ValueError):
            return convert(value)
    return convert(value, dtype)


# -- one value, many times -----------------------------------------------------------------------------


def _sizes(shape: ShapeLike, operation: str = "Fill", strict: bool = True) -> tuple[int, ...]:
    sizes = read_shape(shape, operation, strict=strict)
    for size in sizes:
        if type(size) is int and size < 0:
            raise invalid(operation, f"Dimension {size} must be >= 0")
    return sizes


def fill(dims: ShapeLike, value: TensorLike, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor whose elements are all `value`.

    Args:
        dims: the shape.
        value: a scalar, whose dtype the result has.
        name: unused.
        layout: must be None: there is one device.

    Raises:
        InvalidArgumentError: a size is negative or no integer, or the value has several elements.

    >>> import tapeflow as tf
    >>> tf.fill([2, 3], 9).numpy()
    array([[9, 9, 9],
           [9, 9, 9]], dtype=int32)
    """
    _without_layout(layout)
    sizes, x = _sizes(dims, strict=False), convert(value)
    if x._value.ndim:
        if x._value.shape != (1,):
            raise invalid("Fill", f"value must represent a scalar, got shape {brackets(x._value)}")
        x = reshaped(x, ())
    return apply(BROADCAST_TO, x, shape=sizes)


def _full(shape: tuple[int, ...], dtype: np.dtype, value: int) -> Tensor:
    if dtype.kind == "O":
        if value:
            raise TypeError(f"Cannot convert {value} to EagerTensor of dtype string")
        return _repeated(np.array(b"", object), shape) if holds_dim(shape) else Tensor(np.full(shape, b"", object))
    if not shape:
        return Tensor(dtype.type(value))
    if holds_dim(shape):
        return _repeated(np.array(value, dtype), shape)
    return Tensor(np.full(shape, value, dtype) if value else np.zeros(shape, dtype))


def _repeated(value: np.ndarray, shape: tuple) -> Tensor:
    """A tensor of unknown size, full of one value."""
    return apply(BROADCAST_TO, Tensor(value), shape=shape)


def _without_layout(layout: Any) -> None:
    if layout is not None:
        raise NotImplementedError("`layout` is not supported: there is one device, and nothing to lay out")


def zeros(shape: ShapeLike, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of zeros (False, empty strings).

    Args:
        shape: the shape.
        dtype: any dtype.
        name: unused.
        layout: must be None: there is one device.

    Raises:
        InvalidArgumentError: a size is negative.
        TypeError: a size is no integer.

    >>> import tapeflow as tf
    >>> tf.zeros([2, 3], tf.int32).numpy()
    array([[0, 0, 0],
           [0, 0, 0]], dtype=int32)
    """
    _without_layout(layout)
    return _full(_sizes(shape), dtypes.as_dtype(dtype).numpy, 0)


def ones(shape: ShapeLike, dtype: Any = dtypes.float32, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of ones (True).

    Args:
        shape: the shape.
        dtype: any dtype but string.
        name: unused.
        layout: must be None: there is one device.

    Raises:
        InvalidArgumentError: a size is negative.
        TypeError: a size is no integer, or the dtype is string.

    >>> import tapeflow as tf
    >>> tf.ones([2, 3]).numpy()
    array([[1., 1., 1.],
           [1., 1., 1.]], dtype=float32)
    """
    _without_layout(layout)
    return _full(_sizes(shape), dtypes.as_dtype(dtype).numpy, 1)


def zeros_like(input: TensorLike, dtype: Any = None, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of zeros of the shape and dtype of `input`.

    Args:
        input: of any dtype and shape.
        dtype: another dtype for the result.
        name: unused.
        layout: must be None: there is one device.

    >>> import tapeflow as tf
    >>> tf.zeros_like([1.0, 2.0]).numpy()
    array([0., 0.], dtype=float32)
    """
    _without_layout(layout)
    value = convert(input)._value
    return _full(value.shape, value.dtype if dtype is None else dtypes.as_dtype(dtype).numpy, 0)


def ones_like(input: TensorLike, dtype: Any = None, name: str | None = None, layout: Any = None) -> Tensor:
    """A tensor of ones of the shape and dtype of `input`.

    Args:
        input: of any shape, and of any dtype but string if no other is asked for.
        dtype: another dtype for the result.
        name: unused.
        layout: must be None: there is one device.

    Raises:
        InvalidArgumentError: `input` holds strings, and no other dtype is asked for.

    >>> import tapeflow as tf
    >>> tf.ones_like([1, 2], dtype=tf.float64).numpy()
    array([1., 1.])
    """
    _without_layout(layout)
    value = convert(input)._value
    if dtype is None and value.dtype.kind == "O":
        raise invalid("OnesLike", "there is no one of dtype string; give another `dtype`")
    return _full(value.shape, value.dtype if dtype is None else dtypes.as_dtype(dtype).numpy, 1)


def _eye(*, rows, columns, batch, dtype):
    return np.broadcast_to(np.eye(rows, columns, dtype=dtype), (*batch, rows, columns))


EYE = Primitive("Eye", _eye)


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: ShapeLike | None = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """An identity matrix, or a batch of them.

    Args:
        num_rows: how many rows.
        num_columns: how many columns; as many as rows by default.
        batch_shape: leading sizes of the result.
        dtype: any dtype but string.
        name: unused.

    Raises:
        InvalidArgumentError: a size is negative.
        TypeError: a size is no integer, or the dtype is string.

    >>> import tapeflow as tf
    >>> tf.eye(2, 3).numpy()
    array([[1., 0., 0.],
           [0., 1., 0.]], dtype=float32)
    """
    rows = read_size(num_rows, "num_rows")
    columns = rows if num_columns is None else read_size(num_columns, "num_columns")
    batch = () if batch_shape is None else _sizes(batch_shape)
    if rows < 0 or columns < 0:
        raise invalid("Fill", f"Dimension {min(rows, columns)} must be >= 0")
    kind = dtypes.as_dtype(dtype).numpy
    if kind.kind == "O":
        raise TypeError("Cannot convert 1 to EagerTensor of dtype string")
    return apply(EYE, rows=rows, columns=columns, batch=batch, dtype=kind)
