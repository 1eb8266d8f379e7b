import numpy as np
import pytest

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("integrals", tf)


@pytest.mark.parametrize("name", ["dawsn", "fresnel_sin", "fresnel_cos"])
def test_odd_functions_are_odd(name):
    x = tf.constant(np.linspace(0.0, 4.0, 9))
    function = getattr(tf.math.special, name)
    np.testing.assert_allclose(function(-x).numpy(), -function(x).numpy(), rtol=1e-12)


def test_spences_function_reflects():
    # Li₂(1-x) + Li₂(x) = π²/6 - log(x)·log(1-x): NIST Digital Library of Mathematical Functions, 25.12.6.
    x = tf.constant([0.1, 0.5, 0.8], tf.float64)
    both = tf.math.special.spence(x) + tf.math.special.spence(1.0 - x)
    np.testing.assert_allclose(both.numpy(), (np.pi**2 / 6 - tf.math.log(x) * tf.math.log(1.0 - x)).numpy(), rtol=1e-12)
