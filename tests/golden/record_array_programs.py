"""Records what TensorFlow makes of the programs of `array_programs.py`: writes array_programs.json beside this.

TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_array_programs.py
"""

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.golden.array_programs import COUNT, run

results = [run(tf, seed) for seed in range(COUNT)]
text = ",\n".join(json.dumps(result, separators=(",", ":")) for result in results)
(pathlib.Path(__file__).parent / "array_programs.json").write_text(f"[{text}]\n")
print(COUNT, "programs,", sum(bool(errors) for _, _, errors in results), "with errors")
