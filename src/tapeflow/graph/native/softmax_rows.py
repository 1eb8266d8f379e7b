"""Softmax and its cross-entropies, a few rows at a time in machine code.

NumPy goes through memory six times, and waits each time for code that a large product of matrices has driven out of the cache.
Here the rows of a block, as many as stay in the nearest cache, go through all steps before the next block begins:

    x - max x      row by row
    exp            over the whole block, since its rows lie end to end: short rows fill SIMD registers as well as long ones
    Σ, quotient    row by row, and the loss with them

The kernels' text is in softmax_rows_text.py.
"""

from __future__ import annotations

from array import array

import numpy as np

from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.expressions import FLOATS
from tapeflow.graph.native.loops import JOB
from tapeflow.graph.native.machine import Compiled, Machine
from tapeflow.graph.native.softmax_rows_text import BLOCK, softmax_module
from tapeflow.graph.native.threads import run_job

__all__ = ["cross_entropy", "softmax", "sparse_cross_entropy"]

INTEGERS = {np.dtype("int32"): "i32", np.dtype("int64"): "i64"}

SMALLEST_PART = 16_384
"""Elements that a thread must have to be worth waking: some tens of microseconds of work."""


def softmax(logits: np.ndarray) -> np.ndarray | None:
    """The softmax of each row of a matrix; None: not served."""
    out = _outputs(logits)
    if out is None or _run("softmax", "i64", out, logits, out, out) is None:
        return None
    return out


def sparse_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool] | None:
    """The losses, the excess of the softmax over the labels, and whether a label was no class; None: not served.

    Args:
        logits: of shape [rows, classes].
        labels: of shape [rows], the number of a class each.
    """
    integer, out = INTEGERS.get(labels.dtype), _outputs(logits)
    if out is None or integer is None:
        return None
    losses = np.empty(len(logits), logits.dtype)
    flags = _run("sparse", integer, losses, logits, labels, out)
    return None if flags is None else (losses, out, flags != 0)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The losses and the excess of the softmax over the labels, which are probabilities; None: not served."""
    out = _outputs(logits)
    if out is None or labels.dtype is not logits.dtype or labels.shape != logits.shape:
        return None
    losses = np.empty(len(logits), logits.dtype)
    return None if _run("dense", "i64", losses, logits, labels, out) is None else (losses, out)


def _outputs(logits: np.ndarray) -> np.ndarray | None:
    return np.empty(logits.shape, logits.dtype) if logits.dtype in FLOATS and logits.size else None


def _run(kind: str, integer: str, losses: np.ndarray, logits: np.ndarray, labels: np.ndarray, out: np.ndarray) -> int | None:
    job = _jobs[kind, FLOATS[logits.dtype], integer]
    if job is None:
        return None
    if not (logits.flags.c_contiguous and labels.flags.c_contiguous):
        logits, labels = np.ascontiguousarray(logits), np.ascontiguousarray(labels)
    rows, columns = logits.shape
    block = array("q", [address(losses), address(logits), address(labels), address(out), columns])
    return run_job(job, block.buffer_info()[0], rows, -(-SMALLEST_PART // columns), max(1, BLOCK // columns))


def _link(host: Machine, key: tuple[str, str, str]) -> int:
    (job,) = host.link(softmax_module(*key, host.width), JOB)
    return job


_jobs = Compiled(_link)
