"""What of a function runs as machine code, and why the rest does not."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Assign, Block, Choice, Loop, Node, blocks_of
from tapeflow.graph.native.machine import machine
from tapeflow.graph.native.served import is_elementwise
from tapeflow.graph.needs import tensors_in

__all__ = ["announce", "report_of", "titled"]


def titled(concrete: Any) -> str:
    """The report of a concrete function under its name."""
    return f"{concrete.function_name}\n{report_of(concrete._plan)}"


def announce(plan: Any) -> None:
    """Writes the report of a new plan to stderr, if the environment asks for it."""
    if os.environ.get("TAPEFLOW_LOG_NATIVE", "") not in ("", "0"):
        print(f"tapeflow: a graph was compiled\n{report_of(plan)}", file=sys.stderr)


def report_of(plan: Any) -> str:
    """The report of a plan."""
    return "\n".join(f"  {line}" for line in _lines(plan))


def _lines(plan: Any) -> Iterator[str]:
    nodes = list(_nodes(plan.graph))
    if plan.is_program:
        yield f"one program of machine code: {_counted(nodes)}"
        return
    left = {number for node in _nodes(plan.written) if _is_operation(node) for number in node.outputs}
    within = {id(inner) for node in nodes if id(node) in plan.parts for block in blocks_of(node) for inner in _nodes(block)}
    loops = [node for node in nodes if type(node) is Loop and id(node) in plan.parts and id(node) not in within]
    for node in loops:
        yield f"a loop as a program of machine code: {_counted(list(_inside(node)))}"
    others = [node for node in nodes if _is_operation(node) and id(node) not in within]
    fused = [node for node in others if left.isdisjoint(node.outputs)]
    alone = [node for node in others if not left.isdisjoint(node.outputs)]
    if fused:
        yield f"loops over arrays in machine code: {_counted(fused)}"
    if alone:
        yield f"NumPy: {_counted(alone)}"
    yield f"no program: {plan.why_no_program}"
    symbols = {x._value.number: x for x in (*tensors_in(plan.graph), *plan.outputs) if type(x) is SymbolicTensor}
    yield from dict.fromkeys(f"{node.primitive.name}: {_reason(node, symbols)}" for node in alone)
    yield from dict.fromkeys(f"a loop: {why}" for node, why in plan.refused_loops if id(node) not in within)


def _nodes(block: Block) -> Iterator[Any]:
    """The nodes of a block and those inside them."""
    for node in block.nodes:
        yield node
        for inner in blocks_of(node):
            yield from _nodes(inner)


def _inside(node: Any) -> Iterator[Any]:
    for block in blocks_of(node):
        yield from _nodes(block)


def _is_operation(node: Any) -> bool:
    return type(node) is Node and node.primitive is not None


def _counted(nodes: list) -> str:
    """What there is among the nodes, the most frequent first."""
    names = Counter(node.primitive.name for node in nodes if _is_operation(node))
    names.update(
        {Assign: "assignment", Choice: "choice", Loop: "loop"}[type(node)] for node in nodes if type(node) is not Node
    )
    return ", ".join(f"{name} x{count}" if count > 1 else name for name, count in names.most_common()) or "nothing"


def _reason(node: Node, symbols: dict[int, Any]) -> str:
    out = symbols.get(node.outputs[0])
    if machine() is None:
        return "there is no LLVM, or TAPEFLOW_NATIVE=off"
    if out is None or not is_elementwise(node, out):
        dtypes = ", ".join(dict.fromkeys(str(x._value.dtype) for x in node.inputs))
        return f"there is no machine code for it ({dtypes})"
    return "alone, or too small to gain anything"
