"""A traced function for one kind of arguments: its graph, its plan, and how it runs."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock
from typing import Any

from tapeflow.core.recording import current
from tapeflow.core.shapes import TensorShape, TensorSpec
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.gradient.tape import GradientTape
from tapeflow.graph.calls import call, is_understood
from tapeflow.graph.derivative import Underivable
from tapeflow.graph.described import Described
from tapeflow.graph.needs import needed_by
from tapeflow.graph.packing import packer
from tapeflow.graph.plan import Plan
from tapeflow.graph.procedure import Procedure
from tapeflow.graph.replay import replay
from tapeflow.graph.trace import Tracer

__all__ = ["ConcreteFunction"]

lock = RLock()


class ConcreteFunction(Described):
    """What `Function.get_concrete_function` gives: call it with the tensors that it was traced for.

    Attributes:
        function_name: the function's.
        variable_shapes: variables, and the shapes that they must have when the function runs.
    """

    def __init__(self, name: str, tracer: Tracer, inputs: list[SymbolicTensor], result: Any, outputs: list) -> None:
        self.function_name = name
        self._block = tracer.root
        self._inputs = [x._value.number for x in inputs]
        self._specs = [TensorSpec(TensorShape(x._value.shape), x.dtype) for x in inputs]
        self._results = [y for y in outputs if isinstance(y, Tensor)]
        self._single = isinstance(result, Tensor)
        self._template = outputs
        self._replayable = tracer.replayable and not tracer.outside.derived
        self._tracer = tracer
        self._symbols = inputs
        self._procedure: Procedure | None = None  # for calls under tapes; made at the first
        self._variables = dict(tracer.variables)
        self.variable_shapes = list(tracer.variable_shapes.values())
        if len(tracer.sizes.hints) == len(tracer.sizes.late):
            self._plan = Plan(self._block, self._inputs, self._results)
        self._needed: set[int] | None = None  # by a replay; found out at the first
        self._pack = result
        self._packed = packer(result, outputs)

    @property
    def parts(self) -> tuple:
        """What it was made of: name, trace, placeholders, result and its leaves."""
        return self.function_name, self._tracer, self._symbols, self._pack, self._template

    @property
    def source(self) -> str:
        """The text of the Python function that the graph was compiled to."""
        return self._plan.source

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the function.

        Args:
            *args, **kwargs: the arguments that it was traced for, or of these only the tensors, in their order or by their names.

        Raises:
            TypeError: other arguments.
            InvalidArgumentError: a tensor has another dtype.
        """
        tensors = self.tensors_of(args, kwargs)
        return self.run(tensors) if current() is None else self.run_under_tapes(tensors)

    def run(self, tensors: Sequence[Tensor]) -> Any:
        """Runs the plan; nobody listens."""
        values = self._plan(*[x._value for x in tensors])
        if self._single:
            return Tensor(values[0])
        return self._packed([Tensor(value) for value in values])

    def run_under_tapes(self, tensors: Sequence[Tensor]) -> Any:
        """Runs the function as one operation, or if that cannot be node by node.

        Raises:
            Underivable: neither is possible; nothing has been run.
        """
        recorders: tuple = (current() or (0, ()))[1]
        try:
            if not is_understood(recorders):
                raise Underivable("a recorder listens that must hear of every operation")
            return self._packed(call(self._procedure or self._derivable(), tensors))
        except Underivable:
            if self.may_replay(recorders, tensors):
                return self.replay(tensors)
            raise

    def _derivable(self) -> Procedure:
        """The function as a procedure; only one is made."""
        with lock:
            if self._procedure is None:
                self._procedure = Procedure(self._tracer, self._block.nodes, self._symbols, self._results)
            return self._procedure

    def may_replay(self, recorders: tuple, tensors: Sequence[Tensor]) -> bool:
        """Whether tapes hear the same from the graph as from the Python function.

        They might not where they follow a tensor that is no argument: it is a constant of the graph.
        """
        if not self._replayable:
            return False
        arguments = {x._key for x in tensors}
        for tape in recorders:
            if type(tape) is not GradientTape:
                return False
            read = {key for _, keys in tape._reads.values() for key in keys}
            if not tape._leaves <= arguments | read:
                return False
        return True

    def replay(self, tensors: Sequence[Tensor]) -> Any:
        """Runs the graph node by node, so that the tapes outside hear of it."""
        values = dict(zip(self._inputs, tensors, strict=True))
        if self._needed is None:
            self._needed = needed_by(self._block, self._results)
        replay(self._block, self._needed, values)
        return self._packed([values[y._value.number] if type(y) is SymbolicTensor else y for y in self._results])
