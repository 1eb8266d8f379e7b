"""Memory for large arrays that is kept instead of given back.

A step of a program over large arrays allocates and frees the same megabytes again and again. The C library of Linux gives large
blocks back to the system at once, and the system clears every page that it hands out anew: that takes longer than most
operations on the array (half the time of a gradient over 10⁶ elements was this). But the library learns: after a block of some size
was freed, it serves blocks up to that size from its own memory, and keeps up to twice as much of it.
"""

from __future__ import annotations

import numpy as np

__all__ = ["keep_freed_memory"]

LARGEST_THAT_IS_LEARNT_FROM = (32 << 20) - (1 << 16)
"""Bytes: glibc's DEFAULT_MMAP_THRESHOLD_MAX, less its own header and a page."""


def keep_freed_memory() -> None:
    """Lets the C library see that large blocks come and go: one is allocated, of which no page is ever touched, and freed.

    Up to 64 MB of freed memory then stay with the process. Where the library is another than glibc nothing happens.
    """
    np.empty(LARGEST_THAT_IS_LEARNT_FROM, np.uint8)
