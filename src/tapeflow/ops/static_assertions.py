"""`tf.debugging.assert_*` of what is known without values: ranks, shapes and dtypes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, as_tensor, convert

__all__ = [
    "assert_integer",
    "assert_proper_iterable",
    "assert_rank",
    "assert_rank_at_least",
    "assert_rank_in",
    "assert_same_float_dtype",
    "assert_scalar",
    "assert_shapes",
    "assert_type",
    "is_numeric_tensor",
]


def _shape(x: TensorLike) -> tuple[int, ...]:
    return convert(x)._value.shape


def _prefix(message: str | None) -> str:
    return f"{message}. " if message else ""


# -- ranks and shapes --------------------------------------------------------------------------


def assert_rank(x: TensorLike, rank: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Stops unless `x` has `rank` dimensions.

    Args:
        x: tensor-like.
        rank: an integer scalar.
        message: put before the error's text.

    Raises:
        ValueError: it has another rank.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_rank([[1.0, 2.0]], 2)
    """
    shape = _shape(x)
    if len(shape) != int(convert(rank)):
        raise ValueError(
            f"{_prefix(message)}Tensor must have rank {int(convert(rank))}.  Received rank {len(shape)}, shape {shape}"
        )


def assert_rank_at_least(x: TensorLike, rank: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Stops unless `x` has `rank` dimensions or more. Arguments and errors are those of `assert_rank`.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_rank_at_least([[1.0]], 1)
    """
    shape = _shape(x)
    if len(shape) < int(convert(rank)):
        raise ValueError(
            f"{_prefix(message)}Tensor must have rank at least {int(convert(rank))}.  Received rank {len(shape)}, shape {shape}"
        )


def assert_rank_in(x: TensorLike, ranks: Iterable, message: str | None = None, name: str | None = None) -> None:
    """Stops unless the rank of `x` is one of `ranks`. Arguments and errors are those of `assert_rank`.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_rank_in([[1.0]], (1, 2))
    """
    shape, wanted = _shape(x), tuple(int(convert(rank)) for rank in ranks)
    if len(shape) not in wanted:
        raise ValueError(f"{_prefix(message)}Tensor must have rank in {wanted}.  Received rank {len(shape)}, shape {shape}")


def assert_scalar(tensor: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Stops if `tensor` has dimensions: a ValueError.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_scalar(2.0)
    """
    shape = _shape(tensor)
    if shape:
        raise ValueError(f"{_prefix(message)}Expected scalar shape, saw shape: {shape}.")


def assert_shapes(
    shapes: Any, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> None:
    """Stops unless tensors have the shapes said, and sizes with the same symbol agree.

    Args:
        shapes: pairs (tensor, shape), in a list or a dict. A shape is a tuple or string of sizes: an int; None or "." for any
            size; another string or object as a symbol, which must mean the same size everywhere. A leading ... or "*" stands for
            any number of dimensions.
        data, summarize: accepted; they are for checks at run time, and shapes are checked at once.
        message: put before the error's text.

    Raises:
        ValueError: a shape is another.

    >>> import tapeflow as tf
    >>> x, w = tf.zeros([8, 3]), tf.zeros([3])
    >>> tf.debugging.assert_shapes([(x, ("batch", "n")), (w, ("n",))])
    """
    pairs = list(shapes.items()) if isinstance(shapes, Mapping) else list(shapes)
    sizes: dict[Any, tuple[int, int]] = {}
    for number, (tensor, wanted) in enumerate(pairs):
        tensor = tensor.deref() if hasattr(tensor, "deref") else tensor
        actual = _shape(tensor)
        expected = list(wanted) if isinstance(wanted, list | tuple | str) else [wanted]
        given = f"{_prefix(message)}Specified by tensor {number} dimension"
        if expected and expected[0] in (..., "*"):
            expected = expected[1:]
            compared = actual[len(actual) - len(expected) :] if expected else ()
            exact = len(actual) >= len(expected)
        elif ... in expected or "*" in expected:
            raise ValueError(f"{given}s {wanted}: only the first size may be ... or '*'")
        else:
            compared, exact = actual, len(actual) == len(expected)
        if not exact:
            raise ValueError(
                f"{_prefix(message)}Tensor {number} must have rank {len(expected)}.  Received rank {len(actual)}, shape {actual}"
            )
        for axis, (size, symbol) in enumerate(zip(compared, expected, strict=True)):
            if symbol is None or symbol == ".":
                continue
            if isinstance(symbol, str) and symbol.isdigit():
                symbol = int(symbol)
            if isinstance(symbol, int | np.integer):
                if size != symbol:
                    raise ValueError(f"{given} {axis}: it must have size {symbol}, got {size} in shape {actual}")
            elif symbol in sizes and sizes[symbol][0] != size:
                raise ValueError(
                    f"{given} {axis}: {symbol!r} is {sizes[symbol][0]} by tensor {sizes[symbol][1]}, got {size} in shape {actual}"
                )
            else:
                sizes.setdefault(symbol, (size, number))


# -- dtypes and kinds --------------------------------------------------------------------------


def assert_type(tensor: TensorLike, tf_type: Any, message: str | None = None, name: str | None = None) -> None:
    """Stops unless `tensor` has the dtype `tf_type`: a TypeError that names both.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_type(tf.constant(1.0), tf.float32)
    """
    wanted, actual = dtypes.as_dtype(tf_type), convert(tensor).dtype
    if wanted != actual:
        raise TypeError(f"{_prefix(message)}tensor must be of type {wanted!r}; got {actual!r}")


def assert_integer(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Stops unless `x` has an integer dtype: a TypeError that names its own.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_integer([1, 2])
    """
    actual = convert(x).dtype
    if not actual.is_integer:
        raise TypeError(f'{_prefix(message)}Expected "x" to be integer type.  Found: tensor of dtype {actual}')


def assert_same_float_dtype(tensors: Iterable | None = None, dtype: Any = None) -> dtypes.DType:
    """The one floating dtype that all `tensors` have.

    Args:
        tensors: tensors; those that are None are passed over.
        dtype: the dtype that they must have; without it and without tensors the answer is float32.

    Raises:
        ValueError: they differ, or the dtype is not floating.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_same_float_dtype([tf.constant(1.0), tf.constant(2.0)])
    tf.float32
    """
    found = None if dtype is None else dtypes.as_dtype(dtype)
    for tensor in tensors or ():
        if tensor is None:
            continue
        actual = convert(tensor).dtype
        if found is not None and actual != found:
            raise ValueError(
                f"{tensor}, type={actual}, must be of the same type ({found}) as the other tensors; use tf.cast"
            )
        found = actual
    found = dtypes.float32 if found is None else found
    if not found.is_floating:
        raise ValueError(f"Expected floating point type, got {found}.")
    return found


def assert_proper_iterable(values: Any) -> None:
    """Stops unless `values` is a list, tuple or another iterable that is no single tensor, array or text: a TypeError.

    >>> import tapeflow as tf
    >>> tf.debugging.assert_proper_iterable([1, 2])
    """
    if isinstance(values, str | bytes | np.ndarray) or as_tensor(values) is not None or not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether `tensor` is a tensor or variable of numbers.

    >>> import tapeflow as tf
    >>> tf.debugging.is_numeric_tensor(tf.constant("a"))
    False
    """
    found = as_tensor(tensor)
    return found is not None and found.dtype.is_numeric
