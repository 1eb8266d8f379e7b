"""Records what Keras's layers give, for the cases of `tests/keras/layers/layer_cases.py`.

Run it with a Python that has TensorFlow, from the repository's root: `python tests/golden/record_keras_layers.py`. It writes
`tests/golden/keras/layers.npz`, outputs, gradients and losses, and `layers.json`, the weights' paths and shapes and the configs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.keras.layers.layer_cases import CASES, inputs, weight


def recorded(case):
    tf.keras.backend.clear_session()
    layer = getattr(tf.keras.layers, case.layer)(**case.arguments)
    given = tf.nest.map_structure(tf.constant, inputs(case))
    args = given if isinstance(given, tuple) else (given,)
    layer.build(*[tuple(x.shape) for x in args]) if not case.as_list else layer.build([tuple(x.shape) for x in given])
    for i, each in enumerate(layer.weights):
        each.assign(weight(each.name, tuple(each.shape), i))
    sources = [x for x in tf.nest.flatten(given) if x.dtype.is_floating] + [w.value for w in layer.trainable_weights]
    with tf.GradientTape() as tape:
        tape.watch(sources)
        outputs = layer(*args, **case.call)
        flat = tf.nest.flatten(outputs)
        total = sum(
            tf.reduce_sum(y * tf.cos(tf.reshape(tf.range(tf.cast(tf.size(y), y.dtype)), tf.shape(y)))) for y in flat
        ) + sum(layer.losses)
    gradients = tape.gradient(total, sources, unconnected_gradients="zero")
    arrays = {f"{case.label}.output.{i}": y.numpy() for i, y in enumerate(flat)}
    for i, gradient in enumerate(gradients):
        gradient = tf.convert_to_tensor(gradient)
        arrays[f"{case.label}.gradient.{i}"] = gradient.numpy()
    for i, loss in enumerate(layer.losses):
        arrays[f"{case.label}.loss.{i}"] = loss.numpy()
    for i, each in enumerate(layer.non_trainable_weights):
        arrays[f"{case.label}.state.{i}"] = each.numpy()
    facts = {
        "weights": [[w.path, list(w.shape), w.dtype, w.trainable] for w in layer.weights],
        "config": json.loads(json.dumps(layer.get_config())),
    }
    return arrays, facts


def main():
    arrays, facts = {}, {}
    for case in CASES:
        found, facts[case.label] = recorded(case)
        arrays |= found
    folder = Path(__file__).parent / "keras"
    np.savez_compressed(folder / "layers.npz", **arrays)
    lines = ",\n".join(f"{json.dumps(label)}: {json.dumps(fact)}" for label, fact in facts.items())
    (folder / "layers.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
