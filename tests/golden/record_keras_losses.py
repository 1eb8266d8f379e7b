"""Records what Keras's losses and metrics give, for the cases of `tests/keras/loss_cases.py`.

Run it with a Python that has TensorFlow, from the repository's root: `python tests/golden/record_keras_losses.py`. It writes
`tests/golden/keras/losses.npz`: values and gradients of each loss under each reduction, and the results of each metric.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.keras import loss_cases as cases


def main():
    found = {}
    for i, (name, arguments, labels, predictions) in enumerate(cases.LOSSES):
        for reduction in cases.REDUCTIONS:
            for weighted in (False, True):
                loss = getattr(tf.keras.losses, name)(**arguments, reduction=reduction)
                y = tf.constant(predictions)
                try:
                    with tf.GradientTape() as tape:
                        tape.watch(y)
                        value = loss(labels, y, cases.WEIGHTS[: len(labels)] if weighted else None)
                except (ValueError, tf.errors.InvalidArgumentError):
                    continue  # these weights do not fit
                found[f"loss_{i}_{reduction}_{weighted}"] = value.numpy()
                found[f"gradient_{i}_{reduction}_{weighted}"] = tape.gradient(value, y).numpy()
    for i, (name, arguments, updates) in enumerate(cases.METRICS):
        metric = getattr(tf.keras.metrics, name)(**arguments)
        results = []
        for update in updates:
            metric.update_state(*update)
            results.append(metric.result().numpy())
        found[f"metric_{i}"] = np.array(results)
    np.savez_compressed(Path(__file__).parent / "keras" / "losses.npz", **found)


if __name__ == "__main__":
    main()
