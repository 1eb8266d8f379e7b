"""Activations give Keras's values and gradients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import tapeflow as tf
from tests.keras import activation_cases as cases

activations = tf.keras.activations
GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "keras" / "activations.npz")


@pytest.mark.parametrize("number", range(len(cases.CASES)), ids=[f"{name}-{arguments}" for name, arguments in cases.CASES])
def test_value_and_gradient_are_keras(number):
    name, arguments = cases.CASES[number]
    x = tf.constant(cases.X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(activations, name)(x, **arguments)
    np.testing.assert_allclose(y.numpy(), GOLDEN[f"value_{number}"], rtol=2e-6, atol=1e-6)
    dy = tf.reshape(tf.sin(tf.range(1.0, float(tf.size(y)) + 1.0)), y.shape)
    found = tape.gradient(y, x, dy).numpy()
    np.testing.assert_allclose(found, GOLDEN[f"gradient_{number}"], rtol=5e-6, atol=2e-6)


def test_every_activation_is_recorded_and_found_by_name():
    names = set(activations.__all__) - {"get", "serialize", "deserialize"}
    assert {activations.get(name).__name__ for name in names} == {name for name, _ in cases.CASES} | {"sparsemax"}
    for name in names:
        assert activations.get(activations.serialize(activations.get(name))) is activations.get(name)
    assert activations.get(None) is activations.linear and activations.get(tf.nn.relu) is tf.nn.relu


@given(
    x=arrays("float64", st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.floats(-5, 5)),
    axis=st.sampled_from([0, 1]),
)
@settings(max_examples=60, deadline=None)
def test_sparsemax_is_the_nearest_distribution(x, axis):
    # Keras's own is not one for several rows, so what it must be is proved instead: x and p differ by one number per row
    # where p is above 0, and by no more than that number where p is 0.
    p = activations.sparsemax(tf.constant(x), axis=axis).numpy()
    np.testing.assert_allclose(p.sum(axis), 1.0, rtol=1e-12)
    assert (p >= 0).all()
    excess = np.where(p > 0, x - p, -np.inf).max(axis, keepdims=True)
    np.testing.assert_allclose(np.where(p > 0, x - p, excess), np.broadcast_to(excess, x.shape), atol=1e-12)
    assert (x - p <= excess + 1e-12).all()


@pytest.mark.parametrize("dtype", ["float16", "float64"])
@pytest.mark.parametrize("number", range(len(cases.CASES)))
def test_the_dtype_is_kept(number, dtype):
    name, arguments = cases.CASES[number]
    assert getattr(activations, name)(tf.constant(cases.X[:, :6] / 20, dtype), **arguments).dtype == dtype


@pytest.mark.parametrize("identifier", ["fastest", 5, "get"])
def test_an_unknown_name_is_a_value_error(identifier):
    with pytest.raises(ValueError, match=f"Could not interpret activation function identifier: {identifier}"):
        activations.get(identifier)
