"""Elements repeated, turned around and shifted."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("rearranging")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


sizes = st.lists(st.integers(0, 3), min_size=1, max_size=3)


def numbers(shape):
    return np.arange(np.prod(shape, dtype=int)).reshape(shape)


@given(sizes.flatmap(lambda s: st.tuples(st.just(s), st.lists(st.integers(0, 3), min_size=len(s), max_size=len(s)))))
def test_tile_is_numpys(case):
    shape, multiples = case
    np.testing.assert_array_equal(tf.tile(numbers(shape), multiples), np.tile(numbers(shape), multiples))


@given(sizes, st.integers(-3, 2), st.data())
def test_repeat_is_numpys_and_its_gradient_counts(shape, axis, data):
    axis = axis % len(shape) - (len(shape) if axis < 0 else 0)
    n = shape[axis]
    repeats = data.draw(
        st.integers(0, 3) | st.lists(st.integers(0, 3), min_size=n, max_size=n).filter(lambda r: len(r) != 1)
    )
    counts = np.array(repeats, np.int64)
    x = tf.constant(numbers(shape), tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.repeat(x, counts, axis=axis)
    np.testing.assert_array_equal(y, np.repeat(x.numpy(), counts, axis))
    along = np.moveaxis(np.ones(shape), axis, -1) * counts
    np.testing.assert_array_equal(tape.gradient(y, x), np.moveaxis(along, -1, axis))


@given(sizes, st.data())
def test_reverse_twice_is_nothing_and_once_is_numpys(shape, data):
    axes = data.draw(st.lists(st.integers(0, len(shape) - 1), unique=True))
    y = tf.reverse(numbers(shape), np.array(axes, np.int32))
    np.testing.assert_array_equal(y, np.flip(numbers(shape), axes))
    np.testing.assert_array_equal(tf.reverse(y, np.array(axes, np.int32)), numbers(shape))


@given(sizes, st.lists(st.tuples(st.integers(-5, 5), st.integers(-3, 2)), min_size=1, max_size=3))
def test_roll_is_numpys(shape, moves):
    shifts, axes = [s for s, _ in moves], [a % len(shape) for _, a in moves]
    np.testing.assert_array_equal(tf.roll(numbers(shape), shifts, axes), np.roll(numbers(shape), shifts, axes))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=3), st.booleans())
def test_reverse_sequence_reverses_the_beginning_of_each(lengths, batch_last):
    x = numbers((len(lengths), 4))
    expected = np.stack([np.concatenate([row[:n][::-1], row[n:]]) for row, n in zip(x, lengths, strict=True)])
    if batch_last:
        found = tf.reverse_sequence(x.T, lengths, seq_axis=0, batch_axis=1).numpy().T
    else:
        found = tf.reverse_sequence(x, lengths, seq_axis=1)
    np.testing.assert_array_equal(found, expected)
