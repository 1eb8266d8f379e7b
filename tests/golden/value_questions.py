"""Questions about values: conversions, tensors, variables, control flow and assertions, in `value_questions.txt`.

A line holds statements with "; " between them, the last of which is an expression. `record_values.py` asks TensorFlow and
writes values.json; `tests/core/test_values.py` asks TapeFlow.
"""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent


def questions() -> dict[str, list[str]]:
    """The lines, by section."""
    found: dict[str, list[str]] = {}
    for line in HERE.joinpath("value_questions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and line[1:-1].isidentifier():
            found[line[1:-1]] = lines = []
        elif line:
            lines.append(line)
    return found


def recorded() -> dict[str, dict[str, dict[str, str]]]:
    """TensorFlow's answers, by section and line."""
    return json.loads(HERE.joinpath("values.json").read_text(encoding="utf-8"))


def answer(tf: Any, question: str) -> dict[str, str]:
    """The `repr` of what the last expression gives, or the name of the exception raised on the way."""

    def with_scope(name: Any, function: Any) -> Any:
        with tf.name_scope(name):
            return function()

    names = {"tf": tf, "np": np, "copy": copy, "pickle": pickle, "with_scope": with_scope}
    *statements, expression = question.split("; ")
    try:
        for statement in statements:
            exec(statement, names)
        try:
            value = eval(compile(expression, "question", "eval"), names)
        except SyntaxError:
            exec(expression, names)
            value = None
        return {"gives": repr(value)}
    except Exception as error:
        return {"raises": type(error).__name__}
