"""Text and bytes, and the kinds of Python's and NumPy's numbers: the functions of `tf.compat`."""

import numbers
import os
from typing import Any

import numpy as np

bytes_or_text_types = (bytes, str)
complex_types = (numbers.Complex, np.number)
integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)


def as_bytes(bytes_or_text: bytes | bytearray | str, encoding: str = "utf-8") -> bytes:
    """The bytes of a text in an encoding; bytes are returned as they are.

    Raises:
        TypeError: it is neither text nor bytes.

    >>> import tapeflow as tf
    >>> tf.compat.as_bytes("é"), tf.compat.as_bytes(b"a")
    (b'\\xc3\\xa9', b'a')
    """
    if isinstance(bytes_or_text, bytes | bytearray):
        return bytes(bytes_or_text)
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}: give str, bytes or bytearray")


def as_text(bytes_or_text: bytes | str, encoding: str = "utf-8") -> str:
    """The text that bytes stand for in an encoding; text is returned as it is.

    Raises:
        TypeError: it is neither text nor bytes.

    >>> import tapeflow as tf
    >>> tf.compat.as_text(b"caf\\xc3\\xa9")
    'café'
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}: give str or bytes")


def as_str(bytes_or_text: bytes | str, encoding: str = "utf-8") -> str:
    """The same as `as_text`.

    >>> import tapeflow as tf
    >>> tf.compat.as_str(b"a")
    'a'
    """
    return as_text(bytes_or_text, encoding)


def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """The text of bytes in an encoding, and `str(value)` of anything else.

    >>> import tapeflow as tf
    >>> tf.compat.as_str_any(b"a"), tf.compat.as_str_any(3)
    ('a', '3')
    """
    return as_text(value, encoding) if isinstance(value, bytes) else str(value)


def path_to_str(path: Any) -> Any:
    """The text of an `os.PathLike`; anything else as it is.

    >>> import pathlib
    >>> import tapeflow as tf
    >>> tf.compat.path_to_str(pathlib.PurePosixPath("/a") / "b")
    '/a/b'
    """
    return as_str_any(os.fspath(path)) if isinstance(path, os.PathLike) else path
