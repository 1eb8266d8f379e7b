"""Which nodes are not computed because their result is there already, and which must be."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.passes import pruned, rewritten
from tapeflow.graph.plan import Plan
from tapeflow.graph.simplify import simplified
from tests.graph.graphs import names, traced

SPECIAL = np.array([0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan, 1e-45], np.float32)
MATRIX = np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5
ONES = np.ones((2, 3), np.float32)


def left(function, *arrays):
    block, _, outputs = traced(function, *arrays)
    block, outputs = rewritten(block, outputs, (simplified,))
    return names(pruned(block, outputs))


def bits(y):
    return np.asarray(y).tobytes()


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * 1.0,
        lambda x: 1.0 * x,
        lambda x: x * tf.ones(8),
        lambda x: x / 1.0,
        lambda x: x - 0.0,
        lambda x: x + -0.0,
        lambda x: -0.0 + x,
        lambda x: tf.negative(-x),
        lambda x: tf.identity(x),
        lambda x: tf.stop_gradient(x),
        lambda x: tf.where(True, x, 2.0),
        lambda x: tf.where([False] * 8, 2.0, x),
        lambda x: tf.reshape(x, [8]),
        lambda x: tf.reshape(tf.reshape(x, [2, 4]), [8]),
        lambda x: tf.broadcast_to(x, [8]),
        lambda x: tf.transpose(x),
    ],
)
def test_what_is_there_already_is_not_computed(function):
    assert left(function, SPECIAL) == []
    block, inputs, outputs = traced(function, SPECIAL)
    (y,) = Plan(block, inputs, outputs)(SPECIAL)
    assert bits(y) == bits(SPECIAL)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + 0.0,
        lambda x: 0.0 - x,
        lambda x: x - -0.0,
        lambda x: x * 0.0,
        lambda x: x * -1.0,
        lambda x: 1.0 / x,
        lambda x: x / x,
        lambda x: x - x,
        lambda x: x * tf.constant([1.0] * 7 + [2.0]),
        lambda x: tf.where([True] * 7 + [False], x, 2.0),
        lambda x: tf.reshape(x, [2, 4]) * 1.0,
    ],
)
def test_what_might_differ_in_a_bit_is_computed(function):
    assert left(function, SPECIAL)
    block, inputs, outputs = traced(function, SPECIAL)
    (y,) = Plan(block, inputs, outputs)(SPECIAL)
    assert bits(y) == bits(function(tf.constant(SPECIAL)).numpy())


def test_a_neutral_element_that_broadcasts_the_other_operand_is_not_neutral():
    assert left(lambda x: x * tf.ones([2, 3]), np.float32(2.0)) == ["Mul"]
    assert left(lambda x: tf.where(True, x, tf.ones([2, 3])), np.float32(2.0)) == ["SelectV2"]


def test_transposes_undo_one_another_and_are_joined():
    assert left(lambda x: tf.transpose(tf.transpose(x)), MATRIX) == []
    cube = np.arange(24.0).reshape(2, 3, 4)

    def turned(x):
        return tf.transpose(tf.transpose(x, [1, 2, 0]), [1, 2, 0])

    assert left(turned, cube) == ["Transpose"]
    block, inputs, outputs = traced(turned, cube)
    (y,) = Plan(block, inputs, outputs)(cube)
    np.testing.assert_array_equal(y, cube.transpose(2, 0, 1))


def test_several_reshapes_and_broadcasts_are_one():
    assert left(lambda x: tf.reshape(tf.reshape(tf.reshape(x, [6]), [3, 2]), [1, 6]), MATRIX) == ["Reshape"]
    assert left(lambda x: tf.broadcast_to(tf.broadcast_to(x, [2, 3]), [4, 2, 3]), MATRIX[0]) == ["BroadcastTo"]


def test_an_operation_that_broadcasts_needs_no_operand_broadcast_before():
    assert left(lambda x, y: x * tf.broadcast_to(y, [2, 3]), MATRIX, MATRIX[0]) == ["Mul"]
    assert left(lambda x, y: tf.broadcast_to(x, [2, 3]) * tf.broadcast_to(y, [2, 3]), MATRIX[0], MATRIX[1]) != ["Mul"]


def test_the_cotangent_of_a_sum_is_not_spread_to_be_multiplied():
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.sin(x))
        return tape.gradient(y, x)

    assert left(slope, MATRIX) == ["Cos"]


@pytest.mark.parametrize("axis", [0, 1])
def test_the_cotangent_of_a_sum_over_an_axis_keeps_its_axis(axis):
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.reduce_sum(x * x, axis) ** 3)
        return tape.gradient(y, x)

    square = np.arange(9, dtype=np.float32).reshape(3, 3)
    block, inputs, outputs = traced(slope, square)
    (y,) = Plan(block, inputs, outputs)(square)
    np.testing.assert_array_equal(y, slope(tf.constant(square)).numpy())
