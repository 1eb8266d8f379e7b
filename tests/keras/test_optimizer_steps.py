"""What a step does beside the arithmetic: whose memory it writes to, what tapes hear of it, sparse rows, own optimizers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.core.variable import Variable
from tapeflow.keras.optimizers import memory

optimizers = tf.keras.optimizers
NAMES = ["SGD", "Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Adagrad", "Adadelta", "Ftrl", "Lion", "Lamb", "Adafactor"]


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


# -- memory ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_values_read_before_a_step_stay_as_they_were(name):
    optimizer = getattr(optimizers, name)(0.5)
    x = tf.Variable(normal(4, 3))
    gradient = tf.constant(normal(4, 3, seed=1))
    optimizer.apply_gradients([(gradient, x)])
    read = [v.value() for v in (x, *optimizer.variables)]
    kept = [tensor.numpy() for tensor in read]
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(x * x)
    optimizer.apply_gradients([(gradient, x)])
    optimizer.apply_gradients([(x.value(), x)])
    for tensor, old in zip(read, kept, strict=True):
        np.testing.assert_array_equal(tensor.numpy(), old)
    np.testing.assert_array_equal(gradient.numpy(), normal(4, 3, seed=1))
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), 2 * kept[0])


@pytest.mark.parametrize("options", [{}, {"weight_decay": 0.1}])
@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop"])
def test_arrays_that_nobody_else_holds_are_updated_in_place(name, options, monkeypatch):
    monkeypatch.setattr(memory, "alone", lambda: True)  # whatever threads other tests have left behind
    optimizer, x = getattr(optimizers, name)(0.1, **options), tf.Variable(normal(50, 40))
    gradient = tf.constant(normal(50, 40, seed=1))
    for _ in range(2):
        optimizer.apply_gradients([(gradient, x)])
    places = [v._value.ctypes.data for v in (x, *optimizer.variables[2:])]
    for _ in range(3):
        optimizer.apply_gradients([(gradient, x)])
    assert [v._value.ctypes.data for v in (x, *optimizer.variables[2:])] == places


@pytest.mark.parametrize("options", [{}, {"momentum": 0.9, "nesterov": True}, {"weight_decay": 0.1, "clipnorm": 1.0}])
@given(size=st.integers(1, 300), block=st.integers(1, 64), seed=st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_a_step_by_blocks_is_the_step_of_the_whole(options, size, block, seed):
    steps = [normal(size, seed=seed + i) for i in range(3)]
    results = []
    for elements in (block, 1 << 30):
        before = memory.BLOCK, memory.LARGE
        memory.BLOCK, memory.LARGE = elements, 4 * elements
        try:
            optimizer, x = optimizers.SGD(0.1, **options), tf.Variable(normal(size, seed=seed))
            for gradient in steps:
                optimizer.apply_gradients([(tf.constant(gradient), x)])
        finally:
            memory.BLOCK, memory.LARGE = before
        results.append(x.numpy())
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("name", NAMES)
def test_large_arrays_go_the_way_of_their_parts(name, monkeypatch):
    monkeypatch.setattr(memory, "BLOCK", 7)
    monkeypatch.setattr(memory, "LARGE", 28)
    whole, rows = tf.Variable(normal(6, 9)), tf.Variable(normal(6, 9))
    for variable, elementwise in ((whole, None), (rows, False)):
        optimizer = getattr(optimizers, name)(0.1)
        if elementwise is False:
            optimizer.elementwise = False
        for step in range(3):
            optimizer.apply_gradients([(tf.constant(normal(6, 9, seed=step)), variable)])
    np.testing.assert_array_equal(whole.numpy(), rows.numpy())


def test_a_transposed_gradient_of_a_large_variable(monkeypatch):
    monkeypatch.setattr(memory, "BLOCK", 5)
    monkeypatch.setattr(memory, "LARGE", 20)
    x = tf.Variable(np.zeros((6, 7), "float32"))
    gradient = normal(7, 6)
    optimizers.SGD(1.0).apply_gradients([(tf.transpose(tf.constant(gradient)), x)])
    np.testing.assert_array_equal(x.numpy(), -gradient.T)


# -- tapes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_step_inside_a_tape_is_not_recorded(name):
    optimizer, x, w = getattr(optimizers, name)(0.5), tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        before = x * w
        optimizer.apply_gradients([(w * w, x)])
        after = x * w
    assert tape.gradient(before, w).numpy() == 2.0
    assert tape.gradient(after, w).numpy() == x.numpy()  # x, not x and what the step made of w


class Descent(optimizers.Optimizer):
    """Written as Keras 3 asks."""

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.sums = [self.add_variable_from_reference(v, name="sum") for v in variables]
        self.scale = self.add_variable(shape=(), initializer="ones", name="scale")

    def update_step(self, gradient, variable, learning_rate):
        total = self.sums[self._get_variable_index(variable)]
        self.assign_add(total, gradient)
        self.assign_sub(variable, learning_rate * total * tf.cast(self.scale, variable.dtype))

    def get_config(self):
        return super().get_config()


class OldDescent(optimizers.Optimizer):
    """Written as Keras 2 asks."""

    def __init__(self, learning_rate=0.5, name="OldDescent", **kwargs):
        super().__init__(name=name, **kwargs)
        self._learning_rate = self._build_learning_rate(learning_rate)

    def build(self, var_list):
        super().build(var_list)
        if not hasattr(self, "sums"):
            self.sums = [self.add_variable_from_reference(model_variable=v, variable_name="sum") for v in var_list]

    def update_step(self, gradient, variable):
        total = self.sums[self._index[id(variable)]]
        total.assign_add(gradient)
        variable.assign_sub(tf.cast(self.learning_rate, variable.dtype) * total)


@pytest.mark.parametrize("cls", [Descent, OldDescent])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_optimizer_of_ones_own(cls, dtype):
    optimizer, x = cls(learning_rate=0.5), tf.Variable([4.0, 2.0], dtype=dtype)
    with tf.GradientTape() as tape:
        for _ in range(2):
            optimizer.apply_gradients([(tf.constant([1.0, 2.0], dtype), x)])
        y = x * 1.0
    np.testing.assert_array_equal(x.numpy(), [2.5, -1.0])
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), [1.0, 1.0])
    assert [v.name.rpartition("/")[2] for v in optimizer.variables][2] == "Variable_0_sum:0"
    assert optimizer.iterations.numpy() == 2


def test_an_own_optimizer_gets_clipped_dense_gradients_decay_and_constraints():
    optimizer = Descent(learning_rate=1.0, clipvalue=1.0, weight_decay=0.5)
    x = tf.Variable([[4.0], [2.0]], constraint=lambda value: tf.minimum(value, 1.25))
    optimizer.apply_gradients([(tf.IndexedSlices([[9.0]], [1], [2, 1]), x)])
    np.testing.assert_array_equal(x.numpy(), [[1.25], [0.0]])


def test_a_subclass_of_adam_may_change_the_gradient():
    class Doubled(optimizers.Adam):
        def update_step(self, gradient, variable, learning_rate):
            super().update_step(gradient * 2.0, variable, learning_rate)

    x, y = tf.Variable(normal(5)), tf.Variable(normal(5))
    doubled, adam = Doubled(0.1), optimizers.Adam(0.1)
    for step in range(3):
        doubled.apply_gradients([(tf.constant(normal(5, seed=step)), x)])
        adam.apply_gradients([(tf.constant(2 * normal(5, seed=step)), y)])
    np.testing.assert_array_equal(x.numpy(), y.numpy())


def test_an_optimizer_without_update_step_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="update_step"):
        optimizers.Optimizer(learning_rate=0.1).apply_gradients([(tf.constant(1.0), tf.Variable(1.0))])


# -- sparse gradients ----------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"clipnorm": 0.5}, {"clipvalue": 0.5}, {"weight_decay": 0.1}, {"use_ema": True}])
@pytest.mark.parametrize("name", NAMES)
def test_slices_do_what_the_dense_gradient_does(name, options):
    sparse, dense = tf.Variable(normal(5, 3)), tf.Variable(normal(5, 3))
    a, b = getattr(optimizers, name)(0.1, **options), getattr(optimizers, name)(0.1, **options)
    for step in range(3):
        slices = tf.IndexedSlices(normal(4, 3, seed=step), np.array([4, step, 4, 0]), [5, 3])
        a.apply_gradients([(slices, sparse)])
        b.apply_gradients([(tf.convert_to_tensor(slices), dense)])
    np.testing.assert_allclose(sparse.numpy(), dense.numpy(), rtol=2e-6)


@pytest.mark.parametrize(
    ("values", "indices", "text"),
    [
        (np.ones((2, 2)), [0, 1], r"\(2, 2\)"),
        (np.ones((2, 3)), [0, 1, 2], r"indices of shape \(3,\)"),
        (np.ones((1, 3)), [5], r"\[0, 5\)"),
        (np.ones((1, 3)), [-1], r"\[0, 5\)"),
    ],
)
def test_slices_that_do_not_fit_change_nothing(values, indices, text):
    x = tf.Variable(normal(5, 3))
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        optimizers.SGD().apply_gradients([(tf.IndexedSlices(values, indices), x)])
    np.testing.assert_array_equal(x.numpy(), normal(5, 3))


def test_the_gradient_of_a_gather_updates_its_rows():
    table = tf.Variable(np.zeros((1000, 2), "float32"))
    optimizer = optimizers.SGD(1.0)
    optimizer.minimize(lambda: tf.reduce_sum(tf.gather(table, [7, 3, 7])), [table])
    assert np.flatnonzero(table.numpy()[:, 0]).tolist() == [3, 7]
    assert table.numpy()[7].tolist() == [-2.0, -2.0]


# -- dtypes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_variable_and_state_keep_their_dtype(name, dtype):
    optimizer = getattr(optimizers, name)(0.25)
    variables: list[Variable] = [tf.Variable(tf.cast(value, dtype)) for value in (1.0, [1.0, 2.0], [[1.0], [2.0]])]
    for _ in range(3):
        optimizer.apply_gradients([(tf.ones_like(v), v) for v in variables])
    assert {v.dtype.name for v in variables} == {dtype}
    assert {v.dtype.name for v in optimizer.variables if "_0_" in v.name} <= {dtype}
    assert all(float(np.max(np.asarray(v.numpy(), "float32"))) <= 2.0 for v in variables)


def test_sgd_of_complex_and_integer_variables():
    z, n = tf.Variable(1.0 + 1.0j), tf.Variable(5)
    optimizers.SGD(0.5).apply_gradients([(tf.constant(2.0 + 0.0j), z)])
    optimizers.SGD(1.0).apply_gradients([(tf.constant(2), n)])
    assert (z.numpy(), n.numpy()) == (1.0j, 3)


# -- schedules -----------------------------------------------------------------------------------------


def test_a_schedule_takes_a_vector_of_steps_and_variables():
    schedule = optimizers.schedules.CosineDecay(0.0, 20, warmup_target=1.0, warmup_steps=4)
    steps = np.arange(30)
    expected = [schedule(int(step)).numpy() for step in steps]
    np.testing.assert_array_equal(schedule(tf.constant(steps)).numpy(), np.array(expected))
    np.testing.assert_array_equal(schedule(tf.Variable(7)).numpy(), expected[7])


def test_a_schedule_of_a_float64_rate_is_float64():
    rate = optimizers.schedules.ExponentialDecay(np.float64(0.1), 2, 0.5)(3)
    assert rate.dtype == tf.float64
    np.testing.assert_allclose(rate.numpy(), 0.1 * 0.5**1.5, rtol=1e-15)


def test_a_schedule_base_says_what_to_override():
    base = optimizers.schedules.LearningRateSchedule()
    with pytest.raises(NotImplementedError, match="__call__"):
        base(1)
    with pytest.raises(NotImplementedError, match="get_config"):
        base.get_config()


def test_the_parts_of_a_step_of_muon():
    optimizer, x = tf.keras.optimizers.Muon(), np.random.RandomState(0).randn(3, 4).astype("f")
    np.testing.assert_allclose(optimizer.lr_adjust(x), 0.4 * x, rtol=1e-6)
    np.testing.assert_array_equal(optimizer.transpose_last_axis(x), x.T)
    found = optimizer.zeropower_via_newtonschulz5(x, 5)  # the first row is Keras's
    np.testing.assert_allclose(found[0], [0.7453187, 0.49955702, 0.21546492, 0.5374969], rtol=1e-4)
    assert np.all(np.abs(np.linalg.svd(found)[1] - 1.0) < 0.4)
