"""The Plan: a graph as one Python function.

What the passes leave of it is written as source, one line a node, with operators where the kernel is one, and compiled. Large
intermediate results are deleted after their last use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.dispatch import refusal
from tapeflow.core.quiet import run_in_copy
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.variable import NOT_READ
from tapeflow.graph.ir import Assign, Block, Choice, Loop, Node
from tapeflow.graph.native import calling as native
from tapeflow.graph.native.clusters import clustered
from tapeflow.graph.native.report import announce
from tapeflow.graph.needs import needed_by, uses_of
from tapeflow.graph.passes import optimized, pruned
from tapeflow.graph.plan_expressions import expression
from tapeflow.graph.plan_loops import write_choice, write_loop
from tapeflow.graph.updates import update, updates_in_place

__all__ = ["Plan"]

NAME = re.compile(r"\bv\d+\b")


class Plan:
    """A graph, compiled.

    Args:
        block: the function's nodes.
        inputs: the numbers of the arguments.
        outputs: the tensors to return.

    `plan(*arrays)` gives a tuple of arrays.

    Attributes:
        source: the text of the function.
        graph, outputs: the graph after the passes, and what it gives.
        written: the same as it was written down, with clusters as single nodes.
        is_program: whether machine code does all of it; the text is for the case that this gives up.
        parts, refused_loops: the ids of the loops of `graph` that are programs, and the others with the reasons.
        why_no_program: why not all of it is one.
    """

    def __init__(self, block: Block, inputs: list[int], outputs: list) -> None:
        block, outputs = optimized(block, outputs)
        self.graph, self.outputs = block, outputs
        self._native, self.why_no_program = native.whole(block, inputs, outputs)
        self.is_program = self._native is not None
        self._parts, self.refused_loops = ({}, []) if self.is_program else native.parts(block, outputs)
        self.parts = {id(node) for node, _ in self._parts.values()}
        if not self.is_program:
            block = pruned(clustered(block, outputs, lambda loop: id(loop.outputs) in self._parts), outputs)
        self.written = block
        self.needed, self._uses = needed_by(block, outputs), uses_of(block, outputs)
        self._names: dict[str, Any] = {}
        self._known: dict[int, str] = {}
        self._lines = [f"def plan({', '.join(f'v{n}' for n in inputs)}):"]
        self._nodes: list[Any] = [None]
        self._write(block, 1)
        self._line(1, f"return ({''.join(self._value(y) + ', ' for y in outputs)})", None)
        self._delete_the_dead(_arrays(block))
        self.source = "\n".join(self._lines)
        self._file = f"<tapeflow plan {id(self)}>"
        exec(compile(self.source, self._file, "exec"), self._names)
        self._run: Callable = self._names["plan"]
        announce(self)

    def __call__(self, *arrays: Any) -> tuple:
        if self._native is not None:
            found = self._native(*arrays)
            if found is not None:
                return found
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

    # -- source ------------------------------------------------------------------------------------

    def _line(self, depth: int, text: str, node: Any) -> None:
        self._lines.append(" " * depth + text)
        self._nodes.append(node)

    def _delete_the_dead(self, arrays: set[str]) -> None:
        """Inserts `del` after the last line that names an array made in the function's own block."""
        last: dict[str, int] = {}
        for i, line in enumerate(self._lines):
            made = NAME.findall(line.partition(" = ")[0]) if line.startswith(" v") else ()
            for name in NAME.findall(line):
                if name in last or (name in arrays and name in made):
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
            return f"v{value.number}"
        return self._constant(value)

    def _write(self, block: Block, depth: int) -> None:
        in_place = updates_in_place(block.nodes, self._uses)
        skipped = {id(update) for update in in_place.values()}
        for node in block.nodes:
            if type(node) is Assign:
                self._write_assignment(node, in_place.get(id(node)), depth)
            elif id(node) in skipped:
                continue
            elif type(node) is Choice:
                write_choice(self, node, depth)
            elif type(node) is Loop:
                self._write_loop(node, depth)
            else:
                self._write_node(node, depth)

    def _write_loop(self, node: Loop, depth: int) -> None:
        """As machine code, if it can be; then the loop is written for the case that this gives up."""
        _, part = self._parts.get(id(node.outputs), (None, None))
        if part is None:
            write_loop(self, node, depth)
            return
        function, given, results = part
        answer = f"n{node.outputs[0] if node.outputs else id(node)}"
        self._line(depth, f"{answer} = {self._constant(function, 'k')}({', '.join(f'v{n}' for n in given)})", node)
        self._line(depth, f"if {answer} is None:", node)
        write_loop(self, node, depth + 1)
        if results:
            self._line(depth, "else:", node)
            self._line(depth + 1, f"{''.join(f'v{n}, ' for n in results)}= {answer}", node)

    def _write_node(self, node: Node, depth: int) -> None:
        if node.variable is not None:
            self._line(depth, f"v{node.outputs[0]} = {self._constant(node.variable)}._value", node)
            return
        arguments = list(map(self._value, node.inputs))
        call = expression(node, arguments, self._constant)
        if call is None:
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
            value = self._value(node.value)
            text = f"{variable}._value = {value}; {variable}._cached = NOT_READ"
            if type(node.value) is SymbolicTensor and self._uses[node.value._value.number] == 1:
                text += f"; {value} = None"  # the variable alone holds it: next time it can be written over
            self._line(depth, text, node)
        else:
            delta = "".join(f", {self._value(x)}" for x in change.inputs[1:])
            self._line(
                depth, f"{self._constant(update, 'k')}({variable}, {self._constant(change.compute, 'k')}{delta})", change
            )


def _arrays(block: Block) -> set[str]:
    """The names of the values of a block that are worth deleting: not scalars."""
    stacks = {f"v{n}" for node in block.nodes if type(node) is Loop for n in node.stacks}
    return stacks | {f"v{n}" for node in block.nodes if type(node) is Node and node.large for n in node.outputs}
