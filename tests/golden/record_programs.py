"""Records what the programs of tests/gradient/programs.py give under TensorFlow, in tests/golden/programs.json.

    python tests/golden/record_programs.py

Run it, with a Python that has TensorFlow, when programs were added or changed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import numpy as np
import tensorflow as tf

from tests.gradient.programs import PROGRAMS


def plain(value: Any) -> Any:
    """Lists and numbers in place of arrays."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


if __name__ == "__main__":
    answers = {name: plain(program(tf)) for name, program in PROGRAMS.items()}
    path = Path(__file__).parent / "programs.json"
    path.write_text(json.dumps(answers) + "\n")
    print(f"{len(answers)} programs, {path.stat().st_size} bytes")
