"""Records the random numbers of TensorFlow: writes random_numbers.json beside this.

TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_random.py
"""

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.golden.random_programs import CLOSE, EXACT, run

if __name__ == "__main__":
    answers = {name: run(tf, program) for name, program in {**EXACT, **CLOSE}.items()}
    path = pathlib.Path(__file__).with_name("random_numbers.json")
    path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in answers.items()) + "\n}\n")
    print(f"{sum(map(len, answers.values()))} results, {path.stat().st_size} bytes")
