"""Steps that are like the one before them are made as all others, and only if they are like it."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core import variable
from tapeflow.graph.native import machine
from tapeflow.keras.optimizers import memory, repeated_step
from tapeflow.keras.optimizers.repeated_step import RepeatedStep

K = tf.keras.optimizers
SHAPES = [(40, 30), (30,), (30, 5), (5,)]
MAKERS = {"SGD": lambda: K.SGD(0.1), "momentum": lambda: K.SGD(0.1, momentum=0.9), "Adam": lambda: K.Adam(0.01)}

pytestmark = pytest.mark.skipif(machine.machine() is None, reason="steps are repeated in machine code")


@pytest.fixture(autouse=True)
def small_arrays_count_as_large(monkeypatch):
    monkeypatch.setattr(memory, "NATIVE", 1000)


@pytest.fixture
def no_other_threads(monkeypatch):
    """Whatever threads other tests have left behind."""
    for module in (memory, repeated_step):
        monkeypatch.setattr(module, "alone", lambda: True)


@pytest.fixture
def made(monkeypatch, no_other_threads):
    """What RepeatedStep.make answered."""
    answers = []
    make = RepeatedStep.make

    def noted(self, *arguments):
        answers.append(make(self, *arguments))
        return answers[-1]

    monkeypatch.setattr(RepeatedStep, "make", noted)
    return answers


class Training:
    """Variables of a model, an optimizer, and what the same formula gives in NumPy alone."""

    def __init__(self, maker, shapes=SHAPES, dtype=np.float32):
        self.rng = np.random.default_rng(5)
        values = [np.asarray(self.rng.standard_normal(shape), dtype) for shape in shapes]
        self.variables, self.twins = ([tf.Variable(value) for value in values] for _ in range(2))
        self.optimizer, self.other = maker(), maker()

    def step(self, chosen=slice(None)):
        gradients = [np.asarray(self.rng.standard_normal(v.shape), v.dtype.as_numpy_dtype) for v in self.variables]
        pairs = list(zip(map(tf.constant, gradients), self.variables, strict=True))[chosen]
        self.optimizer.apply_gradients(pairs)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(memory, "NATIVE", 1 << 60)
            self.other.apply_gradients(list(zip(map(tf.constant, gradients), self.twins, strict=True))[chosen])

    def check(self):
        for mine, numpys in zip(
            [*self.variables, *self.optimizer.variables], [*self.twins, *self.other.variables], strict=True
        ):
            np.testing.assert_array_equal(mine.numpy(), numpys.numpy())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", MAKERS)
def test_all_steps_after_the_first_two_are_repeated_and_give_what_numpy_gives(name, dtype, made):
    training = Training(MAKERS[name], dtype=dtype)
    for _ in range(6):
        training.step()
    assert made[-4:] == [True] * 4
    training.check()


@pytest.mark.parametrize("name", MAKERS)
def test_a_new_learning_rate_counts(name, made):
    training = Training(MAKERS[name])
    for rate in (0.1, 0.1, 0.2, 0.2, 0.4, 0.4):
        training.optimizer.learning_rate.assign(rate)
        training.other.learning_rate.assign(rate)
        training.step()
    training.check()
    assert True in made


def test_a_setting_that_changes_counts(made):
    training = Training(MAKERS["momentum"])
    for momentum in (0.9, 0.9, 0.5, 0.5):
        training.optimizer.momentum = training.other.momentum = momentum
        training.step()
    training.check()


def test_an_assigned_variable_goes_on_from_its_new_value(made):
    training = Training(MAKERS["Adam"])
    for n in range(5):
        if n == 3:
            for variables in (training.variables, training.twins):
                variables[0].assign(tf.ones([40, 30]))
        training.step()
    assert False in made
    assert made[-1]
    training.check()


def test_another_choice_or_order_of_variables_is_no_repetition(made):
    training = Training(MAKERS["SGD"])
    for chosen in (slice(None), slice(None), slice(0, 2), slice(None), slice(None, None, -1), slice(None, None, -1)):
        training.step(chosen)
    training.check()


def test_what_was_read_before_a_step_stays_what_it_was(made):
    training = Training(MAKERS["SGD"])
    for _ in range(3):
        training.step()
    read, array = training.variables[0].read_value(), training.variables[1].numpy()
    before = read.numpy().copy(), array.copy()
    training.step()
    np.testing.assert_array_equal(read.numpy(), before[0])
    np.testing.assert_array_equal(array, before[1])
    training.check()


def test_what_a_tape_keeps_stays_what_it_was():
    w = tf.Variable(np.ones((50, 50), np.float32))
    optimizer = K.SGD(0.5)
    for _ in range(3):
        with tf.GradientTape(persistent=True) as tape:
            y = tf.reduce_sum(w * w)
        first = tape.gradient(y, w)
        optimizer.apply_gradients([(first, w)])
        np.testing.assert_array_equal(tape.gradient(y, w).numpy(), first.numpy())


def test_a_variable_that_stands_in_two_pairs_makes_both_steps(made):
    w = tf.Variable(np.zeros((50, 50), np.float32))
    optimizer = K.SGD(1.0)
    for n in range(1, 4):
        optimizer.apply_gradients([(tf.ones([50, 50]), w), (tf.ones([50, 50]), w)])
        assert w.numpy()[0, 0] == -2 * n


@pytest.mark.parametrize("others", [[()], [(3,), ()]])
def test_scalars_beside_large_arrays(others, made):
    training = Training(MAKERS["Adam"], shapes=[(40, 30), *others])
    for _ in range(4):
        training.step()
    training.check()


def test_gradients_of_another_shape_are_refused_as_ever_and_change_nothing(made):
    training = Training(MAKERS["SGD"], shapes=[(40, 30)])
    for _ in range(3):
        training.step()
    before = training.variables[0].numpy().copy()
    with pytest.raises(tf.errors.InvalidArgumentError, match="40"):
        training.optimizer.apply_gradients([(tf.ones([30, 40]), training.variables[0])])
    np.testing.assert_array_equal(training.variables[0].numpy(), before)
    assert training.optimizer.iterations.numpy() == 3


def test_gradients_that_are_no_whole_arrays_in_memory(made):
    training = Training(MAKERS["SGD"], shapes=[(40, 30)])
    for _ in range(3):
        training.step()
    gradient = tf.transpose(tf.constant(np.arange(1200, dtype=np.float32).reshape(30, 40)))
    before = training.variables[0].numpy()
    training.optimizer.apply_gradients([(gradient, training.variables[0])])
    np.testing.assert_array_equal(
        training.variables[0].numpy(), before - np.float32(0.1) * np.arange(1200, dtype=np.float32).reshape(30, 40).T
    )
    assert made[-1] is False


def test_while_another_thread_runs_no_array_is_changed_in_place(made, monkeypatch):
    training = Training(MAKERS["SGD"])
    for _ in range(3):
        training.step()
    assert made[-1]
    for module in (memory, repeated_step):
        monkeypatch.setattr(module, "alone", variable.alone)
    monkeypatch.setattr(variable, "THREADS_AT_IMPORT", -1)
    training.step()
    assert made[-1] is False
    training.check()


def test_a_copied_optimizer_makes_its_own_steps(made):
    training = Training(MAKERS["Adam"])
    for _ in range(3):
        training.step()
    assert training.optimizer._repeated is not None
    for twin in (copy.deepcopy(training.optimizer), pickle.loads(pickle.dumps(training.optimizer))):
        assert twin._repeated is None
        assert twin.iterations.numpy() == 3


def test_a_variable_that_is_gone_is_not_kept_alive():
    import gc
    from weakref import ref

    w, optimizer = tf.Variable(np.ones((50, 50), np.float32)), K.SGD(0.5)
    for _ in range(3):
        optimizer.apply_gradients([(tf.ones([50, 50]), w)])
    array = ref(w._value)
    w.assign(tf.zeros([50, 50]))
    gc.collect()
    assert array() is None
