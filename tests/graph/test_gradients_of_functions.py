"""Tapes around functions, inside them, and both."""

from __future__ import annotations

import numpy as np

import tapeflow as tf


def test_orders_nest_around_a_function():
    w = tf.Variable(2.0)
    cube = tf.function(lambda x: w * w * w * x)
    with tf.GradientTape() as third, tf.GradientTape() as second, tf.GradientTape() as first:
        y = cube(tf.constant(5.0))
        dy = first.gradient(y, w)
        d2y = second.gradient(dy, w) if dy is not None else None
    assert third.gradient(d2y, w).numpy() == 30.0
    assert (dy.numpy(), d2y.numpy()) == (60.0, 60.0)


def test_a_tensor_from_outside_is_followed():
    c = tf.constant(3.0)
    square = tf.function(lambda: c * c)
    assert square().numpy() == 9.0
    with tf.GradientTape() as tape:
        tape.watch(c)
        y = square()
    assert tape.gradient(y, c).numpy() == 6.0


def test_what_is_computed_under_the_tape_and_captured_is_followed():
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        w = v * 2.0
        y = tf.function(lambda x: w * x)(tf.constant(4.0))
    assert tape.gradient(y, v).numpy() == 8.0


def test_persistent_tapes_jacobians_and_unconnected_sources():
    v = tf.Variable([1.0, 2.0])
    other = tf.Variable(1.0)
    function = tf.function(lambda x: tf.sin(x) * v)
    x = tf.constant([0.5, 1.5])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = function(x)
    np.testing.assert_allclose(tape.jacobian(y, x).numpy(), np.diag(np.cos(x) * [1, 2]), rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(y, v).numpy(), np.sin(x), rtol=1e-6)
    assert tape.gradient(y, other) is None
    assert tape.gradient(y, other, unconnected_gradients="zero").numpy() == 0.0
    assert tape.watched_variables() == (v,)


def test_one_tensor_given_twice():
    function = tf.function(lambda x, y: x * x * y)
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = function(x, x)
    assert tape.gradient(z, x).numpy() == 27.0


def test_custom_gradients_inside_and_outside():
    @tf.custom_gradient
    def clipped(x):
        return x * 3.0, lambda dy: tf.minimum(dy, 1.0)

    function = tf.function(lambda x: clipped(x) * 10.0)

    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = clipped(x) * 10.0
        return tape.gradient(y, x)

    x = tf.constant(2.0)
    function(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    assert y.numpy() == 60.0 and tape.gradient(y, x).numpy() == 1.0 and slope(x).numpy() == 1.0


def test_a_loop_and_a_choice_under_a_tape():
    @tf.function
    def power(x, n):
        y = tf.ones_like(x)
        for _ in tf.range(3):
            y = y * x
        if tf.reduce_sum(y) > 0.0:
            y = y * 2.0
        return y

    for value, expected in ((2.0, 24.0), (-2.0, 12.0)):
        x = tf.constant(value)
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = power(x, 3)
            g = tape.gradient(y, x)
        assert g.numpy() == expected
        assert outer.gradient(g, x).numpy() == expected * 2 / value
    assert power.experimental_eager_reasons() == ()


def test_a_tape_from_outside_cannot_be_baked_into_a_trace():
    x = tf.Variable(2.0)
    function = None
    found = []
    for value in (2.0, 5.0):
        x.assign(value)
        with tf.GradientTape(persistent=True) as tape:
            y = x * x
        function = function or tf.function(lambda: tape.gradient(y, x) * 1.0)
        found.append(function().numpy())
    assert found == [4.0, 10.0]


def test_forward_mode_around_a_function():
    function = tf.function(lambda x: x * x * x)
    x = tf.constant(2.0)
    function(x)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as accumulator:
        y = function(x)
    assert accumulator.jvp(y).numpy() == 12.0


def test_a_training_step_in_a_loop_moves_as_eagerly():
    def train(optimizer, w, steps):
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((w * w - 2.0) ** 2)
            optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        return optimizer.iterations

    for make in (lambda: tf.keras.optimizers.SGD(0.01, momentum=0.9), lambda: tf.keras.optimizers.Adam(0.1)):
        a, b = tf.Variable([3.0, 1.0]), tf.Variable([3.0, 1.0])
        function = tf.function(train)
        eager, inside = make(), make()
        for _ in range(2):
            assert train(eager, a, 7).numpy() == function(inside, b, 7).numpy()
            assert np.array_equal(a.numpy(), b.numpy())
        assert function.experimental_eager_reasons() == ()
