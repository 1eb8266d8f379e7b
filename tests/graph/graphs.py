"""Graphs for tests: a function of tensors, traced as `tf.function` does it."""

from __future__ import annotations

from tapeflow.core import nest
from tapeflow.core.recording import heard_by
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Node, blocks_of
from tapeflow.graph.trace import Tracer


def traced(function, *arrays):
    """The block of a function for arguments like these, the numbers of its inputs, and its outputs."""
    tracer = Tracer()
    inputs = [tracer.symbol(x.shape, x.dtype) for x in arrays]
    with heard_by((tracer.outside,)), tracer.tracing():
        outputs = [y for y in nest.flatten(function(*inputs)) if isinstance(y, Tensor)]
    return tracer.root, [x._value.number for x in inputs], outputs


def names(block):
    """The operations of a block in order, those inside its nodes included; reads and effects by these words."""
    found = []
    for node in block.nodes:
        if type(node) is not Node:
            found += [type(node).__name__, *(name for each in blocks_of(node) for name in names(each))]
        else:
            found.append(node.primitive.name if node.primitive else "read" if node.variable is not None else "effect")
    return found
