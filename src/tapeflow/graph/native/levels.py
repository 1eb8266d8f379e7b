"""Which nodes of a graph belong together, so that one nest of loops computes them.

A cluster is a set of elementwise nodes whose results have one shape, and of reductions of these results. Which nodes may be
together is told by *levels*: a value's level is how often the way to it leaves a cluster, and a cluster has the nodes of one shape
on one level. So no way leads out of a cluster and back into it, and all is found in one walk.

A reduction over the last axis need not leave its cluster: a nest can go over each row several times (row_nests.py). So what uses
such a reduction stays where it is, and so does what is computed from reductions alone, with one element for each row.
"""

from __future__ import annotations

import math
from typing import Any

from tapeflow.core.dimension import holds_dim, same_shape
from tapeflow.core.symbolic import Shapeless, SymbolicTensor
from tapeflow.graph.ir import Assign, Node, acts, blocks_of, tensors_of
from tapeflow.graph.native.binding import expanded_shape
from tapeflow.graph.native.row_binding import is_row_form, reduces_rows, spreads_rows
from tapeflow.graph.native.row_recipes import recipe_of
from tapeflow.graph.native.served import is_elementwise, of_unknown_sizes, reduction_of
from tapeflow.graph.needs import tensors_in

__all__ = ["Cluster", "Levels"]

MOST_NODES = 48
"""Of a cluster: a chain of a thousand nodes becomes several, which often have the same machine code."""

FEWEST_ROWS, FEWEST_COLUMNS = 8, 16
"""Of an array that is worked on row by row: threads take rows, and what is computed once for each must not be most of the work."""


class Cluster:
    """Nodes that are computed together.

    Attributes:
        by_rows: whether reductions of rows are used within it.
    """

    def __init__(self, shape: tuple[int, ...], level: int) -> None:
        self.shape, self.level = shape, level
        self.nodes: list[Node] = []
        self.read: set[int] = set()
        self.by_rows = False


