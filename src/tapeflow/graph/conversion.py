"""The converted form of a function: diastatic-malt rewrites its syntax tree, and the result is compiled in the user's name.

Malt would write the rewritten source to a temporary module and import it: tracebacks would show that file, and the writing,
reading and mapping of it take as long as the rewriting. Here the rewritten tree is compiled as it is, each node with the
line that it came from, in the user's own file. Passes that a source does not need are left out.
"""

from __future__ import annotations

import ast
import threading
import types
import weakref
from typing import Any

from tapeflow.core.inspection import get_logger
from tapeflow.graph import operators
from tapeflow.graph.list_syntax import MARKS
from tapeflow.graph.rewriting import rewrite

__all__ = ["convert_syntax", "source_of", "telling"]

telling: dict[str, Any] = {"level": 0, "aloud": False}
"""How much is told of conversions: `tf.autograph.set_verbosity`."""

_lock = threading.RLock()
_factories: weakref.WeakKeyDictionary[types.CodeType, types.CodeType] = weakref.WeakKeyDictionary()
_machinery: list[Any] = []


def convert_syntax(function: types.FunctionType) -> types.FunctionType:
    """A function like `function`, in the same scopes, whose statements call `tapeflow.graph.operators`.

    Raises:
        Exception: malt's, where the source is not to be had or has something that cannot be converted.
    """
    with _lock:
        factory = _factories.get(function.__code__)
        if factory is None:
            factory = _factories[function.__code__] = _compiled(function)
            if telling["level"] > 0:
                _tell(function)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    made = types.FunctionType(
        factory, function.__globals__, "factory", (), tuple([cells[name] for name in factory.co_freevars])
    )(_machinery[0].module)
    made.__defaults__, made.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    made.__name__, made.__qualname__, made.__doc__ = function.__name__, function.__qualname__, function.__doc__
    made.__module__ = function.__module__
    return made


def source_of(function: types.FunctionType) -> str:
    """The text of the converted function."""
    with _lock:
        nodes, _ = _rewritten(function)
    return ast.unparse(ast.fix_missing_locations(nodes))


def _tell(function: types.FunctionType) -> None:
    text = f"AutoGraph converted {function.__qualname__} of {function.__code__.co_filename}"
    if telling["level"] >= 3:
        text = f"{text}:\n{source_of(function)}"
    get_logger().info(text)
    if telling["aloud"]:
        print(text)


def _rewritten(function: types.FunctionType) -> tuple[Any, Any]:
    if not _machinery:
        _machinery.append(_Machinery())
    machinery = _machinery[0]
    return machinery.transpiler.transform_function(function, machinery.context)


def _compiled(function: types.FunctionType) -> types.CodeType:
    """The code of `lambda ag__: the converted function`, whose free variables are those of `function`."""
    nodes, context = _rewritten(function)
    name = context.info.name
    file = function.__code__.co_filename
    if isinstance(nodes, ast.Lambda):
        entity: ast.stmt = ast.Assign(targets=[ast.Name(name, ast.Store())], value=nodes)
    else:
        nodes.name = name
        entity = nodes
    outer = ast.parse("def outer():\n def factory(ag__):\n  return result\n return factory")
    maker: Any = outer.body[0]
    factory = maker.body[0]
    factory.body = [entity, ast.Return(ast.Name(name, ast.Load()))]
    own = [ast.parse(f"{variable} = None").body[0] for variable in function.__code__.co_freevars]
    maker.body = [*own, *maker.body]
    futures = [ast.alias(feature) for feature in context.info.future_features]
    head = [ast.ImportFrom("__future__", futures, 0)] if futures else []
    module = ast.Module([*head, maker], [])
    _Contexts().visit(module)
    _locate(module, function.__code__.co_firstlineno, _machinery[0].origin)
    code = compile(module, file, "exec", dont_inherit=True)
    code = _named(code, name, function.__name__)
    return _code_in(_code_in(code, "outer"), "factory")


def _code_in(code: types.CodeType, name: str) -> types.CodeType:
    return next(each for each in code.co_consts if isinstance(each, types.CodeType) and each.co_name == name)


def _named(code: types.CodeType, name: str, wanted: str) -> types.CodeType:
    """Code whose function, and the pieces that its statements became, bear the user's name in tracebacks."""
    inside = code.co_name == wanted or code.co_name == name
    consts = []
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            if each.co_name == name or (inside and each.co_name.startswith(PIECES)):
                each = each.replace(co_name=wanted)
            each = _named(each, name, wanted)
        consts.append(each)
    return code.replace(co_consts=tuple(consts))


PIECES = ("if_body", "else_body", "loop_body", "loop_test", "extra_test")


