"""Tapes within tapes, beside tapes, and to any order."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def value(gradient):
    return None if gradient is None else np.asarray(gradient).tolist()


@pytest.fixture
def x():
    return tf.constant(3.0)


def derivative(function, order):
    """The derivative of a function of one scalar, by tapes nested as deeply as its order."""
    if not order:
        return function

    def differentiated(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = derivative(function, order - 1)(x)
        return tape.gradient(y, x)

    return differentiated


@pytest.mark.parametrize("order", range(7))
def test_tapes_nest_to_any_order(order):
    x = tf.constant(2.0, tf.float64)
    expected = [64.0, 192.0, 480.0, 960.0, 1440.0, 1440.0, 720.0][order]
    assert value(derivative(lambda x: x * x * x * x * x * x, order)(x)) == expected


@pytest.mark.parametrize("order", range(5))
def test_variables_too(order):
    v = tf.Variable(2.0, dtype=tf.float64)

    def nth(order):
        if not order:
            return v * v * v * v
        with tf.GradientTape() as tape:
            y = nth(order - 1)
        return tape.gradient(y, v)

    assert value(nth(order)) == [16.0, 32.0, 48.0, 48.0, 24.0][order]


def test_an_inner_gradient_is_recorded_by_the_outer_tape_though_it_comes_after_the_inner_context(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x * x
        slope = inner.gradient(y, x)
        loss = slope * slope + y
    assert value(outer.gradient(loss, x)) == 2 * 27.0 * 18.0 + 27.0


def test_sibling_tapes_do_not_disturb_each_other(x):
    with tf.GradientTape() as a, tf.GradientTape() as b:
        a.watch(x)
        b.watch(x)
        y = x * x
    assert value(a.gradient(y, x)) == 6.0
    assert value(b.gradient(y, x)) == 6.0


def test_tapes_that_overlap_each_record_their_time(x):
    a, b = tf.GradientTape(), tf.GradientTape()
    a.__enter__()
    b.__enter__()
    a.watch(x)
    b.watch(x)
    y = x * x
    a.__exit__(None, None, None)
    z = y * y
    b.__exit__(None, None, None)
    assert a.gradient(z, x) is None
    assert value(b.gradient(z, x)) == 108.0


def test_an_inner_tape_ends_before_the_outer_goes_on(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x
        z = y * x
    assert inner.gradient(z, x) is None
    assert value(outer.gradient(z, x)) == 27.0


def test_each_tape_follows_what_it_was_told(x):
    u = tf.constant(4.0)
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(u)
        with tf.GradientTape(persistent=True) as inner:
            inner.watch(x)
            y = x * x * u
        of_x = inner.gradient(y, x)
    assert inner.gradient(y, u) is None
    assert outer.gradient(y, x) is None
    assert value(outer.gradient(y, u)) == 9.0
    assert value(outer.gradient(of_x, u)) == 6.0


def test_a_tape_inside_a_persistent_tape(x):
    with tf.GradientTape(persistent=True) as outer:
        outer.watch(x)
        slopes = []
        for n in (2, 3):
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = x**n
            slopes.append(inner.gradient(y, x))
    assert [value(outer.gradient(s, x)) for s in slopes] == [2.0, 18.0]
    assert value(outer.gradient(slopes, x)) == 20.0


def test_a_persistent_tape_inside_a_tape(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape(persistent=True) as inner:
            inner.watch(x)
            y, z = x * x, x * x * x
        total = inner.gradient(y, x) + inner.gradient(z, x)
    assert value(outer.gradient(total, x)) == 20.0


def test_one_variable_on_three_tapes_is_three_times_a_source():
    v = tf.Variable(2.0)
    with tf.GradientTape() as a:
        first = v * v
        with tf.GradientTape() as b:
            second = v * first
            with tf.GradientTape() as c:
                third = v * second
            assert value(c.gradient(third, v)) == 8.0  # second is a constant to c
        assert value(b.gradient(third, v)) == 8.0 + 2.0 * 4.0  # first is a constant to b
    assert value(a.gradient(third, v)) == 32.0


def test_mixed_partial_derivatives_agree():
    a, b = tf.constant(1.5, tf.float64), tf.constant(-0.5, tf.float64)

    def mixed(first, second):
        with tf.GradientTape() as outer:
            outer.watch(second)
            with tf.GradientTape() as inner:
                inner.watch(first)
                y = tf.sin(a * b) * tf.exp(a) + a * b * b
            g = inner.gradient(y, first)
        return float(outer.gradient(g, second))

    assert mixed(a, b) == pytest.approx(mixed(b, a), rel=1e-14)


def test_a_gradient_that_does_not_depend_on_the_source_has_no_second_gradient(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * 2.0
        g = inner.gradient(y, x)
    assert outer.gradient(g, x) is None


def test_output_gradients_are_differentiated_too(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x
        g = inner.gradient(y, x, output_gradients=x * x)
    assert value(g) == 54.0
    assert value(outer.gradient(g, x)) == 54.0


def test_double_backward_gives_a_directional_derivative():
    """Forward mode out of two reverse modes: differentiating v ↦ vᵀJ in the direction u gives Ju."""
    x, u = tf.constant([1.0, 2.0, 3.0]), tf.constant([1.0, -1.0, 0.5])
    v = tf.constant([1.0, 1.0, 1.0])
    with tf.GradientTape() as outer:
        outer.watch(v)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x * x
        pulled = inner.gradient(y, x, output_gradients=v)
    assert value(outer.gradient(pulled, v, output_gradients=u)) == [3.0, -12.0, 13.5]
