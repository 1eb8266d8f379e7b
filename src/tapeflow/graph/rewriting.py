"""Python's statements that malt does not know, said in those that it does: `else` of a loop, `:=`, the name of a caught error.

All of it is done to the syntax tree of the user's function, before malt sees it.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator
from typing import Any

from tapeflow.graph.list_syntax import mark_appends, operator_call

__all__ = ["rewrite"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
OWN_SCOPE = (*FUNCTIONS, *COMPREHENSIONS)


def rewrite(function: Any) -> None:
    """Changes the tree of a function, in place.

    Raises:
        ValueError: a `:=` stands where what is evaluated before it, or whether it is evaluated, cannot be kept.
    """
    _Loops().visit(function)
    _name_errors_in_handlers(function)
    if any(isinstance(each, ast.NamedExpr) for each in ast.walk(function)):
        _NamedExpressions().visit(function)
        if not _are_of_comprehensions(function):
            raise ValueError("an assignment inside an expression (:=) of this kind is not supported")
    mark_appends(function)
    _note_what_loops_call(function)


# -- loops with an `else` --------------------------------------------------------------------------------


class _Loops(ast.NodeTransformer):
    """`for …: … else: E` becomes the loop, and `if not left: E`, where every `break` of the loop notes that it is left."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def _loop(self, node: Any) -> Any:
        self.generic_visit(node)
        if not node.orelse:
            return node
        otherwise, node.orelse = node.orelse, []
        left = f"loop_left_{next(self._numbers)}"
        if not _before_each(node.body, ast.Break, [_assignment(left, ast.Constant(True), node)]):
            return [node, *otherwise]
        unless = ast.If(ast.UnaryOp(ast.Not(), ast.Name(left, ast.Load())), otherwise, [])
        return [_assignment(left, ast.Constant(False), node), node, _placed(unless, node)]

    visit_For = visit_While = _loop


def _before_each(statements: list, kind: type, inserted: list) -> bool:
    """Puts statements in front of every `break`, or `continue`, of the loop that has this body; whether there was any."""
    found = False
    for i in reversed(range(len(statements))):
        each = statements[i]
        if isinstance(each, kind):
            statements[i:i] = copy.deepcopy(inserted)
            found = True
        elif not isinstance(each, FUNCTIONS):
            for inner in _bodies(each, own=isinstance(each, ast.For | ast.While)):
                found |= _before_each(inner, kind, inserted)
    return found


def _bodies(statement: Any, own: bool = False) -> Iterator[list]:
    """The lists of statements inside of a statement; of a loop that has its own `break`, only its `else`."""
    for name in ("orelse",) if own else ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for each in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield each.body


# -- assignments in expressions --------------------------------------------------------------------------


class _NamedExpressions(ast.NodeTransformer):
    """`if (y := f(x)) > 0:` becomes `y = f(x)` and `if y > 0:`, where nothing is evaluated in another order by that."""

    def _simple(self, node: Any) -> Any:
        self.generic_visit(node)
        field = "test" if isinstance(node, ast.If) else "value"
        expression = getattr(node, field)
        if expression is None:
            return node
        hoisted = _Hoisting()
        setattr(node, field, hoisted.visit(expression))
        return [*hoisted.statements, node]

    visit_If = visit_Assign = visit_Return = visit_Expr = _simple

    def visit_While(self, node: ast.While) -> Any:
        self.generic_visit(node)
        hoisted = _Hoisting()
        node.test = hoisted.visit(node.test)
        if hoisted.statements:
            again = hoisted.statements
            _before_each(node.body, ast.Continue, again)
            node.body += copy.deepcopy(again)
        return [*copy.deepcopy(hoisted.statements), node]


