"""`jacobian` and `batch_jacobian`: values, shapes, and what is refused. The answers are TensorFlow's."""

from __future__ import annotations

import numpy as np
import pytest

import tapeflow as tf


def value(tensor):
    return None if tensor is None else np.asarray(tensor).tolist()


def recorded(function, *sources, **options):
    with tf.GradientTape(**options) as tape:
        tape.watch(list(sources))
        target = function(*sources)
    return tape, target


@pytest.fixture
def x():
    return tf.constant([1.0, 2.0, 3.0])


@pytest.fixture
def batch():
    return tf.constant([[1.0, 2.0], [3.0, 4.0]])


# -- jacobian ----------------------------------------------------------------------------------------


def test_every_element_of_the_target_has_a_row(x):
    tape, y = recorded(lambda x: x * x, x)
    assert value(tape.jacobian(y, x)) == [[2.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]]


def test_its_shape_is_the_targets_and_then_the_sources():
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4) - 5.0
    x, w = tf.constant(a), tf.constant(b)
    tape, y = recorded(tf.matmul, x, w)
    of_x, of_w = tape.jacobian(y, [x, w])
    np.testing.assert_allclose(of_x, np.einsum("ik,lj->ijkl", np.eye(2), b))
    np.testing.assert_allclose(of_w, np.einsum("jl,ik->ijkl", np.eye(4), a))


def test_of_scalars_it_is_the_derivative():
    x = tf.constant(3.0)
    tape, y = recorded(lambda x: x * x, x)
    assert value(tape.jacobian(y, x)) == 6.0


@pytest.mark.parametrize("persistent", [False, True])
def test_sources_may_be_nested_and_unconnected(x, persistent):
    z, v = tf.constant([5.0]), tf.Variable(2.0)
    with tf.GradientTape(persistent=persistent) as tape:
        tape.watch([x, z])
        y = x * v
    found = tape.jacobian(y, {"s": [x, (z,)], "v": v})
    assert value(found["s"][0]) == [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]
    assert found["s"][1][0] is None
    assert value(found["v"]) == [1.0, 2.0, 3.0]


def test_unconnected_sources_may_give_zeros(x):
    z = tf.constant([5.0, 6.0])
    tape, y = recorded(lambda x, z: x * 2.0, x, z)
    assert value(tape.jacobian(y, z, unconnected_gradients="zero")) == [[0.0, 0.0]] * 3


def test_intermediate_results_and_the_target_may_be_sources():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        z = y * x
    found = tape.jacobian(z, [x, y, z])
    assert [value(j) for j in found] == [
        [[3.0, 0.0], [0.0, 12.0]],
        [[1.0, 0.0], [0.0, 2.0]],
        [[1.0, 0.0], [0.0, 1.0]],
    ]


def test_a_target_that_nobody_watched_is_known_to_itself():
    x, v = tf.constant([1.0, 2.0]), tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        pass
    assert value(tape.jacobian(x, x)) == [[1.0, 0.0], [0.0, 1.0]]
    assert value(tape.jacobian(v, v)) == [[1.0, 0.0], [0.0, 1.0]]


def test_an_integer_target_gives_none(x):
    tape, y = recorded(lambda x: tf.cast(x, tf.int32), x)
    assert tape.jacobian(y, x) is None


def test_empty_targets_and_sources_give_empty_jacobians(x):
    source = tf.zeros([0])
    tape, y = recorded(lambda s: s * s, source)
    assert tape.jacobian(y, source).shape == (0, 0)
    tape, y = recorded(lambda s: x * tf.reduce_sum(s), source)
    assert tape.jacobian(y, source).shape == (3, 0)


def test_an_empty_target_still_tells_connected_from_unconnected(x):
    empty = tf.zeros([0, 1])
    tape, y = recorded(lambda x, z: empty * x, x, tf.constant(1.0), persistent=True)
    assert tape.jacobian(y, x).shape == (0, 3, 3)
    assert tape.jacobian(y, tf.constant(1.0)) is None


def test_complex_rows_follow_tensorflows_convention():
    x = tf.constant([1 + 2j, 3 + 0j])
    tape, y = recorded(lambda x: x * x, x)
    assert value(tape.jacobian(y, x)) == [[2 - 4j, 0], [0, 6]]


def test_a_hessian_is_the_jacobian_of_a_gradient():
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(v * v * v)
        g = inner.gradient(y, v)
    assert value(outer.jacobian(g, v)) == [[6.0, 0.0], [0.0, 12.0]]


def test_a_jacobian_is_differentiated_again():
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            y = v * v * v
        j = inner.jacobian(y, v)
    assert value(outer.jacobian(j, v)) == [[[6.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 12.0]]]
    assert value(outer.gradient(j, v)) == [6.0, 12.0]


def test_inside_the_context_it_ends_the_recording_or_is_recorded():
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
        j = tape.jacobian(y, v)
    assert value(j) == [[2.0, 0.0], [0.0, 4.0]]
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        j = tape.jacobian(y, v)
    assert value(tape.gradient(j, v)) == [2.0, 2.0]


def test_a_tape_that_is_not_persistent_gives_one_jacobian(x):
    tape, y = recorded(lambda x: x * x, x)
    tape.jacobian(y, x)
    with pytest.raises(RuntimeError, match=r"can only be used to compute one set of gradients \(or jacobians\)"):
        tape.jacobian(y, x)


def test_tensorflows_options_are_accepted(x):
    tape, y = recorded(lambda x: x * x, x, persistent=True)
    expected = value(tape.jacobian(y, x))
    assert value(tape.jacobian(y, x, parallel_iterations=3, experimental_use_pfor=False)) == expected


