import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements

PAIRS = [(tf.asin, tf.sin), (tf.acos, tf.cos), (tf.atan, tf.tan)]


def test_calls_answer_as_tensorflows():
    assert not disagreements("trigonometric", tf)


@given(st.floats(-0.999, 0.999))
def test_inverses_lead_back(x):
    for inverse, function in PAIRS:
        np.testing.assert_allclose(function(inverse(tf.constant(x, tf.float64))).numpy(), x, rtol=1e-10, atol=1e-12)


@given(st.floats(-100, 100), st.floats(-100, 100))
def test_atan2_gives_the_angle_whose_sine_and_cosine_lead_to_the_point(y, x):
    angle = tf.atan2(tf.constant(y, tf.float64), tf.constant(x, tf.float64))
    radius = np.hypot(x, y)
    np.testing.assert_allclose(radius * tf.sin(angle).numpy(), y, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(radius * tf.cos(angle).numpy(), x, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "complex64", "complex128"])
@pytest.mark.parametrize("function", [f for pair in PAIRS for f in pair])
def test_every_function_keeps_the_dtype_and_its_gradient_too(function, dtype):
    x = tf.cast([0.25, 0.5], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    assert y.dtype == dtype
    assert tape.gradient(y, x).dtype == dtype
