"""Choices and loops whose course is known only when the function runs, as nodes with blocks.

What a branch or a loop's body does to Python's own values cannot be noted: they must come out as they went in, the same in
both branches, or the function is run eagerly.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.dimension import same_shape
from tapeflow.core.recording import current, heard_by
from tapeflow.core.symbolic import SymbolicTensor, fail
from tapeflow.core.tensor import Tensor
from tapeflow.gradient.backprop import zero_cotangent
from tapeflow.graph.choice_gradients import ChoiceNote
from tapeflow.graph.imports import absent
from tapeflow.graph.ir import Absent, Choice
from tapeflow.graph.loops import LoopBuilder, depth_of, outer_tapes
from tapeflow.graph.stacks import stacked
from tapeflow.ops.tensor_array import TensorArray

if TYPE_CHECKING:
    from tapeflow.graph.trace import Tracer

__all__ = ["choose", "loop", "scan", "trace_sides"]

NUMBERS = (bool, int, float, complex, np.ndarray, np.generic)


# -- choices -----------------------------------------------------------------------------------------


def choose(
    tracer: Tracer,
    condition: Tensor,
    branches: tuple[Callable[[], list], Callable[[], list]],
    fill: Callable[[list, list], None] | None = None,
) -> list:
    """What one of two functions gives, as a list of leaves.

    Args:
        tracer: the trace.
        condition: a scalar, symbolic tensor.
        branches: functions of no arguments, for true and false; both give a list of equal length.
        fill: makes the two lists, which it is given, fit to each other, or raises the error that says why they do not.
    """
    if condition._value.ndim:
        fail("the condition of a choice is not a scalar")
    return trace_sides(tracer, condition, branches, fill=fill)


def trace_sides(
    tracer: Tracer,
    condition: Tensor,
    branches: tuple,
    imports: tuple = (None, None),
    fill: Callable | None = None,
    told: Callable[[Choice], None] | None = None,
) -> list:
    """Traces both sides of a choice, and makes the node.

    Args:
        tracer: the trace.
        condition: a scalar, symbolic tensor.
        branches: functions of no arguments, for true and false; both give a list of equal length.
        imports: for each side, what brings values of an earlier block there.
        fill: makes the two lists, which it is given, fit to each other.
        told: is given the node.
    """
    (condition,) = tracer.reach((condition,))
    blocks, sides, tapes = [], [], []
    arrays: dict[int, TensorArray] = {}  # by the ids of their elements
    recording = current()
    recorders = () if recording is None else recording[1]
    for branch, imported in zip(branches, imports, strict=True):
        tape = outer_tapes(tracer)
        tapes.append(tape)
        with tracer.inner() as block, nullcontext() if tape is None else heard_by((tracer.outside, tape)):
            block.imports = imported
            leaves = branch()
            arrays.update((id(x.cells()), x) for x in leaves if isinstance(x, TensorArray))
            leaves = [x.cells() if isinstance(x, TensorArray) else x for x in leaves]
            sides.append([tracer.reach((x,), stacks=True)[0] if isinstance(x, Tensor) else x for x in leaves])
        blocks.append(block)
    yes, no = sides
    if fill is not None:
        fill(yes, no)
    if len(yes) != len(no):
        fail("the branches of a choice give different structures")
    of_variables = {}
    if recorders:
        of_variables = {id(v): tracer.read(v) for tape in tapes if tape is not None for v, _ in tape.reads()}
    answers: list[Any] = []
    results: tuple[list, list] = ([], [])
    made: list[SymbolicTensor] = []
    for a, b in zip(yes, no, strict=True):
        array = arrays.get(id(a), arrays.get(id(b)))
        if a is b or (type(a) is type(b) and isinstance(a, (bool, int, str)) and a == b):
            answers.append(a if array is None else array.of(a))
            if type(a) is SymbolicTensor and not a._value.scope.open:
                fail("a branch gives a tensor that belongs to another")
            continue
        a, b = _returned(a, b), _returned(b, a)
        like = b if type(a) is Absent else a
        shape = like._value.shape if Absent in (type(a), type(b)) else _common_shape(tracer, a, b)
        y = tracer.symbol(shape, like._value.dtype, depth_of(like))
        answers.append(y if array is None else array.of(y))
        made.append(y)
        for side, x in zip(results, (a, b), strict=True):
            side.append(x)
    node = Choice(condition, tuple(blocks), results, tuple([y._value.number for y in made]))
    tracer.add(node)
    for y in made:
        tracer.late.measure_new(y)
    if tapes[0] is not None:
        for tape, side in zip(tapes, results, strict=True):
            tape.capture(side)  # type: ignore[union-attr]
        ChoiceNote(tracer, node, tapes, made, of_variables, recorders)
    if told is not None:
        told(node)
    return answers


def _alike(a: Tensor, b: Tensor) -> bool:
    return a._value.dtype == b._value.dtype and a._value.shape == b._value.shape and depth_of(a) == depth_of(b)


def _common_shape(tracer: Tracer, a: Tensor, b: Tensor) -> tuple:
    """The shape of what is one of two tensors; where their sizes differ, that which is chosen tells the size."""
    if a._value.dtype != b._value.dtype or depth_of(a) != depth_of(b) or a._value.ndim != b._value.ndim:
        fail("the branches of a choice give different shapes or dtypes")
    pairs = zip(a._value.shape, b._value.shape, strict=True)
    if depth_of(a) and not same_shape(a._value.shape, b._value.shape):
        fail("the branches of a choice give stacks of different shapes")
    return tuple([m if same_shape((m,), (n,)) else tracer.late.new_length() for m, n in pairs])


def _returned(value: Any, other: Any) -> Tensor:
    """A leaf as a tensor; where one branch returns and the other goes on, zeros stand for what is not returned."""
    if type(value) is Absent:
        return absent(other)
    if type(value).__name__ == "UndefinedReturnValue":
        return zero_cotangent(_tensor(other))
    return _tensor(value)


def _tensor(value: Any) -> Tensor:
    """A leaf that differs between branches or iterations, as a tensor."""
    if isinstance(value, NUMBERS):
        return convert(value)
    if not isinstance(value, Tensor):
        fail(f"a Python value of type {type(value).__name__} changes inside a choice or a loop")
    return value


def _keeps_shape(before: tuple, after: tuple, free: tuple) -> bool:
    """Whether two shapes are equal but for the axes that are free."""
    if not free:
        return before == after
    return len(before) == len(after) and all(
        a == b for axis, (a, b) in enumerate(zip(before, after, strict=True)) if axis not in free
    )


# -- loops -------------------------------------------------------------------------------------------


def scan(tracer: Tracer, body: Callable, initial: list, elements: list[Tensor], reverse: bool = False) -> tuple[list, list]:
    """A loop over the rows of tensors that also collects what every iteration gives.

    Args:
        tracer: the trace.
        body: a function of the state and the rows, lists of tensors, that gives the next state and what is to be collected.
        initial: the state to start with.
        elements: tensors of one length.
        reverse: whether to go from the last row to the first.

    Returns:
        The state afterwards, and what was collected as tensors with as many rows as there are elements.
    """
    builder = LoopBuilder(tracer, reverse)
    with builder:
        state = [builder.carry(x) for x in initial]
        rows = [builder.row(x) for x in elements]
        with builder.body():
            following, collected = body(state, rows)
            for x, new in zip(state, following, strict=True):
                if not _alike(x, new):
                    fail("the function changes the shape or dtype of what is accumulated")
            builder.ends(following, collected)
    finals, stacks = builder.close()
    return finals, [stacked(rows, elements[0]) for rows in stacks]


def loop(
    tracer: Tracer,
    state: list,
    test: Callable[[list], Any] | None,
    body: Callable[[list, Any], list],
    elements: Tensor | None = None,
    free: list | None = None,
) -> list:
    """A loop over tensors.

    Args:
        tracer: the trace.
        state: the leaves that the loop starts with. Numbers and tensors become loop variables; others must stay themselves.
        test: a function of the state that gives a scalar; the loop ends when it is false. None: no test.
        body: a function of the state and the row that gives the next state.
        elements: the tensor whose rows the loop runs over, if any.
        free: for each leaf the axes whose sizes may change from turn to turn.

    Returns:
        The leaves afterwards.
    """
    varying = [isinstance(x, (*NUMBERS, Tensor, TensorArray)) for x in state]
    arrays = {i: x for i, x in enumerate(state) if isinstance(x, TensorArray)}
    state = [arrays[i].cells() if i in arrays else x for i, x in enumerate(state)]
    builder = LoopBuilder(tracer)
    with builder:
        free = free or [()] * len(state)
        triples = zip(state, varying, free, strict=True)
        symbols = [builder.carry(convert(x), axes) if varies else x for x, varies, axes in triples]
        inside: list[Any] = [arrays[i].of(x) if i in arrays else x for i, x in enumerate(symbols)]
        item = None if elements is None else builder.row(elements)
        if test is not None:
            with builder.testing():
                builder.condition = convert(test(inside))
        with builder.body():
            after = body(inside, item)
            if len(after) != len(state):
                fail("the body of a loop gives another structure")
            following = []
            for i, (x, new, varies) in enumerate(zip(inside, after, varying, strict=True)):
                if i in arrays:
                    if not isinstance(new, TensorArray):
                        fail("the body of a loop gives something else for a TensorArray")
                    arrays[i] = new
                    following.append(new.following(x, state[i]))
                    continue
                if not varies:
                    if new is not x:
                        fail("the body of a loop changes a Python value, or one that was not defined before")
                    continue
                new = _tensor(new)
                if new._value.dtype != x._value.dtype or not _keeps_shape(x._value.shape, new._value.shape, free[i]):
                    fail("the body of a loop changes the shape or dtype of a loop variable")
                following.append(new)
            builder.ends(following, [])
    finals = iter(builder.close()[0])
    found = [next(finals) if varies else x for x, varies in zip(state, varying, strict=True)]
    return [arrays[i].of(x) if i in arrays else x for i, x in enumerate(found)]
