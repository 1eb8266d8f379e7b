"""Records what TensorFlow answers to the small programs of `*_cases.py`: writes recorded_cases.json beside this.

TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_cases.py
"""

import json
import pathlib
import sys

import tensorflow as tf

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.golden.cases import FAMILIES, cases  # noqa: E402

answers = {}
for family in FAMILIES:
    for name, function in cases(family).items():
        tf.get_logger().handlers.clear()
        try:
            answers[f"{family}.{name}"] = function(tf)
        except Exception as error:
            print(f"{family}.{name} fails under TensorFlow: {type(error).__name__}: {error}")
rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers.items())
HERE.joinpath("recorded_cases.json").write_text("{" + rows + "}\n")
