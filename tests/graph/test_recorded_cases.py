"""What TensorFlow answered to the small programs of `tests/golden/*_cases.py`, TapeFlow answers too."""

from __future__ import annotations

import json
import pathlib

import pytest

import tapeflow as tf
from tests.golden import cases as golden

RECORDED = json.loads(pathlib.Path(golden.__file__).with_name("recorded_cases.json").read_text())
CASES = {f"{family}.{name}": function for family in golden.FAMILIES for name, function in golden.cases(family).items()}


def test_every_case_is_recorded():
    assert set(CASES) == set(RECORDED)


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_tensorflows(name):
    answer = json.loads(json.dumps(CASES[name](tf)))
    assert answer == RECORDED[name]
