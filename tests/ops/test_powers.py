import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import tapeflow as tf
from tests.golden.elementwise import disagreements


def test_calls_answer_as_tensorflows():
    assert not disagreements("powers", tf)


@given(
    hnp.arrays(st.sampled_from(["float32", "float64"]), hnp.array_shapes(min_dims=0, max_dims=2, max_side=5)),
    st.sampled_from([-2, -1, 0, 0.5, 1, 1.5, 2, 3, 4]),
)
def test_common_exponents_agree_with_numpys_power(x, exponent):
    with np.errstate(all="ignore"):
        expected = np.power(x, x.dtype.type(exponent))
    if exponent == 0.5:  # NumPy takes the root of it, which is NaN
        expected = np.where(np.isneginf(x), x.dtype.type(np.inf), expected)
    result = (tf.constant(x) ** exponent).numpy()
    assert result.dtype == x.dtype
    tiny = np.finfo(x.dtype).tiny  # where x³ is subnormal its two roundings show
    np.testing.assert_allclose(result, expected, rtol=4 * np.finfo(x.dtype).eps, atol=tiny)


@given(hnp.arrays("float32", 5))
def test_a_square_is_the_product_bit_for_bit(x):
    t = tf.constant(x)
    np.testing.assert_array_equal((t**2).numpy(), (t * t).numpy())
    np.testing.assert_array_equal((t**2.0).numpy(), tf.square(t).numpy())


def test_a_power_of_one_does_not_alias_the_input():
    x = tf.constant([1.0, 2.0])
    (x**1).numpy()[0] = 9.0
    assert x.numpy().tolist() == [1.0, 2.0]


def test_negative_powers_of_integers_are_refused_with_their_reason():
    for x, y in ((2, -1), ([1, 2], -1), ([1, 2], [1, -1])):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"Pow.*[Ii]ntegers to negative integer powers"):
            tf.pow(tf.constant(x), tf.constant(y))


@pytest.mark.parametrize("root", [tf.sqrt, tf.math.rsqrt, tf.math.reciprocal])
def test_where_masks_the_infinite_slope_of_a_root(root):
    for value in (0.0, [0.0, 4.0]):
        x = tf.constant(value)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.where(x > 0.0, root(x), 0.0)
        assert np.all(np.isfinite(tape.gradient(y, x).numpy()))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_stays_half(dtype):
    x = tf.cast([1.5, 2.0], dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        roots = tf.sqrt(x) + tf.math.rsqrt(x) + tf.math.reciprocal(x) + x**0.5
    assert tape.gradient(roots, x).dtype == dtype
    for y in (x**2, x**3.0, x**0.5, x**-1.0, x**x, tf.sqrt(x), tf.math.rsqrt(x), tf.math.reciprocal(x), x[0] ** 3.0):
        assert y.dtype == dtype
