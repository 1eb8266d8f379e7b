"""Functions of tensors of unknown sizes: one trace of the Python function serves all of them."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.relaxed import MOST_SPECIALIZED


def spec(*shape, dtype=tf.float32):
    return tf.TensorSpec(list(shape), dtype)


def counted(function, *specs):
    """The function under an input signature, and the list that grows by one with every run of its Python."""
    traces = []

    def noted(*args):
        traces.append(1)
        return function(*args)

    signed = tf.function(lambda *args: noted(*args))
    if len(specs) == 1:
        signed = tf.function(lambda x: noted(x), input_signature=specs)
    elif len(specs) == 2:
        signed = tf.function(lambda x, y: noted(x, y), input_signature=specs)
    return signed, traces


def test_one_trace_serves_all_sizes_also_0_and_1():
    f, traces = counted(lambda x: tf.reduce_sum(x * 2.0, axis=0), spec(None, 3))
    for n in (4, 7, 1, 0, 4):
        np.testing.assert_array_equal(f(tf.ones([n, 3])), np.full(3, 2.0 * n))
    assert len(traces) == 1
    assert f.experimental_get_tracing_count() == 1 and f.experimental_eager_reasons() == ()


def test_inside_the_size_is_None_and_tf_shape_is_symbolic():
    seen = []

    @tf.function(input_signature=[spec(None, 3)])
    def f(x):
        n = tf.shape(x)[0]
        seen.append((str(x.shape), x.shape[0], x.shape.as_list(), x.shape.is_fully_defined(), n.shape.rank, str(x), repr(n)))
        return n

    assert f(tf.ones([5, 3])).numpy() == 5 and f(tf.ones([2, 3])).numpy() == 2
    shape, size, sizes, known, rank, text, count = seen[0]
    assert (shape, size, sizes, known, rank) == ("(None, 3)", None, [None, 3], False, 0)
    assert "shape=(None, 3)" in text and "numpy" not in count
    assert len(seen) == 1


def test_a_concrete_function_is_traced_at_once_and_serves_all_sizes():
    traces = []

    @tf.function
    def f(x):
        traces.append(1)
        return tf.concat([x, x], 0), tf.size(x)

    concrete = f.get_concrete_function(spec(None))
    assert len(traces) == 1
    assert [tf.TensorSpec.from_tensor(y) for y in concrete.structured_outputs] == [spec(None), spec(dtype=tf.int32)]
    for n in (3, 5, 0):
        both, size = concrete(tf.ones([n]))
        assert both.shape == [2 * n] and size.numpy() == n
    assert len(traces) == 1
    with pytest.raises((TypeError, ValueError)):
        concrete(tf.ones([2, 2]))


def test_gradients_inside_and_outside_are_those_of_each_size():
    def slope(x, w):
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            loss = tf.reduce_mean(tf.tanh(tf.linalg.matvec(x, w)) ** 2)
        return tape.gradient(loss, [x, w])

    f, traces = counted(slope, spec(None, None), spec(None))
    values, outside = counted(
        lambda x, w: tf.reduce_mean(tf.tanh(tf.linalg.matvec(x, w)) ** 2), spec(None, None), spec(None)
    )
    for rows, columns in ((4, 3), (2, 5), (1, 1), (3, 3)):
        rng = np.random.default_rng(rows)
        x, w = tf.constant(rng.normal(size=(rows, columns)), tf.float32), tf.constant(rng.normal(size=columns), tf.float32)
        expected = slope(x, w)
        with tf.GradientTape() as tape:
            tape.watch([x, w])
            loss = values(x, w)
        for found in (f(x, w), tape.gradient(loss, [x, w])):
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-6)
    assert len(traces) == len(outside) == 1


def test_what_broadcasts_needs_no_second_trace():
    f, traces = counted(lambda x, y: (x + y, x - 2.0 * y), spec(None), spec(None))
    for n, m in ((3, 3), (3, 1), (1, 4), (1, 1), (5, 5)):
        x, y = tf.range(n, dtype=tf.float32), tf.range(m, dtype=tf.float32)
        for a, b in zip(f(x, y), (x + y, x - 2.0 * y), strict=True):
            np.testing.assert_array_equal(a, b)
    assert len(traces) == 1


def test_what_depends_on_sizes_is_guarded():
    f, traces = counted(lambda x: tf.squeeze(x), spec(None, 2))
    assert f(tf.ones([3, 2])).shape == [3, 2]
    assert f(tf.ones([4, 2])).shape == [4, 2] and len(traces) == 1
    assert f(tf.ones([1, 2])).shape == [2] and len(traces) == 2
    assert f(tf.ones([5, 2])).shape == [5, 2] and len(traces) == 2


def test_sizes_that_do_not_fit_are_errors_and_the_function_stays_usable():
    f, _ = counted(lambda x, y: x + y, spec(None), spec(None))
    assert f(tf.ones([2]), tf.ones([2])).shape == [2]
    with pytest.raises((tf.errors.InvalidArgumentError, ValueError)):
        f(tf.ones([2]), tf.ones([3]))
    assert f(tf.ones([4]), tf.ones([4])).shape == [4]


def test_known_sizes_that_differ_are_an_error_when_traced():
    f = tf.function(lambda x, y: x @ y)
    with pytest.raises((tf.errors.InvalidArgumentError, ValueError)):
        f.get_concrete_function(spec(None, 3), spec(4, None))


def test_shapes_computed_with_tf_shape_stay_unknown():
    @tf.function(input_signature=[spec(None, 6)])
    def f(x):
        n = tf.shape(x)[0]
        assert tf.reshape(x, [n, 2, 3]).shape.as_list() == [None, 2, 3]
        assert tf.zeros([n, 2]).shape.as_list() == [None, 2]
        assert tf.fill(tf.stack([2, n]), 1.0).shape.as_list() == [2, None]
        assert tf.broadcast_to(1.0, tf.shape(x)).shape.as_list() == [None, 6]
        assert tf.reshape(x, [-1]).shape.as_list() == [None]
        assert tf.reshape(x, tf.concat([[2], [-1]], 0)).shape.as_list() == [2, None]
        return tf.reshape(x, [n, 2, 3]) + tf.reshape(tf.zeros([n, 6]), tf.concat([tf.shape(x)[:1], [2, 3]], 0))

    for n in (2, 4, 6):
        assert f(tf.ones([n, 6])).shape == [n, 2, 3]


def test_variables_and_effects_inside():
    total = tf.Variable(0.0)

    def add(x):
        total.assign_add(tf.reduce_sum(x))
        return total * 2.0

    f, traces = counted(add, spec(None))
    assert [f(tf.ones([n])).numpy() for n in (3, 4, 3)] == [6.0, 14.0, 20.0]
    assert total.numpy() == 10.0 and len(traces) == 1


def test_choices_and_loops_inside():
    @tf.function(input_signature=[spec(None)])
    def f(x):
        total = 0.0
        for item in x:
            total += item
        if total > 3.0:
            x = x * 2.0
        i = 0
        while i < tf.shape(x)[0]:
            total += 1.0
            i += 1
        return x, total

    for n in (2, 5, 7):
        x, total = f(tf.ones([n]))
        np.testing.assert_array_equal(x, np.full(n, 2.0 if n > 3 else 1.0))
        assert total.numpy() == 2 * n
    assert f.experimental_eager_reasons() == ()


def test_graphs_for_sizes_are_kept_up_to_a_number():
    f, traces = counted(lambda x: x + 1.0, spec(None))
    for n in range(2 * MOST_SPECIALIZED):
        f(tf.ones([n]))
    assert len(f._traces._relaxed._specialized) <= MOST_SPECIALIZED and len(traces) == 1
    assert f(tf.ones([3])).shape == [3]


def test_many_threads_share_one_trace():
    f, traces = counted(lambda x: tf.reduce_sum(tf.sin(x) * x), spec(None))
    wrong = []

    def work(seed):
        for n in np.random.default_rng(seed).integers(0, 30, 40):
            x = tf.range(int(n), dtype=tf.float32)
            if not np.allclose(f(x), np.sum(np.sin(np.arange(n)) * np.arange(n)), rtol=1e-4, atol=1e-4):
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert wrong == [] and len(traces) == 1


def attention(q, k, v):
    scores = tf.matmul(q, k, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(k)[-1], tf.float32))
    return tf.nn.softmax(scores) @ v


def in_heads(x):
    sizes = tf.shape(x)
    heads = tf.transpose(tf.reshape(x, [sizes[0], sizes[1], 2, sizes[2] // 2]), [0, 2, 1, 3])
    return tf.reshape(tf.transpose(heads * 2.0, [0, 2, 1, 3]), sizes)


def recurrent(x):
    state = tf.zeros([tf.shape(x)[0], tf.shape(x)[2]])
    for t in tf.range(tf.shape(x)[1]):
        state = tf.tanh(state + x[:, t])
    return state


def slope_of_recurrent(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(recurrent(x) ** 2)
    return tape.gradient(loss, x)


def masked_sums(x):
    return tf.reduce_sum(tf.where(tf.sequence_mask([1, 2, 3], tf.shape(x)[1]), x[:, :, 0], 0.0), 1)


PROGRAMS = {
    "attention": (lambda x: attention(x, x + 1.0, x * 2.0), [(2, 5, 4), (1, 3, 4), (3, 1, 6)]),
    "heads": (in_heads, [(2, 5, 4), (1, 3, 8)]),
    "recurrent": (recurrent, [(2, 5, 4), (3, 2, 1), (1, 1, 3)]),
    "slope of recurrent": (slope_of_recurrent, [(2, 5, 4), (3, 2, 1)]),
    "map": (lambda x: tf.map_fn(lambda row: tf.reduce_sum(row**2), x), [(2, 5, 4), (3, 2, 1)]),
    "scan": (lambda x: tf.scan(lambda a, b: a + b, x), [(2, 5, 4), (3, 2, 1)]),
    "mask": (masked_sums, [(3, 5, 4), (3, 7, 1)]),
    "random": (lambda x: tf.shape(tf.random.normal(tf.shape(x)[1:])), [(3, 5, 4), (3, 7, 1)]),
    "dropout": (lambda x: tf.shape(tf.nn.dropout(x, 0.5)), [(3, 5, 4), (3, 7, 1)]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_are_traced_once(name):
    program, shapes = PROGRAMS[name]
    f, traces = counted(program, spec(None, None, None))
    for seed, shape in enumerate(shapes):
        x = tf.constant(np.random.default_rng(seed).random(shape), tf.float32)
        np.testing.assert_allclose(f(x), program(x), rtol=2e-5, atol=1e-6)
    assert len(traces) == 1 and f.experimental_eager_reasons() == ()


LOSSES = ["BinaryCrossentropy", "CategoricalCrossentropy", "CosineSimilarity", "Huber", "KLDivergence", "LogCosh", "Poisson"]
LOSSES += ["MeanSquaredError", "MeanAbsolutePercentageError", "Hinge", "CategoricalHinge", "BinaryFocalCrossentropy"]


@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_keras_are_traced_once(name):
    loss = getattr(tf.keras.losses, name)()
    f, traces = counted(lambda y, p: loss(y, p), spec(None, 4), spec(None, 4))
    for n in (5, 3, 1):
        y, p = (tf.constant(np.random.default_rng(n + i).random((n, 4)), tf.float32) for i in range(2))
        np.testing.assert_allclose(f(y, p), loss(y, p), rtol=2e-5)
    assert len(traces) == 1 and f.experimental_eager_reasons() == ()


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "AdamW"])
def test_training_steps_of_any_batch_are_traced_once(name):
    def train(compiled):
        w, b = tf.Variable(tf.ones([4, 3]) * 0.1), tf.Variable(tf.zeros([3]))
        optimizer = getattr(tf.keras.optimizers, name)(0.05)
        traces = []

        def step(x, y):
            traces.append(1)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(y, tf.nn.softmax(x @ w + b)))
            gradients = tape.gradient(loss, [w, b])
            optimizer.apply_gradients(zip(gradients, [w, b], strict=True))
            return loss

        run = tf.function(step, input_signature=[spec(None, 4), spec(None, dtype=tf.int32)]) if compiled else step
        rng = np.random.default_rng(0)
        losses = [
            run(tf.constant(rng.random((n, 4)), tf.float32), tf.constant(rng.integers(0, 3, n), tf.int32)).numpy()
            for n in (8, 8, 5, 1)
        ]
        return losses, w.numpy(), len(traces)

    losses, weights, traces = train(True)
    expected, expected_weights, _ = train(False)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_allclose(weights, expected_weights, rtol=1e-4, atol=1e-6)
    assert traces == 1


def test_sizes_that_are_told_are_known_and_checked():
    seen = []

    @tf.function(input_signature=[spec(None, None)])
    def f(x):
        y = x + 1.0
        y.set_shape([None, 3])
        z = tf.ensure_shape(x, [2, None])
        seen.append([str(t.shape) for t in (x, y, y * 2.0, z, tf.reduce_sum(z, 1))])
        with pytest.raises(ValueError, match="not compatible"):
            y.set_shape([4, 5])
        return tf.reduce_sum(y) + tf.reduce_sum(z)

    assert f(tf.ones([2, 3])).numpy() == 18.0
    assert seen == [["(None, None)", "(None, 3)", "(None, 3)", "(2, None)", "(2,)"]]
    with pytest.raises(tf.errors.InvalidArgumentError):
        f(tf.ones([3, 3]))


def test_a_slice_of_the_first_elements_has_no_known_size_since_there_may_be_none():
    shapes = []

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32)])
    def function(x):
        slices = (x[:1], x[:, :1], x[-1:], x[0:1, 0], x[:1, :1])
        shapes[:] = [y.shape.as_list() for y in slices]
        return [tf.reduce_sum(y) for y in slices], x - x[:1]

    sums, differences = function(tf.constant([[1.0, 2.0], [3.0, 4.0]]))
    assert [float(y) for y in sums] == [3.0, 4.0, 7.0, 1.0, 1.0]
    assert differences.numpy().tolist() == [[0.0, 0.0], [2.0, 2.0]]
    assert [None if None in shape else shape for shape in shapes] == [None] * 5  # as TensorFlow's
    function(tf.zeros([1, 2]))
    assert function.experimental_get_tracing_count() == 1 and function.experimental_eager_reasons() == ()
