"""Values and norms held within bounds."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add_n, multiply, square
from tapeflow.ops.casting import cast
from tapeflow.ops.comparison import greater
from tapeflow.ops.complex_numbers import complex as complex_of
from tapeflow.ops.complex_numbers import imag, real
from tapeflow.ops.division import realdiv
from tapeflow.ops.powers import reciprocal, sqrt
from tapeflow.ops.reduction import reduce_sum
from tapeflow.ops.selection import maximum, minimum, where

__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value", "global_norm", "saturate_cast"]

# -- values ----------------------------------------------------------------------------------------------


def clip_by_value(t: TensorLike, clip_value_min: TensorLike, clip_value_max: TensorLike, name: str | None = None) -> Tensor:
    """`t` with what is below the minimum or above the maximum replaced by it. Where it was, the gradient is 0.

    Args:
        t: a tensor.
        clip_value_min, clip_value_max: of the dtype of `t`, and of shapes that broadcast to its shape.

    Raises:
        ValueError: the bounds would broadcast `t`.

    >>> import tapeflow as tf
    >>> tf.clip_by_value([-1.0, 0.5, 3.0], 0.0, 1.0).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    values, rebuild = _dense(t)
    bounded = minimum(values, clip_value_max)
    if bounded._value.shape != values._value.shape:
        raise ValueError(f"Shapes {values.shape} and {bounded.shape} are incompatible")
    result = maximum(bounded, clip_value_min)
    if result._value.shape != values._value.shape:
        raise ValueError(f"Shapes {values.shape} and {result.shape} are incompatible")
    return rebuild(result)


def saturate_cast(value: TensorLike, dtype: Any, name: str | None = None) -> Tensor:
    """The values of `value` in another dtype; what it cannot hold becomes the nearest value that it can.

    Raises:
        TypeError: `value` or `dtype` is not numeric.

    >>> import tapeflow as tf
    >>> tf.saturate_cast([-5.0, 200.0, 300.0], tf.uint8).numpy()
    array([  0, 200, 255], dtype=uint8)
    """
    x, wanted = convert(value), dtypes.as_dtype(dtype)
    for given in (x.dtype, wanted):
        if not given.is_numeric:
            raise TypeError(f"Cannot find the least value of {given!r}: tf.saturate_cast is for numbers")
    if x.dtype.is_complex:
        if not wanted.is_complex:
            return saturate_cast(real(x), wanted)
        part = dtypes.float32 if wanted == dtypes.complex64 else dtypes.float64
        if part.size * 2 >= x.dtype.size:
            return cast(x, wanted)
        return cast(complex_of(_held_within(real(x), part), _held_within(imag(x), part)), wanted)
    return cast(_held_within(x, dtypes.float32 if wanted == dtypes.complex64 else wanted), wanted)


def _held_within(x: Tensor, wanted: Any) -> Tensor:
    """x held within the range of `wanted`, where that is narrower than its own."""
    if wanted.is_complex:
        return x
    own = x._value.dtype.type
    low = wanted.min if _as_python(wanted.min) > _as_python(x.dtype.min) else None
    high = wanted.max if _as_python(wanted.max) < _as_python(x.dtype.max) else None
    if high is not None:
        x = minimum(x, Tensor(_rounded_towards_zero(own, high)))
    if low is not None:
        x = maximum(x, Tensor(_rounded_towards_zero(own, low)))
    return x


def _as_python(limit: Any) -> int | float:
    return int(limit) if isinstance(limit, int | np.integer) else float(limit)


def _rounded_towards_zero(own: Any, limit: Any) -> Any:
    """The limit as a number of type `own` that is not beyond it: float32 rounds int32's greatest value up."""
    bound, limit = own(limit), _as_python(limit)
    beyond = abs(_as_python(int(bound) if isinstance(limit, int) else bound)) > abs(limit)
    return np.nextafter(bound, own(0)) if beyond else bound


# -- norms -----------------------------------------------------------------------------------------------


def _dense(t: Any) -> tuple[Tensor, Any]:
    """The values of a tensor, or those that IndexedSlices hold, and how to make the same of new values."""
    if isinstance(t, IndexedSlices):
        return t.values, lambda values: IndexedSlices(values, t.indices, t.dense_shape)
    return convert(t), lambda values: values


def clip_by_norm(t: TensorLike, clip_norm: TensorLike, axes: Any = None, name: str | None = None) -> Tensor:
    """`t` scaled down so that its Euclidean norm is at most `clip_norm`; what is short enough stays as it is.

    Args:
        t: a floating tensor, or IndexedSlices.
        clip_norm: the greatest norm; a negative one counts as 0.
        axes: the axes that a norm is taken over; all of them by default.

    >>> import tapeflow as tf
    >>> tf.clip_by_norm([3.0, 4.0], 1.0).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    values, rebuild = _dense(t)
    bound = maximum(cast(convert(clip_norm, hint=values._value.dtype), values.dtype), 0)
    squares = reduce_sum(square(values), axes, keepdims=True)
    # At 0 the root's derivative is infinite; there the norm is a constant.
    positive = greater(squares, 0)
    norm = where(positive, sqrt(where(positive, squares, 1)), squares)
    return rebuild(realdiv(multiply(values, bound), maximum(norm, bound)))


def global_norm(t_list: Any, name: str | None = None) -> Tensor:
    """The Euclidean norm of all tensors of a list together; None among them counts for nothing.

    Raises:
        TypeError: `t_list` is no list.

    >>> import tapeflow as tf
    >>> tf.linalg.global_norm([tf.constant([3.0]), None, tf.constant([4.0])]).numpy()
    np.float32(5.0)
    """
    squares = [reduce_sum(square(values)) for values, _ in map(_dense, _without_none(t_list))]
    return sqrt(add_n(squares)) if squares else Tensor(np.float32(0))


def clip_by_global_norm(
    t_list: Any, clip_norm: TensorLike, use_norm: TensorLike | None = None, name: str | None = None
) -> tuple[list, Tensor]:
    """Tensors scaled down by one factor so that their global norm is at most `clip_norm`.

    Args:
        t_list: a list of tensors, IndexedSlices and None, which stays None.
        clip_norm: the greatest norm.
        use_norm: the global norm, if it is known already.

    Returns:
        The list of scaled tensors, and the global norm before. If that is not finite, all elements become NaN.

    Raises:
        TypeError: `t_list` is no list.

    >>> import tapeflow as tf
    >>> clipped, norm = tf.clip_by_global_norm([tf.constant([3.0]), tf.constant([4.0])], 2.5)
    >>> [x.numpy() for x in clipped], norm.numpy()
    ([array([1.5], dtype=float32), array([2.], dtype=float32)], np.float32(5.0))
    """
    tensors = [_dense(t) for t in _without_none(t_list)]
    norm = global_norm(t_list) if use_norm is None else convert(use_norm)
    bound = cast(convert(clip_norm, hint=norm._value.dtype), norm.dtype)
    factor = multiply(bound, minimum(reciprocal(norm), reciprocal(bound)))
    factor = factor + (norm - norm)  # NaN if the norm is not finite
    clipped = iter([rebuild(multiply(values, cast(factor, values.dtype))) for values, rebuild in tensors])
    return [None if t is None else next(clipped) for t in t_list], norm


def _without_none(t_list: Any) -> list:
    if not isinstance(t_list, list | tuple):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")
    return [t for t in t_list if t is not None]
