"""Scatter and its relatives that update a copy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("scattering")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


OPERATIONS = {
    "update": lambda old, new: new,
    "add": lambda old, new: old + new,
    "sub": lambda old, new: old - new,
    "min": np.minimum,
    "max": np.maximum,
}


@given(
    st.sampled_from(sorted(OPERATIONS)),
    st.integers(1, 2),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=20),
)
def test_updates_are_applied_one_after_the_other(operation, depth, places):
    x = np.arange(12).reshape(4, 3) - 5
    indices = np.array(places, np.int32)[:, :depth]
    updates = np.random.default_rng(len(places)).integers(-9, 9, (len(places), *x.shape[depth:]))
    expected = x.copy()
    for place, update in zip(indices, updates, strict=True):
        expected[tuple(place)] = OPERATIONS[operation](expected[tuple(place)], update)
    found = getattr(tf, f"tensor_scatter_nd_{operation}")(x, indices, updates)
    np.testing.assert_array_equal(found, expected)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=20))
def test_scatter_nd_adds_to_zeros(places):
    indices = np.array(places, np.int32).reshape(-1, 2)
    expected = np.zeros((4, 3))
    np.add.at(expected, tuple(indices.T), 1.0)
    np.testing.assert_array_equal(tf.scatter_nd(indices, np.ones(len(places)), [4, 3]), expected)


def test_bad_indices_can_be_ignored():
    x = [1.0, 2.0, 3.0]
    for name, expected in (
        ("add", [1.0, 7.0, 3.0]),
        ("sub", [1.0, -3.0, 3.0]),
        ("min", [1.0, 2.0, 3.0]),
        ("max", [1.0, 5.0, 3.0]),
    ):
        found = getattr(tf, f"tensor_scatter_nd_{name}")(x, [[9], [1], [-1]], [4.0, 5.0, 6.0], bad_indices_policy="IGNORE")
        np.testing.assert_array_equal(found, expected)


def test_gradients_where_bad_indices_are_ignored():
    x, u = tf.constant([1.0, 2.0, 3.0]), tf.constant([4.0, 5.0, 6.0])
    with tf.GradientTape() as tape:
        tape.watch([x, u])
        y = tf.tensor_scatter_nd_max(x, [[9], [1], [-1]], u, bad_indices_policy="IGNORE")
    for found, expected in zip(tape.gradient(y, [x, u]), ([1.0, 0.0, 1.0], [0.0, 1.0, 0.0]), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_tensor_itself_is_left_alone():
    x = tf.constant([1.0, 2.0])
    tf.tensor_scatter_nd_update(x, [[0]], [9.0])
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_an_unknown_policy_is_refused():
    with pytest.raises(tf.errors.NotFoundError, match="bad_indices_policy='foo'"):
        tf.scatter_nd([[0]], [1.0], [2], bad_indices_policy="foo")
