"""Python lists and TensorArrays that loops append to: in the graph, with what Python gives, and gradients of two orders."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf

LISTS = tf.autograph.experimental.Feature.LISTS


def stacked(x):
    kept = []
    y = x
    for i in tf.range(4):
        y = tf.sin(y) * x + tf.cast(i, x.dtype)
        kept.append(y)
    return tf.stack(kept)


def stacked_along_the_end(x):
    kept = [x, x * 2.0]
    for row in tf.stack([x, x * x, tf.exp(x)]):
        kept.append(row * x)
    return tf.stack(kept, axis=-1), tf.reduce_mean(kept), len(kept)


def returned(x):
    kept = []
    for i in tf.range(3):
        kept.append(x * tf.cast(i, x.dtype))
    return kept


def read_back(x):
    kept = [x]
    for i in tf.range(3):
        kept.append(tf.sin(kept[-1]) + tf.cast(i, x.dtype) * x)
    return kept[0], kept[-1], kept[2], kept[1:3], kept[tf.cast(x[0] * 0.0, tf.int32) + 1]


def iterated(x):
    kept = []
    for i in tf.range(4):
        kept.append(x * tf.cast(i + 1, x.dtype))
    total = tf.zeros_like(x)
    for i, each in enumerate(kept):
        total = total * 0.5 + each * tf.cast(i, x.dtype)
    for each in kept:
        total = total * 0.5 + each
    return total, tf.add_n(kept), sum(kept)


def in_nested_loops(x):
    kept = []
    for i in tf.range(3):
        for j in tf.range(2):
            kept.append(x * tf.cast(i - j, x.dtype) * x)
        for factor in (1.0, 2.0):
            kept.append(x * factor + tf.cast(i, x.dtype))
    return tf.concat(kept, 0), len(kept)


def two_lists_and_two_loops(x):
    evens, odds = [], []
    for i in tf.range(2):
        evens.append(x * tf.cast(2 * i, x.dtype))
        odds.append(x * tf.cast(2 * i + 1, x.dtype))
    for i in tf.range(2, 4):
        evens.append(x * tf.cast(2 * i, x.dtype) * x)
    evens.append(x * 100.0)
    return tf.stack(evens), tf.stack(odds)


def of_structures(x):
    kept = []
    for i in tf.range(3):
        kept.append({"y": x * tf.cast(i, x.dtype), "n": (i, tf.reduce_sum(x))})
    return kept, kept[1]["y"], kept[-1]["n"][0]


def of_unknown_length(x):
    kept = []
    for i in tf.range(6):
        if i % 2 == 0:
            kept.append(x * tf.cast(i, x.dtype))
    total = tf.zeros_like(x)
    for each in kept:
        total = total * 0.5 + each * x
    return total, len(kept), kept[-1], kept[0]


def stacked_of_unknown_length(x):
    kept = []
    for i in tf.range(tf.cast(tf.reduce_sum(tf.abs(x)), tf.int32) + 1):
        if i != 1:
            kept.append(x * tf.cast(i, x.dtype) * x)
    return tf.stack(kept), tf.reduce_mean(kept, axis=0), len(kept)


def arrays_of_unknown_length(x):
    n = tf.cast(tf.reduce_sum(tf.abs(x)), tf.int32) + 2
    grown = tf.TensorArray(tf.float64, size=0, dynamic_size=True, element_shape=[3], clear_after_read=False)
    sized = tf.TensorArray(tf.float64, size=n, element_shape=[3], clear_after_read=False)
    for i in tf.range(n):
        grown = grown.write(grown.size(), x * tf.cast(i + 1, x.dtype) * x)
        if i % 2 == 0:
            sized = sized.write(i, tf.sin(x))
    return tf.reduce_sum(grown.stack() ** 2), grown.concat(), sized.stack()


def in_a_while_loop(x):
    kept = []
    y = x
    while tf.reduce_sum(y) < 9.0:
        y = y * 1.5 + 0.25
        kept.append(y * x)
        if len(kept) > 50:
            break
    return kept[-1], len(kept)


def ended_early(x):
    kept = [x]
    for i in tf.range(5):
        if tf.cast(i, x.dtype) > tf.reduce_sum(x):
            break
        kept.append(x + tf.cast(i, x.dtype))
    return kept[-1], len(kept)


def of_a_loop_in_pythons(x):
    kept = []
    for factor in (1.0, 2.0):
        for i in tf.range(2):
            kept.append(x * factor * tf.cast(i + 1, x.dtype))
    return tf.stack(kept)


PROGRAMS = [
    *(
        stacked,
        stacked_along_the_end,
        returned,
        read_back,
        iterated,
        in_nested_loops,
        two_lists_and_two_loops,
        of_structures,
    ),
    *(of_unknown_length, stacked_of_unknown_length, arrays_of_unknown_length, ended_early, of_a_loop_in_pythons),
]
X = np.array([0.7, -0.4, 1.1])


def total_of(program):
    def total(x):
        return tf.add_n(
            [tf.reduce_sum(tf.sin(y)) for y in tf.nest.flatten(program(x)) if getattr(y, "dtype", 0) == tf.float64]
        )

    return total


def derivatives(total, x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = total(x)
        first = tape.gradient(y, x)
    return first, outer.gradient(first, x)


@pytest.mark.parametrize("program", PROGRAMS)
def test_values_are_those_of_python(program):
    function = tf.function(program)
    for numbers in (X, X * 2.0):
        x = tf.constant(numbers)
        found, expected = function(x), program(x)
        tf.nest.assert_same_structure(found, expected)
        for y, z in zip(tf.nest.flatten(found), tf.nest.flatten(expected), strict=True):
            np.testing.assert_allclose(y, z, rtol=1e-12)
    assert function.experimental_eager_reasons() == ()


@pytest.mark.parametrize("program", PROGRAMS)
def test_gradients_are_those_of_python_and_the_slope(program):
    x = tf.constant(X)
    expected = derivatives(total_of(program), x)
    outside = tf.function(total_of(program))
    inside = tf.function(lambda x: derivatives(total_of(program), x))
    for found in (derivatives(outside, x), inside(x)):
        for d, e in zip(found, expected, strict=True):
            np.testing.assert_allclose(tf.zeros_like(x) if d is None else d, e, rtol=1e-11, atol=1e-13)
    assert outside.experimental_eager_reasons() == inside.experimental_eager_reasons() == ()
    for i in range(3):
        step = np.eye(3)[i] * 1e-6
        slope = (outside(tf.constant(X + step)) - outside(tf.constant(X - step))) / 2e-6
        np.testing.assert_allclose(slope, expected[0][i], rtol=1e-6, atol=1e-8)


def test_a_while_loop_appends():
    function = tf.function(in_a_while_loop)
    x = tf.constant(X)
    for y, z in zip(function(x), in_a_while_loop(x), strict=True):
        np.testing.assert_allclose(y, z, rtol=1e-12)


def test_what_the_loop_does_not_make_is_appended_once_without_the_feature():
    """As every effect of Python's; TensorFlow gives one element too."""

    def count(n):
        kept = []
        for _ in tf.range(n):
            kept.append(n)
        return len(kept)

    assert tf.function(count)(tf.constant(4)) == 1
    function = tf.function(count, experimental_autograph_options=LISTS)
    assert function(tf.constant(4)).numpy() == 4
    assert function.experimental_eager_reasons() == ()


