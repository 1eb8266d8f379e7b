import pathlib
import re

import numpy as np
import pytest

import tapeflow as tf


@pytest.mark.parametrize(
    ("call", "value", "expected"),
    [
        ("as_bytes", "中", b"\xe4\xb8\xad"),
        ("as_bytes", b"a", b"a"),
        ("as_bytes", bytearray(b"a"), b"a"),
        ("as_text", b"\xe4\xb8\xad", "中"),
        ("as_text", "a", "a"),
        ("as_str", b"a", "a"),
        ("as_str_any", 3, "3"),
        ("as_str_any", b"a", "a"),
        ("as_str_any", "a", "a"),
        ("path_to_str", pathlib.Path("a"), "a"),
        ("path_to_str", "a", "a"),
        ("path_to_str", 3, 3),
    ],
)
def test_conversions_give_what_tensorflow_gives(call, value, expected):
    given = getattr(tf.compat, call)(value)
    assert given == expected
    assert type(given) is type(expected)


def test_an_encoding_is_used():
    assert tf.compat.as_bytes("中", "gbk") == b"\xd6\xd0"
    assert tf.compat.as_text(b"\xd6\xd0", encoding="gbk") == "中"


@pytest.mark.parametrize(
    ("call", "value"), [("as_bytes", 1), ("as_text", 3), ("as_text", bytearray(b"x")), ("as_str", None)]
)
def test_what_is_no_text_is_a_type_error(call, value):
    with pytest.raises(TypeError, match=re.escape(f"Expected binary or unicode string, got {value!r}")):
        getattr(tf.compat, call)(value)


def test_bytes_that_are_no_text_are_an_error():
    with pytest.raises(UnicodeDecodeError):
        tf.compat.as_text(b"\xe4")


def test_kinds_of_numbers_include_numpys():
    assert isinstance(np.int8(1), tf.compat.integral_types)
    assert isinstance(np.float32(1), tf.compat.real_types)
    assert not isinstance(1j, tf.compat.real_types)
    assert isinstance(1j, tf.compat.complex_types)
