"""Does the cost of a recorded operation stay the same as the tape grows? TapeFlow only."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.frameworks import FRAMEWORKS
from benchmarks.rows import chain
from benchmarks.rows.row import Row
from benchmarks.timing import seconds_per_call

LENGTHS = (10, 100, 1_000, 10_000)
SPREAD = 0.20


@dataclass(frozen=True)
class LinearCost(Row):
    """A row whose number is a list: seconds per operation, forward and backward together, for each of `LENGTHS`."""

    def measure(self, name, budget):
        module = FRAMEWORKS[name].load()
        seconds = []
        for length in LENGTHS:
            step, _ = self.programs[name](module, length=length, size=None)
            seconds.append(seconds_per_call(step, budget) / length)
        return seconds, []


ROWS = [
    LinearCost(
        "linear_cost",
        f"one operation in a chain of {', '.join(f'{length:,}'.replace(',', ' ') for length in LENGTHS)}",
        {"tapeflow": chain.gradient_tape},
    )
]
