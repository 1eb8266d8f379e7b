"""The warning about retracing says which argument keeps changing, from what to what, and what to do."""

from __future__ import annotations

import gc
import weakref

import tapeflow as tf
from tests.golden.cases import Logged


def warnings(function, calls):
    with Logged(tf) as lines:
        for call in calls:
            function(*call)
    return lines


def test_a_number_that_changes_is_named_with_both_values():
    lines = warnings(tf.function(lambda x, rate: x * rate), [(tf.constant(1.0), float(i)) for i in range(8)])
    assert len(lines) == 2
    assert "the argument rate was 3.0, and is 4.0 now" in lines[0] and "tf.constant" in lines[0]
    assert "the argument x" not in lines[0]


def test_a_shape_that_changes_is_named_with_both_shapes():
    lines = warnings(tf.function(lambda x: x), [(tf.zeros([i, 2]),) for i in range(6)])
    assert "x was a float32 tensor of shape (3, 2), and is a float32 tensor of shape (4, 2) now" in lines[0]
    assert "reduce_retracing=True" in lines[0]


def test_functions_made_in_a_loop_are_told_so():
    lines = []
    for _ in range(6):
        lines += warnings(tf.function(lambda x: x + 1.0), [(tf.constant(1.0),)])
    assert len(lines) == 2 and "outside of the loop" in lines[0]


def test_few_traces_among_many_calls_are_no_reason_to_warn():
    f = tf.function(lambda x, n: x * n)
    assert warnings(f, [(tf.constant(1.0), i // 5) for i in range(60)]) == []


def test_each_object_has_its_own_traces_and_takes_them_with_it():
    class Model:
        @tf.function
        def method(self, x):
            return x * 2.0

    models = [Model() for _ in range(20)]
    for model in models:
        assert model.method(tf.constant(1.0)).numpy() == 2.0
        assert model.method.experimental_get_tracing_count() == 1
    gone = [weakref.ref(model) for model in models]
    del models, model
    gc.collect()
    assert not [r for r in gone if r() is not None]
    assert not Model.__dict__["method"]._of_objects
