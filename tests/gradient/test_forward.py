"""`tf.autodiff.ForwardAccumulator`: tangents agree with cotangents for every case of the table; its interface is TensorFlow's."""

from __future__ import annotations

import gc
import logging
import weakref

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core.convert import convert
from tests.gradient.case import cases_of, differentiable, families, weights
from tests.gradient.evaluate import gradients, outputs_of, sources_of

TABLE = [(family, case) for family in families() if family != "custom" for case in cases_of(family) if case.numeric]
Accumulator = tf.autodiff.ForwardAccumulator


def value(tensor):
    return None if tensor is None else np.asarray(tensor).tolist()


@pytest.fixture
def x():
    return tf.constant(2.0)


@pytest.mark.parametrize("case", [c for _, c in TABLE], ids=[f"{family}/{c.name}" for family, c in TABLE])
def test_a_tangent_times_a_cotangent_is_the_same_pushed_forward_and_pulled_back(case):
    generator = np.random.default_rng(1)
    tensors = [convert(x) for x in case.inputs]
    sources = [tensors[i] for i in sources_of(case)]
    tangents = [generator.uniform(-1.0, 1.0, s.shape.as_list()).astype(s._value.dtype) for s in sources]
    with Accumulator(sources, [tf.constant(t) for t in tangents]) as accumulator:
        outputs = [y for y in outputs_of(case, tensors) if differentiable(y._value.dtype)]
    pushed = [np.asarray(t) for t in accumulator.jvp(outputs, unconnected_gradients="zero")]
    cotangents = [weights(np.asarray(y), 0.3) for y in outputs]
    forward = sum(float(np.sum((np.conj(w) * t).real)) for w, t in zip(cotangents, pushed, strict=True))
    pulled = gradients(case, case.inputs)
    backward = sum(float(np.sum((np.conj(g) * t).real)) for g, t in zip(pulled, tangents, strict=True) if g is not None)
    scale = 1.0 + sum(float(np.sum(np.abs(g))) for g in pulled if g is not None)
    assert forward == pytest.approx(backward, rel=1e-8, abs=1e-9 * scale)


def test_tangents_are_known_inside_and_after_the_context():
    x = tf.constant([[2.0, 3.0], [1.0, 4.0]])
    with Accumulator(x, tf.constant([[1.0, 0.0], [0.0, 0.0]])) as accumulator:
        y = tf.reduce_sum(x * x, axis=1)
        assert value(accumulator.jvp(y)) == [4.0, 0.0]
    assert value(accumulator.jvp(y)) == [4.0, 0.0]
    assert value(accumulator.jvp(x)) == [[1.0, 0.0], [0.0, 0.0]]


def test_unconnected_values_have_no_tangent_or_zeros(x):
    with Accumulator(x, tf.constant(1.0)) as accumulator:
        pass
    other = tf.constant([1.0, 2.0])
    assert accumulator.jvp(other) is None
    assert value(accumulator.jvp(other, unconnected_gradients="zero")) == [0.0, 0.0]
    with pytest.raises(ValueError, match="Unknown value for unconnected_gradients"):
        accumulator.jvp(other, unconnected_gradients="nonsense")


def test_primals_may_be_nested_and_variables(x):
    v = tf.Variable(3.0)
    with Accumulator({"x": x, "v": [v]}, {"x": 1.0, "v": [tf.Variable(10.0)]}) as accumulator:
        y = x * v
    assert value(accumulator.jvp({"a": y, "b": [v]})["a"]) == 23.0
    assert value(accumulator.jvp({"a": y, "b": [v]})["b"][0]) == 10.0


def test_only_what_runs_inside_is_followed(x):
    accumulator = Accumulator(x, tf.constant(1.0))
    before = x * x
    with accumulator:
        y = x * x
    after = y * x
    assert [value(t) for t in accumulator.jvp([before, y, after])] == [None, 4.0, None]
    with accumulator:
        z = y * x
    assert value(accumulator.jvp(z)) == 12.0


def test_integers_and_operations_without_derivative_have_no_tangent(x):
    with Accumulator(x, tf.constant(1.0)) as accumulator:
        y, z = tf.cast(x, tf.int32), tf.floor(x)
    assert accumulator.jvp([y, z]) == [None, None]


