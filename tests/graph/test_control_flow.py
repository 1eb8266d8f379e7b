"""Python's control flow on tensors: the same values as running it eagerly, and in the graph where it can be."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def early_return(x):
    if x > 2.0:
        return x * 10.0
    if x > 1.0:
        return x * 5.0
    return -x


def both(x):
    if (x > 0.0 and x < 2.0) or not x > -1.0:
        y = x + 1.0
    else:
        y = x - 1.0
    return y


def ternary(x):
    return x * 2.0 if x > 0.0 else x * 3.0


def nested_loops(x):
    total = tf.constant(0.0)
    for i in tf.range(4):
        j = tf.constant(0)
        while j < i:
            total = total + x
            j += 1
    return total


def with_break(x):
    n = tf.constant(0)
    while True:
        if tf.cast(n, tf.float32) > x:
            break
        n += 1
    return n


def with_continue(x):
    total = x * 0.0
    for i in tf.range(5):
        if i % 2 == 0:
            continue
        total = total + tf.cast(i, tf.float32)
    return total


def defined_in_the_loop(x):
    for i in tf.range(3):
        y = x * tf.cast(i, tf.float32)
    return y


def helper(x):
    if x > 0.0:
        return x
    return x * x


def calls_another(x):
    return helper(x) + helper(-x)


def python_loop(x):
    for factor in [1.0, 2.0]:
        if factor > 1.5:
            x = x * factor
    return x


def changes_its_type(x):
    n = 0
    for value in [x, x]:
        n = n + value
    while n < 3.0:
        n = n + 1.0
    return n


def array_of_tensors(x):
    array = tf.TensorArray(tf.float32, size=3)
    for i in tf.range(3):
        array = array.write(i, x * tf.cast(i, tf.float32))
    return array.stack()


def list_of_tensors(x):
    found = []
    for i in tf.range(3):
        found.append(x * tf.cast(i, tf.float32))
    return tf.stack(found)


def asserts(x):
    assert x > -100.0, "too small"
    return x + 1.0


FUNCTIONS = [
    *(early_return, both, ternary, nested_loops, with_break, with_continue, defined_in_the_loop, calls_another),
    *(python_loop, changes_its_type, array_of_tensors, list_of_tensors, asserts),
]


@pytest.mark.parametrize("python", FUNCTIONS, ids=lambda f: f.__name__)
def test_control_flow_gives_what_python_gives(python):
    function = tf.function(python)
    for value in (-2.0, -0.5, 0.5, 1.5, 3.0):
        x = tf.constant(value)
        found, expected = function(x), python(x)
        assert found.dtype == expected.dtype and np.array_equal(found.numpy(), expected.numpy())


@pytest.mark.parametrize("python", FUNCTIONS, ids=lambda f: f.__name__)
def test_control_flow_has_the_gradients_that_python_gives(python):
    function = tf.function(python)
    for value in (-0.5, 1.5, 3.0):
        gradients = []
        for each in (function, python):
            x = tf.constant(value)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = each(x)
            gradients.append(tape.gradient(y, x))
        found, expected = gradients
        assert (found is None) == (expected is None)
        assert found is None or found.numpy() == expected.numpy()


@pytest.mark.parametrize(
    "python",
    [early_return, both, ternary, nested_loops, with_break, with_continue, defined_in_the_loop, calls_another, python_loop],
    ids=lambda f: f.__name__,
)
def test_control_flow_is_in_the_graph(python):
    function = tf.function(python)
    function(tf.constant(0.5))
    assert function.experimental_eager_reasons() == ()


def test_functions_of_control_flow():
    @tf.function
    def choose(x):
        return tf.cond(x > 0.0, lambda: {"y": x * 2.0}, lambda: {"y": x * 3.0})

    @tf.function
    def count(n):
        return tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), (tf.constant(0), tf.constant(0)))

    assert [choose(tf.constant(v))["y"].numpy() for v in (1.0, -1.0)] == [2.0, -3.0]
    assert [count(tf.constant(n))[1].numpy() for n in (5, 0)] == [10, 0]
    assert choose.experimental_eager_reasons() == count.experimental_eager_reasons() == ()


def test_effects_in_branches_and_loops_happen_where_python_would():
    v = tf.Variable(0.0)

    def update(x):
        if x > 0.0:
            v.assign_add(x)
        else:
            v.assign(x)
        for i in tf.range(3):
            v.assign(v * 2.0 + tf.cast(i, tf.float32))
        return v + 0.0

    function = tf.function(update)
    results = []
    for each in (update, function):
        v.assign(1.0)
        results.append([each(tf.constant(value)).numpy() for value in (1.0, -1.0, 0.5)])
    assert results[0] == results[1]
    assert function.experimental_eager_reasons() == ()
