"""Metrics give Keras's results after each update."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tests.keras import loss_cases as cases

metrics = tf.keras.metrics
GOLDEN = np.load(Path(__file__).parents[1] / "golden" / "keras" / "losses.npz")


@pytest.mark.parametrize("number", range(len(cases.METRICS)), ids=[f"{case[0]}-{i}" for i, case in enumerate(cases.METRICS)])
def test_results_are_keras(number):
    name, arguments, updates = cases.METRICS[number]
    metric = getattr(metrics, name)(**arguments)
    found = []
    for update in updates:
        assert metric.update_state(*update) is None
        found.append(metric.result().numpy())
    np.testing.assert_allclose(np.array(found), GOLDEN[f"metric_{number}"], rtol=3e-6)
    metric.reset_state()
    assert metric(*updates[0]).numpy() == found[0]
    again = metrics.deserialize(metrics.serialize(metric))
    assert again.get_config() == metric.get_config() and again(*updates[0]).numpy() == found[0]


def test_updates_do_not_follow_the_tape_nor_the_variables_of_a_model():
    x, metric = tf.Variable(3.0), metrics.Mean()
    with tf.GradientTape() as tape:
        y = x * x
        metric(y)
    assert tape.gradient(y, x).numpy() == 6.0
    assert [v.trainable for v in metric.variables] == [False, False]
    assert tape.watched_variables() == (x,)


def test_a_metric_of_ones_own_may_be_written_for_keras_2():
    class Count(metrics.Metric):
        def __init__(self, name="count", **kwargs):
            super().__init__(name=name, **kwargs)
            self.seen = self.add_weight("seen", initializer="zeros", dtype=tf.int32)

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.seen.assign_add(tf.size(y_true))

        def result(self):
            return self.seen

    metric = Count()
    assert metric([1, 2], [1, 2]).numpy() == 2
    assert metric([1], [1]).numpy() == 3
    metric.reset_states()
    assert metric.result().numpy() == 0 and metric.variables()[0].name == "count/seen:0"


def test_a_mean_of_nothing_is_zero():
    assert metrics.Mean().result().numpy() == 0.0
    assert metrics.Precision()([0], [0.0]).numpy() == 0.0


def test_an_ignored_class_does_not_count():
    metric = metrics.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    one = metrics.SparseCategoricalCrossentropy(from_logits=True)
    logits = [[1.0, 2.0], [3.0, -1.0]]
    assert metric([1, 0], logits).numpy() == one([1], logits[:1]).numpy()


def test_precision_at_several_thresholds():
    found = metrics.Precision(thresholds=[0.2, 0.5])([1, 0, 1], [0.7, 0.3, 0.2]).numpy()
    np.testing.assert_array_equal(found, [0.5, 1.0])


def test_metrics_are_found_by_name():
    for name in ("mse", "MSE", "mean_squared_error", "MeanSquaredError"):
        assert type(metrics.get(name)) is metrics.MeanSquaredError
    assert type(metrics.get("accuracy")) is metrics.Accuracy


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: metrics.Metric().update_state(1.0), NotImplementedError, "update_state"),
        (lambda: metrics.Metric().result(), NotImplementedError, "result"),
        (lambda: metrics.get("beauty"), ValueError, "beauty"),
        (lambda: metrics.Precision(thresholds=2.0), ValueError, r"\[0, 1\]"),
        (lambda: metrics.Recall(top_k=3), NotImplementedError, "top_k"),
        (lambda: metrics.Accuracy()([1, 2, 3], [1, 2]), ValueError, r"\(3,\).*\(2,\)"),
        (lambda: metrics.Mean()([1.0, 2.0], [1.0, 2.0, 3.0]), tf.errors.InvalidArgumentError, "shape"),
        (lambda: metrics.Mean()([1.0, 2.0], [[1.0, 2.0], [1.0, 2.0]]), ValueError, "sample_weight"),
    ],
)
def test_what_does_not_fit_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
