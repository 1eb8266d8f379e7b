"""Records what TensorFlow answers to the questions of `algebra_questions.txt`: writes algebra.json beside this.

TF_CPP_MIN_LOG_LEVEL=3 python tests/golden/record_algebra.py
"""

import json
import pathlib
import sys

import tensorflow as tf

sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

from tests.golden.algebra_questions import answer, questions

answers = {family: {q: answer(tf, q) for q in expressions} for family, expressions in questions().items()}
rows = ",\n".join(
    json.dumps(family) + ": {\n" + ",\n".join(f"{json.dumps(q)}: {json.dumps(a)}" for q, a in table.items()) + "\n}"
    for family, table in answers.items()
)
(pathlib.Path(__file__).parent / "algebra.json").write_text("{" + rows + "}\n")
print({family: len(table) for family, table in answers.items()})
