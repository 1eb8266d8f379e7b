import numpy as np

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("gamma_functions", tf)


def test_the_parameter_of_the_incomplete_gamma_function_has_derivatives_of_every_order():
    # Central differences of the first derivative; TensorFlow has no second one.
    x, a = tf.constant([0.5, 2.0, 9.0], tf.float64), np.array([0.7, 2.5, 6.0])

    def slope(a):
        t = tf.constant(a)
        with tf.GradientTape() as tape:
            tape.watch(t)
            y = tf.math.igamma(t, x)
        return tape.gradient(y, t).numpy()

    t = tf.constant(a)
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            y = tf.math.igamma(t, x)
        first = inner.gradient(y, t)
    second = outer.gradient(first, t).numpy()
    np.testing.assert_allclose(second, (slope(a + 1e-5) - slope(a - 1e-5)) / 2e-5, rtol=1e-6)
