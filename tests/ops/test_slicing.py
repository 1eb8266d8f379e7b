"""Indexing with everything that TensorFlow takes, assignment to slices, and what the gradients of many slices cost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tapeflow as tf
from tapeflow.core.recording import add_recorder, remove_recorder
from tests.golden import arrays


@arrays.of("slicing")
def test_answers_are_tensorflows(question, expected):
    assert arrays.agrees(question, expected)


bounds = st.none() | st.integers(-7, 7)
items = (
    st.integers(-3, 2)
    | st.builds(slice, bounds, bounds, st.none() | st.sampled_from([-3, -1, 1, 2]))
    | st.just(None)
    | st.just(Ellipsis)
)


@given(st.lists(items, max_size=5))
def test_indexing_is_numpys_or_an_error_where_numpys_is(key):
    x = np.arange(3 * 3 * 3, dtype=np.float32).reshape(3, 3, 3)
    try:
        expected = x[tuple(key)]
    except IndexError:
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.constant(x)[tuple(key)]
        return
    np.testing.assert_array_equal(tf.constant(x)[tuple(key)], expected)


@given(st.lists(items, max_size=4))
def test_the_gradient_of_a_slice_is_one_where_it_took_something(key):
    x = np.arange(3 * 3 * 3, dtype=np.float32).reshape(3, 3, 3)
    expected = np.zeros_like(x)
    try:
        expected[tuple(key)] = 1.0
    except IndexError:
        return
    v = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = v[tuple(key)]
    np.testing.assert_array_equal(tape.gradient(y, v), expected)


@given(st.lists(items, max_size=4))
def test_assigning_to_a_slice_changes_just_that(key):
    x = np.arange(3 * 3 * 3, dtype=np.float32).reshape(3, 3, 3)
    try:
        expected = x.copy()
        expected[tuple(key)] = -1.0
    except IndexError:
        return
    v = tf.Variable(x)
    before = v.read_value()
    v[tuple(key)].assign(-1.0)
    np.testing.assert_array_equal(v, expected)
    np.testing.assert_array_equal(before, x)


class Count:
    """A recorder that counts the operations it hears, by name."""

    def __init__(self):
        self.heard = {}

    def record(self, primitive, inputs, output, attributes):
        self.heard[primitive.name] = self.heard.get(primitive.name, 0) + 1

    def record_read(self, variable, tensor):
        pass


def operations_of_the_gradient(function, x):
    """How often each operation runs in the reverse pass of `function` at x."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    count = Count()
    add_recorder(count)
    try:
        gradient = tape.gradient(y, x)
    finally:
        remove_recorder(count)
    return gradient, count.heard


def test_the_cotangents_of_all_rows_are_put_together_once():
    def product_of_rows(x):
        product = x[0]
        for i in range(1, x.shape[0]):
            product = product * x[i]
        return product

    gradient, heard = operations_of_the_gradient(product_of_rows, tf.ones([30, 4]) * 1.5)
    assert heard["AddSlices"] == 1 and "AddV2" not in heard
    np.testing.assert_allclose(gradient, np.full((30, 4), 1.5**29), rtol=1e-5)


def test_cotangents_that_cover_the_tensor_many_times_are_added_up_on_the_way():
    def sum_of_slices(x):
        total = x[1:]
        for _ in range(19):
            total = total + x[1:]
        return total

    gradient, heard = operations_of_the_gradient(sum_of_slices, tf.ones([50]))
    assert 5 <= heard["AddSlices"] <= 20  # not all of them are kept until the end
    np.testing.assert_array_equal(gradient, [0.0] + [20.0] * 49)


def test_a_source_given_twice_has_the_same_gradient_twice():
    v = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = v[0] * v[1]
        v.assign_add([1.0, 1.0, 1.0])
        y = y + v[2] * v[2]
    a, b = tape.gradient(y, [v, v])
    np.testing.assert_array_equal(a, [2.0, 1.0, 8.0])
    np.testing.assert_array_equal(b, a)


def test_an_assignment_that_fails_changes_nothing():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    for value, error in (
        ([1.0, 2.0, 3.0], tf.errors.InvalidArgumentError),
        (tf.constant([1, 2]), ValueError),
        ("a", TypeError),
    ):
        with pytest.raises(error):
            v[0].assign(value)
    np.testing.assert_array_equal(v, [[1.0, 2.0], [3.0, 4.0]])


def test_a_slice_assigned_inside_a_tape_leaves_earlier_reads_alone():
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
        v[0].assign(10.0)
        z = v * v
    np.testing.assert_array_equal(y, [1.0, 4.0])
    np.testing.assert_array_equal(z, [100.0, 4.0])
    np.testing.assert_array_equal(tape.gradient(y, v), [2.0, 4.0])


def test_a_slice_of_a_variable_is_a_tensor_like_any_other():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    row = v[0]
    assert type(row) is tf.Tensor and tf.is_tensor(row)
    assert tf.TensorSpec([2]).is_compatible_with(row)
    assert not hasattr(tf.identity(row) + 1.0, "assign")


def test_an_element_of_a_tensor_has_no_assign():
    assert not hasattr(tf.constant([1.0])[0], "assign")
    with pytest.raises(TypeError, match="item assignment"):
        tf.constant([1.0])[0] = 2.0