@pytest.mark.parametrize("wrong", [3.0, None, "a", [tf.constant(1.0)], {"a": tf.constant(1.0)}])
def test_a_target_that_is_no_tensor_is_refused_and_the_tape_still_works(x, wrong):
    tape, y = recorded(lambda x: x * x, x)
    with pytest.raises(TypeError, match=r"a target must be a tf\.Tensor or tf\.Variable"):
        tape.jacobian(wrong, x)
    assert tape.jacobian(y, x).shape == (3, 3)


def test_a_source_that_is_no_tensor_is_refused_and_the_tape_still_works(x):
    tape, y = recorded(lambda x: x * x, x)
    with pytest.raises(TypeError, match=r"a source must be a tf\.Tensor or tf\.Variable"):
        tape.jacobian(y, 3.0)
    with pytest.raises(ValueError, match="Unknown value for unconnected_gradients"):
        tape.jacobian(y, x, unconnected_gradients="nonsense")
    assert tape.jacobian(y, x).shape == (3, 3)


def test_a_row_walks_only_what_lies_between_target_and_source(x):
    calls = []

    @tf.custom_gradient
    def counted(x):
        def grad(dy):
            calls.append(dy)
            return dy * 2.0

        return x * 2.0, grad

    with tf.GradientTape() as tape:
        tape.watch(x)
        before = counted(x)
        y = before * x
        counted(y)
    assert tape.jacobian(y, before).shape == (3, 3)
    assert calls == []


# -- batch_jacobian ------------------------------------------------------------------------------------


def test_every_example_has_a_jacobian(batch):
    tape, y = recorded(lambda x: x * x, batch, persistent=True)
    expected = [[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]]]
    assert value(tape.batch_jacobian(y, batch)) == expected
    assert value(tape.batch_jacobian(y, batch, experimental_use_pfor=False, parallel_iterations=2)) == expected


def test_batch_jacobians_are_the_diagonal_of_the_whole_jacobian():
    x = tf.constant(np.arange(24.0).reshape(2, 3, 4) / 10.0)
    w = tf.constant(np.arange(20.0).reshape(4, 5) / 7.0)
    tape, y = recorded(lambda x: tf.matmul(x, w) * tf.matmul(x, w), x, persistent=True)
    whole = np.asarray(tape.jacobian(y, x))
    found = tape.batch_jacobian(y, x)
    assert found.shape == (2, 3, 5, 3, 4)
    np.testing.assert_allclose(found, np.stack([whole[i, :, :, i] for i in range(2)]), rtol=1e-12)


def test_batch_jacobians_of_variables_and_of_nothing():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    tape, y = recorded(lambda v: v * 2.0, v)
    assert value(tape.batch_jacobian(y, v)) == [[[2.0, 0.0], [0.0, 2.0]]] * 2
    empty = tf.zeros([0, 2])
    tape, y = recorded(lambda x: x * 2.0, empty)
    assert tape.batch_jacobian(y, empty).shape == (0, 2, 2)
    x, no_columns = tf.ones([2, 3]), tf.ones([2, 0])
    tape, y = recorded(lambda x: no_columns * tf.reduce_sum(x), x)
    assert tape.batch_jacobian(y, x).shape == (2, 0, 3)


@pytest.mark.parametrize("unconnected", ["none", "zero"])
def test_an_unconnected_source_gives_zeros_either_way(batch, unconnected):
    other = tf.constant([[1.0], [2.0]])
    tape, y = recorded(lambda x: x * 2.0, batch)
    assert value(tape.batch_jacobian(y, other, unconnected_gradients=unconnected)) == [[[0.0], [0.0]]] * 2


@pytest.mark.parametrize(
    ("shape_of_target", "shape_of_source", "message"),
    [
        ([4], [2, 2], "must have rank at least 2"),
        ([], [2, 2], "must have rank at least 2"),
        ([2, 2], [4], "must have rank at least 2"),
        ([4, 1], [2, 2], r"first dimension of target shape \(\(4, 1\)\) and source shape \(\(2, 2\)\) to match"),
    ],
)
def test_shapes_that_are_no_batches_are_refused_and_the_tape_still_works(shape_of_target, shape_of_source, message):
    source = tf.ones(shape_of_source)

    def function(source):
        return tf.ones(shape_of_target) * tf.reduce_sum(source), source * 2.0

    tape, (y, doubled) = recorded(function, source)
    with pytest.raises(ValueError, match=message):
        tape.batch_jacobian(y, source)
    assert tape.gradient(doubled, source).shape == source.shape


def test_a_tape_that_is_not_persistent_gives_one_batch_jacobian(batch):
    tape, y = recorded(lambda x: x * x, batch)
    tape.batch_jacobian(y, batch)
    with pytest.raises(RuntimeError, match="non-persistent"):
        tape.batch_jacobian(y, batch)


@pytest.mark.parametrize("wrong", [3.0, None, [tf.ones([2, 2])]])
def test_what_is_no_tensor_is_refused(batch, wrong):
    tape, y = recorded(lambda x: x * x, batch)
    with pytest.raises(TypeError, match=r"a target must be a tf\.Tensor"):
        tape.batch_jacobian(wrong, batch)
    with pytest.raises(TypeError, match=r"a source must be a tf\.Tensor"):
        tape.batch_jacobian(y, wrong)
    assert tape.batch_jacobian(y, batch).shape == (2, 2, 2)
