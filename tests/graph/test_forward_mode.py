"""Forward mode inside of functions and around their calls: the derivatives are TensorFlow's."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.tangents import FUNCTIONS, PLACES, SCHEMES, T, V, X, run

RECORDED = json.loads((Path(__file__).parents[1] / "golden" / "tangents.json").read_text())
ALL = [(name, order, place) for name in FUNCTIONS for order in SCHEMES for place in PLACES]


def same(found, expected, rtol):
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        if b is None:
            assert a is None
        else:
            np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)


@pytest.mark.parametrize(("name", "order", "place"), ALL)
def test_derivatives_are_those_of_tensorflow(name, order, place, compiled):
    found = run(tf, name, order, place)
    if f"{name} {order}" in RECORDED:
        same(found, RECORDED[f"{name} {order}"], 2e-4)
    else:
        assert order == "forward_over_forward"
        curvature = RECORDED[f"{name} forward_over_reverse"][1]
        np.testing.assert_allclose(found[1], np.dot(curvature, T), rtol=2e-4)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tangents_are_central_differences(name, compiled):
    def at(step):
        v = tf.Variable(V.astype(np.float64))
        f = tf.function(FUNCTIONS[name](Doubled(), v))
        return f(tf.constant(X.astype(np.float64) + step * T), tf.constant(4))

    v = tf.Variable(V.astype(np.float64))
    x, t = tf.constant(X.astype(np.float64)), tf.constant(T.astype(np.float64))
    f = tf.function(FUNCTIONS[name](Doubled(), v))
    found = SCHEMES["tangent"](tf, f, x, t, tf.constant(4), v)[1]
    np.testing.assert_allclose(found, (at(1e-5) - at(-1e-5)) / 2e-5, rtol=1e-6)


class Doubled:
    """The module, with float64 where the functions say float32."""

    float32 = tf.float64

    def __getattr__(self, name):
        return getattr(tf, name)

    @staticmethod
    def constant(value):
        return tf.constant(value, None if isinstance(value, int) else tf.float64)


# -- what an accumulator hears --------------------------------------------------------------------------


def test_effects_happen_once_under_an_accumulator(capsys, compiled):
    v, x = tf.Variable(2.0), tf.constant(3.0)

    @tf.function
    def f(x):
        v.assign_add(1.0)
        tf.print("ran")
        return x * v + tf.random.uniform([]) * 0.0

    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as accumulator:
        y = f(x)
    assert (float(accumulator.jvp(y)), float(v)) == (3.0, 3.0)
    assert capsys.readouterr().err == "ran\n"


def test_a_variable_that_the_function_assigns_has_its_tangent_when_it_is_read(compiled):
    v = tf.Variable([1.0, 2.0])

    @tf.function
    def f(x):
        v.assign_add(x)
        return v * v

    with tf.autodiff.ForwardAccumulator(v, tf.constant([1.0, 2.0])) as accumulator:
        y = f(tf.constant([3.0, 4.0]))
    np.testing.assert_array_equal(accumulator.jvp(y), [8.0, 24.0])


def test_tangents_reach_tensors_that_the_function_captured(compiled):
    x = tf.constant([1.0, 2.0])

    @tf.function
    def f(y):
        return x * x * y

    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as accumulator:
        z = f(tf.constant(3.0))
    np.testing.assert_array_equal(accumulator.jvp(z), [6.0, 0.0])


def test_a_structure_has_tangents_where_it_has_derivatives(compiled):
    x = tf.constant([1.0, 2.0])
    f = tf.function(lambda x: {"twice": x * 2.0, "whole": tf.cast(x, tf.int32), "other": tf.constant(1.0)})
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, -1.0])) as accumulator:
        found = accumulator.jvp(f(x))
    assert found["whole"] is found["other"] is None
    np.testing.assert_array_equal(found["twice"], [2.0, -2.0])


def test_sizes_may_be_unknown(compiled):
    @tf.function(input_signature=[tf.TensorSpec([None])])
    def products(x):
        return tf.reduce_sum(x[1:] * x[:-1])

    @tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([None])])
    def inside(x, t):
        with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
            y = products(x)
        return accumulator.jvp(y)

    for values in ([1.0, 2.0, 3.0], [1.0, 2.0, 4.0, 5.0]):
        x, t = tf.constant(values), tf.ones(len(values))
        with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
            y = products(x)
        expected = sum(a + b for a, b in itertools.pairwise(values))
        assert float(accumulator.jvp(y)) == float(inside(x, t)) == expected


def test_an_accumulator_in_the_body_of_a_loop_begins_anew_in_each_iteration(compiled):
    @tf.function
    def f(x, t):
        total = tf.zeros_like(x)
        for i in tf.range(5):
            with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
                y = x * x * tf.cast(i, tf.float32)
            total += accumulator.jvp(y)
        return total

    np.testing.assert_array_equal(f(tf.constant([1.0, 3.0]), tf.constant([1.0, -1.0])), [20.0, -60.0])


def test_a_gradient_that_a_function_computes_has_a_tangent(compiled):
    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(x**3)
        return tape.gradient(y, x)

    x = tf.constant([1.0, 2.0])
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 1.0])) as accumulator:
        dx = gradient(x)
    np.testing.assert_allclose(accumulator.jvp(dx), [6.0, 12.0], rtol=1e-6)
