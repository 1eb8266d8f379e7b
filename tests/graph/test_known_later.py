"""Axes, and numbers of elements, that tensors tell when the function runs: one trace serves all, as TensorFlow's does."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.known_later_programs import CALLS, PROGRAMS
from tests.graph.test_late_sizes import (
    both_derivatives,
    check_tapes_inside,
    check_tapes_outside,
    check_unknown_sizes_of_argument,
)

ANSWERS = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "known_later.json").read_text())

# TensorFlow has no derivative there, or the program stops it: differences say something else.
STOPPED = ("bincount", "one_hot", "rfft", "rfft2d")

every_program = pytest.mark.parametrize("name", PROGRAMS)


@every_program
def test_tapes_inside_give_what_tensorflow_gave_with_one_trace(name, compiled):
    static = check_tapes_inside(PROGRAMS[name], CALLS, ANSWERS[name])
    for found, recorded in zip(static, ANSWERS[name]["static"], strict=True):
        if recorded is not None:  # nothing that TensorFlow knows is unknown here
            assert len(found) == len(recorded)
            assert all(n == size or size is None for n, size in zip(found, recorded, strict=True))


@every_program
def test_tapes_outside_give_what_tensorflow_gave_with_one_trace(name, compiled):
    check_tapes_outside(PROGRAMS[name], CALLS, ANSWERS[name])


@every_program
def test_derivatives_are_what_central_differences_say(name):
    first, differences = both_derivatives(PROGRAMS[name], *CALLS[0])
    if name not in STOPPED:
        np.testing.assert_allclose(first, differences, rtol=1e-5, atol=1e-7)


@every_program
def test_sizes_of_the_argument_may_be_unknown_besides(name):
    check_unknown_sizes_of_argument(PROGRAMS[name], CALLS, ANSWERS[name])


# -- what is refused when the function runs ------------------------------------------------------------------

Y = tf.reshape(tf.range(24.0), [2, 3, 4])

# An operation, a number that it refuses, what TensorFlow says of it, and a number that it takes afterwards.
REFUSED = [
    (lambda a: tf.reduce_sum(Y, a), 3, r"Invalid reduction dimension \(3 for input with 3 dimension", 1),
    (lambda a: tf.reduce_sum(Y, [0, a]), -3, "Axes contains duplicate dimension: 0", 1),
    (lambda a: tf.argmax(Y, a), 3, r"Expected dimension in the range \[-3, 3\), but got 3", -3),
    (lambda a: tf.cumsum(Y, a), -4, r"Expected scan axis in the range \[-3, 3\), but got -4", 2),
    (lambda a: tf.concat([Y, Y], a), 3, r"Expected concatenating dimensions in the range \[-3, 3\), but got 3", 0),
    (lambda a: tf.concat([Y, Y[:1]], a), 1, "ConcatOp : Dimension", 0),
    (lambda a: tf.expand_dims(Y, a), 4, "Tried to expand dim index 4 for tensor with 3 dimensions", -4),
    (lambda a: tf.reverse(Y, [a, 1]), 1, "axis 1 specified more than once", 0),
    (lambda a: tf.roll(Y, 1, a), 3, "axis 3 is out of range", 2),
    (lambda a: tf.gather(Y, [0], axis=a), 3, "Shape must be at least rank", 2),
    (lambda a: tf.transpose(Y, [a, 0, 1]), 1, "2 is missing from {1,0,1}", -1),
    (lambda a: tf.transpose(Y, [a, 0, 1]), 3, r"3 is out of range \[0 .. 3\)", 2),
    (lambda a: tf.split(Y, 2, a), 1, r"Number of ways to split should evenly divide", 2),
    (lambda a: tf.split(Y, 2, a), 3, r"-input rank\(-3\) <= split_dim < input rank \(3\), but got 3", 2),
    (lambda a: tf.split(Y, [a, 1], axis=1), 3, "Determined shape must either match input shape", -1),
    (lambda a: tf.math.top_k(Y, a), 5, "input must have at least k columns. Had 4, needed 5", 0),
    (lambda a: tf.math.top_k(Y, a), -1, "-1", 4),
    (lambda a: tf.linspace(Y[0], Y[1], a), -1, "-1", 0),
    (lambda a: tf.abs(tf.signal.rfft(Y, [a])), -1, "-1", 5),
    (lambda a: tf.pad(Y, [[0, 0], [a, a], [0, 0]], "REFLECT"), 3, "paddings must be less than the dimension size: 3, 3", 2),
    (lambda a: tf.pad(Y, [[0, 0], [a, a], [0, 0]]), -1, "-1", 2),
    (lambda a: tf.linalg.diag_part(Y, k=a), -3, "diag_index is out of bound: -3. It must be between -3 and 4", 3),
    (lambda a: tf.histogram_fixed_width([1.0], [0.0, 1.0], a), 0, "nbins should be a positive number, but got '0'", 2),
    (lambda a: tf.boolean_mask(Y, [True, False, True], axis=a), 0, "incompatible", 1),
]


@pytest.mark.parametrize(("operation", "bad", "message", "good"), REFUSED)
def test_numbers_that_are_out_of_range_are_refused_when_the_function_runs(operation, bad, message, good):
    function = tf.function(operation)
    for _ in range(2):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            function(tf.constant(bad))
        for y, expected in zip(tf.nest.flatten(function(tf.constant(good))), tf.nest.flatten(operation(good)), strict=True):
            np.testing.assert_array_equal(y, expected)
    assert function.experimental_eager_reasons() == ()
    assert function.experimental_get_tracing_count() == 1


def test_what_is_known_of_a_tensor_that_numbers_were_stacked_in_is_known_of_the_shape():
    shapes = []

    @tf.function
    def function(n):
        shapes.append(tf.zeros(tf.stack([n, 3])).shape.as_list())
        shapes.append(tf.pad(tf.ones([2, 2]), [[n, 1], [0, 1]]).shape.as_list())
        shapes.append(tf.tile(tf.ones([2, 2]), tf.convert_to_tensor([n, 2])).shape.as_list())

    function(tf.constant(2))
    assert shapes == [[None, 3], [None, 3], [None, 4]]
