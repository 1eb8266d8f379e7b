"""Loops over datasets in functions are part of the graph, with TensorFlow's values, and gradients of any order."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

import tapeflow as tf
from tests.golden.dataset_loop_programs import CALLS, PROGRAMS, X, dataset_of

ANSWERS = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "dataset_loops.json").read_text())

every_program = pytest.mark.parametrize("name", PROGRAMS)


def derivatives(function, x, data):
    """The value of a function, and the gradients of two orders of a sum of it."""
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = function(x, data)
            total = tf.reduce_sum(tf.sin(value))
        first = tape.gradient(total, x)
        s = tf.constant(0.0, tf.float64) if first is None else tf.reduce_sum(first * first)
    return value, first, outer.gradient(s, x)


def compare(found, recorded):
    """TensorFlow says None or zeros where there is no path; both are right."""
    if found is None or recorded is None:
        assert not np.any(np.asarray(0 if found is None else found)) and not np.any(np.asarray(recorded or 0))
    else:
        np.testing.assert_allclose(tf.convert_to_tensor(found), recorded, rtol=1e-11, atol=1e-13)


def compare_all(found, answer):
    for each, key in zip(found, ("value", "first", "second"), strict=True):
        compare(each, answer[key])


@every_program
def test_tapes_outside_of_the_function_give_what_tensorflow_gave_with_one_trace(name):
    @tf.function
    def function(x, data):
        return PROGRAMS[name](tf, x, data)

    for (x, *sizes), answer in zip(CALLS, ANSWERS[name]["calls"], strict=True):
        compare(function(tf.constant(x), dataset_of(tf, *sizes)), answer["value"])
        compare_all(derivatives(function, tf.constant(x), dataset_of(tf, *sizes)), answer)
    assert function.experimental_eager_reasons() == ()
    assert function.experimental_get_tracing_count() == ANSWERS[name]["traces"] == 1


@every_program
def test_tapes_inside_of_the_function_give_what_tensorflow_gave_with_one_trace(name):
    @tf.function
    def function(x, data):
        return derivatives(lambda *arguments: PROGRAMS[name](tf, *arguments), x, data)

    for (x, *sizes), answer in zip(CALLS, ANSWERS[name]["calls"], strict=True):
        compare_all(function(tf.constant(x), dataset_of(tf, *sizes)), answer)
    assert function.experimental_eager_reasons() == ()
    assert function.experimental_get_tracing_count() == 1


@every_program
def test_gradients_are_those_of_central_differences(name):
    @tf.function
    def total(x, data):
        return tf.reduce_sum(tf.sin(PROGRAMS[name](tf, x, data)))

    @tf.function
    def gradient(x, data):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = total(x, data)
        return tape.gradient(y, x, unconnected_gradients="zero")

    x, step = X * 0.9, 1e-6
    data = dataset_of(tf, 7, 3)
    for i in range(3):
        d = step * np.eye(3)[i]
        slope = (total(tf.constant(x + d), data) - total(tf.constant(x - d), data)) / (2 * step)
        np.testing.assert_allclose(gradient(tf.constant(x), data)[i], slope, rtol=1e-7, atol=1e-8)
        with tf.GradientTape() as tape:
            point = tf.constant(x)
            tape.watch(point)
            part = gradient(point, data)[i]
        row = tape.gradient(part, point, unconnected_gradients="zero")
        slopes = (gradient(tf.constant(x + d), data) - gradient(tf.constant(x - d), data)) / (2 * step)
        np.testing.assert_allclose(row, slopes, rtol=1e-6, atol=1e-7)  # the Hessian is symmetric
    assert gradient.experimental_eager_reasons() == () == total.experimental_eager_reasons()


# -- training ---------------------------------------------------------------------------------------------


def trained(rows, targets, compiled):
    """A classifier after two epochs: its weights, its loss and its accuracy."""
    weights = tf.Variable(np.zeros((3, 4), np.float32))
    bias = tf.Variable(np.zeros(4, np.float32))
    optimizer = tf.keras.optimizers.Adam(0.1)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    mean, accuracy = tf.keras.metrics.Mean(), tf.keras.metrics.SparseCategoricalAccuracy()

    def train(data, epochs):
        for _ in tf.range(epochs):
            mean.reset_state()
            accuracy.reset_state()
            for x, y in data:
                x = tf.reshape(x, [tf.shape(x)[0], 3])
                with tf.GradientTape() as tape:
                    logits = x @ weights + bias
                    value = loss(y, logits)
                optimizer.apply_gradients(
                    zip(tape.gradient(value, [weights, bias]), [weights, bias], strict=True),
                )
                mean.update_state(value)
                accuracy.update_state(y, logits)

    data = tf.data.Dataset.from_tensor_slices((rows, targets)).shuffle(10, seed=4).map(lambda x, y: (x * 2.0, y)).batch(4)
    function = tf.function(train) if compiled else train
    function(data, tf.constant(2))
    if compiled:
        assert function.experimental_eager_reasons() == ()
    return [weights.numpy(), bias.numpy(), mean.result().numpy(), accuracy.result().numpy(), optimizer.iterations.numpy()]


def test_training_with_an_optimizer_and_metrics_is_in_the_graph_and_gives_what_eager_code_gives():
    rows = np.sin(np.arange(30.0)).reshape(10, 3).astype(np.float32)
    targets = np.arange(10) % 4
    for ours, eager in zip(trained(rows, targets, True), trained(rows, targets, False), strict=True):
        np.testing.assert_allclose(ours, eager, rtol=1e-5, atol=1e-6)


def test_parts_of_a_batch_are_known_to_be_equally_long_through_the_stages_that_keep_them_so():
    def of(data):
        @tf.function
        def total():
            s = tf.constant(0.0)
            for x, y in data:
                s += tf.reduce_sum(x[None, :] @ y[:, None])
            return s

        return float(total()), total.experimental_eager_reasons()

    one, other = (tf.data.Dataset.from_tensor_slices(tf.range(5.0) + n) for n in (0.0, 1.0))
    both = tf.data.Dataset.zip((one, other)).batch(2)
    kept = (both, both.map(lambda x, y: (y, x * 1.0)), both.shuffle(2, seed=1), both.repeat(1).take(3).prefetch(1).cache())
    assert [of(data) for data in kept] == [(40.0, ())] * 4
    not_known = (
        tf.data.Dataset.zip((one.batch(2), other.batch(2))),
        both.map(lambda x, y: (tf.boolean_mask(x, x >= 0.0), y)),
    )
    for data in not_known:  # the trace must not assume it once an element has been taken
        found, reasons = of(data)
        assert found == 40.0 and "after something has acted" in reasons[0]


def test_a_function_of_unknown_sizes_loops_over_datasets():
    data = tf.data.Dataset.range(5).map(lambda n: tf.cast(n, tf.float32)).batch(2)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def total(z):
        s = tf.reduce_sum(z)
        for x in data:
            s += tf.reduce_sum(tf.reshape(x, [tf.shape(x)[0], 1]) * z)
        return s

    assert [float(total(tf.ones(n))) for n in (2, 3)] == [22.0, 33.0]
    assert total.experimental_get_tracing_count() == 1 and total.experimental_eager_reasons() == ()


# -- what is part of the graph ----------------------------------------------------------------------------


def sum_over(data):
    total = tf.constant(0.0)
    for x in data:
        total += tf.reduce_sum(tf.cast(x, tf.float32))
    return total


def test_there_is_one_trace_for_all_datasets_of_one_element_spec():
    traced = []

    @tf.function
    def total(data):
        traced.append(data.element_spec)
        return sum_over(data)

    numbers = tf.data.Dataset.range(5)
    assert [total(numbers), total(numbers.skip(2)), total(numbers.map(lambda n: n * n))] == [10.0, 9.0, 30.0]
    assert total(numbers.batch(2)) == total(numbers.batch(3)) == 10.0
    assert traced == [tf.TensorSpec((), tf.int64), tf.TensorSpec([None], tf.int64)]
    assert total.experimental_get_tracing_count() == 2 and total.experimental_eager_reasons() == ()
    assert total.pretty_printed_concrete_signatures(verbose=False).startswith(
        "(data: DatasetSpec(TensorSpec(shape=(), dtype=tf.int64, name=None), TensorShape([]))) -> "
    )


def test_a_dataset_may_be_captured_or_made_in_the_function():
    numbers = tf.data.Dataset.range(4).batch(3)

    @tf.function
    def captured():
        return sum_over(numbers)

    @tf.function
    def made(n):
        return sum_over(tf.data.Dataset.range(n).map(lambda x: 2 * x).cache().batch(2))

    assert captured() == 6.0
    assert [made(tf.constant(n, tf.int64)) for n in (3, 5, 0)] == [6.0, 20.0, 0.0]
    assert made.experimental_get_tracing_count() == 1
    assert captured.experimental_eager_reasons() == made.experimental_eager_reasons() == ()


def test_what_python_does_in_the_body_is_done_once_and_what_operations_do_at_every_element():
    seen, v = [], tf.Variable(0)

    @tf.function
    def count(data):
        for x in data:
            seen.append(x.shape.as_list())
            v.assign_add(tf.size(x))

    count(tf.data.Dataset.range(7).batch(2))
    assert v.numpy() == 7 and seen == [[None]]
    assert count.experimental_eager_reasons() == ()


def test_an_iterator_goes_on_where_the_last_call_left_it():
    @tf.function
    def following(iterator):
        return next(iterator)

    @tf.function
    def rest(iterator):
        total = tf.constant(0, tf.int64)
        for x in iterator:
            if x == 5:
                break
            total += x
        return total

    numbers = iter(tf.data.Dataset.range(9))
    assert [following(numbers).numpy(), following(numbers).numpy()] == [0, 1]
    assert rest(numbers) == 2 + 3 + 4
    assert next(numbers) == 6  # the loop asked for none after it was left
    assert rest(numbers) == 7 + 8
    with pytest.raises(tf.errors.OutOfRangeError, match="End of sequence"):
        following(numbers)
    assert following(iter(tf.data.Dataset.range(3))) == 0
    assert following.experimental_get_tracing_count() == 1
    assert following.experimental_eager_reasons() == rest.experimental_eager_reasons() == ()


def test_next_gives_the_default_where_there_is_no_element():
    @tf.function
    def following(iterator):
        return next(iterator, tf.constant(-1, tf.int64))

    numbers = iter(tf.data.Dataset.range(2))
    assert [following(numbers).numpy() for _ in range(3)] == [0, 1, -1]
    assert following.experimental_eager_reasons() == ()


def test_datasets_and_iterators_may_be_results():
    @tf.function
    def doubled(data):
        return data.map(lambda x: 2 * x), iter(data)

    data, iterator = doubled(tf.data.Dataset.range(3))
    assert list(data.as_numpy_iterator()) == [0, 2, 4] and next(iterator) == 0
    assert doubled.experimental_eager_reasons() == ()


def test_a_branch_may_choose_among_datasets_of_one_kind():
    one, other = tf.data.Dataset.range(3), tf.data.Dataset.range(5).map(lambda n: -n)

    @tf.function
    def total(x):
        data = one
        if x > 0.0:
            data = other
        return sum_over(data)

    assert [total(tf.constant(x)) for x in (1.0, -1.0)] == [-10.0, 3.0]
    assert total.experimental_eager_reasons() == ()


def test_each_call_shuffles_a_dataset_that_it_makes_as_the_first_did():
    def order(data):
        kept = tf.TensorArray(tf.int64, 0, dynamic_size=True)
        for x in data:
            kept = kept.write(kept.size(), x)
        for x in data:
            kept = kept.write(kept.size(), x)
        return kept.stack()

    tf.random.set_seed(1)
    outside = tf.data.Dataset.range(6).shuffle(6, seed=5)

    @tf.function
    def of_outside():
        return order(outside)

    @tf.function
    def made():
        return order(tf.data.Dataset.range(6).shuffle(6))

    @tf.function
    def seeded():
        return order(tf.data.Dataset.range(6).shuffle(6, seed=5))

    for _ in range(2):  # as TensorFlow's
        assert made().numpy().tolist() == [3, 0, 5, 4, 1, 2, 4, 3, 5, 2, 0, 1]
        assert seeded().numpy().tolist() == [3, 1, 0, 5, 2, 4, 4, 1, 3, 2, 0, 5]
    assert of_outside().numpy().tolist() == [3, 1, 0, 5, 2, 4, 4, 1, 3, 2, 0, 5]
    assert of_outside().numpy().tolist()[:6] == [2, 0, 4, 5, 1, 3]  # it goes on
    assert all(f.experimental_eager_reasons() == () for f in (of_outside, made, seeded))


def test_a_cache_in_the_function_is_of_one_call():
    @tf.function
    def totals(x):
        data = tf.data.Dataset.from_tensor_slices(x).cache()
        return sum_over(data), sum_over(data)

    assert [float(y) for y in totals(tf.constant([1.0, 2.0]))] == [3.0, 3.0]
    assert [float(y) for y in totals(tf.constant([4.0, 5.0]))] == [9.0, 9.0]
    assert totals.experimental_eager_reasons() == ()


def test_reduce_gives_the_state_and_no_tape_hears_of_it():
    numbers = tf.data.Dataset.from_tensor_slices([1.0, 2.0, 3.0])

    @tf.function
    def total(a):
        return numbers.reduce((tf.constant(0.0), 0), lambda state, x: (state[0] + a * x, state[1] + 1))

    a = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(a)
        y, count = total(a)
    assert (y.numpy(), count.numpy()) == (12.0, 3) and tape.gradient(y, a) is None
    assert total.experimental_eager_reasons() == ()


def test_cardinality_and_len_are_those_of_the_call():
    @tf.function
    def counted(data):
        return data.cardinality(), len(data)

    assert [tuple(map(int, counted(tf.data.Dataset.range(n)))) for n in (3, 7)] == [(3, 3), (7, 7)]
    assert counted.experimental_get_tracing_count() == 1 and counted.experimental_eager_reasons() == ()


def test_a_concrete_function_takes_datasets():
    concrete = tf.function(sum_over).get_concrete_function(tf.data.Dataset.range(3))
    assert [concrete(tf.data.Dataset.range(n)) for n in (3, 5)] == [3.0, 10.0]
    with pytest.raises(TypeError, match="DatasetSpec"):
        concrete(tf.data.Dataset.range(3).batch(2))


# -- what is not -------------------------------------------------------------------------------------------


def comprehended(data, a):
    return tf.add_n([x * a for x in data])


def mapped_with_a_tensor_of_the_function(data, a):
    total = tf.constant(0.0)
    for x in data.map(lambda x: x * a):
        total += x
    return total


def single(data, a):
    return data.take(1).get_single_element() * a


def as_arrays(data, a):
    return tf.reduce_sum(list(data.as_numpy_iterator())) * a


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (comprehended, "Python's own loop over a dataset"),
        (mapped_with_a_tensor_of_the_function, "uses tensors of the function"),
        (single, "the only element of a dataset"),
        (as_arrays, "as NumPy arrays"),
    ],
)
def test_other_uses_run_eagerly_with_the_same_result(function, reason):
    compiled, data = tf.function(function), tf.data.Dataset.from_tensor_slices([1.0, 2.0])
    assert compiled(data, tf.constant(2.0)) == function(data, tf.constant(2.0))
    assert reason in compiled.experimental_eager_reasons()[0]


def test_a_variable_of_another_dtype_after_an_iteration_is_tensorflows_error():
    @tf.function
    def last(data):
        y = 0
        for x in data:
            y = x
        return y

    with pytest.raises(TypeError, match="'y' has dtype int32 before the loop, but dtype int64 after one iteration"):
        last(tf.data.Dataset.range(3))


def test_an_error_in_the_dataset_comes_out_and_the_function_is_still_callable():
    def numbers(limit):
        def generated():
            for n in range(3):
                if n == limit:
                    raise KeyError("no more")
                yield n

        return tf.data.Dataset.from_generator(generated, output_signature=tf.TensorSpec((), tf.int32))

    total = tf.function(sum_over)
    with pytest.raises(KeyError):
        total(numbers(2))
    assert total(numbers(None)) == 3.0 and total.experimental_eager_reasons() == ()
