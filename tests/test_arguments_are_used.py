"""No argument is ignored in silence: each is read, or the documentation says why it changes nothing."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.test_public_names import ONCE

NEVER_DOCUMENTED = {"self", "cls", "name"}
ELSEWHERE = ("those of", "as in", "the same as")  # the documentation of another function has them


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for path, value in ONCE:
        if not inspect.isclass(value):
            yield path, inspect.unwrap(value)
            continue
        for name, member in vars(value).items():
            if inspect.isfunction(member) and (not name.startswith("_") or name in ("__init__", "__call__", "__new__")):
                yield f"{path}.{name}", inspect.unwrap(member)


def definition(function: Callable[..., Any]) -> ast.FunctionDef | None:
    if not inspect.isfunction(function) or not function.__module__.startswith("tapeflow"):
        return None
    try:
        node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return None
    return node if isinstance(node, ast.FunctionDef) else None


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    return [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]


def unread(node: ast.FunctionDef) -> set[str]:
    """The parameters that the body never reads; none where the body is for subclasses or a decorator to supply."""
    body = without_docstring(node.body)
    if not body or (len(body) == 1 and isinstance(body[0], ast.Raise | ast.Pass)):
        return set()
    arguments = node.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    parameters += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    read = {each.id for statement in body for each in ast.walk(statement) if isinstance(each, ast.Name)}
    names = {parameter.arg for parameter in parameters}
    return {name for name in names - read - NEVER_DOCUMENTED if not name.startswith("_")}


IGNORED = [(path, function, unread(node)) for path, function in functions() if (node := definition(function)) is not None]


def test_the_functions_are_found():
    assert len(IGNORED) > 600


@pytest.mark.parametrize(
    "path, function, parameters", [case for case in IGNORED if case[2]], ids=[case[0] for case in IGNORED if case[2]]
)
def test_what_is_not_read_is_documented(path, function, parameters):
    documentation = inspect.getdoc(function) or ""
    if path.endswith(".__init__"):
        owner = dict(ONCE)[path.removesuffix(".__init__")]
        documentation += owner.__doc__ or ""
    if not any(phrase in documentation for phrase in ELSEWHERE):
        assert [name for name in parameters if name not in documentation] == []


def test_a_parameter_that_is_not_read_is_found():
    node = ast.parse("def f(x, axis, name=None):\n    '''Doc.'''\n    return x").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert unread(node) == {"axis"}
