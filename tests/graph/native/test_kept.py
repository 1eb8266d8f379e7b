"""Derivatives of loops as machine code: what the iterations keep is in memory that the program takes and gives back."""

import tracemalloc

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.native.machine import machine
from tapeflow.graph.stacks import KeptRows

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")


def steps(x, n):
    y, i = x, 0
    while i < n:
        y = y - 0.01 * y * y * x
        i += 1
    return y


def tape_within(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = steps(x, n)
    return tape.gradient(y, x)


def nested(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in tf.range(5):
            y = y * 1.01
            for j in tf.range(n):
                y = y - 0.01 * y * tf.cast(j, tf.float32) * x
    return tape.gradient(y, x)


def of_matrices(x, n):
    state, w = tf.stack([[x, 1.0], [2.0, x]]), tf.constant([[0.5, -0.25], [0.125, 0.5]])
    with tf.GradientTape() as tape:
        tape.watch(state)
        y, i = state, 0
        while i < n:
            y = tf.nn.relu(y @ w) + state * y
            i += 1
        loss = tf.reduce_sum(y)
    return tape.gradient(loss, state)


def of_choices(x, n):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, i = x, 0
        while i < n:
            y = y * x if y < 1.5 else y * 0.5
            i += 1
    return tape.gradient(y, x)


def twice(x, n):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = steps(x, n)
        slope = tape.gradient(y, x)
    return outer.gradient(slope, x)


def plainly(function, monkeypatch):
    """The same function traced where there is no machine code."""

    def call(*args):
        with monkeypatch.context() as patch:
            patch.setenv("TAPEFLOW_NATIVE", "off")
            return plain(*args)

    plain = tf.function(function)
    return call


@pytest.mark.parametrize("function", [tape_within, nested, of_matrices, of_choices], ids=lambda f: f.__name__)
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 1000])
def test_a_tape_within_a_function_is_one_program(function, count, monkeypatch):
    compiled, plain = tf.function(function), plainly(function, monkeypatch)
    x, n = tf.constant(1.25), tf.constant(count)
    np.testing.assert_array_equal(compiled(x, n).numpy(), plain(x, n).numpy())
    plan = compiled.get_concrete_function(x, n)._plan
    assert plan.is_program, plan.why_no_program
    assert plan._native(x._value, n._value) is not None


@pytest.mark.parametrize("count", [0, 1, 64, 300])
def test_a_tape_outside_gets_what_was_kept_as_an_array(count, monkeypatch):
    x, n = tf.constant(1.25), tf.constant(count)

    def slope(call):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = call(x, n)
        return tape.gradient(y, x).numpy()

    compiled = tf.function(steps)
    with tf.GradientTape() as tape:
        tape.watch(x)
        compiled(x, n)
        residuals = [each._value for each in tape._notes[-1][3].residuals]
    assert KeptRows in map(type, residuals)
    with monkeypatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        wanted = slope(tf.function(steps))
    np.testing.assert_array_equal(slope(compiled), wanted)


def test_forward_in_machine_code_and_backward_in_the_plan(monkeypatch):
    """And the other way round: a stack is a list to one of them and an array to the other."""
    x, n = tf.constant(1.25), tf.constant(100)
    found = []
    for forward, backward in (("", "off"), ("off", ""), ("", "")):
        function = tf.function(steps)
        monkeypatch.setenv("TAPEFLOW_NATIVE", forward)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x, n)
        monkeypatch.setenv("TAPEFLOW_NATIVE", backward)
        found.append(tape.gradient(y, x).numpy())
    assert found[0] == found[1] == found[2]


def test_second_derivatives(monkeypatch):
    x, n = tf.constant(1.25), tf.constant(50)
    compiled = tf.function(twice)
    np.testing.assert_array_equal(compiled(x, n).numpy(), plainly(twice, monkeypatch)(x, n).numpy())
    wanted = (tape_within(x + 1e-3, n) - tape_within(x - 1e-3, n)) / 2e-3
    np.testing.assert_allclose(compiled(x, n).numpy(), wanted.numpy(), rtol=2e-2)


def test_persistent_tapes_and_higher_orders_outside():
    x, n = tf.constant(1.25), tf.constant(40)
    compiled = tf.function(steps)

    def orders(call):
        with tf.GradientTape(persistent=True) as outer:
            outer.watch(x)
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(x)
                y = call(x, n)
            slope = tape.gradient(y, x)
        return [z.numpy() for z in (slope, tape.gradient(y, x), outer.gradient(slope, x), outer.gradient(y, x))]

    np.testing.assert_allclose(orders(compiled), orders(steps), rtol=1e-5)


def test_a_division_by_zero_in_the_midst_is_the_plan_s_error():
    @tf.function
    def program(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y, i = x, 100
            while i >= n:
                y = y * x + tf.cast(12 // i, tf.float32)
                i -= 1
        return tape.gradient(y, x)

    assert np.isfinite(program(tf.constant(0.5), tf.constant(1)).numpy())
    for _ in range(3):
        with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero"):
            program(tf.constant(0.5), tf.constant(0))


def test_memory_is_given_back():
    compiled = tf.function(tape_within)
    x, n = tf.constant(1.25), tf.constant(20_000)
    compiled(x, n)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.function(steps)(x, n)
    tape.gradient(y, x)
    tracemalloc.start()  # it sees Python's raw allocator, which the programs use
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            compiled(x, n)
        assert tracemalloc.get_traced_memory()[0] - before < 50_000
        assert tracemalloc.get_traced_memory()[1] - before > 2 * 4 * 20_000
    finally:
        tracemalloc.stop()


def test_rows_of_bools_are_kept_and_run_over(monkeypatch):
    flags = tf.constant([True, False, True] * 40)

    def program(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for flag in flags:
                y = tf.where(flag, y * x, y + x)
                y = tf.where(y > 100.0, y * 0.01, y)
        return tape.gradient(y, x)

    compiled = tf.function(program)
    x = tf.constant(1.5)
    np.testing.assert_array_equal(compiled(x).numpy(), plainly(program, monkeypatch)(x).numpy())
    assert compiled.get_concrete_function(x)._plan.is_program
