"""A cluster of nodes as a nest of loops: what is loaded and how it is broadcast, what is computed, what is stored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tapeflow.core.config import regroups
from tapeflow.core.dispatch import refusal
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.graph.ir import Node
from tapeflow.graph.native.fused import Fused, Result
from tapeflow.graph.native.nest_parts import Nest, Reduction, Step
from tapeflow.graph.native.served import LITERAL, constant_of, is_elementwise, of_unknown_sizes, reduction_of

__all__ = ["SPREADING", "Binding", "expanded_shape"]

DENSE = {"MatMul"}
"""Operations whose results are arrays of their own, with elements one after the other."""

SPREADING = ("BroadcastTo", "SpreadSum", "SpreadMean", "Reshape")

MOST_GROUPS = 4
COMMON = (0, 1, -1, 2, 0.5)  # numbers that are written into the machine code
FEW, MUCH = 5, 2048  # nodes, and elements times nodes, from which on a cluster is worth its compilation

# -- operands ------------------------------------------------------------------------------------------------


def expanded_shape(x: Any, rank: int) -> tuple[int, ...]:
    """The shape of x with as many axes as what it is broadcast to."""
    shape = x._value.shape
    return (1,) * (rank - len(shape)) + tuple(shape)


def seen_through(x: Any, expanded: tuple[int, ...], makers: dict[int, Node]) -> tuple[Any, tuple[int, ...], int]:
    """What x was spread from.

    Args:
        x: an operand.
        expanded: its shape, with 1 for each axis along which it is broadcast.
        makers: for the number of a value, the node that makes it.

    Returns:
        The tensor, its shape expanded likewise, and the number by which it is to be divided.
    """
    rank, divisor = len(expanded), 1
    while (maker := maker_of(x, makers)) is not None:
        name, attributes, source = maker.primitive.name, maker.attributes or {}, maker.inputs[0]
        if name == "Reshape":
            if wide(source._value.shape) != wide(expanded):
                break
        elif expanded != expanded_shape(x, rank) or (name == "SpreadMean" and divisor != 1):
            break
        elif name == "BroadcastTo":
            expanded = expanded_shape(source, rank)
        else:
            shape, axis = attributes["shape"], attributes["axis"]
            axes = range(len(shape)) if axis is None else axis
            expanded = (*(1,) * (rank - len(shape)), *(1 if n in axes else size for n, size in enumerate(shape)))
            if name == "SpreadMean":
                divisor = math.prod([shape[n] for n in axes])
        x = source
    return x, expanded, divisor


def maker_of(x: Any, makers: dict[int, Node]) -> Node | None:
    """The node that makes x, if it is one that only spreads values, along axes that are known."""
    maker = makers.get(x._value.number) if type(x) is SymbolicTensor else None
    if maker is None or maker.primitive is None or maker.primitive.name not in SPREADING:
        return None
    return None if of_unknown_sizes(maker.inputs) else maker


def wide(shape: tuple[int, ...]) -> list[int]:
    """The sizes that are not 1."""
    return [size for size in shape if size != 1]


class Binding:
    """One cluster: its nest, and the node that stands for it.

    Args:
        nodes: those of the cluster, in order.
        shape: of the results of its elementwise nodes.
        symbols: for the number of each value, its tensor.
        uses: how often each value is named in the whole graph.
        makers: for the number of each value of the block, the node that makes it.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        shape: tuple[int, ...],
        symbols: dict[int, Any],
        uses: Counter[int],
        makers: dict[int, Node],
    ) -> None:
        self.nodes, self.shape, self.symbols, self.uses, self.makers = nodes, shape, symbols, uses, makers
        self.places: dict[int, tuple[str, Any]] = {}  # number of a value of the cluster -> where the nest has it
        self.operands: dict[tuple, int] = {}  # (number or id, expanded shape) -> which operand
        self.tensors: list[Any] = []
        self.forms: list[tuple[int, ...]] = []
        self.steps: list[Step] = []
        self.reduced: list[tuple[Node, str, tuple[int, ...], tuple[str, Any]]] = []

        for node in nodes:
            self._add(node)
        self.inside = Counter(x._value.number for node in nodes for x in node.inputs if type(x) is SymbolicTensor)
        self.numbers = [n for n in self.places if uses[n] > self.inside[n]]  # of the results that have the cluster's shape
        self.outputs = [*self.numbers, *(node.outputs[0] for node, *_ in self.reduced)]
        self.fused: Fused | None = None

    def is_possible(self) -> bool:
        """Whether there is machine code for the cluster, and it is worth it."""
        if not is_worth_it(self.shape, self.steps, len(self.reduced)):
            return False
        groups, along = self._groups()
        if len(groups) > MOST_GROUPS:
            return False
        results = [Result(self.symbols[n]._value.shape, self.symbols[n]._value.dtype) for n in self.outputs]
        self.fused = Fused(self._nest(groups, along), groups, results)
        return self.fused.code is not None

    def _nest(self, groups: list[int], along: list[tuple[bool, ...]]) -> Nest:
        count = len(self.tensors)
        reductions = tuple(
            Reduction(kind, source, node_dtype(self.symbols, node), along[count + n], False)
            for n, (node, kind, _, source) in enumerate(self.reduced)
        )
        return Nest(
            len(groups),
            tuple((x._value.dtype, along[n]) for n, x in enumerate(self.tensors)),
            tuple(self.steps),
            tuple(self.places[n] for n in self.numbers),
            reductions,
            is_short(groups[-1]),
            regroups(),
        )

    def reads(self) -> dict[int, Any]:
        """For each operand over which a result may be written: the read of a variable that it comes from.

        None if there are guards: where one holds the operands are needed again.
        """
        found: dict[int, Any] = {}
        if self.fused is None or self.fused.code is None or self.fused.code.guarded:
            return found
        for n, (x, form) in enumerate(zip(self.tensors, self.forms, strict=True)):
            maker = self.makers.get(x._value.number) if type(x) is SymbolicTensor else None
            if maker is not None and maker.variable is not None and form == x._value.shape == self.shape:
                found[n] = maker
        return found

    def arrays(self) -> list[int]:
        """The numbers of the results that are arrays of their own; others are scalars."""
        return [number for number in self.outputs if self.symbols[number]._value.shape]

    def node(self, in_place: dict[int, tuple[int, Any]], fresh: set[int]) -> Node:
        """The node that computes the whole cluster.

        Args:
            in_place: for the number of a result, the operand whose place it takes and the variable that holds it.
            fresh: the numbers of values that are arrays made by clusters.
        """
        places = {self.outputs.index(number): where for number, where in in_place.items()}
        read = {operand for operand, _ in places.values()}
        ready = [self._is_ready(x, fresh) for x in self.tensors]
        places |= self._dead_operands(places, ready)
        compute = self.fused.function(ready, self._otherwise(), places)  # type: ignore[union-attr]
        inputs = tuple([x for n, x in enumerate(self.tensors) if n not in read])
        several = len(self.outputs) > 1
        return Node(None, compute, inputs, None, tuple(self.outputs), compute, several, large=bool(self.shape))

    def _dead_operands(self, taken: dict[int, tuple[int, Any]], ready: list[bool]) -> dict[int, tuple[int, Any]]:
        """Results that are written over operands that nothing needs any more and nobody else has ever had."""
        if self.fused is None or self.fused.code is None or self.fused.code.guarded:
            return {}
        dead = []
        for n, (x, form) in enumerate(zip(self.tensors, self.forms, strict=True)):
            if ready[n] and type(x) is SymbolicTensor and form == self.shape:
                number = x._value.number
                if self.uses[number] == self.inside[number]:
                    dead.append(n)
        found: dict[int, tuple[int, Any]] = {}
        for place, number in enumerate(self.numbers):
            dtype = self.symbols[number]._value.dtype
            fitting = [
                n for n in dead if self.tensors[n]._value.dtype == dtype and self.tensors[n]._value.shape == self.shape
            ]
            if place not in taken and fitting:
                found[place] = (fitting[0], None)
                dead.remove(fitting[0])
        return found

    # -- steps ---------------------------------------------------------------------------------------

    def _add(self, node: Node) -> None:
        number, value = node.outputs[0], self.symbols[node.outputs[0]]._value
        x = node.inputs[0]
        if value.shape != self.shape or number not in self._elementwise(node):
            kind, axes = reduction_of(node, x, self.symbols[number])  # type: ignore[misc]
            self.reduced.append((node, kind, axes, self._source(x, x._value.shape)))
            return
        name, attributes = node.primitive.name, tuple((node.attributes or {}).items())
        if name == "BiasAdd":
            axis = attributes[0][1]
            column = tuple(size if n == axis else 1 for n, size in enumerate(self.shape))
            operands: tuple = (self._source(x, x._value.shape), self._source(node.inputs[1], column))
            self.steps.append(Step("AddV2", value.dtype, (), operands))
        elif name == "ScaleRows":
            y = node.inputs[1]
            operands = (self._source(x, (*x._value.shape, 1)), self._source(y, y._value.shape))
            self.steps.append(Step("Mul", value.dtype, (), operands))
        else:
            rank = len(self.shape)
            literal = name in LITERAL
            operands = tuple([self._source(y, expanded_shape(y, rank), literal) for y in node.inputs])
            self.steps.append(Step(name, value.dtype, attributes, operands))
        self.places[number] = ("step", len(self.steps) - 1)

    def _elementwise(self, node: Node) -> tuple[int, ...]:
        return node.outputs if is_elementwise(node, self.symbols[node.outputs[0]]) else ()

    def _source(self, x: Any, expanded: tuple[int, ...], literal: bool = False) -> tuple[str, Any]:
        """Where the nest has a tensor: computed before, a constant, or an operand.

        Constants are in the machine code only if it depends on them (`literal`) or they are in every other function: else each
        learning rate would have machine code of its own.
        """
        if type(x) is SymbolicTensor and x._value.number in self.places:
            return self.places[x._value.number]
        x, expanded, divisor = seen_through(x, expanded, self.makers)
        scalar = constant_of(x)
        if scalar is not None and (literal or np.frombuffer(scalar[1], scalar[0])[0] in COMMON):
            source: tuple[str, Any] = ("constant", scalar)
        elif scalar is not None:
            source = self._number(*scalar)
        else:
            source = self._operand((id_of(x), expanded), x, expanded)
        if divisor != 1:
            dtype = x._value.dtype
            number = self._number(dtype.str, dtype.type(divisor).tobytes())
            self.steps.append(Step("RealDiv", dtype, (), (source, number)))
            source = ("step", len(self.steps) - 1)
        return source

    def _number(self, dtype: str, content: bytes) -> tuple[str, Any]:
        """A constant as an operand."""
        number = Tensor(np.frombuffer(content, dtype).reshape(()))
        return self._operand((dtype, content), number, (1,) * len(self.shape))

    def _operand(self, key: tuple, x: Any, expanded: tuple[int, ...]) -> tuple[str, Any]:
        if key not in self.operands:
            self.operands[key] = len(self.tensors)
            self.tensors.append(x)
            self.forms.append(expanded)
        return ("operand", self.operands[key])

    # -- axes ----------------------------------------------------------------------------------------

    def _groups(self) -> tuple[list[int], list[tuple[bool, ...]]]:
        """The sizes of the groups of axes, and for each operand and then each reduction, along which groups it has elements."""
        columns: list[tuple[bool, ...]] = []
        sizes: list[int] = []
        for n, size in enumerate(self.shape):
            if size == 1:
                continue
            column = tuple([form[n] != 1 for form in self.forms] + [n not in axes for _, _, axes, _ in self.reduced])
            column += self._apart(n)
            if columns and columns[-1] == column:
                sizes[-1] *= size
            else:
                columns.append(column)
                sizes.append(size)
        if not columns:
            columns, sizes = [(True,) * (len(self.forms) + len(self.reduced))], [1]
        return sizes, [tuple([column[k] for column in columns]) for k in range(len(self.forms) + len(self.reduced))]

    def _apart(self, axis: int) -> tuple[bool, ...]:
        """What else tells groups of axes apart."""
        return ()

    # -- the kernel ------------------------------------------------------------------------------------

    def _is_ready(self, x: Any, fresh: set[int]) -> bool:
        """Whether x is known to be an array whose elements lie one after the other."""
        if type(x) is not SymbolicTensor:
            return type(x._value) is np.ndarray and x._value.flags.c_contiguous
        if x._value.number in fresh:
            return True
        maker = self.makers.get(x._value.number)
        return maker is not None and maker.primitive is not None and maker.primitive.name in DENSE and x._value.ndim == 2

    def _otherwise(self) -> Callable[..., Any]:
        """The kernels of the nodes, one after the other."""
        spreading: list[Node] = []  # the nodes between the operands and the cluster, which were seen through
        waiting = [x for node in self.nodes for x in node.inputs]
        known = set(map(id_of, self.tensors))
        while waiting:
            x = waiting.pop()
            maker = None if id_of(x) in known else maker_of(x, self.makers)
            if maker is not None:
                known.add(id_of(x))
                spreading.append(maker)
                waiting.extend(maker.inputs)
        nodes, tensors = [*reversed(spreading), *self.nodes], list(map(id_of, self.tensors))
        outputs = self.outputs

        def run(*arrays: Any) -> Any:
            values = dict(zip(tensors, arrays, strict=True))
            run_kernels(nodes, values)
            results = tuple(
                [np.array(values[number], order="C") for number in outputs]
            )  # of their own, as those of the loop
            return results if len(results) > 1 else results[0]

        return run


