"""Clusters whose sizes only the running function knows.

Machine code serves any sizes; what is made for certain ones is the Python function around it, which allocates the results. That
costs as much as some hundred kernels on small arrays, so it is made for sizes that come again, or that are large; else the
kernels of the nodes run one after the other.
"""

from __future__ import annotations

import math
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core.symbolic import Abstract, SymbolicTensor
from tapeflow.graph.ir import Node
from tapeflow.graph.native.binding import Binding, run_kernels
from tapeflow.graph.native.served import is_elementwise, reduction_of

__all__ = ["LateCluster"]

OFTEN = 3
"""So often sizes must have come for a function to be made for them."""

LARGE = 1_000_000
"""Elements, of all nodes together, from which on a function is made at once: it takes 0.3 ms, and saves as much there."""

MOST_KEPT = 64


class LateCluster:
    """Elementwise nodes whose results have one shape, and reductions of these, as a function of arrays of any sizes.

    Args:
        nodes: those of the cluster, in order.
        uses: how often each value is named in the whole graph.
    """

    def __init__(self, nodes: Sequence[Node], uses: Counter[int]) -> None:
        self.nodes, self.uses = nodes, uses
        made = {node.outputs[0] for node in nodes}
        named = {x._value.number: x for node in nodes for x in node.inputs if type(x) is SymbolicTensor}
        inside = Counter(x._value.number for node in nodes for x in node.inputs if type(x) is SymbolicTensor)
        self.operands = [x for number, x in named.items() if number not in made]
        self.outputs = [node.outputs[0] for node in nodes if uses[node.outputs[0]] > inside[node.outputs[0]]]
        self.functions: OrderedDict[tuple, Any] = OrderedDict()  # shapes -> how often they came, or the function

    def node(self) -> Node:
        """The node that computes the whole cluster."""
        several = len(self.outputs) > 1
        return Node(None, self, tuple(self.operands), None, tuple(self.outputs), self, several, large=True)

    def __call__(self, *arrays: Any) -> Any:
        shapes = tuple([x.shape for x in arrays])
        found = self.functions.get(shapes, 0)
        if type(found) is int:
            found = self._next(shapes, found, arrays)
            if type(found) is not Bound:
                return found
        return found(*arrays)

    def _next(self, shapes: tuple, count: int, arrays: tuple) -> Any:
        """The results for sizes that have come so often before, or the function for them."""
        values = self._run(arrays)
        if len(self.functions) >= MOST_KEPT:
            self.functions.popitem(last=False)
        size = sum([x.size for x in values.values()])
        bound = self._bound(values) if count >= 0 and (count + 1 >= OFTEN or size >= LARGE) else None
        self.functions[shapes] = bound or (count + 1 if 0 <= count < OFTEN - 1 else -1)
        results = tuple([values[number] for number in self.outputs])
        return results if len(results) > 1 else results[0]

    def _run(self, arrays: tuple) -> dict[int, Any]:
        """The values that the kernels of the nodes give, one after the other, and the operands."""
        values = {x._value.number: array for x, array in zip(self.operands, arrays, strict=True)}
        run_kernels(self.nodes, values)
        return values

    def _bound(self, values: dict[int, Any]) -> Bound | None:
        """The function for values of these shapes; None if there is no machine code for them, or it is not worth it."""
        symbols = {n: SymbolicTensor(Abstract(x.shape, x.dtype, n, None)) for n, x in values.items()}
        nodes = [
            node.with_inputs(tuple([symbols[x._value.number] if type(x) is SymbolicTensor else x for x in node.inputs]))
            for node in self.nodes
        ]
        shape: tuple | None = None
        for node in nodes:
            out = symbols[node.outputs[0]]
            if is_elementwise(node, out):
                shape = shape or out._value.shape
                if out._value.shape != shape:
                    return None  # a size was 1, and broadcast
            elif reduction_of(node, node.inputs[0], out) is None:
                return None
        if shape is None or not math.prod(shape):
            return None
        binding = Binding(nodes, shape, symbols, self.uses, {})
        if not binding.is_possible():
            return None
        node = binding.node({}, set())
        places = {x._value.number: i for i, x in enumerate(self.operands)}
        given = [places[x._value.number] if type(x) is SymbolicTensor else x._value for x in node.inputs]
        return Bound(node.compute, given, [node.outputs.index(number) for number in self.outputs])


class Bound:
    """The function of a cluster for arrays of certain shapes."""

    __slots__ = ("compute", "given", "order")

    def __init__(self, compute: Callable, given: list, order: list[int]) -> None:
        self.compute, self.given, self.order = compute, given, order

    def __call__(self, *arrays: Any) -> Any:
        results = self.compute(*[arrays[x] if type(x) is int else x for x in self.given])
        return results if len(self.order) == 1 else tuple([results[i] for i in self.order])
