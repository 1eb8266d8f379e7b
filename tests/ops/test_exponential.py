import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements

UNARY = [
    tf.exp,
    tf.math.expm1,
    tf.math.log,
    tf.math.log1p,
    tf.sigmoid,
    tf.math.softplus,
    tf.math.log_sigmoid,
]


def test_calls_answer_as_tensorflows():
    assert not disagreements("exponential", tf)


@given(st.floats(-87, 87, width=32), st.sampled_from(UNARY))
def test_a_scalar_gives_what_an_array_gives(x, function):
    np.testing.assert_allclose(function(x).numpy(), function([x] * 9).numpy()[4], rtol=1e-6)


@given(st.floats(-700, 700))
def test_the_logistic_family_agrees_with_itself(x):
    t = tf.constant(x, tf.float64)
    np.testing.assert_allclose(tf.math.log(tf.sigmoid(t)).numpy(), tf.math.log_sigmoid(t).numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose((tf.math.softplus(t) - tf.math.softplus(-t)).numpy(), x, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose((tf.sigmoid(t) + tf.sigmoid(-t)).numpy(), 1.0, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_stays_half_and_is_as_exact_as_it_can_be(dtype):
    x = tf.cast(np.linspace(0.1, 9.0, 23), dtype)
    for function in UNARY:
        result = function(x)
        assert result.dtype == dtype
        exact = function(tf.cast(x, tf.float64)).numpy()
        np.testing.assert_allclose(tf.cast(result, tf.float64).numpy(), exact, rtol=0.02, atol=0.01)
