"""Operations on rows as steps and reductions of rows: what a nest of several passes makes of a softmax's slope, and its like.

The formulas are those of the NumPy kernels, operation for operation; see ops/softmax.py and ops/reduction.py for why they are so.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.graph.ir import Node
from tapeflow.graph.native.nest_parts import Step

__all__ = ["RECIPES", "Formula", "recipe_of"]

Source = tuple[str, Any]

BOOL, INT64 = np.dtype("bool"), np.dtype("int64")
FLOATS = (np.dtype("float32"), np.dtype("float64"))
NUMBERS = (*FLOATS, np.dtype("int32"), INT64)


class Formula(ABC):
    """What steps are written down in.

    Attributes:
        dtype: of the operands of the recipe at hand.
        steps: those written down so far.
    """

    dtype: np.dtype
    steps: list[Step]

    def step(self, primitive: str, *operands: Source, dtype: Any = None) -> Source:
        """A step of the operands' dtype, or of another."""
        self.steps.append(Step(primitive, dtype or self.dtype, (), operands))
        return ("step", len(self.steps) - 1)

    def number(self, value: float) -> Source:
        """A constant."""
        return ("constant", (self.dtype.str, self.dtype.type(value).tobytes()))

    def operand(self, value: float) -> Source:
        """A constant that LLVM had better not see: it may write a branch for it, and branches are no vectors."""
        return self.number(value)

    @abstractmethod
    def over_row(self, kind: str, source: Source, dtype: Any = None) -> Source:
        """A reduction of rows, likewise."""


def _softmax(rows: Formula, x: Source) -> Source:
    powers = rows.step("Exp", rows.step("Sub", x, rows.over_row("Max", x)))
    return rows.step("RealDiv", powers, rows.over_row("Sum", powers))


def _softmax_slope(rows: Formula, x: Source, y: Source) -> Source:
    return rows.step("Mul", rows.step("Sub", x, rows.over_row("Sum", rows.step("Mul", x, y))), y)


def _log_softmax(rows: Formula, x: Source) -> Source:
    shifted = rows.step("Sub", x, rows.over_row("Max", x))
    return rows.step("Sub", shifted, rows.step("Log", rows.over_row("Sum", rows.step("Exp", shifted))))


def _log_softmax_slope(rows: Formula, dy: Source, y: Source) -> Source:
    return rows.step("Sub", dy, rows.step("Mul", rows.step("Exp", y), rows.over_row("Sum", dy)))


def _logsumexp(rows: Formula, x: Source) -> Source:
    highest = rows.over_row("Max", x)
    finite = rows.step("IsFinite", highest, dtype=BOOL)
    highest = rows.step("SelectV2", finite, highest, rows.number(0.0))  # an infinity must not meet itself in x - highest
    total = rows.over_row("Sum", rows.step("Exp", rows.step("Sub", x, highest)))
    return rows.step("AddV2", rows.step("Log", total), highest)


def _place(kind: str, beyond: float) -> Callable[..., Source]:
    """The place of the first extreme of a row. A NaN is never one, so it counts as what is beyond all numbers."""

    def recipe(rows: Formula, x: Source) -> Source:
        if rows.dtype.kind == "f":
            x = rows.step("SelectV2", rows.step("IsNan", x, dtype=BOOL), rows.operand(beyond), x)
        return rows.over_row("First", rows.step("Equal", x, rows.over_row(kind, x), dtype=BOOL), INT64)

    return recipe


RECIPES: dict[str, Callable[..., Source]] = {
    "ArgMax": _place("Max", -np.inf),
    "ArgMin": _place("Min", np.inf),
    "LogSoftmax": _log_softmax,
    "LogSoftmaxGrad": _log_softmax_slope,
    "LogSumExp": _logsumexp,
    "Softmax": _softmax,
    "SoftmaxGrad": _softmax_slope,
}
"""Primitive: the formula of its result, of the inputs."""


def recipe_of(node: Node) -> Callable[..., Source] | None:
    """The formula of a node that works along the last axis of its inputs, which have one shape and dtype; or None."""
    recipe = None if node.primitive is None else RECIPES.get(node.primitive.name)
    if recipe is None:
        return None
    axis, value = (node.attributes or {})["axis"], node.inputs[0]._value
    if axis not in (value.ndim - 1, (value.ndim - 1,)):
        return None
    if node.primitive.name in ("ArgMax", "ArgMin"):
        return recipe if value.dtype in NUMBERS and (node.attributes or {})["dtype"] == INT64 else None
    return recipe if value.dtype in FLOATS else None
