"""What each pass leaves of a graph, and that it means the same."""

from __future__ import annotations

import time

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.ir import Choice, Loop
from tapeflow.graph.passes import LARGEST_FOLDED, folded, optimized, pruned, rewritten, shared
from tapeflow.graph.plan import Plan
from tapeflow.graph.simplify import simplified
from tapeflow.graph.verification import verify
from tests.graph.graphs import names, traced

ROW = np.array([1.0, -2.0, 0.5], np.float32)
SCALAR = np.float32(1.5)


def after(rules, function, *arrays):
    """The operations that are left of a function."""
    block, _, outputs = traced(function, *arrays)
    return names(pruned(*rewritten(block, outputs, rules)))


# -- what is needed -----------------------------------------------------------------------------------------


def test_nodes_that_nothing_needs_are_left_out():
    def function(x):
        _ = tf.exp(x)
        return tf.sin(x)

    assert after((), function, ROW) == ["Sin"]


def test_effects_stay_and_what_they_need():
    v = tf.Variable(ROW)

    def function(x):
        v.assign(tf.exp(x))
        return tf.sin(x)

    left = after((), function, ROW)
    assert left[0] == "Exp" and left[-1] == "Sin" and len(left) == 3


def test_the_body_of_a_loop_is_pruned_too():
    def function(x):
        def body(i, y):
            _ = tf.sin(y)
            return i + 1, tf.exp(y)

        return tf.while_loop(lambda i, y: i < 3, body, (tf.constant(0), x))[1]

    assert "Sin" not in after((), function, ROW)
    assert "Exp" in after((), function, ROW)


def test_a_loop_and_a_choice_name_nothing_that_was_left_out():
    def function(x):
        def body(i, y, unread):
            y, _ = tf.cond(y[0] > 1.0, lambda: (y * 2.0, tf.sin(y)), lambda: (y + x, tf.cos(y)))
            return i + 1, y, tf.tan(unread)

        y = tf.while_loop(lambda i, *_: i < 3, body, (tf.constant(0), x, x))[1]
        rows = tf.scan(lambda y, pair: y + pair[0], (tf.stack([x, x]), tf.exp(tf.stack([y, x]))), y)
        return rows[1]

    block, inputs, outputs = traced(function, ROW)
    block = pruned(block, outputs)
    verify(block, inputs, outputs)
    first, second = [node for node in block.nodes if type(node) is Loop]
    assert len(first.outputs) == len(first.state) == 2
    assert [len(node.outputs) for node in first.body.nodes if type(node) is Choice] == [1]
    assert len(second.rows) == 1
    assert not {"Sin", "Cos", "Tan", "Exp"} & set(names(block))


# -- constants ------------------------------------------------------------------------------------------------


def test_a_node_of_constants_is_computed_once():
    def function(x):
        zero = tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.constant(0.0), lambda: tf.constant(1.0))
        return x * zero + tf.reshape(tf.broadcast_to(x, [1, 3]), [3])

    assert "Mul" in after((folded,), function, ROW)

    block, _, outputs = traced(lambda x: tf.exp(tf.where([True, True, True], tf.constant(ROW), x)), ROW)
    block, (output,) = rewritten(block, outputs, (simplified, folded))
    assert names(pruned(block, [output])) == []
    np.testing.assert_array_equal(output.numpy(), np.exp(ROW))


def test_large_results_are_not_kept_in_the_graph():
    count = LARGEST_FOLDED // 4 + 1

    def function(x):
        return tf.exp(tf.where(tf.ones(count, tf.bool), tf.ones(count), x))

    assert after((simplified, folded), function, np.ones(count, np.float32)) == ["Exp"]


def test_a_node_of_constants_that_fails_fails_when_it_runs():
    def function(x):
        return tf.gather(tf.constant(ROW), tf.where([True], [7], x))

    assert after((simplified, folded), function, np.array([1], np.int32)) == ["GatherV2"]


# -- common subexpressions ------------------------------------------------------------------------------------


def test_equal_nodes_are_computed_once():
    assert after((shared,), lambda x: tf.exp(x) + tf.exp(x) * tf.exp(x), ROW) == ["Exp", "Mul", "AddV2"]


def test_nodes_with_other_attributes_are_not_equal():
    assert after((shared,), lambda x: tf.reduce_sum(x, 0) + tf.reduce_sum(x, 1), np.ones((2, 2))).count("Sum") == 2
    assert after((shared,), lambda x: (tf.cast(x, tf.float64), tf.cast(x, tf.float16)), ROW) == ["Cast", "Cast"]
    assert after((shared,), lambda x: (x * 0.0, x * -0.0), ROW) == ["Mul", "Mul"]


def test_a_branch_uses_what_was_computed_before_it_but_not_what_another_branch_computed():
    def function(x):
        y = tf.exp(x)
        chosen = tf.cond(x > 0.0, lambda: tf.exp(x) + tf.sin(x), lambda: tf.sin(x) - 1.0)
        return y + chosen + tf.sin(x)

    left = after((shared,), function, SCALAR)
    assert left.count("Exp") == 1
    assert left.count("Sin") == 3


def test_reads_of_a_variable_are_one_until_it_may_have_changed():
    v = tf.Variable(ROW)

    def function(x):
        with tf.GradientTape() as tape:
            y = v * x
        g = tape.gradient(y, v)
        v.assign(g)
        return y + v

    block, _, outputs = traced(function, ROW)
    left = names(optimized(block, outputs)[0])
    assert left.count("read") == 2


def test_a_variable_that_a_loop_assigns_is_read_in_every_turn():
    v = tf.Variable(1.0)

    @tf.function
    def function(n):
        before = v * 1.0
        i = tf.constant(0)
        while i < n:
            v.assign(v * 2.0)
            i += 1
        return before, v.read_value()

    assert [y.numpy() for y in function(tf.constant(3))] == [1.0, 8.0]
    assert function.experimental_eager_reasons() == ()


def test_several_outputs_are_shared_even_if_the_first_node_did_not_need_all():
    def function(x):
        first, _ = tf.split(x, 2)
        _, second = tf.split(x, 2)
        return first, second

    x = np.arange(4, dtype=np.float32)
    block, inputs, outputs = traced(function, x)
    plan = Plan(block, inputs, outputs)
    np.testing.assert_array_equal(np.concatenate(plan(x)), x)


# -- all together ---------------------------------------------------------------------------------------------


def test_the_time_of_the_passes_is_linear_in_the_number_of_nodes():
    """Counted in steps, not in seconds: each node is asked a fixed number of times."""
    calls = []

    def counted(node, values):
        calls.append(node)

    for count in (10, 100, 1000):

        def function(x, count=count):
            for _ in range(count):
                x = tf.sin(x) * 0.5
            return x

        block, _, outputs = traced(function, ROW)
        calls.clear()
        rewritten(block, outputs, (counted,))
        assert len(calls) == 2 * count


def test_a_deep_graph_needs_no_deep_recursion():
    def function(x):
        for _ in range(3000):
            x = tf.sin(x)
        return x

    block, inputs, outputs = traced(function, ROW)
    start = time.process_time()
    (y,) = Plan(block, inputs, outputs)(ROW)
    assert y.shape == (3,) and time.process_time() > start


@pytest.mark.parametrize("passes", [(simplified,), (folded,), (shared,), (simplified, folded, shared)])
def test_the_old_graph_is_left_as_it_is(passes):
    def function(x):
        return tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * 1.0 + tf.exp(x), lambda: tf.exp(x) - 0.0)

    block, _, outputs = traced(function, ROW)
    before = names(block)
    rewritten(block, outputs, passes)
    assert names(block) == before
