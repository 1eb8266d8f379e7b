"""Reductions: answers compared with TensorFlow's and NumPy's, accuracy, and gradients that copy nothing."""

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import algebra


@algebra.of("reduction")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@st.composite
def tensors_and_axes(draw):
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
    axes = draw(st.lists(st.integers(-len(shape), len(shape) - 1), unique_by=lambda a: a % len(shape))) if shape else []
    axes = None if not axes and draw(st.booleans()) else axes
    values = np.random.default_rng(draw(st.integers(0, 99))).normal(size=shape)
    return values, axes, draw(st.booleans())


IN_NUMPY = {
    "reduce_sum": np.sum,
    "reduce_prod": np.prod,
    "reduce_any": np.any,
    "reduce_all": np.all,
    "reduce_mean": np.mean,
}


@given(tensors_and_axes(), st.sampled_from(sorted(IN_NUMPY)))
@settings(max_examples=80, deadline=None)
def test_any_axes_of_any_shape_as_numpy_reduces_them(drawn, name):
    values, axes, keepdims = drawn
    if name in ("reduce_any", "reduce_all"):
        values = values > 0
    with np.errstate(all="ignore"):
        wanted = (
            IN_NUMPY[name](values, axis=None if axes is None else tuple(axes), keepdims=keepdims) if values.size else None
        )
    found = getattr(tf, name)(values, axes, keepdims).numpy()
    if wanted is not None:
        assert np.shape(found) == np.shape(wanted) and found.dtype == wanted.dtype
        np.testing.assert_allclose(found, wanted, atol=1e-12)


@given(tensors_and_axes())
@settings(max_examples=80, deadline=None)
def test_the_gradient_of_a_sum_is_ones_and_of_a_mean_its_share(drawn):
    values, axes, keepdims = drawn
    x = tf.constant(values)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        total, mean = tf.reduce_sum(x, axes, keepdims), tf.reduce_mean(x, axes, keepdims)
    np.testing.assert_array_equal(tape.gradient(total, x).numpy(), np.ones_like(values))
    share = tape.gradient(mean, x).numpy()
    assert share.shape == values.shape
    if values.size:
        np.testing.assert_allclose(share, mean.numpy().size / values.size)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits_are_summed_in_thirty_two(dtype):
    x = tf.fill([4096], tf.cast(1.0, dtype))
    assert float(tf.reduce_sum(x)) == 4096.0
    assert float(tf.reduce_mean(x)) == 1.0
    assert tf.reduce_sum(x).dtype == dtype


@pytest.mark.parametrize("reduce", [tf.reduce_sum, tf.reduce_mean], ids=["sum", "mean"])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_the_gradient_repeats_without_copying(reduce, axis):
    x = tf.ones((1000, 1000))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = reduce(x, axis)
    gradient = tape.gradient(y, x)
    assert gradient.shape == x.shape and 0 in gradient._value.strides


def test_a_sum_keeps_nothing_but_the_shape():
    x = tf.ones((10, 10))
    with tf.GradientTape() as tape:
        tape.watch(x)
        tf.reduce_sum(tf.reduce_mean(x, 0))
    assert len(tape._notes) == 2
    kept = [value for _, _, _, _, inputs in tape._notes for value in inputs]
    assert not any(isinstance(value, tf.Tensor) for value in kept)


@pytest.mark.parametrize(
    ("axis", "message"),
    [(2, r"Invalid reduction dimension \(2 for input with 2 dimension"), ([0, -2], "duplicate dimension: 0")],
)
def test_axes_that_do_not_exist_are_named(axis, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        tf.reduce_sum(tf.ones((2, 3)), axis)


def test_numbers_are_not_truth():
    with pytest.raises(tf.errors.InvalidArgumentError, match="bool"):
        tf.reduce_any(tf.constant([1, 0]))


def test_integers_have_no_variance():
    with pytest.raises(TypeError, match="real or complex"):
        tf.math.reduce_variance([1, 2])


@pytest.mark.parametrize("zeros", range(4))
def test_every_order_of_the_derivative_of_a_product_is_right_with_zeros(zeros):
    x = tf.constant([0.0] * zeros + [2.0, 3.0, 5.0, 7.0][zeros:], tf.float64)
    with tf.GradientTape() as third, tf.GradientTape() as second, tf.GradientTape() as first:
        for tape in (first, second, third):
            tape.watch(x)
        y = tf.reduce_prod(x)
        dy = first.gradient(y, x)
        d2y = second.gradient(dy[0], x)
        d3y = third.gradient(d2y[1], x)
    a, b, c, d = x.numpy()
    np.testing.assert_allclose(dy.numpy(), [b * c * d, a * c * d, a * b * d, a * b * c])
    np.testing.assert_allclose(d2y.numpy(), [0, c * d, b * d, b * c])
    np.testing.assert_allclose(d3y.numpy(), [0, 0, d, c])
