"""Random operations in functions: TensorFlow's numbers, at every call, in the order of the program."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.function import Function
from tapeflow.ops import seeds
from tests.golden.functions_of_chance import PROGRAMS, as_lists

RECORDED = json.loads((Path(__file__).parents[1] / "golden" / "functions_of_chance.json").read_text())


@pytest.fixture
def traced(monkeypatch):
    """Functions must not fall back to running eagerly, and there is no global seed."""

    def refuse(self, *args, **kwargs):
        raise AssertionError(f"{self.name} is run eagerly: {self.experimental_eager_reasons()}")

    monkeypatch.setattr(Function, "_run_eagerly", refuse)
    seeds._seeds.reset(None)
    yield
    seeds._seeds.reset(None)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_get_the_numbers_of_tensorflow(name, traced):
    found = [as_lists(tf, each) for each in PROGRAMS[name](tf)]
    assert len(found) == len(RECORDED[name])
    for call, recorded in zip(found, RECORDED[name], strict=True):
        for a, b in zip(call, recorded, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=2e-4)


def test_without_any_seed_every_call_has_other_numbers(traced):
    @tf.function
    def f():
        return tf.random.uniform([4]), tf.random.uniform([4])

    (a, b), (c, d) = f(), f()
    assert len({tuple(x.numpy()) for x in (a, b, c, d)}) == 4


def test_equal_operations_are_not_shared_and_none_is_moved_out_of_a_loop(traced):
    @tf.function
    def f():
        first, second = tf.random.uniform([]), tf.random.uniform([])
        total = tf.constant(0.0)
        for _ in tf.range(50):
            total = tf.maximum(total, tf.abs(tf.random.uniform([]) - first))
        return first, second, total

    first, second, total = f()
    assert first != second and total > 0.3


def test_distributions_that_are_our_own_are_reproducible_in_functions(traced):
    def numbers():
        tf.random.set_seed(3)

        @tf.function
        def f(alpha):
            return (
                tf.random.gamma([3], alpha),
                tf.random.poisson([3], alpha),
                tf.random.stateless_binomial([3], [1, 2], alpha * 10.0, 0.5),
                tf.random.stateless_parameterized_truncated_normal([3], [1, 2], alpha),
            )

        return [y.numpy().tolist() for y in (*f(tf.constant(2.0)), *f(tf.constant(2.0)))]

    assert numbers() == numbers()


def test_a_derivative_goes_through_random_numbers(traced):
    @tf.function
    def f(alpha):
        return tf.reduce_sum(tf.random.stateless_gamma([5], [1, 2], alpha))

    alpha = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(alpha)
        y = f(alpha)
    with tf.GradientTape() as eager:
        eager.watch(alpha)
        z = tf.reduce_sum(tf.random.stateless_gamma([5], [1, 2], alpha))
    assert y == z and tape.gradient(y, alpha) == eager.gradient(z, alpha)


def test_bounds_that_leave_nothing_are_an_error_when_the_function_runs(traced):
    @tf.function
    def f(high):
        return tf.random.uniform([2], 3, high, tf.int32)

    assert f(tf.constant(4)).numpy().tolist() == [3, 3]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Need minval < maxval"):
        f(tf.constant(3))
