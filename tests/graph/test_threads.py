"""Functions that many threads trace and call at once: each signature is traced once, and no table is caught half changed."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

import tapeflow as tf

THREADS = 6


@pytest.fixture(autouse=True)
def often_switched():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(work):
    """Runs `work(number)` in several threads that begin together; what they raise is raised."""
    start, errors = threading.Barrier(THREADS), []

    def run(number):
        try:
            start.wait()
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_more_sizes_than_are_kept_come_and_go():
    @tf.function(input_signature=[tf.TensorSpec([None, None])])
    def f(x):
        return tf.reduce_sum(x[1:] * 2.0, 0)

    def work(number):
        sizes = np.random.default_rng(number).integers(1, 12, (40, 2))
        for rows, columns in sizes:
            assert np.array_equal(f(tf.ones([rows, columns])), np.full(columns, 2.0 * (rows - 1)))

    in_threads(work)


def test_objects_that_die_leave_the_tables_while_others_are_looked_up():
    class Scale:
        def __init__(self, value):
            self.value = value

    @tf.function(reduce_retracing=True)
    def f(x, scale):
        return x * scale.value

    def work(number):
        for i in range(12):
            scale = Scale(float(i))
            for n in (1, 2, 3):
                assert f(tf.ones(n), scale).numpy().tolist() == [float(i)] * n

    in_threads(work)


def test_each_signature_is_traced_once():
    ran = []

    @tf.function
    def f(x, power):
        ran.append(power)
        if tf.reduce_sum(x) > 0.0:
            x = x**power
        return x

    def work(number):
        for i in range(20):
            power = (number + i) % 5
            assert float(f(tf.constant(2.0), power)) == 2.0**power

    in_threads(work)
    assert sorted(ran) == [0, 1, 2, 3, 4]
    assert f.experimental_get_tracing_count() == 5


def test_a_method_is_traced_once_for_an_object():
    class Model:
        def __init__(self):
            self.ran = []

        @tf.function
        def method(self, x):
            self.ran.append(1)
            return x + 1.0

    for _ in range(10):
        model = Model()
        in_threads(lambda number, model=model: model.method(tf.constant(float(number))))
        assert (len(model.ran), model.method.experimental_get_tracing_count()) == (1, 1)


def test_functions_that_call_each_other_are_converted_by_whoever_comes_first():
    for _ in range(5):

        def inner(x):
            return x if x > 0.0 else -x

        def outer(x, inner=inner):
            return inner(x) + inner(-x)

        functions = [tf.function(outer) for _ in range(THREADS)]
        in_threads(lambda number, functions=functions: functions[number](tf.constant(-3.0)))
        assert [float(f(tf.constant(-3.0))) for f in functions] == [6.0] * THREADS
        assert all(f.experimental_eager_reasons() == () for f in functions)


def test_why_a_function_runs_eagerly_can_be_asked_while_it_is_traced():
    f = tf.function(lambda x, n: tf.boolean_mask(x, x > 0.0) if n else x)

    def work(number):
        for i in range(10):
            f(tf.ones(number + 1), 10 * number + i)
            f.experimental_eager_reasons()
            tf.function(lambda x: f(x, number))(tf.ones(2))
            f._traces.all()

    in_threads(work)


def test_variables_of_one_spec_share_a_trace_among_threads():
    ran = []

    @tf.function
    def f(v):
        ran.append(1)
        v.assign_add(1.0)
        return v * 2.0

    def work(number):
        for _ in range(10):
            v = tf.Variable(float(number))
            assert float(f(v)) == 2.0 * (number + 1)

    in_threads(work)
    assert len(ran) == 1
