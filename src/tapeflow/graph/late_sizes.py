"""Sizes that depend on values: how many elements a mask keeps, how long x[i:j] is, the sizes in a shape that is computed.

Such a size is a symbol (`core.dimension`) like any unknown size, but not even the arguments of a call tell it: a value that the
function computes does. So each of these symbols has a *size tensor*, a scalar that stands for it when the function runs: one
that a node reads off an array, or one that was there. A node whose attributes name such symbols takes their size tensors as further
inputs, and its kernel gets the attributes with numbers in place of the symbols. Sizes are thus values like others: passes
keep what is needed, loops put them on stacks, a backward pass has those that it reads among its residuals. One graph serves all
sizes; nothing is compiled for each of them.

What algebra cannot decide about such a size nobody knows while the function is traced. The trace then assumes an answer, and checks
it when the function runs; if it is wrong, the call runs eagerly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core.dimension import Dim, dims_in, evaluated, holds_dim
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.polynomials import is_never_negative
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.quiet import run_in_copy
from tapeflow.core.symbolic import SymbolicTensor, fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.inference import example
from tapeflow.graph.ir import Node, node_of
from tapeflow.ops.parts import sliced

__all__ = ["LENGTH", "LateSizes", "Mistaken", "Sized", "assumption_of", "length_of", "number_of"]

HINTS = (7, 12, 17, 11, 9)
"""What stands for such sizes where operations are tried out, in turn: not equal, so that no formula is found by chance."""

INT64 = np.dtype("int64")
LENGTH = Primitive("LengthOf", lambda x, *, axis, dtype: dtype.type(x.shape[axis]), shape=lambda x, **_: ())


def _as_size(n: Any) -> Any:
    if n < 0:
        raise InvalidArgumentError(None, None, f"Dimension {n} must be >= 0")
    return np.int64(n)


SIZE = Primitive("SizeOf", _as_size, inputs=("n",))
"""A number as the size of an axis."""


class LateSizes:
    """The sizes of one trace that depend on values.

    Args:
        tracer: the trace.

    Attributes:
        tensors: for each symbol its size tensor, and after that what stands for this in backward passes.
        opening: the symbols of the operation that is being noted, which have no size tensors yet, and their numbers.
    """

    def __init__(self, tracer: Any) -> None:
        self.tracer = tracer
        self.tensors: dict[int, list[SymbolicTensor]] = {}
        self.acted = self.checks_inside = False
        self.checked: dict[tuple, Any] = {}  # what is assumed -> the block in which it is checked
        self._known: dict[tuple, Dim] = {}
        self._new: dict[int, Dim] = {}
        self.opening: dict[tuple, tuple[int, Dim]] = {}
        tracer.sizes.doubt = self._doubt

    # -- symbols -----------------------------------------------------------------------------------------

    def _symbol(self, kind: str = "size") -> tuple[int, Dim]:
        sizes = self.tracer.sizes
        sizes.emit = self.tracer.size_as_tensor
        dim = sizes.late_symbol(HINTS[len(self.tensors) % len(HINTS)], kind)
        return len(sizes.hints) - 1, dim

    def _stands_for(self, tensor: SymbolicTensor, number: int, dim: Dim) -> None:
        tensor._value.content = _content(dim)
        self.tensors[number] = [tensor]

    def number(self, x: SymbolicTensor) -> Any:
        """A scalar of integers as a symbol, which may be negative."""
        value = x._value
        if value.content is None:
            number, dim = self._symbol("integer")
            self._stands_for(x, number, dim)
        return value.content[()]

    def numbers(self, x: SymbolicTensor) -> tuple:
        """The integers of a tensor as symbols, which may be negative."""
        return tuple([each if type(each) is int else self.number(each) for each in self._elements(x)])

    def sizes(self, x: SymbolicTensor) -> tuple:
        """The integers of a scalar or vector as the sizes of axes; negative ones are an error when the function runs."""
        return tuple([each if type(each) is int else self.size(each) for each in self._elements(x)])

    def _elements(self, x: Any) -> list:
        """The integers of a tensor, as Python's or as scalars."""
        if holds_dim(x._value.shape):
            fail("how many axes there are depends on values")
        if type(x) is not SymbolicTensor:
            return np.asarray(x._value).reshape(-1).tolist()
        if not x._value.ndim:
            return [x]
        parts = stacked_in(x)
        if parts is None:
            return [sliced(x, index) for index in np.ndindex(x._value.shape)]
        return [each for part in parts for each in self._elements(part)]

    def size(self, x: Tensor) -> Any:
        """A scalar of integers as the size of an axis; if it is negative, that is an error when the function runs."""
        if type(x) is not SymbolicTensor:
            return int(x._value)
        content = x._value.content
        if content is not None:
            (size,) = content.reshape(-1).tolist()
            if type(size) is not Dim or not size.is_late or is_never_negative(size.polynomial):
                return size
        key = "size", x._value.number
        found = self._reachable(key)
        if found is None:
            made = apply(SIZE, x)
            number, found = self._symbol()
            self._stands_for(made, number, found)
            self._known[key] = found
        return found

    def _reachable(self, key: tuple) -> Dim | None:
        """The symbol of this key, if its size tensor is to be had here."""
        found = self._known.get(key)
        if found is None:
            return None
        (symbol,) = found.symbols()
        return found if any(x._value.scope.open for x in self.tensors[symbol]) else None

    def at_hand(self, symbol: int) -> Tensor:
        """The size tensor of a symbol, or what stands for it here."""
        known = self.tensors[symbol]
        for x in known:
            if x._value.scope.open:
                return x
        for x in known:
            found = self.tracer._brought(x)
            if type(found) is not SymbolicTensor:
                return found
            if found._value.scope.open:
                known.append(found)
                return found
        fail("a size is needed outside of the loop or branch in which it is known")

    def of_shapes(self, tensors: Iterable[Any]) -> set[int]:
        """The numbers of the size tensors, as far as they are to be had, of all that tensors have in their shapes."""
        found: set[int] = set()
        for x in tensors:
            for dim in dims_in(x._value.shape) if type(x) is SymbolicTensor else ():
                for symbol in dim.symbols():
                    found.update([y._value.number for y in self.tensors.get(symbol, ()) if y._value.scope.open][:1])
        return found

    # -- results whose shapes depend on values -------------------------------------------------------------

    def opened(self, primitive: Primitive, compute: Callable, inputs: tuple, attributes: Any) -> tuple | None:
        """The shapes and dtypes of results of which only values tell some sizes, and whether there are several.

        None if they are known as usual.
        """
        shapes = primitive.opens(*[x._value.shape for x in inputs], **attributes)  # type: ignore[misc]
        told = [size for shape in shapes for size in shape if type(size) is Told]
        if not any(type(inputs[place]) is SymbolicTensor for each in told for place in each.places):
            return None
        described = [tuple([self._told(size, inputs) if type(size) is Told else size for size in shape]) for shape in shapes]
        dtypes, several = self._dtypes(primitive, compute, inputs, attributes, len(shapes))
        return list(zip(described, dtypes, strict=True)), several

    def _told(self, size: Told, inputs: tuple) -> Dim:
        key = (size.what, *[_identity(inputs[place]) for place in size.places])
        found = self._reachable(key)
        if found is not None:
            return found
        if key not in self.opening:
            self.opening[key] = self._symbol()
        return self.opening[key][1]

    def _dtypes(self, primitive: Any, compute: Callable, inputs: tuple, attributes: dict, count: int) -> tuple[list, bool]:
        """The dtypes of `count` results, as the kernel gives them for made-up values, and whether it gives a tuple."""
        hints = self.tracer.sizes.hints
        values = []
        for i, x in enumerate(inputs):
            if type(x) is SymbolicTensor:
                shape = evaluated(x._value.shape, hints)
                values.append(example(type(x._value)(shape, x._value.dtype, 0, None), "ones", i))
            else:
                values.append(x._value)
        try:
            results = run_in_copy(compute, *values, **evaluated(attributes, hints))
        except (ValueError, IndexError, InvalidArgumentError):  # made-up sizes do not fit; then it only moves elements
            results = values[primitive.like] if count == 1 else (values[primitive.like],) * count
        several = type(results) is tuple
        return [y.dtype for y in (results if several else (results,))], several

    def length(self) -> Dim:
        """The size of an axis of the operation that is being noted, of which no formula tells."""
        self.opening["length", len(self.tensors) + len(self.opening)] = found = self._symbol()
        return found[1]

    def new_length(self) -> Dim:
        """The size of an axis of a result that is not made yet."""
        number, dim = self._symbol()
        self._new[number] = dim
        return dim

    def measure_new(self, y: SymbolicTensor) -> None:
        """Notes how long the new axes of a result are."""
        for axis, size in enumerate(y._value.shape):
            for number in [n for n, dim in self._new.items() if dim is size]:
                del self._new[number]
                self._stands_for(apply(LENGTH, y, axis=axis, dtype=INT64), number, size)

    def is_at_hand(self, shape: tuple) -> bool:
        """Whether all sizes in a shape are to be had here."""
        return all(
            any(type(y) is not SymbolicTensor or y._value.scope.open for y in (*known, *map(self.tracer._brought, known)))
            for known in (self.tensors[symbol] for symbol in self._symbols_in(shape))
        )

    def measure(self, results: tuple) -> None:
        """Notes how long the new axes of results are, of the operation that was opened last."""
        opening, self.opening = self.opening, {}
        for key, (number, dim) in opening.items():
            places = ((y, axis) for y in results for axis, size in enumerate(y._value.shape) if size is dim)
            y, axis = next(places)
            self._known[key] = dim
            self._stands_for(apply(LENGTH, y, axis=axis, dtype=INT64), number, dim)

    def _symbols_in(self, value: Any) -> list[int]:
        return sorted({i for dim in dims_in(value) for i in dim.symbols() if i in self.tensors})

    # -- what is assumed -------------------------------------------------------------------------------------

    def _doubt(self, guard: tuple) -> bool:
        """Answers a question about sizes that algebra cannot decide, and notes that the answer is to be checked.

        Where it is not so when the function runs, the function starts again, eagerly. So nothing must have acted by then.
        """
        tracer, sizes = self.tracer, self.tracer.sizes
        if tracing() is not tracer:
            return False
        known = sizes.guards.get(guard)
        if known is not None and guard in self.checked and self.checked[guard].open:
            return known
        if self.acted or tracer.latest is not tracer.root:
            fail("the course of the program depends on a size that depends on values, after something has acted")
        sign, polynomial = guard
        dim = Dim(sizes, polynomial)
        if sign == "=" and known is None:
            sizes.hints = fitted(dim, self.tensors)
        answer = sizes.guards[guard] = sizes.holds(guard, sizes.hints) if known is None else known
        symbols = self._symbols_in(dim)
        check = partial(checked, sign, dim, tuple(symbols), answer)
        numbers = tuple([self.at_hand(i) for i in symbols])
        tracer.block.nodes.append(Node(None, check, numbers, None, (), check, effect=True))
        self.checked[guard] = tracer.block
        self.checks_inside = self.checks_inside or tracer.block is not tracer.root
        return answer

    def acts(self) -> None:
        """Hears that something acts at this place of the program."""
        if self.checks_inside and self.tracer.block is not self.tracer.root:
            fail("a loop or a branch acts, and its course depends on a size that depends on values")
        self.acted = True

    # -- nodes with such sizes among their attributes --------------------------------------------------------

    def sized(self, node: Node) -> Node:
        """The same node with the size tensors that its attributes need among its inputs."""
        symbols = self._symbols_in(node.attributes)
        if not symbols:
            return node
        more = [self.at_hand(i) for i in symbols]
        sized = node.with_inputs((*node.inputs, *more))
        sized.primitive = Sized(node.primitive, len(node.inputs))
        sized.compute = partial(compute_sized, node.compute, len(node.inputs), tuple(symbols))
        replay = partial(apply_sized, node.primitive, len(node.inputs), tuple(symbols), node.attributes or {})
        sized.replay = self.tracer._as_heard(replay)
        return sized


