"""Chunks of a loop on several threads.

One pool of threads serves everything. The caller works too: it puts the chunks in one place, wakes the others, and takes
chunks until none is left, so a thread that wakes late, or never, costs nothing but its help.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from tapeflow.core.config import get_intra_op_parallelism_threads

__all__ = ["in_chunks", "processors"]

CHUNKS_A_THREAD = 2
"""So that a thread that is held up by other work on the machine does not hold up the rest."""

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
