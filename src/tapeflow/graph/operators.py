"""What AutoGraph's converted code calls in place of Python's statements.

What an operator meets decides: on tensors that are known only when the function runs it makes nodes, and on all else it is
Python's own statement.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import Any

from tapeflow.core.symbolic import fail, tracing, verdict
from tapeflow.graph.agreement import agree_on_branches, check_condition, is_undefined, leaves_of
from tapeflow.graph.control_flow import choose
from tapeflow.graph.loop_statements import for_stmt, iterated, while_stmt
from tapeflow.graph.python_functions import converted_call
from tapeflow.graph.staging import Getter, Setter, conjunction, is_symbolic, logical, packed, restoring, value_of

__all__ = ["BY_MALT_NAME"]

_negations: weakref.WeakKeyDictionary[Any, dict[int, Any]] = weakref.WeakKeyDictionary()  # tracer -> of not, by number


def _if_stmt(
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
            ends.append(get_state()[:nouts])
            return [leaf for value in ends[-1] for leaf in leaves_of(value)]

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


def _or(a: Callable, b: Callable) -> Any:
    left = value_of(a())
    if not is_symbolic(left):
        return left or b()
    return logical(left, b, False)


def _not(a: Any) -> Any:
    a = value_of(a)
    if not is_symbolic(a):
        return not a
    if a._value.dtype.kind != "b":
        fail("`not` of something else than bools")
    from tapeflow.ops.logic import logical_not

    result = logical_not(a)
    _negations.setdefault(tracing(), {})[result._value.number] = a
    return result


def _if_exp(cond: Any, if_true: Callable, if_false: Callable, expr_repr: str) -> Any:
    cond = value_of(cond)
    if not is_symbolic(cond):
        return if_true() if cond else if_false()
    check_condition(cond, "a conditional expression")
    ends: list = []
    patterns: list = []

    def side(run: Callable) -> Callable[[], list]:
        def traced() -> list:
            ends.append((run(),))
            return leaves_of(ends[-1][0])

        return traced

    def fill(yes: list, no: list) -> None:
        patterns.extend(agree_on_branches((f"… if {expr_repr} else …",), tuple(ends), (yes, no)))

    return packed(
        patterns, restoring((), lambda state: None, lambda: choose(tracing(), cond, (side(if_true), side(if_false)), fill))
    )[0]


def _assert_stmt(expression1: Any, expression2: Callable) -> None:
    expression1 = value_of(expression1)
    if not is_symbolic(expression1):
        assert expression1, expression2()
        return
    from tapeflow.ops.assertions import Assert

    check_condition(expression1, "an `assert`")
    message = expression2()
    Assert(expression1, [message] if not isinstance(message, list | tuple) else list(message))


class FunctionScope:
    """What the body of a converted function is in."""

    def __init__(self, function_name: str, scope_name: str, options: Any) -> None:
        self.name = scope_name
        self.callopts = options

    def __enter__(self) -> FunctionScope:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def ret(self, value: Any, did_return: Any) -> Any:
        """The result of the function.

        Raises:
            ValueError: one way through the function returns something, and another way nothing.
        """
        if is_symbolic(did_return):
            raise verdict(
                ValueError(
                    "a branch that depends on a tensor returns a value, and the else branch must also have a return statement: "
                    "the function would end there without a result"
                )
            )
        return None if is_undefined(value) else value


def _with_function_scope(thunk: Callable, scope_name: str, options: Any) -> Any:
    return thunk(FunctionScope("lambda_", scope_name, options))


BY_MALT_NAME: dict[str, Any] = {
    "caught": lambda: sys.exc_info()[1],
    "iterated": iterated,
    "if_stmt": _if_stmt,
    "while_stmt": while_stmt,
    "for_stmt": for_stmt,
    "and_": conjunction,
    "or_": _or,
    "not_": _not,
    "if_exp": _if_exp,
    "assert_stmt": _assert_stmt,
    "converted_call": converted_call,
    "FunctionScope": FunctionScope,
    "with_function_scope": _with_function_scope,
    "ConversionOptions": lambda **options: options,
}
