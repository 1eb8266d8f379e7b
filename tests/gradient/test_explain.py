"""Why a gradient is None: every reason is told from the others, and what is said is true."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.debugging import trace_gradients, why_none


def traced(function, *sources, watch=True):
    """The explanation for a function of sources, with a trace; it is checked that the gradient is None."""
    with trace_gradients() as trace, tf.GradientTape(persistent=True) as tape:
        if watch:
            tape.watch(list(sources))
        target = function(*sources)
    assert tape.gradient(target, sources[0]) is None
    return why_none(tape, target, sources[0], trace)


@pytest.fixture
def x():
    return tf.constant(2.5)


@pytest.fixture
def v():
    return tf.Variable(2.5)


# -- without a trace ---------------------------------------------------------------------------------


def test_a_source_that_was_never_watched(x):
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
    assert "does not follow the source" in why_none(tape, y, x)
    assert "tape.watch(source)" in why_none(tape, y, x)


def test_a_source_that_only_another_tape_follows(x):
    with tf.GradientTape() as other:
        other.watch(x)
        with tf.GradientTape() as tape:
            y = x * x
    assert "does not follow the source" in why_none(tape, y, x)


@pytest.mark.parametrize(
    ("source", "kind"), [(2.5, "float"), (np.float32(2.5), "float32"), ([1.0], "list"), (None, "NoneType")]
)
def test_a_source_that_is_no_tensor(x, source, kind):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x
    assert why_none(tape, y, source).startswith(f"The source is a {kind}, which tapes do not follow")
    assert why_none(tape, source, x).startswith(f"The target is a {kind}, which tapes do not follow")


def test_integers(x):
    number = tf.Variable(3)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.cast(x, tf.int32) * number
    assert why_none(tape, y, x).startswith("The target is int32: only floating and complex values have derivatives")
    assert why_none(tape, x, number).startswith("The source is int32")


def test_a_variable_that_is_not_trainable():
    frozen = tf.Variable(2.5, trainable=False, name="frozen")
    with tf.GradientTape(persistent=True) as tape:
        y = frozen * 2.0
    assert "frozen:0 is not trainable" in why_none(tape, y, frozen)


def test_a_variable_that_a_choosy_tape_was_not_told_to_watch(v):
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        y = v * 2.0
    assert "watch_accessed_variables=False" in why_none(tape, y, v)


def test_a_variable_that_was_not_read_while_the_tape_was_recording(v):
    before = v.read_value()
    with tf.GradientTape(persistent=True) as tape:
        y = before * 2.0
    assert "was not read while the tape was recording" in why_none(tape, y, v)
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(v)
    assert "was not read while the tape was recording" in why_none(tape, y, v)


def test_a_target_that_was_computed_outside(v):
    with tf.GradientTape(persistent=True) as tape:
        v * 2.0
    y = v * 2.0
    assert "computed outside the context" in why_none(tape, y, v)


def test_a_source_that_nothing_used(x, v):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = v * 2.0
    assert "recorded no operation that uses it" in why_none(tape, y, x)


def test_a_target_that_depends_on_something_else(x, v):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        x * x
        y = v * 2.0
    assert "no recorded path leads from it to the target" in why_none(tape, y, x)


def test_a_tape_that_was_asked_before(x, v):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = v * 2.0
    tape.gradient(y, v)
    assert "tf.GradientTape(persistent=True)" in why_none(tape, y, x)
    assert "does not follow the source" in why_none(tape, y, tf.constant(1.0))


def test_a_gradient_that_is_not_none(x, v):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * v
    assert "so the gradient is not None" in why_none(tape, y, x)
    assert "so the gradient is not None" in why_none(tape, y, v)
    assert why_none(tape, y, y) == "The gradient is not None: the target is the source."


def test_without_a_trace_the_way_to_more_is_shown(x, v):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = v * 2.0
    assert "tf.debugging.trace_gradients() as trace" in why_none(tape, y, x)


# -- with a trace --------------------------------------------------------------------------------------


def here(offset):
    return f"{__file__}:{sys._getframe(1).f_lineno + offset}"


def test_the_line_of_an_operation_without_derivative_is_named(x):
    place = here(3)

    def function(x):
        y = tf.floor(x * 2.0)
        return y * 3.0

    assert traced(function, x).endswith(f"The path goes through what has no derivative: Floor at {place}.")


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: tf.stop_gradient(x * 2.0) * 3.0, "StopGradient"),
        (lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32) * 2.0, "CastDiscrete"),
        (lambda x: tf.cast(x > 2.0, tf.float32), "Greater"),
        (lambda x: tf.where(x > 2.0, 1.0, 0.0), "Greater"),
        (lambda x: tf.cast(tf.argmax([1.0, x]), tf.float32), "ArgMax"),
    ],
)
def test_what_closes_the_path_is_named(x, function, name):
    said = traced(function, x)
    assert f"no derivative: {name} at {__file__}" in said


def test_every_closed_path_is_named(x):
    said = traced(lambda x: tf.floor(x) + tf.math.ceil(x), x)
    assert "Floor at" in said
    assert "Ceil at" in said


def test_a_value_that_left_for_numpy_is_named(x, v):
    place = here(1)
    said = traced(lambda x: tf.constant(np.sin((x * 2.0).numpy())), x)
    assert said.endswith(f"A value on the way became a constant when it left for Python or NumPy: .numpy() at {place}.")
    assert "a NumPy function at" in traced(lambda v: tf.constant(np.sin(v * 2.0)), v)
    assert "float() at" in traced(lambda x: tf.constant(float(x)), x)


def test_variables_are_followed_through_the_trace(v):
    assert "no derivative: Floor at" in traced(lambda v: tf.floor(v) * 2.0, v)


def test_a_target_without_connection_is_said_to_have_none(x, v):
    said = traced(lambda x, v: v * 2.0, x, v)
    assert said.endswith("The trace saw no operation that leads from the source to the target.")


def test_the_trace_is_over_with_its_context_and_leaves_other_profilers_in_place(x):
    calls = []

    def profiler(frame, event, argument):
        calls.append(event)

    sys.setprofile(profiler)
    try:
        with trace_gradients() as trace:
            x * x
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)
    x * x
    assert len(trace) == 1
    assert repr(trace) == "<GradientTrace of 1 operations>"


def test_the_trace_sees_calls_that_fail_as_not_made(x):
    with trace_gradients() as trace, pytest.raises(tf.errors.InvalidArgumentError):
        tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0])
    assert len(trace) == 0
