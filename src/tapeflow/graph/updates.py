"""What a variable's update computes, as an operation of its own: `v.assign_add(x)` is v + x and an assignment."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core.dimension import same_shape
from tapeflow.core.primitive import Primitive
from tapeflow.core.quiet import run_in_copy
from tapeflow.core.symbolic import SymbolicTensor, emit
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.graph.ir import Assign, Node, acts
from tapeflow.ops.arithmetic import add, subtract

__all__ = ["CHANGE", "changed", "update", "updates_in_place"]

ARITHMETIC: dict[Any, Callable] = {np.add: add, np.subtract: subtract}

CHANGE = Primitive("ResourceUpdate", lambda value: value, inputs=("value", "*delta"), shape=lambda value, *delta: value)
"""The primitive of updates that are no arithmetic: `compute` of their nodes is the change itself, of (value, delta)."""


def changed(change: Callable, *operands: Tensor) -> Tensor:
    """The tensor of change(value, delta), for operands (value, delta) or (value,); the variable keeps its value."""
    if change in ARITHMETIC and operands[0]._value.dtype.kind in "iufc":
        return ARITHMETIC[change](*operands)
    if len(operands) == 1:
        compute = partial(_alone, change)
    else:
        compute = change  # type: ignore[assignment]
    if SymbolicTensor in map(type, operands):
        return emit(CHANGE, compute, operands, None, partial(changed, change))
    return Tensor(run_in_copy(compute, *[x._value for x in operands]))


def _alone(change: Callable, value: Any) -> Any:
    return change(value, None)


# -- in a plan ---------------------------------------------------------------------------------------

WRITES: dict[Any, np.ufunc] = {operator.add: np.add, operator.sub: np.subtract, operator.mul: np.multiply}


def updates_in_place(nodes: Sequence[Any], uses: Mapping[int, int]) -> dict[int, Node]:
    """Which assignments may change their variable's array instead of replacing it.

    Such an assignment's value is an operation on the variable's value as it is then, and nothing else wants the result.

    Args:
        nodes: those of one block.
        uses: how often each value of the graph is used.

    Returns:
        For the id of the assignment, the operation; it need not be run where it stands.
    """
    found: dict[int, Node] = {}
    reads: dict[int, Any] = {}  # number -> the variable that still has the value that was read
    made: dict[int, Node] = {}
    for node in nodes:
        if type(node) is Assign:
            number = getattr(node.value._value, "number", None)
            change = made.get(number)  # type: ignore[arg-type]
            if change is not None and uses[number] == 1 and _reads(change.inputs[0], reads, node):  # type: ignore[index]
                found[id(node)] = change
            reads = {number: variable for number, variable in reads.items() if variable is not node.variable}
        elif acts(node):
            reads = {}
        elif type(node) is Node:
            if node.variable is not None:
                reads[node.outputs[0]] = node.variable
            elif node.large and (node.primitive is CHANGE or (node.compute in WRITES and not node.attributes)):
                made[node.outputs[0]] = node
    return found


def _reads(operand: Tensor, reads: Mapping[int, Any], node: Assign) -> bool:
    value = operand._value
    return (
        type(operand) is SymbolicTensor
        and reads.get(value.number) is node.variable
        and same_shape(value.shape, node.value._value.shape)
        and value.dtype == node.value._value.dtype
    )


def update(variable: Variable, compute: Callable, *deltas: Any) -> None:
    """Makes compute(value, delta) the variable's value: in place, if nobody else holds the array."""
    change = WRITES.get(compute, compute)
    if deltas:
        variable._update(change, Tensor(deltas[0]), False)
    else:
        variable._update(compute.args[0], None, False)  # type: ignore[attr-defined]
