"""Waiting for another thread for a moment without sleeping, and without Python's lock.

A thread that sleeps takes some 30 µs to wake, in which half a million multiplications are done. So whoever expects work, or
the end of it, within that time watches a counter first.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

from tapeflow.graph.native.loops import ENTRY
from tapeflow.graph.native.machine import machine

__all__ = ["watcher"]

PAUSES = 3000  # about 0.1 ms

PAUSE = {
    "x86_64": ("declare void @llvm.x86.sse2.pause()", "call void @llvm.x86.sse2.pause()"),
    "aarch64": ("declare void @llvm.aarch64.hint(i32)", "call void @llvm.aarch64.hint(i32 1)"),
}

TEXT = """
{declaration}
define i32 @{entry}(ptr %place, i64 %seen) {{
start:
  br label %look
look:
  %n = phi i64 [0, %start], [%next, %again]
  %now = load atomic i64, ptr %place monotonic, align 8
  %changed = icmp ne i64 %now, %seen
  br i1 %changed, label %yes, label %again
again:
  {pause}
  %next = add i64 %n, 1
  %more = icmp slt i64 %next, {pauses}
  br i1 %more, label %look, label %no
yes:
  ret i32 1
no:
  ret i32 0
}}
"""


def watcher() -> Callable[[ctypes.c_int64, int], int] | None:
    """`watch(counter, seen)` returns 1 as soon as the counter is not `seen`, 0 after a while; None where there is no LLVM."""
    host = machine()
    if host is None or host.architecture not in PAUSE:
        return None
    declaration, pause = PAUSE[host.architecture]
    try:
        function = host.load(TEXT.format(declaration=declaration, entry=ENTRY, pause=pause, pauses=PAUSES), 1)
    except Exception:  # sleeping does as well
        return None

    def watch(counter: ctypes.c_int64, seen: int) -> int:
        return function(ctypes.addressof(counter), seen)

    return watch
