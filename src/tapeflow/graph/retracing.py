"""Functions that are traced again and again: the warning that says why, and shapes that are generalized."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core import nest
from tapeflow.core.inspection import get_logger
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable

__all__ = ["Retracing"]

MANY = 5  # traces among the last calls: worth a warning
HISTORY = 10  # calls that are looked back at, or a little more
MOST_WARNINGS = 2  # for one function: whoever does not read the first two will not read the third


class Detector:
    """How often functions of one piece of source were called and traced.

    Attributes:
        calls: how many calls there were since the last trace that needed none.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.calls_per_trace: list[int] = []
        self.warnings = 0
        self._lock = threading.Lock()

    def traced(self) -> tuple[int, int] | None:
        """Notes a call that was traced. Gives (traces, calls) when there were too many."""
        with self._lock:  # functions of one source share it, each with a lock of its own
            if self.calls_per_trace:
                self.calls_per_trace[-1] += self.calls
            self.calls = 0
            self.calls_per_trace.append(1)
            while sum(self.calls_per_trace[1:]) > HISTORY:
                del self.calls_per_trace[0]
            if len(self.calls_per_trace) < MANY or self.warnings >= MOST_WARNINGS:
                return None
            self.warnings += 1
            return len(self.calls_per_trace), sum(self.calls_per_trace)


_detectors: weakref.WeakKeyDictionary[Any, Detector] = weakref.WeakKeyDictionary()


class Retracing:
    """What a function remembers of its traces, to say what keeps changing.

    Attributes:
        detector: counts the calls, together with other functions of the same source.
        count: how many signatures the function was traced for.
    """

    def __init__(self, function: Callable) -> None:
        self.count = 0
        self._last: dict[str, str] | None = None
        code = getattr(function, "__code__", None)
        if code is None:
            self.detector = Detector()
        else:
            self.detector = _detectors.setdefault(code, Detector())

    def traced(self, function: Callable, parameters: Sequence) -> None:
        """Notes a trace for new arguments, and warns if there were many."""
        self.count += 1
        before, self._last = self._last, _described(parameters)
        many = self.detector.traced()
        if many is not None:
            get_logger().warning(
                f"{many[0]} out of the last {many[1]} calls to {function!r} triggered tf.function retracing, which runs the "
                f"Python function and compiles it anew. {_changes(before, self._last)}"
            )


def _changes(before: dict[str, str] | None, now: dict[str, str]) -> str:
    if before is None:
        return (
            "This call is the first of its function: tf.function is applied to the same source again and again. Apply it once, "
            "outside of the loop."
        )
    changed = [
        f"the argument {name} was {before.get(name, 'not given')}, and is {now.get(name, 'not given')} now"
        for name in [*now, *[name for name in before if name not in now]]
        if before.get(name) != now.get(name)
    ]
    reason = "; ".join(changed) if changed else "an argument is another object with the same look"
    advice = []
    if any("tensor" in each for each in changed):
        advice.append(
            "for tensors of many shapes, use reduce_retracing=True, or an input_signature with None where sizes change"
        )
    if not changed or any("tensor" not in each for each in changed):
        advice.append("pass numbers that change as tensors, tf.constant(…), and objects that are the same again")
    return f"This time {reason}. What to do: {'; '.join(advice)}."


def _described(parameters: Sequence) -> dict[str, str]:
    """The arguments in words, by their names."""
    found = {}
    for parameter in parameters:
        leaves = nest.flatten(parameter.value)
        for i, leaf in enumerate(leaves):
            name = parameter.name if len(leaves) == 1 and leaf is parameter.value else f"{parameter.name}[{i}]"
            if isinstance(leaf, Tensor):
                found[name] = f"a {leaf.dtype.name} tensor of shape {leaf.shape}"
            elif isinstance(leaf, Variable):
                found[name] = f"the variable {leaf.name} of shape {leaf.shape} at {id(leaf):#x}"
            else:
                text = repr(leaf)
                found[name] = text if len(text) <= 60 else f"{text[:57]}…"
    return found
