"""What a row of the table is: one piece of work, written once for each framework that can do it."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.frameworks import FRAMEWORKS, OURS
from benchmarks.timing import seconds_per_call

STEPS_BEFORE_ANSWER = 3
STEPS_TO_PEAK = 20

Step = Callable[[], object]
Answer = Callable[[], list[Any]]
Program = Callable[[ModuleType], tuple[Step, Answer]]


@dataclass(frozen=True)
class Row:
    """A row that compares the time of one step.

    Args:
        name: What `--rows` calls it.
        title: What the table calls it.
        programs: For each framework's name, a function that takes its module and returns `(step, answer)`: `step()`
            does the work once, and `answer()` says what has come out so far, as arrays that must be equal everywhere.
        targets: For each peer's name, how many times TapeFlow's cost the peer's must be at least.
        rtol: How closely two answers must agree, relative to the largest entry of each array.
    """

    name: str
    title: str
    programs: Mapping[str, Program] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)
    rtol: float = 1e-5
    unit = "s"

    @property
    def takes_part(self) -> tuple[str, ...]:
        return tuple(self.programs)

    def measure(self, name: str, budget: float) -> tuple[Any, list[np.ndarray]]:
        """In a process of its own: what the row costs the framework `name`, and the answer that proves the work."""
        step, answer = self.programs[name](FRAMEWORKS[name].load())
        for _ in range(STEPS_BEFORE_ANSWER):
            step()
        proof = [np.array(array) for array in answer()]
        return self.cost(step, budget), proof

    def cost(self, step: Step, budget: float) -> float:
        return seconds_per_call(step, budget)


def ahead_of_all(row: Row) -> Row:
    """`row` with the target that no peer needs less than TapeFlow."""
    return replace(row, targets={name: 1.0 for name in row.takes_part if name != OURS})


@dataclass(frozen=True)
class PeakMemory(Row):
    """A row that compares the peak memory of processes that do a few steps, interpreter and imports included."""

    unit = "B"

    def cost(self, step: Step, budget: float) -> float:
        for _ in range(STEPS_TO_PEAK):
            step()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return float(peak if sys.platform == "darwin" else peak * 1024)


@dataclass(frozen=True)
class ImportTime(Row):
    """A row that compares whole processes that do nothing but `import` the framework."""

    @property
    def takes_part(self) -> tuple[str, ...]:
        return tuple(name for name, framework in FRAMEWORKS.items() if framework.distribution)

    def measure(self, name: str, budget: float) -> tuple[float, list[np.ndarray]]:
        command = [sys.executable, "-c", f"import {FRAMEWORKS[name].module}"]
        subprocess.run(command, check=True, capture_output=True)  # its files are in the page cache from here on
        times = []
        while sum(times) < 3 * budget or len(times) < 2:
            start = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - start)
        return min(times), []
