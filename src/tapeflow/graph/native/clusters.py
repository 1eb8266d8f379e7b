"""A pass over graphs: nodes that one loop over arrays can compute become one node, whose kernel is machine code.

A cluster is a set of elementwise nodes whose results have one shape, and of reductions of these results. Its operands are whatever
comes from outside, broadcast as need be. Which nodes may be together is told by *levels*: a value's level is how often the way to
it leaves a cluster, and a cluster has the nodes of one shape on one level. So no way leads out of a cluster and back into it, and
all is found in one walk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core.dimension import holds_dim, same_shape
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Assign, Block, Loop, Node, acts, blocks_of, copied, tensors_of
from tapeflow.graph.native.binding import Binding
from tapeflow.graph.native.late_clusters import LateCluster
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.row_nodes import in_rows
from tapeflow.graph.native.served import is_elementwise, of_unknown_sizes, reduction_of
from tapeflow.graph.needs import tensors_in, uses_of

__all__ = ["clustered"]

MOST_NODES = 48
"""Of a cluster: a chain of a thousand nodes becomes several, which often have the same machine code."""

FEWEST_NODES = 2


class Cluster:
    """Nodes that are computed together."""

    def __init__(self, shape: tuple[int, ...], level: int) -> None:
        self.shape, self.level = shape, level
        self.nodes: list[Node] = []


def clustered(block: Block, outputs: Sequence, is_program: Callable[[Loop], bool]) -> Block:
    """The graph with its clusters as single nodes; those that are not worth it, or that LLVM refuses, stay as they are.

    Args:
        block: the graph.
        outputs: the tensors that it gives.
        is_program: whether a loop is machine code as a whole: it is left alone.
    """
    if machine() is None:
        return block
    symbols = {x._value.number: x for x in (*tensors_in(block), *outputs) if type(x) is SymbolicTensor}
    return _clustered(block, symbols, uses_of(block, outputs), is_program)


def _clustered(block: Block, symbols: dict[int, Any], uses: Counter[int], is_program: Callable[[Loop], bool]) -> Block:
    found = Block(block.tracer, block.outer)
    found.open = False
    nodes = []
    for node in block.nodes:
        blocks = [] if type(node) is Loop and is_program(node) else blocks_of(node)
        inner = {id(each): _clustered(each, symbols, uses, is_program) for each in blocks}
        nodes.append(copied(node, lambda x: x, inner) if inner else node)
    makers = {number: node for node in nodes if type(node) is Node for number in node.outputs}
    nodes = [in_rows(node) if type(node) is Node else node for node in nodes]
    units = _Levels(nodes, symbols).units
    bindings: dict[int, Binding] = {}
    late: dict[int, Node] = {}
    for cluster in {id(unit): unit for unit in units if type(unit) is Cluster}.values():
        if len(cluster.nodes) >= FEWEST_NODES and holds_dim(cluster.shape):
            late[id(cluster)] = LateCluster(cluster.nodes, uses).node()
        elif len(cluster.nodes) >= FEWEST_NODES:
            binding = Binding(cluster.nodes, cluster.shape, symbols, uses, makers)
            if binding.is_possible():
                bindings[id(cluster)] = binding
    units = [
        late.get(id(unit), unit if type(unit) is not Cluster or id(unit) in bindings else node)
        for node, unit in zip(nodes, units, strict=True)
    ]
    order = [bindings.get(id(unit), unit) for unit in _in_order(nodes, units)]
    places = updates_in_place(order, uses)
    fresh = {number for unit in order if type(unit) is Binding for number in unit.arrays()}
    found.nodes = [unit.node(places.get(id(unit), {}), fresh) if type(unit) is Binding else unit for unit in order]
    return found


def updates_in_place(order: Sequence, uses: Counter[int]) -> dict[int, dict[int, tuple[int, Any]]]:
    """Which results of clusters may be written over the value of the variable that they are assigned to.

    That is where nothing that could fail, or see the variable, comes between the cluster and the assignment.

    Args:
        order: bindings and nodes.
        uses: how often each value is named.

    Returns:
        For the id of a binding, for the number of a result: the operand that it replaces, and the variable.
    """
    found: dict[int, dict[int, tuple[int, Any]]] = {}
    ready: dict[int, tuple[Binding, dict]] = {}  # number of a result -> the binding, and its reads that still hold
    valid: dict[int, Any] = {}  # number of a read -> the variable, while that has this value
    for unit in order:
        if type(unit) is Binding:
            reads = {id(maker.variable): n for n, maker in unit.reads().items() if maker.outputs[0] in valid}
            for number in unit.numbers:
                ready[number] = (unit, reads)
        elif type(unit) is Assign:
            number = unit.value._value.number if type(unit.value) is SymbolicTensor else 0
            binding, reads = ready.get(number, (None, {}))
            operand = reads.get(id(unit.variable))
            if binding is not None and operand is not None and uses[number] == 1:
                own = found.setdefault(id(binding), {})
                if all(operand != n for n, _ in own.values()):
                    own[number] = (operand, unit.variable)
            valid = {n: variable for n, variable in valid.items() if variable is not unit.variable}
        elif type(unit) is Node and unit.variable is not None:
            valid[unit.outputs[0]] = unit.variable
            for _, reads in ready.values():
                reads.pop(id(unit.variable), None)  # what is read here would have changed already
        else:
            ready.clear()
            if acts(unit):
                valid.clear()
    return found


# -- which nodes belong together ---------------------------------------------------------------------------


class _Levels:
    """For each node of a block its unit: the cluster that it belongs to, or itself."""

    def __init__(self, nodes: list, symbols: dict[int, Any]) -> None:
        self.symbols = symbols
        self.home: dict[int, Cluster] = {}  # number of a value -> the cluster that computes it
        self.level: dict[int, int] = {}  # number of another value -> its level
        self.open: dict[tuple, Cluster] = {}
        self.top = 0
        self.floor = 0  # of what is read from now on: after an effect any variable may have another value
        self.floors: dict[int, int] = {}  # the same for single variables
        self.units = [self._place(node) for node in nodes]

    def _after(self, x: Any) -> int:
        """The level on which x is there."""
        if type(x) is not SymbolicTensor:
            return 0
        number = x._value.number
        home = self.home.get(number)
        return self.level.get(number, 0) if home is None else home.level + 1

    def _place(self, node: Any) -> Any:
        if type(node) is Node and node.primitive is not None and not node.effect:
            unit = self._with_its_shape(node) or self._with_its_source(node)
            if unit is not None:
                unit.nodes.append(node)
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

    def _with_its_shape(self, node: Node) -> Cluster | None:
        """The cluster of an elementwise node."""
        out = None if node.several else self.symbols.get(node.outputs[0])
        if out is None or not is_elementwise(node, out, late=True):
            return None
        if not holds_dim(out._value.shape) and of_unknown_sizes(node.inputs):
            return None
        shape, level = out._value.shape, 0
        for x in node.inputs:
            home = self.home.get(x._value.number) if type(x) is SymbolicTensor else None
            level = max(level, home.level if home is not None and same_shape(home.shape, shape) else self._after(x))
        while True:
            key = tuple([getattr(size, "polynomial", size) for size in shape]), level
            cluster = self.open.setdefault(key, Cluster(shape, level))
            if len(cluster.nodes) < MOST_NODES:
                break
            level += 1
        self.home[node.outputs[0]] = cluster
        return cluster

    def _with_its_source(self, node: Node) -> Cluster | None:
        """The cluster of a reduction: that of what is reduced, if it is made in one."""
        x = node.inputs[0] if len(node.inputs) == 1 else None
        cluster = self.home.get(x._value.number) if type(x) is SymbolicTensor else None
        out = None if node.several else self.symbols.get(node.outputs[0])
        if cluster is None or out is None or x is None or not same_shape(x._value.shape, cluster.shape):
            return None
        if reduction_of(node, x, out) is None:
            return None
        self.level[node.outputs[0]] = cluster.level + 1
        return cluster


def _in_order(nodes: list, units: list) -> list:
    """The units in the order of the nodes, a cluster when it is needed: so it is next to the assignments of its results."""
    makers: dict[int, Any] = {}
    members: dict[int, list] = {}
    for node, unit in zip(nodes, units, strict=True):
        members.setdefault(id(unit), []).append(node)
        for number in node.outputs:
            makers[number] = unit

    def needed(unit: Any) -> list:
        named = [
            x
            for node in members[id(unit)]
            for x in (*tensors_of(node), *(y for b in blocks_of(node) for y in tensors_in(b)))
        ]
        numbers = {x._value.number: None for x in named if type(x) is SymbolicTensor}
        found = [makers[number] for number in numbers if number in makers]
        return [each for each in found if each is not unit]

    order: list = []
    done: set[int] = set()
    for unit in [*(each for each in units if type(each) is not Cluster), *units]:
        waiting: list[tuple[Any, Any]] = [(unit, None)]
        while waiting:
            each, inputs = waiting.pop()
            if id(each) in done:
                continue
            if inputs is None:
                missing = [x for x in needed(each) if id(x) not in done]
                if missing:
                    waiting += [(each, ()), *((x, None) for x in reversed(missing))]
                    continue
            done.add(id(each))
            order.append(each)
    return order
