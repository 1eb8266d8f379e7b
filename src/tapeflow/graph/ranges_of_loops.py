"""Ranges whose length is known only when the function runs, for a `for` statement to run over: they need not become tensors."""

from __future__ import annotations

from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.symbolic import SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Node, node_of
from tapeflow.graph.python_functions import converted_call
from tapeflow.graph.staging import is_symbolic, value_of
from tapeflow.ops.comparison import equal, greater
from tapeflow.ops.creation import zeros_like
from tapeflow.ops.ranges import RANGE_OF
from tapeflow.ops.ranges import range as tensor_range
from tapeflow.ops.selection import where

__all__ = ["Counted", "iterated", "of_range"]

LONG = 2**24  # numbers of a range: an array of so many is not made to run over


class Counted:
    """What a loop over a range of unknown length runs over."""

    def __init__(self, start: Any, limit: Any, delta: Any) -> None:
        self.start, self.limit, self.delta = start, limit, delta

    def goes_on(self, number: Any) -> Any:
        """Whether a number is in the range."""
        return number < self.limit if self.delta > 0 else number > self.limit


def iterated(f: Any, args: tuple) -> Any:
    """The call `f(*args)` that a `for` statement runs over."""
    if tracing() is not None and 0 < len(args) <= 3 and (f is range or f is tensor_range):
        start, limit, delta = (0, *args, 1) if len(args) == 1 else (*args, 1)[:3]
        bounds = [value_of(x) for x in (start, limit, delta)]
        if any(map(is_symbolic, bounds)):
            found = _counted(*bounds)
            return _rows(*bounds) if found is None else found
        if f is tensor_range and (found := _long(*bounds)) is not None:
            return found
    return converted_call(f, args, None)


def of_range(x: Tensor) -> Any:
    """What a loop runs over that is given a tensor: where that is a range of unknown length, the numbers and not the tensor.

    So a range that leads away from its limit has no numbers, which as a tensor would be an error.
    """
    if type(x) is not SymbolicTensor or not x._value.scope.open:
        return x
    node = node_of(x)
    if type(node) is not Node or node.primitive is not RANGE_OF:
        return x
    start, limit, delta = node.inputs
    step = int(delta._value) if type(delta) is not SymbolicTensor and delta._value.dtype.kind in "iu" else delta
    found = _counted(start, limit, step)
    return _rows(start, limit, delta) if found is None else found


def _long(start: Any, limit: Any, delta: Any) -> Counted | None:
    """A range of so many numbers that an array of them would take much memory."""
    if any(type(x) is not int for x in (start, limit, delta)) or not delta or len(range(start, limit, delta)) < LONG:
        return None
    if not all(-(2**31) <= x < 2**31 for x in (start, limit, limit + delta)):
        return None
    return Counted(convert(start), convert(limit), delta)


def _counted(start: Any, limit: Any, delta: Any) -> Counted | None:
    """A range of integers whose end is known only when the function runs, and whose step is known before."""
    if type(delta) is not int or delta == 0:
        return None
    symbol: Any = limit if is_symbolic(limit) else start
    dtype = symbol._value.dtype
    if symbol._value.ndim or dtype.kind not in "iu":
        return None
    first, last = (convert(x, hint=dtype) for x in (start, limit))
    if any(x._value.ndim or x._value.dtype != dtype for x in (first, last)):
        return None
    return Counted(first, last, delta)


def _rows(start: Any, limit: Any, delta: Any) -> Tensor:
    """A range as rows for a loop: none where the step leads away from the limit, as a Python range has it."""
    symbol = next(x for x in (start, limit, delta) if is_symbolic(x))
    first, last, step = (convert(x, hint=symbol._value.dtype) for x in (start, limit, delta))
    if len({x._value.dtype for x in (first, last, step)}) > 1 or first._value.ndim or last._value.ndim or step._value.ndim:
        return tensor_range(first, last, step)
    leads_there = equal(greater(step, zeros_like(step)), greater(last, first))
    return tracing().range(first, where(leads_there, last, first), step)  # its numbers come one by one, never as an array
