import numpy as np

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("magnitude", tf)


def test_the_magnitude_of_complex_numbers_does_not_overflow():
    np.testing.assert_allclose(tf.abs(tf.constant(3e200 + 4e200j)).numpy(), 5e200)


def test_the_gradient_of_sign_is_zero_and_not_none():
    x = tf.constant([-1.0, 0.0, np.inf])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sign(x)
    assert tape.gradient(y, x).numpy().tolist() == [0.0, 0.0, 0.0]
