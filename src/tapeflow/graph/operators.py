"""What AutoGraph's converted code calls in place of Python's statements.

What an operator meets decides: on tensors that are known only when the function runs it makes nodes, and on all else it is
Python's own statement.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from tapeflow.core.symbolic import verdict
from tapeflow.graph.agreement import check_condition, is_undefined
from tapeflow.graph.choice_statements import if_exp, if_stmt, negation
from tapeflow.graph.growing_lists import appended, listed, stacked
from tapeflow.graph.loop_statements import for_stmt, while_stmt
from tapeflow.graph.python_functions import converted_call
from tapeflow.graph.ranges_of_loops import iterated
from tapeflow.graph.staging import conjunction, is_symbolic, logical, value_of

__all__ = ["BY_MALT_NAME"]


def _or(a: Callable, b: Callable) -> Any:
    left = value_of(a())
    if not is_symbolic(left):
        return left or b()
    return logical(left, b, False)


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
        if is_symbolic(did_return) and value is not None:
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
    "appended": appended,
    "listed": listed,
    "stacked": stacked,
    "caught": lambda: sys.exc_info()[1],
    "iterated": iterated,
    "if_stmt": if_stmt,
    "while_stmt": while_stmt,
    "for_stmt": for_stmt,
    "and_": conjunction,
    "or_": _or,
    "not_": negation,
    "if_exp": if_exp,
    "assert_stmt": _assert_stmt,
    "converted_call": converted_call,
    "FunctionScope": FunctionScope,
    "with_function_scope": _with_function_scope,
    "ConversionOptions": lambda **options: options,
}
