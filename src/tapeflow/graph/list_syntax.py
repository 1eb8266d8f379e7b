"""Which lists of a function its loops append to, found in its syntax tree; `l.append(x)` becomes `l = ag__.appended(l, x)` there.

So the list is a variable of the loop, and where the loop is one of the graph the list can be a value of it (`growing_lists`). Where
something other is done after the loops than to read it, `l` becomes `ag__.listed(l)`, which is a list of Python's, or in
`tf.stack(l)` and its like `ag__.stacked(l)`. A list that goes
by another name as well while it grows must stay the one object that it is; it is left alone.
"""

from __future__ import annotations

import ast
from typing import Any

__all__ = ["MARKS", "mark_appends", "operator_call"]

LOOPS = (ast.For, ast.While)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
TAKE_TENSORS = {
    "stack",
    "convert_to_tensor",
    "reduce_sum",
    "reduce_mean",
    "reduce_max",
    "reduce_min",
    "reduce_prod",
    "reduce_any",
}
MARKS = "tapeflow marks"
CHANGES = {"append", "extend", "insert", "pop", "remove", "clear", "add", "discard", "update", "setdefault", "popitem"}


def mark_appends(function: Any) -> None:
    """Rewrites the appends of a function, and marks its loops.

    A loop that appends to lists, or otherwise changes an object of Python's by a method, gets a note of malt's that says so: one
    under `MARKS`, with `lists`, the names of the lists, and `mutates`.
    """
    for scope in [each for each in ast.walk(function) if isinstance(each, ast.FunctionDef)]:
        found = _Uses(scope)
        if found.extended:
            _Extends(found.extended & found.made).visit(scope)
            found = _Uses(scope)
        for loop in found.loops:
            if any(_method_of(each) in CHANGES for each in ast.walk(loop) if isinstance(each, ast.Expr)):
                _marks(loop)["mutates"] = ast.Constant(True)
        names = {name for name in found.appends if _is_plain(name, found)}
        if names:
            _Appends(names).visit(scope)


def _marks(loop: Any) -> dict[str, Any]:
    """The marks of a loop: where malt keeps what users say about loops, since that goes with them through its passes."""
    from malt.pyct import anno

    told = anno.getanno(loop, anno.Basic.DIRECTIVES, {})
    anno.setanno(loop, anno.Basic.DIRECTIVES, told)
    return told.setdefault(MARKS, {})


def _method_of(statement: Any) -> str:
    call = statement.value
    return call.func.attr if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) else ""


def _appended_to(node: ast.AST) -> str:
    """The name in a statement `name.append(x)`; empty for others."""
    if isinstance(node, ast.Expr) and _method_of(node) == "append":
        call: Any = node.value
        if isinstance(call.func.value, ast.Name) and len(call.args) == 1 and not call.keywords:
            return "" if isinstance(call.args[0], ast.Starred) else call.func.value.id
    return ""


def _extended_by(node: ast.AST) -> tuple[str, list]:
    """The name in a statement `name.extend([a, b])`, and what is appended to it one after the other; empty for others."""
    if isinstance(node, ast.Expr) and _method_of(node) == "extend":
        call: Any = node.value
        if isinstance(call.func.value, ast.Name) and len(call.args) == 1 and not call.keywords:
            given = call.args[0]
            if isinstance(given, ast.List | ast.Tuple) and given.elts:
                name = call.func.value.id
                if not any(isinstance(each, ast.Starred) or _names(each, name) for each in given.elts):
                    return name, given.elts
    return "", []


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


