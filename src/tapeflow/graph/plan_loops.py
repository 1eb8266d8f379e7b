"""How choices and loops are written in the source of a Plan: as Python's own `if`, `while` and `for`.

A stack is a list: the loop that makes it appends to it, and a loop that runs over it takes its rows. Where a part of the state,
a row or a stack is not needed by anybody it is not written.
"""

from __future__ import annotations

from typing import Any

from tapeflow.graph.ir import Choice, Loop
from tapeflow.graph.needs import rows_needed

__all__ = ["write_choice", "write_loop"]


def write_choice(plan: Any, node: Choice, depth: int) -> None:
    """Writes a choice: both blocks end with the results under the names of the outputs."""
    for side, head in enumerate((f"if {plan._value(node.condition)}:", "else:")):
        plan._line(depth, head, node)
        plan._line(depth + 1, "pass", node)
        plan._write(node.blocks[side], depth + 1)
        for number, result in zip(node.outputs, node.results[side], strict=True):
            if number in plan.needed:
                plan._line(depth + 1, f"v{number} = {plan._value(result)}", node)


def write_loop(plan: Any, node: Loop, depth: int) -> None:
    """Writes a loop."""
    carried = [i for i, number in enumerate(node.state) if number in plan.needed]
    stacked = [(x, n) for x, n in zip(node.emitted, node.stacks, strict=True) if n in plan.needed]
    state = "".join(f"v{node.state[i]}, " for i in carried)
    for _, number in stacked:
        plan._line(depth, f"v{number} = []", node)
    if state:
        plan._line(depth, f"{state}= {''.join(plan._value(node.initial[i]) + ', ' for i in carried)}", node)
    plan._line(depth, _head(plan, node), node)
    plan._line(depth + 1, "pass", node)
    if node.test is not None:
        plan._write(node.test, depth + 1)
        plan._line(depth + 1, f"if not {plan._value(node.condition)}: break", node)
    plan._write(node.body, depth + 1)
    for x, number in stacked:
        plan._line(depth + 1, f"v{number}.append({plan._value(x)})", node)
    if state:
        plan._line(depth + 1, f"{state}= {''.join(plan._value(node.following[i]) + ', ' for i in carried)}", node)
        plan._line(depth, f"{''.join(f'v{node.outputs[i]}, ' for i in carried)}= {state}", node)
    if node.reverse:
        for _, number in stacked:
            plan._line(depth, f"v{number}.reverse()", node)


def _head(plan: Any, node: Loop) -> str:
    if not node.rows:
        return "while True:"
    pairs = rows_needed(node, plan.needed)
    sources = [plan._value(source) for source, _ in pairs]
    if node.reverse:
        sources = [f"reversed({source})" for source in sources]
    items = ", ".join(f"v{item}" for _, item in pairs)
    every = sources[0] if len(pairs) == 1 else f"zip({', '.join(sources)})"
    return f"for {items} in {every}:"
