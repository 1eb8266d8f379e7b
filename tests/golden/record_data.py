"""Record what TensorFlow answers to the questions about `tf.data`.

    python tests/golden/record_data.py

needs a Python that has TensorFlow. It writes data.json: for each question the answer, or the type of the exception.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.golden.data_questions import QUESTIONS, told  # noqa: E402


def main() -> None:
    import tensorflow as tf

    answers = {}
    for name, question in QUESTIONS.items():
        try:
            answers[name] = {"answer": told(question(tf))}
        except Exception as error:
            answers[name] = {"error": type(error).__name__}
    lines = [f"{json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers.items()]
    (HERE / "data.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
