"""Stacks: what a loop puts aside in every iteration. A symbolic tensor of a `depth` that is not 0 stands for one.

When a graph runs, a stack is a Python list of arrays, or of stacks; when it is replayed eagerly, a list of tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.recording import current
from tapeflow.core.symbolic import SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Node
from tapeflow.ops.arithmetic import add
from tapeflow.ops.joining import stack, unstack
from tapeflow.ops.padding import pad

__all__ = ["StackOperation", "add_stacks", "rows_like", "stacked", "zeros_like"]


class StackOperation:
    """An operation with stacks among its inputs or results.

    Args:
        name: shown in errors.
        kernel: a function of arrays and lists.
        eager: the same of tensors and lists of tensors, for a replay.
        vjps: for each input a rule: of the cotangent, the inputs and the output.
    """

    differentiable = True
    fills = True
    inputs = ()
    variadic = False

    def __init__(self, name: str, kernel: Callable, eager: Callable, vjps: tuple[Callable | None, ...]) -> None:
        self.name, self.kernel, self.eager, self.vjps = name, kernel, eager, vjps

    def __call__(self, inputs: tuple, shape: tuple, dtype: Any, depth: int) -> Any:
        """Notes the operation, whose result has this shape, dtype and depth; outside of traces, runs it."""
        tracer = tracing()
        if tracer is None:
            return self.eager(*inputs)
        inputs = tracer.reach(inputs, stacks=True)
        y = tracer.symbol(shape, dtype, depth)

        def replay(*values: Any) -> Any:
            return self(values, shape, dtype, depth)

        tracer.add(Node(self, self.kernel, inputs, None, (y._value.number,), replay, large=True))
        recording = current()
        if recording is not None:
            for recorder in recording[1]:
                recorder.record(self, inputs, y, None)
        return y

    def entries(self, inputs: tuple, output: Any, attributes: dict | None, tracked: set[int]) -> tuple:
        """What a tape keeps of it."""
        found: tuple = ()
        for x, vjp in zip(inputs, self.vjps, strict=True):
            if vjp is not None and x._key in tracked:
                found += (x._key, vjp, (inputs, output))
        return found


# -- sums ------------------------------------------------------------------------------------------------


def _sum(a: Any, b: Any) -> Any:
    return [_sum(x, y) for x, y in zip(a, b, strict=True)] if type(a) is list else a + b


def _sum_of_tensors(a: Any, b: Any) -> Any:
    return [_sum_of_tensors(x, y) for x, y in zip(a, b, strict=True)] if type(a) is list else add(a, b)


ADD = StackOperation("AddStacks", _sum, _sum_of_tensors, (lambda dy, inputs, out: dy, lambda dy, inputs, out: dy))


def add_stacks(a: SymbolicTensor, b: SymbolicTensor) -> Any:
    """The stack of the sums of the rows of two stacks."""
    return ADD((a, b), a._value.shape, a._value.dtype, a._value.depth)


def _zeros(rows: Any) -> Any:
    if type(rows) is list:
        return [_zeros(row) for row in rows]
    return rows if rows is None else np.zeros_like(rows)[()]


def _zero_tensors(rows: Any) -> Any:
    return [_zero_tensors(row) for row in rows] if type(rows) is list else Tensor(_zeros(rows._value))


ZEROS = StackOperation("ZerosLikeStack", _zeros, _zero_tensors, (None,))


def zeros_like(x: Tensor) -> Any:
    """The cotangent of a tensor or stack that has none."""
    value = x._value
    if type(x) is SymbolicTensor and value.depth:
        return ZEROS((x,), value.shape, value.dtype, value.depth)
    return Tensor(np.zeros(value.shape, value.dtype)[()])


# -- between tensors and stacks ----------------------------------------------------------------------------


def stacked(rows: SymbolicTensor, shape: tuple) -> Any:
    """The rows of a stack as a tensor of this shape; where there are fewer rows the rest is zeros."""
    count, dtype = shape[0], rows._value.dtype

    def kernel(rows: list) -> np.ndarray:
        out = np.empty(shape, dtype)
        for i, row in enumerate(rows):
            out[i] = row
        out[len(rows) :] = 0
        return out

    def eager(rows: list) -> Tensor:
        if not rows:
            return Tensor(np.zeros(shape, dtype))
        return pad(stack(rows), [[0, count - len(rows)], *[[0, 0]] * (len(shape) - 1)])

    def vjp(dy: Any, inputs: tuple, out: Any) -> Any:
        return rows_like(dy, inputs[0])

    return StackOperation("StackRows", kernel, eager, (vjp,))((rows,), shape, dtype, 0)


def rows_like(x: Tensor, like: SymbolicTensor) -> Any:
    """The stack of as many rows of a tensor as there are in the stack `like`."""
    shape, dtype = x._value.shape, x._value.dtype

    def vjp(dy: Any, inputs: tuple, out: Any) -> Any:
        return stacked(dy, shape)

    operation = StackOperation(
        "RowsLike", lambda x, like: list(x[: len(like)]), lambda x, like: unstack(x)[: len(like)], (vjp, None)
    )
    return operation((x, like), shape[1:], dtype, 1)
