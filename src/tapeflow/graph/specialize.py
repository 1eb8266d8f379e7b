"""A trace with unknown sizes, and what is made of it once the sizes are known.

The nodes are applied again, in a trace of their own, to placeholders of the sizes of a call and with these sizes in the
attributes. What comes out is a graph like any other, with nothing unknown in it: optimized, compiled and kept for the next
call of these sizes. The user's Python function does not run again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from threading import RLock
from typing import Any

from tapeflow.core import nest
from tapeflow.core.dimension import evaluated, holds_dim, holds_late
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.recording import heard_by
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.symbolic import SymbolicTensor, TraceUnsupported
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.gradient.custom import CUSTOM_GRADIENT
from tapeflow.graph.concrete import ConcreteFunction
from tapeflow.graph.control_flow import choose
from tapeflow.graph.ir import Assign, Block, Choice, Loop, Node
from tapeflow.graph.late_sizes import LENGTH, Sized, assumption_of, length_of, number_of
from tapeflow.graph.replay import trace_again
from tapeflow.graph.trace import Tracer

__all__ = ["Repetition", "ShapedFunction", "ShapedTrace", "Unfit", "at_run_time"]


class Unfit(Exception):
    """What was found when tracing is not so for these sizes: the function is to be traced again."""


class ShapedTrace:
    """The trace of a function for arguments of which some sizes are unknown.

    Args:
        name: the function's.
        tracer: the trace, finished.
        inputs: the placeholders.
        result: what the function returned, symbolic tensors in it.
        outputs: the leaves of the result.
    """

    def __init__(self, name: str, tracer: Tracer, inputs: list[SymbolicTensor], result: Any, outputs: list) -> None:
        self.name, self.tracer, self.inputs, self.result, self.outputs = name, tracer, inputs, result, outputs
        tracer.sizes.close()

    def specialized(self, shapes: Sequence[tuple[int, ...]]) -> ConcreteFunction | None:
        """The function for arguments of these shapes; None if the trace is of no use for them.

        Raises:
            InvalidArgumentError: the sizes do not go together.
        """
        sizes = self._sizes(shapes)
        if sizes is None:
            return None
        tracer = Tracer()
        tracer.specializes = True
        tracer.replayable = self.tracer.replayable
        tracer.outside.followed = self.tracer.outside.followed
        tracer.outside.derived = self.tracer.outside.derived
        try:
            inputs, outputs = Repetition(self.tracer, tracer, sizes).function(self.inputs, shapes, self.outputs)
        except (Unfit, TraceUnsupported):
            return None
        except ValueError as error:
            if error is not tracer.verdict:
                raise
            raise at_run_time(error) from None
        result = nest.pack_sequence_as(self.result, outputs, expand_composites=True)
        return ConcreteFunction(self.name, tracer, inputs, result, outputs)

    def _sizes(self, shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...] | None:
        """The size of each symbol in arguments of these shapes; None if they contradict the trace."""
        found = dict(enumerate(self.tracer.sizes.hints))
        known = [(x._value.shape, shape) for x, shape in zip(self.inputs, shapes, strict=True)]
        known += [(shape, variable._value.shape) for variable, shape in self.tracer.variable_shapes.values()]
        for mine, shape in known:
            if len(mine) != len(shape):
                return None
            for size, number in zip(mine, shape, strict=True):
                if type(size) is int:
                    if size != number:
                        return None
                else:
                    (symbol,) = size.symbols()
                    found[symbol] = number
        sizes = tuple(found.values())
        return sizes if self.tracer.sizes.admit(sizes) else None


def at_run_time(error: Exception) -> InvalidArgumentError:
    """The error of a trace about sizes that were not known when it was made."""
    return InvalidArgumentError(None, None, str(error).replace("Dimensions must be equal", "Incompatible shapes"))


continuing = RLock()  # held while a trace that was finished goes on


class Repetition:
    """The nodes of a trace applied again, inside another trace: for known sizes, or for other variables.

    Args:
        old, new: the traces.
        sizes: what the unknown sizes of the first one are.
        variables: those that take the place of others, by the ids of these.

    Attributes:
        values: the tensors that the numbers of the first trace stand for now.
    """

    def __init__(
        self, old: Tracer, new: Tracer, sizes: tuple[int, ...] = (), variables: Mapping[int, Variable] | None = None
    ) -> None:
        self.old, self.new, self.variables = old, new, variables or {}
        self.values: dict[int, Any] = {}
        self.sizes = _Sizes(self, sizes)

    def function(
        self, placeholders: Sequence[SymbolicTensor], shapes: Sequence[tuple], outputs: Sequence
    ) -> tuple[list, list]:
        """All of the first trace.

        Args:
            placeholders: those of the first trace.
            shapes: of those of the new one.
            outputs: what the function gives there.

        Returns:
            The placeholders and outputs of the new one.
        """
        with heard_by((self.new.outside,)), self.new.tracing():
            inputs = [self.new.symbol(shape, x._value.dtype) for x, shape in zip(placeholders, shapes, strict=True)]
            self.values.update((x._value.number, y) for x, y in zip(placeholders, inputs, strict=True))
            self.block(self.old.root)
            return inputs, list(map(self.value, outputs))

    def value(self, x: Any) -> Any:
        return self.values[x._value.number] if type(x) is SymbolicTensor else x

    def block(self, block: Block) -> None:
        for node in block.nodes:
            if type(node) is Node:
                self._node(node, block)
            elif type(node) is Assign:
                self.new.assign(self.variables.get(id(node.variable), node.variable), self.value(node.value))
            elif type(node) is Choice:
                self._choice(node)
            else:
                self._loop(node)

    def _node(self, node: Node, block: Block) -> None:
        inputs = list(map(self.value, node.inputs))
        check = assumption_of(node)
        if check is not None:
            sign, size, outcome = check
            number = size.at(self.sizes)
            if (number == 0 if sign == "=" else number < 0) is not outcome:
                raise Unfit("what was assumed of a size is not so for these sizes")
            return
        if node.effect and not node.outputs:
            self.new.effect(node.replay, tuple(inputs), node.compute)
            return
        with nullcontext() if node.heard else self.new.unheard():  # the tapes of the block that it stands in hear it
            if node.variable is not None:
                result = self.new.read(self.variables.get(id(node.variable), node.variable))
            elif node.primitive is CUSTOM_GRADIENT:
                result = apply(CUSTOM_GRADIENT, *inputs, count=len(node.outputs), pull=self._rule(node, block))
            elif type(node.primitive) is Sized:
                own = inputs[: node.primitive.count]
                result = apply(node.primitive.base, *own, **evaluated(node.attributes, self.sizes))
            elif holds_dim(node.attributes):
                result = apply(node.primitive, *inputs, **evaluated(node.attributes, self.sizes))
            else:
                result = node.replay(*inputs)
        if node.primitive is LENGTH and type(result) is SymbolicTensor and result._value.content is None:
            result._value.content = length_of(inputs[0], node.attributes["axis"])  # type: ignore[index]
        self._give(node.outputs, result if node.several else (result,))  # type: ignore[arg-type]

    def _rule(self, node: Node, home: Block) -> Callable[[tuple], tuple]:
        """A rule of the user's own: it knows the tensors of the first trace, so it goes on there, and what it did is repeated."""
        pull, results = node.attributes["pull"], [self.old.symbols[number] for number in node.outputs]  # type: ignore[index]

        def pulled(dy: tuple) -> tuple:
            with continuing, self.old.extended(home if home.outer else None) as block:
                given = [self.old.symbol(y._value.shape, y._value.dtype) for y in results]
                found = pull(tuple(given))
            self.values.update((x._value.number, each) for x, each in zip(given, dy, strict=True))
            self.block(block)
            return nest.map_structure(self.value, found, expand_composites=True)

        return pulled

    def _give(self, numbers: Sequence[int], results: Sequence[Tensor]) -> None:
        for number, y in zip(numbers, results, strict=True):
            shape = self.old.shapes.get(number)
            if shape is not None and not self._fits(shape, y._value.shape):
                raise Unfit(f"{shape} is {y._value.shape} for sizes {self.sizes}")
            self.values[number] = y

    def _fits(self, expected: tuple, found: tuple) -> bool:
        """Whether a shape is what it was found to be when tracing; what depends on values is seen later."""
        if len(expected) != len(found):
            return False
        known = [(a, b) for a, b in zip(expected, found, strict=True) if type(b) is int and not holds_late(a)]
        return all(evaluated(a, self.sizes) == b for a, b in known)

    def _choice(self, node: Choice) -> None:
        def side(i: int) -> list:
            self.block(node.blocks[i])
            return list(map(self.value, node.results[i]))

        condition = self.value(node.condition)
        if type(condition) is SymbolicTensor:
            results = choose(self.new, condition, (lambda: side(0), lambda: side(1)))
        else:
            results = side(0 if bool(condition) else 1)  # the sizes decide
        self._give(node.outputs, results)

    def _loop(self, node: Loop) -> None:
        carried, emitted = range(len(node.state)), range(len(node.emitted))
        self._give(node.outputs, trace_again(node, self.value, self._give, self.block, carried, emitted))


