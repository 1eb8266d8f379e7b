"""The Plan: a graph as one Python function.

Dead nodes are left out and equal ones shared; the rest is written as source, one line a node, with operators where the
kernel is one, and compiled. Large intermediate results are deleted after their last use.
"""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.dispatch import refusal
from tapeflow.core.quiet import run_in_copy
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.variable import NOT_READ
from tapeflow.graph.ir import Assign, Block, Choice, Loop, Node, acts
from tapeflow.graph.plan_loops import rows_needed, write_choice, write_loop
from tapeflow.graph.updates import update, updates_in_place

__all__ = ["Plan"]

NAME = re.compile(r"\bv\d+\b")
OPERATORS: dict[Any, str] = {
    operator.add: "+",
    operator.sub: "-",
    operator.mul: "*",
    operator.truediv: "/",
}


class Plan:
    """A graph, compiled.

    Args:
        block: the function's nodes.
        inputs: the numbers of the arguments.
        outputs: the tensors to return.

    `plan(*arrays)` gives a tuple of arrays.

    Attributes:
        source: the text of the function.
    """

    def __init__(self, block: Block, inputs: list[int], outputs: list) -> None:
        self.needed: set[int] = set()
        self._uses: Counter[int] = Counter()
        self._need(outputs)
        self._mark(block)
        self._names: dict[str, Any] = {}
        self._known: dict[int, str] = {}
        self._same: dict[int, int] = {}
        self._lines = [f"def plan({', '.join(f'v{n}' for n in inputs)}):"]
        self._nodes: list[Any] = [None]
        self._write(block, 1, {})
        self._line(1, f"return ({''.join(self._value(y) + ', ' for y in outputs)})", None)
        self._delete_the_dead(_arrays(block))
        self.source = "\n".join(self._lines)
        self._file = f"<tapeflow plan {id(self)}>"
        exec(compile(self.source, self._file, "exec"), self._names)
        self._run: Callable = self._names["plan"]

    def __call__(self, *arrays: Any) -> tuple:
        try:
            return run_in_copy(self._run, *arrays)
        except (ValueError, TypeError, IndexError, np.linalg.LinAlgError) as error:
            node = self._node_at(error)
            if node is None:
                raise
            raise refusal(node.primitive, node.inputs, error) from error

    def _node_at(self, error: Exception) -> Node | None:
        """The operation that failed; None if it was an effect, whose errors are its own."""
        step = error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == self._file:
                node = self._nodes[step.tb_lineno - 1]
                return node if type(node) is Node and node.primitive is not None else None
            step = step.tb_next
        return None

    # -- what is needed ----------------------------------------------------------------------------

    def _need(self, tensors: Any) -> None:
        self.needed.update(x._value.number for x in tensors if type(x) is SymbolicTensor)
        self._uses.update(x._value.number for x in tensors if type(x) is SymbolicTensor)

    def _mark(self, block: Block) -> None:
        """Marks what the nodes of `block` need, from the last to the first."""
        for node in reversed(block.nodes):
            if not self._is_needed(node):
                continue
            if type(node) is Node or type(node) is Assign:
                self._need(node.inputs)
            elif type(node) is Choice:
                self._need([node.condition, *node.results[0], *node.results[1]])
                for side in node.blocks:
                    self._mark(side)
            else:
                self._mark_loop(node)

    def _mark_loop(self, node: Loop) -> None:
        """A part of the state is needed if somebody reads it, in the loop or after it; so is a row, and a stack after it."""
        self._need([x for x, number in zip(node.emitted, node.stacks, strict=True) if number in self.needed])
        if node.test is not None:
            self._need([node.condition])
        waiting = list(zip(node.state, node.outputs, node.initial, node.following, strict=False))
        while True:
            uses = self._uses.copy()
            self._mark(node.body)
            if node.test is not None:
                self._mark(node.test)
            found = [each for each in waiting if each[0] in self.needed or each[1] in self.needed]
            if not found:
                break
            self._uses = uses  # the blocks are marked again
            for each in found:
                waiting.remove(each)
                self.needed.add(each[0])
                self._need(each[2:])
        self._need([source for source, _ in rows_needed(node, self.needed)])

    def _is_needed(self, node: Any) -> bool:
        return acts(node) or not self.needed.isdisjoint(node.outputs)

    # -- source ------------------------------------------------------------------------------------

    def _line(self, depth: int, text: str, node: Any) -> None:
        self._lines.append(" " * depth + text)
        self._nodes.append(node)

    def _delete_the_dead(self, arrays: set[str]) -> None:
        """Inserts `del` after the last line that names an array made in the function's own block."""
        last: dict[str, int] = {}
        for i, line in enumerate(self._lines):
            for name in NAME.findall(line):
                if name in last or (name in arrays and line.startswith(f" {name} = ")):
                    last[name] = i
        dead: dict[int, list[str]] = {}
        for name, i in last.items():
            while i + 1 < len(self._lines) and self._lines[i + 1].startswith(("  ", " else:")):
                i += 1  # to the end of the loop or choice that it is named in
            dead.setdefault(i, []).append(name)
        lines, nodes = self._lines, self._nodes
        self._lines, self._nodes = [], []
        for i, (line, node) in enumerate(zip(lines, nodes, strict=True)):
            self._lines.append(line)
            self._nodes.append(node)
            if i in dead and i < len(lines) - 1:
                self._line(1, f"del {', '.join(dead[i])}", None)

    def _constant(self, value: Any, prefix: str = "c") -> str:
        name = self._known.get(id(value))
        if name is None:
            name = self._known[id(value)] = f"{prefix}{len(self._known)}"
            self._names[name] = value  # kept, so that its id is not given again
        return name

    def _value(self, tensor: Any) -> str:
        value = tensor._value
        if type(tensor) is SymbolicTensor:
            return f"v{self._same.get(value.number, value.number)}"
        return self._constant(value)

    def _write(self, block: Block, depth: int, shared: dict) -> None:
        in_place = updates_in_place(block.nodes, self._uses)
        skipped = {id(update) for update in in_place.values()}
        for node in block.nodes:
            if not self._is_needed(node):
                continue
            if type(node) is Assign:
                self._write_assignment(node, in_place.get(id(node)), depth)
            elif id(node) in skipped:
                continue
            elif type(node) is Choice:
                write_choice(self, node, depth, shared)
            elif type(node) is Loop:
                write_loop(self, node, depth, shared)
            else:
                twin = None if node.effect or node.variable is not None else self._key(node)
                found = None if twin is None else shared.get(twin)
                if found is None:
                    self._write_node(node, depth)
                    if twin is not None:
                        shared[twin] = node.outputs
                else:
                    for mine, other in zip(node.outputs, found, strict=True):
                        self._same[mine] = self._same.get(other, other)

    def _key(self, node: Node) -> tuple | None:
        """What two nodes have in common that compute the same; None if that cannot be told."""
        attributes = []
        for name, value in (node.attributes or {}).items():
            if not _is_plain(value):
                return None
            attributes.append((name, repr(value)))
        return (
            id(node.compute),
            node.primitive and node.primitive.name,
            tuple(map(self._value, node.inputs)),
            tuple(attributes),
        )

    def _write_node(self, node: Node, depth: int) -> None:
        if node.variable is not None:
            self._line(depth, f"v{node.outputs[0]} = {self._constant(node.variable)}._value", node)
            return
        arguments = list(map(self._value, node.inputs))
        sign = OPERATORS.get(node.compute)
        if sign is not None and not node.attributes and len(arguments) == 2:
            call = f"{arguments[0]} {sign} {arguments[1]}"
        else:
            arguments += [f"{name}={self._constant(value)}" for name, value in (node.attributes or {}).items()]
            call = f"{self._constant(node.compute, 'k')}({', '.join(arguments)})"
        if node.outputs:
            results = "".join(f"v{n}, " for n in node.outputs) if node.several else f"v{node.outputs[0]}"
            call = f"{results} = {call}"
        self._line(depth, call, node)

    def _write_assignment(self, node: Assign, change: Node | None, depth: int) -> None:
        """With `change`, the node that computes the new value, the array is changed in place where that is possible."""
        variable = self._constant(node.variable)
        if change is None:
            self._names["NOT_READ"] = NOT_READ
            self._line(depth, f"{variable}._value = {self._value(node.value)}; {variable}._cached = NOT_READ", node)
        else:
            delta = "".join(f", {self._value(x)}" for x in change.inputs[1:])
            self._line(
                depth, f"{self._constant(update, 'k')}({variable}, {self._constant(change.compute, 'k')}{delta})", change
            )


def _arrays(block: Block) -> set[str]:
    """The names of the values of a block that are worth deleting: not scalars."""
    stacks = {f"v{n}" for node in block.nodes if type(node) is Loop for n in node.stacks}
    return stacks | {f"v{n}" for node in block.nodes if type(node) is Node and node.large for n in node.outputs}


def _is_plain(value: Any) -> bool:
    """Whether the text of a value tells all about it."""
    if type(value) is tuple:
        return all(map(_is_plain, value))
    return (
        value is None or type(value) in (bool, int, str, float, type(Ellipsis), np.dtype, type) or isinstance(value, slice)
    )
