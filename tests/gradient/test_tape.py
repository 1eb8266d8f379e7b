"""`tf.GradientTape`: what it follows, what it answers, what it refuses. The answers are TensorFlow's."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.gradient import tape as tape_module


def value(gradient):
    return None if gradient is None else np.asarray(gradient).tolist()


def recorded(function, *sources, **options):
    """A closed tape that watched the sources, and what the function made of them."""
    with tf.GradientTape(**options) as tape:
        tape.watch(list(sources))
        target = function(*sources)
    return tape, target


@pytest.fixture
def x():
    return tf.constant(3.0)


@pytest.fixture
def v():
    return tf.Variable(2.0)


# -- what is followed ------------------------------------------------------------------------------


def test_a_constant_is_not_watched_and_gives_none(x):
    with tf.GradientTape() as tape:
        y = x * x
    assert tape.gradient(y, x) is None


def test_a_constant_that_is_watched_gives_a_gradient(x):
    tape, y = recorded(lambda x: x * x, x)
    assert value(tape.gradient(y, x)) == 6.0


def test_watching_comes_before_the_operations(x):
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
    assert tape.gradient(y, x) is None


def test_a_tensor_may_be_watched_before_the_context_is_entered(x):
    tape = tf.GradientTape()
    tape.watch(x)
    with tape:
        y = x * x
    assert value(tape.gradient(y, x)) == 6.0


def test_an_intermediate_result_may_be_watched(x):
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(y)
        z = y * y
    assert value(tape.gradient(z, y)) == 18.0


def test_trainable_variables_are_followed_and_others_are_not(v):
    frozen = tf.Variable(5.0, trainable=False)
    with tf.GradientTape() as tape:
        y = v * frozen
    assert value(tape.gradient(y, [v, frozen])) == [5.0, None]
    assert [u is v for u in tape.watched_variables()] == [True]


def test_a_variable_that_is_not_trainable_can_be_watched():
    frozen = tf.Variable(5.0, trainable=False)
    tape, y = recorded(lambda u: u * 2.0, frozen)
    assert value(tape.gradient(y, frozen)) == 2.0


def test_without_watch_accessed_variables_only_those_given_to_watch_are_followed(v):
    other = tf.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        y = v * other
    assert value(tape.gradient(y, [v, other])) == [3.0, None]
    assert [u is v for u in tape.watched_variables()] == [True]


def test_a_variable_read_before_it_is_watched_is_followed_from_then_on(v):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = v * v
        tape.watch(v)
        z = v * y
    assert value(tape.gradient(z, v)) == 4.0


def test_watch_takes_nested_structures(x, v):
    u = tf.constant(4.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch({"a": [x, (u,)], "b": v})
        y = x * u * v
    assert value(tape.gradient(y, [x, u, v])) == [8.0, 6.0, 12.0]


@pytest.mark.parametrize("wrong", [3.0, "a", None, np.ones(3), [tf.constant(1.0), np.ones(3)]])
def test_watch_refuses_what_is_neither_tensor_nor_variable(wrong):
    with tf.GradientTape() as tape, pytest.raises(ValueError, match=r"not tf\.Tensor or tf\.Variable"):
        tape.watch(wrong)


def test_what_leaves_for_numpy_is_a_constant(x):
    tape, y = recorded(lambda x: tf.constant(x.numpy() * 2.0), x)
    assert tape.gradient(y, x) is None


def test_the_path_through_integers_is_closed(x):
    tape, y = recorded(lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32) * 2.0, x)
    assert tape.gradient(y, x) is None


def test_the_path_through_another_float_is_open(x):
    tape, y = recorded(lambda x: tf.cast(x, tf.float64) * 2.0, x)
    gradient = tape.gradient(y, x)
    assert value(gradient) == 2.0
    assert gradient.dtype == tf.float32


# -- a tape's life -----------------------------------------------------------------------------------


def test_the_second_gradient_of_a_tape_that_is_not_persistent_is_refused(x):
    tape, y = recorded(lambda x: x * x, x)
    tape.gradient(y, x)
    with pytest.raises(
        RuntimeError,
        match=r"A non-persistent GradientTape can only be used to compute one set of gradients \(or jacobians\)",
    ):
        tape.gradient(y, x)


def test_a_tape_that_was_never_entered_has_no_gradient(x):
    with pytest.raises(RuntimeError, match="non-persistent"):
        tf.GradientTape().gradient(x, x)


def test_a_persistent_tape_answers_again_and_again(x):
    tape, (y, z) = recorded(lambda x: (x * x, x * x * x), x, persistent=True)
    for _ in range(3):
        assert value(tape.gradient(y, x)) == 6.0
        assert value(tape.gradient(z, x)) == 27.0


def test_a_tape_may_be_used_anew_after_its_gradient(x):
    tape, y = recorded(lambda x: x * x, x)
    tape.gradient(y, x)
    with tape:
        tape.watch(x)
        z = x * x * x
    assert value(tape.gradient(z, x)) == 27.0


def test_a_tape_that_was_left_goes_on_recording_when_entered_again(x):
    tape, y = recorded(lambda x: x * x, x)
    with tape:
        z = y * x
    assert value(tape.gradient(z, x)) == 27.0


def test_entering_an_active_tape_is_refused_and_leaves_it_recording(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        with pytest.raises(ValueError, match="Tape is still recording, This can happen if you try to re-enter"), tape:
            pass
        y = x * x
    assert value(tape.gradient(y, x)) == 6.0


def test_the_gradient_inside_the_context_ends_the_recording(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        slope = tape.gradient(y, x)
        z = slope * x
    assert value(slope) == 6.0
    with pytest.raises(RuntimeError):
        tape.gradient(z, x)


def test_the_gradient_inside_a_persistent_tape_is_recorded_and_the_user_is_told_once(caplog, x):
    tape_module.logged_once.clear()
    with caplog.at_level(logging.WARNING, "tapeflow"), tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        slope = tape.gradient(y, x)
        curvature = tape.gradient(slope, x)
    assert (value(slope), value(curvature), value(tape.gradient(slope, x))) == (6.0, 2.0, 2.0)
    assert caplog.text.count("on a persistent tape inside its context") == 1


def test_stop_recording_hides_what_is_inside(x):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            hidden = y * x
        z = hidden * x
    assert value(tape.gradient(z, x)) == 27.0
    assert tape.gradient(hidden, x) is None
    assert value(tape.gradient(y, x)) == 6.0


def test_stop_recording_hides_reads_of_variables(v):
    with tf.GradientTape(persistent=True) as tape:
        with tape.stop_recording():
            hidden = v * v
        assert tape.watched_variables() == ()
        z = hidden * v
    assert value(tape.gradient(z, v)) == 4.0


def test_the_gradient_may_be_taken_while_recording_is_stopped(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        with tape.stop_recording():
            slope = tape.gradient(y, x)
        tape.watch(x)
        z = x * 5.0
    assert value(slope) == 6.0
    assert value(tape.gradient(z, x)) == 5.0


def test_recording_goes_on_after_an_exception_while_it_was_stopped(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        with pytest.raises(KeyError), tape.stop_recording():
            raise KeyError
        y = x * x
    assert value(tape.gradient(y, x)) == 6.0


def test_only_a_recording_tape_can_be_stopped_or_reset():
    with tf.GradientTape() as tape:
        pass
    with pytest.raises(ValueError, match="Tape is not recording"), tape.stop_recording():
        pass
    with pytest.raises(ValueError, match="Tape is not recording"):
        tape.reset()


def test_reset_forgets_what_was_watched_and_recorded(x, v):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * v
        tape.reset()
        assert tape.watched_variables() == ()
        z = y * v
    assert [value(g) for g in tape.gradient(z, [x, v, y])] == [None, 6.0, None]


def test_an_exception_inside_leaves_no_tape_open_and_the_record_usable(x):
    with pytest.raises(KeyError), tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        raise KeyError
    untouched = x * x
    assert untouched._key == 0
    assert value(tape.gradient(y, x)) == 6.0


def test_what_is_computed_after_the_context_is_not_recorded(v):
    with tf.GradientTape() as tape:
        y = v * v
    z = y * v
    assert tape.gradient(z, v) is None


# -- variables ---------------------------------------------------------------------------------------


def test_watched_variables_are_listed_in_the_order_of_their_creation_and_remembered_after_the_gradient(v):
    b, a = tf.Variable(1.0), tf.Variable(1.0)
    assert tf.GradientTape().watched_variables() == ()
    with tf.GradientTape() as tape:
        y = a * b * a * v
    before = tape.watched_variables()
    tape.gradient(y, a)
    assert type(before) is tuple
    assert [id(u) for u in before] == [id(v), id(b), id(a)]
    assert [id(u) for u in tape.watched_variables()] == [id(v), id(b), id(a)]


def test_each_read_sees_the_value_of_its_time(v):
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        v.assign(5.0)
        z = v * v
    assert value(tape.gradient(y, v)) == 4.0
    assert value(tape.gradient(z, v)) == 10.0
    assert value(tape.gradient([y, z], v)) == 14.0


def test_assigning_in_place_leaves_the_record_alone():
    v = tf.Variable(np.full(3, 2.0, np.float32))
    with tf.GradientTape() as tape:
        y = v * v
        v.assign_add([1.0, 1.0, 1.0])
    v.assign_sub([9.0, 9.0, 9.0])
    assert value(tape.gradient(y, v)) == [4.0, 4.0, 4.0]


def test_an_assignment_is_no_path(v):
    w = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        v.assign(w * w)
        y = v * 2.0
    assert [value(g) for g in tape.gradient(y, [v, w])] == [2.0, None]


def test_what_an_assignment_returns_is_the_variable(v):
    with tf.GradientTape(persistent=True) as tape:
        updated = v.assign_add(1.0)
        y = updated * updated
    assert value(tape.gradient(y, v)) == 6.0
    assert value(tape.gradient(y, updated)) == 6.0
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v.assign(4.0))
        y = v * v
    assert value(tape.gradient(y, v)) == 8.0


def test_a_value_that_was_read_inside_stands_for_the_variable(v):
    with tf.GradientTape(persistent=True) as tape:
        read = v.read_value()
        y = read * read
    assert value(tape.gradient(y, v)) == 4.0
    assert value(tape.gradient(y, read)) == 4.0


def test_a_value_that_was_read_before_is_a_constant(v):
    read = v.read_value()
    with tf.GradientTape() as tape:
        y = read * v
    assert value(tape.gradient(y, v)) == 2.0


# -- Python ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "expected"), [(2.0, 4.0), (-2.0, -1.0)])
def test_the_branch_that_was_taken_is_differentiated(start, expected):
    x = tf.constant(start)
    tape, y = recorded(lambda x: x * x if x > 0.0 else -x, x)
    assert value(tape.gradient(y, x)) == expected


def test_loops_are_differentiated_as_they_ran(x):
    def power(x):
        y = tf.constant(1.0)
        for _ in range(4):
            y = y * x
        return y

    def halved(x):
        while x > 0.5:
            x = x * 0.5
        return x

    tape, y = recorded(power, x, persistent=True)
    assert value(tape.gradient(y, x)) == 108.0
    tape, y = recorded(halved, x)
    assert value(tape.gradient(y, x)) == 0.125


def test_recursion_is_differentiated(x):
    def power(x, n):
        return x if n == 1 else x * power(x, n - 1)

    tape, y = recorded(lambda x: power(x, 5), x)
    assert value(tape.gradient(y, x)) == 405.0
