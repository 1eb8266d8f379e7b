"""Statements that TensorFlow's AutoGraph refuses where they meet tensors: here they are in the graph, and do what Python does."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf


def broken_list(x):
    total = 0.0
    for a in [1.0, 2.0, 3.0]:
        if x > a:
            total += a
        else:
            break
    return total


def continued_list(x):
    total = 0.0
    for a in (1.0, 2.0, 3.0):
        if x > a:
            continue
        total += a
    return total


def returned_from_enumerate(x):
    for i, a in enumerate([1.0, 2.0, 3.0]):
        if x < a:
            return i, x * a
    return -1, x


def broken_zip_in_zip(x):
    total = 0.0
    for a, b in zip([1.0, 2.0, 3.0], [4.0, 5.0, 6.0], strict=True):
        for c in range(3):
            if x < a + c:
                break
            total += b
        if total > 20.0:
            break
    return total


def broken_dict(x):
    last = ""
    total = x
    for key, a in {"a": 1.0, "b": 2.0}.items():
        last = key
        if x < a:
            break
        total = total * a
    return total, last == "b"


def broken_over_tensors(x):
    total = 0.0
    for each in (x, x - 1.0, x * 2.0):
        if each < 1.0:
            break
        total += each
    return total


def for_else(x):
    for a in [1.0, 2.0]:
        x = x + a
        if x > 4.0:
            break
    else:
        x = x * 10.0
    return x


def for_else_without_break(x):
    total = 0
    for i in tf.range(abs(tf.cast(x, tf.int32))):
        total += i
    else:
        total = total * 10
    return total


def for_else_in_for_else(x):
    found = -1
    for i in tf.range(4):
        for j in tf.range(4):
            if tf.cast(i * j, tf.float32) > x:
                break
        else:
            continue
        found = i
        break
    else:
        found = 100
    return found


def while_else(x):
    while x > 0.0:
        x -= 2.0
        if x == 1.0:
            break
    else:
        x = x * 10.0 - 1.0
    return x


def walrus_in_if(x):
    if (y := x * 2.0) > 2.0:
        return y
    elif (z := y + 1.0) > 2.5:
        return z - y
    return y - 1.0


def walrus_in_while(x):
    count = 0
    while (y := x * 2.0) > 1.0:
        x = x - 1.0
        if y > 5.0:
            continue
        count += 1
    return count, y


def walrus_in_order(x):
    z = x + (y := x + 1.0) * y
    if z > 4.0:
        z = z - y
    return z


def nothing_returned_early(x):
    for _ in tf.range(3):
        if x > 1.0:
            return
    x.shape.assert_is_compatible_with([])


def returned_from_two_loops(x):
    for i in tf.range(3):
        for j in tf.range(3):
            if tf.cast(i + j, tf.float32) > x:
                return i, j
    return -1, -1


CASES = [
    *(
        broken_list,
        continued_list,
        returned_from_enumerate,
        broken_zip_in_zip,
        broken_dict,
        for_else,
        for_else_without_break,
    ),
    *(
        for_else_without_break,
        for_else_in_for_else,
        while_else,
        walrus_in_if,
        walrus_in_while,
        walrus_in_order,
        nothing_returned_early,
    ),
    returned_from_two_loops,
]


@pytest.mark.parametrize("python", CASES)
def test_the_graph_does_what_python_does(python):
    function = tf.function(python)
    for number in (-1.0, 0.5, 1.0, 1.5, 2.5, 3.0, 7.0, 20.0):
        x = tf.constant(number)
        expected, found = tf.nest.flatten(python(x)), tf.nest.flatten(function(x))
        assert [None if y is None else float(y) for y in found] == [None if y is None else float(y) for y in expected]
    assert function.experimental_eager_reasons() == ()


@given(st.floats(0.5, 3.0), st.integers(2, 6), st.floats(1.0, 50.0))
@settings(max_examples=25, deadline=None)
def test_gradients_through_a_loop_that_ends_early(number, most, limit):
    def power(x):
        y = x
        for i in range(most):
            if y > limit:
                break
            y = y * x + 0.1 * i
        return y

    x = tf.constant(number, tf.float64)
    found = []
    function = tf.function(power)
    for called in (power, function):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = called(x)
            slope = inner.gradient(y, x)
        found.append((float(y), float(slope), float(outer.gradient(slope, x, unconnected_gradients="zero"))))
    assert function.experimental_eager_reasons() == ()
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12)


def test_effects_of_turns_that_are_not_made_do_not_happen():
    total = tf.Variable(0.0)

    @tf.function
    def add(limit):
        for a in [1.0, 2.0, 3.0]:
            total.assign_add(a)
            if total > limit:
                break
        return total.read_value()

    assert [add(tf.constant(limit)).numpy() for limit in (0.0, 100.0, 8.0)] == [1.0, 7.0, 10.0]
    assert add.experimental_eager_reasons() == ()


def test_a_loop_without_end_is_left_to_python():
    @tf.function
    def first_above(x):
        for i in itertools.count():
            if x < float(i):
                break
        return i

    assert first_above(tf.constant(2.5)) == 3
    assert first_above.experimental_eager_reasons() != ()


def test_a_variable_that_only_some_turns_have_is_left_to_python():
    @tf.function
    def last(x):
        for a in [1.0, 2.0]:
            if a > 1.5:
                late = x * a
            if x > 0.0:
                break
        else:
            return late
        return x

    assert last(tf.constant(-1.0)).numpy() == -2.0
    assert last(tf.constant(1.0)).numpy() == 1.0


@pytest.mark.parametrize("number", [1.0, 3.0])
def test_assignments_whose_order_could_not_be_kept_run_as_python(number):
    def in_order(x):
        seen = []

        def note(value):
            seen.append(value)
            return value

        if note(1) and (y := note(2)) and x > 2.0:
            return seen, y
        return seen, 0

    function = tf.function(in_order)
    assert [int(each) for each in function(tf.constant(number))[0]] == [1, 2]
    assert function.experimental_eager_reasons() != ()


# -- assignments in comprehensions ---------------------------------------------------------------------------------


def kept_of_products(n):
    return tf.stack([y + i for i in range(3) if (y := i * n) is not None])


def products_on_one_side(n):
    if n > 2:
        a = [z + (y := i * n) * y for i, z in enumerate([n, n, n])]
    else:
        a = [n, n, n]
    return tf.stack(a)


def products_in_a_loop(n):
    s = 0
    for k in tf.range(n):
        s += sum([y + k for i in range(3) if (y := i * n) is not None])
        s += max({j: (w := j + 1) * w for j in range(2)}.values())
    return s


@pytest.mark.parametrize("program", [kept_of_products, products_on_one_side, products_in_a_loop])
def test_a_name_that_only_a_comprehension_knows_may_be_given_there(program):
    function = tf.function(program)
    for n in (3, 1):
        np.testing.assert_array_equal(function(tf.constant(n)), program(tf.constant(n)))
    assert function.experimental_eager_reasons() == ()
    assert function.experimental_get_tracing_count() == 1


# -- ranges that have a name, and long ones --------------------------------------------------------------------


def test_a_range_that_leads_away_from_its_limit_has_no_numbers_by_any_name():
    @tf.function
    def total(n):
        numbers, s = tf.range(n), 0
        for i in numbers:
            s += i
        return s

    assert [int(total(tf.constant(n))) for n in (4, 0, -3)] == [6, 0, 0]  # TensorFlow's answers
    assert total.experimental_eager_reasons() == ()

    @tf.function
    def of_steps(start, step):
        s = tf.constant(0.0)
        numbers = tf.range(start, 1.0, step)
        for x in numbers:
            s += x
        return s

    assert [float(of_steps(*map(tf.constant, pair))) for pair in ((0.0, 0.25), (2.0, 0.25), (2.0, -0.5))] == [1.5, 0.0, 3.5]


def test_a_long_range_is_counted_and_never_an_array():
    @tf.function
    def first(x):
        i = 0
        for i in tf.range(10**9):  # noqa: B007
            x = x * 0.5 + 1.0
            if x > 1.9:
                break
        return x, i

    tracemalloc.start()
    try:
        x, i = first(tf.constant(0.0))
        assert tracemalloc.get_traced_memory()[1] < 10**8
    finally:
        tracemalloc.stop()
    assert (float(x), int(i)) == (1.9375, 4)
    assert first.experimental_eager_reasons() == ()


def test_long_ranges_count_down_and_have_gradients():
    @tf.function
    def function(x):
        for _ in tf.range(2**25, 0, -(2**24)):
            x = x * x
        for i in tf.range(0, 2**25):
            x = x * tf.constant(1.5)
            if i > 2:
                break
        return x

    with tf.GradientTape() as tape:
        x = tf.constant(1.25)
        tape.watch(x)
        y = function(x)
    np.testing.assert_allclose(y, 1.25**4 * 1.5**4, rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(y, x), 4 * 1.25**3 * 1.5**4, rtol=1e-6)
