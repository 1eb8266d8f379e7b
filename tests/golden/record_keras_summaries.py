"""Records what `Model.summary` prints in Keras, for the models of `tests/keras/models/summary_cases.py`.

Run it with a Python that has TensorFlow, from the repository's root: `python tests/golden/record_keras_summaries.py`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import tensorflow as tf

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.keras.models.summary_cases import MODELS


def main():
    found = {}
    for name, make in MODELS.items():
        tf.keras.backend.clear_session()
        lines = []
        make(tf).summary(print_fn=lines.append)
        found[name] = "\n".join(lines)
    text = json.dumps(found, indent=0, ensure_ascii=False)
    (Path(__file__).parent / "keras" / "summaries.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
