"""Silence for NumPy's floating-point warnings inside our kernels, and nowhere else.

TensorFlow returns inf and NaN without a word, so a kernel must not warn, and what the user asked of NumPy (`np.seterr`)
must hold for the user's own code. `np.errstate` around every kernel costs more than a small kernel does. NumPy keeps that
state in a context variable, so we keep a context in which it says "ignore" and run the kernels there, for next to nothing.

    value = run(kernel, a, b)
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

import numpy as np

__all__ = ["FAST", "run", "run_in_copy"]

_silent = Context()
_silent.run(np.seterr, all="ignore")

_probe = Context()
_probe.run(np.seterr, under="print")
FAST = np.geterr()["under"] != "print"
"""Whether NumPy keeps its state in the context, as it does from version 2 on; if not, it is silenced the slow way."""


def run_in_copy(kernel: Callable, *arguments: Any, **attributes: Any) -> Any:
    """`run` in a context of its own: two threads cannot be in one context, nor can a kernel within a kernel."""
    return _silent.copy().run(kernel, *arguments, **attributes)


def _run_slowly(kernel: Callable, *arguments: Any, **attributes: Any) -> Any:
    with np.errstate(all="ignore"):
        return kernel(*arguments, **attributes)


run: Callable[..., Any] = _silent.run if FAST else _run_slowly
"""`run(kernel, *arguments, **attributes)` calls the kernel in silence.

A RuntimeError may mean that another thread is in the context at this moment: whoever catches it calls `run_in_copy`.
Kernels have no side effects, so that starting one again is harmless."""
