"""Writing tensors as text: `tf.print` and `tf.strings.format`.

These write values as TensorFlow's kernels do, not as NumPy does: 0.333333343 for the float32 nearest to 1/3 (as many
digits as tell it from its neighbours), `[1 2 3]` for three floats, the ends of a long axis alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core import dtypes, nest
from tapeflow.core.convert import TensorLike, as_tensor, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    OpError,
    PermissionDeniedError,
    UnknownError,
)
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import ACTIVE, tracing
from tapeflow.core.tensor import Tensor

__all__ = ["format", "print"]

# -- one element --------------------------------------------------------------------------------


def _float_text(value: float, digits: int, enough: int, narrow: Callable[[float], Any], tiny: float) -> str:
    """`digits` significant ones, or `enough` of them where the fewer would read as another number."""
    if value != value or value in (np.inf, -np.inf):
        return ("-" if np.signbit(value) else "") + ("nan" if value != value else "inf")
    if abs(value) < tiny:  # TensorFlow's kernels take subnormal numbers for zero
        return "-0" if np.signbit(value) else "0"
    text = f"{value:.{digits}g}"
    return text if narrow(float(text)) == value else f"{value:.{enough}g}"


_FLOAT32_TINY, _FLOAT64_TINY = float(np.finfo(np.float32).tiny), float(np.finfo(np.float64).tiny)


def _float32_text(value: Any) -> str:
    return _float_text(float(value), 6, 9, np.float32, _FLOAT32_TINY)


def _float64_text(value: Any) -> str:
    return _float_text(float(value), 15, 17, float, _FLOAT64_TINY)


def _complex64_text(value: Any) -> str:
    return f"({_float32_text(value.real)},{_float32_text(value.imag)})"


def _complex128_text(value: Any) -> str:
    return f"({_float64_text(value.real)},{_float64_text(value.imag)})"


_ESCAPES = {byte: f"\\{byte:03o}" for byte in (*range(32), 127)}
_ESCAPES |= {ord(plain): f"\\{escape}" for plain, escape in zip("\n\r\t\"'\\", "nrt\"'\\", strict=True)}


def _quoted(value: bytes) -> bytes:
    """In double quotes, with C's escapes for what is not printable ASCII; other bytes stand for themselves (UTF-8)."""
    return b'"' + value.decode("latin-1").translate(_ESCAPES).encode("latin-1") + b'"'


def _element_writer(dtype: dtypes.DType) -> Callable[[Any], bytes]:
    if dtype is dtypes.string:
        return _quoted
    if dtype is dtypes.float64:
        text: Callable[[Any], str] = _float64_text
    elif dtype.is_floating:
        text = _float32_text
    elif dtype is dtypes.complex64:
        text = _complex64_text
    elif dtype is dtypes.complex128:
        text = _complex128_text
    else:
        text = lambda value: str(int(value))  # bool is 0 and 1
    return lambda value: text(value).encode()


# -- one array ----------------------------------------------------------------------------------


def summarized(value: Any, dtype: dtypes.DType, summarize: int) -> bytes:
    """Write an array with `summarize` elements at both ends of each axis, all if negative; a scalar as it is."""
    array = np.asarray(value)
    write = _element_writer(dtype)
    if array.ndim == 0:
        return write(array[()])
    at_ends = max(array.shape) if summarize < 0 else summarize
    if array.size == 0:
        at_ends = 0  # as TensorFlow: zeros([2, 0]) has two rows and nothing to show of them
    return _axis(array, write, at_ends)


def _axis(array: np.ndarray, write: Callable[[Any], bytes], at_ends: int, depth: int = 1) -> bytes:
    length, last = len(array), array.ndim == 1
    # Rows stand under each other, behind their opening brackets; matrices have a blank line between them, and so on.
    space = b" " if last else b"\n" * (array.ndim - 1) + b" " * depth
    shown = [*range(min(at_ends, length)), *range(max(at_ends, length - at_ends), length)]
    parts = [write(array[i]) if last else _axis(array[i], write, at_ends, depth + 1) for i in shown]
    if length > 2 * at_ends:
        parts[at_ends:at_ends] = [b"..."] if at_ends else [b"", b"..."]
    return b"[" + space.join(parts) + b"]"


# -- the primitives -----------------------------------------------------------------------------


def _string_format(*values: Any, literals: Sequence[bytes], summarize: int) -> np.ndarray:
    """The literals with the values, written out, between them."""
    text = literals[0]
    for value, literal in zip(values, literals[1:], strict=True):
        text += summarized(value, dtypes.from_numpy(value.dtype), summarize) + literal
    return _scalar_string(text)


