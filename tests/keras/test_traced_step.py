"""A step inside a traced function goes the way of the step that is made at once, bit for bit."""

import dataclasses
import warnings

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.ir import Assign, Choice, Node
from tapeflow.graph.native.machine import machine
from tests.keras import cases


def halved(case):
    """The case in bfloat16."""
    return dataclasses.replace(case, name=f"{case.name}_bfloat16", dtype=tf.bfloat16.as_numpy_dtype)


OF_HALF_PRECISION = (
    "sgd_momentum",
    "adam",
    "adamw",
    "nadam",
    "adagrad",
    "adam_ema",
    "adam_clipvalue",
    "rmsprop",
    "adam_loss_scale",
)
CASES = [*cases.CASES, *[halved(case) for case in cases.CASES if case.name in OF_HALF_PRECISION]]


def trained(case):
    """An optimizer of the case and its variables."""
    positive = (lambda x: tf.maximum(x, tf.constant(0.1, x.dtype))) if case.constrained else None
    variables = [
        tf.Variable(value, name=name, constraint=positive if name == "vector" else None)
        for value, name in zip(cases.initial_values(case.dtype), ("scalar", "vector", "matrix"), strict=True)
    ]
    optimizer = case.make(tf.keras.optimizers)
    if case.excluded:
        optimizer.exclude_from_weight_decay(var_names=list(case.excluded))
    return optimizer, variables


def gradients_of(case, step):
    gradients = [tf.constant(g) for g in cases.gradients(step, case.dtype)]
    if case.sparse:
        values, indices = cases.slices(step, case.dtype, case.repeated)
        gradients[2] = tf.IndexedSlices(values, indices, cases.SHAPES[2])
    if step == case.none_at:
        gradients[1] = None
    return gradients


@pytest.mark.parametrize(
    ("case", "machine_code"),
    [(case, False) for case in CASES] + [(case, True) for case in CASES[::3]],
    ids=lambda x: getattr(x, "name", {True: "machine code", False: "plan"}.get(x) if isinstance(x, bool) else None),
)
def test_a_traced_trajectory_is_the_eager_one(case, machine_code, monkeypatch):
    if machine_code:
        monkeypatch.setattr("tapeflow.graph.native.calling.WORTH", 0)
    else:
        monkeypatch.setenv("TAPEFLOW_NATIVE", "off")
    eager, variables = trained(case)
    compiled, twins = trained(case)

    @tf.function
    def step(gradients):
        compiled.apply_gradients(zip(gradients, twins, strict=True))

    for i in range(cases.STEPS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            eager.apply_gradients(zip(gradients_of(case, i), variables, strict=True))
            step(gradients_of(case, i))
        for v, w in zip((*variables, *eager.variables), (*twins, *compiled.variables), strict=True):
            if machine_code or case.name.startswith("nadam") or (case.sparse and "clipnorm" in case.name):
                # Powers, of numbers and of arrays, and the order of sums may differ by a unit in the last place.
                size = max(np.abs(v.numpy().astype(float)).max(), 0.1)
                assert np.all(np.abs(w.numpy().astype(float) - v.numpy()) <= 1e-5 * size)
            else:
                np.testing.assert_array_equal(w.numpy(), v.numpy())
    assert step.experimental_eager_reasons() == ()


def blocks_of(function, *args):
    """The nodes of a function, those of its choices included."""
    found = list(function.get_concrete_function(*args)._block.nodes)
    for node in found:
        if type(node) is Choice:
            found += [inner for block in node.blocks for inner in block.nodes]
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_step_is_reads_operations_and_assignments(case):
    optimizer, variables = trained(case)

    @tf.function
    def step(gradients):
        optimizer.apply_gradients(zip(gradients, variables, strict=True))

    nodes = blocks_of(step, gradients_of(case, 0))
    assert not any(type(node) is Node and node.effect for node in nodes)
    assigned = {node.variable.name for node in nodes if type(node) is Assign}
    assert {v.name for v in variables} <= assigned
    assert optimizer.iterations is not None
    assert step.experimental_get_tracing_count() == 1


def test_steps_in_a_loop_and_a_schedule():
    def make():
        schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True)
        return tf.keras.optimizers.Adam(schedule), tf.Variable([1.0, -2.0])

    def train(optimizer, x):
        for _ in tf.range(25):
            with tf.GradientTape() as tape:
                y = tf.reduce_sum(x * x * x)
            optimizer.apply_gradients([(tape.gradient(y, x), x)])
        return x * 1.0

    eager, traced = make(), make()
    train(*eager)
    function = tf.function(lambda: train(*traced))
    np.testing.assert_array_equal(function(), eager[1])
    assert function.experimental_eager_reasons() == ()
    assert traced[0].iterations.numpy() == 25


