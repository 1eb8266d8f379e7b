"""Checks and questions of the moment inside functions: made when the function runs, each time, in the program's order."""

from __future__ import annotations

import time

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.function import Function

debug = tf.debugging


@pytest.fixture(autouse=True)
def traced(monkeypatch):
    """Functions must not fall back to running eagerly."""

    def refuse(self, *args, **kwargs):
        raise AssertionError(f"{self.name} is run eagerly: {self.experimental_eager_reasons()}")

    monkeypatch.setattr(Function, "_run_eagerly", refuse)


CHECKS = {
    "Assert": (lambda x: debug.Assert(x[0] < x[1], ["order", x]), [1.0, 2.0], [2.0, 1.0], "order"),
    "assert_equal": (lambda x: debug.assert_equal(x, [1.0, 2.0], message="hello"), [1.0, 2.0], [1.0, 3.0], "hello"),
    "assert_none_equal": (lambda x: debug.assert_none_equal(x, 2.0), [1.0, 3.0], [1.0, 2.0], "x != y"),
    "assert_less": (lambda x: debug.assert_less(x, 2.0), [0.0, 1.0], [0.0, 2.0], "x < y"),
    "assert_less_equal": (lambda x: debug.assert_less_equal(x, 2.0), [0.0, 2.0], [0.0, 2.5], "x <= y"),
    "assert_greater": (lambda x: debug.assert_greater(x, x[::-1] - 3.0), [0.0, 1.0], [0.0, 5.0], "x > y"),
    "assert_greater_equal": (lambda x: debug.assert_greater_equal(x, 2.0), [2.0, 3.0], [2.0, 1.5], "x >= y"),
    "assert_near": (lambda x: debug.assert_near(x, 1.0, atol=x[0] * 0.1), [1.0, 1.0625], [1.0, 1.25], "within"),
    "assert_positive": (lambda x: debug.assert_positive(x), [1.0, 2.0], [1.0, 0.0], "x > 0"),
    "assert_negative": (lambda x: debug.assert_negative(x), [-1.0, -2.0], [1.0, -1.0], "x < 0"),
    "assert_non_negative": (lambda x: debug.assert_non_negative(x), [0.0, 2.0], [1.0, -1.0], "x >= 0"),
    "assert_non_positive": (lambda x: debug.assert_non_positive(x), [0.0, -2.0], [1.0, -1.0], "x <= 0"),
    "check_numerics": (lambda x: debug.check_numerics(x, "msg"), [0.0, 1.0], [np.inf, np.nan], "msg : .* Inf and NaN"),
    "assert_all_finite": (lambda x: debug.assert_all_finite(x, "msg"), [0.0, 1.0], [1.0, np.nan], "msg : .* NaN"),
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_is_made_when_the_function_runs(name):
    check, good, bad, text = CHECKS[name]
    v = tf.Variable(0.0)

    @tf.function
    def f(x):
        v.assign_add(1.0)
        check(x)
        v.assign_add(10.0)
        return x + 1.0

    assert f(tf.constant(good)).numpy().tolist() == [g + 1.0 for g in good] and v == 11.0
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        f(tf.constant(bad))
    assert v == 12.0  # what stood before the check was done, and nothing behind it
    assert f(tf.constant(good)).shape == [2] and v == 23.0
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        check(tf.constant(bad))


def test_what_is_wrong_with_shapes_and_dtypes_is_known_before():
    with pytest.raises(ValueError, match="Incompatible shapes"):
        tf.function(lambda x: debug.assert_equal(x, [1.0, 2.0, 3.0]))(tf.ones([2]))
    with pytest.raises(TypeError, match="int32"):
        tf.function(lambda x: debug.assert_equal(x, tf.constant([1, 2])))(tf.ones([2]))
    with pytest.raises(TypeError, match="floating"):
        tf.function(lambda x: debug.check_numerics(x, "m"))(tf.constant(1))


def test_checks_in_loops_are_made_in_every_iteration():
    @tf.function
    def f(x):
        for i in tf.range(5):
            debug.assert_less(i, x)
        return x

    assert f(tf.constant(5)) == 5
    with pytest.raises(tf.errors.InvalidArgumentError, match="x < y"):
        f(tf.constant(3))


def test_gradients_go_through_checked_numbers():
    @tf.function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = debug.check_numerics(x * x, "y")
        return tape.gradient(y, x)

    assert f(tf.constant(3.0)) == 6.0
    x = tf.constant(3.0)
    function = tf.function(lambda x: debug.check_numerics(x * x, "y"))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    assert tape.gradient(y, x) == 6.0


def test_the_time_is_asked_at_every_call():
    @tf.function
    def f():
        return tf.timestamp()

    first = f()
    time.sleep(0.01)
    assert f() > first


def test_a_known_shape_that_does_not_fit_is_a_value_error():
    assert tf.function(lambda x: tf.ensure_shape(x, [None]))(tf.ones([2])).shape == [2]
    with pytest.raises(ValueError, match="not compatible"):
        tf.function(lambda x: tf.ensure_shape(x, [3]))(tf.ones([2]))
