"""From how many elements on machine code beats NumPy, and two threads beat one: `python benchmarks/native_thresholds.py`.

The numbers are entered by hand in `tapeflow.core.large_arrays.LARGE` and `tapeflow.graph.native.eager.SMALLEST_CHUNK`. Each is the
least size of a doubling series from which the one way is faster than the other at every larger size. The least time of many
short turns is taken, the two ways alternating, since other work on the machine can only add to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import tapeflow as tf
from tapeflow.core.large_arrays import LARGE
from tapeflow.graph.native import eager, threads

SIZES = [1 << k for k in range(7, 21)]
TURNS = 60
OPERATIONS = {"add": "AddV2", "cos": "Cos", "divide": "RealDiv", "erf": "Erf", "exp": "Exp", "expm1": "Expm1", "log": "Log"}
OPERATIONS |= {"log1p": "Log1p", "multiply": "Mul", "relu": "Relu", "sigmoid": "Sigmoid", "sigmoid_slope": "SigmoidGrad"}
OPERATIONS |= {"sin": "Sin", "softplus": "Softplus", "sqrt": "Sqrt", "square": "Square", "subtract": "Sub", "tanh": "Tanh"}
OPERATIONS |= {"tanh_slope": "TanhGrad"}


def least(ways: list[Callable[[], object]], turns: int) -> list[float]:
    """The least time of each way, taking turns."""
    times = [float("inf")] * len(ways)
    for _ in range(turns):
        for n, way in enumerate(ways):
            start = time.perf_counter()
            way()
            times[n] = min(times[n], time.perf_counter() - start)
    return times


def first_always_faster(faster: list[bool]) -> int | None:
    """The least size from which on `faster` holds."""
    found = None
    for size, holds in zip(SIZES, faster, strict=True):
        found = (found or size) if holds else None
    return found


def on(count: int, way: Callable[[], object]) -> Callable[[], object]:
    def run() -> None:
        tf.config.threading.set_intra_op_parallelism_threads(count)
        way()

    return run


def main() -> None:
    from tapeflow.core.primitive import PRIMITIVES

    print(f"{'':14}{'in use':>10}{'native':>10}{'2 threads':>12}")
    smallest = threads.in_chunks
    for name in OPERATIONS:
        numpy_kernel = PRIMITIVES[OPERATIONS[name]].kernel
        arity = len(PRIMITIVES[OPERATIONS[name]].inputs)
        native_wins, two_win = [], []
        for size in SIZES:
            arrays = np.random.default_rng(0).uniform(0.1, 3.0, (arity, size)).astype(np.float32)
            native = lambda: eager.compute(name, *arrays)
            eager.in_chunks = lambda work, count, _: smallest(work, count, 1)
            native()
            plain, one, two = least([lambda: numpy_kernel(*arrays), on(1, native), on(2, native)], TURNS)
            native_wins.append(min(one, two) < plain)
            two_win.append(two < one)
        eager.in_chunks = smallest
        print(
            f"{name:14}{LARGE.get(name)!s:>10}{first_always_faster(native_wins)!s:>10}{first_always_faster(two_win)!s:>12}",
            flush=True,
        )
    tf.config.threading.set_intra_op_parallelism_threads(0)


if __name__ == "__main__":
    main()
