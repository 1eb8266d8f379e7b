"""The arguments of `GradientTape.gradient`: targets, sources, output gradients, and what is unconnected. As in TensorFlow."""

from __future__ import annotations

import collections
import logging

import numpy as np
import pytest

import tapeflow as tf


def value(gradient):
    return None if gradient is None else np.asarray(gradient).tolist()


def recorded(function, *sources, **options):
    """A closed tape that watched the sources, and what the function made of them."""
    with tf.GradientTape(**options) as tape:
        tape.watch(list(sources))
        target = function(*sources)
    return tape, target


@pytest.fixture
def x():
    return tf.constant(3.0)


@pytest.fixture
def v():
    return tf.Variable(2.0)


# -- targets and sources -----------------------------------------------------------------------------


def test_several_targets_are_summed(x):
    tape, (y, z) = recorded(lambda x: (x * x, x * 5.0), x, persistent=True)
    assert value(tape.gradient([y, z], x)) == 11.0
    assert value(tape.gradient({"a": y, "b": (z, [y])}, x)) == 17.0


def test_a_target_of_many_elements_is_summed():
    x = tf.constant([1.0, 2.0, 3.0])
    tape, y = recorded(lambda x: x * x, x)
    assert value(tape.gradient(y, x)) == [2.0, 4.0, 6.0]


def test_a_target_that_is_itself_a_source_has_gradient_one(x):
    tape, y = recorded(lambda x: x * 2.0, x, persistent=True)
    assert value(tape.gradient(x, x)) == 1.0
    assert value(tape.gradient(y, y)) == 1.0
    assert value(tape.gradient([x, y], x)) == 3.0
    assert value(tape.gradient([x, x], x)) == 2.0
    assert [value(g) for g in tape.gradient(y, [y, x])] == [1.0, 2.0]


def test_a_target_that_is_itself_a_source_has_gradient_one_though_nobody_watched_it(x):
    with tf.GradientTape(persistent=True) as tape:
        y = x * 2.0
    assert value(tape.gradient(x, x)) == 1.0
    assert [value(g) for g in tape.gradient(y, [y, x])] == [1.0, None]
    assert value(tape.gradient([x, x], x, output_gradients=[tf.constant(2.0), tf.constant(5.0)])) == 7.0


def test_a_variable_that_is_target_and_source_has_gradient_one(v):
    with tf.GradientTape(persistent=True) as tape:
        pass
    assert value(tape.gradient(v, v)) == 1.0
    with tf.GradientTape() as tape:
        v * 3.0
    assert value(tape.gradient(v, v)) == 1.0


def test_a_source_may_be_an_intermediate_result(x):
    def function(x):
        y = x * x
        return y, y * y

    tape, (y, z) = recorded(function, x, persistent=True)
    assert value(tape.gradient(z, y)) == 18.0
    assert [value(g) for g in tape.gradient(z, [x, y])] == [108.0, 18.0]


def test_the_same_source_twice_gives_the_gradient_twice(x):
    tape, y = recorded(lambda x: x * x, x)
    assert value(tape.gradient(y, [x, x])) == [6.0, 6.0]


def test_gradients_have_the_structure_of_the_sources(x, v):
    pair = collections.namedtuple("pair", "a b")
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * v
    found = tape.gradient(y, {"b": (x, {"z": v}), "a": [v]})
    assert list(found) == ["b", "a"]
    assert (value(found["b"][0]), value(found["b"][1]["z"]), value(found["a"][0])) == (2.0, 3.0, 3.0)
    found = tape.gradient(y, pair(x, [v]))
    assert type(found) is pair
    assert value(found.b[0]) == 3.0
    assert value(tape.gradient(y, (v,))) == [3.0]
    assert tape.gradient(y, []) == []


def test_no_target_gives_none(x):
    tape, _ = recorded(lambda x: x * x, x)
    assert tape.gradient([], x) is None


def test_unconnected_sources_give_none_or_zeros(x):
    z, count = tf.constant([1.0, 2.0]), tf.Variable([1, 2])
    tape, y = recorded(lambda x: x * x, x, persistent=True)
    assert tape.gradient(y, z) is None
    assert tape.gradient(y, z, unconnected_gradients="none") is None
    for zero in ("zero", tf.UnconnectedGradients.ZERO):
        assert value(tape.gradient(y, z, unconnected_gradients=zero)) == [0.0, 0.0]
    found = tape.gradient(y, [x, count], unconnected_gradients="zero")
    assert [value(g) for g in found] == [6.0, [0, 0]]
    assert found[1].dtype == tf.int32