def test_an_update_step_of_the_program_s_own_is_traced():
    class SignDescent(tf.keras.optimizers.Optimizer):
        def build(self, variables):
            super().build(variables)
            self.counts = [self.add_variable_from_reference(v, "count") for v in variables]

        def slots(self):
            return []

        def update_step(self, gradient, variable, learning_rate):
            self.assign_add(self.counts[self._get_variable_index(variable)], tf.ones_like(variable))
            self.assign_sub(variable, learning_rate * tf.sign(gradient))

    x = tf.Variable([1.0, -1.0])
    optimizer = SignDescent(0.25)

    @tf.function
    def step(g):
        optimizer.apply_gradients([(g, x)])

    for _ in range(2):
        step(tf.constant([5.0, -0.1]))
    assert x.numpy().tolist() == [0.5, -0.5]
    assert optimizer.counts[0].numpy().tolist() == [2.0, 2.0]
    assert sum(type(node) is Assign for node in blocks_of(step, tf.constant([5.0, -0.1]))) == 3


def test_an_update_step_that_cannot_be_traced_is_made_from_outside():
    class Halving(tf.keras.optimizers.Optimizer):
        def slots(self):
            return []

        def update_step(self, gradient, variable, learning_rate):
            if float(tf.reduce_sum(gradient)) > 0:
                variable.assign(variable * 0.5)

    x = tf.Variable([1.0, -1.0])
    optimizer = Halving(0.25)

    @tf.function
    def step(g):
        optimizer.apply_gradients([(g, x)])

    for g in ([1.0, 2.0], [-1.0, -2.0], [1.0, 2.0]):
        step(tf.constant(g))
    assert x.numpy().tolist() == [0.25, -0.25]
    assert step.experimental_eager_reasons() == ()
    effects = [node for node in blocks_of(step, tf.constant([1.0, 2.0])) if type(node) is Node and node.effect]
    assert len(effects) == 1


def test_no_tape_hears_of_a_step():
    x, w = tf.Variable(1.0), tf.Variable(2.0)
    optimizer = tf.keras.optimizers.SGD(0.5, momentum=0.9)

    @tf.function
    def step():
        with tf.GradientTape() as inner:
            y = x * w
        optimizer.apply_gradients([(inner.gradient(y, x), x)])
        return x * x

    with tf.GradientTape() as tape:
        y = step()
    assert x.numpy() == 0.0
    gradient = tape.gradient(y, [x, w])
    assert float(gradient[0]) == 0.0
    assert gradient[1] is None


def test_slots_made_by_the_first_trace():
    x = tf.Variable([1.0, 2.0])
    optimizer = tf.keras.optimizers.Adam(0.5)

    @tf.function
    def step(g):
        optimizer.apply([g], [x])

    step(tf.constant([1.0, 1.0]))
    assert optimizer.built
    assert step.experimental_get_tracing_count() == 1
    first = x.numpy().copy()
    step(tf.constant([1.0, 1.0]))
    assert (x.numpy() < first).all()
    assert optimizer.iterations.numpy() == 2
    assert step.experimental_eager_reasons() == ()


