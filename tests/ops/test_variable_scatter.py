"""Rows and elements of variables, updated in place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tests.golden import arrays


@arrays.of("variable_scatter")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


OPERATIONS = {
    "update": lambda old, new: new,
    "add": lambda old, new: old + new,
    "sub": lambda old, new: old - new,
    "mul": lambda old, new: old * new,
    "div": lambda old, new: old / new,
    "min": np.minimum,
    "max": np.maximum,
}


@given(st.sampled_from(sorted(OPERATIONS)), st.lists(st.integers(0, 3), min_size=1, max_size=12), st.booleans())
def test_rows_are_updated_one_after_the_other(operation, rows, transposed):
    x = np.arange(1.0, 13.0).reshape(4, 3)
    v = tf.Variable(x)
    if transposed:  # the variable then holds a view with other strides
        v.assign(tf.transpose(tf.constant(x.T)))
    values = np.random.default_rng(len(rows)).integers(1, 4, (len(rows), 3)).astype(float)
    expected = x.copy()
    for row, value in zip(rows, values, strict=True):
        expected[row] = OPERATIONS[operation](expected[row], value)
    getattr(v, f"scatter_{operation}")(tf.IndexedSlices(values, rows))
    np.testing.assert_allclose(v, expected, rtol=1e-12)


@given(st.sampled_from(["update", "add", "sub", "min", "max"]), st.lists(st.integers(0, 11), min_size=1, max_size=12))
def test_elements_are_updated_one_after_the_other(operation, places):
    x = np.arange(1.0, 13.0).reshape(4, 3)
    v = tf.Variable(x)
    indices = np.stack(np.unravel_index(places, (4, 3)), 1)
    values = np.random.default_rng(len(places)).integers(1, 20, len(places)).astype(float)
    expected = x.copy()
    for place, value in zip(indices, values, strict=True):
        expected[tuple(place)] = OPERATIONS[operation](expected[tuple(place)], value)
    getattr(v, f"scatter_nd_{operation}")(indices, values)
    np.testing.assert_array_equal(v, expected)


def test_an_update_is_in_place_and_leaves_earlier_reads_alone(monkeypatch):
    monkeypatch.setattr("tapeflow.core.variable.alone", lambda: True)  # whatever threads other tests have left behind
    v = tf.Variable(np.zeros((100, 10)))
    v.assign_add(np.ones((100, 10)))
    held = v._value.ctypes.data
    v.scatter_add(tf.IndexedSlices(np.ones((1, 10)), [3]))
    assert v._value.ctypes.data == held
    read = v.read_value()
    v.scatter_add(tf.IndexedSlices(np.ones((1, 10)), [3]))
    assert read[3, 0].numpy() == 2.0 and v[3, 0].numpy() == 3.0


def test_an_update_that_fails_changes_nothing():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    for values, indices, error in (
        ([[9.0, 9.0], [9.0, 9.0]], [0, 7], tf.errors.InvalidArgumentError),
        ([[9.0, 9.0, 9.0]], [0], tf.errors.InvalidArgumentError),
        (np.array([[9, 9]]), [0], ValueError),
    ):
        with pytest.raises(error):
            v.scatter_update(tf.IndexedSlices(values, indices))
    np.testing.assert_array_equal(v, [[1.0, 2.0], [3.0, 4.0]])


def test_a_tape_reads_the_new_value_after_an_update():
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
        v.scatter_nd_update([[0]], [5.0])
        y = y + v * v
    np.testing.assert_array_equal(tape.gradient(y, v), [12.0, 8.0])


# -- inside functions ---------------------------------------------------------------------------------


UPDATES = {
    **{
        f"scatter_{kind}": lambda v, i, x, kind=kind: getattr(v, f"scatter_{kind}")(tf.IndexedSlices(x, i))
        for kind in ("add", "sub", "mul", "div", "min", "max", "update")
    },
    **{
        f"scatter_nd_{kind}": lambda v, i, x, kind=kind: getattr(v, f"scatter_nd_{kind}")(i[:, tf.newaxis], x)
        for kind in ("add", "sub", "min", "max", "update")
    },
    "batch_scatter_update": lambda v, i, x: v.batch_scatter_update(tf.IndexedSlices(x, i)),
}


@pytest.mark.parametrize("name", UPDATES)
def test_rows_known_only_when_a_function_runs(name):
    update = UPDATES[name]
    inside, eager = (tf.Variable([[4.0, 6.0], [8.0, 10.0], [2.0, 3.0]]) for _ in range(2))

    @tf.function
    def f(i, x):
        update(inside, i, x)
        return inside * 2.0

    for indices in ([0, 2, 2], [1, 1, 0]):
        i, x = tf.constant(indices), tf.constant([[2.0, 4.0], [1.0, 5.0], [3.0, 7.0]])
        update(eager, i, x)
        assert (f(i, x) / 2.0).numpy().tolist() == eager.numpy().tolist() == inside.numpy().tolist()
    assert f.experimental_eager_reasons() == ()
    with pytest.raises(tf.errors.InvalidArgumentError, match="3"):
        f(tf.constant([3, 0, 0]), x)
    assert eager.numpy().tolist() == inside.numpy().tolist()


def test_no_tape_hears_of_an_update_inside_a_function():
    v, x = tf.Variable([1.0, 2.0]), tf.constant([3.0])

    @tf.function
    def f(x, i):
        with tf.GradientTape() as tape:
            tape.watch(x)
            v.scatter_update(tf.IndexedSlices(x, i))
            y = tf.reduce_sum(v * v)
        return tape.gradient(y, [x, v])

    dx, dv = f(x, tf.constant([1]))
    assert dx is None and dv.numpy().tolist() == [2.0, 6.0]
    assert f.experimental_eager_reasons() == ()
