"""From one dtype to another, and tensors handed on as they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import kind
from tapeflow.core.errors import InvalidArgumentError, UnimplementedError
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable

__all__ = ["bitcast", "cast", "identity", "identity_n"]

# -- cast ------------------------------------------------------------------------------------------

# What a machine does with a float that the integer type cannot hold: it converts to the next wider type that it has
# instructions for, and keeps the low bits.
THROUGH = {
    np.dtype("int8"): np.int32,
    np.dtype("uint8"): np.int32,
    np.dtype("int16"): np.int32,
    np.dtype("uint16"): np.int32,
    np.dtype("uint32"): np.int64,
}


def _cast(x: Any, *, dtype: np.dtype) -> Any:
    if x.dtype.kind == "c" and dtype.kind != "c":
        x = x.real
    if dtype.kind == "f" and not x.ndim:
        return dtype.type(x)
    if dtype in THROUGH and kind(x.dtype) == "f":
        x = x.astype(THROUGH[dtype])
    return x.astype(dtype)


CAST = Primitive("Cast", _cast, vjps=(lambda dy, x_dtype: cast(dy, x_dtype),), linear=True)
CAST_DISCRETE = Primitive("CastDiscrete", _cast)  # to or from integers, bools: a constant to every tape


def cast(x: TensorLike, dtype: Any, name: str | None = None) -> Tensor:
    """The values of `x` in another dtype. Floats are truncated to integers; of complex numbers the real part is taken.

    Args:
        x: a numeric tensor; one that has the dtype already is returned as it is.
        dtype: the dtype wanted, such as `tf.float64` or "float64".

    Raises:
        UnimplementedError: to or from strings.

    >>> import tapeflow as tf
    >>> tf.cast([1.8, -2.2], tf.int32).numpy()
    array([ 1, -2], dtype=int32)
    """
    wanted = dtypes.as_dtype(dtype).numpy
    if type(x) is not Tensor:
        if isinstance(x, Variable) and x._value.dtype == wanted:
            return x  # type: ignore[return-value]
        x = convert(x)
    given = x._value.dtype
    if given is wanted or given == wanted:
        return x
    if given.kind == "O" or wanted.kind == "O":
        raise UnimplementedError(
            None,
            None,
            f"{{{{function_node Cast}}}} Cast {x.dtype.name} to {dtypes.from_numpy(wanted).name} is not supported; "
            "use tf.strings.to_number or tf.strings.as_string",
        )
    differentiable = kind(given) in "fc" and kind(wanted) in "fc"
    return apply(CAST if differentiable else CAST_DISCRETE, x, dtype=wanted)


# -- bitcast ---------------------------------------------------------------------------------------


def _bitcast(x: Any, *, dtype: np.dtype) -> Any:
    x = np.ascontiguousarray(x).reshape(x.shape)
    if x.dtype.itemsize == dtype.itemsize:
        return x.view(dtype)
    if x.dtype.itemsize > dtype.itemsize:
        return x.reshape(*x.shape, 1).view(dtype)
    ratio = dtype.itemsize // x.dtype.itemsize
    if not x.ndim or x.shape[-1] != ratio:
        raise ValueError(
            f"Cannot bitcast from {x.dtype.name} to {dtype.name}: {ratio} elements make one, so the last axis must have "
            f"size {ratio}"
        )
    return x.view(dtype)[..., 0]


BITCAST = Primitive("Bitcast", _bitcast)


def bitcast(input: TensorLike, type: Any, name: str | None = None) -> Tensor:
    """The same bits read as another dtype. A larger element becomes a last axis of smaller ones, and the other way round.

    Raises:
        InvalidArgumentError: the last axis does not make whole elements; bool or string.

    >>> import tapeflow as tf
    >>> tf.bitcast(1.0, tf.int32).numpy()
    np.int32(1065353216)
    """
    x = convert(input)
    wanted = dtypes.as_dtype(type).numpy
    for dtype in (x._value.dtype, wanted):
        if kind(dtype) in "bS":
            raise InvalidArgumentError(
                None,
                None,
                f"Value for attr 'T' of {dtypes.from_numpy(dtype).name} is not in the list of allowed values of Bitcast: "
                "integers, unsigned integers, floating, complex",
            )
    return apply(BITCAST, x, dtype=wanted)


# -- handed on -------------------------------------------------------------------------------------

IDENTITY = Primitive("Identity", lambda x: x, vjps=(lambda dy: dy,), linear=True, shape=lambda x: x)


def identity(input: TensorLike, name: str | None = None) -> Tensor:
    """A new tensor with the value of `input`; of a variable, its value now.

    >>> import tapeflow as tf
    >>> tf.identity([1, 2]).numpy()
    array([1, 2], dtype=int32)
    """
    return apply(IDENTITY, convert(input))


def identity_n(input: Any, name: str | None = None) -> list[Tensor]:
    """The `tf.identity` of each tensor of a list.

    >>> import tapeflow as tf
    >>> [x.numpy() for x in tf.identity_n([1.0, 2.0])]
    [np.float32(1.0), np.float32(2.0)]
    """
    return [identity(x) for x in input]
