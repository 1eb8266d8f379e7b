"""Ranges whose numbers are known only when the program runs: the same in machine code, in the Plan and eagerly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.graph.native.machine import machine

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")


@tf.function
def numbers(x, start, limit, delta):
    count = 0
    for i in tf.range(start, limit, delta):
        x = x * 0.5 + tf.cast(i, tf.float32)
        count += 1
    return x, count


def same(*args):
    """Asserts that the program says what eager execution says, an error too; a loop over a range that leads nowhere is over."""
    tensors = tuple(map(tf.constant, args))
    start, limit, delta = (x.numpy() for x in tensors)
    outcomes = []
    for call in (numbers, numbers.python_function):
        try:
            outcomes.append([np.asarray(y).tolist() for y in call(tf.constant(1.0), *tensors)])
        except tf.errors.InvalidArgumentError:
            outcomes.append("an error")
    leads_nowhere = (start > limit and delta > 0) or (start < limit and delta < 0)
    assert outcomes[0] == ([1.0, 0] if leads_nowhere else outcomes[1])
    assert numbers.experimental_eager_reasons() == ()
    assert numbers.get_concrete_function(tf.constant(1.0), *tensors)._plan.is_program


@settings(max_examples=50, deadline=None)
@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-7, 7))
def test_of_integers(start, limit, delta):
    same(start, limit, delta)


@settings(max_examples=50, deadline=None)
@given(*[st.floats(-5.0, 5.0, width=32)] * 2, st.sampled_from([0.0, 0.1, -0.1, 0.7, -3.0, 0.3, float("inf")]))
def test_of_floats(start, limit, delta):
    same(start, limit, delta)


def test_near_the_ends_of_int32():
    low, high = -(2**31), 2**31 - 1
    for each in ((low, low + 5, 2), (high - 5, high, 2), (high, high - 7, -3), (low, high, 2**30), (high, low, low)):
        same(*each)


def test_wide_integers_that_the_program_leaves_to_the_plan():
    a, b, d = (tf.constant(x, tf.int64) for x in (2**62, 2**62 + 10, 3))
    x, count = numbers(tf.constant(1.0), a, b, d)
    assert count.numpy() == 4
    assert np.isfinite(x.numpy())


def test_a_loop_that_is_a_part_of_a_function_computes_its_numbers_itself():
    @tf.function
    def program(n):
        tf.print("", end="")
        return tf.while_loop(lambda x: x < 1e30, lambda x: x * 1.5, [tf.constant(1.0)], maximum_iterations=n)

    n = tf.constant(100)
    assert program(n)[0].numpy() == program.python_function(n)[0].numpy()
    assert program.get_concrete_function(n)._plan.parts
