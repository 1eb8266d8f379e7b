"""TensorArrays that functions are given, or capture: their elements are arguments, or constants, like other tensors."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def squares(array, n):
    total = 0.0
    for i in tf.range(n):
        total += array.read(i) ** 2
    return total


def rewritten(array, n):
    for i in tf.range(n):
        array = array.write(i, array.read(i) * tf.cast(i + 2, tf.float32))
    return array.stack()


# A function of an array and a number, and what TensorFlow gives for [1, 2, 3] and 2, with the gradient. Of those that read or write
# at places known later TensorFlow traces none; they are what it gives eagerly.
PROGRAMS = {
    "stack": (lambda array, n: array.stack() ** 2, [1.0, 4.0, 9.0], [2.0, 4.0, 6.0]),
    "read": (lambda array, n: array.read(0) * array.read(2), 3.0, [3.0, 0.0, 1.0]),
    "read_later": (lambda array, n: array.read(n) ** 2, 9.0, [0.0, 0.0, 6.0]),
    "size": (lambda array, n: tf.cast(array.size(), tf.float32) * array.read(1), 6.0, [0.0, 3.0, 0.0]),
    "write": (lambda array, n: array.write(0, 5.0).stack() * 2.0, [10.0, 4.0, 6.0], [0.0, 2.0, 2.0]),
    "write_later": (lambda array, n: array.write(n, 5.0).stack() * 2.0, [2.0, 4.0, 10.0], [2.0, 2.0, 0.0]),
    "gather": (lambda array, n: array.gather([0, 2]) * 3.0, [3.0, 9.0], [3.0, 0.0, 3.0]),
    "choice": (
        lambda array, n: tf.cond(n > 1, lambda: array.read(1) * 2.0, lambda: array.read(0)),
        4.0,
        [0.0, 2.0, 0.0],
    ),
    "squares": (squares, 5.0, [2.0, 4.0, 0.0]),
    "rewritten": (rewritten, [2.0, 6.0, 3.0], [2.0, 3.0, 1.0]),
}

every_program = pytest.mark.parametrize("name", PROGRAMS)


def array_of(x, **options):
    return tf.TensorArray(tf.float32, 3, clear_after_read=False, **options).unstack(x)


def with_gradient(function, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(array_of(x))
    return y, tape.gradient(y, x)


@every_program
def test_an_array_as_an_argument_is_traced_once_for_all_that_it_holds(name, compiled):
    program, value, gradient = PROGRAMS[name]
    function = tf.function(program)
    x = tf.constant([1.0, 2.0, 3.0])
    for _ in range(2):
        y, dx = with_gradient(lambda array: function(array, tf.constant(2)), x)
        np.testing.assert_allclose(y, value)
        np.testing.assert_allclose(dx, gradient)
    for scale in (2.0, -1.0):  # of other elements, as eagerly
        found = with_gradient(lambda array: function(array, tf.constant(2)), x * scale)
        expected = with_gradient(lambda array: program(array, tf.constant(2)), x * scale)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b)
    assert function.experimental_eager_reasons() == ()
    assert function.experimental_get_tracing_count() == 1


@every_program
def test_an_array_that_is_captured_is_what_it_was_when_the_function_was_traced(name, compiled):
    program, value, gradient = PROGRAMS[name]
    functions = []

    def captured(array):
        functions.append(tf.function(lambda n: program(array, n)))
        functions[-1](tf.constant(1))
        return functions[-1](tf.constant(2))

    y, dx = with_gradient(captured, tf.constant([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(y, value)
    np.testing.assert_allclose(dx, gradient)
    assert functions[-1].experimental_eager_reasons() == ()
    assert functions[-1].experimental_get_tracing_count() == 1


def test_arrays_of_other_kinds_are_other_signatures():
    function = tf.function(lambda array: array.stack())
    x = tf.constant([1.0, 2.0, 3.0])
    arrays = [array_of(x), array_of(x * 2.0), array_of(tf.ones([3, 2])), array_of(x, dynamic_size=True)]
    arrays.append(tf.TensorArray(tf.float32, 3, element_shape=[]).write(1, 7.0))
    for array in arrays:
        np.testing.assert_array_equal(function(array), array.stack())
    assert function.experimental_get_tracing_count() == 4
    assert function.experimental_eager_reasons() == ()


def test_an_array_that_is_written_to_between_calls_is_seen_as_it_is():
    function = tf.function(lambda array: array.write(0, 9.0).stack())
    array = array_of([1.0, 2.0, 3.0])
    assert function(array).numpy().tolist() == [9.0, 2.0, 3.0]
    assert array.stack().numpy().tolist() == [1.0, 2.0, 3.0]  # what the function writes is its own
    array = array.write(2, 5.0)
    assert function(array).numpy().tolist() == [9.0, 2.0, 5.0]


def test_arrays_may_stand_in_structures_and_beside_other_arguments():
    @tf.function
    def function(parts, scale, *, more):
        return parts["a"].stack() * scale + more[0].read(1)

    for k in (1.0, 2.0):
        found = function({"a": array_of([k, 2.0, 3.0])}, tf.constant(2.0), more=[array_of([4.0, 5.0 * k, 6.0])])
        np.testing.assert_allclose(found, np.array([k, 2.0, 3.0]) * 2.0 + 5.0 * k)
    assert function.experimental_get_tracing_count() == 1
    assert function.experimental_eager_reasons() == ()
