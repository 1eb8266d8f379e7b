"""AutoGraph: Python's `if`, `while`, `for` and their like on tensors, by diastatic-malt with operators of our own.

Converting takes long, so only functions whose source has such a statement are converted, once each. What the operators meet
decides: on tensors known only when the function runs they make nodes, and on all else they are Python's.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import textwrap
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.symbolic import SymbolicTensor, fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.graph.control_flow import choose, loop

__all__ = ["converted", "do_not_convert"]

STATEMENTS = (ast.If, ast.While, ast.For, ast.IfExp, ast.BoolOp, ast.Assert)

_lock = threading.Lock()
_answers: weakref.WeakKeyDictionary[Any, bool] = weakref.WeakKeyDictionary()  # code -> whether conversion changes anything
_machinery: list[Any] = []


def do_not_convert(func: Callable | None = None) -> Any:
    """Keeps AutoGraph away from a function: Python's control flow stays Python's in it.

    >>> import tapeflow as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def twice(x):
    ...     return x + x
    >>> twice(tf.constant(1.0)).numpy()
    np.float32(2.0)
    """
    if func is None:
        return do_not_convert
    if inspect.isfunction(func):
        func.__tapeflow_unconverted__ = True  # type: ignore[attr-defined]
        return func

    @functools.wraps(func)
    def called(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    called.__tapeflow_unconverted__ = True  # type: ignore[attr-defined]
    return called


def converted(function: Any) -> Any:
    """A function like `function` whose control flow works on symbolic tensors; itself if there is nothing to convert."""
    if isinstance(function, types.MethodType):
        inner = converted(function.__func__)
        return function if inner is function.__func__ else types.MethodType(inner, function.__self__)
    if isinstance(function, functools.partial):
        inner = converted(function.func)
        return function if inner is function.func else functools.partial(inner, *function.args, **function.keywords)
    if not isinstance(function, types.FunctionType):
        call = vars(type(function)).get("__call__")
        if isinstance(call, types.FunctionType) and not isinstance(function, type) and _is_users(call):
            inner = converted(call)
            return function if inner is call else types.MethodType(inner, function)
        return function
    if not _is_users(function) or not _is_worth_it(function):
        return function
    return _convert(function)


def _is_users(function: Any) -> bool:
    """Whether a function is the user's own: not a library's, nor Python's."""
    if getattr(function, "__tapeflow_unconverted__", False):
        return False
    module = function.__module__ or ""
    root = module.partition(".")[0]
    if root in ("tapeflow", "numpy", "scipy", "malt", "keras") or (root in sys.stdlib_module_names and root != "__main__"):
        return False
    file = function.__code__.co_filename
    return "site-packages" not in file


def _is_worth_it(function: types.FunctionType) -> bool:
    """Whether the source has a statement that conversion changes, or calls that lead to one."""
    code = function.__code__
    answer = _answers.get(code)
    if answer is None:
        answer = _answers[code] = _has_statements(function)
    return answer


def _has_statements(function: types.FunctionType) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    for node in ast.walk(tree):
        if isinstance(node, STATEMENTS) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name | ast.Attribute)
            and _calls_one(function, node.func)
        ):
            return True
    return False


def _calls_one(function: types.FunctionType, target: Any) -> bool:
    """Whether a call in the source leads to a function that is to be converted: then the caller must be, to get there."""
    if isinstance(target, ast.Attribute):
        return False if not isinstance(target.value, ast.Name) else target.value.id == "self"
    found = function.__globals__.get(target.id)
    if found is None and target.id in function.__code__.co_freevars and function.__closure__:
        try:
            found = function.__closure__[function.__code__.co_freevars.index(target.id)].cell_contents
        except ValueError:
            return True
    if found is None or not isinstance(found, types.FunctionType) or found is function:
        return False
    _answers.setdefault(function.__code__, False)  # ends recursion
    try:
        return _is_users(found) and _is_worth_it(found)
    finally:
        _answers.pop(function.__code__, None)


# -- the operators -------------------------------------------------------------------------------------------


def _is_symbolic(value: Any) -> bool:
    return type(value) is SymbolicTensor


def _value_of(value: Any) -> Any:
    """A condition: the value of a variable is known only when the function runs."""
    return value._read() if isinstance(value, Variable) and tracing() is not None else value


def _if_stmt(cond: Any, body: Any, orelse: Any, get_state: Any, set_state: Any, symbol_names: Any, nouts: int) -> None:
    cond = _value_of(cond)
    if not _is_symbolic(cond):
        (body if cond else orelse)()
        return
    before = get_state()

    def branch(run: Callable) -> Callable[[], list]:
        def traced() -> list:
            set_state(before)
            run()
            return list(get_state()[:nouts])

        return traced

    try:
        after = choose(tracing(), cond, (branch(body), branch(orelse)))
    except BaseException:
        set_state(before)
        raise
    set_state((*after, *before[nouts:]))


def _while_stmt(test: Any, body: Any, get_state: Any, set_state: Any, symbol_names: Any, opts: Any) -> None:
    if tracing() is None:
        while test():
            body()
        return
    condition = _tried(test)
    while not isinstance(condition, Tensor):
        if not condition:
            return
        body()
        condition = _tried(test)
    _stage(None, test, body, None, get_state, set_state)


def _tried(test: Callable) -> Any:
    """What a test gives: if it is a tensor the test will be traced again, so what it noted is dropped."""
    with tracing().inner() as block:
        condition = _value_of(test())
    if block.nodes and not isinstance(condition, Tensor):
        fail("the test of a Python loop works on tensors")
    return condition


