"""Choices and loops whose course is known only when the function runs, as nodes with blocks.

What a branch or a loop's body does to Python's own values cannot be noted: they must come out as they went in, the same in
both branches, or the function is run eagerly. So must it where a tape that the function opened listens around the node.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.symbolic import SymbolicTensor, fail
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Choice, Loop

if TYPE_CHECKING:
    from tapeflow.graph.trace import Tracer

__all__ = ["choose", "loop"]

NUMBERS = (bool, int, float, complex, np.ndarray, np.generic)


def _refuse_listeners(tracer: Tracer) -> None:
    if tracer.listeners():
        fail("a tape around a loop or a choice that is known only when the function runs")


def choose(tracer: Tracer, condition: Tensor, branches: tuple[Callable[[], list], Callable[[], list]]) -> list:
    """What one of two functions gives, as a list of leaves.

    Args:
        tracer: the trace.
        condition: a scalar, symbolic tensor.
        branches: functions of no arguments, for true and false; both give a list of equal length.
    """
    _refuse_listeners(tracer)
    if condition._value.ndim:
        fail("the condition of a choice is not a scalar")
    tracer.check((condition,))
    blocks, results = [], []
    for branch in branches:
        with tracer.inner() as block:
            results.append(branch())
        blocks.append(block)
    yes, no = results
    if len(yes) != len(no):
        fail("the branches of a choice give different structures")
    answers: list[Any] = []
    places, sides, outputs = [], ([], []), []  # type: ignore[var-annotated]
    for i, (a, b) in enumerate(zip(yes, no, strict=True)):
        if a is b or (type(a) is type(b) and isinstance(a, (bool, int, str)) and a == b):
            answers.append(a)
            if type(a) is SymbolicTensor and not a._value.scope.open:
                fail("a branch gives a tensor that belongs to another")
            continue
        a, b = _returned(a, b), _returned(b, a)
        if a._value.dtype != b._value.dtype or a._value.shape != b._value.shape:
            fail("the branches of a choice give different shapes or dtypes")
        y = tracer.symbol(a._value.shape, a._value.dtype)
        answers.append(y)
        places.append(i)
        sides[0].append(a)
        sides[1].append(b)
        outputs.append(y._value.number)
    tracer.add(Choice(condition, tuple(blocks), sides, tuple(outputs)))
    return answers


def _returned(value: Any, other: Any) -> Tensor:
    """A leaf as a tensor; where one branch returns and the other goes on, zeros stand for what is not returned."""
    if type(value).__name__ == "UndefinedReturnValue":
        other = _tensor(other)
        return Tensor(np.zeros(other._value.shape, other._value.dtype)[()])
    return _tensor(value)


def _tensor(value: Any) -> Tensor:
    """A leaf that differs between branches or iterations, as a tensor."""
    if isinstance(value, NUMBERS):
        return convert(value)
    if not isinstance(value, Tensor):
        fail(f"a Python value of type {type(value).__name__} changes inside a choice or a loop")
    if type(value) is Tensor and value._key:
        fail("a tensor that a tape may follow changes inside a choice or a loop")
    return value


def loop(
    tracer: Tracer,
    state: list,
    test: Callable[[list], Any] | None,
    body: Callable[[list, Any], list],
    elements: Tensor | None = None,
) -> list:
    """A loop over tensors.

    Args:
        tracer: the trace.
        state: the leaves that the loop starts with. Numbers and tensors become loop variables; others must stay themselves.
        test: a function of the state that gives a scalar; the loop ends when it is false. None: no test.
        body: a function of the state and the row that gives the next state.
        elements: the tensor whose rows the loop runs over, if any.

    Returns:
        The leaves afterwards.
    """
    _refuse_listeners(tracer)
    if elements is not None and elements._value.dtype.kind == "O":
        fail("a loop over strings")
    varying = [isinstance(x, (*NUMBERS, Tensor)) for x in state]
    initial = [convert(x) for x, varies in zip(state, varying, strict=True) if varies]
    tracer.check(initial)
    if elements is not None:
        tracer.check((elements,))
    with tracer.inner():
        symbols = [tracer.symbol(x._value.shape, x._value.dtype) for x in initial]
        item = None if elements is None else tracer.symbol(elements._value.shape[1:], elements._value.dtype)
        tensors = iter(symbols)
        inside = [next(tensors) if varies else x for x, varies in zip(state, varying, strict=True)]
        test_block = condition = None
        if test is not None:
            with tracer.inner() as test_block:
                condition = convert(test(inside))
            if condition._value.ndim:
                fail("the test of a loop is not a scalar")
            test_block.open = True  # the body may use what the test computed: both run in each iteration
        with tracer.inner() as body_block:
            after = body(inside, item)
        if len(after) != len(state):
            fail("the body of a loop gives another structure")
        following = []
        for x, new, varies in zip(inside, after, varying, strict=True):
            if not varies:
                if new is not x:
                    fail("the body of a loop changes a Python value, or one that was not defined before")
                continue
            new = _tensor(new)
            if new._value.dtype != x._value.dtype or new._value.shape != x._value.shape:
                fail("the body of a loop changes the shape or dtype of a loop variable")
            following.append(new)
        if test_block is not None:
            test_block.open = False
    finals = [tracer.symbol(x._value.shape, x._value.dtype) for x in initial]
    tracer.add(
        Loop(
            [] if elements is None else [elements],
            [] if item is None else [item._value.number],
            initial,
            [x._value.number for x in symbols],
            test_block,
            condition,
            body_block,
            following,
            [],
            [x._value.number for x in finals],
        )
    )
    tensors = iter(finals)
    return [next(tensors) if varies else x for x, varies in zip(state, varying, strict=True)]
