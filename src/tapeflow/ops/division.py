"""Quotients and remainders: true, floored and truncated, and those that make 0 of a division by 0."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.elementwise import binary, conj, kind
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import multiply, negative, square
from tapeflow.ops.casting import cast
from tapeflow.ops.comparison import not_equal

__all__ = [
    "div_no_nan",
    "divide",
    "divide_no_nan",
    "floordiv",
    "floormod",
    "multiply_no_nan",
    "realdiv",
    "reciprocal_no_nan",
    "truediv",
    "truncatediv",
    "truncatemod",
    "xdivy",
]

# -- true division -------------------------------------------------------------------------------------


@binary(
    "RealDiv",
    operator.truediv,
    (
        lambda dy, y: realdiv(dy, conj(y)),
        lambda dy, y, out: negative(multiply(dy, conj(realdiv(out, y)))),
    ),
    accepts="fc",
    large="divide",
)
def realdiv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x / y, elementwise, of floating or complex numbers.

    >>> import tapeflow as tf
    >>> tf.realdiv([1.0, 2.0], 4.0).numpy()
    array([0.25, 0.5 ], dtype=float32)
    """


# Integers are divided as floats that hold them; tf.int8 to tf.uint16 fit float32.
QUOTIENT = {np.dtype(name): dtypes.float32 for name in ("int8", "uint8", "int16", "uint16")}


