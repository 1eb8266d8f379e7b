"""Threads that run machine code together and never ask for Python's lock.

A job is a native function that works on any part of a range, `i32 function(ptr block, i64 start, i64 stop)`. Who has one puts it
in the pool's list, takes parts of the range until none is left, and waits for those who still have one. The workers sleep
until there is a job, join it if it wants more of them, and take parts as well. A worker that wakes late finds nothing left and
costs nothing but its help. Several callers may have jobs in the list at once; one whose workers are busy does its job alone.

What they do is machine code, in pool.py; here they are started and ended. Where the C library has no pthreads there is no pool.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import threading
from typing import Any

from tapeflow.graph.native.machine import Machine, machine
from tapeflow.graph.native.pool import FUNCTIONS, FUNCTIONS_AT, OPTIONAL, ROOM, SIZE, pool_text

__all__ = ["Workers", "workers"]

OWN_FAULTS = {getattr(signal, name) for name in ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL") if hasattr(signal, name)}
"""Signals that come from what a thread itself does."""


class Workers:
    """A pool of threads in machine code.

    Raises:
        RuntimeError, AttributeError, TypeError: the C library has no pthreads, or the processor is unknown here.
    """

    def __init__(self, host: Machine) -> None:
        library: Any = ctypes.CDLL(None)  # TypeError on Windows
        run, self._serve, end = host.link(pool_text(), "run", "serve", "end")
        address, size = ctypes.c_void_p, ctypes.c_int64
        self._run = ctypes.CFUNCTYPE(ctypes.c_int32, address, address, address, size, size, size)(run)
        self._end = ctypes.CFUNCTYPE(None, address)(end)
        self._create, self._join = library.pthread_create, library.pthread_join
        self._create.argtypes = [address] * 4
        self._join.argtypes = [address] * 2
        known = all(hasattr(library, name) for name in OPTIONAL)
        functions: list[Any] = [
            ctypes.cast(getattr(library, name), address).value if known or name not in OPTIONAL else None
            for name in FUNCTIONS
        ]
        self._memory = ctypes.create_string_buffer(SIZE + 64)
        self._pool = -(-ctypes.addressof(self._memory) // 64) * 64
        (address * len(FUNCTIONS)).from_address(self._pool + FUNCTIONS_AT)[:] = functions
        for place, name in ((0, "mutex"), (ROOM, "cond"), (2 * ROOM, "cond")):
            getattr(library, f"pthread_{name}_init")(address(self._pool + place), None)
        self._threads: list[ctypes.c_void_p] = []
        self._ended = False
        self._lock = threading.Lock()

    def run(self, function: int, block: int, count: int, size: int, helpers: int) -> int:
        """Runs `i32 function(ptr block, i64 start, i64 stop)` for all of range(count).

        Args:
            function: its address.
            block: the address of its arguments.
            count: how far the range goes.
            size: the length of a part.
            helpers: how many workers may take part beside the caller; at least 1.

        Returns:
            What the calls gave, or-ed.
        """
        if len(self._threads) < helpers:
            self._start(helpers)
        return self._run(self._pool, function, block, count, size, helpers)

    def _start(self, number: int) -> None:
        with self._lock:
            # A signal that a worker took would not wake the main thread, where Python handles it: workers block them all.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - OWN_FAULTS)
            try:
                while len(self._threads) < number and not self._ended:
                    thread = ctypes.c_void_p()
                    if self._create(ctypes.byref(thread), None, self._serve, self._pool):
                        return  # the system gives no more threads: the caller works, and those that there are
                    self._threads.append(thread)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def end(self) -> None:
        """Lets the threads end, and waits until they have."""
        with self._lock:
            self._ended = True
            self._end(self._pool)
            for thread in self._threads:
                self._join(thread, None)
            self._threads.clear()


_workers: Workers | None = None
_refused = False
_lock = threading.Lock()


def workers() -> Workers | None:
    """The pool, made at the first call; None where it cannot be had, and while the interpreter ends."""
    global _workers, _refused
    if _workers is None and not _refused:
        with _lock:
            if _workers is None and not _refused:
                host = machine()
                try:
                    _workers = Workers(host) if host is not None else None
                except Exception:  # a platform without pthreads: the Python threads of threads.py work
                    _workers = None
                _refused = _workers is None
    return _workers


@atexit.register
def _end() -> None:
    """No thread may be in machine code when that is taken down."""
    global _workers, _refused
    pool, _workers, _refused = _workers, None, True
    if pool is not None:
        pool.end()


def _forget() -> None:
    """In a forked process the threads are gone, and the mutex may be held by nobody."""
    global _workers, _lock
    _workers, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
