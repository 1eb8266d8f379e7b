"""Records TensorFlow's forward-mode derivatives of the functions in tangents.py.

    python tests/golden/record_tangents.py

Run it, with a Python that has TensorFlow, when functions were added or changed. The tests need the record only.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import numpy as np
import tensorflow as tf

from tests.golden.tangents import FUNCTIONS, SCHEMES, T, run

RECORD = Path(__file__).with_name("tangents.json")


def main() -> None:
    """Takes every derivative eagerly, and writes the file: in its functions TensorFlow cannot take most of them.

    Left out is what contradicts what it says itself: the second derivative in one direction, by two accumulators, where there are
    loops.
    """
    tf.config.run_functions_eagerly(True)
    lines = []
    for name in FUNCTIONS:
        for order in SCHEMES:
            try:
                found = run(tf, name, order, "eagerly")
                if order == "forward_over_forward":
                    curvature = run(tf, name, "forward_over_reverse", "eagerly")[1]
                    if abs(np.dot(curvature, T) - found[1]) > 1e-3 * abs(found[1]):
                        continue
                lines.append(f' "{name} {order}": {json.dumps(found)}')
            except Exception as error:
                print(name, order, type(error).__name__)
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
