"""Records what Keras's optimizers and schedules do, for the cases of `tests/keras/cases.py`.

Run it with a Python that has TensorFlow, from the repository's root: `python tests/golden/record_keras.py`. It writes
`tests/golden/keras/trajectories.npz` (each variable after each step), `schedules.npz` and `configs.json`.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.keras import cases

NAMES = [
    "SGD",
    "Adam",
    "AdamW",
    "Adamax",
    "Nadam",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Ftrl",
    "Lion",
    "Lamb",
    "Adafactor",
    "Muon",
]
HERE = Path(__file__).parent / "keras"


def variable(owner, value, name, constraint=None):
    """A variable; Muon wants Keras's own kind."""
    if owner.lower().startswith("muon"):
        return tf.keras.Variable(value, name=name)
    return tf.Variable(value, name=name, constraint=constraint)


def train(case):
    values = cases.initial_values(case.dtype)
    positive = (lambda x: tf.maximum(x, tf.cast(0.1, x.dtype))) if case.constrained else None
    variables = [
        variable(case.name, value, name, positive if name == "vector" else None)
        for value, name in zip(values, ("scalar", "vector", "matrix"), strict=True)
    ]
    optimizer = case.make(tf.keras.optimizers)
    if case.excluded:
        optimizer.exclude_from_weight_decay(var_names=list(case.excluded))
    trajectory = []
    for step in range(cases.STEPS):
        gradients = [tf.constant(g) for g in cases.gradients(step, case.dtype)]
        if case.sparse:
            rows, indices = cases.slices(step, case.dtype, case.repeated)
            gradients[2] = tf.IndexedSlices(tf.constant(rows), tf.constant(indices), tf.constant([3, 4]))
        if step == case.none_at:
            gradients[1] = None
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        trajectory.append(np.concatenate([np.asarray(v).ravel() for v in variables]))
    if case.finalize:
        optimizer.finalize_variable_values(variables)
        trajectory.append(np.concatenate([np.asarray(v).ravel() for v in variables]))
    return np.stack(trajectory)


def configs():
    found = {}
    keras = tf.keras.optimizers
    for name in NAMES:
        optimizer = getattr(keras, name)(name="o")
        optimizer.build([variable(name, np.ones(shape, "f"), f"v{i}") for i, shape in enumerate(cases.SHAPES)])
        state = [[v.path, list(v.shape), v.dtype] for v in optimizer.variables]
        if name == "Muon":  # the names of Keras's own variables end without the ":0" that becomes "_0"
            state = [[re.sub(r"/(v\d)_", r"/\1_0_", path), *rest] for path, *rest in state]
        parameters = inspect.signature(getattr(keras, name)).parameters.values()
        defaults = {p.name: p.default for p in parameters if p.kind is not p.VAR_KEYWORD}
        found[name] = {"config": optimizer.get_config(), "variables": state, "signature": defaults}
    for name, make in cases.SCHEDULES:
        found[name] = {"config": make(keras.schedules).get_config()}
    return found


def main():
    warnings.simplefilter("ignore")
    HERE.mkdir(exist_ok=True)
    trajectories = {case.name: train(case) for case in cases.CASES}
    np.savez_compressed(HERE / "trajectories.npz", **trajectories)
    schedules = {
        name: np.array([np.asarray(make(tf.keras.optimizers.schedules)(step)) for step in cases.SCHEDULE_STEPS])
        for name, make in cases.SCHEDULES
    }
    np.savez_compressed(HERE / "schedules.npz", **schedules)
    (HERE / "configs.json").write_text(json.dumps(configs(), indent=1) + "\n")


if __name__ == "__main__":
    main()
