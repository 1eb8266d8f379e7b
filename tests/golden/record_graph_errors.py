"""Records which errors TensorFlow raises for the calls in graph_errors.py.

python tests/golden/record_graph_errors.py      (needs TensorFlow 2.21)
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf
from graph_errors import CALLS


def main() -> None:
    """Writes the types beside this file: of the trace's error, or of the run's, or None where there is none."""
    answers = {}
    for name, (function, *arguments) in CALLS.items():
        tensors = [make(tf) for make in arguments]
        graph = tf.function(lambda *given, function=function: (function(tf, *given), None)[1], autograph=False)
        answers[name] = None
        try:
            graph(*tensors)
            tf.function(lambda *given, function=function: function(tf, *given), autograph=False)(*tensors)
        except Exception as error:
            answers[name] = type(error).__name__
    Path(__file__).with_name("graph_errors.json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
