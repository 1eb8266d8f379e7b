"""An optimizer's rule as one pass gives, bit for bit, what NumPy gives operation by operation."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core import large_arrays
from tapeflow.graph.native import machine, updates
from tapeflow.keras.optimizers import memory

K = tf.keras.optimizers
MAKERS = {
    "SGD": lambda: K.SGD(0.1),
    "SGD with momentum": lambda: K.SGD(0.1, momentum=0.9),
    "SGD with Nesterov's momentum": lambda: K.SGD(0.1, momentum=0.9, nesterov=True),
    "RMSprop": lambda: K.RMSprop(0.01),
    "RMSprop, centered": lambda: K.RMSprop(0.01, momentum=0.5, centered=True),
    "Adagrad": lambda: K.Adagrad(0.1),
    "Adadelta": lambda: K.Adadelta(0.5),
    "Adam": lambda: K.Adam(0.01),
    "Adam, amsgrad": lambda: K.Adam(0.01, amsgrad=True),
    "AdamW": lambda: K.AdamW(0.01),
    "Adamax": lambda: K.Adamax(0.01),
    "Nadam": lambda: K.Nadam(0.01),
    "Ftrl": lambda: K.Ftrl(0.1),
    "Lion": lambda: K.Lion(0.01),
}
SERVED = {"SGD", "SGD with momentum", "RMSprop", "Adagrad", "Adadelta", "Adam", "Adam, amsgrad", "Adamax"}


def trained(maker, dtype, shape, steps=4, strided=False):
    rng = np.random.default_rng(3)
    w = tf.Variable(rng.standard_normal(shape).astype(dtype))
    optimizer = maker()
    for step in range(steps):
        gradient = tf.constant(rng.standard_normal(shape).astype(dtype))
        if strided:
            gradient = tf.transpose(tf.constant(gradient.numpy().T))
        if step == 2:
            optimizer.learning_rate = 0.05
        optimizer.apply_gradients([(gradient, w)])
    return [w.numpy(), *(v.numpy() for v in optimizer.variables)]


@pytest.fixture
def served(monkeypatch):
    """The answers of the native pass, and a small threshold."""
    answers = []

    def noted(*arguments):
        found = updates.one_pass(*arguments)
        answers.append(found is not None)
        return found

    monkeypatch.setitem(large_arrays._found, ("updates", "one_pass"), noted)
    monkeypatch.setattr(memory, "NATIVE", 16)
    return answers


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", MAKERS)
def test_every_optimizer_makes_the_steps_it_makes_with_numpy(name, dtype, served, monkeypatch):
    here = trained(MAKERS[name], dtype, (7, 9))
    if name in SERVED and machine.machine() is not None:
        assert served and all(served)  # steps that are like the one before do not ask
    monkeypatch.setattr(memory, "NATIVE", 1 << 60)
    for mine, numpys in zip(here, trained(MAKERS[name], dtype, (7, 9)), strict=True):
        np.testing.assert_array_equal(mine, numpys)


def test_large_arrays_are_cut_into_chunks_for_several_threads(served, monkeypatch):
    monkeypatch.setattr(updates, "SMALLEST_CHUNK", 100)
    here = trained(MAKERS["Adam"], "float32", (30, 41))
    monkeypatch.setattr(memory, "NATIVE", 1 << 60)
    np.testing.assert_array_equal(here[0], trained(MAKERS["Adam"], "float32", (30, 41))[0])


def test_arrays_that_are_not_contiguous_are_left_to_numpy(served, monkeypatch):
    here = trained(MAKERS["SGD"], "float32", (7, 9), strided=True)
    assert not any(served)
    monkeypatch.setattr(memory, "NATIVE", 1 << 60)
    np.testing.assert_array_equal(here[0], trained(MAKERS["SGD"], "float32", (7, 9))[0])


def test_a_setting_that_changes_counts_from_the_next_step_on(served):
    w = tf.Variable(np.zeros(64, np.float32))
    gradient = tf.ones(64)
    optimizer = K.SGD(1.0, momentum=0.5)
    optimizer.apply_gradients([(gradient, w)])  # m = -1, w = -1
    optimizer.momentum = 0.25
    optimizer.apply_gradients([(gradient, w)])  # m = -1.25, w = -2.25
    np.testing.assert_array_equal(w.numpy(), np.full(64, -2.25, np.float32))


def test_a_value_read_before_the_step_stays_what_it_was(served):
    w = tf.Variable(np.zeros(64, np.float32))
    optimizer = K.SGD(1.0)
    optimizer.build([w])
    before = w.read_value()
    optimizer.apply_gradients([(tf.ones(64), w)])
    assert before.numpy().sum() == 0
    assert w.numpy().sum() == -64


class Unusual(K.SGD):
    """A rule that asks for what only arrays have."""

    def rule(self, xp, t, lr, gradient, w):
        return (w - lr * gradient / gradient.std(),)


class Branching(K.SGD):
    """A rule with a branch on an element, which only NumPy's scalars answer."""

    def rule(self, xp, t, lr, gradient, w):
        w -= lr * (gradient if t < 2 else 2 * gradient)
        return (w,)


def test_a_rule_that_is_no_formula_of_elements_is_left_to_numpy(served):
    w = tf.Variable(np.zeros(64, np.float32))
    optimizer = Unusual(1.0)
    optimizer.apply_gradients([(tf.constant(np.arange(64, dtype=np.float32)), w)])
    assert served == [False]
    np.testing.assert_allclose(w.numpy()[1], -1 / np.arange(64).std(), rtol=1e-6)


def test_a_rule_may_branch_on_the_number_of_the_step(served):
    w = tf.Variable(np.zeros(64, np.float32))
    optimizer = Branching(1.0)
    for _ in range(3):
        optimizer.apply_gradients([(tf.ones(64), w)])
    np.testing.assert_array_equal(w.numpy(), np.full(64, -5, np.float32))


def test_without_llvm_numpy_makes_the_step(served, monkeypatch):
    monkeypatch.setattr(machine, "machine", lambda: None)
    monkeypatch.setattr(updates, "machine", lambda: None)
    monkeypatch.setattr(updates, "_kernels", machine.Compiled(updates._link))
    monkeypatch.setattr(updates, "_known", {})
    w = tf.Variable(np.zeros(64, np.float32))
    K.SGD(1.0).apply_gradients([(tf.ones(64), w)])
    assert served == [False]
    assert w.numpy().sum() == -64


@pytest.mark.parametrize("maker", [lambda: K.SGD(1.0), lambda: K.Adam(0.1)], ids=["SGD", "Adam"])
def test_machine_code_that_was_switched_off_is_used_when_it_is_on_again(maker, served, monkeypatch):
    monkeypatch.setattr(updates, "_kernels", machine.Compiled(updates._link))
    monkeypatch.setattr(updates, "_known", {})
    w, optimizer = tf.Variable(np.zeros(64, np.float32)), maker()
    with monkeypatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        optimizer.apply_gradients([(tf.ones(64), w)])
    optimizer.apply_gradients([(tf.ones(64), w)])
    assert served == [False, True]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["SGD with momentum", "Adam"])
def test_several_threads_give_what_one_gives(name, dtype, served, monkeypatch):
    alone = trained(MAKERS[name], dtype, (101, 70))
    monkeypatch.setattr(updates, "SMALLEST_CHUNK", 100)
    set_threads = tf.config.threading.set_intra_op_parallelism_threads
    set_threads(4)
    try:
        together = trained(MAKERS[name], dtype, (101, 70))
    finally:
        set_threads(0)
    for x, y in zip(alone, together, strict=True):
        np.testing.assert_array_equal(x, y)
