import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements

PAIRS = [
    (tf.asin, tf.sin),
    (tf.acos, tf.cos),
    (tf.atan, tf.tan),
    (tf.asinh, tf.sinh),
    (tf.atanh, tf.tanh),
]


def test_calls_answer_as_tensorflows():
    assert not disagreements("trigonometric", tf)


@given(st.floats(-0.999, 0.999))
def test_inverses_lead_back(x):
    for inverse, function in PAIRS:
        np.testing.assert_allclose(function(inverse(tf.constant(x, tf.float64))).numpy(), x, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "complex64", "complex128"])
def test_every_function_keeps_the_dtype_and_its_gradient_too(dtype):
    for function in [f for pair in PAIRS for f in pair] + [tf.cosh, tf.acosh]:
        x = tf.cast([0.25, 0.5] if function is not tf.acosh else [1.25, 2.5], dtype)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        assert y.dtype == dtype
        assert tape.gradient(y, x).dtype == dtype
