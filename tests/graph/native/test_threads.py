"""Chunks cover everything once, on as many threads as were asked for, and failures and forks are survived."""

import os
import threading
import time

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.native import threads


@pytest.fixture
def four_threads():
    tf.config.threading.set_intra_op_parallelism_threads(4)
    yield
    tf.config.threading.set_intra_op_parallelism_threads(0)


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 1000, 4096, 100_003])
def test_every_element_is_in_one_chunk(four_threads, count):
    seen = np.zeros(count, int)

    def work(start, stop):
        seen[start:stop] += 1

    threads.in_chunks(work, count, smallest=8)
    assert (seen == 1).all()


def test_several_threads_take_part(four_threads):
    names = set()

    def work(start, stop):
        names.add(threading.current_thread().name)
        time.sleep(0.02)

    threads.in_chunks(work, 8000, smallest=100)
    assert len(names) > 1


def test_one_thread_where_that_is_set_or_there_is_too_little():
    for setting, count in ((1, 10_000), (4, 150)):
        tf.config.threading.set_intra_op_parallelism_threads(setting)
        calls = []
        threads.in_chunks(lambda start, stop: calls.append((start, stop)), count, smallest=100)
        tf.config.threading.set_intra_op_parallelism_threads(0)
        assert calls == [(0, count)]


def test_a_failure_in_any_chunk_reaches_the_caller(four_threads):
    done = []

    def work(start, stop):
        if start <= 5000 < stop:
            raise ZeroDivisionError("here")
        done.append(stop - start)

    with pytest.raises(ZeroDivisionError, match="here"):
        threads.in_chunks(work, 8000, smallest=100)
    threads.in_chunks(lambda start, stop: done.append(stop - start), 8000, smallest=100)  # the pool lives on


def test_default_is_the_processors_of_this_process():
    assert threads.processors() == (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_works_in_a_forked_process(four_threads):
    threads.in_chunks(lambda start, stop: None, 8000, smallest=100)
    child = os.fork()
    if not child:
        total = []
        threads.in_chunks(lambda start, stop: total.append(stop - start), 8000, smallest=100)
        os._exit(0 if sum(total) == 8000 and threads._workers else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize("which", ["intra", "inter"])
def test_the_setting_takes_counts_only(which):
    set_threads = getattr(tf.config.threading, f"set_{which}_op_parallelism_threads")
    get_threads = getattr(tf.config.threading, f"get_{which}_op_parallelism_threads")
    assert get_threads() == 0
    with pytest.raises(ValueError, match="-1"):
        set_threads(-1)
    with pytest.raises(TypeError):
        set_threads(1.5)
    set_threads(3)
    assert get_threads() == 3
    set_threads(0)
