import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("complex_numbers", tf)


@given(st.floats(), st.floats())
def test_the_parts_are_what_the_number_was_made_of(x, y):
    z = tf.complex(tf.constant(x, tf.float64), tf.constant([y], tf.float64))
    np.testing.assert_array_equal(tf.math.real(z).numpy(), [x])
    np.testing.assert_array_equal(tf.math.imag(z).numpy(), [y])
    np.testing.assert_array_equal(tf.math.imag(tf.math.conj(z)).numpy(), [-y])


def test_a_part_does_not_alias_the_number():
    z = tf.constant([1 + 2j])
    tf.math.real(z).numpy()[0] = 9.0
    assert z.numpy().tolist() == [1 + 2j]


def test_the_gradient_of_a_real_function_points_uphill():
    z = tf.constant([3 + 4j, 1 - 1j])
    with tf.GradientTape() as tape:
        tape.watch(z)
        y = tf.abs(z)
    np.testing.assert_allclose(tape.gradient(y, z).numpy(), z.numpy() / np.abs(z.numpy()))
