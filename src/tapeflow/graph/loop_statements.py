"""`while` and `for` as AutoGraph's converted code calls them.

A loop over tensors that are known only when the function runs becomes a node; every other loop is Python's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.core import nest
from tapeflow.core.recording import heard_by
from tapeflow.core.symbolic import fail, tracing, verdict
from tapeflow.core.tensor import Tensor
from tapeflow.graph.agreement import check_condition, check_iteration, is_returned, is_undefined, leaves_of, zeros_like_leaf
from tapeflow.graph.choice_statements import if_stmt
from tapeflow.graph.control_flow import loop
from tapeflow.graph.loops import depth_of
from tapeflow.graph.python_functions import Rows
from tapeflow.graph.ranges_of_loops import Counted
from tapeflow.graph.staging import Getter, Setter, State, conjunction, is_symbolic, packed, restoring, value_of
from tapeflow.ops.assertions import Assert

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
        _python_for(iter_, extra_test, body, opts, (get_state, set_state, symbol_names))
        return
    if isinstance(iter_, Rows):
        rows, iter_ = iter_, iter_.numbers()
        _stage(iter_, extra_test, lambda i: body(rows.row(i)), get_state, set_state, symbol_names, opts)
        return
    if not iter_._value.ndim and not depth_of(iter_):
        raise verdict(
            ValueError(f"a `for` loop needs something with a length, got the scalar {iter_}; write tf.range(...) to count")
        )
    _stage(iter_, extra_test, body, get_state, set_state, symbol_names, opts)


def _python_for(iter_: Any, extra_test: Any, body: Callable, opts: dict, state: tuple) -> None:
    """A loop over Python values, written out. Where it ends may depend on tensors: then each further turn is a choice."""
    most = opts.get("maximum_iterations") if opts and isinstance(iter_, Tensor) else None
    elements = enumerate(iter_)
    more = True if extra_test is None else extra_test()
    while is_symbolic(more) or more:  # asked first: an iterator gives no element too many
        count, item = next(elements, (None, None))
        if count is None or (most is not None and count >= most):
            return
        if is_symbolic(more):
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


def _stage(elements: Any, test: Any, body: Callable, get_state: Getter, set_state: Setter, names: tuple, opts: dict) -> None:
    """Traces a loop over the rows of a tensor, over a range, or as long as a test holds.

    What the loop counts with comes after the variables in its state: the number of a range, that of the iterations if there may be
    only so many, and whether there was one, if it gives a variable its first value.
    """
    invariant = bool(opts) and "shape_invariants" in opts
    most = opts.get("maximum_iterations") if opts else None
    counted = elements if type(elements) is Counted else None
    rows = None if counted is not None else elements
    before = get_state()

    def run() -> list:
        start = _defined(before, elements, body, get_state, set_state)
        made = [] if _has_rows(rows) else _first_made(names, before, start)
        if counted is not None:  # the number itself is read before it is tested
            made = [name for name in made if name != opts.get("iterate_names")]
        flat = [leaf for value in start for leaf in leaves_of(value)]
        own = len(flat)
        flat += [] if counted is None else [counted.start]
        flat += [] if most is None else [0]
        flat += [False] if made else []

        def values(leaves: list) -> list:
            return packed(list(start), leaves)

        def iterations(leaves: list) -> Any:
            return leaves[own + (counted is not None)]

        def tested(leaves: list) -> Any:
            set_state(tuple(values(leaves)))
            tests = [] if test is None else [lambda: value_of(test())]
            if most is not None:
                tests.insert(0, lambda: iterations(leaves) < most)
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
            after += [] if most is None else [iterations(leaves) + 1]
            return after + ([True] if made else [])

        bounded = not (test is None and counted is None and most is None)
        leaves = loop(tracing(), flat, tested if bounded else None, ran, rows)
        if made:
            Assert(leaves[-1], [f"loop must iterate at least once to initialize {', '.join(made)}"])
        return values(leaves)

    set_state(tuple(restoring(before, set_state, run)))


def _has_rows(elements: Any) -> bool:
    """Whether it is known that a loop over these elements runs at all."""
    return elements is not None and elements._value.ndim > 0 and type(n := elements._value.shape[0]) is int and n > 0


def _first_made(names: tuple, before: State, start: State) -> list[str]:
    """The variables that have no value unless the loop runs; of what is returned, a flag says whether it is there."""
    triples = zip(names, before, start, strict=True)
    return [name for name, old, new in triples if new is not old and not is_returned(old)]


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
            body(tracer.symbol((), elements.start._value.dtype))
        else:
            body(tracer.symbol(elements._value.shape[1:], elements._value.dtype))  # of a range, that is a scalar too
        after = get_state()
        found = {
            i: nest.map_structure(zeros_like_leaf, after[i], expand_composites=True) for i in missing if _is_value(after[i])
        }
        found |= {i: None for i in missing if after[i] is None}  # a `return` of nothing
    set_state(before)
    return tuple([found.get(i, value) for i, value in enumerate(before)])


def _is_value(value: Any) -> bool:
    return value is not None and not is_undefined(value)