class _Sizes(dict):
    """The sizes of the symbols of a trace that is replayed: numbers, and sizes of the new trace for those that depend on values."""

    def __init__(self, replay: Repetition, known: tuple[int, ...]) -> None:
        super().__init__({i: n for i, n in enumerate(known) if i not in replay.old.sizes.late})
        self.known, self._replay = known, replay

    def __missing__(self, symbol: int) -> Any:
        values = self._replay.values
        there = [x for x in self._replay.old.late.tensors[symbol] if x._value.number in values]
        return number_of(values[there[-1]._value.number])


class ShapedFunction(ConcreteFunction):
    """A concrete function for arguments of which some sizes are unknown: each call runs the graph for its sizes.

    Args:
        trace: what the function was traced to.
        pattern: the shapes of the arguments, None where a size is unknown.
        concrete: gives the function for known arguments.
    """

    def __init__(self, trace: ShapedTrace, pattern: Sequence[tuple], concrete: Callable) -> None:
        super().__init__(trace.name, trace.tracer, trace.inputs, trace.result, trace.outputs)
        shapes = [None if x._value.unranked else shape for x, shape in zip(trace.inputs, pattern, strict=True)]
        self._specs = [TensorSpec(shape, spec.dtype) for shape, spec in zip(shapes, self._specs, strict=True)]
        self._concrete = concrete

    def run(self, tensors: Sequence[Tensor]) -> Any:
        """Runs the plan for the sizes of these tensors; nobody listens."""
        return self._concrete(tensors).run(tensors)

    def run_under_tapes(self, tensors: Sequence[Tensor]) -> Any:
        """Runs the function for these sizes as one operation."""
        return self._concrete(tensors).run_under_tapes(tensors)
