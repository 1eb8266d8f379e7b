"""The traces of a function for signatures with unknown sizes: which one serves a call, and when another is made.

A signature has several traces if what the function does depends on the sizes: each one says by its guards which sizes it
serves. A size that is needed as a number is known in the trace, which then serves that size only.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core.dimension import SizeAsked
from tapeflow.graph.concrete import ConcreteFunction
from tapeflow.graph.specialize import ShapedTrace
from tapeflow.graph.trace import Tracer

__all__ = ["EXAMPLE", "Pattern", "RelaxedTraces", "is_known"]

Pattern = Sequence[tuple]  # the shapes of the tensors among the arguments, None where a size is unknown

EXAMPLE = 12
"""The size that stands for an unknown one where there is no call to take it from: it can be halved, and cut in three."""

MOST_TRACES = 8  # of one signature; what comes after is traced for its own sizes
MOST_SPECIALIZED = 64  # graphs for known sizes that are kept for a function


def is_known(pattern: Pattern) -> bool:
    """Whether no size is unknown."""
    return not any(size is None for shape in pattern for size in shape)


class RelaxedTraces:
    """What a function keeps of its traces with unknown sizes.

    Attributes:
        count: how often the Python function ran for them.
        reasons: why signatures could not be traced with unknown sizes, or sizes had to be known.
    """

    def __init__(self) -> None:
        self.count = 0
        self.reasons: list[str] = []
        self._traces: dict[Any, list[ShapedTrace]] = {}
        self._specialized: OrderedDict[Any, ConcreteFunction] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> ConcreteFunction | None:
        """The graph for a call of this key, if it is kept."""
        found = self._specialized.get(key)
        if found is not None:
            with self._lock:
                if key in self._specialized:
                    self._specialized.move_to_end(key)
        return found

    def find(
        self,
        key: Any,
        signature: Any,
        pattern: Pattern,
        shapes: Sequence[tuple[int, ...]],
        run: Callable[[Tracer, Sequence[tuple]], tuple],
    ) -> ConcreteFunction | None:
        """The graph for a call, from a trace that serves it, or from a new one; None if it cannot be traced so.

        Args:
            key: what the call is known by.
            signature: what all calls of this signature are known by.
            pattern: the signature's shapes.
            shapes: those of the call.
            run: runs the Python function: `run(tracer, shapes)` gives a ShapedTrace's inputs, result and outputs and name.
        """
        traces = self._traces.setdefault(signature, [])
        for trace in traces:
            concrete = trace.specialized(shapes)
            if concrete is not None:
                return self._keep(key, concrete)
        if len(traces) >= MOST_TRACES:
            return None
        new = self.traced(signature, pattern, shapes, run)
        concrete = None if new is None else new.specialized(shapes)
        return None if concrete is None else self._keep(key, concrete)

    def _keep(self, key: Any, concrete: ConcreteFunction) -> ConcreteFunction:
        with self._lock:
            self._specialized[key] = concrete
            while len(self._specialized) > MOST_SPECIALIZED:
                self._specialized.popitem(last=False)
        return concrete

    def any(self, signature: Any) -> ShapedTrace | None:
        """A trace of this signature."""
        return next(iter(self._traces.get(signature, ())), None)

    def traced(
        self, signature: Any, pattern: Pattern, shapes: Sequence[tuple[int, ...]], run: Callable
    ) -> ShapedTrace | None:
        """A new trace, with the sizes of `shapes` as hints; None if the function cannot be traced with unknown sizes."""
        unknown = {(i, axis) for i, shape in enumerate(pattern) for axis, size in enumerate(shape) if size is None}
        while unknown:
            tracer, places, placed = Tracer(), [], []  # type: ignore[var-annotated]
            for i, shape in enumerate(shapes):
                sizes = []
                for axis, size in enumerate(shape):
                    if (i, axis) in unknown:
                        places.append((i, axis))
                    sizes.append(tracer.unknown_size(size) if (i, axis) in unknown else size)
                placed.append(tuple(sizes))
            self.count += 1
            try:
                trace = ShapedTrace(*run(tracer, placed))
            except SizeAsked as error:
                self.reasons.append("a size is needed as a number")
                unknown -= {places[symbol] for symbol in error.dim.symbols()}
                continue
            except Exception as error:  # where it is the user's, tracing for known sizes raises it too
                self.reasons.append(f"{type(error).__name__}: {error}")
                return None
            self._traces.setdefault(signature, []).append(trace)
            return trace
        return None
