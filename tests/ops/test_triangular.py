"""Triangular systems and the Cholesky factor: answers compared with TensorFlow's and NumPy's."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("triangular")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("adjoint", [True, False])
@pytest.mark.parametrize(("left", "right"), [((), ()), ((2,), (2,)), ((2, 1), (3,)), ((), (2,)), ((0,), ())])
def test_triangular_systems_are_solved_over_batches_that_broadcast(kind, lower, adjoint, left, right):
    generator = np.random.default_rng(7)
    a, b = generator.normal(size=(*left, 3, 3)), generator.normal(size=(*right, 3, 2))
    if kind == "complex":
        a, b = a + 1j * generator.normal(size=a.shape), b + 0j
    a = a + 4 * np.eye(3)
    x = tf.linalg.triangular_solve(a, b, lower=lower, adjoint=adjoint).numpy()
    triangle = np.tril(a) if lower else np.triu(a)
    triangle = np.conj(triangle.swapaxes(-1, -2)) if adjoint else triangle
    expected = np.broadcast_to(b, x.shape)
    np.testing.assert_allclose(triangle @ x, expected, atol=1e-10)


def test_of_a_batch_only_the_matrices_that_are_not_positive_definite_are_nan():
    factors = tf.linalg.cholesky(np.stack([np.eye(2), -np.eye(2), [[np.nan, 0.0], [0.0, 1.0]]])).numpy()
    np.testing.assert_array_equal(factors[0], np.eye(2))
    for failed in factors[1:]:
        assert np.isnan(failed[np.tril_indices(2)]).all() and failed[0, 1] == 0


def test_cholesky_solve_solves():
    a = np.array([[4.0, 2.0], [2.0, 5.0]])
    x = tf.linalg.cholesky_solve(tf.linalg.cholesky(a), np.eye(2)).numpy()
    np.testing.assert_allclose(x, np.linalg.inv(a))


def test_the_unread_triangle_has_no_gradient():
    a = tf.constant([[2.0, 9.0], [1.0, 3.0]])
    with tf.GradientTape() as tape:
        tape.watch(a)
        y = tf.linalg.triangular_solve(a, [[1.0], [2.0]])
    assert tape.gradient(y, a).numpy()[0, 1] == 0