def test_a_step_with_an_unknown_variable_is_the_same_error():
    x, stranger = tf.Variable([1.0, 2.0]), tf.Variable(1.0)
    optimizer = tf.keras.optimizers.Adam(0.5)
    optimizer.build([x])

    @tf.function
    def step(g):
        optimizer.apply_gradients([(g, stranger)])

    with pytest.raises(ValueError, match="Unknown variable"):
        step(tf.constant(1.0))


@pytest.mark.skipif(machine() is None, reason="NumPy's kernels give new arrays")
@pytest.mark.parametrize("kind", ["SGD", "Adam", "Lion"])
def test_a_large_variable_and_its_state_are_changed_in_place(kind, monkeypatch):
    monkeypatch.setattr("tapeflow.core.variable.alone", lambda: True)
    x = tf.Variable(np.ones((1 << 20) + 1, np.float32))
    optimizer = getattr(tf.keras.optimizers, kind)(0.5)

    @tf.function
    def step(g):
        optimizer.apply_gradients([(g * x, x)])

    g = tf.ones((1 << 20) + 1)
    step(g)
    step(g)
    arrays = [v for v in (x, *optimizer.variables) if v.shape == x.shape]
    assert len(arrays) == {"SGD": 1, "Adam": 3, "Lion": 2}[kind]
    places = [v._value.ctypes.data for v in arrays]
    step(g)
    assert [v._value.ctypes.data for v in arrays] == places
    assert not any(type(node) is Node and node.effect for node in blocks_of(step, g))


@pytest.mark.parametrize(
    ("kind", "options"),
    [("SGD", {}), ("SGD", {"momentum": 0.9, "clipnorm": 1.0}), ("Adam", {"use_ema": True}), ("Nadam", {}), ("Lion", {})],
)
def test_a_variable_that_is_not_small_goes_the_same_way_in_nodes(kind, options):
    values = np.random.default_rng(1).normal(size=(2, 300, 200)).astype(np.float32)
    optimizers = [getattr(tf.keras.optimizers, kind)(0.1, **options) for _ in range(2)]
    v, w = tf.Variable(values[0]), tf.Variable(values[0])

    @tf.function
    def step(g):
        optimizers[1].apply_gradients([(g, w)])

    for i in range(4):
        g = tf.constant(values[1] * (i + 1))
        optimizers[0].apply_gradients([(g, v)])
        step(g)
    np.testing.assert_allclose(w, v, rtol=1e-5, atol=1e-6)
    assert not any(type(node) is Node and node.effect for node in blocks_of(step, g))


def test_a_few_rows_of_a_large_variable_are_changed_from_outside():
    x = tf.Variable(np.ones((20_000, 4), np.float32))
    optimizer = tf.keras.optimizers.SGD(0.5)

    @tf.function
    def step(values, indices):
        optimizer.apply_gradients([(tf.IndexedSlices(values, indices, tf.constant([20_000, 4])), x)])

    given = tf.ones([3, 4]), tf.constant([1, 5, 1])
    step(*given)
    assert x.numpy()[[0, 1, 5], 0].tolist() == [1.0, 0.0, 0.5]
    assert [node.effect for node in blocks_of(step, *given) if type(node) is Node] == [True]
    assert step.experimental_eager_reasons() == ()


def test_rows_that_are_not_there_are_an_error_of_the_step():
    x = tf.Variable(np.ones((3, 2), np.float32))
    optimizer = tf.keras.optimizers.Adam(0.5)

    @tf.function
    def step(values, indices):
        optimizer.apply_gradients([(tf.IndexedSlices(values, indices, tf.constant([3, 2])), x)])

    with pytest.raises(tf.errors.InvalidArgumentError):
        step(tf.ones([1, 2]), tf.constant([3]))
    assert x.numpy().tolist() == [[1.0, 1.0]] * 3
    step(tf.ones([1, 2]), tf.constant([1]))
    np.testing.assert_allclose(x.numpy()[:, 0], [1.0, 0.5, 1.0], rtol=1e-5)
