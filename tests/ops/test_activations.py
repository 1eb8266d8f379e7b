"""Activation functions at the ends of the number line, on every dtype, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import tapeflow as tf

INF, NAN = np.inf, np.nan
ENDS = np.array([-INF, INF, NAN, 0.0, -0.0], np.float32)

# What TensorFlow gives at -inf, inf, NaN, 0 and -0.
AT_THE_ENDS = {
    "relu": [0, INF, NAN, 0, 0],
    "relu6": [0, 6, NAN, 0, 0],
    "elu": [-1, INF, NAN, 0, 0],
    "selu": [-1.7580993, INF, NAN, 0, 0],
    "gelu": [NAN, INF, NAN, 0, 0],
    "silu": [NAN, INF, NAN, 0, 0],
    "softsign": [NAN, NAN, NAN, 0, 0],
    "softplus": [0, INF, NAN, 0.6931472, 0.6931472],
    "leaky_relu": [-INF, INF, NAN, 0, 0],
    "sigmoid": [0, 1, NAN, 0.5, 0.5],
    "tanh": [-1, 1, NAN, 0, 0],
}
ALL = sorted(AT_THE_ENDS)


@pytest.mark.parametrize("name", ALL)
def test_values_at_the_ends_of_the_number_line(name):
    np.testing.assert_allclose(getattr(tf.nn, name)(ENDS), AT_THE_ENDS[name], rtol=1e-6)
    scalars = [float(getattr(tf.nn, name)(x)) for x in ENDS]
    np.testing.assert_allclose(scalars, AT_THE_ENDS[name], rtol=1e-6)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_dtype_stays(name, dtype):
    x = np.linspace(-3, 7, 23)
    y = getattr(tf.nn, name)(tf.cast(x, dtype))
    assert y.dtype == dtype and y.shape == x.shape
    exact = getattr(tf.nn, name)(tf.constant(x)).numpy()
    coarse = {"float16": 4e-3, "bfloat16": 4e-2, "float32": 1e-5, "float64": 0.0}[dtype]
    np.testing.assert_allclose(tf.cast(y, tf.float64), exact, rtol=coarse, atol=coarse)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_slopes_keep_the_dtype(name, dtype):
    x = tf.Variable(np.linspace(-3, 7, 5).astype(dtype))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as tape:
            y = getattr(tf.nn, name)(x) * 2
        g = tape.gradient(y, x)
        s = tf.reduce_sum(g * x)
    h = outer.gradient(s, x)
    assert g.dtype == h.dtype == dtype


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, array_shapes(min_dims=0, max_dims=3, min_side=0), elements=st.floats(-50, 50)))
def test_formulas(x):
    def check(found, expected):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)

    check(tf.nn.relu(x), np.where(x > 0, x, 0))
    check(tf.nn.relu6(x), np.clip(x, 0, 6))
    check(tf.nn.leaky_relu(x, 0.3), np.where(x > 0, x, 0.3 * x))
    check(tf.nn.leaky_relu(x, alpha=-2), np.where(x > 0, x, -2 * x))
    check(tf.nn.elu(x), np.where(x > 0, x, np.exp(x) - 1))
    check(tf.nn.silu(x, 2.0), x / (1 + np.exp(-2 * x)))
    check(tf.nn.softsign(x), x / (1 + np.abs(x)))
    check(tf.nn.softplus(x), np.logaddexp(0, x))
    if x.ndim:
        check(tf.nn.crelu(x), np.concatenate([np.maximum(x, 0), np.maximum(-x, 0)], -1))


def test_gelu_keeps_its_digits_far_below_zero():
    assert float(tf.nn.gelu(tf.constant(-10.0, tf.float64))) == pytest.approx(-7.619853024160527e-23, rel=1e-10)


def test_rectifiers_take_integers():
    x = np.array([-1, 2, 9], np.int32)
    assert tf.nn.relu(x).numpy().tolist() == [0, 2, 9] and tf.nn.relu6(x).numpy().tolist() == [0, 2, 6]
    assert tf.nn.relu(x).dtype == tf.int32
    assert tf.nn.leaky_relu([-1, 2]).dtype == tf.float32


@pytest.mark.parametrize("name", ["elu", "selu", "softsign", "softplus", "silu"])
@pytest.mark.parametrize("value", [[1, 2], [True], "a"])
def test_others_take_floats_only(name, value):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"is not in the list of allowed values"):
        getattr(tf.nn, name)(value)


REFUSED = [
    (lambda: tf.nn.relu([True]), tf.errors.InvalidArgumentError, "bool"),
    (lambda: tf.nn.relu([1j]), tf.errors.InvalidArgumentError, "complex128"),
    (lambda: tf.nn.gelu([1, 2]), ValueError, "features.dtype"),
    (lambda: tf.nn.leaky_relu([1.0], alpha=[0.3]), TypeError, "alpha"),
    (lambda: tf.nn.leaky_relu([1j]), tf.errors.InvalidArgumentError, "complex128"),
    (lambda: tf.nn.crelu(1.0), tf.errors.InvalidArgumentError, "scalars"),
    (lambda: tf.nn.crelu([1.0], axis=2), tf.errors.InvalidArgumentError, "2"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_bad_arguments_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_rectifier_keeps_only_its_output():
    from tapeflow.core.primitive import PRIMITIVES, keeps

    assert all(keeps(PRIMITIVES[name].vjps[0]) == ("out",) for name in ("Relu", "Relu6", "Elu", "Selu"))


@pytest.mark.parametrize(("value", "part"), [([0.0, 1.0], 0.5), ([0, 1, 0, 0], 0.75), ([], NAN), (0.0, 1.0)])
def test_zero_fraction(value, part):
    found = tf.nn.zero_fraction(value)
    assert found.dtype == tf.float32
    np.testing.assert_equal(float(found), part)


def test_leaky_relu_of_integers_is_traced():
    function = tf.function(tf.nn.leaky_relu)
    assert function(tf.constant([-5, 5])).numpy().tolist() == [-1.0, 5.0]
    assert function.experimental_eager_reasons() == ()
