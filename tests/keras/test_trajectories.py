"""Every optimizer and schedule goes the way Keras's goes: 50 steps, each recorded by `tests/golden/record_keras.py`."""

from __future__ import annotations

import inspect
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from tapeflow import keras
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tests.keras import cases

GOLDEN = Path(__file__).parents[1] / "golden" / "keras"
TRAJECTORIES = np.load(GOLDEN / "trajectories.npz")
SCHEDULES = np.load(GOLDEN / "schedules.npz")
CONFIGS = json.loads((GOLDEN / "configs.json").read_text())
RTOL = {"float16": 2e-3, "float32": 1e-6, "float64": 1e-12}


def train(case):
    positive = (lambda x: Tensor(np.maximum(x.numpy(), x.numpy().dtype.type(0.1)))) if case.constrained else None
    names = ("scalar", "vector", "matrix")
    variables = [
        Variable(value, name=name, constraint=positive if name == "vector" else None)
        for value, name in zip(cases.initial_values(case.dtype), names, strict=True)
    ]
    optimizer = case.make(keras.optimizers)
    if case.excluded:
        optimizer.exclude_from_weight_decay(var_names=list(case.excluded))
    for step in range(cases.STEPS):
        gradients = [Tensor(g) for g in cases.gradients(step, case.dtype)]
        if case.sparse:
            gradients[2] = IndexedSlices(*cases.slices(step, case.dtype, case.repeated))
        if step == case.none_at:
            gradients[1] = None
        with warnings.catch_warnings():
            if step == case.none_at:
                warnings.simplefilter("ignore")
            optimizer.apply_gradients(zip(gradients, variables, strict=True))
        yield np.concatenate([v.numpy().ravel() for v in variables])
    if case.finalize:
        optimizer.finalize_variable_values(variables)
        yield np.concatenate([v.numpy().ravel() for v in variables])


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_trajectory_is_keras(case):
    expected = TRAJECTORIES[case.name]
    found = np.stack(list(train(case)))
    assert found.dtype == expected.dtype
    # Near a sign change a weight is a difference of larger ones: compare with the size of its whole way.
    size = np.maximum(np.abs(expected), np.abs(expected).max(axis=0))
    error = np.abs(found.astype(float) - expected) / size
    assert error.max() <= (case.rtol or RTOL[case.dtype]), (error.max(), np.unravel_index(error.argmax(), error.shape))


@pytest.mark.parametrize(("name", "make"), cases.SCHEDULES, ids=[name for name, _ in cases.SCHEDULES])
def test_schedule_is_keras(name, make):
    schedule = make(keras.optimizers.schedules)
    found = [schedule(step).numpy() for step in cases.SCHEDULE_STEPS]
    np.testing.assert_allclose(found, SCHEDULES[name], rtol=1e-6, atol=1e-8)
    assert schedule.get_config() == CONFIGS[name]["config"]
    again = type(schedule).from_config(schedule.get_config())
    np.testing.assert_array_equal([again(step).numpy() for step in cases.SCHEDULE_STEPS], found)


@pytest.mark.parametrize("name", [name for name in CONFIGS if name[0].isupper()])
def test_arguments_config_and_variables_are_keras(name):
    expected, cls = CONFIGS[name], getattr(keras.optimizers, name)
    parameters = inspect.signature(cls).parameters.values()
    assert {p.name: p.default for p in parameters if p.kind is not p.VAR_KEYWORD} == expected["signature"]
    assert [p.name for p in parameters][:-1] == list(expected["signature"])
    optimizer = cls(name="o")
    assert optimizer.get_config() == expected["config"]
    optimizer.build([Variable(np.ones(shape, "float32"), name=f"v{i}") for i, shape in enumerate(cases.SHAPES)])
    found = [[v.path, v.shape.as_list(), v.dtype.name] for v in optimizer.variables]
    if name == "Adafactor":  # Keras keeps a full-sized velocity of matrices as well, and placeholders for vectors
        assert [v for v in found if v[1] != [3, 4]] == found and len(found) == 6
    else:
        named = [
            v for v in expected["variables"] if not v[0].startswith("variable")
        ]  # Nadam's product, which Keras leaves unnamed
        assert found[: len(named)] == named
