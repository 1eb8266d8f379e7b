"""Functions of the rows of large matrices, eagerly: nests of several passes, made of the recipes of row_recipes.py."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.expressions import FLOATS
from tapeflow.graph.native.machine import Compiled, Machine
from tapeflow.graph.native.nest_parts import Nest, Reduction
from tapeflow.graph.native.nests import JOB
from tapeflow.graph.native.row_nests import RowWriter
from tapeflow.graph.native.row_recipes import RECIPES, Formula, Source
from tapeflow.graph.native.threads import run_job

__all__ = ["log_softmax", "log_softmax_slope", "logsumexp", "softmax_slope"]

SMALLEST_PART = 16_384
"""Elements that a thread must have to be worth waking: some tens of microseconds of work."""

FEWEST_COLUMNS = 32
"""Of shorter rows NumPy's kernels make as little work."""

EACH = (True, False)  # one element for each row


class Recipe(Formula):
    """A recipe as it is written down."""

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype
        self.steps = []
        self.reductions: list[Reduction] = []

    def over_row(self, kind: str, source: Source, dtype: Any = None) -> Source:
        self.reductions.append(Reduction(kind, source, dtype or self.dtype, EACH, False))
        return ("row", len(self.reductions) - 1)


def _link(host: Machine, key: tuple[str, np.dtype, int, bool]) -> int:
    primitive, dtype, count, each = key
    recipe = Recipe(dtype)
    result = RECIPES[primitive](recipe, *[("operand", n) for n in range(count)])
    operands = ((dtype, (True, True)),) * count
    nest = Nest(2, operands, tuple(recipe.steps), (result,), (), False, False, tuple(recipe.reductions), int(each))
    (job,) = host.link(RowWriter(nest, host.width).text(), JOB)
    return job


_jobs = Compiled(_link)


def _computed(primitive: str, *matrices: np.ndarray, each: bool = False) -> np.ndarray | None:
    """A function of matrices of one shape and dtype: as large as they, or with one element for each row; None: not served."""
    first = matrices[0]
    dtype, shape = first.dtype, first.shape
    if dtype not in FLOATS or not first.size or shape[1] < FEWEST_COLUMNS:
        return None
    if any(x.dtype != dtype or x.shape != shape for x in matrices):
        return None
    job = _jobs[primitive, dtype, len(matrices), each]
    if job is None:
        return None
    out = np.empty(shape[:1] if each else shape, dtype)
    held = [out, *map(np.ascontiguousarray, matrices)]
    block = array("q", [*shape, *map(address, held)])
    run_job(job, block.buffer_info()[0], shape[0], -(-SMALLEST_PART // shape[1]), 1)
    return out


def softmax_slope(x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """y·(x - Σ x·y) of each row."""
    return _computed("SoftmaxGrad", x, y)


def log_softmax(logits: np.ndarray) -> np.ndarray | None:
    """x - log Σ exp(x) of each row."""
    return _computed("LogSoftmax", logits)


def log_softmax_slope(x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """x - exp(y)·Σ x of each row."""
    return _computed("LogSoftmaxGrad", x, y)


def logsumexp(x: np.ndarray) -> np.ndarray | None:
    """log Σ exp(x) of each row, with one element for each."""
    return _computed("LogSumExp", x, each=True)
