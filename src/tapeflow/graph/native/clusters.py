"""A pass over graphs: nodes that one loop over arrays can compute become one node, whose kernel is machine code.

Which nodes belong together is told by levels.py. A cluster's operands are whatever comes from outside, broadcast as need be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core.dimension import holds_dim
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Assign, Block, Loop, Node, acts, blocks_of, closed_like, copied, tensors_of
from tapeflow.graph.native.binding import SPREADING, Binding
from tapeflow.graph.native.late_clusters import LateCluster
from tapeflow.graph.native.levels import Cluster, Levels
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.row_binding import RowBinding
from tapeflow.graph.native.row_nodes import in_rows
from tapeflow.graph.needs import tensors_in, uses_of

__all__ = ["clustered"]

FEWEST_NODES = 2

QUICK = ("ArgMax", "ArgMin")
"""Operations on rows that NumPy is as quick at, if they are alone."""


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
    found = closed_like(block)
    nodes = []
    for node in block.nodes:
        blocks = [] if type(node) is Loop and is_program(node) else blocks_of(node)
        inner = {id(each): _clustered(each, symbols, uses, is_program) for each in blocks}
        nodes.append(copied(node, lambda x: x, inner) if inner else node)
    makers = {number: node for node in nodes if type(node) is Node for number in node.outputs}
    units = Levels(nodes, symbols).units
    for node, unit in zip(nodes, units, strict=True):
        if type(unit) is Cluster and node.primitive.name in SPREADING:
            del makers[node.outputs[0]]  # what it spreads may be known in its cluster alone, so nobody else looks through it
    bindings: dict[int, Binding] = {}
    late: dict[int, Node] = {}
    for cluster in {id(unit): unit for unit in units if type(unit) is Cluster}.values():
        if len(cluster.nodes) < FEWEST_NODES and (not cluster.by_rows or cluster.nodes[0].primitive.name in QUICK):
            continue
        if holds_dim(cluster.shape):
            late[id(cluster)] = LateCluster(cluster.nodes, uses).node()
            continue
        bind = RowBinding if cluster.by_rows else Binding
        binding = bind(cluster.nodes, cluster.shape, symbols, uses, makers)
        if binding.is_possible():
            bindings[id(cluster)] = binding
    units = [
        late.get(id(unit), unit if type(unit) is not Cluster or id(unit) in bindings else node)
        for node, unit in zip(nodes, units, strict=True)
    ]
    units = [in_rows(unit) if type(unit) is Node else unit for unit in units]
    order = [bindings.get(id(unit), unit) for unit in _in_order(nodes, units)]
    places = updates_in_place(order, uses)
    fresh = {number for unit in order if isinstance(unit, Binding) for number in unit.arrays()}
    found.nodes = [unit.node(places.get(id(unit), {}), fresh) if isinstance(unit, Binding) else unit for unit in order]
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
        if isinstance(unit, Binding):
            reads = {id(maker.variable): n for n, maker in unit.reads().items() if maker.outputs[0] in valid}
            for number in unit.numbers:
                ready[number] = (unit, reads)
        elif type(unit) is Assign:
            number = unit.value._value.number if type(unit.value) is SymbolicTensor else 0
            binding, reads = ready.get(number, (None, {}))
            operand = reads.get(id(unit.variable))
            if binding is not None and operand is not None and uses[number] - binding.inside[number] == 1:
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
