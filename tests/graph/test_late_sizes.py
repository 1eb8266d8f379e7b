"""Sizes that depend on values: one trace serves them all, with TensorFlow's values, derivatives and static shapes."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.late_size_programs import CALLS, PROGRAMS

ANSWERS = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "late_sizes.json").read_text())

every_program = pytest.mark.parametrize("name", PROGRAMS)


def total_of(values):
    parts = [tf.reduce_sum(tf.sin(y)) for y in values if y.dtype == tf.float64]
    return tf.add_n(parts) if parts else tf.constant(0.0, tf.float64)


def derivatives(function, x, *rest):
    """The values of a function, and the gradients of two orders of a sum of theirs."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            values = tf.nest.flatten(function(x, *rest))
            total = total_of(values)
        first = tape.gradient(total, x)
        first = None if first is None else tf.convert_to_tensor(first)
        s = tf.constant(0.0, tf.float64) if first is None else tf.reduce_sum(first * first)
    return values, first, outer.gradient(s, x)


def tensors(x, i, j):
    return tf.constant(x), tf.constant(i), tf.constant(j)


def compare(found, recorded):
    """TensorFlow says None or zeros where there is no path; both are right."""
    found = None if found is None else tf.convert_to_tensor(found)
    if found is None or recorded is None:
        assert not np.any(np.asarray(0 if found is None else found)) and not np.any(np.asarray(recorded or 0))
    else:
        np.testing.assert_allclose(found, np.reshape(recorded, found.shape), rtol=1e-11, atol=1e-13)


def compare_all(found, answer):
    values, first, second = found
    for y, recorded in zip(values, answer["values"], strict=True):
        assert list(np.shape(recorded))[: y.shape.rank] == y.shape or not y.shape.num_elements()
        np.testing.assert_allclose(y, np.reshape(recorded, y.shape), rtol=1e-11, atol=1e-13)
    compare(first, answer["first"])
    compare(second, answer["second"])


def check_tapes_inside(program, calls, answers):
    """Checks a program whose derivatives are taken in the function itself; gives the static shapes of its values."""
    static = []

    @tf.function
    def function(x, i, j):
        def noted(*arguments):
            values = program(tf, *arguments)
            static[:] = [None if y.shape.rank is None else y.shape.as_list() for y in tf.nest.flatten(values)]
            return values

        return derivatives(noted, x, i, j)

    for call, answer in zip(calls, answers["calls"], strict=True):
        compare_all(function(*tensors(*call)), answer)
    assert function.experimental_eager_reasons() == ()
    assert function.experimental_get_tracing_count() == answers["traces"] == 1
    return static


def check_tapes_outside(program, calls, answers):
    """Checks a program whose derivatives are taken of the function."""

    @tf.function
    def function(x, i, j):
        return program(tf, x, i, j)

    for call, answer in zip(calls, answers["calls"], strict=True):
        compare_all(derivatives(function, *tensors(*call)), answer)
    assert function.experimental_eager_reasons() == ()
    assert function.experimental_get_tracing_count() == 1


def check_unknown_sizes_of_argument(program, calls, answers):
    """Checks a program whose trace is not told how long the vector is."""
    function = tf.function(
        lambda x, i, j: derivatives(lambda *a: program(tf, *a), x, i, j),
        input_signature=[tf.TensorSpec([None], tf.float64), tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.int32)],
    )
    for call, answer in zip(calls, answers["calls"], strict=True):
        compare_all(function(*tensors(*call)), answer)
    assert function.experimental_eager_reasons() == ()


def both_derivatives(program, x, i, j, step=1e-5):
    """The derivative of a sum of a program's values by a tape, and by central differences."""

    @tf.function
    def function(x, i, j):
        return total_of(tf.nest.flatten(program(tf, x, i, j)))

    with tf.GradientTape() as tape:
        point = tf.constant(x)
        tape.watch(point)
        total = function(point, tf.constant(i), tf.constant(j))
    first = tape.gradient(total, point)
    moves = step * np.eye(len(x))
    differences = [function(*tensors(x + move, i, j)) - function(*tensors(x - move, i, j)) for move in moves]
    return np.zeros_like(x) if first is None else tf.convert_to_tensor(first), np.array(differences) / (2 * step)


@every_program
def test_tapes_inside_give_what_tensorflow_gave_with_one_trace(name, compiled):
    static = check_tapes_inside(PROGRAMS[name], CALLS, ANSWERS[name])
    if name not in OTHERWISE_KNOWN:
        assert static == ANSWERS[name]["static"]


# TensorFlow looks for constants among the sizes that are put together; of slices in steps it knows not even the rank.
OTHERWISE_KNOWN = ("reshape_as_told", "slice_in_steps")


@every_program
def test_tapes_outside_give_what_tensorflow_gave_with_one_trace(name, compiled):
    check_tapes_outside(PROGRAMS[name], CALLS, ANSWERS[name])


@every_program
def test_derivatives_are_what_central_differences_say(name):
    first, differences = both_derivatives(PROGRAMS[name], *CALLS[0])
    np.testing.assert_allclose(first, differences, rtol=1e-5, atol=1e-7)