def test_assigning_gives_the_variable_a_new_value_and_no_new_tangent():
    v = tf.Variable(2.0)
    with Accumulator(v, tf.constant(1.0)) as accumulator:
        v.assign(v * v)
        y = v * 3.0
    assert value(accumulator.jvp([y, v])) == [3.0, 1.0]


def test_an_accumulator_around_a_tape_gives_hessian_vector_products():
    x = tf.constant([1.0, 2.0])
    with Accumulator(x, tf.constant([1.0, 0.5])) as accumulator:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(x * x * x)
        g = tape.gradient(y, x)
    assert value(g) == [3.0, 12.0]
    assert value(accumulator.jvp(g)) == [6.0, 6.0]


def test_a_tape_around_an_accumulator_differentiates_the_tangent():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        with Accumulator(x, tf.constant([1.0, 0.0])) as accumulator:
            y = x * x * x
        tangent = accumulator.jvp(y)
    assert value(tape.gradient(tangent, x)) == [6.0, 0.0]


def test_accumulators_nest():
    x = tf.constant(2.0, tf.float64)
    with Accumulator(x, tf.constant(1.0, tf.float64)) as outer:
        with Accumulator(x, tf.constant(10.0, tf.float64)) as inner:
            y = x * x * x
        first = inner.jvp(y)
    assert (value(first), value(outer.jvp(y)), value(outer.jvp(first))) == (120.0, 12.0, 120.0)


def test_a_custom_gradient_is_differentiated_through_what_is_inside(x):
    f = tf.custom_gradient(lambda x: (x * 2.0, lambda dy: dy * 100.0))
    with Accumulator(x, tf.constant(1.0)) as accumulator:
        y = f(x)
    assert value(accumulator.jvp(y)) == 2.0


def test_the_tangents_of_tensors_that_are_gone_are_not_kept(x):
    with Accumulator(x, tf.constant(1.0)) as accumulator:
        y = x
        for _ in range(100):
            y = y * 1.01
        kept = weakref.ref(accumulator.jvp(y * 2.0))
        gc.collect()
        assert kept() is None
        assert len(accumulator._tangents) == 2


@pytest.mark.parametrize(
    ("primals", "tangents", "error", "message"),
    [
        (2.0, 1.0, TypeError, "a primal must be"),
        (tf.constant([1.0, 2.0]), tf.constant(1.0), ValueError, r"shape \(\) does not fit its primal of shape \(2,\)"),
        (tf.constant(1.0), tf.constant(1.0, tf.float64), ValueError, "requested dtype float32"),
        ([tf.constant(1.0)] * 2, [tf.constant(1.0)], ValueError, "same nested structure"),
        ([tf.constant(1.0)], [None], ValueError, "None"),
    ],
)
def test_primals_and_tangents_that_do_not_fit_are_refused(primals, tangents, error, message):
    with pytest.raises(error, match=message):
        Accumulator(primals, tangents)


def test_a_primal_given_twice_is_refused(x):
    v = tf.Variable(1.0)
    for primal in (x, v):
        with pytest.raises(ValueError, match="specified as a primal multiple times"):
            Accumulator([primal, primal], [1.0, 1.0])


def test_an_integer_primal_is_warned_of(caplog):
    x = tf.constant([1, 2])
    with caplog.at_level(logging.WARNING, "tapeflow"), Accumulator(x, tf.constant([1, 2])) as accumulator:
        y = x * x
    assert "The dtype of the watched primal must be floating" in caplog.text
    assert accumulator.jvp(y) is None


def test_entering_an_active_accumulator_is_refused(x):
    with (
        Accumulator(x, tf.constant(1.0)) as accumulator,
        pytest.raises(ValueError, match="Accumulator is already recording"),
        accumulator,
    ):
        pass


@pytest.mark.parametrize("wrong", [3.0, None, "a"])
def test_only_tensors_and_variables_have_tangents(x, wrong):
    with pytest.raises(TypeError, match="only tensors and variables have tangents"):
        Accumulator(x, tf.constant(1.0)).jvp(wrong)
