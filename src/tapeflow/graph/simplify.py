"""Algebra on the nodes of a graph, as far as it keeps every bit of the results.

x + 0 is not x (it makes 0 of -0), x·0 is not 0 (of ∞ it makes NaN), and sums are not reordered. What is left are the neutral
elements, operations that undo one another, and operations that move values and compute nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core.dimension import broadcast_sizes, same_shape
from tapeflow.core.dispatch import apply
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.graph.ir import Node

__all__ = ["BROADCASTING", "simplified"]

BROADCASTING = {
    *("AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference", "SelectV2", "Pow", "DivNoNan"),
    *("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd", "LogicalOr", "LogicalXor"),
    *("TanhGrad", "SigmoidGrad", "ReluGrad", "SquareGrad", "SqrtGrad", "RsqrtGrad", "ReciprocalGrad", "Atan2"),
}
"""Elementwise operations of several operands whose kernels broadcast them."""


def simplified(node: Node, values: Any) -> Any:
    """What stands for the outputs of a node that need not be computed, or a simpler node, or None (see `passes`)."""
    if node.primitive is None or node.several:
        return None
    simpler = _without_spreading(node, values) if node.primitive.name in BROADCASTING else None
    rule = RULES.get(node.primitive.name)
    found = rule and rule(simpler or node, values)
    if found is None or isinstance(found, Node):
        return found or simpler
    return [found]


# -- what is known of a tensor -----------------------------------------------------------------------------


def _is_filled_with(x: Any, number: float) -> bool:
    """Whether x is a constant and all its elements are this number, of this sign."""
    value = x._value
    if type(x) is SymbolicTensor or value.dtype.kind not in "iuf" or not value.size:
        return False
    first = value.flat[0] if value.ndim else value
    if not (first == number and np.signbit(first) == np.signbit(number)):
        return False
    return (
        value.size == 1
        or not any(value.strides)
        or bool((value == number).all() and (np.signbit(value) == np.signbit(number)).all())
    )


def _stays(x: Any, node: Node, values: Any) -> Any:
    """x, if it has the shape and dtype of the node's result, so that it can stand for it; else None."""
    out = values.symbols.get(node.outputs[0])
    if out is None or not same_shape(x._value.shape, out._value.shape) or x._value.dtype != out._value.dtype:
        return None
    return x


def _replaced(node: Node, inputs: tuple, **attributes: Any) -> Node:
    """The same operation with other inputs and attributes."""
    other = node.with_inputs(inputs)
    other.attributes = attributes
    other.replay = partial(apply, node.primitive, **attributes)
    return other


# -- neutral elements ----------------------------------------------------------------------------------


def _multiply(node: Node, values: Any) -> Any:
    x, y = node.inputs
    if _is_filled_with(y, 1):
        return _stays(x, node, values)
    return _stays(y, node, values) if _is_filled_with(x, 1) else None


def _divide(node: Node, values: Any) -> Any:
    x, y = node.inputs
    return _stays(x, node, values) if _is_filled_with(y, 1) else None


def _subtract(node: Node, values: Any) -> Any:
    x, y = node.inputs
    return _stays(x, node, values) if _is_filled_with(y, 0.0) else None


def _add(node: Node, values: Any) -> Any:
    x, y = node.inputs
    neutral = -0.0 if x._value.dtype.kind == "f" else 0
    if _is_filled_with(y, neutral):
        return _stays(x, node, values)
    return _stays(y, node, values) if _is_filled_with(x, neutral) else None


def _select(node: Node, values: Any) -> Any:
    condition, x, y = node.inputs
    if type(condition) is SymbolicTensor or not condition._value.size:
        return None
    chosen = np.asarray(condition._value)
    return _stays(x, node, values) if chosen.all() else None if chosen.any() else _stays(y, node, values)


# -- what undoes itself, and what does nothing -----------------------------------------------------------


def _negative(node: Node, values: Any) -> Any:
    inner = values.maker(node.inputs[0])
    return inner.inputs[0] if _is(inner, "Neg") else None


def _same(node: Node, values: Any) -> Any:
    """The input itself, where the operation leaves the shape and dtype as they are."""
    return _stays(node.inputs[0], node, values)


def _reshape(node: Node, values: Any) -> Any:
    inner = values.maker(node.inputs[0])
    x = inner.inputs[0] if _is(inner, "Reshape") else node.inputs[0]
    if (same := _stays(x, node, values)) is not None:
        return same
    return None if x is node.inputs[0] else _replaced(node, (x,), **_attributes(node))


def _broadcast(node: Node, values: Any) -> Any:
    inner = values.maker(node.inputs[0])
    x = inner.inputs[0] if _is(inner, "BroadcastTo") else node.inputs[0]
    if (same := _stays(x, node, values)) is not None:
        return same
    return None if x is node.inputs[0] else _replaced(node, (x,), **_attributes(node))


def _transpose(node: Node, values: Any) -> Any:
    perm = _attributes(node)["perm"]
    x = node.inputs[0]
    inner = values.maker(x)
    if _is(inner, "Transpose"):
        first = _attributes(inner)["perm"]
        x, perm = inner.inputs[0], tuple([first[i] for i in perm])
    if list(perm) == sorted(perm):
        return _stays(x, node, values)
    return None if x is node.inputs[0] else _replaced(node, (x,), perm=perm)


def _attributes(node: Any) -> dict:
    return node.attributes or {}


def _is(node: Any, name: str) -> bool:
    return node is not None and node.primitive is not None and node.primitive.name == name


def _without_spreading(node: Node, values: Any) -> Node | None:
    """The node with the operands that were broadcast before, where it broadcasts them itself to the same shape."""
    out = values.symbols.get(node.outputs[0])
    if out is None:
        return None
    inputs = list(node.inputs)
    changed = False
    for i, x in enumerate(inputs):
        source = _before_spreading(x, values)
        if source is not None:
            shapes = [y._value.shape for y in (*inputs[:i], source, *inputs[i + 1 :])]
            if same_shape(_broadcast_shape(shapes), out._value.shape):
                inputs[i], changed = source, True
    return node.with_inputs(tuple(inputs)) if changed else None


def _before_spreading(x: Any, values: Any) -> Any:
    """What x was broadcast from, by NumPy's rule; None if it was not."""
    maker = values.maker(x)
    if _is(maker, "BroadcastTo") or (_is(maker, "SpreadSum") and _spreads_plainly(maker, x)):
        return maker.inputs[0]
    return None


def _spreads_plainly(maker: Node, x: Any) -> bool:
    """Whether the transpose of a sum repeats its operand as broadcasting would: along axes that are there, or in front."""
    axis, shape = (_attributes(maker)[name] for name in ("axis", "shape"))
    source = maker.inputs[0]._value
    if not source.ndim or source.ndim == len(shape):
        return True
    return axis is not None and sorted(axis) == list(range(len(shape) - source.ndim))


def _broadcast_shape(shapes: list[tuple]) -> tuple:
    try:
        return broadcast_sizes(*shapes)
    except ValueError:
        return (None,)  # no shape


RULES: dict[str, Callable[[Node, Any], Any]] = {
    "AddV2": _add,
    "BroadcastTo": _broadcast,
    "Cast": _same,
    "Identity": _same,
    "Mul": _multiply,
    "Neg": _negative,
    "RealDiv": _divide,
    "Reshape": _reshape,
    "SelectV2": _select,
    "SpreadSum": _same,
    "StopGradient": _same,
    "Sub": _subtract,
    "SumToShape": _same,
    "Transpose": _transpose,
}
