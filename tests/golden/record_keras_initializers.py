"""Records the values of Keras's initializers, for the cases of `tests/keras/initializer_cases.py`.

Run it with a Python that has TensorFlow, from the repository's root: `python tests/golden/record_keras_initializers.py`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.keras import initializer_cases as cases

HERE = Path(__file__).parent / "keras"


def main():
    found, configs = {}, []
    for i, (name, arguments, shape, dtype) in enumerate(cases.CASES):
        initializer = getattr(tf.keras.initializers, name)(**arguments)
        found[f"value_{i}"] = initializer(shape, dtype=dtype).numpy()
        configs.append(initializer.get_config())
    np.savez_compressed(HERE / "initializers.npz", **found)
    (HERE / "initializers.json").write_text(json.dumps(configs, indent=1) + "\n")


if __name__ == "__main__":
    main()
