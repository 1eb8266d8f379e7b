"""Tapes around functions: TensorFlow's answers, those of eager execution, and nothing runs eagerly."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tests.golden import differentiated_functions, differentiated_loops  # noqa: F401
from tests.golden.differentiated import PROGRAMS, as_lists

RECORDED = json.loads((Path(__file__).parents[1] / "golden" / "differentiated.json").read_text())


def same(found, expected, rtol):
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        if isinstance(b, list) and b[:1] == ["slices"]:
            assert a[0] == "slices"
            same(a[1:], b[1:], rtol)
        elif b is None or isinstance(b, str):
            assert a == b
        else:
            np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_get_the_derivatives_of_tensorflow(name, compiled):
    same(as_lists(tf, PROGRAMS[name](tf)), RECORDED[name], rtol=1e-4)


# Run eagerly, the first two mean something else; in the others a side or a body that did not run gives zeros, not None.
OTHERWISE = {"concrete_functions", "random_numbers", "choices", "loops_that_end_when_they_like"}


@pytest.mark.parametrize("name", sorted(PROGRAMS.keys() - OTHERWISE))
def test_programs_get_the_derivatives_of_eager_execution(name):
    found = as_lists(tf, PROGRAMS[name](tf))
    tf.config.run_functions_eagerly(True)
    try:
        expected = as_lists(tf, PROGRAMS[name](tf))
    finally:
        tf.config.run_functions_eagerly(False)
    same(found, expected, rtol=1e-6)
