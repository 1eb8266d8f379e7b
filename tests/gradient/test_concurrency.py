"""A tape belongs to the thread, task or generator that entered it."""

from __future__ import annotations

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.core.recording import current


def chain(source, length):
    y = source
    for _ in range(length):
        y = y * source
    return y


def test_a_tape_per_thread_at_the_same_time():
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads that meet everywhere
    barrier = threading.Barrier(4)
    shared_constant, shared_variable = tf.constant(1.0, tf.float64), tf.Variable(1.0, dtype=tf.float64)

    def work(n):
        barrier.wait()
        found = []
        for _ in range(50):
            with tf.GradientTape() as tape:
                tape.watch(shared_constant)
                y = chain(shared_constant, n) + chain(shared_variable, 2 * n)
            found.append([float(g) for g in tape.gradient(y, [shared_constant, shared_variable])])
        return found

    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(work, range(1, 5)))
    finally:
        sys.setswitchinterval(switch)
    for n, answer in zip(range(1, 5), answers, strict=True):
        assert answer == [[n + 1.0, 2.0 * n + 1.0]] * 50


def test_a_fresh_tensor_that_many_threads_watch_has_one_name():
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(100):
                x, barrier = tf.constant(3.0), threading.Barrier(4)

                def work(_, x=x, barrier=barrier):
                    with tf.GradientTape() as tape:
                        barrier.wait()
                        tape.watch(x)
                        y = x * x
                    return float(tape.gradient(y, x))

                assert list(pool.map(work, range(4))) == [6.0] * 4
    finally:
        sys.setswitchinterval(switch)


def test_another_thread_does_not_record_on_this_threads_tape():
    v = tf.Variable(2.0)
    made = []
    with tf.GradientTape() as tape:
        thread = threading.Thread(target=lambda: made.append(v * v))
        thread.start()
        thread.join()
        y = made[0] * v
    assert float(tape.gradient(y, v)) == 4.0


def test_a_tape_may_be_asked_in_another_thread_than_it_recorded_in():
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v * v
    with ThreadPoolExecutor(1) as pool:
        assert float(pool.submit(tape.gradient, y, v).result()) == 4.0


def test_assigning_in_one_thread_leaves_the_reads_of_another_alone():
    v = tf.Variable(np.full(1000, 3.0))
    stop = threading.Event()

    def assign():
        while not stop.is_set():
            v.assign_add(np.ones(1000))
            v.assign_sub(np.ones(1000))

    thread = threading.Thread(target=assign)
    thread.start()
    try:
        for _ in range(100):
            with tf.GradientTape() as tape:
                y = v * v
            read = np.sqrt(np.asarray(y))
            np.testing.assert_allclose(tape.gradient(y, v), 2.0 * read)
    finally:
        stop.set()
        thread.join()


def test_tasks_do_not_record_on_each_others_tapes():
    v = tf.Variable(2.0)

    async def work(n):
        with tf.GradientTape() as tape:
            y = v * 1.0
            for _ in range(n):
                await asyncio.sleep(0)
                y = y * v
        return float(tape.gradient(y, v)), len(tape.watched_variables())

    async def all_of_them():
        return await asyncio.gather(*(work(n) for n in range(5)))

    assert asyncio.run(all_of_them()) == [((n + 1) * 2.0**n, 1) for n in range(5)]


def test_a_task_that_fails_leaves_the_others_tapes_alone():
    v = tf.Variable(2.0)

    async def fails():
        with tf.GradientTape():
            await asyncio.sleep(0)
            raise KeyError

    async def works():
        with tf.GradientTape() as tape:
            y = v * v
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            z = y * v
        return float(tape.gradient(z, v))

    async def both():
        return await asyncio.gather(fails(), works(), return_exceptions=True)

    failure, answer = asyncio.run(both())
    assert isinstance(failure, KeyError)
    assert answer == 12.0


def test_a_task_started_under_a_tape_records_on_it():
    v = tf.Variable(2.0)

    async def square():
        return v * v

    async def outer():
        with tf.GradientTape() as tape:
            y = await asyncio.create_task(square())
        return float(tape.gradient(y, v))

    assert asyncio.run(outer()) == 4.0


def test_a_generator_may_hold_a_tape_open_between_its_values():
    v = tf.Variable(2.0)

    def powers():
        with tf.GradientTape() as tape:
            y = v * v
            yield y
            y = y * v
        yield float(tape.gradient(y, v))

    values = powers()
    assert float(next(values)) == 4.0
    assert next(values) == 12.0
    assert current() is None


def test_a_generator_that_is_closed_closes_its_tape():
    v = tf.Variable(2.0)

    def values():
        with tf.GradientTape():
            yield v * v
            raise AssertionError("not reached")

    generator = values()
    next(generator)
    generator.close()
    assert current() is None


def test_a_tape_is_left_even_when_python_interrupts():
    with pytest.raises(KeyboardInterrupt), tf.GradientTape():
        raise KeyboardInterrupt
    assert current() is None
