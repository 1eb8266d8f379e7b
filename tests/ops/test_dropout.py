"""Dropout: what is kept, what it is scaled by, its gradient, and how it is refused. (Its choices: tests/ops/test_random.py.)"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf

INVALID = tf.errors.InvalidArgumentError


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 5), max_size=3),
    st.floats(0.01, 0.99),
    st.integers(0, 2**31),
    st.sampled_from(["float32", "float64"]),
)
def test_elements_are_dropped_or_scaled_and_so_is_the_gradient(shape, rate, seed, dtype):
    x = tf.Variable(tf.random.stateless_uniform(shape, [seed, 1], 1.0, 2.0, dtype))
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as tape:
            y = tf.nn.dropout(x, rate, seed=seed)
        g = tape.gradient(y, x)
    kept = y.numpy() != 0
    np.testing.assert_allclose(y, np.where(kept, x.numpy() / (1 - rate), 0), rtol=1e-5)
    np.testing.assert_allclose(g, np.where(kept, 1 / (1 - rate), 0), rtol=1e-5)
    assert outer.gradient(g, x) is None or not np.any(outer.gradient(g, x))


def test_as_many_are_dropped_as_the_rate_says():
    y = tf.nn.dropout(tf.ones([100, 100]), 0.3, seed=1).numpy()
    assert 0.67 < (y != 0).mean() < 0.73


def test_dropped_infinities_are_zero():
    y = tf.nn.dropout(tf.fill([50], np.float32(np.inf)), 0.5, seed=1).numpy()
    assert set(y) == {0.0, np.float32(np.inf)}


def test_along_axes_of_size_one_elements_go_together():
    y = tf.nn.dropout(tf.ones([50, 3]), 0.5, noise_shape=[50, 1], seed=1).numpy()
    assert {tuple(row) for row in y} == {(0, 0, 0), (2, 2, 2)}


def test_the_tape_keeps_a_mask_and_no_numbers():
    import tracemalloc

    x = tf.ones([1000, 1000])
    tracemalloc.start()
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.nn.dropout(x, 0.5)
    size = y.numpy().nbytes
    del y
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 0.3 * size


def test_a_rate_of_zero_gives_the_input_itself():
    x = tf.ones([3])
    assert tf.nn.dropout(x, 0.0) is x and tf.nn.dropout(x, 0) is x


def test_the_rate_may_be_a_tensor():
    y = tf.nn.dropout(tf.ones([1000]), tf.constant(0.25), seed=3)
    assert set(y.numpy()) == {0.0, np.float32(4 / 3)} and 0.68 < np.mean(y.numpy() != 0) < 0.82
    assert not np.any(tf.nn.dropout(tf.ones([3]), tf.constant(1.5)))


X = [1.0, 2.0]
REFUSED = [
    (lambda: tf.nn.dropout(X, 1.0), ValueError, r"range \[0, 1\). Received: rate=1.0"),
    (lambda: tf.nn.dropout(X, -0.1), ValueError, "rate=-0.1"),
    (lambda: tf.nn.dropout(X, True), ValueError, "rate=True"),
    (lambda: tf.nn.dropout([1, 2], 0.5), ValueError, "floating"),
    (lambda: tf.nn.dropout([1j], 0.5), ValueError, "floating"),
    (lambda: tf.nn.dropout(tf.constant([1, 2]), 0), ValueError, "floating"),
    (lambda: tf.nn.dropout(X, "a"), ValueError, "rate=a"),
    (lambda: tf.nn.dropout(X, tf.constant([0.5])), ValueError, "scalar"),
    (lambda: tf.nn.dropout(X, tf.constant(0.5, tf.float64)), ValueError, "rate.dtype"),
    (lambda: tf.nn.dropout(X, 0.5, noise_shape=[3]), INVALID, "broadcastable"),
    (lambda: tf.nn.experimental.stateless_dropout(X, 0.5, [1]), INVALID, "seed must have shape"),
    (lambda: tf.nn.experimental.stateless_dropout(X, 0.5, [1, 2], "threefry"), tf.errors.UnimplementedError, "ThreeFry"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
