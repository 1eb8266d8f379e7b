"""`while` and `for` as AutoGraph's converted code calls them.

A loop over tensors that are known only when the function runs becomes a node; every other loop is Python's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.recording import heard_by
from tapeflow.core.symbolic import fail, tracing, verdict
from tapeflow.core.tensor import Tensor
from tapeflow.graph.agreement import check_condition, check_iteration, is_undefined, leaves_of, zeros_like_leaf
from tapeflow.graph.control_flow import loop
from tapeflow.graph.python_functions import Rows, converted_call
from tapeflow.graph.staging import Getter, Setter, State, conjunction, is_symbolic, packed, restoring, value_of

__all__ = ["for_stmt", "iterated", "while_stmt"]


def while_stmt(
    test: Callable, body: Callable, get_state: Getter, set_state: Setter, symbol_names: tuple, opts: dict
) -> None:
    if tracing() is None:
        _count_down(opts, test, body)
        return
    condition = _tried(test)
    while not isinstance(condition, Tensor):
        if not condition:
            return
        body()
        condition = _tried(test)
    check_condition(condition, "a `while`")
    _stage(None, test, body, get_state, set_state, symbol_names, opts)


def _count_down(opts: dict, test: Callable, body: Callable) -> None:
    """A `while` run eagerly: one over tensors minds its options there too, so that its result is the graph's."""
    most = opts.get("maximum_iterations") if opts else None
    count = 0
    while True:
        condition = test()
        if not condition or (most is not None and isinstance(condition, Tensor) and count >= most):
            return
        body()
        count += 1


def _tried(test: Callable) -> Any:
    """What a test gives: if it is a tensor the test will be traced again, so what it noted is dropped."""
    with tracing().inner() as block:
        condition = value_of(test())
    if block.nodes and not isinstance(condition, Tensor):
        fail("the test of a Python loop works on tensors")
    return condition


def for_stmt(
    iter_: Any, extra_test: Any, body: Callable, get_state: Getter, set_state: Setter, symbol_names: tuple, opts: dict
) -> None:
    iter_ = value_of(iter_)
    if type(iter_) is Counted:
        _stage(iter_, extra_test, body, get_state, set_state, symbol_names, opts)
        return
    if tracing() is None or not isinstance(iter_, Tensor | Rows):
        _python_for(iter_, extra_test, body, opts)
        return
    if isinstance(iter_, Rows):
        rows, iter_ = iter_, iter_.numbers()
        _stage(iter_, extra_test, lambda i: body(rows.row(i)), get_state, set_state, symbol_names, opts)
        return
    if not iter_._value.ndim:
        raise verdict(
            ValueError(f"a `for` loop needs something with a length, got the scalar {iter_}; write tf.range(...) to count")
        )
    _stage(iter_, extra_test, body, get_state, set_state, symbol_names, opts)


def _python_for(iter_: Any, extra_test: Any, body: Callable, opts: dict) -> None:
    most = opts.get("maximum_iterations") if opts and isinstance(iter_, Tensor) else None
    if extra_test is not None and not _goes_on(extra_test):
        return
    for count, item in enumerate(iter_):
        if most is not None and count >= most:
            return
        body(item)
        if extra_test is not None and not _goes_on(extra_test):
            return


def _goes_on(extra_test: Callable) -> bool:
    more = extra_test()
    if is_symbolic(more):
        fail(
            "a `break` or `return` in a Python loop that depends on a tensor; a loop over tf.range can be part of the graph"
        )
    return bool(more)


class Counted:
    """What a loop over a range of unknown length runs over."""

    def __init__(self, start: Any, limit: Any, delta: Any) -> None:
        self.start, self.limit, self.delta = start, limit, delta

    def goes_on(self, number: Any) -> Any:
        """Whether a number is in the range."""
        return number < self.limit if self.delta > 0 else number > self.limit