@every_program
def test_one_trace_serves_other_sizes_of_the_argument_too(name):
    """Both kinds of unknown sizes at once: those of arguments, and those that depend on values."""
    check_unknown_sizes_of_argument(PROGRAMS[name], CALLS, ANSWERS[name])


# -- what is assumed, effects, errors ----------------------------------------------------------------------


def test_a_size_that_is_not_as_assumed_starts_the_call_again_as_python():
    traced = []

    @tf.function
    def added(x, y):
        traced.append(type(x).__name__)
        kept, other = tf.boolean_mask(x, x > 0.0), tf.boolean_mask(y, y > 0.0)
        return tf.stack([kept, other])  # they must have one length

    x, y = tf.constant([1.0, -1.0, 2.0]), tf.constant([3.0, 4.0, -1.0])
    assert added(x, y).numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert added.experimental_eager_reasons() == ()
    with pytest.raises(tf.errors.InvalidArgumentError):
        added(x, -y)
    assert added(x, y).numpy().tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert added.experimental_eager_reasons() == ("a size is not what was assumed when the function was traced",)


def test_nothing_acts_twice_where_a_size_is_not_as_assumed():
    v = tf.Variable(0.0)

    @tf.function
    def counted(x, y):
        v.assign_add(1.0)
        return tf.stack([tf.boolean_mask(x, x > 0.0), tf.boolean_mask(y, y > 0.0)])

    x = tf.constant([1.0, -1.0, 2.0])
    counted(x, x)
    with pytest.raises(tf.errors.InvalidArgumentError):
        counted(x, -x)
    assert v.numpy() == 2.0


def test_effects_come_in_order_around_sizes_that_depend_on_values():
    v = tf.Variable([0.0, 0.0])

    @tf.function
    def step(x):
        before = tf.reduce_sum(v)
        kept = tf.boolean_mask(x, x > before)
        v.assign_add([tf.reduce_sum(kept), tf.cast(tf.size(kept), tf.float32)])
        return kept

    x = tf.constant([1.0, -2.0, 3.0, 9.0])
    assert step(x).numpy().tolist() == [1.0, 3.0, 9.0]
    assert v.numpy().tolist() == [13.0, 3.0]
    assert step(x).numpy().tolist() == []
    assert step.experimental_eager_reasons() == ()


def test_errors_of_what_only_values_tell_are_raised_when_the_function_runs():
    @tf.function
    def cut(x, n):
        return tf.zeros([n]), tf.slice(x, [0], [n])

    assert [y.shape for y in cut(tf.constant([1.0, 2.0]), tf.constant(1))] == [(1,), (1,)]
    for wrong in (-1, 3):
        with pytest.raises(tf.errors.InvalidArgumentError):
            cut(tf.constant([1.0, 2.0]), tf.constant(wrong))
    assert cut.experimental_eager_reasons() == ()

    @tf.function
    def parts(x, k):
        return tf.dynamic_partition(x, k, 2)

    assert [y.numpy().tolist() for y in parts(tf.constant([1.0, 2.0]), tf.constant([1, 0]))] == [[2.0], [1.0]]
    with pytest.raises(tf.errors.InvalidArgumentError, match="not in"):
        parts(tf.constant([1.0, 2.0]), tf.constant([1, 2]))


def test_an_operation_of_random_numbers_takes_a_shape_that_depends_on_values():
    @tf.function
    def noisy(x):
        kept = tf.boolean_mask(x, x > 0.0)
        return kept + 0.0 * tf.random.normal(tf.shape(kept)), tf.random.uniform([tf.size(kept), 2])

    for values in ([1.0, -1.0, 2.0], [1.0, 3.0, 2.0]):
        x = tf.constant(values)
        kept, drawn = noisy(x)
        assert kept.numpy().tolist() == [each for each in values if each > 0.0]
        assert drawn.shape == (len(kept), 2)
    assert noisy.experimental_eager_reasons() == ()


def test_variables_can_be_trained_on_what_is_kept():
    """Steps of an optimizer through a mask that changes from step to step, with a tape inside."""
    w = tf.Variable([0.5, -0.5])
    optimizer = tf.keras.optimizers.SGD(0.1)

    def step(x, y):
        with tf.GradientTape() as tape:
            kept = tf.boolean_mask(x, y > 0.0)
            loss = tf.reduce_mean((tf.linalg.matvec(kept, w) - tf.boolean_mask(y, y > 0.0)) ** 2)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        return loss

    function = tf.function(step)
    draw = np.random.default_rng(0)
    data = [(draw.normal(size=(5, 2)).astype("float32"), draw.normal(size=5).astype("float32")) for _ in range(4)]
    losses = [function(tf.constant(x), tf.constant(y)).numpy() for x, y in data]
    found = w.numpy()
    w.assign([0.5, -0.5])
    assert np.allclose(losses, [step(tf.constant(x), tf.constant(y)).numpy() for x, y in data], rtol=1e-5)
    assert np.allclose(found, w.numpy(), rtol=1e-5)
    assert function.experimental_eager_reasons() == ()
    assert function.experimental_get_tracing_count() == 1
