"""What the nodes of a trace tell a recorder that did not listen when they were noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tapeflow.graph.ir import Choice, Loop, Node

__all__ = ["hear"]


def hear(recorder: Any, nodes: Iterable[Any], symbols: Mapping[int, Any]) -> None:
    """Tells a recorder of nodes as if they ran now; loops and choices are one operation each.

    Args:
        recorder: a tape or an accumulator.
        nodes: in program order.
        symbols: the symbolic tensors of their trace, by their numbers.
    """
    for node in list(nodes):
        if type(node) is Node and node.primitive is not None and node.primitive.differentiable and node.heard:
            made = [symbols[number] for number in node.outputs]
            recorder.record(node.primitive, node.inputs, tuple(made) if node.several else made[0], node.attributes)
        elif type(node) in (Loop, Choice) and node.note is not None:
            node.note.tell((recorder,))
