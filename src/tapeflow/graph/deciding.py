"""Which functions AutoGraph converts: the user's own, whose source has a statement that conversion changes.

Converting takes some milliseconds a function, so the source is looked at first, once each, and most functions stay as they
are.
"""

from __future__ import annotations

import ast
import functools
import inspect
import pathlib
import sys
import textwrap
import threading
import types
import weakref
from typing import Any

from tapeflow.core.symbolic import fail
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable

__all__ = ["asks_for_loop_options", "converted", "is_users"]

STATEMENTS = (ast.If, ast.While, ast.For, ast.IfExp, ast.BoolOp, ast.Assert)
# Python's functions that do something else on symbolic tensors.
BUILTINS = {"int", "float", "len", "range", "enumerate", "zip", "iter", "next", "sorted"}
# What methods of values are called: a call `x.reshape(…)` of an unknown x is not taken for one of the user's methods.
OF_VALUES = {*dir(Tensor), *dir(Variable), *dir(list), *dir(dict), *dir(str), *dir(set)} | {
    *("gradient", "jacobian", "batch_jacobian", "watch", "stop_recording", "reset", "apply_gradients", "apply", "minimize"),
    *("write", "read", "stack", "unstack", "size", "concat", "gather", "scatter"),
}

OWN = str(pathlib.Path(__file__).parents[1])

_answers: weakref.WeakKeyDictionary[Any, bool] = weakref.WeakKeyDictionary()  # code -> whether conversion changes anything
_looking = threading.RLock()


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
        if isinstance(call, types.FunctionType) and not isinstance(function, type) and is_users(call):
            inner = converted(call)
            return function if inner is call else types.MethodType(inner, function)
        return function
    if not is_users(function) or not _is_worth_it(function):
        return function
    from tapeflow.graph.conversion import convert_syntax

    try:
        return convert_syntax(function)
    except Exception as error:
        _answers[_key(function)] = False
        fail(f"AutoGraph could not convert {function.__name__}: {error}")


def asks_for_loop_options(function: Any) -> bool:
    """Whether a function sets options of its loops: then it is converted even where it is run eagerly."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    return code is not None and "set_loop_options" in code.co_names


def is_users(function: Any) -> bool:
    """Whether a function is the user's own, and not converted yet: not a library's, nor Python's."""
    if getattr(function, "__tapeflow_unconverted__", False) or hasattr(function, "autograph_info__"):
        return False
    root = (function.__module__ or "").partition(".")[0]
    if root in ("numpy", "scipy", "malt", "keras") or (root in sys.stdlib_module_names and root != "__main__"):
        return False
    file = function.__code__.co_filename
    return not file.startswith(OWN) and "site-packages" not in file and "dist-packages" not in file


def _is_worth_it(function: types.FunctionType) -> bool:
    """Whether the source has a statement that conversion changes, or calls that lead to one."""
    key = _key(function)
    with _looking:  # meanwhile there are answers that hold only for whoever looks (see `_leads_to_one`)
        answer = _answers.get(key)
        if answer is None:
            answer = _answers[key] = _has_statements(function)
        return answer


def _key(function: types.FunctionType) -> Any:
    """What an answer holds for: the code, or one closure, since closures of one code may call different functions."""
    return function if function.__closure__ else function.__code__


def _has_statements(function: types.FunctionType) -> bool:
    try:
        source = inspect.getsource(function)
        tree: ast.AST = ast.parse(textwrap.dedent(source))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    if function.__name__ == "<lambda>":
        tree = _lambda_in(tree, function.__code__, len(source) - len(source.lstrip())) or tree
    for node in ast.walk(tree):
        if isinstance(node, STATEMENTS) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            return True
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            return True
        if isinstance(node, ast.Call) and _leads_to_one(function, node.func):
            return True
    return False


def _lambda_in(tree: ast.AST, code: types.CodeType, indent: int) -> ast.Lambda | None:
    """The lambda that was compiled to this code, among all that stand on its lines: its instructions say where."""
    places = [p for p in code.co_positions() if None not in p and p[2:] != (0, 0)]
    if not places:
        return None
    first, last = min((line, column) for line, _, column, _ in places), max((line, column) for _, line, _, column in places)
    above = code.co_firstlineno - 1
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            body = node.body
            start = body.lineno + above, body.col_offset + indent
            if (start, ((body.end_lineno or 0) + above, (body.end_col_offset or 0) + indent)) == (first, last):
                return node
    return None


def _leads_to_one(function: types.FunctionType, target: ast.expr) -> bool:
    """Whether a call in the source leads to a function that is to be converted: then the caller must be, to get there."""
    if isinstance(target, ast.Name) and target.id in BUILTINS:
        return True
    known, found = _looked_up(function, target)
    if not known:  # an argument or a local: nobody knows before the call
        if isinstance(target, ast.Attribute):
            return target.attr not in OF_VALUES
        return isinstance(target, ast.Name | ast.Subscript)
    if isinstance(found, types.MethodType):
        found = found.__func__
    if found is None or isinstance(found, type):
        return False
    if not isinstance(found, types.FunctionType):
        found = vars(type(found)).get("__call__")
    if not isinstance(found, types.FunctionType) or found is function:
        return False
    _answers.setdefault(_key(function), False)  # ends recursion
    try:
        return is_users(found) and _is_worth_it(found)
    finally:
        _answers.pop(_key(function), None)


def _looked_up(function: types.FunctionType, target: ast.expr) -> tuple[bool, Any]:
    """Whether it is known before a call what an expression stands for, and what that is."""
    if isinstance(target, ast.Name):
        code = function.__code__
        if target.id in code.co_freevars:
            try:
                return True, (function.__closure__ or ())[code.co_freevars.index(target.id)].cell_contents
            except ValueError:
                return False, None
        if target.id in code.co_varnames or target.id in code.co_cellvars:
            return False, None
        return True, function.__globals__.get(target.id)
    if isinstance(target, ast.Attribute):
        known, owner = _looked_up(function, target.value)
        if not known or owner is None:
            return known, None
        if isinstance(owner, types.ModuleType):
            return True, vars(owner).get(target.attr) or getattr(owner, target.attr, None)
        found = inspect.getattr_static(owner, target.attr, None)
        return True, getattr(found, "__func__", found)
    return isinstance(target, ast.Constant | ast.JoinedStr | ast.List | ast.Dict | ast.Tuple), None
