"""Records what TensorFlow gives for the programs in functions_of_chance.py.

python tests/golden/record_functions_of_chance.py      (needs TensorFlow 2.21)
"""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow as tf
from functions_of_chance import PROGRAMS, as_lists
from tensorflow.python.eager import context


def main() -> None:
    """Writes the answers beside this file; every program starts without a global seed."""
    answers = {}
    for name, program in PROGRAMS.items():
        context._reset_context()  # there is no other way back to having no global seed
        answers[name] = [as_lists(tf, each) for each in program(tf)]
    path = Path(__file__).with_name("functions_of_chance.json")
    path.write_text(json.dumps(answers, indent=1).replace("\n    ", " ").replace("\n   ", " ") + "\n")


if __name__ == "__main__":
    main()
