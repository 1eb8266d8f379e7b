"""Stacks: what a loop puts aside in every iteration. A symbolic tensor of a `depth` that is not 0 stands for one.

When a graph runs, a stack is a Python list of arrays, or of stacks; when it is replayed eagerly, a list of tensors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tapeflow.core.dimension import holds_late
from tapeflow.core.recording import current
from tapeflow.core.symbolic import SymbolicTensor, fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.gradient.backprop import zero_cotangent
from tapeflow.graph.ir import Node
from tapeflow.ops.arguments import invalid
from tapeflow.ops.arithmetic import add
from tapeflow.ops.joining import stack, unstack
from tapeflow.ops.padding import pad

__all__ = ["KeptRows", "StackOperation", "add_stacks", "range_rows", "rows_like", "stacked", "zeros_like", "zeros_of"]


class StackOperation:
    """An operation with stacks among its inputs or results.

    Args:
        name: shown in errors.
        kernel: a function of arrays and lists; or, if it has `bound`, a function of the inputs' abstract values that gives it.
        eager: the same of tensors and lists of tensors, for a replay.
        like: gives the shape, dtype and depth of the result, of the inputs' abstract values.
        vjps: for each input a rule: of the cotangent and the inputs.
    """

    differentiable = True
    fills = True
    inputs = ()
    variadic = False

    def __init__(
        self, name: str, kernel: Callable, eager: Callable, like: Callable, vjps: tuple, bound: bool = False
    ) -> None:
        self.name, self.kernel, self.eager, self.like, self.vjps = name, kernel, eager, like, vjps
        self.bound = bound

    def __call__(self, *inputs: Any) -> Any:
        """Notes the operation; outside of traces, runs it."""
        tracer = tracing()
        if tracer is None:
            return self.eager(*inputs)
        inputs = tuple(tracer.reach(inputs, stacks=True))
        values = [x._value for x in inputs]
        y = tracer.symbol(*self.like(*values))
        kernel = self.kernel(*values) if self.bound else self.kernel
        tracer.add(Node(self, kernel, inputs, None, (y._value.number,), self, large=True))
        recording = current()
        if recording is not None:
            for recorder in recording[1]:
                recorder.record(self, inputs, y, None)
        return y

    def push_forward(self, inputs: tuple, tangents: Sequence) -> list:
        """The tangent of the result: every such operation is linear in what it has rules for."""
        if all(t is None for t, vjp in zip(tangents, self.vjps, strict=True) if vjp is not None):
            return [None]
        triples = zip(inputs, tangents, self.vjps, strict=True)
        return [self(*[x if vjp is None else zeros_like(x) if t is None else t for x, t, vjp in triples])]

    def entries(self, inputs: tuple, output: Any, attributes: dict | None, tracked: set[int]) -> tuple:
        """What a tape keeps of it."""
        found: tuple = ()
        for x, vjp in zip(inputs, self.vjps, strict=True):
            if vjp is not None and x._key in tracked:
                found += (x._key, vjp, inputs)
        return found


def _same(x: Any, *_: Any) -> tuple:
    return x.shape, x.dtype, x.depth


class KeptRows:
    """A stack as machine code leaves it: the rows of one array. It is run over, sliced and asked for its length as a list is."""

    __slots__ = ("array",)

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator:
        return iter(self.array)

    def __reversed__(self) -> Iterator:
        return iter(self.array[::-1])

    def __getitem__(self, place: Any) -> Any:
        return KeptRows(self.array[place]) if type(place) is slice else self.array[place]

    @property
    def nbytes(self) -> int:
        """The memory it takes."""
        return self.array.nbytes

    def plus(self, other: Any) -> KeptRows:
        """The stack of the sums of the rows."""
        return KeptRows(self.array + (other.array if type(other) is KeptRows else np.array(other, self.array.dtype)))

    def zeros(self) -> KeptRows:
        """A stack of zeros like it."""
        return KeptRows(np.zeros_like(self.array))


# -- sums ------------------------------------------------------------------------------------------------


def _sum(a: Any, b: Any) -> Any:
    if hasattr(a, "plus"):
        return a.plus(b)  # the elements of a TensorArray
    return [_sum(x, y) for x, y in zip(a, b, strict=True)] if type(a) is list else a + b


def _sum_of_tensors(a: Any, b: Any) -> Any:
    return [_sum_of_tensors(x, y) for x, y in zip(a, b, strict=True)] if type(a) is list else add(a, b)


add_stacks = StackOperation("AddStacks", _sum, _sum_of_tensors, _same, (lambda dy, a, b: dy, lambda dy, a, b: dy))
"""The stack of the sums of the rows of two stacks."""


def zeros_of(rows: Any) -> Any:
    """Zeros like the rows of a stack, or like an array."""
    if hasattr(rows, "zeros"):
        return rows.zeros()
    return [zeros_of(row) for row in rows] if type(rows) is list else np.zeros_like(rows)[()]


def _zero_tensors(rows: Any) -> Any:
    return [_zero_tensors(row) for row in rows] if type(rows) is list else Tensor(zeros_of(rows._value))


zero_stack = StackOperation("ZerosLikeStack", zeros_of, _zero_tensors, _same, (None,))
"""The stack of zeros like the rows of a stack."""


def zeros_like(x: Tensor) -> Any:
    """The cotangent of a tensor or stack that has none."""
    return zero_stack(x) if type(x) is SymbolicTensor and x._value.depth else zero_cotangent(x)


# -- between tensors and stacks ----------------------------------------------------------------------------


def _stacked(rows: Any, like: Any) -> Callable:
    shape, dtype = rows.shape, rows.dtype
    if holds_late(shape):
        fail("rows whose size depends on values are put together")

    def kernel(rows: list, like: np.ndarray) -> np.ndarray:
        out = np.empty((len(like), *shape), dtype)
        for i, row in enumerate(rows):
            out[i] = row
        if len(rows) < len(out):
            out[len(rows) :] = 0
        return out

    return kernel


def _stacked_tensors(rows: list, like: Tensor) -> Tensor:
    missing = like._value.shape[0] - len(rows)
    if not rows:
        return zero_cotangent(like)
    return pad(stack(rows), [[0, missing], *[[0, 0]] * rows[0]._value.ndim]) if missing else stack(rows)


stacked = StackOperation(
    "StackRows",
    _stacked,
    _stacked_tensors,
    lambda rows, like: ((like.shape[0], *rows.shape), rows.dtype, 0),
    (lambda dy, rows, like: rows_like(dy, rows), None),
    bound=True,
)
"""The rows of a stack as a tensor with as many rows as another; where there are fewer the rest is zeros."""

rows_like = StackOperation(
    "RowsLike",
    lambda x, like: list(x[: len(like)]),
    lambda x, like: unstack(x)[: len(like)],
    lambda x, like: (x.shape[1:], x.dtype, 1),
    (lambda dy, x, like: stacked(dy, x), None),
)
"""The stack of as many rows of a tensor as there are in a stack."""


# -- ranges ------------------------------------------------------------------------------------------------


class Numbers:
    """The numbers of a range as the rows of a stack; they are made when they are asked for."""

    CHUNK = 1024
    nbytes = math.inf  # never made in advance

    def __init__(self, start: Any, limit: Any, delta: Any) -> None:
        self.start, self.delta = start, delta
        if not delta:
            raise invalid("Range", f"Requires delta != 0: {delta}")
        if (start > limit and delta > 0) or (start < limit and delta < 0):
            sign = "<= limit when delta >" if delta > 0 else ">= limit when delta <"
            raise invalid("Range", f"Requires start {sign} 0: {start}/{limit}")
        if start.dtype.kind in "iu":
            self.count = len(range(int(start), int(limit), int(delta)))
        else:
            self.count = math.ceil(abs((limit - start) / delta))

    def __len__(self) -> int:
        return self.count

    def _part(self, first: int) -> np.ndarray:
        places = np.arange(first, min(first + self.CHUNK, self.count)).astype(self.start.dtype)
        return (self.start + places * self.delta).astype(self.start.dtype, copy=False)

    def __iter__(self) -> Iterator:
        for first in range(0, self.count, self.CHUNK):
            yield from self._part(first)

    def __reversed__(self) -> Iterator:
        for first in reversed(range(0, self.count, self.CHUNK)):
            yield from self._part(first)[::-1]


def _numbers(start: Tensor, limit: Tensor, delta: Tensor) -> list:
    return [Tensor(number) for number in Numbers(start._value, limit._value, delta._value)]


range_rows = StackOperation("Range", Numbers, _numbers, lambda start, *_: ((), start.dtype, 1), (None, None, None))
"""A range whose length is known only when the graph runs, to be run over by a loop."""