@pytest.mark.parametrize("features", [LISTS, (LISTS, tf.autograph.experimental.Feature.ASSERT_STATEMENTS)])
def test_the_feature_takes_numbers_too(features):
    @tf.function(experimental_autograph_options=features)
    def f(x):
        kept = []
        for _ in tf.range(3):
            kept.append(1.5)
            kept.append(x)
        plain = [x]
        for i in range(2):
            plain.append(x * i)
        return tf.stack(kept), tf.stack(plain)

    assert [y.numpy().tolist() for y in f(tf.constant(2.0))] == [[1.5, 2.0] * 3, [2.0, 0.0, 2.0]]
    assert f.experimental_eager_reasons() == ()


def test_features_are_features():
    with pytest.raises(TypeError, match="Feature values"):
        tf.function(lambda x: x, experimental_autograph_options="LISTS")


def alias(x):
    kept = []
    also = kept
    for i in tf.range(3):
        kept.append(x * tf.cast(i, x.dtype))
    return also


def passed_on(x):
    def keep(values, y):
        values.append(y)

    kept = []
    for i in tf.range(3):
        keep(kept, x * tf.cast(i, x.dtype))
    return kept


def of_several_shapes(x):
    kept = []
    for i in tf.range(2):
        kept.append(x * tf.cast(i, x.dtype))
        kept.append(tf.reduce_sum(x) * tf.cast(i, x.dtype))
    return kept


def shortened(x):
    kept = []
    for i in tf.range(3):
        kept.append(x * tf.cast(i, x.dtype))
        if len(kept) > 1:
            kept.pop(0)
    return kept


def of_unknown_length_returned(x):
    kept = []
    for i in tf.range(tf.cast(tf.reduce_sum(tf.abs(x)), tf.int32) + 1):
        kept.append(x * tf.cast(i, x.dtype))
    return kept


@pytest.mark.parametrize("program", [alias, passed_on, of_several_shapes, shortened, of_unknown_length_returned])
def test_other_lists_are_left_to_python(program):
    function = tf.function(program)
    x = tf.constant(X)
    for y, z in zip(function(x), program(x), strict=True):
        np.testing.assert_array_equal(y, z)
    assert function.experimental_eager_reasons() != ()


def test_a_python_loop_that_keeps_things_until_a_tensor_says_stop_is_left_to_python():
    @tf.function
    def below(x):
        kept, names = [], set()
        for a in [1.0, 2.0, 3.0]:
            if x < a:
                break
            kept.append(a)
            names.add(str(a))
        return kept, len(names)

    assert [float(y) for y in below(tf.constant(2.5))[0]] == [1.0, 2.0]
    assert below(tf.constant(1.5))[1] == 1


def pairs(x):
    kept = []
    y = x
    for i in tf.range(3):
        y = tf.sin(y) + tf.cast(i, x.dtype) * x
        kept.extend([y, y * y])
    kept.extend((x, x * 2.0))
    return tf.stack(kept), len(kept)


def test_a_list_is_extended_by_elements_that_are_written_out():
    function = tf.function(pairs)
    x = tf.constant([0.5, 1.5], tf.float64)
    with tf.GradientTape() as tape, tf.GradientTape() as eager:
        tape.watch(x), eager.watch(x)
        found, count = function(x)
        expected, length = pairs(x)
    assert (int(count), length) == (8, 8)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    np.testing.assert_allclose(tape.gradient(found, x), eager.gradient(expected, x), rtol=1e-12)
    assert function.experimental_eager_reasons() == ()


def test_a_list_that_the_function_was_given_is_extended_as_it_is():
    given = []

    @tf.function
    def function(n, kept):
        for _ in tf.range(n):
            n = n - 1
        kept.extend([1, 2])
        return n + len(kept)

    assert int(function(tf.constant(2), given)) == 2
