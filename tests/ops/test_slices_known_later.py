"""Slices, shifts and bands at places that are known only when a function runs."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.function import Function

X = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)


@pytest.fixture(autouse=True)
def traced(monkeypatch):
    """Functions must not fall back to running eagerly."""

    def refuse(self, *args, **kwargs):
        raise AssertionError(f"{self.name} is run eagerly: {self.experimental_eager_reasons()}")

    monkeypatch.setattr(Function, "_run_eagerly", refuse)


CASES = [
    (lambda x, i: x[i], [0, 1, -1]),
    (lambda x, i: x[:, i], [0, 2, -3]),
    (lambda x, i: x[..., i], [0, 3, -1]),
    (lambda x, i: x[i, i + 1, 2], [0, 1]),
    (lambda x, i: x[i, :, tf.newaxis, ::2], [0, 1]),
    (lambda x, i: x[-1, i, 1:3], [0, 1]),
    (lambda x, i: x[0][i][i], [0, 2]),
    (lambda x, i: tf.slice(x, [0, i, 1], [2, 1, 3]), [0, 1, 2]),
    (lambda x, i: tf.slice(x, tf.stack([0, i, i]), [1, 2, 2]), [0, 1]),
    (lambda x, i: tf.roll(x, i, 2), [0, 1, -5, 9]),
    (lambda x, i: tf.roll(x, [i, 1], [0, 2]), [0, 3]),
    (lambda x, i: tf.linalg.band_part(x, i, 1), [-1, 0, 2]),
    (lambda x, i: tf.linalg.band_part(x, 0, i), [-1, 0, 2]),
    (lambda x, i: tf.reverse_sequence(x, tf.stack([i, 2]), 1, 0), [0, 1, 3]),
    (lambda x, i: tf.gather(x, i, axis=1), [0, 2]),
    (lambda x, i: tf.gather_nd(x, [[i, i]]), [0, 1]),
]


@pytest.mark.parametrize(("call", "places"), CASES)
def test_values_and_gradients_are_those_of_eager_execution(call, places):
    function = tf.function(call)
    weights = None

    @tf.function
    def slope(x, i):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(tf.sin(call(x, i)) * weights)
            first = tf.convert_to_tensor(tape.gradient(y, x))
            z = tf.reduce_sum(first * first)
        return first, tf.convert_to_tensor(outer.gradient(z, x))

    for place in places:
        x, i = tf.constant(X), tf.constant(place)
        expected = call(x, i)
        np.testing.assert_array_equal(function(x, i), expected)
        weights = np.cos(np.arange(expected.numpy().size, dtype=np.float32)).reshape(expected.shape)
        for found, eager in zip(slope(x, i), slope.python_function(x, i), strict=True):
            np.testing.assert_allclose(found, eager, rtol=1e-6, atol=1e-6)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x, i)
        with tf.GradientTape() as eager:
            eager.watch(x)
            z = call(x, i)
        np.testing.assert_array_equal(*[tf.convert_to_tensor(t.gradient(v, x)) for t, v in ((tape, y), (eager, z))])


def test_strings_and_integers_can_be_looked_up():
    @tf.function
    def f(words, numbers, i):
        return words[i], numbers[i], numbers[i, tf.newaxis]

    word, number, row = f(tf.constant(["a", "b", "c"]), tf.constant([1, 2, 3]), tf.constant(2))
    assert word == b"c" and number == 3 and row.numpy().tolist() == [3]


@pytest.mark.parametrize(
    ("call", "place", "text"),
    [
        (lambda x, i: x[i], 2, "StridedSlice"),
        (lambda x, i: x[:, i], -4, "StridedSlice"),
        (lambda x, i: tf.slice(x, [0, i, 0], [1, 2, 1]), 2, "begin"),
        (lambda x, i: tf.reverse_sequence(x, tf.stack([i, 2]), 1, 0), 9, "seq_lengths"),
        (lambda x, i: tf.math.invert_permutation(tf.stack([i, 0])), 0, "duplicated"),
        (lambda x, i: tf.unravel_index(i, [2, 3]), 6, "out of bound"),
    ],
)
def test_a_place_out_of_range_is_an_error_when_the_function_runs(call, place, text):
    function = tf.function(call)
    assert function(tf.constant(X), tf.constant(1)) is not None
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        function(tf.constant(X), tf.constant(place))


def test_slices_of_variables_are_assigned_at_such_places():
    v = tf.Variable(np.zeros((3, 4), np.float32))

    @tf.function
    def f(i, x):
        v[i].assign(x)
        v[i, 0].assign(9.0)
        v[:, i].assign(v[:, i] + 1.0)
        return v[i, i]

    expected = np.zeros((3, 4), np.float32)
    for i in (0, 2):
        expected[i], expected[i, 0] = [1.0, 2.0, 3.0, 4.0], 9.0
        expected[:, i] += 1.0
        assert f(tf.constant(i), tf.constant([1.0, 2.0, 3.0, 4.0])) == expected[i, i]
        np.testing.assert_array_equal(v, expected)
    with pytest.raises(tf.errors.InvalidArgumentError):
        f(tf.constant(3), tf.constant([1.0, 2.0, 3.0, 4.0]))


def test_a_loop_over_places():
    @tf.function
    def f(x):
        total = tf.constant(0.0)
        for i in tf.range(3):
            total += x[i] * tf.cast(i, tf.float32)
        return total

    x = tf.constant([1.0, 10.0, 100.0])
    assert f(x) == 210.0
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert tape.gradient(y, x).numpy().tolist() == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("take", [lambda x, i: x[i], lambda x, i: x[1, i], lambda x, i: x[::2, i], lambda x, i: x[-1 - i]])
def test_gradients_agree_with_central_differences(take):
    @tf.function(autograph=False)  # no source tells apart the lambdas of one line
    def slope(x, i):
        with tf.GradientTape() as tape:
            tape.watch(x)
            total = tf.reduce_sum(take(x, i) ** 3.0)
        return tf.convert_to_tensor(tape.gradient(total, x))

    value, direction = (np.random.default_rng(seed).normal(size=(4, 3)) for seed in range(2))
    for place in (0, 2):
        sums = [np.sum(take(value + step * direction, place) ** 3.0) for step in (1e-5, -1e-5)]
        found = np.sum(slope(tf.constant(value), tf.constant(place)) * direction)
        np.testing.assert_allclose(found, (sums[0] - sums[1]) / 2e-5, rtol=1e-6)
    assert slope.experimental_eager_reasons() == ()
