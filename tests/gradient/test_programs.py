"""Whole programs give the numbers that they give under TensorFlow."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tests.gradient.programs import PROGRAMS

ANSWERS = json.loads((Path(__file__).parent.parent / "golden" / "programs.json").read_text())


def compare(found, expected, where):
    if isinstance(expected, dict):
        assert sorted(found) == sorted(expected), where
        for key, value in expected.items():
            compare(found[key], value, f"{where}[{key!r}]")
    elif isinstance(expected, bool):
        assert found is expected, where
    elif isinstance(found, list) and any(isinstance(item, np.ndarray) for item in found):
        assert len(found) == len(expected), where
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            compare(a, b, f"{where}[{i}]")
    else:
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6, err_msg=where)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_gives_what_it_gives_under_tensorflow(name):
    compare(PROGRAMS[name](tf), ANSWERS[name], name)


def test_every_program_has_a_record():
    assert sorted(ANSWERS) == sorted(PROGRAMS)