class _Extends(ast.NodeTransformer):
    """`l.extend([a, b])` becomes `l.append(a)` and `l.append(b)`, where `l` is one of the lists that have these names."""

    def __init__(self, names: set[str]) -> None:
        self._lists = names

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Each element is appended by a statement of its own."""
        name, elements = _extended_by(node)
        if name not in self._lists:
            return node
        new = []
        for each in elements:
            append = ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load())
            new.append(ast.fix_missing_locations(ast.copy_location(ast.Expr(ast.Call(append, [each], [])), node)))
        return new


class _Uses(ast.NodeVisitor):
    """How the names of one function are used.

    Attributes:
        loops: its loops.
        appends: for each name that is appended to inside of loops, the outermost of these loops.
        made: the names that an assignment gives a new list.
        extended: the names that a list of new elements is appended to.
        spoiled: names that something else is done to.
        bare: for each name the places where the list itself is taken.
    """

    def __init__(self, function: ast.FunctionDef) -> None:
        self.loops: list[Any] = []
        self.appends: dict[str, list] = {}
        self.made: set[str] = set()
        self.extended: set[str] = set()
        self.spoiled = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
        self.bare: dict[str, list[ast.Name]] = {}
        self._outermost: Any = None
        for statement in function.body:
            self.visit(statement)

    def visit(self, node: Any) -> None:
        """Notes what a node does."""
        if isinstance(node, SCOPES):
            self.spoiled |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        elif isinstance(node, ast.Global | ast.Nonlocal):
            self.spoiled |= set(node.names)
        elif isinstance(node, LOOPS):
            self.loops.append(node)
            before = self._outermost
            self._outermost = before or node
            self.generic_visit(node)
            self._outermost = before
        elif name := _extended_by(node)[0]:
            self.extended.add(name)
            self.generic_visit(node)
        elif name := _appended_to(node):
            if self._outermost is not None:
                self.appends.setdefault(name, []).append(self._outermost)
            self.visit(node.value.args[0])
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            for target, value in _pairs(node.targets[0], node.value):
                if isinstance(target, ast.Name):
                    (self.made if _is_new_list(value) else self.spoiled).add(target.id)
                else:
                    self.visit(target)
                self.visit(value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            (self.made if _is_new_list(node.value) else self.spoiled).add(node.target.id)
            self.visit(node.value)
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
            self.visit(node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len":
            for each in node.args:
                if not isinstance(each, ast.Name):
                    self.visit(each)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                self.bare.setdefault(node.id, []).append(node)
            else:
                self.spoiled.add(node.id)
        else:
            self.generic_visit(node)


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """What is assigned to what: `a, b = [], []` is two assignments."""
    if not (isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts)):
        return [(target, value)]
    if any(isinstance(each, ast.Starred) for each in (*target.elts, *value.elts)):
        return [(target, value)]
    return list(zip(target.elts, value.elts, strict=True))


def _is_new_list(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "list" and not value.args
    return isinstance(value, ast.List) and not any(isinstance(each, ast.Starred) for each in value.elts)


def _is_plain(name: str, uses: _Uses) -> bool:
    """Whether a name is a list that nothing else knows until the loops are done that append to it."""
    if name in uses.spoiled or name not in uses.made:
        return False
    end = max(loop.end_lineno for loop in uses.appends[name])
    return all(place.lineno > end for place in uses.bare.get(name, ()))


class _Appends(ast.NodeTransformer):
    """Rewrites the appends to some names inside of loops, and what is done with the lists afterwards."""

    def __init__(self, names: set[str]) -> None:
        self._names, self._loops = names, []  # type: ignore[var-annotated]

    def _is_listed(self, node: Any) -> bool:
        return isinstance(node, ast.Name) and node.id in self._names and isinstance(node.ctx, ast.Load)

    def _loop(self, node: Any) -> Any:
        self._loops.append(node)
        source = getattr(node, "iter", None)
        self.generic_visit(node)
        if self._is_listed(source):
            node.iter = source
        self._loops.pop()
        return node

    visit_For = visit_While = _loop

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        """Reading stays what it is."""
        if not self._is_listed(node.value):
            return self.generic_visit(node)
        node.slice = self.visit(node.slice)
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        """So does `len`; what takes a tensor as well as a list gets that, since a tensor may have a size that nobody knows yet."""
        is_length = isinstance(node.func, ast.Name) and node.func.id == "len"
        if not node.args or not self._is_listed(node.args[0]) or not (is_length or _takes_tensors(node.func)):
            return self.generic_visit(node)
        own, *others = node.args
        node.args, node.keywords = [], [self.visit(each) for each in node.keywords]
        node.args = [own if is_length else operator_call("stacked", [own]), *map(self.visit, others)]
        return node

    def visit_Name(self, node: ast.Name) -> Any:
        """Anything else gets a list of Python's."""
        return operator_call("listed", [node]) if self._is_listed(node) else node

    def visit_Expr(self, node: ast.Expr) -> Any:
        """An append becomes an assignment in a loop."""
        name = _appended_to(node)
        if name not in self._names:
            return self.generic_visit(node)
        call: Any = node.value
        call.args = [self.visit(call.args[0])]
        if not self._loops:
            return node
        for loop in self._loops:
            listed = _marks(loop).setdefault("lists", ast.Tuple([], ast.Load())).elts
            if all(each.value != name for each in listed):
                listed.append(ast.Constant(name))
        new = ast.Assign([ast.Name(name, ast.Store())], operator_call("appended", [call.func.value, *call.args]))
        return ast.fix_missing_locations(ast.copy_location(new, node))


def _takes_tensors(function: ast.expr) -> bool:
    """Whether it is an operation that takes the tensor of a list's elements for the list, by the name that it is called by."""
    if not isinstance(function, ast.Attribute) or function.attr not in TAKE_TENSORS:
        return False
    root = function.value
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and root.id in ("tf", "tensorflow", "tapeflow")


def operator_call(operator: str, arguments: list) -> ast.Call:
    """A call of one of our own operators."""
    call: Any = ast.parse(f"ag__.{operator}()", mode="eval").body
    call.args = arguments
    return ast.fix_missing_locations(ast.copy_location(call, arguments[0]))
