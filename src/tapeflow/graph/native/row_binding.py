"""A cluster that uses reductions of its rows, as a nest of several passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Node
from tapeflow.graph.native.binding import SPREADING, Binding, expanded_shape
from tapeflow.graph.native.nest_parts import Nest, Reduction, Step
from tapeflow.graph.native.row_nests import COSTLY
from tapeflow.graph.native.row_recipes import Formula, Source, recipe_of
from tapeflow.graph.native.served import LITERAL, is_elementwise, reduction_of

__all__ = ["RowBinding", "is_row_form", "reduces_rows", "spreads_rows"]

USED = ("Max", "Mean", "Min", "Prod", "Sum")
"""Reductions of rows that steps may use."""

MOST_SCRATCH = 65_536
"""Bytes that a kernel may take of a thread's stack."""


def reduces_rows(node: Node, x: Any, out: Any) -> str | None:
    """The kind of a reduction that goes over the last axis of x and no other, if it is served."""
    found = reduction_of(node, x, out)
    if found is None or found[0] not in USED or x._value.dtype.kind != "f":
        return None
    return found[0] if found[1] == (x._value.ndim - 1,) else None


def is_row_form(sizes: tuple, shape: tuple) -> bool:
    """Whether something of these sizes has one element for each row of an array of a shape."""
    return sizes in ((*shape[:-1], 1), shape[:-1])


def spreads_rows(node: Node, out: Any, shape: tuple) -> bool:
    """Whether a node repeats an array with one element for each row along the rows, or gives it another such form."""
    name, sizes = node.primitive.name, out._value.shape
    if name == "Reshape":
        return is_row_form(sizes, shape)
    if name not in SPREADING or sizes != shape:
        return False
    if name == "BroadcastTo":
        return expanded_shape(node.inputs[0], len(shape)) == (*shape[:-1], 1)
    axis = (node.attributes or {})["axis"]
    return axis == (len(shape) - 1,)


class RowBinding(Binding, Formula):
    """Such a cluster: its nest, and the node that stands for it.

    What has one element for each row is a reduction, or a step of such reductions; `rows` says where the nest has it.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        shape: tuple[int, ...],
        symbols: dict[int, Any],
        uses: Counter[int],
        makers: dict[int, Node],
    ) -> None:
        self.rows: dict[int, Source] = {}
        self.row_reductions: list[tuple[str, Source, np.dtype]] = []
        super().__init__(nodes, shape, symbols, uses, makers)
        self.row_numbers = [n for n in self.rows if uses[n] > self.inside[n]]
        self.outputs[len(self.numbers) : len(self.numbers)] = self.row_numbers

    # -- what recipes are written down in ------------------------------------------------------------

    def over_row(self, kind: str, source: Source, dtype: Any = None) -> Source:
        key = (kind, source, dtype or self.dtype)
        if key not in self.row_reductions:
            self.row_reductions.append(key)
        return ("row", self.row_reductions.index(key))

    def operand(self, value: float) -> Source:
        return self._number(self.dtype.str, self.dtype.type(value).tobytes())

    # -- nodes ---------------------------------------------------------------------------------------

    def _add(self, node: Node) -> None:
        out, x = self.symbols[node.outputs[0]], node.inputs[0]
        value, recipe = out._value, recipe_of(node)
        if recipe is not None:
            self.dtype = x._value.dtype
            found = recipe(self, *[self._source(y, y._value.shape) for y in node.inputs])
        elif is_elementwise(node, out) and value.shape != self.shape:
            found = self._step_of_rows(node, value)
        elif x._value.shape == self.shape and (kind := reduces_rows(node, x, out)):
            found = self.over_row(kind, self._source(x, self.shape), value.dtype)
        elif not is_elementwise(node, out) and self._of_rows(x) is not None:
            found = self.rows[x._value.number]
            if node.primitive.name == "SpreadMean":
                self.dtype = value.dtype
                found = self.step("RealDiv", found, self.number(self.shape[-1]))
        else:
            super()._add(node)
            return
        (self.places if value.shape == self.shape else self.rows)[node.outputs[0]] = found

    def _step_of_rows(self, node: Node, value: Any) -> Source:
        """A step with one element for each row."""
        rank, attributes = len(self.shape), tuple((node.attributes or {}).items())
        operands = []
        for x in node.inputs:
            form = expanded_shape(x, value.ndim)
            literal = node.primitive.name in LITERAL
            operands.append(self._source(x, form if value.ndim == rank else (*form, 1), literal))
        self.steps.append(Step(node.primitive.name, value.dtype, attributes, tuple(operands)))
        return ("step", len(self.steps) - 1)

    def _of_rows(self, x: Any) -> Source | None:
        return self.rows.get(x._value.number) if type(x) is SymbolicTensor else None

    def _source(self, x: Any, expanded: tuple[int, ...], literal: bool = False) -> Source:
        return self._of_rows(x) or super()._source(x, expanded, literal)

    # -- the nest ------------------------------------------------------------------------------------

    def _apart(self, axis: int) -> tuple[bool, ...]:
        return (axis != len(self.shape) - 1,)

    def _nest(self, groups: list[int], along: list[tuple[bool, ...]]) -> Nest:
        nest = super()._nest(groups, along)
        each = (*(True,) * (len(groups) - 1), False)
        costly = sum(step.primitive in COSTLY for step in self.steps)
        return nest._replace(
            results=(*nest.results, *(self.rows[number] for number in self.row_numbers)),
            row_reductions=tuple(Reduction(*reduction, each, False) for reduction in self.row_reductions),
            row_results=len(self.row_numbers),
            scratch=costly * groups[-1] * np.dtype("float64").itemsize <= MOST_SCRATCH,
        )
