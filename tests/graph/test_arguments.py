"""Arguments that share a trace: any variables of one shape and dtype, and what keeps them from it."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import tapeflow as tf


def counted(function):
    """The compiled function, and a list that is as long as its Python ran often."""
    ran = []

    @tf.function
    def traced(*args):
        ran.append(1)
        return function(*args)

    return traced, ran


def test_a_trace_for_one_variable_serves_the_next(compiled):
    def step(v, x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(v * v * x)
        v.assign_sub(0.25 * tape.gradient(loss, v))
        for _ in tf.range(2):
            if v[0] > 0.0:
                v.assign_add([1.0, 1.0])
        return loss

    f, ran = counted(step)
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([3.0, -4.0])
    assert [float(f(each, tf.constant(1.0))) for each in (v, w, v)] == [5.0, 25.0, 15.25]
    assert (len(ran), f.experimental_get_tracing_count()) == (1, 1)
    np.testing.assert_array_equal(w, [3.5, 0.0])


def test_tapes_outside_hear_of_the_variable_that_was_given(compiled):
    f, ran = counted(lambda v, x: v * v * x)
    v, w, x = tf.Variable(3.0), tf.Variable(5.0), tf.constant(2.0)
    f(v, x)
    with tf.GradientTape() as tape:
        y = f(w, x)
    assert [None if g is None else float(g) for g in tape.gradient(y, [v, w])] == [None, 20.0]
    assert len(ran) == 1


def test_a_variable_that_the_function_holds_is_no_argument(compiled):
    v, w = tf.Variable(2.0), tf.Variable(3.0)
    f, ran = counted(lambda x: v * x)
    assert [float(f(each)) for each in (v, w, v)] == [4.0, 6.0, 4.0]
    assert len(ran) == 2


@pytest.mark.parametrize("kind", [tf.keras.optimizers.SGD, tf.keras.optimizers.Nadam])
def test_the_state_of_an_optimizer_is_that_of_its_variable(kind):
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 4.0])
    optimizer = kind(0.1)
    optimizer.build([v, w])

    @tf.function
    def step(variable):
        optimizer.apply_gradients([(variable * 2.0, variable)])

    step(v)
    after = v.numpy()
    step(w)
    np.testing.assert_array_equal(v, after)
    assert not np.array_equal(w, [3.0, 4.0])


def test_variables_given_twice_are_another_signature(compiled):
    f, ran = counted(lambda a, b: a - 2.0 * b)
    v, w = tf.Variable(1.0), tf.Variable(10.0)
    assert [float(f(*pair)) for pair in ((v, w), (w, v), (v, v), (w, w))] == [-19.0, 8.0, -1.0, -10.0]
    assert len(ran) == 2


def test_a_random_step_draws_anew_for_every_variable(compiled):
    f, _ = counted(lambda v: v + tf.random.uniform([100]))
    v, w = tf.Variable(tf.zeros(100)), tf.Variable(tf.zeros(100))
    assert len({f(each).numpy().tobytes() for each in (v, w, v, w)}) == 4


def test_many_variables_leave_few_graphs(compiled):
    f, ran = counted(lambda v: v * 2.0)
    for n in range(200):
        assert float(f(tf.Variable(float(n)))) == 2.0 * n
    gc.collect()
    assert len(ran) == 1
    assert len(f._traces._retargeted) < 100


def test_a_refused_argument_leaves_the_function_callable(compiled):
    f, ran = counted(lambda x: tf.constant(1.0))
    for _ in range(2):
        with pytest.raises(TypeError, match="set is not hashable"):
            f({1})
    assert float(f(1)) == 1.0
    assert len(ran) == 1
