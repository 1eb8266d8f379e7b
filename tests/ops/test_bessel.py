import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("bessel", tf)


def test_the_slope_of_bessel_i1_at_zero_is_a_half():
    x = tf.constant([0.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.math.bessel_i1(x)
    assert tape.gradient(y, x).numpy().tolist() == [0.5]
