"""What `tf.strings` makes of text: splitting, joining, stripping, patterns and numbers."""

from __future__ import annotations

import numpy as np

from tests.golden.cases import case, plain


def answer(function, *args, **kwargs):
    """What a function gives, or the name of what it raises."""
    try:
        return plain(function(*args, **kwargs))
    except Exception as error:
        return type(error).__name__


@case
def stripped(tf):
    strip = tf.strings.strip
    return [
        answer(strip, "  a b\t\n"),
        answer(strip, [["a ", " b"], ["", " \v\f\r"]]),
        answer(strip, np.zeros((0, 2), object)),
        answer(tf.function(strip), tf.constant([" x"])),
        answer(strip, 1),
    ]


@case
def split_texts(tf):
    split = tf.strings.split
    return {
        "spaces": [answer(split, text) for text in ("a b  c", "  a b ", "", "   ", "a\tb\nc")],
        "separators": [
            answer(split, text, sep)
            for text, sep in (("a,b,,c", ","), (",a,", ","), ("", ","), ("a<>b<>", "<>"), ("abc", ""), ("a b", " "))
        ],
        "at most": [answer(split, "a b c d", None, n) for n in (-1, 0, 1, 2, 9)],
        "at most, separated": [answer(split, "a,b,c,d", ",", n) for n in (-1, 0, 1, 2, 9)],
        "refused": [answer(split, 1), answer(split, "a b", 3)],
    }


@case
def patterns(tf):
    match, replace = tf.strings.regex_full_match, tf.strings.regex_replace
    return [
        answer(match, ["ab", "abc", "", "a\nb"], "a.*"),
        answer(match, "aab", "a+b?"),
        answer(match, [["x1", "y22"]], r"[xy]\d"),
        answer(match, "a", "("),
        answer(match, 1, "a"),
        answer(replace, ["hello world", "ooo", ""], "o", "0"),
        answer(replace, "hello", "l", "L", replace_global=False),
        answer(replace, "John Smith", r"(\w+) (\w+)", r"\2, \1"),
        answer(replace, "abc", "b", r"[\0]"),
        answer(replace, "abc", "", "-"),
        answer(replace, "a.b", r"\.", r"\\"),
        answer(replace, "é", "é", "e"),
        answer(replace, "abc", "(", ""),
        answer(tf.function(lambda x: replace(x, "a", "b")), tf.constant(["aa"])),
    ]


@case
def joined_over_axes(tf):
    join = tf.strings.reduce_join
    rows = [["a", "b"], ["c", "d"]]
    return [
        answer(join, rows),
        answer(join, rows, 0),
        answer(join, rows, 1),
        answer(join, rows, -1, separator="-"),
        answer(join, rows, [0, 1]),
        answer(join, rows, [1, 0]),
        answer(join, rows, [1], keepdims=True),
        answer(join, rows, keepdims=True, separator=","),
        answer(join, "a"),
        answer(join, np.zeros((0,), object)),
        answer(join, rows, 5),
        answer(join, rows, [0, 0]),
        answer(join, rows, []),
    ]


@case
def numbers_in_texts(tf):
    number = tf.strings.to_number
    return [
        answer(number, ["1", "-2.5", " 3e2 ", "inf", "nan", "+4"]),
        answer(number, ["1", " -7 "], tf.int32),
        answer(number, "123456789012", tf.int64),
        answer(number, "0.1", tf.float64),
        answer(number, "x"),
        answer(number, ""),
        answer(number, "1.5", tf.int32),
        answer(number, "99999999999", tf.int32),
        answer(number, "1", tf.uint8),
        answer(number, "0x10"),
        answer(number, "1_000"),
        answer(tf.function(number), tf.constant(["2"])),
    ]


@case
def joined_by_segments(tf):
    join = tf.strings.unsorted_segment_join
    return [
        answer(join, ["a", "b", "c"], [0, 1, 0], 2),
        answer(join, ["a", "b", "c"], [0, 1, 0], 3, ":"),
        answer(join, [["a", "b"], ["c", "d"], ["e", "f"]], [1, 0, 1], 2, ","),
        answer(join, [["a", "b"], ["c", "d"]], [[0, 1], [1, 0]], 2),
        answer(join, ["a", "b"], [0, -1], 1),
        answer(join, ["a", "b"], [0, 5], 1),
        answer(join, ["a", "b"], [0], 1),
    ]


@case
def split_bytes(tf):
    return [answer(tf.strings.bytes_split, "abc"), answer(tf.strings.bytes_split, "")]


@case
def split_in_functions(tf):
    @tf.function
    def longest(text):
        words = tf.strings.split(text, ",")
        return tf.reduce_max(tf.strings.length(words)), tf.strings.reduce_join(words, separator="-")

    return [plain(longest(tf.constant(text))) for text in ("a,bcd,ef", "x", "")]
