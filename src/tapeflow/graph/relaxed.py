"""The traces of a function for signatures with unknown sizes: which one serves a call, and when another is made.

A signature has several traces if what the function does depends on the sizes: each one says by its guards which sizes it
serves. A size that is needed as a number is known in the trace, which then serves that size only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core.dimension import SizeAsked
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.shapes import TensorShape, from_known
from tapeflow.graph.concrete import ConcreteFunction
from tapeflow.graph.signature import is_dead
from tapeflow.graph.specialize import ShapedTrace, at_run_time
from tapeflow.graph.trace import Tracer

__all__ = ["EXAMPLE", "Pattern", "RelaxedTraces", "Unranked", "fitted", "is_known", "pattern_of"]

Pattern = Sequence[tuple]  # the shapes of the tensors among the arguments, None where a size is unknown

EXAMPLE = 12
"""The size that stands for an unknown one where there is no call to take it from: it can be halved, and cut in three."""

MOST_TRACES = 8  # of one signature; what comes after is traced for its own sizes
MOST_REASONS = 20
MOST_SPECIALIZED = 64  # graphs for known sizes that are kept for a function


class Unranked(tuple):
    """A shape of which not even the rank is known: as many unknown sizes as the tensor of the call has axes."""

    __slots__ = ()

    @staticmethod
    def of(rank: int) -> Unranked:
        """The one for tensors of this rank."""
        return Unranked((None,) * rank)


def is_known(pattern: Pattern) -> bool:
    """Whether no size is unknown."""
    return not any(None in shape or type(shape) is Unranked for shape in pattern)


def pattern_of(specs: Sequence[TensorShape], shapes: Sequence[tuple]) -> Pattern:
    """What these specs say of tensors of these shapes."""
    pairs = zip(specs, shapes, strict=True)
    return [Unranked.of(len(shape)) if spec.rank is None else tuple(spec) for spec, shape in pairs]


def fitted(pattern: Pattern, shapes: Sequence[tuple]) -> Pattern:
    """The same pattern for tensors of other ranks, where it leaves them open."""
    pairs = zip(pattern, shapes, strict=True)
    return [Unranked.of(len(shape)) if type(mine) is Unranked else mine for mine, shape in pairs]


def _shapes(pattern: Pattern) -> list[TensorShape]:
    return [from_known(None if type(shape) is Unranked else shape) for shape in pattern]


class RelaxedTraces:
    """What a function keeps of its traces with unknown sizes.

    Attributes:
        count: how often the Python function ran for them.
        reasons: why signatures could not be traced with unknown sizes, or sizes had to be known.
    """

    def __init__(self) -> None:
        self.count = self.repeats = 0
        self.reasons: list[str] = []
        self._refusal: Exception | None = None  # the last trace's error, if it was that sizes do not go together
        self._patterns: dict[Any, list[Pattern]] = {}
        self._traces: dict[Any, list[ShapedTrace]] = {}
        self._specialized: dict[Any, ConcreteFunction] = {}  # what was asked for last comes last
        self._lock = threading.RLock()

    def get(self, key: Any) -> ConcreteFunction | None:
        """The graph for a call of this key, if it is kept."""
        found = self._specialized.get(key)
        if found is not None and any(variable._value.shape != shape for variable, shape in found.variable_shapes):
            return None
        if found is not None:
            with self._lock:
                if self._specialized.pop(key, None) is not None:  # another thread may have dropped it
                    self._specialized[key] = found
        return found

    def admitting(self, kind: Any, shapes: Sequence[tuple[int, ...]]) -> Pattern | None:
        """A signature with unknown sizes, that the function was traced for, and that a call of these shapes fits in."""
        given = [from_known(shape) for shape in shapes]
        for pattern in self._patterns.get(kind, ()):
            if not is_known(pattern) and all(b.is_compatible_with(a) for a, b in zip(given, _shapes(pattern), strict=True)):
                return fitted(pattern, shapes)
        return None

    def note(self, kind: Any, pattern: Pattern) -> None:
        """Notes that the function was traced for this signature."""
        self._patterns.setdefault(kind, []).append(pattern)

    def generalized(self, kind: Any, shapes: Sequence[tuple[int, ...]]) -> Pattern:
        """What a call of these shapes is traced for where retracing is to be reduced: what it has in common with those before.

        Args:
            kind: what the call is known by besides its shapes.
            shapes: of the tensors among the arguments.
        """
        found = self.admitting(kind, shapes)
        if found is None:
            new = [from_known(shape) for shape in shapes]
            for pattern in self._patterns.get(kind, ()):
                new = [a.most_specific_compatible_shape(b) for a, b in zip(new, _shapes(pattern), strict=True)]
            found = pattern_of(new, shapes)
            self.note(kind, found)
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

        Raises:
            InvalidArgumentError: the sizes of the call do not go together.
        """
        with self._lock:
            for kept in (self._traces, self._specialized):
                for old in filter(is_dead, list(kept)):  # looking at a key runs Python: others may come and go meanwhile
                    kept.pop(old, None)  # type: ignore[attr-defined]
        traces = self._traces.setdefault(signature, [])
        for trace in traces:
            concrete = trace.specialized(shapes)
            if concrete is not None:
                return self._keep(key, concrete)
        if len(traces) >= MOST_TRACES:
            return None
        new = self.traced(signature, pattern, shapes, run)
        refusal = self._refusal
        if (
            new is None and refusal is not None and not traces
        ):  # the function may be right, and only these sizes wrong for it
            pairs = zip(pattern, shapes, strict=True)
            usual = [tuple([EXAMPLE if a is None else b for a, b in zip(*pair, strict=True)]) for pair in pairs]
            new = self.traced(signature, pattern, usual, run)
        concrete = None if new is None else new.specialized(shapes)
        if concrete is None and refusal is not None and traces:
            raise at_run_time(refusal) from None
        return None if concrete is None else self._keep(key, concrete)

    def _keep(self, key: Any, concrete: ConcreteFunction) -> ConcreteFunction:
        with self._lock:
            self._specialized[key] = concrete
            while len(self._specialized) > MOST_SPECIALIZED:
                del self._specialized[next(iter(self._specialized))]
        return concrete

    def adopt(
        self, key: Any, signature: Any, trace: ShapedTrace, shapes: Sequence[tuple[int, ...]]
    ) -> ConcreteFunction | None:
        """Keeps a trace in which only variables have unknown sizes; gives the graph for a call."""
        self.count += 1
        self._traces.setdefault(signature, []).append(trace)
        concrete = trace.specialized(shapes)
        return None if concrete is None else self._keep(key, concrete)

    def knows(self, signature: Any) -> bool:
        """Whether there are traces of this signature."""
        return signature in self._traces

    def any(self, signature: Any) -> ShapedTrace | None:
        """A trace of this signature."""
        return next(iter(self._traces.get(signature, ())), None)

    def traced(
        self, signature: Any, pattern: Pattern, shapes: Sequence[tuple[int, ...]], run: Callable
    ) -> ShapedTrace | None:
        """A new trace, with the sizes of `shapes` as hints; None if the function cannot be traced with unknown sizes."""
        unknown = {(i, axis) for i, shape in enumerate(pattern) for axis, size in enumerate(shape) if size is None}
        unranked = [type(shape) is Unranked for shape in pattern]
        made_variables = False
        while unknown or any(unranked):
            tracer, places, placed = Tracer(), [], []  # type: ignore[var-annotated]
            tracer.unranked = any(unranked)
            for i, shape in enumerate(shapes):
                sizes = []
                for axis, size in enumerate(shape):
                    if (i, axis) in unknown:
                        places.append((i, axis))
                    sizes.append(tracer.unknown_size(size) if (i, axis) in unknown else size)
                placed.append(Unranked(sizes) if unranked[i] else tuple(sizes))
            self.count += 1
            self._refusal = None
            trace = None
            try:
                parts = run(tracer, placed)
                if tracer.created and not made_variables:
                    made_variables = True  # on the first call, which the next trace is not any more
                    self.repeats += 1
                    continue
                if tracer.created or tracer.reason:
                    return None
                trace = ShapedTrace(*parts)
            except SizeAsked as error:
                self.reasons.append("a size is needed as a number")
                if any(symbol >= len(places) for symbol in error.dim.symbols()):
                    return None  # the size of a variable
                unknown -= {places[symbol] for symbol in error.dim.symbols()}
                unranked = [False] * len(unranked)
                continue
            except Exception as error:  # where it is the user's, tracing for known sizes raises it too
                self.reasons = [*self.reasons[-MOST_REASONS:], f"{type(error).__name__}: {error}"]
                if (error is tracer.verdict or isinstance(error, InvalidArgumentError)) and not tracer.late.checked:
                    self._refusal = error
                return None
            finally:
                if trace is None:
                    tracer.given_up()
            self._traces.setdefault(signature, []).append(trace)
            return trace
        return None
