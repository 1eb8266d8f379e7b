"""Functions that cannot be traced: what was noted before the trace was given up has never happened."""

from __future__ import annotations

import numpy as np

import tapeflow as tf


class Trained:
    """A function whose last line cannot be traced, with everything in front of it that has effects."""

    def __init__(self):
        self.v, self.w = tf.Variable(0.0), tf.Variable([1.0, 2.0])
        self.random = tf.random.Generator.from_seed(1)
        self.optimizer = tf.keras.optimizers.Adam(0.1)
        self.average = tf.train.ExponentialMovingAverage(0.5)
        self.ran = 0

    def step(self, x):
        self.ran += 1
        tf.print("seen", x)
        self.v.assign_add(1.0)
        self.optimizer.apply_gradients([(self.w * x, self.w)])
        self.average.apply([self.w])
        drawn = [tf.random.uniform([]), tf.random.normal([2], seed=3), self.random.uniform([])]
        return drawn, np.sum(x)


def results(run, calls=3):
    tf.random.set_seed(5)
    return [np.concatenate([np.ravel(y) for y in tf.nest.flatten(run(tf.constant(2.0)))]).tolist() for _ in range(calls)]


def test_effects_of_a_trace_that_was_given_up_have_not_happened(capsys):
    eager, compiled = Trained(), Trained()
    expected = results(eager.step)
    printed = capsys.readouterr().err
    function = tf.function(compiled.step)
    assert results(function) == expected
    assert capsys.readouterr().err == printed == "seen 2\n" * 3
    assert float(compiled.v) == 3.0
    np.testing.assert_array_equal(compiled.w, eager.w)
    np.testing.assert_array_equal(compiled.average.average(compiled.w), eager.average.average(eager.w))
    assert compiled.optimizer.iterations.numpy() == 3
    (reason,) = function.experimental_eager_reasons()
    assert "NumPy function" in reason


def test_later_calls_run_python_once():
    trained = Trained()
    function = tf.function(trained.step)
    for count in (2, 3, 4):  # the first call tries a trace
        function(tf.constant(1.0))
        assert trained.ran == count


def test_after_three_signatures_that_cannot_be_traced_no_other_is_tried():
    trained = Trained()
    function = tf.function(lambda x, n: trained.step(x))
    for n in range(6):
        function(tf.constant(1.0), n)
    assert trained.ran == 3 + 6
