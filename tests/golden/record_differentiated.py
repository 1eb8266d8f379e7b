"""Records what TensorFlow answers to the programs in differentiated_functions.py and differentiated_loops.py.

    python tests/golden/record_differentiated.py

Run it, with a Python that has TensorFlow, when programs were added or changed. The tests need the record only.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import tensorflow as tf

from tests.golden import differentiated_functions, differentiated_loops  # noqa: F401
from tests.golden.differentiated import PROGRAMS, as_lists

RECORD = Path(__file__).with_name("differentiated.json")


def main() -> None:
    """Runs every program, and writes the file."""
    lines = [f" {json.dumps(name)}: {json.dumps(as_lists(tf, program(tf)))}" for name, program in PROGRAMS.items()]
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