def _print(message: Any, *, output_stream: Any, end: str) -> tuple[()]:
    """Write a scalar string to a stream that `_checked_stream` accepts."""
    text: bytes = message[()] + end.encode()
    if isinstance(output_stream, str):
        _append(output_stream.removeprefix("file://"), text)
    elif hasattr(output_stream, "write"):
        output_stream.write(text.decode("utf-8", "backslashreplace"))
        if hasattr(output_stream, "flush"):
            output_stream.flush()
    else:
        output_stream(text.decode("utf-8", "backslashreplace").removesuffix("\n"))  # a logger ends the line itself
    return ()


def _print_later(stream: Any, end: str, message: Tensor) -> None:
    """Writes in a traced function; the standard error stream is what it is at the time of the call."""
    _print(message._value, output_stream=sys.stderr if stream == "stderr" else stream, end=end)


def _append(path: str, text: bytes) -> None:
    try:
        with open(path, "ab") as file:
            file.write(text)
    except OSError as error:
        kind: type[OpError] = UnknownError
        for cause, found in _FILE_ERRORS.items():
            if isinstance(error, cause):
                kind = found
        raise kind(None, None, f"tf.print cannot write to {path!r}: {error.strerror}.") from error  # type: ignore[call-arg]


_FILE_ERRORS: dict[type[OSError], type[OpError]] = {
    FileNotFoundError: NotFoundError,
    NotADirectoryError: FailedPreconditionError,
    IsADirectoryError: FailedPreconditionError,
    PermissionError: PermissionDeniedError,
}


def _scalar_string(text: bytes) -> np.ndarray:
    array = np.empty((), object)
    array[()] = text
    return array


STRING_FORMAT = Primitive("StringFormat", _string_format)
PRINT = Primitive("PrintV2", _print)

# -- tf.strings.format --------------------------------------------------------------------------


def format(
    template: str, inputs: TensorLike, placeholder: str = "{}", summarize: int | None = 3, name: str | None = None
) -> Tensor:
    """Fill the placeholders of a template with tensors, written as `tf.print` writes them.

    Args:
      template: text.
      inputs: a tensor, or a list or tuple of tensors of any shapes and dtypes, one for each placeholder.
      placeholder: what the tensors take the place of.
      summarize: how many elements to show at each end of an axis; a negative number shows all.
      name: a name for the operation.

    Returns:
      A scalar string tensor.

    Raises:
      TypeError: when `template` or `placeholder` is no string, or `summarize` no number.
      ValueError: when the numbers of placeholders and tensors differ.

    >>> import tapeflow as tf
    >>> tf.strings.format("x: {}, n: {}", ([1.0, 0.1], 3)).numpy()
    b'x: [1 0.1], n: 3'
    """
    if not isinstance(template, str) or not isinstance(placeholder, str):
        raise TypeError(f"template and placeholder must be Python strings, not {template!r} and {placeholder!r}.")
    values = list(inputs) if isinstance(inputs, (list, tuple, range)) else [inputs]
    literals = template.split(placeholder) if placeholder else [template]
    if not placeholder or len(literals) != len(values) + 1:
        raise ValueError(
            f"The template {template!r} has {len(literals) - 1} placeholders {placeholder!r}, and there are "
            f"{len(values)} tensors for them; there must be one each."
        )
    return _formatted([literal.encode() for literal in literals], [convert(value) for value in values], summarize)


def _formatted(literals: Sequence[bytes], tensors: Sequence[Tensor], summarize: Any) -> Tensor:
    return apply(STRING_FORMAT, *tensors, literals=tuple(literals), summarize=_count(summarize))


def _count(summarize: Any) -> int:
    if summarize is None:
        return 3
    if isinstance(summarize, (str, bytes)):
        raise TypeError(f"summarize must be an integer, and {summarize!r} is none.")
    return int(summarize)


# -- tf.print -----------------------------------------------------------------------------------


