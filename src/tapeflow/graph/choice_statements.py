"""`if`, `… if … else …` and `not` as AutoGraph's converted code calls them.

A condition that is known only when the function runs makes a choice of the graph; every other one is Python's.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from tapeflow.core.symbolic import fail, tracing
from tapeflow.graph.agreement import agree_on_branches, check_condition, leaves_of
from tapeflow.graph.control_flow import choose
from tapeflow.graph.staging import Getter, Setter, is_symbolic, packed, restoring, value_of

__all__ = ["if_exp", "if_stmt", "negation"]

_negations: weakref.WeakKeyDictionary[Any, dict[int, Any]] = weakref.WeakKeyDictionary()  # tracer -> of not, by number


def if_stmt(
    cond: Any, body: Callable, orelse: Callable, get_state: Getter, set_state: Setter, symbol_names: tuple, nouts: int
) -> None:
    cond = value_of(cond)
    if not is_symbolic(cond):
        (body if cond else orelse)()
        return
    check_condition(cond, "an `if`")
    before, ends = get_state(), []
    negated = _negations.get(tracing(), {}).get(cond._value.number)

    def branch(run: Callable, outcome: bool) -> Callable[[], list]:
        def traced() -> list:
            set_state(tuple([_known(value, cond, negated, outcome) for value in before]))
            run()
            values = get_state()[:nouts]
            leaves = list(map(leaves_of, values))
            ends.append((values, list(map(len, leaves))))  # a list may grow on the other side too
            return [leaf for each in leaves for leaf in each]

        return traced

    patterns: list = []

    def fill(yes: list, no: list) -> None:
        patterns.extend(agree_on_branches(symbol_names[:nouts], tuple(ends), (yes, no)))

    branches = branch(body, True), branch(orelse, False)
    after = restoring(before, set_state, lambda: choose(tracing(), cond, branches, fill))
    set_state((*packed(patterns, after), *before[nouts:]))


def _known(value: Any, cond: Any, negated: Any, outcome: bool) -> Any:
    """A condition has in its own branches the value that leads there: so does one that it is the negation of."""
    if value is cond:
        return outcome
    return not outcome if negated is not None and value is negated else value


def if_exp(cond: Any, if_true: Callable, if_false: Callable, expr_repr: str) -> Any:
    cond = value_of(cond)
    if not is_symbolic(cond):
        return if_true() if cond else if_false()
    check_condition(cond, "a conditional expression")
    ends: list = []
    patterns: list = []

    def side(run: Callable) -> Callable[[], list]:
        def traced() -> list:
            value = run()
            leaves = leaves_of(value)
            ends.append(((value,), [len(leaves)]))
            return leaves

        return traced

    def fill(yes: list, no: list) -> None:
        patterns.extend(agree_on_branches((f"… if {expr_repr} else …",), tuple(ends), (yes, no)))

    return packed(
        patterns, restoring((), lambda state: None, lambda: choose(tracing(), cond, (side(if_true), side(if_false)), fill))
    )[0]


def negation(a: Any) -> Any:
    a = value_of(a)
    if not is_symbolic(a):
        return not a
    if a._value.dtype.kind != "b":
        fail("`not` of something else than bools")
    from tapeflow.ops.logic import logical_not

    result = logical_not(a)
    _negations.setdefault(tracing(), {})[result._value.number] = a
    return result
