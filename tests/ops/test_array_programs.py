"""Random programs that reshape, cut, join and index do what they do under TensorFlow: values, gradients and errors."""

import json
from pathlib import Path

import tapeflow as tf
from tests.golden.array_programs import COUNT, run
from tests.golden.arrays import same

RECORDED = Path(__file__).parent.parent / "golden" / "array_programs.json"


def test_every_program_has_tensorflows_result_and_gradient():
    recorded = json.loads(RECORDED.read_text())
    assert len(recorded) == COUNT
    for seed, expected in enumerate(recorded):
        found = json.loads(json.dumps(run(tf, seed)))
        assert same(found, expected), f"program {seed} gives {found}, and TensorFlow {expected}"
