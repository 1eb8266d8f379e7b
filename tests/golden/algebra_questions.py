"""Questions about reductions, sorting, counting and linear algebra: `algebra_questions.txt`, by the module that answers them.

`record_algebra.py` asks TensorFlow; the tests of each module ask it, and compare.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.golden.array_questions import written


def questions() -> dict[str, list[str]]:
    """The expressions, by module."""
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_suffix(".txt").read_text().splitlines():
        if line.startswith("[") and line.endswith("]") and line[1:-1].isidentifier():
            found[line[1:-1]] = expressions = []
        elif line:
            expressions.append(line)
    return found


def names(tf: Any) -> dict[str, Any]:
    """What an expression may use."""
    c = tf.constant

    return {
        "tf": tf,
        "np": np,
        "c": c,
        "M": tf.math,
        "L": tf.linalg,
        "ones": tf.ones,
        "inf": float("inf"),
        "nan": float("nan"),
        "x": c([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        "A": c([[1.0, 2.0], [3.0, 4.0]]),
        "S": c([[1.0, 2.0], [2.0, 4.0]]),
        "P": c([[2.0, 1.0], [1.0, 3.0]]),
        "H": c(np.array([[2.0, 1j], [-1j, 3.0]])),
        "T": c([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        "B": c([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0], [0.0, 1.0, 1.0]]),
        "I": np.arange(12).reshape(3, 4),
        "m": c(np.arange(4.0).reshape(2, 2)),
    }


def answer(tf: Any, question: str) -> Any:
    """The value of an expression in a form that JSON keeps, or the type of the exception."""
    try:
        return written(eval(question, names(tf)))
    except Exception as error:
        return f"!{type(error).__name__}"
