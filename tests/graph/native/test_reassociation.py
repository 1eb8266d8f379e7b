"""Sums and products are regrouped only where the user asks for it."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.native.machine import Machine, machine
from tests.graph.native.identical import identical

pytestmark = pytest.mark.skipif(machine() is None, reason="there is no machine code here")


@pytest.fixture
def regrouping():
    def switch(on):
        tf.config.optimizer.set_experimental_options({"reassociation": on})

    yield switch
    tf.config.optimizer.set_experimental_options({"reassociation": None})


def arrays(x, y):
    """The sum of the first two terms is lost in the last digits, unless what is added and taken away again is left out."""
    return ((x + y) - x) * 3.0 + (x * y + y), tf.exp(x - y) * 2.0 - tf.sin(y)


def scalars(x, y):
    for _ in tf.range(100):
        y = tf.sin((x + y) - x + 0.125 * y) + 1.0
    return (x + y) - x, tf.exp(y) + y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", [arrays, scalars])
def test_results_are_the_plans_until_it_is_asked_for(function, dtype, regrouping, monkeypatch):
    rng = np.random.default_rng(0)
    shape = (4000,) if function is arrays else ()
    x, y = (tf.constant((rng.random(shape) + k).astype(dtype)) for k in (1e4, 1.0))
    monkeypatch.setenv("TAPEFLOW_NATIVE", "off")
    plan = tf.function(function)(x, y)
    monkeypatch.setenv("TAPEFLOW_NATIVE", "on")
    results = {}
    for on in (False, True, False):
        regrouping(on)
        compiled = tf.function(function)
        results[on] = [each.numpy() for each in compiled(x, y)]
        assert "NumPy: " not in tf.debugging.native_report(compiled)
        if not on:
            np.testing.assert_allclose(results[on][0], plan[0], rtol=0 if function is arrays else 1e-5)
            np.testing.assert_allclose(results[on][1], plan[1], rtol=1e-5)
    assert (results[True][0] != results[False][0]).any()
    for a, b in zip(results[True], results[False], strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-2 if dtype == "float32" else 1e-9)


def test_what_is_compiled_stays_as_it_is(regrouping):
    x = tf.constant(np.random.default_rng(1).random(4000).astype(np.float32) + 1e4)
    y = tf.constant(np.random.default_rng(2).random(4000).astype(np.float32))
    compiled = tf.function(arrays)
    before = compiled(x, y)
    regrouping(True)
    for a, b in zip(before, compiled(x, y), strict=True):
        identical(b, a)


def test_functions_like_exp_are_not_regrouped(regrouping, monkeypatch):
    texts = []
    link = Machine.link
    monkeypatch.setattr(
        Machine, "link", lambda self, text, *symbols, **how: (texts.append(text), link(self, text, *symbols, **how))[1]
    )
    x = tf.constant(np.linspace(-3, 3, 4321, dtype=np.float32))
    results = {}
    for on in (True, False):
        regrouping(on)
        results[on] = tf.function(lambda x: (tf.exp(x), tf.sin(x), tf.math.log1p(x * x)))(x)[:2]
    for a, b in zip(results[True], results[False], strict=True):
        identical(a, b)
    flagged = [text.count("reassoc nsz contract") for text in texts]
    assert flagged == [1, 0]
