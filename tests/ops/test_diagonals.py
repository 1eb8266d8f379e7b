"""Diagonals: answers compared with TensorFlow's, and with each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.ops.diagonals import ALIGNMENTS
from tests.golden import algebra


@algebra.of("diagonals")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


@given(st.integers(1, 4), st.integers(1, 4), st.sampled_from(ALIGNMENTS), st.data())
@settings(deadline=None)
def test_bands_put_back_where_they_were_taken_change_nothing(rows, columns, align, data):
    low = data.draw(st.integers(1 - rows, columns - 1))
    high = data.draw(st.integers(low, columns - 1))
    x = np.random.default_rng(0).normal(size=(2, rows, columns))
    bands = tf.linalg.diag_part(x, k=(low, high), align=align)
    np.testing.assert_array_equal(tf.linalg.set_diag(x, bands, k=(low, high), align=align).numpy(), x)
    alone = tf.linalg.set_diag(np.zeros_like(x), bands, k=(low, high), align=align).numpy()
    np.testing.assert_array_equal(alone, np.tril(np.triu(x, low), high))


@given(st.integers(0, 4), st.integers(-3, 3))
@settings(deadline=None)
def test_one_diagonal_is_numpys(n, k):
    d = np.arange(1.0, n + 1)
    if n:
        np.testing.assert_array_equal(tf.linalg.diag(d, k=k).numpy(), np.diag(d, k))
        np.testing.assert_array_equal(tf.linalg.diag_part(np.diag(d, k), k=k).numpy(), d)


def test_what_does_not_fit_is_named():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"number of rows is too small: 1, and the diagonals need 2"):
        tf.linalg.diag([1, 2], num_rows=1)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Expected diagonal shape: \[2\]"):
        tf.linalg.set_diag(np.eye(2), [1.0, 2.0, 3.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="must be between -2 and 2"):
        tf.linalg.diag_part(np.eye(2), k=2)


def test_setting_a_diagonal_leaves_the_argument_as_it_was():
    x = tf.constant(np.zeros((2, 2)))
    tf.linalg.set_diag(x, [1.0, 2.0])
    assert not x.numpy().any()