class _Contexts(ast.NodeTransformer):
    """Marks names as read or written by where they stand: malt's templates do not always."""

    def __init__(self) -> None:
        self._context: ast.expr_context = ast.Load()

    def _written(self, node: Any, context: ast.expr_context) -> None:
        before, self._context = self._context, context
        self.visit(node)
        self._context = before

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(_keep(ast.Name(node.id, self._context), node), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.args = list(node.args)
        return self.generic_visit(node)

    def visit_Starred(self, node: ast.Starred) -> ast.AST:
        node.ctx = self._context
        node.value = self.visit(node.value)
        return node

    def _sequence(self, node: Any) -> ast.AST:
        node.ctx = self._context
        node.elts = [self.visit(each) for each in node.elts]
        return node

    visit_Tuple = visit_List = _sequence

    def _part(self, node: Any) -> ast.AST:
        node.ctx = self._context
        before, self._context = self._context, ast.Load()
        self.generic_visit(node)
        self._context = before
        return node

    visit_Attribute = visit_Subscript = _part

    def _with_target(self, node: Any) -> ast.AST:
        for field, value in ast.iter_fields(node):
            context = _TARGETS.get((type(node), field), ast.Load)()
            before, self._context = self._context, context
            if isinstance(value, list):
                setattr(node, field, [self.visit(each) if isinstance(each, ast.AST) else each for each in value])
            elif isinstance(value, ast.AST):
                setattr(node, field, self.visit(value))
            self._context = before
        return node

    visit_Assign = visit_AugAssign = visit_AnnAssign = visit_For = visit_Delete = _with_target
    visit_withitem = visit_comprehension = visit_NamedExpr = _with_target


_TARGETS: dict[tuple[type, str], Any] = {
    (ast.Assign, "targets"): ast.Store,
    (ast.AugAssign, "target"): ast.Store,
    (ast.AnnAssign, "target"): ast.Store,
    (ast.For, "target"): ast.Store,
    (ast.Delete, "targets"): ast.Del,
    (ast.withitem, "optional_vars"): ast.Store,
    (ast.comprehension, "target"): ast.Store,
    (ast.NamedExpr, "target"): ast.Store,
}


def _keep(new: ast.AST, old: ast.AST) -> ast.AST:
    """A node with the notes that malt made on another."""
    notes = getattr(old, "___pyct_anno", None)
    if notes is not None:
        setattr(new, "___pyct_anno", notes)
    return new


def _locate(node: ast.AST, line: int, origin: Any) -> None:
    """Gives every node the line of the user's source that it came from, or that its parent did."""
    found = origin.of(node, default=None)
    if found is not None:
        line = found.loc.lineno
    if "lineno" in node._attributes:
        place: Any = node
        place.lineno = place.end_lineno = line
        place.col_offset = place.end_col_offset = 0
    for child in ast.iter_child_nodes(node):
        _locate(child, line, origin)


# -- malt ------------------------------------------------------------------------------------------


class _Machinery:
    """Malt's parts, loaded at the first conversion."""

    def __init__(self) -> None:
        import importlib.util  # noqa: F401  malt uses it without importing it

        from malt.converters import (
            asserts,
            break_statements,
            call_trees,
            conditional_expressions,
            continue_statements,
            control_flow,
            directives,
            functions,
            logical_expressions,
            return_statements,
            variables,
        )
        from malt.core import converter, unsupported_features_checker
        from malt.impl import api
        from malt.lang import directives as marks
        from malt.pyct import anno

        class Directives(directives.DirectivesTransformer):  # type: ignore[name-defined, misc]
            """Knows `tf.autograph.experimental.set_loop_options` for what malt calls so."""

            def visit_Name(self, node: Any) -> Any:
                return self._known(super().visit_Name(node))

            def visit_Attribute(self, node: Any) -> Any:
                return self._known(super().visit_Attribute(node))

            def _known(self, node: Any) -> Any:
                value = anno.getanno(node, directives.STATIC_VALUE, default=None)
                if getattr(value, "__tapeflow_loop_options__", False):
                    anno.setanno(node, directives.STATIC_VALUE, marks.set_loop_options)
                return node

        def note_marks(node: Any) -> None:
            """What was found out about a loop comes to it with its options."""
            for each in ast.walk(node):
                told = anno.getanno(each, anno.Basic.DIRECTIVES, {})
                if MARKS in told:
                    told[marks.set_loop_options] = told.get(marks.set_loop_options, {}) | told[MARKS]

        class Transpiler(api.PyToPy):  # type: ignore[name-defined, misc]
            """Malt's passes, those that a source needs."""

            def transform_function(self, fn: Any, user_context: Any) -> Any:
                return super(api.transpiler.PyToPy, self).transform_function(fn, user_context)

            def transform_ast(self, node: Any, ctx: Any) -> Any:
                rewrite(node)
                unsupported_features_checker.verify(node)
                kinds = set(map(type, ast.walk(node)))
                returns = not _returns_last(node)
                loops = not kinds.isdisjoint((ast.For, ast.While))
                node = functions.transform(self.initial_analysis(node, ctx), ctx)
                if loops:
                    node = Directives(ctx).visit(node)
                    note_marks(node)
                for needed, converts in (
                    (ast.Break in kinds, break_statements),
                    (ast.Assert in kinds, asserts),
                    (not kinds.isdisjoint((ast.Break, ast.Continue)), continue_statements),
                    (returns, return_statements),
                    (True, call_trees),
                    (loops or ast.If in kinds, control_flow),
                    (ast.IfExp in kinds, conditional_expressions),
                    (not kinds.isdisjoint((ast.BoolOp, ast.Not, ast.Compare)), logical_expressions),
                    (True, variables),
                ):
                    if needed:
                        node = converts.transform(node, ctx)
                return node

        left_out = ("NAME_SCOPES", "AUTO_CONTROL_DEPS", "LISTS", "EQUALITY_OPERATORS")
        features = converter.Feature.all_but([converter.Feature[name] for name in left_out])
        options = converter.ConversionOptions(recursive=True, user_requested=True, optional_features=tuple(features))
        self.transpiler = Transpiler()
        self.context = converter.ProgramContext(options=options)
        self.origin = anno.Basic.ORIGIN
        self.module = self.transpiler.get_extra_locals()["ag__"]
        for name, operator in operators.BY_MALT_NAME.items():
            setattr(self.module, name, operator)


def _returns_last(node: ast.AST) -> bool:
    """Whether every `return` is the last statement of its function, so that it can stay what it is."""
    last = set()
    for each in ast.walk(node):
        if isinstance(each, ast.FunctionDef | ast.Lambda) and isinstance(body := each.body, list) and body:
            last.add(id(body[-1]))
    return all(id(each) in last for each in ast.walk(node) if isinstance(each, ast.Return))
