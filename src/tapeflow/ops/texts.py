"""What `tf.strings` makes of text: pieces, patterns, numbers and joined rows. Strings are objects of `bytes`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import InvalidArgumentError, OutOfRangeError
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.symbolic import ACTIVE
from tapeflow.core.tensor import Tensor
from tapeflow.ops.shape_arguments import are_known_later

__all__ = [
    "bytes_split",
    "reduce_join",
    "regex_full_match",
    "regex_replace",
    "split",
    "strip",
    "to_number",
    "unsorted_segment_join",
]

NUMBERS = (dtypes.float32, dtypes.float64, dtypes.int32, dtypes.int64)


def _texts(function: str, value: TensorLike) -> Tensor:
    tensor = convert(value, hint=np.dtype(object))
    if tensor._value.dtype.kind != "O":
        raise TypeError(f"tf.strings.{function} takes strings, got a {tensor.dtype.name} tensor of shape {tensor.shape}")
    return tensor


def _bytes(function: str, argument: str, value: Any) -> bytes:
    if not isinstance(value, str | bytes):
        raise TypeError(f"tf.strings.{function} takes a string as {argument}, got {value!r}")
    return value.encode() if isinstance(value, str) else value


def _objects(shape: tuple[int, ...], items: Sequence[Any]) -> Any:
    """An array of these bytes."""
    found = np.empty(len(items), object)
    found[:] = items
    return found.reshape(shape)


def _each(function: Any, x: Any) -> Any:
    x = np.asarray(x, object)
    return _objects(x.shape, [function(text) for text in x.ravel()])


# -- pieces ------------------------------------------------------------------------------------------


def _split(x: Any, *, sep: bytes, maxsplit: int) -> Any:
    pieces = np.asarray(x, object).item().split(sep or None, maxsplit)
    if maxsplit >= 0 and not sep and pieces:
        pieces[-1] = pieces[-1].rstrip()  # as where it is split to the end
    return _objects((len(pieces),), pieces)


SPLIT = Primitive("StringSplitV2", _split, opens=lambda x, *, sep, maxsplit: [(Told((0,), ("pieces", sep, maxsplit)),)])
BYTES = Primitive(
    "StringBytes",
    lambda x: _objects((len(text := np.asarray(x, object).item()),), [text[i : i + 1] for i in range(len(text))]),
    opens=lambda x: [(Told((0,), "bytes"),)],
)


def split(input: TensorLike, sep: str | bytes | None = None, maxsplit: int = -1, name: str | None = None) -> Tensor:
    """The pieces of a string between separators.

    Args:
        input: a scalar of strings. For several, TensorFlow gives a RaggedTensor, which there is none of here: use `tf.map_fn`, or
            split them one by one.
        sep: what stands between pieces; without it white space does, and none is empty.
        maxsplit: how often it is split at most; negative: as often as possible.
        name: unused.

    Returns:
        A vector of strings.

    Raises:
        NotImplementedError: `input` is no scalar.
        TypeError: `input` or `sep` is no string.

    >>> import tapeflow as tf
    >>> tf.strings.split("to be  or not").numpy()
    array([b'to', b'be', b'or', b'not'], dtype=object)
    >>> tf.strings.split("a,b,,c", sep=",", maxsplit=2).numpy()
    array([b'a', b'b', b',c'], dtype=object)
    """
    return apply(SPLIT, _one("split", input), sep=_bytes("split", "sep", sep or b""), maxsplit=int(maxsplit))


def bytes_split(input: TensorLike, name: str | None = None) -> Tensor:
    """The bytes of a string, each as a string of its own.

    Args:
        input: a scalar of strings; see `tf.strings.split`.
        name: unused.

    Raises:
        NotImplementedError: `input` is no scalar.
        TypeError: it is no string.

    >>> import tapeflow as tf
    >>> tf.strings.bytes_split("abc").numpy()
    array([b'a', b'b', b'c'], dtype=object)
    """
    return apply(BYTES, _one("bytes_split", input))


def _one(function: str, input: TensorLike) -> Tensor:
    x = _texts(function, input)
    if x._value.ndim:
        raise NotImplementedError(
            f"tf.strings.{function} of a tensor of shape {x.shape} would be a RaggedTensor, which is not supported: split its "
            "elements one by one"
        )
    return x


STRIP = Primitive("StringStrip", lambda x: _each(bytes.strip, x), shape=lambda x: x)


def strip(input: TensorLike, name: str | None = None) -> Tensor:
    """Strings without the white space that they begin and end with.

    Args:
        input: strings.
        name: unused.

    Raises:
        TypeError: they are none.

    >>> import tapeflow as tf
    >>> tf.strings.strip([" a b ", "c"]).numpy()
    array([b'a b', b'c'], dtype=object)
    """
    return apply(STRIP, _texts("strip", input))


# -- patterns ------------------------------------------------------------------------------------------


@lru_cache(256)
def _compiled(pattern: bytes) -> re.Pattern:
    """A pattern of TensorFlow's, whose letters are characters and not bytes; Python's syntax is nearly the same.

    Raises:
        InvalidArgumentError: it is none.
    """
    try:
        return re.compile(pattern.decode("utf-8", "surrogateescape"), re.ASCII)
    except re.error as error:
        raise InvalidArgumentError(None, None, f"Invalid pattern: {pattern!r}, error: {error}") from None


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def _matches(x: Any, *, pattern: bytes, dtype: Any) -> Any:
    x, regex = np.asarray(x, object), _compiled(pattern)
    return np.array([regex.fullmatch(_decoded(text)) is not None for text in x.ravel()], dtype).reshape(x.shape)[()]


def _replaced(x: Any, *, pattern: bytes, rewrite: bytes, everywhere: bool) -> Any:
    regex, template = _compiled(pattern), _decoded(rewrite)

    def written(match: re.Match) -> str:
        return re.sub(r"\\(\d|\\)", lambda part: "\\" if part[1] == "\\" else match[int(part[1])] or "", template)

    return _each(
        lambda text: regex.sub(written, _decoded(text), 0 if everywhere else 1).encode("utf-8", "surrogateescape"), x
    )


MATCH = Primitive("RegexFullMatch", _matches, shape=lambda x, *, pattern, dtype: x)
REPLACE = Primitive("RegexReplace", _replaced, shape=lambda x, *, pattern, rewrite, everywhere: x)


def regex_full_match(input: TensorLike, pattern: str | bytes, name: str | None = None) -> Tensor:
    """Which strings a pattern matches from their beginning to their end.

    Args:
        input: strings.
        pattern: a regular expression, in what Python's `re` and RE2 have in common.
        name: unused.

    Raises:
        InvalidArgumentError: `pattern` is none.
        TypeError: an argument is no string.

    >>> import tapeflow as tf
    >>> tf.strings.regex_full_match(["ab", "abc"], "a.").numpy()
    array([ True, False])
    """
    pattern = _bytes("regex_full_match", "pattern", pattern)
    _compiled(pattern)
    return apply(MATCH, _texts("regex_full_match", input), pattern=pattern, dtype=np.dtype(bool))


def regex_replace(
    input: TensorLike,
    pattern: str | bytes,
    rewrite: str | bytes,
    replace_global: bool = True,
    name: str | None = None,
) -> Tensor:
    """Strings with something else where a pattern matches.

    Args:
        input: strings.
        pattern: a regular expression, in what Python's `re` and RE2 have in common.
        rewrite: what is written there; `\\1` to `\\9` stand for the groups of the match, and `\\0` for all of it.
        replace_global: whether to replace all matches, or the first.
        name: unused.

    Raises:
        InvalidArgumentError: `pattern` is none.
        TypeError: an argument is no string.

    >>> import tapeflow as tf
    >>> tf.strings.regex_replace("Ada Lovelace", r"(\\w+) (\\w+)", r"\\2, \\1").numpy()
    b'Lovelace, Ada'
    """
    pattern = _bytes("regex_replace", "pattern", pattern)
    _compiled(pattern)
    x, rewrite = _texts("regex_replace", input), _bytes("regex_replace", "rewrite", rewrite)
    return apply(REPLACE, x, pattern=pattern, rewrite=rewrite, everywhere=bool(replace_global))


# -- numbers -------------------------------------------------------------------------------------------


def _number(text: bytes, kind: str) -> float | int:
    word = text.strip()
    try:
        if b"_" not in word:
            if kind == "f":
                return float.fromhex(word.decode()) if b"0x" in word.lower() else float(word)
            if re.fullmatch(rb"[+-]?\d+", word):
                return int(word)
    except ValueError:
        pass
    raise InvalidArgumentError(
        None, None, f"StringToNumberOp could not correctly convert string: {text.decode(errors='replace')}"
    )


def _numbers(x: Any, *, dtype: Any) -> Any:
    x = np.asarray(x, object)
    found = [_number(text, dtype.kind) for text in x.ravel()]
    if dtype.kind == "i":
        limits = np.iinfo(dtype)
        for number, text in zip(found, x.ravel(), strict=True):
            if not limits.min <= number <= limits.max:
                raise InvalidArgumentError(
                    None, None, f"StringToNumberOp could not correctly convert string: {text.decode()}"
                )
    return np.array(found, dtype).reshape(x.shape)[()]


NUMBER = Primitive("StringToNumber", _numbers, shape=lambda x, *, dtype: x)


def to_number(input: TensorLike, out_type: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """The numbers that strings say.

    Args:
        input: strings.
        out_type: float32, float64, int32 or int64.
        name: unused.

    Raises:
        InvalidArgumentError: a string is no number, or too large a one; or for another dtype.
        TypeError: `input` is no string.

    >>> import tapeflow as tf
    >>> tf.strings.to_number(["1.5", "-2e3"]).numpy()
    array([ 1.5e+00, -2.0e+03], dtype=float32)
    """
    dtype = dtypes.as_dtype(out_type)
    if dtype not in NUMBERS:
        raise InvalidArgumentError(
            None, None, f"tf.strings.to_number gives {[each.name for each in NUMBERS]}, and not {dtype.name}"
        )
    return apply(NUMBER, _texts("to_number", input), dtype=dtype.numpy)


# -- joined --------------------------------------------------------------------------------------------


def _reduced(x: Any, *, axes: tuple[int, ...], keepdims: bool, separator: bytes) -> Any:
    x = np.asarray(x, object)
    kept = tuple([axis for axis in range(x.ndim) if axis not in axes])
    rows = x.transpose(*kept, *axes[::-1])  # along the axis that was given first, then the next
    shape = rows.shape[: len(kept)]
    lines = rows.reshape(*shape, -1) if x.size else np.empty((*shape, 0), object)
    joined = _objects(shape, [separator.join(lines[place]) for place in np.ndindex(*shape)])
    return joined.reshape([1 if axis in axes else n for axis, n in enumerate(x.shape)]) if keepdims and x.ndim else joined


REDUCE = Primitive("ReduceJoin", _reduced)


def reduce_join(
    inputs: TensorLike,
    axis: Any = None,
    keepdims: bool = False,
    separator: str | bytes = "",
    name: str | None = None,
) -> Tensor:
    """Strings joined along axes.

    Args:
        inputs: strings.
        axis: an axis, or several: the strings along the first are joined first. Without it all, the last one first.
        keepdims: whether axes that are gone stay with size 1.
        separator: what comes between.
        name: unused.

    Raises:
        OutOfRangeError: there is no such axis.
        InvalidArgumentError: an axis is given twice.
        TypeError: `inputs` or `separator` is no string.

    >>> import tapeflow as tf
    >>> tf.strings.reduce_join([["a", "b"], ["c", "d"]], axis=1, separator="-").numpy()
    array([b'a-b', b'c-d'], dtype=object)
    """
    x = _texts("reduce_join", inputs)
    rank = x._value.ndim
    joined = {"keepdims": bool(keepdims), "separator": _bytes("reduce_join", "separator", separator)}
    if ACTIVE and are_known_later(axis):
        from tapeflow.ops.axes_known_later import axes_among

        outside = f"Invalid reduction dimension {{axis}} for input with {rank} dimension(s)"
        found = axes_among(axis, rank, outside, "Duplicate reduction dimension {twice}", ordered=True)
        return apply(REDUCE, x, axes=found, **joined)
    given: Any = range(rank - 1, -1, -1) if axis is None else np.ravel(convert(axis)._value).tolist()
    for each in given:
        if not -rank <= each < rank:
            raise OutOfRangeError(None, None, f"Invalid reduction dimension {each} for input with {rank} dimension(s)")
    axes = tuple([int(each) % rank for each in given])
    if len(set(axes)) < len(axes):
        raise InvalidArgumentError(None, None, f"Duplicate reduction dimension in {list(given)}")
    return apply(REDUCE, x, axes=axes, **joined)


def _by_segments(x: Any, ids: Any, *, count: int, separator: bytes) -> Any:
    x, ids = np.asarray(x, object), np.asarray(ids)
    if ids.size and (ids.min() < 0 or ids.max() >= count):
        raise InvalidArgumentError(None, None, f"segment ids from {ids.min()} to {ids.max()} must be in [0, {count})")
    inner = x.shape[ids.ndim :]
    rows = x.reshape(ids.size, -1) if x.size else np.empty((ids.size, 0), object)
    found = [rows[ids.ravel() == segment] for segment in range(count)]
    return _objects((count, *inner), [separator.join(part[:, i]) for part in found for i in range(rows.shape[1])])


SEGMENTS = Primitive("UnsortedSegmentJoin", _by_segments, shape=lambda x, ids, *, count, separator: (count, *x[len(ids) :]))


def unsorted_segment_join(
    inputs: TensorLike,
    segment_ids: TensorLike,
    num_segments: int,
    separator: str | bytes = "",
    name: str | None = None,
) -> Tensor:
    """The strings of each segment, joined in their order; an empty one for a segment without any.

    Args:
        inputs: strings, of shape [*segment_ids.shape, ...].
        segment_ids: which segment each belongs to.
        num_segments: how many there are.
        separator: what comes between.
        name: unused.

    Raises:
        InvalidArgumentError: a segment is out of range, or the shapes do not fit.
        TypeError: `inputs` or `separator` is no string.

    >>> import tapeflow as tf
    >>> tf.strings.unsorted_segment_join(["a", "b", "c"], [0, 1, 0], 2, separator="+").numpy()
    array([b'a+c', b'b'], dtype=object)
    """
    x, ids = _texts("unsorted_segment_join", inputs), convert(segment_ids)
    if x._value.shape[: ids._value.ndim] != ids._value.shape:
        raise InvalidArgumentError(
            None, None, f"segment_ids of shape {ids.shape} are no prefix of inputs of shape {x.shape}: each string has one"
        )
    count = int(convert(num_segments)._value)
    return apply(SEGMENTS, x, ids, count=count, separator=_bytes("unsorted_segment_join", "separator", separator))
