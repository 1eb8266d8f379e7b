"""`tf.config.optimizer`: options of how functions are compiled; that of reassociation is in tests/graph/native."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph import passes


def test_options_are_remembered_as_tensorflow_remembers_them():
    options = tf.config.optimizer
    assert options.get_experimental_options() == {"disable_model_pruning": False, "disable_meta_optimizer": False}
    options.set_experimental_options({"constant_folding": 3, "min_graph_nodes": 5})
    assert options.get_experimental_options() == {
        "constant_folding": True,
        "disable_model_pruning": False,
        "disable_meta_optimizer": False,
        "min_graph_nodes": 5,
    }
    options.set_experimental_options({"constant_folding": None, "min_graph_nodes": None})
    assert options.get_experimental_options() == {"disable_model_pruning": False, "disable_meta_optimizer": False}
    with pytest.raises(ValueError, match="there is no option 'nonsense'; the options are layout_optimizer"):
        options.set_experimental_options({"reassociation": True, "nonsense": True})
    assert "reassociation" not in options.get_experimental_options()
    with pytest.raises(TypeError):
        options.set_experimental_options(None)


def test_jit_is_accepted():
    options = tf.config.optimizer
    assert options.get_jit() == ""
    for value, name in ((True, "autoclustering"), ("autoclustering", "autoclustering"), ("x", ""), (3, ""), (False, "")):
        options.set_jit(value)
        assert options.get_jit() == name


@pytest.mark.parametrize(
    ("switched", "kinds"),
    [
        ({}, ["simplified", "folded", "shared"]),
        ({"constant_folding": False}, ["simplified", "shared"]),
        ({"arithmetic_optimization": False}, ["folded"]),
        ({"disable_meta_optimizer": True}, []),
    ],
)
def test_passes_are_left_out_where_that_is_asked_for(switched, kinds, monkeypatch):
    made = []

    def rewritten(block, outputs, rules):
        made.append([rule.__name__ for rule in rules])
        return original(block, outputs, rules)

    original = passes.rewritten
    monkeypatch.setattr(passes, "rewritten", rewritten)

    @tf.function
    def function(x):
        return (x + 2.0) * 1.0, (x + 2.0) * 1.0

    tf.config.optimizer.set_experimental_options(switched)
    try:
        found = function(tf.constant([1.0, 2.0]))
    finally:
        tf.config.optimizer.set_experimental_options(dict.fromkeys(switched))
    np.testing.assert_array_equal(np.stack(found), [[3.0, 4.0], [3.0, 4.0]])
    assert made
    assert all(each == kinds for each in made)
    nodes = function.get_concrete_function(tf.constant([1.0, 2.0]))._plan.graph.nodes
    assert len(nodes) == (1 if "shared" in kinds else 4)
