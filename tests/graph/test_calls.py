"""A call of a function under a tape is one note, which keeps what the backward pass reads and nothing else."""

from __future__ import annotations

import gc
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.debugging import why_none
from tapeflow.graph.calls import Pull


def notes(tape):
    return tape._notes


def test_a_call_is_one_note(compiled):
    v = tf.Variable([1.0, 2.0])
    f = tf.function(lambda x: tf.reduce_sum(tf.exp(tf.sin(x) * v) + v))
    with tf.GradientTape() as tape:
        f(tf.constant([0.5, 0.25]))
        f(tf.constant([0.5, 0.75]))
    assert [type(note[3]) for note in notes(tape)] == [Pull, Pull]


def test_a_loop_in_a_function_is_in_the_one_note(compiled):
    @tf.function
    def f(x):
        for _ in tf.range(10):
            x = tf.sin(x)
        return x

    x = tf.constant(0.5)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert len(notes(tape)) == 1
    assert tape.gradient(y, x) is not None


def test_a_call_of_what_no_tape_follows_is_no_note(compiled):
    f = tf.function(lambda x: x * x)
    with tf.GradientTape() as tape:
        y = f(tf.constant(3.0))
    assert notes(tape) == [] and y.numpy() == 9.0 and y._key == 0


def residuals(function, *sources):
    """The shapes of what the note of a call keeps."""
    with tf.GradientTape() as tape:
        tape.watch(sources)
        y = function(*sources)
    ((*_, rule, _),) = notes(tape)
    assert tape.gradient(y, sources) is not None
    return [np.shape(each._value) for each in rule.residuals]


def test_the_forward_pass_keeps_what_the_backward_pass_reads(compiled):
    x, w = tf.ones([5, 7]), tf.ones([7, 3])
    assert residuals(tf.function(lambda x: tf.reduce_sum(x + 1.0)), x) == []
    assert residuals(tf.function(lambda x: tf.reduce_sum(tf.exp(x - 1.0))), x) == [(5, 7)]
    assert sorted(residuals(tf.function(lambda x, w: tf.nn.relu(x @ w)), x, w)) == [(5, 3), (5, 7), (7, 3)]


def test_what_is_kept_is_no_copy_of_what_is_there(compiled):
    x = tf.constant([1.0, 2.0])
    f = tf.function(lambda x: tf.exp(x) * x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        f(x)
    ((*_, rule, _),) = notes(tape)
    assert any(each is x for each in rule.residuals)


def test_memory_of_a_chain_is_linear_and_freed(compiled):
    size = 200_000
    f = tf.function(lambda x: tf.sin(x) + 1.0)
    x = tf.constant(np.ones(size, np.float32))

    def run(length):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in range(length):
                y = f(y)
        return tape, y

    tape, y = run(1)
    tape.gradient(y, x)
    gc.collect()
    tracemalloc.start()
    try:
        tape, y = run(10)
        held = tracemalloc.get_traced_memory()[0]
        assert held < 10.5 * 4 * size  # the arguments of the sines: f keeps what it was given, and nothing of its own
        g = tape.gradient(y, x)
        after = tracemalloc.get_traced_memory()[0]
        assert after < 2.5 * 4 * size
        assert g.shape == [size]
    finally:
        tracemalloc.stop()


def test_a_persistent_tape_keeps_its_notes(compiled):
    f = tf.function(lambda x: tf.exp(x))
    x = tf.constant(1.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = f(x)
    assert tape.gradient(y, x).numpy() == tape.gradient(y, x).numpy() == y.numpy()


def test_a_tape_that_is_dropped_is_gone_at_once(compiled):
    f = tf.function(lambda x: x * x * x)
    x = tf.constant(2.0)
    gc.disable()
    try:
        with tf.GradientTape() as outer, tf.GradientTape(persistent=True) as inner:
            outer.watch(x)
            inner.watch(x)
            f(x)
        references = weakref.ref(outer), weakref.ref(inner)
        del outer, inner
        assert [reference() for reference in references] == [None, None]
    finally:
        gc.enable()


def test_only_the_cotangents_that_are_wanted_are_computed(compiled):
    f = tf.function(lambda x, w: tf.matmul(x, w))
    x, w = tf.ones([2, 3]), tf.ones([3, 4])
    with tf.GradientTape() as tape:
        tape.watch([x, w])
        y = f(x, w)
    ((*_, rule, _),) = notes(tape)
    backward = rule.forward
    assert tape.gradient(y, x).shape == [2, 3]
    (made,) = backward._backward.values()
    assert len(made.procedure.outputs) == 1 and len(made.read) == 1


def test_why_a_gradient_of_a_function_is_none():
    f = tf.function(lambda x, y: (x * 2.0, tf.round(y)))
    x, y = tf.constant(1.0), tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, y])
        a, b = f(x, y)
    assert tape.gradient(a, x) is not None
    assert tape.gradient(b, y) is None
    assert "does not depend on anything that the tape follows" in why_none(tape, b, y)
    assert "was not read" in why_none(tape, a, tf.Variable(1.0))


