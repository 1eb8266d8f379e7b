"""Records what TensorFlow answers to the questions of `value_questions.txt`: writes values.json beside this.

TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_values.py
"""

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.golden.value_questions import HERE, answer, questions

answers = {section: {line: answer(tf, line) for line in lines} for section, lines in questions().items()}
rows = ",\n".join(
    json.dumps(section) + ": {\n" + ",\n".join(f"{json.dumps(q)}: {json.dumps(a)}" for q, a in table.items()) + "\n}"
    for section, table in answers.items()
)
HERE.joinpath("values.json").write_text("{" + rows + "}\n")
