import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("error_functions", tf)


@given(st.floats(-0.999, 0.999))
def test_inverses_lead_back(x):
    t = tf.constant(x, tf.float64)
    np.testing.assert_allclose(tf.math.erf(tf.math.erfinv(t)).numpy(), x, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(tf.math.erfc(tf.math.erfcinv(1.0 - t)).numpy(), 1.0 - x, rtol=1e-12)
    quantile = tf.math.ndtri(0.5 + 0.5 * t) / np.sqrt(2.0)
    np.testing.assert_allclose(tf.math.erf(quantile).numpy(), x, rtol=1e-9, atol=1e-12)
