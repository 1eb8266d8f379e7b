"""Loops and choices of every form give what TensorFlow gave, with gradients of two orders, and stay in the graph."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.loop_programs import PROGRAMS, X

ANSWERS = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "loops.json").read_text())

every_program = pytest.mark.parametrize("name", PROGRAMS)


def values_of(name):
    program = PROGRAMS[name]
    return lambda x: tf.nest.flatten(program(tf, x))


def total_of(name):
    program = PROGRAMS[name]

    def total(x):
        return tf.add_n([tf.reduce_sum(tf.sin(y)) for y in tf.nest.flatten(program(tf, x)) if y.dtype == tf.float64])

    return total


def derivatives(total, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = total(x)
        first = tape.gradient(y, x)
    return first, None if first is None else outer.gradient(first, x)


def check(found, recorded):
    """TensorFlow says None or zeros where there is no path; both are right."""
    if found is None or recorded is None:
        for other in (found, recorded):
            assert other is None or not np.any(np.asarray(other))
    else:
        np.testing.assert_allclose(np.asarray(found), recorded, rtol=1e-11, atol=1e-13)


@every_program
def test_values_are_those_recorded(name):
    answer = ANSWERS[name]
    function = tf.function(values_of(name))
    for _ in range(2):
        found = function(tf.constant(X))
        assert [y.dtype.name for y in found] == answer["dtypes"]
        for y, expected in zip(found, answer["values"], strict=True):
            np.testing.assert_allclose(y.numpy(), np.reshape(expected, y.shape), rtol=1e-12, atol=1e-14)
            assert y.shape == np.shape(expected) or y.shape[0] == 0  # a list of none does not tell the other sizes
    assert function.experimental_eager_reasons() == ()


@every_program
def test_gradients_inside_are_those_recorded(name):
    total = total_of(name)
    function = tf.function(lambda x: derivatives(total, x))
    first, second = function(tf.constant(X))
    assert function.experimental_eager_reasons() == ()
    check(first, ANSWERS[name]["first"])
    check(second, ANSWERS[name]["second"])


@every_program
def test_gradients_outside_are_those_recorded(name):
    function = tf.function(total_of(name))
    first, second = derivatives(function, tf.constant(X))
    assert function.experimental_eager_reasons() == ()
    check(first, ANSWERS[name]["first"])
    check(second, ANSWERS[name]["second"])


@every_program
def test_the_gradient_is_the_slope(name):
    if name == "while_without_gradient":
        pytest.skip("what is stopped has a slope")
    function = tf.function(total_of(name))
    first = ANSWERS[name]["first"] or np.zeros_like(X)
    for i in range(len(X)):
        step = np.eye(len(X))[i] * 1e-6
        slope = (function(tf.constant(X + step)).numpy() - function(tf.constant(X - step)).numpy()) / 2e-6
        np.testing.assert_allclose(slope, first[i], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if "array" in name])
def test_a_persistent_tape_outside_asks_as_often_as_it_likes(name):
    program = PROGRAMS[name]
    function = tf.function(lambda x: [y for y in tf.nest.flatten(program(tf, x)) if y.dtype == tf.float64])
    x = tf.constant(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        results = function(x)
    for i, y in enumerate(results):  # one result has a cotangent, the others none
        for _ in range(2):
            found = tape.gradient(y, x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            alone = [each for each in tf.nest.flatten(program(tf, x)) if each.dtype == tf.float64][i]
        expected = inner.gradient(alone, x)
        if name != "array_overwritten":  # eagerly an array that is written to has no older versions
            np.testing.assert_allclose(found, np.zeros_like(X) if expected is None else expected, rtol=1e-11, atol=1e-13)


def test_writing_to_an_array_takes_constant_time_and_keeps_older_versions():
    from tapeflow.graph.cells import Cells

    first = version = Cells([None] * 3, 3)
    for i in range(3):
        version = version.written(i, float(i))
    items = version._items
    longer = version.written(5, 5.0, grows=True)
    assert longer._items is items and longer.all() == [0.0, 1.0, 2.0, None, None, 5.0]
    assert first.all() == [None] * 3 and version.all() == [0.0, 1.0, 2.0] and len(version) == 3
    assert longer.read(5) == 5.0
    with pytest.raises(tf.errors.OutOfRangeError, match="index 5"):
        version.written(5, 1.0)
