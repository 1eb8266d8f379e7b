"""What a function refuses raises TensorFlow's exceptions, and the function can be called afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tapeflow as tf
from tests.golden.graph_errors import CALLS

RECORDED = json.loads((Path(__file__).parents[1] / "golden" / "graph_errors.json").read_text())


@pytest.mark.parametrize("name", CALLS)
def test_the_error_is_tensorflows(name):
    function, *arguments = CALLS[name]
    tensors = [make(tf) for make in arguments]
    refused = []

    def called(*given):
        return function(tf, *given) if not refused or refused[0] else tf.constant(1.0)

    graph = tf.function(called, autograph=False)
    for _ in range(2):
        with pytest.raises(Exception) as caught:
            graph(*tensors)
        assert type(caught.value).__name__ == RECORDED[name], caught.value
    refused.append(False)
    if not graph._traces:  # the error was found while tracing: another body is traced, and runs
        assert graph(*tensors) == 1.0
