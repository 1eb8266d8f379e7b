"""What is done with an LU factorization: answers compared with TensorFlow's."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("factored")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


A = np.random.default_rng(4).normal(size=(2, 3, 3))


def test_factors_solve_invert_and_rebuild_in_batches():
    packed, p = tf.linalg.lu(A)
    np.testing.assert_allclose(tf.linalg.lu_reconstruct(packed, p).numpy(), A, atol=1e-12)
    np.testing.assert_allclose(tf.linalg.lu_matrix_inverse(packed, p).numpy(), np.linalg.inv(A), atol=1e-10)
    b = np.ones((3, 1))
    np.testing.assert_allclose(tf.linalg.lu_solve(packed, p, b).numpy(), np.linalg.solve(A, b[np.newaxis]), atol=1e-10)


def test_what_is_no_permutation_is_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="not a permutation"):
        tf.linalg.lu_reconstruct(np.eye(2), [0, 0])
    with pytest.raises(ValueError, match="must hold 2 integers"):
        tf.linalg.lu_reconstruct(np.eye(2), [0])


def test_right_hand_sides_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="does not fit"):
        tf.linalg.lu_solve(np.eye(2), [0, 1], np.ones((3, 1)))
