"""Parts of a loop on several threads: `run_job` for machine code, `in_chunks` for Python functions.

The caller works too: it puts the work in one place, wakes the others, and takes parts until none is left, so a thread that wakes
late, or never, costs nothing but its help.

**Jobs.** A native kernel that can be divided has the form `i32 function(ptr block, i64 start, i64 stop)`: it does the part
start ≤ i < stop of its range and gives 0, or bits that say what went wrong. `block` is the address of whatever it needs to know
(usually an array of addresses: of the output, of the operands), which stays as it is until the job is done; what i counts
(elements, rows, blocks) is its own affair. Parts run at the same time, in any order, in any thread, without Python's lock:

    block = (ctypes.c_void_p * 2)(out.ctypes.data, x.ctypes.data)
    flags = run_job(function, ctypes.addressof(block), x.size, smallest=131_072)

The threads are those of workers.py. Where these cannot be had, the parts are run by Python threads, which is slower for short
jobs and otherwise the same.
"""

from __future__ import annotations

import ctypes
import functools
import operator
import os
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from tapeflow.core.config import get_intra_op_parallelism_threads
from tapeflow.graph.native.workers import workers

__all__ = ["in_chunks", "processors", "run_job"]

CHUNKS_A_THREAD = 2
"""So that a thread that is held up by other work on the machine does not hold up the rest."""

PARTS_A_THREAD = 8
"""The same for jobs, whose parts cost next to nothing to take."""

LINE = 32
"""Chunks begin at multiples of so many elements: two threads do not write to one cache line, or nearly."""

_tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
_workers: list[threading.Thread] = []
_lock = threading.Lock()


def processors() -> int:
    """How many threads may work at once: what `tf.config.threading` says, or else the processors this process may use."""
    return get_intra_op_parallelism_threads() or _usable


def _usable_processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_usable = _usable_processors()  # asking the system every time would cost more than a small loop


def run_job(function: int, block: int, count: int, smallest: int, step: int = LINE) -> int:
    """Runs the job `i32 function(ptr block, i64 start, i64 stop)` for all of range(count), on as many threads as are worth it.

    Args:
        function: its address (`Machine.link`).
        block: the address of its arguments.
        count: how far the range goes.
        smallest: how long a range a thread must have to be worth waking.
        step: the parts begin at multiples of it; 1 where i counts rows.

    Returns:
        The bits that the calls gave, or-ed.
    """
    threads = min(processors(), count // smallest) if count >= 2 * smallest else 1
    if threads < 2:
        return _JOB(function)(block, 0, count)
    pool = workers()
    if pool is None:
        return _run_in_chunks(_JOB(function), block, count, smallest)
    return pool.run(function, block, count, -(-count // (threads * PARTS_A_THREAD * step)) * step, threads - 1)


# By address, to which machine code stays for good: making the callable takes longer than a small job.
_JOB = functools.cache(ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64))


def _run_in_chunks(job: Callable[[int, int, int], int], block: int, count: int, smallest: int) -> int:
    flags = []
    in_chunks(lambda start, stop: flags.append(job(block, start, stop)), count, smallest)
    return functools.reduce(operator.or_, flags, 0)


def in_chunks(work: Callable[[int, int], None], count: int, smallest: int) -> None:
    """Calls `work(start, stop)` for chunks that make up range(count), on as many threads as are worth it.

    Args:
        work: what to do; it should spend its time outside of Python's lock.
        count: the number of elements.
        smallest: how many elements a thread must have to be worth waking.

    Raises:
        BaseException: what `work` raised, in whatever thread.
    """
    threads = min(processors(), count // smallest) if count >= 2 * smallest else 1
    if threads < 2:
        work(0, count)
        return
    size = -(-count // (threads * CHUNKS_A_THREAD * LINE)) * LINE
    chunks = deque((start, min(start + size, count)) for start in range(0, count, size))
    total = len(chunks)
    finished: SimpleQueue[BaseException | None] = SimpleQueue()

    def help_out() -> None:
        while True:
            try:
                chunk = chunks.popleft()
            except IndexError:
                return
            try:
                work(*chunk)
            except BaseException as error:
                finished.put(error)
            else:
                finished.put(None)

    _wake(threads - 1, help_out)
    help_out()
    errors = [error for error in [finished.get() for _ in range(total)] if error is not None]
    if errors:
        raise errors[0]


def _wake(number: int, task: Callable[[], None]) -> None:
    if len(_workers) < number:
        with _lock:
            while len(_workers) < number:
                worker = threading.Thread(target=_serve, args=(_tasks,), name="tapeflow-worker", daemon=True)
                worker.start()
                _workers.append(worker)
    for _ in range(number):
        _tasks.put(task)


def _serve(tasks: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        tasks.get()()


def _forget() -> None:
    """In a forked process the threads are gone, and locks may be held by nobody."""
    global _tasks, _lock
    _tasks, _lock = SimpleQueue(), threading.Lock()
    _workers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
