"""From Python and NumPy values to tensors, with TensorFlow's rules for dtypes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.dimension import Dim
from tapeflow.core.quiet import run_in_copy
from tapeflow.core.shapes import TensorShape
from tapeflow.core.tensor import Tensor

__all__ = ["CONVERTERS", "TensorLike", "convert", "convert_all", "convert_operands", "convert_or_keep"]

TensorLike = Any  # a tensor, a variable, a NumPy array, a number, or a nested list of them

# Types that know how to become a tensor: `converter(value) -> Tensor`. Variables and IndexedSlices enter themselves.
# None: the type is known to have no tensor of its own.
CONVERTERS: dict[type, Callable[[Any], Tensor] | None] = {Tensor: lambda tensor: tensor}


# How a list that holds tensors becomes one tensor, differentiably: `ops.shaping` says, since stacking is an operation.
STACK: list[Callable[[Any, Any], Tensor]] = []


def convert(value: TensorLike, dtype: Any = None, hint: np.dtype | None = None) -> Tensor:
    """The tensor that `value` stands for.

    Args:
        value: anything tensor-like.
        dtype: the dtype that the result must have; a tensor of another dtype is an error.
        hint: the dtype preferred for values that have none of their own, and for NumPy arrays.

    Raises:
        ValueError: a tensor has another dtype than asked for, or the value cannot be a tensor.
        TypeError: a Python value does not fit `dtype`.
    """
    tensor = as_tensor(value)
    if tensor is not None:
        if dtype is not None and dtypes.as_dtype(dtype) != tensor.dtype:
            raise ValueError(
                f"Tensor conversion requested dtype {dtypes.as_dtype(dtype).name} for Tensor with dtype "
                f"{tensor.dtype.name}: {tensor!r}; use tf.cast to convert it"
            )
        return tensor
    if dtype is not None:
        hint = dtypes.as_dtype(dtype).numpy
    if is_sequence(value):
        if type(value) not in (list, tuple):
            value = list(value)
        if STACK and holds_tensor(value):
            return STACK[0](value, hint)
    if type(value) is Dim:
        return value.sizes.emit(value, hint)
    return Tensor(to_numpy(value, hint))


def as_tensor(value: Any) -> Tensor | None:
    """The tensor of a value that is one or has one (a variable, slices); None for plain Python and NumPy values."""
    try:
        converter = CONVERTERS[type(value)]
    except KeyError:
        converter = CONVERTERS[type(value)] = _inherited(type(value))
    return None if converter is None else converter(value)


def _inherited(kind: type) -> Callable[[Any], Tensor] | None:
    """The converter of the nearest base class that has one."""
    return next((CONVERTERS[base] for base in kind.__mro__[1:] if CONVERTERS.get(base) is not None), None)


def holds_tensor(value: Any) -> bool:
    """Whether a tensor stands anywhere in a nested list."""
    if is_sequence(value):
        return any(holds_tensor(item) for item in value)
    return type(value) is Dim or as_tensor(value) is not None


# Whose elements are taken one after the other, without a look at what they are: NumPy arrays of one kind, text, shapes.
_NO_SEQUENCES = (np.ndarray, np.generic, str, bytes, range, TensorShape, Tensor)


def is_sequence(value: Any) -> bool:
    """Whether a value has elements in an order: a list, a tuple, a deque and the like, which may hold tensors."""
    kind = type(value)
    known = _SEQUENCES.get(kind)
    if known is None:
        known = _SEQUENCES[kind] = (
            hasattr(kind, "__getitem__")
            and hasattr(kind, "__len__")
            and not hasattr(kind, "keys")
            and not hasattr(kind, "__array__")
            and not issubclass(kind, _NO_SEQUENCES)
        )
    return known


_SEQUENCES: dict[type, bool] = {}


def convert_operands(x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    """Both operands as tensors: a Python or NumPy value takes the dtype of the tensor beside it."""
    a = x if type(x) is Tensor else as_tensor(x)
    b = y if type(y) is Tensor else as_tensor(y)
    if a is None:
        if b is None:
            a = convert(x)
            return a, convert(y, hint=a._value.dtype)
        return _beside(x, b), b
    if b is None:
        return a, _beside(y, a)
    return a, b


def convert_or_keep(x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    """The same, but a value that cannot have the dtype of the tensor beside it has its own: the operation then says that the
    dtypes differ. In TensorFlow that is so for sums and matrix products, and for no other operation."""
    try:
        return convert_operands(x, y)
    except TypeError:
        return convert(x), convert(y)


# Numbers that stand beside float32 tensors (the 2 of `x**2`, a learning rate): the same tensor serves every time.
_LITERALS: dict[float, Tensor] = {}
MOST_LITERALS = 1024


def _beside(value: Any, tensor: Tensor) -> Tensor:
    """A value without a dtype of its own, in the dtype of the tensor that it is combined with."""
    dtype = tensor._value.dtype
    if dtype is not FLOAT32 or type(value) not in (float, int):
        return convert(value, hint=dtype)
    literal = _LITERALS.get(value)
    if literal is None:
        literal = Tensor(_rounded(np.float32, value))
        if value:  # 0.0 and -0.0 are one key
            if len(_LITERALS) == MOST_LITERALS:
                _LITERALS.clear()
            _LITERALS[value] = literal
    return literal


def is_literal(tensor: Tensor) -> bool:
    """Whether a tensor stands for a number in the program's text; such tensors are nobody's own."""
    value = tensor._value
    return not value.ndim and value.dtype is FLOAT32 and _LITERALS.get(value.item()) is tensor


def convert_all(values: Any, dtype: Any = None) -> list[Tensor]:
    """All of `values` as tensors of one dtype: that of the first tensor among them, else that of the first value."""
    values = list(values)
    if dtype is not None:
        return [convert(value, dtype) for value in values]
    tensors = [as_tensor(value) for value in values]
    hint = next((tensor._value.dtype for tensor in tensors if tensor is not None), None)
    result = []
    for value, tensor in zip(values, tensors, strict=True):
        if tensor is None:
            tensor = convert(value, hint=hint)
            hint = tensor._value.dtype
        result.append(tensor)
    return result


# -- NumPy values ----------------------------------------------------------------------------------

_INT32_MIN, _INT32_MAX, _INT64_MAX = -(2**31), 2**31 - 1, 2**63 - 1


def to_numpy(value: Any, dtype: np.dtype | None = None) -> Any:
    """A NumPy scalar or array of `value` that nobody else holds, with TensorFlow's default dtypes.

    Python floats become float32, ints int32 (int64 where they must), complex numbers complex128, text string; NumPy values
    keep their dtype. A Python value that `dtype` cannot hold is a TypeError; a NumPy array is cast.
    """
    scalar = _SCALARS.get(type(value))
    if scalar is not None:
        return scalar(value, dtype)
    if isinstance(value, np.ndarray | np.generic):
        return _from_array(value, dtype)
    if isinstance(value, list | tuple | range):
        return _from_sequence(value, dtype)
    if isinstance(value, TensorShape):
        return _from_sequence(list(value), dtype or (None if len(value) else INT32))
    if hasattr(value, "__array__"):
        return _from_array(np.asarray(value), dtype)
    if is_sequence(value):
        return _from_sequence(list(value), dtype)
    for kind, scalar in _SCALARS.items():
        if isinstance(value, kind):
            return scalar(value, dtype)
    raise ValueError(
        f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)}) to a Tensor; give a number, a "
        "string, a NumPy array, a tensor, a variable, or a nested list of them."
    )


def _rounded(kind: Any, value: Any) -> Any:
    """`value` as a NumPy scalar of this type; what is too large is infinite, without a warning."""
    try:
        return run_in_copy(kind, value)
    except OverflowError:
        raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor: no float is so large") from None


def _cannot(value: Any, dtype: np.dtype) -> TypeError:
    return TypeError(f"Cannot convert {value!r} to EagerTensor of dtype {dtypes.from_numpy(dtype).name}")


def _from_bool(value: bool, dtype: np.dtype | None) -> Any:
    if dtype is None:
        return np.bool_(value)
    if dtype.kind == "O":
        raise _cannot(value, dtype)
    return dtype.type(value)


def _from_int(value: int, dtype: np.dtype | None) -> Any:
    if dtype is None:
        if _INT32_MIN <= value <= _INT32_MAX:
            return np.int32(value)
        try:
            return np.int64(value)
        except OverflowError:
            raise ValueError(
                f"Can't convert Python sequence with out-of-range integer to Tensor: {value} does not fit int64"
            ) from None
    if dtype.kind in "bO":
        raise _cannot(value, dtype)
    if dtype.kind in "iu" and not dtype_range(dtype)[0] <= value <= dtype_range(dtype)[1]:
        return np.array(_from_int(value, None)).astype(dtype)[()]  # integers wrap around, as in TensorFlow
    return _rounded(dtype.type, value)


@functools.cache
def dtype_range(dtype: np.dtype) -> tuple[int, int]:
    info = np.iinfo(dtype)
    return info.min, info.max


def _from_float(value: float, dtype: np.dtype | None) -> Any:
    if dtype is None:
        rounded = _rounded(np.float32, value)
        if math.isinf(rounded) and not math.isinf(value):
            raise ValueError(f"Can't convert {value!r} to Tensor: it is out of the range of float32; give dtype=tf.float64")
        return rounded
    if dtype.kind in "biuO":
        raise _cannot(value, dtype)
    return _rounded(dtype.type, value)


def _from_complex(value: complex, dtype: np.dtype | None) -> Any:
    if dtype is None:
        return np.complex128(value)
    if dtype.kind != "c":
        raise _cannot(value, dtype)
    return _rounded(dtype.type, value)


def _from_text(value: str | bytes, dtype: np.dtype | None) -> Any:
    if dtype is not None and dtype.kind != "O":
        raise _cannot(value, dtype)
    array = np.empty((), object)
    array[()] = value.encode() if isinstance(value, str) else value
    return array


_SCALARS: dict[type, Callable[[Any, np.dtype | None], Any]] = {
    bool: _from_bool,
    int: _from_int,
    float: _from_float,
    complex: _from_complex,
    str: _from_text,
    bytes: _from_text,
}


def _from_array(value: Any, dtype: np.dtype | None) -> Any:
    kind = value.dtype.kind
    if dtype is not None and dtype.kind != "O" and kind in "USOMm":  # numbers as objects, dates: if they are asked for
        try:
            if kind in "US":
                raise ValueError("text is no number")
            return np.asarray(value).astype(dtype)[()]
        except (TypeError, ValueError) as error:
            raise ValueError(str(_cannot(value, dtype))) from error
    if kind in "USO":
        return _text_array(np.asarray(value))
    if dtype is not None and dtype.kind == "O":
        raise _cannot(value, dtype)
    if not value.dtype.isnative:
        value = value.astype(value.dtype.newbyteorder("="))
    if dtype is not None and value.dtype.char == "g":
        value = value.astype(dtype)
    try:
        dtypes.from_numpy(value.dtype)
    except TypeError as error:
        raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type {value.dtype}).") from error
    with np.errstate(all="ignore"):
        array = np.array(value, dtype or value.dtype, order="C")
    return array if array.ndim else array[()]


def _text_array(value: np.ndarray) -> np.ndarray:
    array = np.empty(value.shape, object)
    for index, item in np.ndenumerate(value):
        if not isinstance(item, str | bytes):
            raise ValueError(
                f"Failed to convert a NumPy array to a Tensor (Unsupported object type {type(item).__name__} at {index})."
            )
        array[index] = item.encode() if isinstance(item, str) else bytes(item)
    return array


def _from_sequence(value: Any, dtype: np.dtype | None) -> Any:
    try:
        array = np.array(value)
    except UnicodeDecodeError:  # text beside bytes that are not ASCII
        return _text_sequence(value, np.array(value, object).shape, dtype)
    except ValueError:
        raise ValueError(f"Can't convert non-rectangular Python sequence to Tensor: {_ragged(value)}") from None
    kind = array.dtype.kind
    if kind in "US":
        return _text_sequence(value, array.shape, dtype)
    if kind in "fu" and array.size and type(_first_leaf(value)) is int:
        array = _long_integers(value, array, dtype)
        kind = array.dtype.kind
    if kind == "O" and dtype is not None and dtype.kind == "f" and all(isinstance(item, int) for item in array.flat):
        array, kind = array.astype(np.float64), "f"
    if kind == "O":
        if array.size and all(isinstance(item, int) for item in array.flat):
            raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor: not all fit int64")
        odd = next((type(item).__name__ for item in array.flat if not isinstance(item, int | float)), "object")
        raise ValueError(f"Can't convert Python sequence with mixed types to Tensor: an element is of type {odd}")
    asked, dtype = dtype, dtype or _sequence_dtype(value, array)
    if (
        asked is not None
        and array.size
        and ((kind == "f" and dtype.kind in "iub") or (kind in "iu" and dtype.kind == "b") or dtype.kind == "O")
    ):
        first = next(iter(array.flat)).item() if array.size else value
        if not isinstance(_first_leaf(value), np.ndarray):
            raise _cannot(first, dtype)
    elif kind == "c" and dtype.kind != "c":
        raise _cannot(array.flat[0].item(), dtype)
    with np.errstate(all="ignore"):
        converted = array.astype(dtype, copy=False)
    if asked is None and dtype is FLOAT32 and kind == "f" and (np.isinf(converted) & ~np.isinf(array)).any():
        raise ValueError("Can't convert Python sequence to Tensor: a number is out of the range of float32")
    return converted


def _long_integers(value: Any, array: np.ndarray, dtype: np.dtype | None) -> np.ndarray:
    """Integers that NumPy takes for floats or unsigned ones because int64 cannot hold them: an error where no dtype helps."""
    if array.dtype.kind == "f" and not all(isinstance(item, int) for item in np.array(value, object).flat):
        return array
    if dtype is None or (dtype.kind in "iu" and dtype != UINT64):
        raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor: not all fit int64")
    try:
        return np.array(value, UINT64) if dtype == UINT64 else array
    except OverflowError:
        raise ValueError("Can't convert Python sequence with out-of-range integer to Tensor: not all fit uint64") from None


def _first_leaf(value: Any) -> Any:
    while isinstance(value, list | tuple | range):
        if not len(value):
            return None
        value = value[0]
    return value


def _sequence_dtype(value: Any, array: np.ndarray) -> np.dtype:
    """Integers are int32 if they fit and complex numbers complex128; the first element says which float the others are."""
    kind, leaf = array.dtype.kind, _first_leaf(value)
    if kind in "iufc" and isinstance(leaf, bool | np.bool_):
        raise ValueError(f"Can't convert Python sequence with mixed types to Tensor: {leaf} stands among numbers")
    if kind == "f":
        if isinstance(value, range):
            return INT32
        return leaf.dtype if isinstance(leaf, np.ndarray | np.generic) and leaf.dtype.kind == "f" else FLOAT32
    if kind in "iu":
        if not array.size or (array.min() >= _INT32_MIN and array.max() <= _INT32_MAX):
            return INT32
        return INT64
    return COMPLEX128 if kind == "c" else array.dtype


FLOAT32, INT32, INT64, UINT64, COMPLEX128 = map(np.dtype, ("float32", "int32", "int64", "uint64", "complex128"))


def _text_sequence(value: Any, shape: tuple[int, ...], dtype: np.dtype | None) -> np.ndarray:
    array = np.empty(shape, object)

    def fill(items: Any, index: tuple[int, ...]) -> None:
        if len(index) == len(shape):
            if not isinstance(items, str | bytes | np.str_ | np.bytes_):
                raise ValueError(f"Can't convert Python sequence with mixed types to Tensor: {items!r} stands among strings")
            array[index] = to_numpy(items, dtype)[()]
        else:
            for i, item in enumerate(items):
                fill(item, (*index, i))

    fill(value, ())
    return array


def _ragged(value: Any, where: str = "") -> str:
    """Which row of a nested sequence has another length than the first one."""
    if not isinstance(value, list | tuple) or not value:
        return "its rows have different lengths"
    lengths = [
        np.shape(item)[0]
        if isinstance(item, np.ndarray) and item.ndim
        else len(item)
        if isinstance(item, list | tuple)
        else None
        for item in value
    ]
    for i, length in enumerate(lengths):
        if length != lengths[0]:
            first, other = ("a scalar" if n is None else f"{n} elements" for n in (lengths[0], length))
            return f"row {where}[0] has {first} and row {where}[{i}] has {other}"
    return next(
        (text for i, item in enumerate(value) if (text := _ragged(item, f"{where}[{i}]")) and "row" in text[:4]),
        "its rows have different lengths",
    )
