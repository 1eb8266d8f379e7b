"""What no turn of a loop changes is computed once, and nothing else is changed by that."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.ir import Loop, blocks_of


def names(function, *arguments):
    """The primitives in front of a function's loop, and inside it."""
    nodes = function.get_concrete_function(*arguments)._plan.graph.nodes
    (loop,) = [node for node in nodes if type(node) is Loop]

    def inside(node):
        for block in blocks_of(node):
            for each in block.nodes:
                yield from [each.primitive.name] if getattr(each, "primitive", None) is not None else []
                yield from inside(each)

    before = [node.primitive.name for node in nodes[: nodes.index(loop)] if getattr(node, "primitive", None) is not None]
    return before, list(inside(loop))


@tf.function
def in_a_branch(c, n):
    y = c * 0.0
    for _ in tf.range(n):
        if y < 1e3:
            y = y + tf.exp(tf.sin(c * 0.5)) * 0.5 + c * c
        else:
            y = y * tf.cos(y)
    return y


def test_what_takes_long_is_in_front_of_the_loop_and_what_it_needs():
    c, n = tf.constant(0.3), tf.constant(20)
    before, inside = names(in_a_branch, c, n)
    assert before[-3:] == ["Mul", "Sin", "Exp"]
    assert "Exp" not in inside
    assert "Sin" not in inside
    assert "Cos" in inside  # of what changes
    assert inside.count("Mul") >= 2  # cheap ones stay
    np.testing.assert_allclose(in_a_branch(c, n), in_a_branch.python_function(c, n), rtol=1e-5)
    np.testing.assert_allclose(in_a_branch(c, tf.constant(0)), 0.0)


def test_out_of_loops_in_loops():
    @tf.function
    def function(c, n):
        y = c * 0.0
        for i in tf.range(n):
            for _ in tf.range(n):
                y = y + tf.tanh(c) + tf.sin(tf.cast(i, tf.float32))
        return y

    c, n = tf.constant([0.3, 0.4]), tf.constant(5)
    before, inside = names(function, c, n)
    assert "Tanh" in before
    assert "Tanh" not in inside
    assert "Sin" in inside
    expected = 25 * np.tanh(c.numpy()) + 5 * np.sin(np.arange(5)).sum()
    np.testing.assert_allclose(function(c, n), expected, rtol=1e-5)


@pytest.mark.parametrize("switch", ["on", "off"])
def test_gradients_and_variables_that_the_loop_assigns(switch, monkeypatch):
    monkeypatch.setenv("TAPEFLOW_NATIVE", switch)
    v = tf.Variable(0.5, dtype=tf.float64)

    @tf.function
    def function(c, n):
        with tf.GradientTape() as tape:
            tape.watch(c)
            y = c * 0.0
            for _ in tf.range(n):
                y = y * 0.5 + tf.exp(c) * tf.sin(v)
                v.assign(v * 1.5)
        return y, tape.gradient(y, c)

    c = tf.constant(0.7, tf.float64)
    found = function(c, tf.constant(4))
    left = v.numpy()
    v.assign(0.5)
    expected = function.python_function(c, tf.constant(4))
    np.testing.assert_allclose(left, v.numpy(), rtol=1e-12)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_what_could_fail_stays_where_it_may_not_be_reached():
    @tf.function
    def function(a, b, n):
        y = tf.constant(0.0)
        for _ in tf.range(n):
            if b != 0:
                y += tf.exp(tf.cast(a // b, tf.float32))
        return y

    a, n = tf.constant(4), tf.constant(3)
    np.testing.assert_allclose(function(a, tf.constant(2), n), 3 * np.exp(np.float32(2.0)), rtol=1e-6)
    assert function(a, tf.constant(0), n).numpy() == 0.0
    _, inside = names(function, a, tf.constant(0), n)
    assert "Exp" in inside


def test_it_can_be_switched_off():
    tf.config.optimizer.set_experimental_options({"loop_optimization": False})
    try:
        function = tf.function(in_a_branch.python_function)
        function(tf.constant(0.3), tf.constant(3))
    finally:
        tf.config.optimizer.set_experimental_options({"loop_optimization": None})
    before, inside = names(function, tf.constant(0.3), tf.constant(3))
    assert "Exp" in inside
    assert "Exp" not in before