def stacked_in(x: SymbolicTensor) -> list | None:
    """What a tensor was stacked of, if it was: the numbers among it that are known are known as sizes too."""
    node = node_of(x) if x._value.scope.open else None
    if type(node) is not Node or node.primitive is None or node.primitive.name != "Pack" or node.attributes != {"axis": 0}:
        return None
    return list(node.inputs)


def _content(size: Any) -> np.ndarray:
    content = np.empty((), object)
    content[()] = size
    return content


def length_of(x: Tensor, axis: int) -> np.ndarray:
    """The size of an axis as the content of a scalar."""
    return _content(x._value.shape[axis])


def _identity(x: Tensor) -> Any:
    return x._value.number if type(x) is SymbolicTensor else ("constant", id(x))


class Sized:
    """A primitive whose attributes name sizes that are inputs of the node, after the primitive's own.

    To tapes it is the primitive. Passes do not know it by its name: what they do with attributes needs numbers.
    """

    __slots__ = ("base", "count")

    opens = None
    pullback = None
    shape = None
    variadic = False

    def __init__(self, base: Any, count: int) -> None:
        self.base, self.count = base, count

    @property
    def name(self) -> str:
        """Another than the primitive's."""
        return f"{self.base.name} of sizes"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the primitive's inputs."""
        return self.base.inputs * (self.count if self.base.variadic else 1)

    @property
    def differentiable(self) -> bool:
        """As the primitive."""
        return self.base.differentiable

    @property
    def fills(self) -> bool:
        """As the primitive."""
        return self.base.fills

    def entries(self, inputs: tuple, output: Any, attributes: dict | None, tracked: set[int]) -> Any:
        """What a tape keeps: of the primitive's own inputs."""
        return self.base.entries(inputs[: self.count], output, attributes, tracked)


