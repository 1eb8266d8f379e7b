"""Chunks cover everything once, on as many threads as were asked for, and failures and forks are survived."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.native import threads, workers
from tapeflow.graph.native.machine import machine

needs_llvm = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")
needs_workers = pytest.mark.skipif(workers.workers() is None, reason="no workers on this platform")


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


COUNT_IN = """
; Adds 1 to the numbers of a part, and gives the bits of the block's second entry.
define i32 @job(ptr %block, i64 %start, i64 %stop) {
entry:
  %out = load ptr, ptr %block
  %second = getelementptr i64, ptr %block, i64 1
  %bits = load i64, ptr %second
  %answer = trunc i64 %bits to i32
  %some = icmp slt i64 %start, %stop
  br i1 %some, label %loop, label %done
loop:
  %i = phi i64 [%start, %entry], [%next, %loop]
  %place = getelementptr i64, ptr %out, i64 %i
  %old = load i64, ptr %place
  %new = add i64 %old, 1
  store i64 %new, ptr %place
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %stop
  br i1 %more, label %loop, label %done
done:
  ret i32 %answer
}
"""


def counted(count, bits=0, smallest=8, **options):
    """How often each element was met by a job, and what the job gave."""
    (job,) = machine().link(COUNT_IN, "job")
    seen = np.zeros(count, np.int64)
    block = np.array([seen.ctypes.data, bits])
    return seen, threads.run_job(job, block.ctypes.data, count, smallest, **options)


@pytest.fixture(params=["workers", "Python threads"])
def each_way(request, monkeypatch, four_threads):
    if request.param == "workers":
        if workers.workers() is None:
            pytest.skip("no workers on this platform")
    else:
        monkeypatch.setattr(threads, "workers", lambda: None)


@needs_llvm
@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 1000, 4096, 100_003])
@pytest.mark.parametrize("step", [1, 32])
def test_a_job_meets_every_element_once(each_way, count, step):
    for _ in range(20):
        seen, flags = counted(count, step=step)
        assert flags == 0
        assert (seen == 1).all()


@needs_llvm
def test_the_bits_of_a_job_reach_the_caller(each_way):
    assert counted(10_000, bits=6)[1] == 6
    assert counted(5, bits=6)[1] == 6


@needs_llvm
def test_jobs_of_many_callers_at_once(each_way):
    wrong = []

    def call(count):
        for _ in range(200):
            seen, flags = counted(count, bits=count)
            if flags != count or not (seen == 1).all():
                wrong.append(count)

    callers = [threading.Thread(target=call, args=(1000 * n + 17,)) for n in range(1, 9)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong


SPENDS_TIME = """
define i32 @job(ptr %block, i64 %start, i64 %stop) {
  %self = load ptr, ptr %block
  %sleep_place = getelementptr ptr, ptr %block, i64 1
  %sleep = load ptr, ptr %sleep_place
  %out_place = getelementptr ptr, ptr %block, i64 2
  %out = load ptr, ptr %out_place
  %thread = call i64 %self()
  %place = getelementptr i64, ptr %out, i64 %start
  store i64 %thread, ptr %place
  call i32 %sleep(i32 20000)
  ret i32 0
}
"""


def threads_that_take_part(count=8):
    library = ctypes.CDLL(None)
    (job,) = machine().link(SPENDS_TIME, "job")
    out = np.zeros(count, np.int64)
    address = [ctypes.cast(function, ctypes.c_void_p).value for function in (library.pthread_self, library.usleep)]
    block = np.array([*address, out.ctypes.data])
    threads.run_job(job, block.ctypes.data, count, 1, step=1)
    return len(set(out[out != 0].tolist()))


@needs_workers
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_workers_take_part_up_to_the_limit(limit):
    threads_that_take_part()  # there may be more workers than the limit below allows
    tf.config.threading.set_intra_op_parallelism_threads(limit)
    try:
        assert max(threads_that_take_part(3 * limit) for _ in range(3)) == limit
    finally:
        tf.config.threading.set_intra_op_parallelism_threads(0)


@needs_workers
def test_idle_workers_use_no_processor_time(four_threads):
    counted(10_000)
    time.sleep(0.1)  # they look out for another job for less than that
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.1


RUN_AND = """
import threading
import numpy as np, tapeflow as tf
from tapeflow.graph.native import workers
tf.config.threading.set_intra_op_parallelism_threads(4)
x = np.ones(1_000_000, np.float32)
def work():
    while True:
        tf.exp(x)
tf.exp(x)
assert workers.workers() is not None
"""


@needs_workers
@pytest.mark.parametrize(
    "ending",
    [
        "pass",
        "import sys; sys.exit(0)",
        "for _ in range(3): threading.Thread(target=work, daemon=True).start()",
        "import atexit; atexit.register(lambda: tf.exp(x))",
        "workers._end(); tf.exp(x)",
    ],
    ids=["idle", "exit", "at work in daemon threads", "from an atexit function", "ended before"],
)
def test_the_interpreter_ends_quietly(ending):
    done = subprocess.run([sys.executable, "-c", RUN_AND + ending], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


FORK = """
import os
for _ in range(5):
    child = os.fork()
    if not child:
        np.testing.assert_array_equal(tf.exp(x).numpy(), tf.exp(x).numpy())
        assert workers.workers()._threads
        raise SystemExit(7)  # by way of atexit
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""


@needs_workers
@pytest.mark.parametrize("busy", [False, True])
def test_jobs_in_forked_processes(busy):
    begin = "threading.Thread(target=work, daemon=True).start()\n" if busy else ""
    code = "import warnings; warnings.simplefilter('ignore')\n" + RUN_AND + begin + FORK
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


@needs_llvm
def test_a_platform_without_pthreads_has_no_workers(monkeypatch):
    monkeypatch.setattr(workers, "_workers", None)
    monkeypatch.setattr(workers, "_refused", False)
    monkeypatch.setattr(workers, "FUNCTIONS", ("pthread_that_is_not_there",))
    assert workers.workers() is None
    assert workers._refused


@needs_workers
@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="another system than Linux")
def test_workers_leave_signals_to_python(four_threads):
    def deaf():
        statuses = [path.read_text() for path in Path("/proc/self/task").glob("*/status")]
        masks = [int(status.split("SigBlk:")[1].split()[0], 16) for status in statuses]
        return [bool(mask >> (signal.SIGINT - 1) & 1) for mask in masks]

    counted(10_000)
    assert sum(deaf()) >= 3
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