class Levels:
    """For each node of a block its unit: the cluster that it belongs to, or itself.

    Args:
        nodes: those of the block, in order.
        symbols: for the number of each value, its tensor.
    """

    def __init__(self, nodes: list, symbols: dict[int, Any]) -> None:
        self.symbols = symbols
        self.home: dict[int, Cluster] = {}  # number of a value -> the cluster that computes it
        self.rows: set[int] = set()  # those of them that have one element for each row
        self.level: dict[int, int] = {}  # number of another value -> its level
        self.open: dict[tuple, Cluster] = {}
        self.top = 0
        self.floor = 0  # of what is read from now on: after an effect any variable may have another value
        self.floors: dict[int, int] = {}  # the same for single variables
        self.units = [self._place(node) for node in nodes]

    # -- values ------------------------------------------------------------------------------------

    def _home(self, x: Any) -> Cluster | None:
        return self.home.get(x._value.number) if type(x) is SymbolicTensor else None

    def _after(self, x: Any) -> int:
        """The level on which x is there."""
        home = self._home(x)
        if home is not None:
            return home.level + 1
        return self.level.get(x._value.number, 0) if type(x) is SymbolicTensor else 0

    def _beside(self, x: Any, shape: tuple, form: tuple) -> int:
        """The level on which a cluster of a shape may use x, which it sees in this form: that of x's own, if it has the shape."""
        home = self._home(x)
        if home is None or not same_shape(home.shape, shape):
            return self._after(x)
        if x._value.number in self.rows and form != (*shape[:-1], 1):
            return home.level + 1  # it is broadcast along other axes
        return home.level

    # -- nodes -------------------------------------------------------------------------------------

    def _place(self, node: Any) -> Any:
        if type(node) is Node and node.primitive is not None and not node.effect and not node.several:
            unit = self._by_rows(node) or self._with_its_shape(node) or self._with_its_source(node)
            if unit is not None:
                unit.nodes.append(node)
                unit.read.update(x._value.number for x in node.inputs if type(x) is SymbolicTensor)
                self.top = max(self.top, unit.level)
                return unit
        named = [*tensors_of(node), *(x for each in blocks_of(node) for x in tensors_in(each))]
        level = max(map(self._after, named), default=0)
        if acts(node):
            level = max(level, self.top + 1)
            if type(node) is Assign:
                self.floors[id(node.variable)] = level
            else:
                self.floor = level
        elif type(node) is Node and node.variable is not None:
            level = max(self.floor, self.floors.get(id(node.variable), 0))
        self.top = max(self.top, level)
        for number in node.outputs:
            self.level[number] = level
        return node

    def _opened(self, shape: tuple, level: int) -> Cluster:
        """The cluster of a shape on this level, or on the next one where there is room."""
        while True:
            key = tuple([getattr(size, "polynomial", size) for size in shape]), level
            cluster = self.open.setdefault(key, Cluster(shape, level))
            if len(cluster.nodes) < MOST_NODES:
                return cluster
            level += 1

    def _with_its_shape(self, node: Node) -> Cluster | None:
        """The cluster of an elementwise node."""
        out = self.symbols.get(node.outputs[0])
        if out is None or not is_elementwise(node, out, late=True):
            return None
        if not holds_dim(out._value.shape) and of_unknown_sizes(node.inputs):
            return None
        shape = out._value.shape
        if all(size == 1 for size in shape):
            return None  # nothing is won, and what uses it would be on another level than what else that needs
        level = max([0, *(self._beside(x, shape, form_of(x, node, shape)) for x in node.inputs)])
        cluster = self._opened(shape, level)
        cluster.by_rows |= any(self._home(x) is cluster and x._value.number in self.rows for x in node.inputs)
        self.home[node.outputs[0]] = cluster
        return cluster

    def _with_its_source(self, node: Node) -> Cluster | None:
        """The cluster of a reduction: that of what is reduced, if it is made or read in one."""
        x, out = node.inputs[0] if len(node.inputs) == 1 else None, self.symbols.get(node.outputs[0])
        if x is None or out is None or type(x) is not SymbolicTensor or type(x._value) is Shapeless:
            return None
        cluster = self._home(x) or self._reader(x)
        if cluster is None or not same_shape(x._value.shape, cluster.shape) or reduction_of(node, x, out) is None:
            return None
        self.level[node.outputs[0]] = cluster.level + 1
        return cluster

    def _reader(self, x: Any) -> Cluster | None:
        """A cluster of the shape of x that reads it."""
        shape = x._value.shape
        cluster = None if holds_dim(shape) else self.open.get((shape, self._after(x)))
        return cluster if cluster is not None and x._value.number in cluster.read else None

    # -- rows ----------------------------------------------------------------------------------------

    def _by_rows(self, node: Node) -> Cluster | None:
        """The cluster of a node that reduces rows, or whose result has one element for each."""
        out = self.symbols.get(node.outputs[0])
        if out is None or not node.inputs or of_unknown_sizes((out, *node.inputs)):
            return None
        number, x, shape = node.outputs[0], node.inputs[0], out._value.shape
        recipe = recipe_of(node)
        if recipe is not None or (len(node.inputs) == 1 and reduces_rows(node, x, out)):
            sizes = x._value.shape
            if not has_rows(sizes) or (recipe is None and x._value.ndim < 2):
                return None
            cluster = self._opened(sizes, max(self._beside(y, sizes, sizes) for y in node.inputs))
            cluster.by_rows |= recipe is not None
            if shape != sizes:
                self.rows.add(number)
        else:
            homes = [
                self.home[y._value.number] for y in node.inputs if type(y) is SymbolicTensor and y._value.number in self.rows
            ]
            if not homes:
                return None
            cluster = max(homes, key=lambda home: home.level)
            if len(cluster.nodes) >= MOST_NODES:
                return None
            if self._home(x) is cluster and spreads_rows(node, out, cluster.shape):
                if shape != cluster.shape:
                    self.rows.add(number)
            elif is_elementwise(node, out) and is_row_form(shape, cluster.shape):
                if any(self._home(y) is not cluster and self._after(y) > cluster.level for y in node.inputs):
                    return None
                if any(self._home(y) is cluster and y._value.shape != shape for y in node.inputs):
                    return None
                self.rows.add(number)
            else:
                return None
            cluster.by_rows = True
        self.home[number] = cluster
        return cluster


def has_rows(shape: tuple[int, ...]) -> bool:
    """Whether an array is worked on row by row."""
    return len(shape) > 1 and math.prod(shape[:-1]) >= FEWEST_ROWS and shape[-1] >= FEWEST_COLUMNS


def form_of(x: Any, node: Node, shape: tuple) -> tuple:
    """The shape of an operand as an elementwise node sees it: with 1 for each axis along which it is broadcast."""
    if type(x._value) is Shapeless:
        return ()
    if node.primitive.name == "ScaleRows" and x is node.inputs[0]:
        return (*x._value.shape, 1)
    return expanded_shape(x, len(shape))