def compute_sized(compute: Callable, count: int, symbols: tuple[int, ...], *arrays: Any, **attributes: Any) -> Any:
    """What a kernel gives where the numbers after its arrays are the sizes that its attributes name."""
    sizes = {symbol: int(size) for symbol, size in zip(symbols, arrays[count:], strict=True)}
    return compute(*arrays[:count], **evaluated(attributes, sizes))


def apply_sized(primitive: Any, count: int, symbols: tuple[int, ...], attributes: dict, *tensors: Tensor) -> Any:
    """The same of tensors: in another trace, or eagerly, where tapes hear of it."""
    sizes = {symbol: number_of(x) for symbol, x in zip(symbols, tensors[count:], strict=True)}
    return apply(primitive, *tensors[:count], **evaluated(attributes, sizes))


class Mistaken(InvalidArgumentError):
    """What a trace assumed of a size is not so; nothing has acted yet."""


def checked(sign: str, dim: Dim, symbols: tuple[int, ...], answer: bool, *numbers: Any) -> None:
    """Checks what was assumed of a size: of arrays, or of tensors, in another trace too.

    Raises:
        Mistaken: it is not so.
    """
    values = {i: number_of(n) if isinstance(n, Tensor) else int(n) for i, n in zip(symbols, numbers, strict=True)}
    size = dim.at(values)
    if (size == 0 if sign == "=" else size < 0) is not answer:
        raise Mistaken(None, None, "a size is not what was assumed when the function was traced")


