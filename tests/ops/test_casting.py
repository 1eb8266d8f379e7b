import numpy as np
import pytest

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("casting", tf)


def test_a_tensor_of_the_dtype_is_returned_as_it_is():
    x, v = tf.constant(1.0), tf.Variable(1.0)
    assert tf.cast(x, tf.float32) is x
    assert tf.cast(v, "float32") is v


def test_a_cast_to_string_says_what_to_use():
    with pytest.raises(tf.errors.UnimplementedError, match=r"Cast int32 to string.*tf\.strings"):
        tf.cast([1], tf.string)


def test_gradients_come_back_in_the_dtype_of_the_source_and_stop_at_integers():
    x = tf.constant(1.5, tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        single, whole = tf.cast(x, tf.float32) * 2.0, tf.cast(tf.cast(x, tf.int32), tf.float64)
    assert tape.gradient(single, x).dtype == tf.float64
    assert tape.gradient(whole, x) is None


def test_identity_is_a_new_tensor_whose_gradient_passes():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.identity(x)
    assert y is not x
    assert tape.gradient(y, x).numpy().tolist() == [1.0, 1.0]


def test_a_bitcast_there_and_back_is_the_value():
    x = np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2]
    for dtype in ("uint8", "int16", "int32", "float64", "complex64"):
        np.testing.assert_array_equal(tf.bitcast(tf.bitcast(x, dtype), tf.float32).numpy(), x)