def run_kernels(nodes: Iterable[Node], values: dict[int, Any]) -> None:
    """Runs the kernels of nodes, one after the other.

    Args:
        nodes: with one result each.
        values: the arrays of what the nodes read, by number; their results come in too.

    Raises:
        InvalidArgumentError: a kernel refuses its inputs.
    """
    for node in nodes:
        operands = [values[x._value.number] if type(x) is SymbolicTensor else x._value for x in node.inputs]
        try:
            values[node.outputs[0]] = node.compute(*operands, **(node.attributes or {}))
        except (ValueError, TypeError, IndexError, np.linalg.LinAlgError) as error:
            raise refusal(node.primitive, node.inputs, error) from error


def id_of(x: Any) -> int:
    return x._value.number if type(x) is SymbolicTensor else -id(x._value)


def node_dtype(symbols: dict[int, Any], node: Node) -> np.dtype:
    return symbols[node.outputs[0]]._value.dtype


def is_short(size: int) -> bool:
    """Whether a loop is too short to be cut into whole vectors."""
    return size < 32 and size % 16 != 0


def is_worth_it(shape: tuple[int, ...], steps: Sequence[Step], reductions: int) -> bool:
    """Whether one call of machine code in place of several of NumPy's pays for the time that LLVM takes.

    A call more or less is half a microsecond, which on small arrays is all there is to win; compiling takes 20 ms.
    """
    size, count = math.prod(shape), len(steps) + reductions
    return size > 1 and count > 1 and (count >= FEW or size * count >= MUCH)
