"""String tensors: NumPy object arrays of `bytes`, and the ops of `tf.strings` on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, as_tensor, convert, convert_operands
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor

__all__ = ["as_string", "join", "length", "lower", "substr", "upper"]


def _each(function: Callable[..., Any], *arrays: Any, dtype: Any = object) -> np.ndarray:
    """Apply a function to the corresponding elements of arrays of one shape."""
    result = np.empty(np.shape(arrays[0]), dtype)
    flat = result.reshape(-1)
    for position, elements in enumerate(zip(*[np.ravel(array) for array in arrays], strict=True)):
        flat[position] = function(*elements)
    return result


def _strings(op: str, argument: str, value: TensorLike) -> Tensor:
    tensor = as_tensor(value)
    if tensor is None:
        return convert(value, dtypes.string)
    if tensor.dtype is not dtypes.string:
        raise InvalidArgumentError(
            None, None, f"{op} needs `{argument}` to be a string tensor, and it is {tensor.dtype.name}{tensor.shape}."
        )
    return tensor


def _checked(op: str, argument: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise InvalidArgumentError(None, None, f"{op} knows the {argument}s {allowed}, and not {value!r}.")
    return value


_UNITS = ("BYTE", "UTF8_CHAR")

# -- numbers as text ----------------------------------------------------------------------------


def _as_string(x: Any, *, precision: int, scientific: bool, shortest: bool, width: int, fill: str) -> np.ndarray:
    dtype = dtypes.from_numpy(x.dtype)
    if dtype is dtypes.string:
        return _each(lambda text: text.ljust(width) if fill == "-" else text.rjust(width), x)
    if dtype.is_bool:
        return _each(lambda value: b"true" if value else b"false", x)
    flags = fill
    if dtype.is_unsigned and fill in ("+", " "):
        flags = ""  # as in C, these flags are for signed numbers only
    size = str(width) if width > 0 else ""
    if dtype.is_integer:
        conversion = f"%{flags}{size}d"
        return _each(lambda value: (conversion % int(value)).encode(), x)
    kind = "e" if scientific else "g" if shortest else "f"
    digits = f".{precision}" if precision >= 0 else ""
    # TensorFlow's kernels take subnormal numbers for zero.
    tiny = np.finfo(np.float64 if dtype in (dtypes.float64, dtypes.complex128) else np.float32).tiny

    def real(value: float) -> str:
        if abs(value) < tiny:
            value = math.copysign(0.0, value)
        if math.isfinite(value):
            return f"%{flags}{size}{digits}{kind}" % value
        # C pads these with spaces, never with zeros, and shows the sign of a NaN.
        text = f"%{flags.replace('0', '')}{size}f"
        return text % value if value == value else (text % math.copysign(math.inf, value)).replace("inf", "nan")

    if dtype.is_complex:
        return _each(lambda value: f"({real(float(value.real))},{real(float(value.imag))})".encode(), x)
    return _each(lambda value: real(float(value)).encode(), x)


AS_STRING = Primitive("AsString", _as_string)


def as_string(
    input: TensorLike,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> Tensor:
    """Write every element of a tensor as text, as C's `printf` does.

    Args:
      input: a tensor of numbers, booleans or strings.
      precision: the number of digits after the point; negative: 6. For floating-point and complex numbers only.
      scientific: whether to write an exponent always ("%e").
      shortest: whether to write an exponent where that is shorter ("%g").
      width: the least number of characters; booleans are not padded.
      fill: "" or " " to pad on the left with spaces, "0" with zeros, "-" to pad on the right, "+" to show the sign.
      name: a name for the operation.

    Returns:
      A string tensor of the same shape.

    Raises:
      InvalidArgumentError: when `fill` is none of these, both `scientific` and `shortest` are given, or one that the
        dtype has no use for.
      TypeError: when an option is not of its type.

    >>> import tapeflow as tf
    >>> tf.strings.as_string([3.14159, 2.0], precision=2).numpy()
    array([b'3.14', b'2.00'], dtype=object)
    >>> tf.strings.as_string(7, width=3, fill="0").numpy()
    b'007'
    """
    x = convert(input)
    for option, value, kind in (
        ("precision", precision, int),
        ("scientific", scientific, bool),
        ("shortest", shortest, bool),
        ("width", width, int),
    ):
        if not isinstance(value, (kind, np.integer, np.bool_)):
            raise TypeError(f"as_string() needs {option} to be of type {kind.__name__}, and {value!r} is not.")
    fill = fill.decode() if isinstance(fill, bytes) else fill
    if not isinstance(fill, str):
        raise TypeError(f"as_string() needs fill to be a string, and {fill!r} is none.")
    dtype = x.dtype
    if not (dtype.is_numeric or dtype.is_bool or dtype is dtypes.string) or dtype.is_quantized:
        raise InvalidArgumentError(None, None, f"as_string() has no text for values of dtype {dtype.name}.")
    _checked("as_string()", "fill", fill, ("", " ", "0", "-", "+", "#"))
    if scientific and shortest:
        raise InvalidArgumentError(None, None, "as_string() cannot be both scientific and shortest: choose one.")
    if (dtype.is_integer or dtype.is_bool) and (precision >= 0 or scientific or shortest):
        raise InvalidArgumentError(
            None, None, f"as_string() takes precision, scientific and shortest for floats, and input is {dtype.name}."
        )
    return apply(AS_STRING, x, precision=precision, scientific=scientific, shortest=shortest, width=width, fill=fill)


# -- length and parts ---------------------------------------------------------------------------


def _starts(text: bytes) -> list[int]:
    """Where the UTF-8 characters start: at every byte that does not continue one."""
    return [position for position, byte in enumerate(text) if byte & 0xC0 != 0x80]


def _length(x: Any, *, unit: str) -> np.ndarray:
    return _each(len if unit == "BYTE" else lambda text: len(_starts(text)), x, dtype=np.int32)


LENGTH = Primitive("StringLength", _length)


def length(input: TensorLike, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """Count the bytes or characters of every string.

    Args:
      input: a string tensor.
      unit: "BYTE", or "UTF8_CHAR" to count characters.
      name: a name for the operation.

    Returns:
      An int32 tensor of the same shape.

    Raises:
      InvalidArgumentError: for another unit, or a tensor of another dtype.

    >>> import tapeflow as tf
    >>> tf.strings.length(["a", "né"]).numpy(), tf.strings.length("né", unit="UTF8_CHAR").numpy()
    (array([1, 3], dtype=int32), np.int32(2))
    """
    return apply(LENGTH, _strings("length()", "input", input), unit=_checked("length()", "unit", unit, _UNITS))


def _substr(x: Any, pos: Any, count: Any, *, unit: str) -> np.ndarray:
    x, pos, count = np.broadcast_arrays(x, pos, count)
    return _each(_cut if unit == "BYTE" else _cut_characters, x, pos, count)


def _cut(text: bytes, pos: Any, count: Any) -> bytes:
    start = _start(int(pos), len(text), text)
    return text[start:] if count < 0 else text[start : start + int(count)]


def _cut_characters(text: bytes, pos: Any, count: Any) -> bytes:
    starts = [*_starts(text), len(text)]
    start = _start(int(pos), len(starts) - 1, text)
    return text[starts[start] : starts[min(start + max(int(count), 0), len(starts) - 1)]]


def _start(pos: int, length: int, text: bytes) -> int:
    if not -length <= pos <= length:
        raise ValueError(f"pos {pos} is out of range for the string {text!r} of length {length}.")
    return pos + length if pos < 0 else pos


SUBSTR = Primitive("Substr", _substr)


def substr(input: TensorLike, pos: TensorLike, len: TensorLike, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """Take a part of every string.

    Args:
      input: a string tensor.
      pos: int32 or int64; where each part starts, counted from the end if negative. It broadcasts with `input`.
      len: of the same shape and dtype as `pos`; how long each part is, if the string is long enough.
      unit: "BYTE", or "UTF8_CHAR" to count characters.
      name: a name for the operation.

    Returns:
      A string tensor of the shape that `input` and `pos` broadcast to.

    Raises:
      InvalidArgumentError: when a position is outside its string, `pos` and `len` differ in shape, the shapes do not
        broadcast, a dtype is another, or the unit is unknown.

    >>> import tapeflow as tf
    >>> tf.strings.substr(["hello", "world"], [1, -2], [3, 2]).numpy()
    array([b'ell', b'ld'], dtype=object)
    """
    _checked("substr()", "unit", unit, _UNITS)
    text = _strings("substr()", "input", input)
    start, count = convert_operands(pos, len)
    if start.dtype not in (dtypes.int32, dtypes.int64) or start.dtype is not count.dtype:
        raise InvalidArgumentError(
            None,
            None,
            "substr() needs `pos` and `len` both int32 or both int64, and they are "
            f"{start.dtype.name} and {count.dtype.name}.",
        )
    if start.shape != count.shape:
        raise InvalidArgumentError(
            None, None, f"substr() needs `pos` and `len` of the same shape, and they have {start.shape} and {count.shape}."
        )
    return apply(SUBSTR, text, start, count, unit=unit)


# -- joining and case ---------------------------------------------------------------------------


def _join(*parts: Any, separator: bytes) -> np.ndarray:
    return _each(lambda *texts: separator.join(texts), *np.broadcast_arrays(*parts))


JOIN = Primitive("StringJoin", _join)


def join(inputs: Any, separator: str = "", name: str | None = None) -> Tensor:
    """Join the corresponding strings of several tensors.

    Args:
      inputs: a list of string tensors, all of one shape but for scalars, which go with every string of the others; or a
        tensor, whose rows are meant.
      separator: what to put between two strings.
      name: a name for the operation.

    Returns:
      A string tensor of that shape; of no inputs, the empty string.

    Raises:
      TypeError: when `inputs` is no list, or `separator` no string.
      InvalidArgumentError: when the shapes differ.

    >>> import tapeflow as tf
    >>> tf.strings.join([["a", "b"], "c"], separator="-").numpy()
    array([b'a-c', b'b-c'], dtype=object)
    """
    rows = as_tensor(inputs)
    if rows is not None and rows.ndim:
        array = _strings("join()", "inputs", rows)._value
        values = [Tensor(array[i : i + 1].reshape(array.shape[1:])) for i in range(len(array))]
    elif isinstance(inputs, (list, tuple)):
        values = [convert(value, dtypes.string) for value in inputs]
    else:
        raise TypeError(f"join() needs a list of string tensors, and {inputs!r} is none.")
    if not isinstance(separator, (str, bytes)):
        raise TypeError(f"join() needs separator to be a string, and {separator!r} is none.")
    shapes = {tuple(value.shape) for value in values if value.ndim}
    if len(shapes) > 1:
        raise InvalidArgumentError(
            None, None, f"join() needs tensors of one shape, or scalars, and got {[str(value.shape) for value in values]}."
        )
    if not values:
        return convert("")
    return apply(JOIN, *values, separator=separator.encode() if isinstance(separator, str) else separator)


def _case(change: Callable[[Any], Any]) -> Callable[..., np.ndarray]:
    def kernel(x: Any, *, encoding: str) -> np.ndarray:
        if encoding:
            return _each(lambda text: change(text.decode("utf-8", "replace")).encode(), x)
        return _each(change, x)  # of bytes: ASCII letters only

    return kernel


LOWER = Primitive("StringLower", _case(lambda text: text.lower()))
UPPER = Primitive("StringUpper", _case(lambda text: text.upper()))


def lower(input: TensorLike, encoding: str = "", name: str | None = None) -> Tensor:
    """Make the letters of every string lower-case.

    Args:
      input: a string tensor.
      encoding: "" to change ASCII letters alone, "utf-8" to change all.
      name: a name for the operation.

    Returns:
      A string tensor of the same shape.

    Raises:
      InvalidArgumentError: for another encoding, or a tensor of another dtype.

    >>> import tapeflow as tf
    >>> tf.strings.lower("ABC").numpy()
    b'abc'
    """
    encoding = _checked("lower()", "encoding", encoding or "", ("", "utf-8"))
    return apply(LOWER, _strings("lower()", "input", input), encoding=encoding)


def upper(input: TensorLike, encoding: str = "", name: str | None = None) -> Tensor:
    """Make the letters of every string upper-case.

    Args:
      input: a string tensor.
      encoding: "" to change ASCII letters alone, "utf-8" to change all.
      name: a name for the operation.

    Returns:
      A string tensor of the same shape.

    Raises:
      InvalidArgumentError: for another encoding, or a tensor of another dtype.

    >>> import tapeflow as tf
    >>> tf.strings.upper("abc").numpy()
    b'ABC'
    """
    encoding = _checked("upper()", "encoding", encoding or "", ("", "utf-8"))
    return apply(UPPER, _strings("upper()", "input", input), encoding=encoding)
