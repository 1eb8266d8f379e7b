"""Reductions over segments: answers compared with TensorFlow's and with loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import algebra


@algebra.of("segments")
def test_answers_are_tensorflows(question, expected):
    assert algebra.agrees(question, expected)


IN_NUMPY = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "mean": np.mean}


@given(st.lists(st.integers(-1, 3), max_size=8), st.sampled_from(sorted(IN_NUMPY)))
@settings(deadline=None)
def test_each_segment_is_reduced_alone(ids, name):
    ids = np.array(ids, np.int32)
    x = np.random.default_rng(len(ids)).normal(size=(len(ids), 2))
    found = getattr(tf.math, f"unsorted_segment_{name}")(x, ids, 4).numpy()
    assert found.shape == (4, 2)
    for segment in range(4):
        if (ids == segment).any():
            np.testing.assert_allclose(found[segment], IN_NUMPY[name](x[ids == segment], 0), rtol=1e-12)
    ascending = np.sort(ids[ids >= 0])
    rows = x[: len(ascending)]
    in_order = getattr(tf.math, f"segment_{name}")(rows, ascending).numpy()
    for segment in set(ascending.tolist()):
        np.testing.assert_allclose(in_order[segment], IN_NUMPY[name](rows[ascending == segment], 0), rtol=1e-12)


def test_elements_left_out_have_no_gradient():
    x = tf.constant([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.math.unsorted_segment_max(x, [0, -1, 0], 1)
    assert tape.gradient(y, x).numpy().tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tf.math.segment_sum([1, 2], [1, 0]), "not increasing"),
        (lambda: tf.math.segment_sum([1, 2], [-1, 0]), r"Segment id -1 out of range \[0, 1\)"),
        (lambda: tf.math.segment_sum([1, 2], [0]), "same size as dimension 0"),
        (lambda: tf.math.unsorted_segment_sum([1, 2], [0, 5], 3), r"segment_ids\[1\] = 5 is out of range \[0, 3\)"),
        (lambda: tf.math.unsorted_segment_sum([1, 2], [0, 1, 2], 3), "does not start with"),
        (lambda: tf.math.unsorted_segment_sum([1], [0], -1), "must not be negative"),
        (lambda: tf.math.segment_max([1j], [0]), "complex128"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        call()
