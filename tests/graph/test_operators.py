"""What converted code does beyond TensorFlow's: the recorded cases hold the rest."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def traced(function):
    assert function.experimental_eager_reasons() == ()


def test_a_return_may_stand_anywhere():
    @tf.function
    def f(x):
        if x > 0:
            if x > 5.0:
                return x * 10.0
            x = x + 1.0
        while x < 100.0:
            x = x * x + 1.0
            if x > 50.0:
                return -x
        return x

    for value in (7.0, 2.0, -3.0, -20.0, 200.0):
        assert f(tf.constant(value)).numpy() == f.python_function(np.float32(value))
    traced(f)


def test_a_loop_that_begins_in_python_may_go_on_over_tensors():
    @tf.function
    def f(x):
        i = 0
        while i < 100:
            i = i + 1 if i < 3 else i + x
        return i

    assert f(tf.constant(40)).numpy() == 123
    traced(f)


def test_ranges_of_unknown_length_count():
    @tf.function
    def f(n):
        total, i = 0, -1
        for i in tf.range(n):
            if i % 2 == 0:
                continue
            total += i
        for i in range(n, 0, -1):
            total += 100 + 0 * i
        return total, i

    assert [x.numpy() for x in f(tf.constant(6))] == [609, 1]
    assert [x.numpy() for x in f(tf.constant(0))] == [0, -1]
    traced(f)


def test_enumerate_and_zip_of_tensors_are_one_loop():
    @tf.function
    def f(x, y):
        total = 0.0
        for i, row in enumerate(x, 10):
            total += tf.cast(i, tf.float32) * row
        for a, b in zip(x, y, strict=False):
            total += a * b
        return total

    assert f(tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0, 5.0])).numpy() == 10 + 22 + 3 + 8
    traced(f)
    assert [i for i, _ in enumerate(tf.constant([1.0]))] == [0]


def test_an_iterator_gives_no_element_too_many_to_a_loop_that_breaks():
    left = iter(range(5))

    @tf.function
    def f(x):
        for i in left:
            x = x + 1.0
            if i == 1:
                break
        return x

    assert f(tf.constant(0.0)).numpy() == 2.0
    assert next(left) == 2


def test_after_an_error_the_function_is_still_callable():
    @tf.function
    def f(x, kind):
        if x > 0:
            y = x if kind == "good" else 1
        else:
            y = -x
        return y

    with pytest.raises(TypeError, match="'y' has dtype int32 in the main branch"):
        f(tf.constant(1.0), "bad")
    assert f(tf.constant(-1.0), "good").numpy() == 1.0
    with pytest.raises(TypeError):
        f(tf.constant(1.0), "bad")
    traced(f)


def test_an_error_that_only_one_branch_raises_is_raised_where_the_branch_runs():
    @tf.function
    def f(x):
        if x < 0:
            raise ValueError("negative")
        return x

    assert f(tf.constant(1.0)).numpy() == 1.0
    with pytest.raises(ValueError, match="negative"):
        f(tf.constant(-1.0))


def test_an_assertion_holds_when_the_function_runs():
    @tf.function
    def f(x):
        assert x > 0, "must be positive"
        return x

    assert f(tf.constant(1.0)).numpy() == 1.0
    with pytest.raises((AssertionError, tf.errors.InvalidArgumentError), match="must be positive"):
        f(tf.constant(-1.0))


def test_the_users_error_is_raised_once():
    calls = []

    @tf.function
    def f(x):
        calls.append(1)
        if x > 0:
            x = x + 1.0
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        f(tf.constant(1.0))
    assert calls == [1]


def test_a_variable_that_nobody_returns_keeps_its_python_value():
    @tf.function
    def f(x):
        found = []
        if x > 0:
            y = x
        else:
            y = -x
        found.append(y)
        return found

    assert f(tf.constant(-2.0))[0].numpy() == 2.0
    traced(f)


def test_converted_code_can_ask_whether_a_tensor_has_a_value_yet():
    @tf.function
    def kind(x):
        if hasattr(x, "numpy") or getattr(x, "numpy", None):
            return tf.constant("eager")
        return tf.constant("symbolic")

    assert kind(tf.constant(1.0)).numpy() == b"symbolic"
    assert kind.experimental_eager_reasons() == ()