class _Hoisting(ast.NodeTransformer):
    """Takes assignments out of an expression, going through it in the order in which it is evaluated.

    Attributes:
        statements: the assignments.
    """

    def __init__(self) -> None:
        self.statements: list[ast.stmt] = []
        self._read: set[str] = set()  # names that are read before
        self._fixed = False  # whether something was evaluated that must stay in front of what follows

    def visit(self, node: Any) -> Any:
        if isinstance(node, ast.NamedExpr):
            return self._named(node)
        if isinstance(node, OWN_SCOPE):
            self._fixed = True
        elif isinstance(node, ast.BoolOp):
            node.values[0] = self.visit(node.values[0])
            self._fixed = True  # whether the others are evaluated is known only then
        elif isinstance(node, ast.IfExp):
            node.test = self.visit(node.test)
            self._fixed = True
        elif isinstance(node, ast.Compare):
            node.left = self.visit(node.left)
            node.comparators[0] = self.visit(node.comparators[0])
            self._fixed |= len(node.comparators) > 1
        else:
            self.generic_visit(node)
            if isinstance(node, ast.Name):
                self._read.add(node.id)
            elif isinstance(node, ast.Call | ast.Attribute | ast.Subscript | ast.Await | ast.Yield | ast.YieldFrom):
                self._fixed = True  # it may do something, or see what the following does
        return node

    def _named(self, node: ast.NamedExpr) -> ast.expr:
        fixed, read = self._fixed, set(self._read)
        node.value = self.visit(node.value)
        stays = any(isinstance(each, ast.NamedExpr) for each in ast.walk(node.value))
        if fixed or stays or node.target.id in read:
            self._fixed = True
            return node
        self.statements.append(_placed(ast.Assign([ast.Name(node.target.id, ast.Store())], node.value), node))
        self._fixed, self._read = False, read | {node.target.id}  # what the value does is done in front now
        return ast.copy_location(ast.Name(node.target.id, ast.Load()), node)


def _are_of_comprehensions(function: ast.AST) -> bool:
    """Whether each `:=` that is left stands in a comprehension, and nothing else knows its name: then it may stay there."""
    around: dict[str, set[int]] = {}  # for each name the comprehensions, or the rest of the function, that have it
    bound: dict[str, set[int]] = {}
    waiting: list[tuple[ast.AST, int]] = [(function, 0)]
    while waiting:
        node, place = waiting.pop()
        if isinstance(node, COMPREHENSIONS) and not place:
            place = id(node)
        if isinstance(node, ast.NamedExpr):
            bound.setdefault(node.target.id, set()).add(place)
        if isinstance(node, ast.Name | ast.arg):
            around.setdefault(node.id if isinstance(node, ast.Name) else node.arg, set()).add(place)
        waiting += [(each, place) for each in ast.iter_child_nodes(node)]
    return all(0 not in places and around[name] == places and len(places) == 1 for name, places in bound.items())


# -- calls and handlers ----------------------------------------------------------------------------------


def _note_what_loops_call(node: ast.AST) -> None:
    """`for i in f(x)` becomes `for i in ag__.iterated(f, (x,))`: there a range of unknown length need not become a tensor."""
    for each in ast.walk(node):
        if isinstance(each, ast.For) and isinstance(call := each.iter, ast.Call) and not call.keywords:
            own = isinstance(call.func, ast.Name) and call.func.id in ("super", "eval", "locals", "globals")
            if not own and not any(isinstance(argument, ast.Starred) for argument in call.args):
                each.iter = operator_call("iterated", [call.func, ast.Tuple(call.args, ast.Load())])


def _name_errors_in_handlers(node: ast.AST) -> None:
    """`except E as error:` becomes an assignment in the handler: malt does not know the name otherwise."""
    for each in ast.walk(node):
        if isinstance(each, ast.ExceptHandler) and each.name is not None:
            named = ast.parse(f"{each.name} = ag__.caught()").body[0]
            for part in ast.walk(named):
                ast.copy_location(part, each)
            each.body.insert(0, named)
            each.name = None


# -- new nodes -------------------------------------------------------------------------------------------


def _assignment(name: str, value: ast.expr, place: ast.AST) -> Any:
    return _placed(ast.Assign([ast.Name(name, ast.Store())], value), place)


def _placed(node: Any, place: ast.AST) -> Any:
    """A new statement, with the line of the one that it is made from."""
    return ast.fix_missing_locations(ast.copy_location(node, place))
