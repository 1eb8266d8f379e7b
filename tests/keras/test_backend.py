"""Keras's own default dtype: what it governs, and what it leaves alone."""

import pytest

import tapeflow as tf

backend = tf.keras.backend


@pytest.fixture
def in_double():
    backend.set_floatx("float64")
    yield
    backend.set_floatx("float32")


def test_floatx_is_the_dtype_of_what_keras_makes(in_double):
    assert backend.floatx() == "float64"
    assert tf.keras.initializers.GlorotUniform(1)((2, 2)).dtype == tf.float64
    assert tf.keras.losses.MeanSquaredError()([1.0], [2.0]).dtype == tf.float64
    assert tf.keras.metrics.Mean().result().dtype == tf.float64
    assert tf.keras.optimizers.Adam(0.1).learning_rate.dtype == tf.float64


def test_tensors_and_given_dtypes_are_not_concerned(in_double):
    assert tf.constant(1.0).dtype == tf.Variable(1.0).dtype == tf.zeros([2]).dtype == tf.float32
    assert tf.keras.losses.MeanSquaredError(dtype="float32")([1.0], [2.0]).dtype == tf.float32
    v = tf.Variable(1.0)
    tf.keras.optimizers.SGD(0.5).apply_gradients([(tf.constant(1.0), v)])
    assert v.dtype == tf.float32 and v.numpy() == 0.5


@pytest.mark.parametrize("value", ["float", "int32", tf.float64])
def test_another_floatx_is_refused_and_nothing_changes(value):
    with pytest.raises(ValueError, match="Unknown `floatx` value"):
        backend.set_floatx(value)
    assert backend.floatx() == "float32"