def _stage(elements: Any, test: Any, body: Any, takes: Any, get_state: Any, set_state: Any) -> None:
    before = get_state()

    def tested(state: list) -> Any:
        set_state(tuple(state))
        return test()

    def ran(state: list, item: Any) -> list:
        set_state(tuple(state))
        body() if takes is None else body(item)
        return list(get_state())

    try:
        after = loop(tracing(), list(before), None if test is None else tested, ran, elements)
    except BaseException:
        set_state(before)
        raise
    set_state(tuple(after))


def _for_stmt(iter_: Any, extra_test: Any, body: Any, get_state: Any, set_state: Any, symbol_names: Any, opts: Any) -> None:
    iter_ = _value_of(iter_)
    if tracing() is not None and isinstance(iter_, Tensor) and iter_._value.ndim:
        if extra_test is None and iter_._value.shape[0] and any(type(x).__name__ == "Undefined" for x in get_state()):
            body(iter_[0])  # what it defines is what the loop then starts with
            iter_ = iter_[1:]
        _stage(iter_, extra_test, body, True, get_state, set_state)
        return
    for item in iter_:
        if extra_test is not None:
            more = extra_test()
            if _is_symbolic(more):
                fail("a `break` or `return` in a Python loop that depends on a tensor")
            if not more:
                break
        body(item)


def _and(a: Callable, b: Callable) -> Any:
    left = _value_of(a())
    if not _is_symbolic(left):
        return left and b()
    return _logical(left, b, True)


def _or(a: Callable, b: Callable) -> Any:
    left = _value_of(a())
    if not _is_symbolic(left):
        return left or b()
    return _logical(left, b, False)


def _logical(left: Tensor, right: Callable, conjunction: bool) -> Any:
    """Python's `and` and `or` of bools, the right side running only if it must."""

    def evaluated() -> list:
        value = _value_of(right())
        if isinstance(value, bool | np.bool_):
            value = Tensor(np.bool_(value))
        if not isinstance(value, Tensor) or value._value.dtype.kind != "b":
            fail("`and` or `or` of something else than bools")
        return [value]

    if left._value.dtype.kind != "b":
        fail("`and` or `or` of something else than bools")
    sides = (evaluated, lambda: [left]) if conjunction else (lambda: [left], evaluated)
    return choose(tracing(), left, sides)[0]


def _not(a: Any) -> Any:
    a = _value_of(a)
    if not _is_symbolic(a):
        return not a
    if a._value.dtype.kind != "b" or a._value.ndim:
        fail("`not` of something else than a bool")
    from tapeflow.ops.logic import logical_not

    return logical_not(a)


def _if_exp(cond: Any, if_true: Callable, if_false: Callable, expr_repr: str) -> Any:
    cond = _value_of(cond)
    if not _is_symbolic(cond):
        return if_true() if cond else if_false()
    return choose(tracing(), cond, (lambda: [if_true()], lambda: [if_false()]))[0]


def _assert_stmt(expression1: Any, expression2: Callable) -> None:
    expression1 = _value_of(expression1)
    if not _is_symbolic(expression1):
        assert expression1, expression2()
        return
    fail("an `assert` on a tensor")


def _converted_call(f: Any, args: tuple, kwargs: dict | None, caller_fn_scope: Any = None, options: Any = None) -> Any:
    if f in (super, eval, locals, globals, vars, dir) if isinstance(f, type | types.BuiltinFunctionType) else False:
        return _original_call(f, args, kwargs, caller_fn_scope, options)
    if tracing() is not None:
        f = converted(f)
    return f(*args, **(kwargs or {}))


def _original_call(*args: Any) -> Any:
    from malt.impl import api

    return api.converted_call(*args)


# -- the machinery -------------------------------------------------------------------------------------------


def _make_machinery() -> tuple:
    import importlib.util  # noqa: F401  malt uses it without importing it

    from malt.core import converter
    from malt.impl import api

    operators = {
        "if_stmt": _if_stmt,
        "while_stmt": _while_stmt,
        "for_stmt": _for_stmt,
        "and_": _and,
        "or_": _or,
        "not_": _not,
        "if_exp": _if_exp,
        "assert_stmt": _assert_stmt,
        "converted_call": _converted_call,
    }

    class Converter(api.PyToPy):  # type: ignore[name-defined, misc]
        def get_extra_locals(self) -> dict:
            if self._extra_locals is None:
                names = super().get_extra_locals()
                for name, operator in operators.items():
                    setattr(names["ag__"], name, operator)
                self._extra_locals = names
            return self._extra_locals

    left_out = [
        converter.Feature.NAME_SCOPES,
        converter.Feature.AUTO_CONTROL_DEPS,
        converter.Feature.LISTS,
        converter.Feature.EQUALITY_OPERATORS,
    ]
    options = converter.ConversionOptions(
        recursive=True, user_requested=True, optional_features=tuple(converter.Feature.all_but(left_out))
    )
    return Converter(), converter.ProgramContext(options=options)


def _convert(function: types.FunctionType) -> Any:
    with _lock:
        if not _machinery:
            _machinery.extend(_make_machinery())
        try:
            result, _, _ = _machinery[0].transform(function, _machinery[1])
        except Exception as error:
            _answers[function.__code__] = False
            fail(f"AutoGraph could not convert {function.__name__}: {error}")
    result.__defaults__, result.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    return result
