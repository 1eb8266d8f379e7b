"""Variables that a function makes at its first call get their initial values then."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf

OTHER = tf.Variable(3.0)

# Initial values, and what TensorFlow 2.21 starts with after tf.random.set_seed(5).
INITIAL = {
    "random": (lambda: tf.random.normal([2]), [-1.7138785, -0.6787023]),
    "seeded": (lambda: tf.random.normal([2], seed=3) + 1.0, [-0.46169877, 0.4098128]),
    "callable": (lambda: lambda: tf.random.normal([2]), [-1.7138785, -0.6787023]),
    "constants": (lambda: tf.ones([2]) * 4.0, [4.0, 4.0]),
    "another variable": (lambda: OTHER * [1.0, 2.0], [3.0, 6.0]),
}


@pytest.mark.parametrize("name", INITIAL)
def test_an_initial_value_is_computed_ahead_of_the_function(name):
    initial, expected = INITIAL[name]
    made = []

    @tf.function
    def f(x):
        if not made:
            made.append(tf.Variable(initial()))
        return x * made[0]

    tf.random.set_seed(5)
    for _ in range(2):
        np.testing.assert_allclose(f(tf.ones([2])), expected, rtol=1e-5)
    assert f.experimental_eager_reasons() == () and len(made) == 1


def test_layers_that_build_themselves_at_the_first_call():
    class Dense(tf.Module):
        def __init__(self, units):
            super().__init__()
            self.units, self.w = units, None

        def __call__(self, x):
            if self.w is None:
                scale = tf.sqrt(2.0 / x.shape[-1])
                self.w = tf.Variable(tf.random.truncated_normal([x.shape[-1], self.units]) * scale)
                self.b = tf.Variable(tf.zeros([self.units]))
            return tf.matmul(x, self.w) + self.b

    layers = [Dense(4), Dense(1)]

    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            for layer in layers:
                x = tf.tanh(layer(x))
            loss = tf.reduce_sum(x * x)
        variables = [v for layer in layers for v in layer.trainable_variables]
        for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
            v.assign_sub(0.001 * g)
        return loss

    tf.random.set_seed(1)
    losses = [float(step(tf.ones([3, 2]))) for _ in range(5)]
    assert losses == sorted(losses, reverse=True) and losses[0] > losses[-1]
    assert step.experimental_eager_reasons() == ()


def test_a_value_of_an_argument_makes_the_function_run_eagerly():
    made = []

    @tf.function
    def f(x):
        if not made:
            made.append(tf.Variable(x * 2.0))
        return x + made[0]

    assert f(tf.constant(1.0)) == 3.0 and f(tf.constant(1.0)) == 3.0
    assert "depends on an argument" in f.experimental_eager_reasons()[0]
