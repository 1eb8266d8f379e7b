"""Timing one call inside a process."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

REPEATS = 25


def seconds_per_call(step: Callable[[], object], budget: float, clock: Callable[[], float] = time.perf_counter) -> float:
    """The least time of one `step()` over `REPEATS` blocks of calls that take about `budget` seconds together.

    A first quarter of the budget warms caches and gives the block its size. The least is taken because other work on
    the machine can only add to a block; blocks are long enough for their share of garbage collection, which stays on.
    """
    return seconds_per_call_of_each([step], budget, clock)[0]


def seconds_per_call_of_each(
    steps: Sequence[Callable[[], object]], budget: float, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """The same for several functions, with `budget` for each: a block of each in turn, so that a disturbance meets them all."""
    blocks = [max(1, round(calls_that_last(step, budget / 4, clock) * 4 / REPEATS)) for step in steps]
    rounds = [
        [block_seconds(step, block, clock) / block for step, block in zip(steps, blocks, strict=True)]
        for _ in range(REPEATS)
    ]
    return [min(times) for times in zip(*rounds, strict=True)]


def calls_that_last(step: Callable[[], object], seconds: float, clock: Callable[[], float]) -> int:
    """About how many calls of `step` take `seconds`, found by trying ever longer blocks."""
    calls = 1
    while True:
        elapsed = block_seconds(step, calls, clock)
        if elapsed >= seconds / 2:
            return max(1, round(calls * seconds / elapsed))
        calls *= 2


def block_seconds(step: Callable[[], object], calls: int, clock: Callable[[], float]) -> float:
    turns = [None] * calls
    start = clock()
    for _ in turns:
        step()
    return clock() - start
