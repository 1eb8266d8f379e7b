"""From how many elements on machine code beats NumPy, and what an element costs.

    python benchmarks/native_thresholds.py [NAME ...]

The numbers are entered by hand in `tapeflow.core.large_arrays` and in `tapeflow.graph.native.eager`. A size is the least of a
doubling series from which machine code on one thread is faster at every larger size, by the median of paired ratios: other
work on the machine slows both of a pair. The cost is that of the largest size on one thread, the least of many turns.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

import tapeflow as tf
from tapeflow.core.large_arrays import LARGE
from tapeflow.core.primitive import PRIMITIVES
from tapeflow.graph.native import eager
from tapeflow.graph.native.functions import FUNCTIONS, ONLY_SINGLE
from tapeflow.graph.native.lowering import ELEMENTARY

SIZES = [1 << k for k in range(9, 21)]
TURNS = 25
OPERATIONS = {name: primitive for primitive, name in ELEMENTARY.items()}
OPERATIONS |= {"add": "AddV2", "divide": "RealDiv", "maximum": "Maximum", "minimum": "Minimum", "multiply": "Mul"}
OPERATIONS |= {
    "negative": "Neg",
    "pow": "Pow",
    "relu": "Relu",
    "rsqrt": "Rsqrt",
    "sigmoid_slope": "SigmoidGrad",
    "sqrt": "Sqrt",
}
OPERATIONS |= {"square": "Square", "subtract": "Sub", "tanh_slope": "TanhGrad"}


def duration(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def compare(name: str, dtype: str) -> tuple[int | None, float, float]:
    """The size from which machine code wins, its gain at the largest size, and the picoseconds an element takes there."""
    primitive = PRIMITIVES[OPERATIONS[name]]
    found, gain, least = None, 0.0, 0.0
    for size in SIZES:
        low, high = (1.0, 3.0) if name == "acosh" else (0.05, 0.95) if name in ("acos", "asin", "atanh") else (0.1, 3.0)
        arrays = np.random.default_rng(0).uniform(low, high, (len(primitive.inputs), size)).astype(dtype)
        native, numpy_kernel = (lambda: eager.compute(name, *arrays)), (lambda: primitive.kernel(*arrays))
        native(), numpy_kernel()
        pairs = [(duration(numpy_kernel), duration(native)) for _ in range(TURNS)]
        gain = statistics.median(theirs / ours for theirs, ours in pairs)
        found = (found or size) if gain > 1 else None
        least = min(ours for _, ours in pairs) / size
    return found, gain, least * 1e12


def main(names: list[str]) -> None:
    tf.config.threading.set_intra_op_parallelism_threads(1)
    print(f"{'':22}{'in use':>10}{'native':>10}{'gain':>8}{'cost':>8}")
    for dtype in ("float32", "float64"):
        for name in names or sorted(FUNCTIONS):
            if dtype == "float64" and name in ONLY_SINGLE:
                continue
            in_use = LARGE[name][dtype == "float64"] if name in LARGE else None
            found, gain, cost = compare(name, dtype)
            print(f"{name:14}{dtype:8}{in_use!s:>10}{found!s:>10}{gain:8.2f}{cost:8.0f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