def print(*inputs: Any, **kwargs: Any) -> None:
    r"""Print tensors, and structures that hold some, when the program runs.

    Args:
      *inputs: anything. A Python string is printed as it is; tensors and variables by their values; lists, dicts and
        other nested structures like Python's own with the values of their tensors; everything else by its `repr`.
      **kwargs: any of these:
        output_stream: `sys.stderr`, which is the default, `sys.stdout`, another object with `write`, "file://" and the
          path of a file to append to, or a function to call with the text, such as `logging.info`.
        summarize: how many elements to show at each end of an axis, 3 unless given; a negative number shows all.
        sep: what to print between two inputs, a space unless given.
        end: what to print after the last one, a line end unless given.
        name: a name for the operation.

    Raises:
      ValueError: for another keyword or an output stream of no such kind.
      TypeError: when `sep` or `end` is no string, or `summarize` no number.
      NotFoundError, PermissionDeniedError, FailedPreconditionError: when the file cannot be written.

    Floats get as many digits as tell them from their neighbours (at most 9, and 17 for float64), and no ".0"; booleans
    are 1 and 0, complex numbers "(real,imaginary)", strings in arrays and beside others stand in double quotes.

    >>> import sys
    >>> import tapeflow as tf
    >>> w, steps = tf.Variable([1.0, 0.1]), tf.Variable(3)
    >>> tf.print("w:", w, {"steps": steps, "done": False}, output_stream=sys.stdout)
    w: [1 0.1] {'done': False, 'steps': 3}
    >>> tf.print(tf.Variable([9, 8, 7, 6, 5]), w, summarize=1, sep=" | ", output_stream=sys.stdout)
    [9 ... 5] | [1 0.1]
    """
    stream = _checked_stream(kwargs.pop("output_stream", sys.stderr))
    kwargs.pop("name", None)
    summarize = _count(kwargs.pop("summarize", None))
    sep = _checked_text("sep", kwargs.pop("sep", " "))
    end = kwargs.pop("end", None)
    end = "\n" if end is None else _checked_text("end", end)
    if kwargs:
        raise ValueError(
            f"tf.print does not know the keyword {next(iter(kwargs))!r}; it takes output_stream, summarize, sep, end "
            "and name."
        )
    message = _sole_string(inputs)
    if message is None:
        literals, tensors = [b""], []
        for position, value in enumerate(inputs):
            if position:
                literals[-1] += sep.encode()
            texts, found = _written(value)
            literals[-1] += texts[0]
            literals += texts[1:]
            tensors += found
        message = _formatted(literals, tensors, summarize)
    if ACTIVE and (tracer := tracing()) is not None:
        tracer.effect(partial(_print_later, "stderr" if stream is sys.stderr else stream, end), (message,))
        return
    apply(PRINT, message, output_stream=stream, end=end)


def _sole_string(inputs: tuple[Any, ...]) -> Tensor | None:
    """The tensor to print if it is a scalar string and all there is: such a one stands without quotes."""
    tensor = as_tensor(inputs[0]) if len(inputs) == 1 else None
    return tensor if tensor is not None and tensor.dtype is dtypes.string and tensor.ndim == 0 else None


def _written(value: Any) -> tuple[list[bytes], list[Tensor]]:
    """An input as pieces of text, and the tensors to be written between them."""
    if isinstance(value, str):
        return [value.encode()], []
    tensor = as_tensor(value)
    if tensor is not None:
        return [b"", b""], [tensor]

    from pprint import pformat

    tensors: list[Tensor] = []

    def stand_in(leaf: Any) -> Any:
        inner = as_tensor(leaf)
        if inner is not None:
            tensors.append(inner)
            return _Verbatim(_mark(len(tensors) - 1))
        if isinstance(leaf, np.generic):  # as before NumPy 2: 0.5, not np.float32(0.5)
            return _Verbatim(repr(leaf.item()) if isinstance(leaf, (str, bytes)) else str(leaf))
        return leaf

    pieces = re.split(_MARK, pformat(nest.map_structure(stand_in, value)))
    # The text keeps the order of a mapping, and the walk sorts its keys: each mark tells which tensor it stands for.
    order = [_DIGITS * (ord(high) - _ZERO) + ord(low) - _ZERO for high, low in zip(pieces[1::3], pieces[2::3], strict=True)]
    return [piece.encode() for piece in pieces[::3]], [tensors[i] for i in order]


# What stands for a tensor while its structure is laid out: as wide as in TensorFlow, so that lines break where they do
# there, and of characters for private use, which a `repr` escapes. Two of them tell the number of the tensor.
_ZERO, _DIGITS = 0xF0000, 0xFFFE
_MARK = "\ue000(.)(.)\ue001"


def _mark(number: int) -> str:
    return f"\ue000{chr(_ZERO + number // _DIGITS)}{chr(_ZERO + number % _DIGITS)}\ue001"


class _Verbatim:
    """Something that `repr` writes as it is told."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _checked_text(keyword: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{keyword} must be a string, and {value!r} is none.")
    return value


def _checked_stream(stream: Any) -> Any:
    if isinstance(stream, str):
        known = stream.startswith("file://")
    else:
        known = hasattr(stream, "write") or callable(stream)
    if not known:
        raise ValueError(
            f"Unsupported output_stream {stream!r}: give sys.stdout, sys.stderr, 'file://' and a path, or a function such "
            "as logging.info."
        )
    if stream == "file://":
        raise InvalidArgumentError(None, None, "The output_stream 'file://' names no file.")
    return stream
