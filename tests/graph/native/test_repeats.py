"""A loop that left iterations out gives what all of them give."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.repeats import PERIOD

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")


def bits(x):
    x = np.asarray(x)
    return x.tobytes() if not np.isnan(x).any() else np.isnan(x).tobytes()


def states(body, start, steps):
    """What so many iterations make of a state, in the Plan's own arithmetic."""
    for _ in range(steps):
        start = body(*start)
    return start


STEPS = {
    "arrives": lambda x, y: (x - np.float32(0.1) * (np.float32(-2.0) + x + x), y),
    "to and fro": lambda x, y: (y, x),
    "changes sign of zero": lambda x, y: (-x * np.float32(0.5), y),
    "three": lambda x, y: (y, -x - y),
    "grows to infinity": lambda x, y: (x * np.float32(1.5) + np.float32(1.0), y),
    "becomes nan": lambda x, y: (x * np.float32(3.0), y + x - x),
    "never": lambda x, y: (x * np.float32(3.9) * (np.float32(1.0) - x), x),
    "shrinks": lambda x, y: (x * np.float32(0.98), y * np.float32(0.5) + x),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(STEPS)),
    st.sampled_from([0.0, -0.0, 1.0, 0.3, -2.5, 1e-40, 1e30, float("inf")]),
    st.sampled_from([0.0, 1.0, -0.7]),
    st.integers(4 * PERIOD, 12 * PERIOD),
    st.integers(-3, 3),
)
def test_the_state_and_the_counters_are_those_of_all_iterations(name, x, y, steps, by):
    body = STEPS[name]
    a, b, count = tf.Variable(x), tf.Variable(y), tf.Variable(5, dtype=tf.int64)

    @tf.function(autograph=False)
    def program():
        def turn(i, j, p):
            u, v = body(p, b.read_value())
            a.assign(u)
            b.assign(v)
            count.assign_add(by)
            return i, j + 7, a.read_value()

        def step(carry, _):
            return turn(*carry)

        first = tf.constant(0), tf.constant(2**31 - 10), a.read_value()
        return tf.foldl(lambda carry, _: turn(*carry), tf.range(steps), initializer=first)

    _, j, p = program()
    assert program.get_concrete_function()._plan.is_program
    with np.errstate(all="ignore"):
        u, v = states(body, (np.float32(x), np.float32(y)), steps)
        wrapped = np.int32((2**31 - 10 + 7 * steps + 2**31) % 2**32 - 2**31)
    assert bits(a.numpy()) == bits(u)
    assert bits(b.numpy()) == bits(v)
    assert bits(p.numpy()) == bits(u)
    assert count.numpy() == 5 + by * steps
    assert j.numpy() == wrapped


def test_the_optimizer_s_steps_are_counted():
    x, optimizer = tf.Variable(3.0), tf.keras.optimizers.SGD(0.01)

    @tf.function
    def train():
        for _ in tf.range(100_000):
            with tf.GradientTape() as tape:
                y = x * x - 2.0 * x
            optimizer.apply_gradients([(tape.gradient(y, x), x)])

    train()
    assert optimizer.iterations.numpy() == 100_000
    value = np.float32(3.0)
    for _ in range(3_000):
        value = value - np.float32(0.01) * (np.float32(-2.0) + (value + value))
    assert abs(x.numpy() - value) <= np.spacing(value)


def test_a_counter_that_is_read_is_part_of_the_state():
    @tf.function(autograph=False)
    def program():
        def turn(carry, _):
            i, x = carry
            return i + 1, tf.where(i == 4000, 2.0, x)

        return tf.foldl(turn, tf.range(5000), initializer=(tf.constant(0), tf.constant(1.0)))

    i, x = program()
    assert (i.numpy(), x.numpy()) == (5000, 2.0)
