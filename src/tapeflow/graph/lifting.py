"""Initial values of variables, out of the function that makes them.

A variable that a function makes at its first call is made while the function is traced, and then there is no value yet of
what the function computes. So the operations that its initial value comes from are run at once, ahead of the function. They
can be where they depend on no argument: random numbers, numbers made of constants and of other variables.
"""

from __future__ import annotations

from typing import Any

from tapeflow.core.recording import heard_by
from tapeflow.core.symbolic import SymbolicTensor, fail, tracing_with
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Node

__all__ = ["lifted"]


def lifted(block: Any, wanted: Tensor) -> Tensor:
    """The value of a symbolic tensor, computed now.

    Args:
        block: where it is; what it depends on is there too, or in the blocks around.
        wanted: the tensor.

    Raises:
        TraceUnsupported: it depends on an argument, or on a loop or a choice.
    """
    nodes: list[Any] = []
    while block is not None:
        nodes = block.nodes + nodes
        block = block.outer
    needed, chosen = {wanted._value.number}, []
    for node in reversed(nodes):
        if type(node) is Node and not needed.isdisjoint(node.outputs):
            needed.difference_update(node.outputs)
            needed.update(x._value.number for x in node.inputs if type(x) is SymbolicTensor)
            chosen.append(node)
    if needed:
        fail("a variable is made with an initial value that depends on an argument, or on a loop or a choice")
    values: dict[int, Tensor] = {}
    with heard_by(()), tracing_with(None):
        for node in reversed(chosen):
            inputs = [values[x._value.number] if type(x) is SymbolicTensor else x for x in node.inputs]
            result = node.replay(*inputs)
            values.update(zip(node.outputs, result if node.several else (result,), strict=True))
    return values[wanted._value.number]