def assumption_of(node: Node) -> tuple[str, Dim, bool] | None:
    """The sign that a size is assumed to have, or not to have, if the node checks that; else None."""
    if type(node.compute) is not partial or node.compute.func is not checked:
        return None
    sign, dim, _, answer = node.compute.args
    return sign, dim, answer


def fitted(dim: Dim, late: Iterable[int]) -> tuple[int, ...]:
    """The hints, one of them changed so that a size is 0 for them, if that can be.

    It is asked whether a size is 0 mostly where tensors are used together, and then they fit together. Only whether there is
    nothing, or one element, is asked with other intentions.
    """
    hints, rest = dim.sizes.hints, dim.hint
    if len(dim.symbols()) == 1 and dim.sizes.value(dim.polynomial, (0,) * len(hints)) in (0, -1, 1):
        return hints
    for monomial, coefficient in reversed(dim.polynomial):
        if len(monomial) == 1 and monomial[0][0] in ("size", "integer") and monomial[0][1] in late and abs(coefficient) == 1:
            (_, symbol), alone = monomial[0], [m for m, _ in dim.polynomial if monomial[0] in m]
            value = hints[symbol] - rest * coefficient
            if len(alone) == 1 and value >= 0:
                return (*hints[:symbol], value, *hints[symbol + 1 :])
    return hints


def number_of(x: Tensor) -> Any:
    """The integer that a scalar is, or where it is symbolic a size."""
    if type(x) is not SymbolicTensor:
        return int(x._value)
    content = x._value.content
    return x._value.scope.tracer.late.size(x) if content is None else content[()]
