"""Norms: answers compared with TensorFlow's and NumPy's."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("norms")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


X = np.random.default_rng(3).normal(size=(2, 3, 4))


@pytest.mark.parametrize("order", [1, 2, np.inf, "fro"])
@pytest.mark.parametrize("axis", [(0, 1), (-1, 0), (2, 1)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_matrix_norms_over_any_two_axes_are_numpys(order, axis, keepdims):
    expected = np.linalg.norm(X, order, axis, keepdims)
    np.testing.assert_allclose(tf.norm(X, order, axis, keepdims).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("order", [1, 1.5, 2, 3, np.inf])
@pytest.mark.parametrize("axis", [0, -1])
def test_vector_norms_are_numpys(order, axis):
    np.testing.assert_allclose(tf.norm(X, order, axis).numpy(), np.linalg.norm(X, order, axis), rtol=1e-12)


@pytest.mark.parametrize(
    ("order", "axis"), [(-1, None), (0, None), ("x", 0), ("fro", 0), (3, (0, 1)), (2, (0, 0)), (2, [0])]
)
def test_unknown_norms_are_refused(order, axis):
    with pytest.raises(ValueError, match="must be"):
        tf.norm(X, order, axis)


def test_a_large_vector_has_a_norm_and_a_gradient_in_sixteen_bits():
    x = tf.fill([64], tf.cast(100.0, tf.float16))  # the squares sum to more than float16 holds
    with tf.GradientTape() as tape:
        tape.watch(x)
        length = tf.norm(x)
    assert float(length) == 800.0
    np.testing.assert_allclose(tape.gradient(length, x).numpy(), 0.125)
