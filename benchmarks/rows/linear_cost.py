"""Does the cost of a recorded operation stay the same as the tape grows? TapeFlow only."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.frameworks import FRAMEWORKS
from benchmarks.rows import chain
from benchmarks.rows.row import Row
from benchmarks.timing import seconds_per_call_of_each

LENGTHS = (10, 100, 1_000, 10_000)
SPREAD = 0.20


@dataclass(frozen=True)
class LinearCost(Row):
    """A row whose number is a list: seconds per operation, forward and backward together, for each of `LENGTHS`."""

    def measure(self, name, budget):
        module = FRAMEWORKS[name].load()
        steps = [self.programs[name](module, length=length, size=None)[0] for length in LENGTHS]
        seconds = seconds_per_call_of_each(steps, budget)
        return [cost / length for cost, length in zip(seconds, LENGTHS, strict=True)], []


ROWS = [
    LinearCost(
        "linear_cost",
        f"one operation in a chain of {', '.join(f'{length:,}'.replace(',', ' ') for length in LENGTHS)}",
        {"tapeflow": chain.gradient_tape},
    )
]
