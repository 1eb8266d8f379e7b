"""Which nodes of a graph are computed row by row in machine code, and what stands in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.large_arrays import LARGE_ROWS
from tapeflow.graph.ir import Node
from tapeflow.graph.native.expressions import FLOATS
from tapeflow.graph.native.softmax_rows import cross_entropy, softmax, sparse_cross_entropy
from tapeflow.ops.cross_entropy import DENSE, SPARSE
from tapeflow.ops.softmax import SOFTMAX

__all__ = ["in_rows", "is_served"]


def is_served(node: Node) -> bool:
    """Whether there is machine code for the node."""
    if node.primitive not in MAKERS:
        return False
    value = node.inputs[0]._value
    if node.primitive is SOFTMAX and (node.attributes or {})["axis"] != value.ndim - 1:
        return False
    return value.dtype in FLOATS and value.ndim > 0 and type(value.size) is int and value.size >= LARGE_ROWS


def in_rows(node: Node) -> Node:
    """The node, or one that does the same in machine code."""
    if not is_served(node):
        return node
    compute = MAKERS[node.primitive](node)
    return Node(None, compute, node.inputs, None, node.outputs, compute, node.several, large=node.large)


def _softmax(node: Node) -> Callable:
    axis = (node.attributes or {})["axis"]

    def compute(logits: Any) -> Any:
        found = softmax(logits.reshape(-1, logits.shape[axis]))
        return node.compute(logits, axis=axis) if found is None else found.reshape(logits.shape)

    return compute


def _sparse(node: Node) -> Callable:
    def compute(logits: np.ndarray, labels: np.ndarray) -> Any:
        found = sparse_cross_entropy(logits, labels)
        if found is None or found[2]:  # a label is no class: the kernel says so
            return node.compute(logits, labels)
        return found[:2]

    return compute


def _dense(node: Node) -> Callable:
    def compute(logits: np.ndarray, labels: np.ndarray) -> Any:
        return cross_entropy(logits, labels) or node.compute(logits, labels)

    return compute


MAKERS: dict[Any, Callable[[Node], Callable]] = {SOFTMAX: _softmax, SPARSE: _sparse, DENSE: _dense}