def _as_floats(x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    """The operands of a true division: of one dtype, integers made floats."""
    x, y = convert_operands(x, y)
    given = x._value.dtype
    if given != y._value.dtype:
        raise TypeError(
            f"`x` and `y` must have the same dtype, got {x.dtype!r} != {y.dtype!r}; convert one of them, for example "
            f"tf.cast(y, {x.dtype!r})"
        )
    if kind(given) in "iu":
        wanted = QUOTIENT.get(given, dtypes.float64)
        return cast(x, wanted), cast(y, wanted)
    if kind(given) in "bS":
        raise TypeError(f"Invalid dtype {x.dtype!r} in a division; convert the operands with tf.cast")
    return x, y


def truediv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x / y, elementwise. The quotient of integers is a float: float32 up to 16 bits, else float64.

    Raises:
        TypeError: the dtypes differ, or are not numeric.

    >>> import tapeflow as tf
    >>> tf.truediv([1, 2], 4).numpy()
    array([0.25, 0.5 ])
    """
    try:
        return realdiv(x, y)
    except (InvalidArgumentError, TypeError):
        pass  # integers, or an error that is told again, of the right type
    return realdiv(*_as_floats(x, y))


def divide(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x / y, elementwise: the same as `tf.truediv`.

    >>> import tapeflow as tf
    >>> tf.divide(3, 2).numpy()
    np.float64(1.5)
    """
    return truediv(x, y)


# -- 0 wherever a factor is 0 ----------------------------------------------------------------------------


def zero_where(zero: Any, value: Any) -> Any:
    """The array `value`, 0 where `zero` holds."""
    if not value.ndim:
        return value.dtype.type(0) if zero else value
    return np.where(zero, value.dtype.type(0), value)


@binary(
    "DivNoNan",
    lambda x, y: zero_where(y == 0, x / y),
    (
        lambda dy, y: divide_no_nan(dy, conj(y)),
        lambda dy, y, out: negative(multiply(dy, conj(divide_no_nan(out, y)))),
    ),
    accepts="fc",
)
def _divide_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor: ...


def divide_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x / y, elementwise, and 0 where y is 0.

    >>> import tapeflow as tf
    >>> tf.math.divide_no_nan([1.0, 3.0], [0.0, 2.0]).numpy()
    array([0. , 1.5], dtype=float32)
    """
    return _divide_no_nan(*_as_floats(x, y))


div_no_nan = divide_no_nan


def reciprocal_no_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """1 / x, elementwise, and 0 where x is 0.

    >>> import tapeflow as tf
    >>> tf.math.reciprocal_no_nan([0.0, 2.0]).numpy()
    array([0. , 0.5], dtype=float32)
    """
    x = convert(x)
    if kind(x._value.dtype) in "bS":
        raise TypeError(f"Invalid dtype {x.dtype!r} in a division; convert the operand with tf.cast")
    return _divide_no_nan(Tensor(x._value.dtype.type(1)), x)


@binary(
    "MulNoNan",
    lambda x, y: zero_where(y == 0, x * y),
    (
        lambda dy, y: multiply_no_nan(dy, conj(y)),
        lambda dy, x: multiply_no_nan(conj(x), dy),
    ),
    accepts="fc",
)
def multiply_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x · y, elementwise, and 0 where y is 0, whatever x is: infinite and NaN included.

    >>> import tapeflow as tf
    >>> tf.math.multiply_no_nan([float("nan"), 2.0], [0.0, 3.0]).numpy()
    array([0., 6.], dtype=float32)
    """


def is_nonzero(x: Tensor) -> Tensor:
    """1 where x is not 0, else 0, in the dtype of x."""
    return cast(not_equal(x, 0), x.dtype)


@binary(
    "Xdivy",
    lambda x, y: zero_where(x == 0, x / y),
    (
        lambda dy, x, y: multiply(dy, conj(xdivy(is_nonzero(x), y))),
        lambda dy, x, y: negative(multiply(dy, conj(xdivy(x, square(y))))),
    ),
    accepts="fc",
)
def xdivy(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x / y, elementwise, and 0 where x is 0, even if y is 0 too.

    >>> import tapeflow as tf
    >>> tf.math.xdivy([0.0, 3.0], [0.0, 2.0]).numpy()
    array([0. , 1.5], dtype=float32)
    """


# -- quotients rounded to integers -----------------------------------------------------------------------


def _refuse_zero(y: Any) -> None:
    if y.dtype.kind in "iu" and not np.all(y):
        raise ValueError("Integer division by zero")


def _floordiv(x: Any, y: Any) -> Any:
    if x.dtype.kind in "iu":
        _refuse_zero(y)
        return x // y
    return np.floor(x / y)  # not NumPy's: the floor of the quotient as rounded, infinite for y = 0


@binary("FloorDiv", _floordiv, accepts="iuf")
def floordiv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """⌊x / y⌋, elementwise, in the operands' dtype: what `//` does. It has no derivative.

    Raises:
        InvalidArgumentError: an integer is divided by 0.

    >>> import tapeflow as tf
    >>> tf.math.floordiv([7, -7], 2).numpy()
    array([ 3, -4], dtype=int32)
    """


def _floormod(x: Any, y: Any) -> Any:
    _refuse_zero(y)
    return x % y


@binary("FloorMod", _floormod, (lambda dy: dy, lambda dy, x, y: negative(multiply(dy, floordiv(x, y)))), accepts="iuf")
def floormod(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x - ⌊x / y⌋·y, elementwise: what `%` does, with the sign of y.

    Raises:
        InvalidArgumentError: an integer is divided by 0.

    >>> import tapeflow as tf
    >>> tf.math.floormod([7, -7], 3).numpy()
    array([1, 2], dtype=int32)
    """


def _truncatediv(x: Any, y: Any) -> Any:
    if x.dtype.kind in "iu":
        _refuse_zero(y)
        return (x - np.fmod(x, y)) // y
    return np.trunc(x / y)


@binary("TruncateDiv", _truncatediv, accepts="iuf")
def truncatediv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x / y rounded towards 0, elementwise, in the operands' dtype: C's division. It has no derivative.

    Raises:
        InvalidArgumentError: an integer is divided by 0.

    >>> import tapeflow as tf
    >>> tf.truncatediv([7, -7], 2).numpy()
    array([ 3, -3], dtype=int32)
    """


def _truncatemod(x: Any, y: Any) -> Any:
    _refuse_zero(y)
    return np.fmod(x, y)


@binary("TruncateMod", _truncatemod, accepts="iuf")
def truncatemod(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The remainder of `tf.truncatediv`, elementwise, with the sign of x: C's `%`. It has no derivative.

    Raises:
        InvalidArgumentError: an integer is divided by 0.

    >>> import tapeflow as tf
    >>> tf.truncatemod([7, -7], 3).numpy()
    array([ 1, -1], dtype=int32)
    """
