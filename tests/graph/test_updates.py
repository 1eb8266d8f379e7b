"""Changes of variables in a graph: a read, an operation and an assignment."""

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.ir import Assign, Node


def nodes(function, *args):
    """The nodes of a function's graph; it must have one."""
    concrete = function.get_concrete_function(*args)
    assert function.experimental_eager_reasons() == ()
    return concrete._block.nodes


def updates(variable):
    """Every way to change a vector of three, as functions of a vector."""
    return {
        "assign": lambda x: variable.assign(x),
        "assign_add": lambda x: variable.assign_add(x),
        "assign_sub": lambda x: variable.assign_sub(x),
        "of itself": lambda x: variable.assign_add(variable),
        "slice": lambda x: variable[1:].assign([7.0, 8.0]),
        "rows": lambda x: variable.scatter_add(tf.IndexedSlices([5.0, 6.0], [2, 0])),
        "elements": lambda x: variable.scatter_nd_update([[1]], [9.0]),
    }


@pytest.mark.parametrize("kind", updates(None))
def test_every_update_is_an_assignment_and_gives_what_it_gives_eagerly(kind):
    variables = [tf.Variable([1.0, 2.0, 3.0]) for _ in range(2)]
    eager, traced = (updates(v)[kind] for v in variables)
    x = tf.constant([10.0, 20.0, 30.0])

    @tf.function
    def twice(x):
        traced(x)
        first = variables[1] * 1.0
        traced(x)
        return first

    eager(x)
    first = variables[0].numpy()
    eager(x)
    assert np.array_equal(twice(x), first)
    assert np.array_equal(variables[1], variables[0])
    made = nodes(twice, x)
    assert sum(type(node) is Assign for node in made) == 2
    assert not any(type(node) is Node and node.effect for node in made)


def test_an_update_reads_no_variable_for_a_tape():
    v = tf.Variable(3.0)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            v.assign_add(1.0)
            y = tf.constant(2.0) * 1.0
        return tape.watched_variables() == (), tape.gradient(y, v) is None

    assert step.python_function() == (True, True)
    assert [bool(x) for x in step()] == [True, True]

    @tf.function
    def change(x):
        v.assign_add(x)
        v.assign(v * x)

    with tf.GradientTape() as tape:
        change(tf.constant(2.0))
    assert tape.watched_variables() == (v,)  # `v * x` reads it
    assert v.numpy() == 14.0  # ((3 + 1 + 1) + 2) · 2


def test_reads_after_an_assignment_are_new_ones_to_a_tape():
    def program(v):
        with tf.GradientTape(persistent=True) as tape:
            before = v * v
            v.assign(before)
            after = v * v
        return tape.gradient(before, v), tape.gradient(after, v)

    eager, traced = tf.Variable(3.0), tf.Variable(3.0)
    graph = tf.function(lambda: program(traced))
    assert [float(x) for x in graph()] == [float(x) for x in program(eager)] == [6.0, 18.0]
    nodes(graph)
    with tf.GradientTape() as tape:
        y = graph()[1]
    assert float(tape.gradient(y, traced)) == 2.0


def test_an_array_that_nobody_else_holds_is_changed_in_place(monkeypatch):
    monkeypatch.setattr("tapeflow.core.variable.alone", lambda: True)
    v, w = tf.Variable(np.ones(1000)), tf.Variable(np.ones(1000))

    @tf.function
    def step(x):
        y = tf.reduce_sum(v * x)
        v.assign_sub(x * 0.5)
        w.assign(w * 3.0)
        return y

    x = tf.ones(1000, tf.float64)
    step(x)
    places = v._value.ctypes.data, w._value.ctypes.data
    step(x)
    assert places == (v._value.ctypes.data, w._value.ctypes.data)
    assert (v._value == 0.0).all()
    assert (w._value == 9.0).all()


def test_an_array_that_someone_holds_is_left_alone():
    v = tf.Variable(np.zeros(4))

    @tf.function
    def step():
        old = v.read_value()
        v.assign_add([1.0, 2.0, 3.0, 4.0])
        return old, v.read_value()

    held = v.read_value()
    first = step()
    second = step()
    assert not held.numpy().any()
    assert not first[0].numpy().any()
    assert np.array_equal(first[1], second[0])
    assert np.array_equal(second[1], [2.0, 4.0, 6.0, 8.0])
    nodes(step)


def test_an_assignment_between_the_read_and_the_update_is_not_lost():
    v = tf.Variable(np.zeros(3))

    @tf.function
    def step(x):
        old = v + x
        v.assign([5.0, 5.0, 5.0])
        v.assign(old)

    step(tf.ones(3, tf.float64))
    assert np.array_equal(v, [1.0, 1.0, 1.0])
    nodes(step, tf.ones(3, tf.float64))


def test_assignments_stay_in_loops_and_branches():
    v = tf.Variable([0.0, 0.0])

    @tf.function
    def program():
        for i in tf.range(4):
            if i % 2 == 0:
                v.assign_add([1.0, 10.0])
            else:
                v[0].assign(tf.cast(i, tf.float32))
        return v.read_value()

    assert np.array_equal(program(), [4.0 - 1.0, 20.0])
    assert program.experimental_eager_reasons() == ()


def test_what_an_assignment_returns_can_be_assigned_again():
    v = tf.Variable(1.0)

    @tf.function
    def program():
        return v.assign_add(2.0).assign_add(4.0) * 1.0

    assert program().numpy() == 7.0
    assert program().numpy() == 13.0
    nodes(program)


def test_other_dtypes_are_updated_as_eagerly():
    for dtype in (tf.bfloat16, tf.int8, tf.uint8, tf.complex64):
        eager, traced = (tf.Variable(tf.cast([3, 4], dtype)) for _ in range(2))
        add = tf.function(lambda x, v=traced: v.assign_add(x).assign_sub(v * v))
        x = tf.cast([100, 7], dtype)
        eager.assign_add(x).assign_sub(eager * eager)
        add(x)
        assert np.array_equal(traced.numpy(), eager.numpy())
        assert add.experimental_eager_reasons() == ()
