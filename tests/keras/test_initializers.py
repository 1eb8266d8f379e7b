"""Initializers give Keras's very values, for the same seeds."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tests.keras import initializer_cases as cases

initializers = tf.keras.initializers
GOLDEN = Path(__file__).parents[1] / "golden" / "keras"
VALUES = np.load(GOLDEN / "initializers.npz")
CONFIGS = json.loads((GOLDEN / "initializers.json").read_text())


@pytest.mark.parametrize("number", range(len(cases.CASES)), ids=[f"{c[0]}-{c[2]}-{i}" for i, c in enumerate(cases.CASES)])
def test_values_are_keras(number):
    name, arguments, shape, dtype = cases.CASES[number]
    initializer = getattr(initializers, name)(**arguments)
    found, expected = initializer(shape, dtype=dtype), VALUES[f"value_{number}"]
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_allclose(found.numpy(), expected, rtol=2e-6, atol=2e-6 if name == "Orthogonal" else 0)
    left_out = {"gain": arguments["gain"]} if name == "Identity" else {}  # by Keras, whose copy then has gain 1
    assert initializer.get_config() == CONFIGS[number] | left_out
    for twin in (initializers.deserialize(initializers.serialize(initializer)), initializer.clone()):
        np.testing.assert_array_equal(twin(shape, dtype=dtype).numpy(), found.numpy())


def test_without_a_seed_each_initializer_has_values_of_its_own():
    first, second = initializers.GlorotUniform(), initializers.GlorotUniform()
    np.testing.assert_array_equal(first([5]).numpy(), first([5]).numpy())
    assert (first([5]).numpy() != second([5]).numpy()).any()
    np.testing.assert_array_equal(first.clone()([5]).numpy(), first([5]).numpy())
    random.seed(3)
    third = initializers.GlorotUniform()
    random.seed(3)
    assert initializers.GlorotUniform().seed == third.seed


def test_initializers_are_found_by_name():
    assert type(initializers.get("glorot_uniform")) is initializers.GlorotUniform is initializers.glorot_uniform
    assert type(initializers.get(initializers.Zeros)) is initializers.Zeros
    assert initializers.get(None) is None and initializers.get(np.zeros) is np.zeros


def test_optimizers_and_metrics_take_initializers_by_name_and_as_objects():
    optimizer, metric = tf.keras.optimizers.SGD(), tf.keras.metrics.Mean()
    assert optimizer.add_variable([2], initializers.Constant(3.0)).numpy().tolist() == [3.0, 3.0]
    assert metric.add_weight(shape=[2], initializer="ones").numpy().tolist() == [1.0, 1.0]
    assert optimizer.add_variable([2, 2], "identity").numpy().tolist() == [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: initializers.Initializer()([1]), NotImplementedError, "__call__"),
        (lambda: initializers.Zeros()([None, 2]), ValueError, "None, 2"),
        (lambda: initializers.Identity()([2, 2, 2]), ValueError, "2D"),
        (lambda: initializers.Orthogonal()([2]), ValueError, "two-dimensional"),
        (lambda: initializers.VarianceScaling(scale=-1.0), ValueError, "scale=-1.0"),
        (lambda: initializers.VarianceScaling(mode="fan"), ValueError, "mode"),
        (lambda: initializers.VarianceScaling(distribution="even"), ValueError, "distribution"),
        (lambda: initializers.GlorotUniform(input_axes=0), NotImplementedError, "input_axes"),
        (lambda: initializers.RandomNormal(seed="a"), ValueError, "seed=a"),
        (lambda: initializers.get("chaos"), ValueError, "chaos"),
        (lambda: tf.keras.optimizers.SGD().add_variable([2], "chaos"), ValueError, "chaos"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
