"""Which nodes of a graph are computed row by row in machine code, and what stands in their place.

A cross-entropy of class numbers looks at its labels itself on the way, so it takes them as they were before they were checked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Node
from tapeflow.graph.native.softmax_rows import TYPES, cross_entropy, softmax, sparse_cross_entropy
from tapeflow.ops.cross_entropy import DENSE, LABELS, SPARSE, check_range
from tapeflow.ops.softmax import SOFTMAX

__all__ = ["in_rows", "is_served"]

FEWEST_ELEMENTS = 256
"""Below it NumPy's calls take about as long, and LLVM some tens of milliseconds once."""


def is_served(node: Node) -> bool:
    """Whether there is machine code for the node."""
    if node.primitive not in MAKERS:
        return False
    value = node.inputs[0]._value
    if node.primitive is SOFTMAX and (node.attributes or {})["axis"] != value.ndim - 1:
        return False
    return value.dtype in TYPES and value.ndim > 0 and type(value.size) is int and value.size >= FEWEST_ELEMENTS


def in_rows(node: Node, makers: dict[int, Any]) -> Node:
    """The node, or one that does the same in machine code.

    Args:
        node: a node of a graph.
        makers: what makes each value of the graph.
    """
    return MAKERS[node.primitive](node, makers) if is_served(node) else node


def _with(node: Node, compute: Callable, inputs: tuple) -> Node:
    return Node(None, compute, inputs, None, node.outputs, compute, node.several, large=node.large)


def _softmax(node: Node, makers: dict[int, Any]) -> Node:
    axis = (node.attributes or {})["axis"]

    def compute(logits: Any) -> Any:
        found = softmax(logits.reshape(-1, logits.shape[axis]))
        return node.compute(logits, axis=axis) if found is None else found.reshape(logits.shape)

    return _with(node, compute, node.inputs)


def _sparse(node: Node, makers: dict[int, Any]) -> Node:
    logits, labels = node.inputs
    check = makers.get(labels._value.number) if type(labels) is SymbolicTensor else None
    if type(check) is Node and check.primitive is LABELS:
        (labels,) = check.inputs

    def compute(logits: np.ndarray, labels: np.ndarray) -> Any:
        found = sparse_cross_entropy(logits, labels)
        if found is None or found[2]:
            check_range(labels, logits.shape[1])
            return node.compute(logits, labels)
        return found[:2]

    return _with(node, compute, (logits, labels))


def _dense(node: Node, makers: dict[int, Any]) -> Node:
    def compute(logits: np.ndarray, labels: np.ndarray) -> Any:
        return cross_entropy(logits, labels) or node.compute(logits, labels)

    return _with(node, compute, node.inputs)


MAKERS: dict[Any, Callable[[Node, dict[int, Any]], Node]] = {SOFTMAX: _softmax, SPARSE: _sparse, DENSE: _dense}
