"""A procedure: nodes with inputs and outputs, which can be run, called under tapes, and differentiated again and again.

A traced function is one, and so are its derivatives: the forward pass that also gives what the backward pass reads, and the
backward pass. All of them are made of nodes of one trace, so that a value has the same number in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from threading import RLock
from typing import Any

from tapeflow.core.convert import is_literal
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS, Variable
from tapeflow.graph.ir import Block, Node, acts
from tapeflow.graph.needs import tensors_in
from tapeflow.graph.plan import Plan
from tapeflow.graph.trace import Tracer

__all__ = ["Procedure"]


class Procedure:
    """Nodes with inputs and outputs.

    A variable that is read before anything acts is an input: the caller reads it, so that all tapes know its value by the name
    that they know it by outside. What is read later is an output, of which tapes hear when the nodes have run.

    Args:
        tracer: the trace that the nodes belong to.
        nodes: in program order.
        arguments: the inputs that the caller gives.
        results: what the caller wants: symbolic tensors and constants.
        lock: held while a derivative is built, which adds to the trace; one for all procedures of a trace.

    Attributes:
        inputs: the arguments, and the values of `variables`, which are read before anything acts.
        outputs: the values of `later`, the variables that are read after that, and the results.
        states: results of nodes that give something else each time: random numbers, variables that have no derivative.
        captured: tensors from outside of the function that a tape may be told to follow.
        forwards: the forward passes built so far, by what they can be differentiated with respect to.
        pushed: the procedures with tangents built so far, by what has a tangent.
    """

    def __init__(
        self,
        tracer: Tracer,
        nodes: Sequence[Any],
        arguments: Sequence[SymbolicTensor],
        results: Sequence[Tensor],
        lock: Any = None,
    ) -> None:
        self.tracer, self.lock = tracer, lock or RLock()
        self.nodes: list[Any] = []
        self.inputs = list(arguments)
        self.variables: list[Variable] = []
        self.later: list[Variable] = []
        self.states: list[SymbolicTensor] = []
        self.outputs: list[Tensor] = []
        acted = False
        for node in nodes:
            acted = acted or acts(node)
            if type(node) is Node and (node.variable is not None or node.effect):
                values = [tracer.symbols[number] for number in node.outputs]
                if node.variable is None or not node.heard or not node.variable._differentiable:
                    self.states += values
                elif acted:
                    self.later.append(node.variable)
                    self.outputs += values
                else:
                    self.variables.append(node.variable)
                    self.inputs += values
                    continue
            self.nodes.append(node)
        self.outputs += results
        self.captured = _captured(self.block(), results, tracer.outside.derived)
        self.forwards: dict[tuple, Any] = {}
        self.pushed: dict[tuple, Any] = {}
        self._plan: Plan | None = None

    def giving(self, more: Sequence[Tensor]) -> Procedure:
        """The same with more outputs."""
        other = copy(self)
        other.outputs = [*self.outputs, *more]
        other.forwards, other.pushed, other._plan = {}, {}, None
        return other

    def extended(self, nodes: Sequence[Any], inputs: Sequence[SymbolicTensor], more: Sequence[Tensor]) -> Procedure:
        """The same with more nodes behind those there are, more inputs and more outputs."""
        other = self.giving(more)
        other.nodes, other.inputs = [*self.nodes, *nodes], [*self.inputs, *inputs]
        other.captured = _captured(other.block(), other.outputs, self.tracer.outside.derived)
        return other

    def run(self, arrays: Sequence[Any]) -> tuple:
        """The arrays of the outputs, for those of the inputs."""
        plan = self._plan
        if plan is None:
            with self.lock:
                plan = self._plan
                if plan is None:
                    plan = self._plan = Plan(self.block(), [x._value.number for x in self.inputs], self.outputs)
        return plan(*arrays)

    def block(self) -> Block:
        """The nodes as a block of their own."""
        block = Block(self.tracer, None)
        block.nodes = self.nodes
        return block


def _captured(block: Block, results: Sequence[Tensor], derived: list[tuple]) -> list[Tensor]:
    """The constants that the nodes and the results name, except those that were computed from others in the trace."""
    found: dict[int, Tensor] = {}
    made = {id(y) for _, _, output, _ in derived for y in (output if type(output) is tuple else (output,))}
    for inputs in (tensors_in(block), results, *[each[1] for each in derived]):
        for x in inputs:
            if type(x) is Tensor and x._value.dtype.kind in DIFFERENTIABLE_KINDS and not is_literal(x) and id(x) not in made:
                found[id(x)] = x
    return list(found.values())
