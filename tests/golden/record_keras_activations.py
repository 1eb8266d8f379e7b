"""Records the values and gradients of Keras's activations, for the cases of `tests/keras/activation_cases.py`.

Run it with a Python that has TensorFlow, from the repository's root: `python tests/golden/record_keras_activations.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.keras import activation_cases as cases


def main():
    found = {}
    for i, (name, arguments) in enumerate(cases.CASES):
        x = tf.constant(cases.X)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = getattr(tf.keras.activations, name)(x, **arguments)
        found[f"value_{i}"] = y.numpy()
        dy = tf.reshape(tf.sin(tf.range(1.0, float(tf.size(y)) + 1.0)), y.shape)
        found[f"gradient_{i}"] = tape.gradient(y, x, dy).numpy()
    np.savez_compressed(Path(__file__).parent / "keras" / "activations.npz", **found)


if __name__ == "__main__":
    main()
