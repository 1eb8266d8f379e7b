"""The numbers of a range whose length is known only when the program runs: each is computed when the loop comes to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.graph.native.expressions import Value, absolute, choose
from tapeflow.graph.native.lowering import is_float, whole
from tapeflow.graph.native.unrolled import Small

__all__ = ["Numbers"]


class Numbers:
    """The rows of `tf.range(start, limit, delta)`, as a `kept.Stack` is; the same as those of `stacks.Numbers`.

    Where that raises an error there is a guard.
    """

    lengths = None

    def __init__(self, writer: Any, start: Value, limit: Value, delta: Value, dtype: np.dtype) -> None:
        self.start, self.delta, self.dtype = start, delta, dtype
        program = start.program
        program.guard(delta.equals(0) | ((start > limit) & (delta > 0)) | ((start < limit) & (delta < 0)))
        self.count = writer.place("i64")
        if is_float(start):
            turns = absolute((limit - start) / delta)
            fits = turns < 2.0**31
            program.guard(fits ^ 1)
            writer.store(whole("ceil")(choose(fits, turns, 0.0)).to("i64"), self.count)
            return
        start, limit, delta = start.to("i64"), limit.to("i64"), delta.to("i64")
        far = absolute_of(start) | absolute_of(limit) | absolute_of(delta)
        program.guard((far < 0) | (far >= 1 << 61))  # else the differences are representable
        step = choose(delta.equals(0), delta.like(1), delta)
        towards = choose(step > 0, step.like(1), -1)
        writer.store(program.emit("i64", f"sdiv i64 {(limit - start) + (step - towards)}, {step}"), self.count)

    def row(self, place: Value) -> Small:
        """The number at a place."""
        return Small([self.start + place.to(self.start.type) * self.delta], (), self.dtype)


def absolute_of(x: Value) -> Value:
    """The absolute value, but for the least integer, which stays negative."""
    return choose(x < 0, 0 - x, x)
