"""Special functions: `error_functions`, `gamma_functions`, `bessel` and `integrals`."""

import subprocess
import sys

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("special", tf)


def test_the_slope_of_bessel_i1_at_zero_is_a_half():
    x = tf.constant([0.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.math.bessel_i1(x)
    assert tape.gradient(y, x).numpy().tolist() == [0.5]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_single(dtype):
    x = tf.cast([0.25, 0.75], dtype)
    functions = [tf.math.erf, tf.math.lgamma, tf.math.digamma, tf.math.bessel_i0, tf.math.special.bessel_j0, tf.math.erfinv]
    for function in functions:
        result = function(x)
        assert result.dtype == dtype
        exact = function(tf.cast(x, tf.float32)).numpy()
        np.testing.assert_allclose(tf.cast(result, tf.float32).numpy(), exact, rtol=0.01)


def test_the_parameter_of_the_incomplete_gamma_function_has_derivatives_of_every_order():
    # Central differences of the first derivative; TensorFlow has no second one.
    x, a = tf.constant([0.5, 2.0, 9.0], tf.float64), np.array([0.7, 2.5, 6.0])

    def slope(a):
        t = tf.constant(a)
        with tf.GradientTape() as tape:
            tape.watch(t)
            y = tf.math.igamma(t, x)
        return tape.gradient(y, t).numpy()

    t = tf.constant(a)
    with tf.GradientTape() as outer:
        outer.watch(t)
        with tf.GradientTape() as inner:
            inner.watch(t)
            y = tf.math.igamma(t, x)
        first = inner.gradient(y, t)
    second = outer.gradient(first, t).numpy()
    np.testing.assert_allclose(second, (slope(a + 1e-5) - slope(a - 1e-5)) / 2e-5, rtol=1e-6)


def test_scipy_is_loaded_by_the_first_special_function_only():
    code = (
        "import sys, tapeflow as tf; tf.sigmoid(tf.exp(1.0)); assert 'scipy' not in sys.modules; "
        "tf.math.erf(1.0); assert 'scipy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
