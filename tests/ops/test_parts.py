"""Sums of rows, and cotangents made of parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.ops.parts import add_rows


@given(
    st.integers(1, 6), st.lists(st.integers(0, 5), max_size=40), st.integers(1, 3), st.sampled_from("fdiFe"), st.randoms()
)
def test_add_rows_is_numpys_add_at(count, rows, width, dtype, random):
    rows = np.array([r % count for r in rows], np.intp)
    values = np.random.default_rng(len(rows)).integers(-4, 5, (len(rows), width)).astype(dtype)
    expected = np.zeros((count, width), dtype)
    np.add.at(expected, rows, values)
    found = add_rows(count, rows, values)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["f", "d", "F", "i", "e"])
@pytest.mark.parametrize(("count", "n", "width"), [(7, 5000, 1), (50, 3000, 3), (10_000, 600, 9), (1, 2000, 4)])
def test_many_rows_are_added_as_few_are(dtype, count, n, width):
    generator = np.random.default_rng(n)
    rows = generator.integers(0, count, n)
    values = generator.integers(-1, 2, (n, width)).astype(dtype)
    expected = np.zeros((count, width), dtype)
    np.add.at(expected, rows, values)
    found = add_rows(count, rows, values)
    assert found.dtype == expected.dtype and found.shape == expected.shape and type(found) is np.ndarray
    np.testing.assert_array_equal(found, expected)


def test_half_precision_is_accumulated_in_single():
    values = np.full((4096, 1), 0.1, np.float16)
    assert add_rows(1, np.zeros(4096, np.intp), values)[0, 0] == np.float16(409.6 * float(values[0, 0]) / 0.1)


def test_bfloat16_rows_are_added():
    x = tf.cast([[1.0], [2.0]], tf.bfloat16)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.gather(x, [0] * 10, axis=0) * x[1]
    gradient = tf.convert_to_tensor(tape.gradient(y, x))
    assert gradient.dtype == tf.bfloat16
    np.testing.assert_array_equal(tf.cast(gradient, tf.float32), [[20.0], [10.0]])


def test_rows_slices_and_wholes_of_one_tensor_add_up():
    v = tf.Variable(np.arange(6.0).reshape(3, 2))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(v, [0, 0])) + tf.reduce_sum(v) + v[2, 1] + tf.reduce_sum(tf.gather(v, [2])) + v[2, 1]
    np.testing.assert_array_equal(tape.gradient(y, v), [[3.0, 3.0], [1.0, 1.0], [2.0, 4.0]])