def iterated(f: Any, args: tuple) -> Any:
    """The call `f(*args)` that a `for` statement runs over."""
    if tracing() is not None and (f is range or getattr(f, "__module__", "") == "tapeflow.ops.ranges"):
        found = _counted(*map(value_of, args)) if 0 < len(args) <= 3 else None
        if found is not None:
            return found
    return converted_call(f, args, None)


def _counted(start: Any, limit: Any = None, delta: Any = 1) -> Counted | None:
    """A range of integers whose end is known only when the function runs, and whose step is known before."""
    if limit is None:
        start, limit = 0, start
    bounds = (start, limit)
    if type(delta) is not int or delta == 0 or not any(map(is_symbolic, bounds)):
        return None
    symbol: Any = limit if is_symbolic(limit) else start
    dtype = symbol._value.dtype
    if symbol._value.ndim or dtype.kind not in "iu":
        return None
    first, last = (convert(x, hint=dtype) for x in bounds)
    if any(x._value.ndim or x._value.dtype != dtype for x in (first, last)):
        return None
    return Counted(first, last, delta)


def _stage(elements: Any, test: Any, body: Callable, get_state: Getter, set_state: Setter, names: tuple, opts: dict) -> None:
    """Traces a loop over the rows of a tensor, over a range, or as long as a test holds.

    Numbers that the loop counts with come after the variables in its state: that of a range, and that of the iterations if there
    may be only so many.
    """
    invariant = bool(opts) and "shape_invariants" in opts
    most = opts.get("maximum_iterations") if opts else None
    counted = elements if type(elements) is Counted else None
    rows = None if counted is not None else elements
    before = get_state()

    def run() -> list:
        start = _defined(before, elements, body, get_state, set_state)
        flat = [leaf for value in start for leaf in leaves_of(value)]
        own = len(flat)
        flat += ([] if counted is None else [counted.start]) + ([] if most is None else [0])

        def values(leaves: list) -> list:
            return packed(list(start), leaves)

        def tested(leaves: list) -> Any:
            set_state(tuple(values(leaves)))
            tests = [] if test is None else [lambda: value_of(test())]
            if most is not None:
                tests.insert(0, lambda: leaves[-1] < most)
            if counted is not None:
                tests.insert(0, lambda: counted.goes_on(leaves[own]))
            more = tests[0]()
            for each in tests[1:]:
                more = conjunction(lambda one=more: one, each)
            check_condition(more, "a loop")
            return more

        def ran(leaves: list, item: Any) -> list:
            inside = values(leaves)
            set_state(tuple(inside))
            if elements is None:
                body()
            else:
                body(item if counted is None else leaves[own])
            after = [
                leaf
                for name, old, new in zip(names, inside, get_state(), strict=True)
                for leaf in check_iteration(name, old, new, invariant)
            ]
            after += [] if counted is None else [leaves[own] + counted.delta]
            return after + ([] if most is None else [leaves[-1] + 1])

        bounded = not (test is None and counted is None and most is None)
        return values(loop(tracing(), flat, tested if bounded else None, ran, rows))

    set_state(tuple(restoring(before, set_state, run)))


def _defined(before: State, elements: Any, body: Callable, get_state: Getter, set_state: Setter) -> State:
    """The variables that a loop starts with: zeros stand for what its body makes first.

    The body is traced once to see what that is, and the trace is dropped.
    """
    missing = [i for i, value in enumerate(before) if not _is_value(value)]
    if not missing:
        return before
    tracer = tracing()
    with tracer.inner(), heard_by((tracer.outside,)):
        if elements is None:
            body()
        elif type(elements) is Counted:
            body(elements.start)
        else:
            body(tracer.symbol(elements._value.shape[1:], elements._value.dtype))
        after = get_state()
        found = {
            i: nest.map_structure(zeros_like_leaf, after[i], expand_composites=True) for i in missing if _is_value(after[i])
        }
    set_state(before)
    return tuple([found.get(i, value) for i, value in enumerate(before)])


def _is_value(value: Any) -> bool:
    return value is not None and not is_undefined(value)
