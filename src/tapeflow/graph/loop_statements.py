"""`while` and `for` as AutoGraph's converted code calls them.

A loop over tensors that are known only when the function runs becomes a node; every other loop is Python's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.core.symbolic import fail, tracing, verdict
from tapeflow.core.tensor import Tensor
from tapeflow.graph.agreement import check_condition
from tapeflow.graph.choice_statements import if_stmt
from tapeflow.graph.elements import Elements
from tapeflow.graph.growing_lists import GrowingList
from tapeflow.graph.loops import depth_of
from tapeflow.graph.python_functions import Rows
from tapeflow.graph.ranges_of_loops import Counted, of_range
from tapeflow.graph.staged_loops import stage
from tapeflow.graph.staging import Getter, Setter, is_symbolic, value_of

__all__ = ["for_stmt", "while_stmt"]


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
    stage(None, test, body, get_state, set_state, symbol_names, opts)


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
    iter_ = of_range(value_of(iter_))
    if type(iter_) is GrowingList:
        iter_ = Rows(iter_.row, [iter_])
    if tracing() is not None and hasattr(type(iter_), "__elements__"):
        iter_ = iter_.__elements__()
    if type(iter_) in (Counted, Elements):
        stage(iter_, extra_test, body, get_state, set_state, symbol_names, opts)
        return
    if tracing() is None or not isinstance(iter_, Tensor | Rows):
        _python_for(iter_, extra_test, body, opts or {}, (get_state, set_state, symbol_names))
        return
    if isinstance(iter_, Rows):
        rows, iter_ = iter_, iter_.numbers()
        stage(iter_, extra_test, lambda i: body(rows.row(i)), get_state, set_state, symbol_names, opts)
        return
    if not iter_._value.ndim and not depth_of(iter_):
        raise verdict(
            ValueError(f"a `for` loop needs something with a length, got the scalar {iter_}; write tf.range(...) to count")
        )
    stage(iter_, extra_test, body, get_state, set_state, symbol_names, opts)


def _python_for(iter_: Any, extra_test: Any, body: Callable, opts: dict, state: tuple) -> None:
    """A loop over Python values, written out. Where it ends may depend on tensors: then each further turn is a choice."""
    most = opts.get("maximum_iterations") if isinstance(iter_, Tensor) else None
    elements = enumerate(iter_)
    more = True if extra_test is None else extra_test()
    while is_symbolic(more) or more:  # asked first: an iterator gives no element too many
        count, item = next(elements, (None, None))
        if count is None or (most is not None and count >= most):
            return
        if is_symbolic(more):
            if opts.get("mutates"):
                fail("a Python loop that changes an object of Python's, and whose end depends on a tensor")
            _turn_if(more, lambda each=item: body(each), *state)
        else:
            body(item)
        more = True if extra_test is None else extra_test()


def _turn_if(more: Any, turn: Callable, get_state: Getter, set_state: Setter, names: tuple) -> None:
    try:
        if_stmt(more, turn, lambda: None, get_state, set_state, names, len(names))
    except (TypeError, ValueError) as error:
        if error is not tracing().verdict:
            raise
        # Python would not mind: a variable that the turn gives another kind of value is read only where the turn was made.
        fail(f"a `break` or `return` in a Python loop that depends on a tensor, where {error}")
