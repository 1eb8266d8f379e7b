import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("hyperbolic", tf)


@given(st.floats(-0.999, 0.999))
def test_inverses_lead_back(x):
    t = tf.constant(x, tf.float64)
    np.testing.assert_allclose(tf.sinh(tf.asinh(t)).numpy(), x, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(tf.tanh(tf.atanh(t)).numpy(), x, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(tf.acosh(tf.cosh(t + 2.0)).numpy(), x + 2.0, rtol=1e-10)


def test_the_slope_of_a_saturated_tanh_is_zero():
    x = tf.constant([-1000.0, 1000.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.tanh(x)
    assert tape.gradient(y, x).numpy().tolist() == [0.0, 0.0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "complex64", "complex128"])
@pytest.mark.parametrize("function", [tf.sinh, tf.cosh, tf.tanh, tf.asinh, tf.acosh, tf.atanh])
def test_every_function_keeps_the_dtype_and_its_gradient_too(function, dtype):
    x = tf.cast([0.25, 0.5] if function is not tf.acosh else [1.25, 2.5], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    assert y.dtype == dtype
    assert tape.gradient(y, x).dtype == dtype
