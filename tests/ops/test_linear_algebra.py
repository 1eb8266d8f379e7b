"""Inverses, determinants and linear systems: answers compared with TensorFlow's and NumPy's."""

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import algebra


@algebra.of("linear_algebra")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("batch", [(), (2,), (2, 0), (2, 3)])
def test_solving_and_inverting_are_numpys_in_batches(dtype, batch):
    generator = np.random.default_rng(5)
    a = (generator.normal(size=(*batch, 3, 3)) + 4 * np.eye(3)).astype(dtype)
    b = generator.normal(size=(*batch, 3, 2)).astype(dtype)
    tolerance = {"rtol": 1e-4, "atol": 1e-5} if a.itemsize / (1 + np.iscomplexobj(a)) == 4 else {"rtol": 1e-10}
    for found, expected in (
        (tf.linalg.inv(a), np.linalg.inv(a)),
        (tf.linalg.solve(a, b), np.linalg.solve(a, b)),
        (tf.linalg.solve(a, b, adjoint=True), np.linalg.solve(np.conj(a.swapaxes(-1, -2)), b)),
        (tf.linalg.det(a), np.linalg.det(a)),
    ):
        assert found.dtype == dtype and found.shape == expected.shape
        np.testing.assert_allclose(found.numpy(), expected, **tolerance)


@pytest.mark.parametrize("function", [tf.linalg.inv, lambda a: tf.linalg.solve(a, a)], ids=["inv", "solve"])
def test_a_singular_matrix_is_named_as_such(function):
    with pytest.raises(tf.errors.InvalidArgumentError, match="not invertible"):
        function([[1.0, 2.0], [2.0, 4.0]])


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ((2, 3), (2, 1), "square"),
        ((2, 2), (3, 1), r"incompatible.*\[2,2\] \[3,1\]"),
        ((2, 2), (2,), "tf.newaxis"),
        ((2, 2, 2), (2, 1), "same rank"),
    ],
)
def test_systems_that_do_not_fit_are_named(a, b, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        tf.linalg.solve(tf.ones(a), tf.ones(b))


def test_integers_are_refused_with_what_to_do():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"int32.*tf\.cast"):
        tf.linalg.inv([[1, 2], [3, 4]])


def test_cross_products_are_of_three_elements():
    with pytest.raises(tf.errors.FailedPreconditionError, match="3-element"):
        tf.linalg.cross([1.0, 2.0], [1.0, 2.0])
