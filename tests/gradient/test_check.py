"""`tf.test.compute_gradient`: both Jacobians, real and complex. The answers are TensorFlow's."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def test_both_jacobians_of_every_argument():
    found = tf.test.compute_gradient(lambda x, y: x * y, [tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])])
    for of_x, of_y in found:
        assert of_x.dtype == of_y.dtype == np.float32
        assert of_x.tolist() == [[3.0, 0.0], [0.0, 4.0]]
        assert of_y.tolist() == [[1.0, 0.0], [0.0, 2.0]]


def test_a_wrong_rule_is_found():
    wrong = tf.custom_gradient(lambda x: (x * x, lambda dy: dy * x))
    (by_rules,), (by_differences,) = tf.test.compute_gradient(wrong, [tf.constant([1.0, 3.0], tf.float64)])
    assert by_rules.tolist() == [[1.0, 0.0], [0.0, 3.0]]
    np.testing.assert_allclose(by_differences, [[2.0, 0.0], [0.0, 6.0]])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x * x, [[2.0, -4.0], [4.0, 2.0]]),
        (tf.math.conj, [[1.0, 0.0], [0.0, -1.0]]),
        (tf.math.real, [[1.0, 0.0]]),
    ],
)
def test_a_complex_element_is_two_real_ones(function, expected):
    for (jacobian,) in tf.test.compute_gradient(function, [tf.constant([1 + 2j])]):
        np.testing.assert_allclose(jacobian, expected, atol=1e-12)


def test_the_step_can_be_chosen():
    cube = [np.array([1.0])]
    _, (by_differences,) = tf.test.compute_gradient(lambda x: x * x * x, cube, delta=0.5)
    assert by_differences.item() == 3.25


def test_functions_that_are_constant_or_empty():
    for (jacobian,) in tf.test.compute_gradient(lambda x: tf.constant([1.0, 2.0]), [tf.constant([1.0])]):
        assert jacobian.tolist() == [[0.0], [0.0]]
    for (jacobian,) in tf.test.compute_gradient(tf.square, [tf.zeros([0])]):
        assert (jacobian.shape, jacobian.dtype) == ((0, 0), np.float32)


def test_what_cannot_be_checked_is_refused():
    with pytest.raises(ValueError, match="must be a list or tuple"):
        tf.test.compute_gradient(tf.square, 1.0)
    with pytest.raises(AssertionError, match="unsupported type int32 of argument 1"):
        tf.test.compute_gradient(lambda x, i: x, [tf.constant([1.0]), tf.constant([0])])
    with pytest.raises(TypeError, match="must return one tensor"):
        tf.test.compute_gradient(lambda x: (x, x), [tf.constant([1.0])])