def test_the_rule_of_the_user_s_own_that_fails_is_the_user_s_error():
    @tf.custom_gradient
    def wrong(x):
        return x * 2.0, lambda dy: (dy, dy)

    f = tf.function(lambda x: wrong(x))
    x = tf.constant(1.0)
    for _ in range(2):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        with pytest.raises(ValueError, match="expected to return 1 gradients, but returned 2"):
            tape.gradient(y, x)
    assert f(x).numpy() == 2.0


def test_an_error_in_the_function_leaves_the_tape_as_it_was(compiled):
    f = tf.function(lambda x, i: tf.gather(x, i))
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        with pytest.raises(tf.errors.InvalidArgumentError):
            f(x, tf.constant([5]))
        assert notes(tape) == []
        y = f(x, tf.constant([1]))
    assert tf.convert_to_tensor(tape.gradient(y, x)).numpy().tolist() == [0.0, 1.0]


def test_many_threads_differentiate_one_function(compiled):
    w = tf.Variable(3.0)
    f = tf.function(lambda x: tf.sin(x * w) * x)
    x = np.linspace(0.1, 1.0, 7, dtype=np.float32)
    expected = np.sin(3 * x) + 3 * x * np.cos(3 * x)
    wrong, start = [], threading.Barrier(8)

    def work():
        try:
            start.wait()
            for _ in range(20):
                t = tf.constant(x)
                with tf.GradientTape(persistent=True) as outer:
                    outer.watch(t)
                    with tf.GradientTape() as tape:
                        tape.watch(t)
                        y = f(t)
                    g = tape.gradient(y, t)
                np.testing.assert_allclose(g.numpy(), expected, rtol=1e-5)
                assert outer.gradient(g, w) is not None
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_central_differences_agree_through_a_loop_and_a_choice(compiled):
    @tf.function
    def f(x):
        y = x
        for _ in tf.range(4):
            y = tf.sin(y) * x + y
        if tf.reduce_sum(y) > 0.0:
            y = tf.exp(-y)
        return tf.reduce_sum(y)

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x)

    x, step = np.array([0.3, -0.7, 1.1]), 1e-6
    with tf.GradientTape() as tape:
        t = tf.constant(x)
        tape.watch(t)
        g = slope(t)
    hessian = tape.jacobian(g, t).numpy()
    for i, e in enumerate(np.eye(3) * step):
        a, b = tf.constant(x + e), tf.constant(x - e)
        np.testing.assert_allclose((f(a) - f(b)).numpy() / (2 * step), g.numpy()[i], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose((slope(a) - slope(b)).numpy() / (2 * step), hessian[:, i], rtol=1e-5, atol=1e-8)
