"""Loop variables whose sizes change from turn to turn, as `shape_invariants` say: in the graph, or TensorFlow's errors.

Values and derivatives of such loops are proved with those of other sizes that depend on values (`test_late_sizes.py`).
"""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def test_a_variable_grows_in_a_for_loop_and_its_size_is_unknown_inside_and_afterwards(compiled):
    seen = []

    @tf.function
    def counted(n):
        x = tf.zeros([1])
        for i in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))])
            x = tf.concat([x, [tf.cast(i, tf.float32)]], 0)
            seen.append(x.shape.as_list())
        seen.append(x.shape.as_list())
        return x

    assert [counted(tf.constant(n)).numpy().tolist() for n in (3, 0)] == [[0.0, 0.0, 1.0, 2.0], [0.0]]
    assert seen == [[None], [None]] and counted.experimental_get_tracing_count() == 1


def test_parts_of_a_structure_grow_in_a_while_loop(compiled):
    @tf.function
    def pairs(n):
        x = (tf.ones([1]), {"a": tf.zeros([1, 2])})
        while tf.size(x[0]) < n:
            tf.autograph.experimental.set_loop_options(
                shape_invariants=[(x, (tf.TensorShape([None]), {"a": tf.TensorShape([None, 2])}))]
            )
            x = (tf.concat([x[0], x[0][:1] + 1.0], 0), {"a": tf.concat([x[1]["a"], [[2.0, 3.0]]], 0)})
        return x

    ones, rows = pairs(tf.constant(3))
    assert ones.numpy().tolist() == [1.0, 2.0, 2.0] and rows["a"].numpy().tolist() == [[0.0, 0.0], [2.0, 3.0], [2.0, 3.0]]


def test_tapes_around_and_inside_such_loops_agree_with_eager_code(compiled):
    def grown(x, n):
        y = x[:1]
        for i in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(y, tf.TensorShape([None]))])
            with tf.GradientTape() as tape:
                tape.watch(y)
                z = tf.reduce_sum(y * y) * x[i]
            y = tf.concat([y + 0.1 * tape.gradient(z, y), x[i : i + 1]], 0)
        return y

    def gradients(function, x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x, n)
            total = tf.reduce_sum(tf.sin(y))
        return [y, tape.gradient(total, x)]

    x, n = tf.constant([0.5, -1.0, 2.0], tf.float64), tf.constant(3)
    wanted = gradients(lambda x, n: grown_eagerly(x, 3), x, n)
    function = tf.function(grown)
    whole = tf.function(lambda x, n: gradients(function, x, n))
    for found in (gradients(function, x, n), whole(x, n)):
        for ours, eager in zip(found, wanted, strict=True):
            np.testing.assert_allclose(ours, eager, rtol=1e-12)


def grown_eagerly(x, n):
    y = x[:1]
    for i in range(n):
        y = tf.concat([y + 0.2 * y * x[i], x[i : i + 1]], 0)
    return y


def test_tangents_go_through_such_loops(compiled):
    @tf.function
    def grown(x):
        shapes = [tf.TensorShape([]), tf.TensorShape([None])]
        return tf.while_loop(
            lambda k, y: k < 3,
            lambda k, y: (k + 1, tf.concat([y * x, [x * x]], 0)),
            [0, tf.ones([1])],
            shape_invariants=shapes,
        )[1]

    x = tf.constant(2.0)
    with tf.autodiff.ForwardAccumulator(x, tf.constant(1.0)) as accumulator:
        y = grown(x)
    assert y.numpy().tolist() == [8.0, 16.0, 8.0, 4.0]
    assert accumulator.jvp(y).numpy().tolist() == [12.0, 32.0, 12.0, 4.0]


def test_a_loop_in_a_function_of_unknown_sizes_grows(compiled):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32), tf.TensorSpec([], tf.int32)])
    def doubled(x, n):
        shapes = [tf.TensorShape([]), tf.TensorShape([None])]
        return tf.while_loop(
            lambda k, y: k < n, lambda k, y: (k + 1, tf.concat([y, y], 0)), [0, x], shape_invariants=shapes
        )[1]

    assert doubled(tf.ones([3]), tf.constant(2)).shape == [12] and doubled(tf.ones([1]), tf.constant(0)).shape == [1]
    assert doubled.experimental_get_tracing_count() == 1


# -- errors ------------------------------------------------------------------------------------------------


def test_a_shape_that_is_not_the_invariants_is_tensorflows_error():
    @tf.function
    def after(n):
        x = tf.zeros([1, 2])
        for _ in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None, 2]))])
            x = tf.concat([x, x], 1)
        return x

    @tf.function
    def before(n):
        x = tf.zeros([1, 2])
        for _ in tf.range(n):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([3, 2]))])
            x = x + 1.0
        return x

    @tf.function
    def in_while_loop(n):
        return tf.while_loop(
            lambda i, x: i < n,
            lambda i, x: (i + 1, tf.concat([x, x], 1)),
            [0, tf.zeros([1, 2])],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 2])],
        )

    words = r"'x' has shape \(None, 4\) after one iteration, which does not conform with the shape invariant \(None, 2\)"
    with pytest.raises(ValueError, match=words):
        after(tf.constant(2))
    with pytest.raises(ValueError, match=r"'x' has shape \(1, 2\) before the loop, which does not conform with .* \(3, 2\)"):
        before(tf.constant(2))
    with pytest.raises(ValueError, match=r"enters the loop with shape \(None, 2\), but has shape \(None, 4\) after one"):
        in_while_loop(tf.constant(2))


def test_without_invariants_the_error_names_the_variable_and_both_shapes():
    @tf.function
    def grown(n):
        x = tf.zeros([1])
        for _ in tf.range(n):
            x = tf.concat([x, [1.0]], 0)
        return x

    words = r"'x' has shape \(1,\) before the loop, but shape \(2,\) after one iteration.*set_loop_options"
    with pytest.raises(ValueError, match=words):
        grown(tf.constant(2))


def test_a_rank_that_changes_runs_eagerly():
    @tf.function
    def nested(n):
        shapes = [tf.TensorShape([]), tf.TensorShape(None)]
        return tf.while_loop(lambda i, x: i < n, lambda i, x: (i + 1, x[None]), [0, tf.zeros([2])], shape_invariants=shapes)[
            1
        ]

    assert nested(tf.constant(2)).shape == [1, 1, 2]
    assert nested.experimental_eager_reasons() == ("a loop variable whose rank changes",)


def test_pieces_that_do_not_add_up_are_an_error_when_the_function_runs():
    @tf.function
    def pieces(x):
        return tf.split(tf.boolean_mask(x, x > 0.0), [2, 1])

    assert [piece.shape.as_list() for piece in pieces(tf.constant([1.0, 2.0, -1.0, 3.0]))] == [[2], [1]]
    with pytest.raises(tf.errors.InvalidArgumentError):
        pieces(tf.constant([1.0, 2.0, 4.0, 3.0]))
