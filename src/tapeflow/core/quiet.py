"""Silence for NumPy's floating-point warnings inside our kernels, and nowhere else.

TensorFlow returns inf and NaN without a word, so a kernel must not warn. `np.errstate` does this but costs more than a small
kernel; NumPy keeps the same state in a context variable, and setting that directly costs a tenth of a microsecond. The
user's own NumPy code keeps the user's settings: every kernel call restores them.

    token = enter(SILENT)
    try:
        value = kernel(...)
    finally:
        leave(token)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["SILENT", "enter", "leave"]

SILENT: Any
enter: Callable[[Any], Any]
leave: Callable[[Any], None]

try:
    from numpy._core import umath as _umath

    SILENT = _umath._make_extobj(all="ignore")
    enter = _umath._extobj_contextvar.set
    leave = _umath._extobj_contextvar.reset
except (ImportError, AttributeError):  # a NumPy that keeps its state elsewhere: slower, with the same effect
    SILENT = None

    def enter(_silent: Any) -> Any:
        state = np.errstate(all="ignore")
        state.__enter__()
        return state

    def leave(token: Any) -> None:
        token.__exit__(None, None, None)
