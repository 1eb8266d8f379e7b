"""Cotangents that are slices: what comes of `tf.gather` is added, made dense, and differentiated again."""

from __future__ import annotations

import numpy as np

import tapeflow as tf


def value(gradient):
    return np.asarray(gradient).tolist()


def dense(gradient):
    return np.asarray(tf.convert_to_tensor(gradient)).tolist()


def test_the_gradient_of_a_gathered_variable_is_slices():
    table = tf.Variable([[1.0], [2.0], [3.0]])
    with tf.GradientTape() as tape:
        y = tf.gather(table, [0, 0, 2])
    gradient = tape.gradient(y, table)
    assert isinstance(gradient, tf.IndexedSlices)
    assert value(gradient.indices) == [0, 0, 2]
    assert dense(gradient) == [[2.0], [0.0], [1.0]]


def test_slices_and_tensors_are_added():
    table = tf.Variable([[1.0], [2.0], [3.0]])
    with tf.GradientTape(persistent=True) as tape:
        first, second, whole = tf.gather(table, [0, 0, 2]), tf.gather(table, [1]) * 5.0, table * table
    assert dense(tape.gradient([first, second], table)) == [[2.0], [5.0], [1.0]]
    assert dense(tape.gradient([first, whole], table)) == [[4.0], [4.0], [7.0]]
    assert dense(tape.gradient([whole, first], table)) == [[4.0], [4.0], [7.0]]


def test_slices_that_come_to_an_intermediate_result_become_dense_on_the_way():
    x = tf.constant([[1.0], [2.0], [3.0]])

    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = x * 2.0
        y = tf.gather(z, [0, 0, 2])
    assert value(tape.gradient(y, x)) == [[4.0], [0.0], [2.0]]
    assert dense(tape.gradient(y, z)) == [[2.0], [0.0], [1.0]]


def test_slices_are_differentiated_again():
    table = tf.Variable([[1.0], [2.0], [3.0]])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            rows = tf.gather(table, [0, 0, 2])
            y = rows * rows * rows
        gradient = inner.gradient(y, table)
    assert dense(outer.gradient(gradient, table)) == [[12.0], [0.0], [18.0]]
