from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("rounding", tf)


@given(st.floats(-1e6, 1e6), st.booleans())
def test_round_takes_a_half_to_the_even_number(x, array):
    result = tf.round(tf.constant([x] if array else x, tf.float64)).numpy().item()
    assert result == round(Fraction(x))


def test_rounding_has_no_gradient():
    x = tf.constant([1.5])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        results = [tf.floor(x), tf.math.ceil(x), tf.round(x), tf.math.rint(x)]
    assert [tape.gradient(y, x) for y in results] == [None] * 4
