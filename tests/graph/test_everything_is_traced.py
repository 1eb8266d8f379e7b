"""Whatever users call inside a `tf.function` becomes part of its graph, but for what is listed here with the reason."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tests.gradient.case import cases_of, families
from tests.gradient.evaluate import outputs_of
from tests.graph.sweep import CALLS, evaluated, reasons
from tests.test_families_are_complete import GIVEN

PYTHON = "it needs values, for Python"

# The calls of public functions on tensors that are known only when the function runs, which are run eagerly, and why.
EAGER = {
    "test.compute_gradient(tf.square,[x])": PYTHON,
}
# Variables may be made by the first call only.
ONCE = {'no_gradient("OfThisTest")'}  # what a process can do once
REFUSED = {"random.Generator.from_seed(1).normal([2])", "Variable(1.0)"}
RANDOM = ("random.", "nn.dropout", "timestamp")


@pytest.mark.parametrize("call", [call for _, call in CALLS if call not in REFUSED | ONCE])
def test_calls_with_tensors_known_later_are_traced(call):
    found, why = reasons(call)
    assert (why != ()) == (call in EAGER), why
    if not call.startswith(RANDOM):
        expected = evaluated(call, {name: tf.constant(value) for name, value in GIVEN.items()})
        for y, z in zip(found, expected, strict=True):
            assert y.dtype == z.dtype and y.shape == z.shape
            if y.dtype != tf.string:
                np.testing.assert_allclose(y, z, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("call", sorted(REFUSED))
def test_variables_made_at_every_call_are_refused(call):
    with pytest.raises(ValueError, match="singleton"):
        reasons(call)


@pytest.mark.parametrize("family", families())
def test_the_cases_of_gradients_are_traced(family):
    for case in cases_of(family):
        function = tf.function(lambda *tensors, case=case: outputs_of(case, list(tensors)))
        function(*map(tf.constant, case.inputs))
        assert function.experimental_eager_reasons() == (), f"{family}/{case.name}"
