import subprocess
import sys

import numpy as np
import pytest

import tapeflow as tf


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_single(dtype):
    x = tf.cast([0.25, 0.75], dtype)
    functions = [tf.math.erf, tf.math.lgamma, tf.math.digamma, tf.math.bessel_i0, tf.math.special.bessel_j0, tf.math.erfinv]
    for function in functions:
        result = function(x)
        assert result.dtype == dtype
        exact = function(tf.cast(x, tf.float32)).numpy()
        np.testing.assert_allclose(tf.cast(result, tf.float32).numpy(), exact, rtol=0.01)


def test_scipy_is_loaded_by_the_first_special_function_only():
    code = (
        "import sys, tapeflow as tf; tf.sigmoid(tf.exp(1.0)); assert 'scipy' not in sys.modules; "
        "tf.math.erf(1.0); assert 'scipy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