def test_an_unknown_rule_for_unconnected_gradients_is_refused_and_the_tape_still_works(x):
    tape, y = recorded(lambda x: x * x, x)
    with pytest.raises(ValueError, match="Unknown value for unconnected_gradients: 'nonsense'"):
        tape.gradient(y, x, unconnected_gradients="nonsense")
    assert value(tape.gradient(y, x)) == 6.0


@pytest.mark.parametrize("wrong", [3.0, np.float32(3.0), np.ones(3, np.float32), None, "a", [tf.constant(1.0), None]])
def test_a_source_that_is_neither_tensor_nor_variable_is_refused_and_the_tape_still_works(x, wrong):
    tape, y = recorded(lambda x: x * x, x)
    with pytest.raises(TypeError, match=r"a source must be a tf\.Tensor or tf\.Variable"):
        tape.gradient(y, wrong)
    assert value(tape.gradient(y, x)) == 6.0


@pytest.mark.parametrize("wrong", [9.0, np.float32(9.0), None, "a", [tf.constant(1.0), None]])
def test_a_target_that_is_neither_tensor_nor_variable_is_refused_and_the_tape_still_works(x, wrong):
    tape, y = recorded(lambda x: x * x, x)
    with pytest.raises(TypeError, match="target"):
        tape.gradient(wrong, x)
    assert value(tape.gradient(y, x)) == 6.0


def test_integers_give_none_with_a_warning(caplog, x):
    count, number = tf.constant(3), tf.Variable(1)
    with caplog.at_level(logging.WARNING, "tapeflow"):
        tape, y = recorded(lambda c: c * c, count, persistent=True)
    assert "The dtype of the watched tensor must be floating (e.g. tf.float32), got tf.int32" in caplog.text
    assert tape.gradient(y, count) is None
    caplog.clear()
    with caplog.at_level(logging.WARNING, "tapeflow"):
        assert value(tape.gradient([y, x], [x, count, number])) == [1.0, None, None]
    assert caplog.text.count("The dtype of the source tensor must be floating") == 2


def test_an_integer_target_gives_none(x):
    tape, y = recorded(lambda x: tf.cast(x, tf.int32), x)
    assert tape.gradient(y, x) is None


def test_a_boolean_target_gives_none(x):
    tape, y = recorded(lambda x: x > 2.0, x)
    assert tape.gradient(y, x) is None


def test_complex_gradients_follow_tensorflows_convention():
    x = tf.constant(1 + 2j)
    tape, y = recorded(lambda x: x * x, x)
    assert value(tape.gradient(y, x)) == 2 - 4j


# -- output gradients --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (tf.constant([10.0, 100.0]), [20.0, 400.0]),
        ([tf.constant([10.0, 100.0])], [20.0, 400.0]),
        (np.array([10.0, 100.0], np.float32), [20.0, 400.0]),
        (tf.Variable([2.0, 3.0]), [4.0, 12.0]),
        (2.0, [4.0, 8.0]),
        (tf.constant(2.0), [4.0, 8.0]),
        ([10.0, 100.0], [20.0, 40.0]),  # a list is one cotangent for each target: the second one is left over
        ([None], [2.0, 4.0]),
        (tf.IndexedSlices([5.0], [1], [2]), [0.0, 20.0]),
    ],
)
def test_output_gradients_are_the_cotangents_of_the_target(given, expected):
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(lambda x: x * x, x)
    assert value(tape.gradient(y, x, output_gradients=given)) == expected


def test_output_gradients_have_the_structure_of_the_targets():
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(lambda x: x * x, x, persistent=True)
    ones, tens = tf.constant([1.0, 1.0]), tf.constant([10.0, 100.0])
    assert value(tape.gradient([y, y], x, [tens, ones])) == [22.0, 404.0]
    assert value(tape.gradient({"a": y}, x, {"a": tens})) == [20.0, 400.0]
    assert value(tape.gradient([y, y], x, [2.0 * ones])) == [6.0, 12.0]  # the targets without one get ones


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.array([10.0, 100.0]), "float64"),
        (tf.constant([10.0, 100.0], tf.float64), "float64.*tf.cast"),
        (tf.constant([1.0, 2.0, 3.0]), r"\(3,\) does not fit its target of shape \(2,\)"),
    ],
)
def test_an_output_gradient_that_does_not_fit_is_refused_and_the_tape_still_works(given, message):
    x = tf.constant([1.0, 2.0])
    tape, y = recorded(lambda x: x * x, x)
    if isinstance(given, np.ndarray):
        given = tf.constant(given)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        tape.gradient(y, x, output_gradients=given)
    assert value(tape.gradient(y, x)) == [2.0, 4.0]
