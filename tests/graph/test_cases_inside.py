"""Every gradient case inside a `tf.function` gives what it gives eagerly, forward and backward."""

from __future__ import annotations

from copy import copy

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core.convert import convert
from tests.gradient.case import cases_of, differentiable, families, weights
from tests.gradient.evaluate import SecondOrder, forward, gradients, outputs_of, sources_of

TABLE = [(family, case) for family in families() for case in cases_of(family)]
every_case = pytest.mark.parametrize(("family", "case"), TABLE, ids=[f"{family}/{case.name}" for family, case in TABLE])


@pytest.fixture(autouse=True, scope="module")
def _numpy_alone():
    """Bits are compared here: machine code has its own tests, in tests/graph/native."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        yield


def outside(case):
    """The case as a function to put tapes around, and that they may not run in another way."""
    if not case.recorded:
        pytest.skip("the case draws random numbers of its own")
    function = tf.function(lambda *tensors: outputs_of(case, list(tensors)))
    function(*[convert(x) for x in case.inputs])
    if function.experimental_eager_reasons():
        pytest.skip("the case cannot be traced")
    return function


def same(found, expected):
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            a, b = np.asarray(a), np.asarray(b)
            assert a.dtype == b.dtype and a.shape == b.shape
            np.testing.assert_array_equal(a, b)


@every_case
def test_the_forward_values_are_those_of_eager_execution(family, case):
    if not case.recorded:
        pytest.skip("the case draws random numbers of its own")
    function = tf.function(lambda *tensors: outputs_of(case, list(tensors)))
    tensors = [convert(x) for x in case.inputs]
    expected = forward(case, case.inputs)
    for _ in range(2):
        same(function(*tensors), expected)


@every_case
def test_gradients_computed_inside_are_those_of_eager_execution(family, case):
    if not case.recorded:
        pytest.skip("the case draws random numbers of its own")
    shapes = [np.asarray(y) for y in forward(case, case.inputs)]

    @tf.function
    def inside(*tensors):
        sources = [tensors[i] for i in sources_of(case)]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            outputs = outputs_of(case, list(tensors))
            targets = [y for y in outputs if y.dtype.is_floating or y.dtype.is_complex]
        seeds = [convert(weights(y, 0.3)) for y in shapes if differentiable(y.dtype)]
        return [None if g is None else convert(g) for g in tape.gradient(targets, sources, seeds)]

    expected = gradients(case, case.inputs)
    for _ in range(2):
        same(inside(*[convert(x) for x in case.inputs]), expected)


@every_case
def test_a_tape_outside_gets_the_gradients_of_eager_execution(family, case, not_replayed):
    function = outside(case)
    tensors = [convert(x) for x in case.inputs]
    sources = [tensors[i] for i in sources_of(case)]
    expected = gradients(case, case.inputs)
    for _ in range(2):
        with tf.GradientTape() as tape:
            tape.watch(sources)
            targets = [y for y in function(*tensors) if differentiable(y.dtype.as_numpy_dtype)]
        seeds = [convert(weights(np.asarray(y), 0.3)) for y in targets]
        same([None if g is None else convert(g) for g in tape.gradient(targets, sources, seeds)], expected)
    assert function.experimental_eager_reasons() == ()


@every_case
def test_tapes_outside_get_the_second_order_of_eager_execution(family, case, not_replayed):
    function = outside(case)
    traced = copy(case)
    traced.function = lambda tf, *tensors: function(*tensors)
    found, expected = SecondOrder(traced, case.inputs), SecondOrder(case, case.inputs)
    for a, b in zip(found.gradients, expected.gradients, strict=True):
        if b is None:  # of a call that another result reads it in, TensorFlow's gradient is zeros
            assert a is None or not np.any(a)
        else:
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-12)
    assert function.experimental_eager_reasons() == ()
