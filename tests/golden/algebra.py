"""What TensorFlow answered to `algebra_questions.txt`, for the tests."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.algebra_questions import answer


@functools.cache
def recorded() -> dict[str, dict[str, Any]]:
    """The answers, by module and question."""
    return json.loads(Path(__file__).with_suffix(".json").read_text())


def of(family: str) -> Any:
    """Runs a test with every question of a module and TensorFlow's answer to it."""
    table = recorded()[family]
    return pytest.mark.parametrize(("question", "expected"), table.items(), ids=list(table))


def agrees(question: str, expected: Any) -> bool:
    """Whether the answer is TensorFlow's: dtypes, shapes, exceptions and all but the last digits of floats."""
    found = json.loads(json.dumps(answer(tf, question)))
    assert same(found, expected), f"{question}\n  gives      {found}\n  TensorFlow {expected}"
    return True


def same(a: Any, b: Any) -> bool:
    """Equality, with room for the rounding of float32 in a factorization."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return bool(np.isclose(a, b, rtol=1e-5, atol=2e-6, equal_nan=True))
    return type(a) is type(b) and a == b
