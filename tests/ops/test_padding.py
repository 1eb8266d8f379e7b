"""Borders of one value, and mirrored ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("padding")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4), st.integers(0, 4)), max_size=3), st.sampled_from("CRS"))
def test_padding_is_numpys_or_an_error_where_the_mirror_is_too_wide(axes, letter):
    mode = {"C": "CONSTANT", "R": "REFLECT", "S": "SYMMETRIC"}[letter]
    x = np.arange(np.prod([n for n, _, _ in axes], dtype=int)).reshape([n for n, _, _ in axes])
    widths = np.array([(before, after) for _, before, after in axes], np.int32).reshape(-1, 2)
    widest = [n - (letter == "R") for n, _, _ in axes]
    if letter != "C" and any(max(pair) > most for pair, most in zip(widths.tolist(), widest, strict=True)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="paddings must be"):
            tf.pad(x, widths, mode)
        return
    expected = np.pad(x, widths, mode.lower()) if len(axes) else x
    np.testing.assert_array_equal(tf.pad(x, widths, mode), expected)
    np.testing.assert_array_equal(tf.pad(x, [tuple(w) for w in widths.tolist()] or widths, mode), expected)


def test_the_border_is_a_constant_to_tapes():
    x, border = tf.constant([1.0, 2.0]), tf.constant(5.0)
    with tf.GradientTape() as tape:
        tape.watch([x, border])
        y = tf.pad(x, [[1, 1]], constant_values=border)
    first, second = tape.gradient(y, [x, border])
    np.testing.assert_array_equal(first, [1.0, 1.0])
    assert second is None
