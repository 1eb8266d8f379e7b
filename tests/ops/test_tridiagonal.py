"""Tridiagonal matrices: answers compared with TensorFlow's, and with whole matrices."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("tridiagonal")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


BANDS = np.random.default_rng(6).normal(size=(2, 3, 5)) + np.array([[0.0], [6.0], [0.0]])


def whole(bands):
    """The matrices that the bands stand for."""
    return np.stack([np.diag(u[:-1], 1) + np.diag(d) + np.diag(low[1:], -1) for u, d, low in bands])


def test_products_and_solutions_are_those_of_the_whole_matrix():
    x = np.random.default_rng(7).normal(size=(2, 5, 3))
    np.testing.assert_allclose(tf.linalg.tridiagonal_matmul(BANDS, x).numpy(), whole(BANDS) @ x, atol=1e-12)
    np.testing.assert_allclose(tf.linalg.tridiagonal_solve(BANDS, x).numpy(), np.linalg.solve(whole(BANDS), x), atol=1e-12)


def test_all_formats_say_the_same():
    x = np.ones((2, 5, 1))
    compact = tf.linalg.tridiagonal_solve(BANDS, x).numpy()
    upper, main, lower = BANDS[:, 0], BANDS[:, 1], BANDS[:, 2]
    for sequence in ((upper, main, lower), (upper[:, :-1], main, lower[:, 1:])):
        found = tf.linalg.tridiagonal_solve(sequence, x, diagonals_format="sequence")
        np.testing.assert_allclose(found.numpy(), compact)
    found = tf.linalg.tridiagonal_solve(whole(BANDS), x, diagonals_format="matrix")
    np.testing.assert_allclose(found.numpy(), compact)


def test_what_is_not_implemented_says_so():
    with pytest.raises(NotImplementedError, match="perturb_singular"):
        tf.linalg.tridiagonal_solve(BANDS, np.ones((2, 5)), perturb_singular=True)


def test_sizes_that_differ_are_named():
    with pytest.raises(ValueError, match="got 5 and 4"):
        tf.linalg.tridiagonal_solve(BANDS, np.ones((2, 4)))
