"""Every law of graphs is checked: a graph that breaks it is refused, and it says where."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.ir import Choice, Loop, Node
from tapeflow.graph.passes import optimized
from tapeflow.graph.verification import Malformed, verify
from tests.graph.graphs import traced

ROW = np.array([1.0, -2.0, 0.5])


def program(x):
    y = tf.sin(x)
    _, total = tf.while_loop(lambda i, z: i < 3, lambda i, z: (i + 1, z * y), (tf.constant(0), x))
    return tf.cond(tf.reduce_sum(total) > 0.0, lambda: total * 2.0, lambda: tf.exp(x)), y


@pytest.fixture
def graph():
    block, inputs, outputs = traced(program, ROW)
    block, outputs = optimized(block, outputs)
    verify(block, inputs, outputs)
    return block, inputs, outputs


def the(kind, block):
    return next(node for node in block.nodes if type(node) is kind)


def test_a_value_is_not_named_before_it_is_made(graph):
    block, inputs, outputs = graph
    block.nodes.reverse()
    with pytest.raises(Malformed, match="made nowhere before"):
        verify(block, inputs, outputs)


def test_a_value_of_a_body_is_not_named_outside(graph):
    block, inputs, outputs = graph
    loop = the(Loop, block)
    with pytest.raises(Malformed, match=r"outputs of the graph: .* not known there"):
        verify(block, inputs, [*outputs, *loop.following])
    block.nodes.append(the(Node, loop.body).with_inputs(tuple(loop.following)))
    with pytest.raises(Malformed, match="not known there"):
        verify(block, inputs, outputs)


def test_what_a_loop_ends_with_is_there(graph):
    block, inputs, outputs = graph
    the(Loop, block).body.nodes.clear()
    with pytest.raises(Malformed, match="the end of a loop's body"):
        verify(block, inputs, outputs)


def test_what_one_side_makes_the_other_does_not_name(graph):
    block, inputs, outputs = graph
    choice = the(Choice, block)
    choice.results = choice.results[::-1]
    with pytest.raises(Malformed, match="the results of a choice"):
        verify(block, inputs, outputs)


def test_a_number_is_given_once(graph):
    block, inputs, outputs = graph
    block.nodes.append(block.nodes[0])
    with pytest.raises(Malformed, match="another value with the number"):
        verify(block, inputs, outputs)


@pytest.mark.parametrize(("kind", "name"), [(Loop, "initial"), (Loop, "following"), (Loop, "outputs"), (Choice, "outputs")])
def test_lists_that_go_together_are_of_one_length(graph, kind, name):
    block, inputs, outputs = graph
    node = the(kind, block)
    setattr(node, name, [*getattr(node, name), *getattr(node, name)[:1]])
    with pytest.raises(Malformed, match=r"2 and 3|1 and 2|3 and 2"):
        verify(block, inputs, outputs)


def test_a_value_has_one_shape_and_a_state_one_dtype(graph):
    block, inputs, outputs = graph
    other = type(outputs[1])(type(outputs[1]._value)((7,), ROW.dtype, outputs[1]._value.number, None))
    with pytest.raises(Malformed, match=r"is \(\(7,\)"):
        verify(block, inputs, [*outputs, other])
    loop = the(Loop, block)
    loop.initial = [tf.constant(0, x._value.dtype) if x is not loop.initial[0] else tf.constant(0.5) for x in loop.initial]
    with pytest.raises(Malformed, match=r"it starts with"):
        verify(block, inputs, outputs)
