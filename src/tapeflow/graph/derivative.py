"""The derivative of a procedure: a forward pass and backward passes, each of them a procedure again.

A tape is told of the nodes of the procedure, as if they ran now, and `pull_back` walks its notes, in the same trace, from
cotangents that are symbolic to those of the inputs. The rules add nodes: the backward pass. What these read that was there
before, the *residuals*, the forward pass gives beside its results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.dimension import holds_dim
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.gradient.backprop import SILENT, accumulate, pull_back
from tapeflow.gradient.tape import GradientTape
from tapeflow.graph.hearing import hear
from tapeflow.graph.ir import Block, Choice, Loop, Node, acts, tensors_of
from tapeflow.graph.loops import depth_of
from tapeflow.graph.needs import made_in, needed_by
from tapeflow.graph.procedure import Procedure
from tapeflow.ops.parts import PartialSum

__all__ = ["Backward", "Forward", "Underivable", "forward_of"]

Mask = tuple[bool, ...]


class Underivable(NotImplementedError):
    """The derivative of a procedure cannot be traced; the function is run in another way."""


def forward_of(procedure: Procedure, wanted: Mask, again: bool) -> Forward:
    """The forward pass of a procedure.

    Args:
        procedure: what is differentiated.
        wanted: for each of its inputs, later reads and captured tensors whether a tape follows it.
        again: whether it must be possible to run the backward pass from the inputs alone.

    Raises:
        Underivable: a rule cannot be traced.
    """
    return derived(procedure, procedure.forwards, (wanted, again), lambda: Forward(procedure, wanted, again))


def derived(procedure: Procedure, known: dict, key: Any, make: Callable[[], Any]) -> Any:
    """What was made of a procedure for a key, or is made now: once, and once only it is found out that it cannot be.

    Raises:
        Underivable: a rule cannot be traced.
    """
    found = known.get(key)
    if found is None:
        with procedure.lock:
            found = known.get(key)
            if found is None:
                try:
                    found = make()
                except Exception as error:  # if it is the user's own, running eagerly raises it
                    found = Underivable(procedure.tracer.reason or f"{type(error).__name__}: {error}")
                known[key] = found
    if isinstance(found, Underivable):
        raise found
    return found


class Backward:
    """A backward pass, for certain cotangents of the results and certain inputs.

    Attributes:
        procedure: from what it reads and the cotangents of the results to the tensors that those of the sources are made of.
        given: which results it takes a cotangent of.
        read: which of the residuals it reads.
        packed: the cotangents made of these tensors: for each source a tensor, slices, a sum of parts or None.
        silent: the sources to which no cotangent comes, and would if all results had one.
    """

    __slots__ = ("given", "packed", "procedure", "read", "silent")

    def __init__(self, procedure: Procedure, given: Mask, read: list[int], packed: Callable, silent: list[int]) -> None:
        self.procedure, self.given, self.read, self.packed, self.silent = procedure, given, read, packed, silent


class Forward:
    """A forward pass, and the backward passes that go with it.

    Attributes:
        procedure: the original one, which gives the residuals too.
        wanted: the places, among the inputs, later reads and captured tensors of the original, of what cotangents go to.
        connected: the places of the outputs that depend on these.
        reached: for each of the wanted whether a cotangent of any result comes to it, or silence.
        kept: where the residuals are, among the inputs and after them the outputs.
        states: where the results are that another run would not give again; only if the backward pass may be run `again`.
    """

    def __init__(self, original: Procedure, wanted: Mask, again: bool) -> None:
        self._original = original
        later = original.outputs[: len(original.later)]
        places = [*original.inputs, *later, *original.captured]
        self.wanted = [i for i, is_wanted in enumerate(wanted) if is_wanted]
        self._sources: list[Tensor] = [places[i] for i in self.wanted]
        self._notes, tracked = _notes(original, self._sources)
        self.connected = [i for i, y in enumerate(original.outputs) if i >= len(later) and y._key in tracked]
        self._ends = [original.outputs[i] for i in self.connected]
        self.seeds = [original.tracer.symbol(y._value.shape, y._value.dtype, depth_of(y)) for y in self._ends]
        self._pulled: dict[Mask, tuple[list, list]] = {}
        self._backward: dict[tuple, Backward] = {}
        every = (True,) * len(self.seeds)
        nodes, cotangents = self._emitted(every)
        self._residuals = _read(original, nodes, cotangents, self.seeds)
        there = [*original.inputs, *original.outputs]
        known = {x._value.number for x in there if type(x) is SymbolicTensor}
        more = [x for x in self._residuals if x._value.number not in known]
        if again:
            known.update(x._value.number for x in more)
            more += [x for x in original.states if x._value.number not in known]
        self.procedure = original.giving(more)
        at: dict[int, int] = {}
        for i, x in enumerate([*there, *more]):
            if type(x) is SymbolicTensor:
                at.setdefault(x._value.number, i)
        self.kept = [at[x._value.number] for x in self._residuals]
        self.states = [at[x._value.number] for x in original.states] if again else []

    # -- backward passes -----------------------------------------------------------------------------

    def backward(self, given: Mask, wanted: Mask) -> Backward:
        """The backward pass for the results of which there are cotangents, and the sources that these are wanted of."""
        found = self._backward.get((given, wanted))
        if found is None:
            with self._original.lock:
                found = self._backward[given, wanted] = self._made(given, wanted)
        return found

    def _made(self, given: Mask, wanted: Mask) -> Backward:
        nodes, cotangents = self._emitted(given)
        cotangents = _masked(cotangents, wanted)
        seeds = _chosen(self.seeds, given)
        read = _read(self._original, nodes, cotangents, seeds)
        kept = {x._value.number: i for i, x in enumerate(self._residuals)}
        if not all(x._value.number in kept for x in read):  # a rule of the user's that goes another way for zeros
            return self.backward((True,) * len(given), wanted)
        procedure = Procedure(self._original.tracer, nodes, [*read, *seeds], _leaves(cotangents), self._original.lock)
        return Backward(procedure, given, [kept[x._value.number] for x in read], *self._packing(cotangents, wanted))

    def again(self, given: Mask, wanted: Mask) -> Backward:
        """The same from the inputs, later reads and states of the original: it computes what it needs once more.

        Raises:
            Underivable: a loop or choice acts, so that it cannot be run twice.
        """
        found = self._backward.get((given, wanted, True))
        if found is None:
            with self._original.lock:
                found = self._backward[given, wanted, True] = self._made_again(given, wanted)
        return found

    def _made_again(self, given: Mask, wanted: Mask) -> Backward:
        original = self._original
        if any(type(node) in (Loop, Choice) and acts(node) for node in original.nodes):
            raise Underivable("a tape is asked while it listens, of a function with a loop or a choice that acts")
        nodes, cotangents = self._emitted(given)
        cotangents = _masked(cotangents, wanted)
        pure = [node for node in original.nodes if not acts(node) and not (type(node) is Node and node.variable is not None)]
        arguments: list[Any] = [*original.inputs, *original.outputs[: len(original.later)], *original.states]
        procedure = Procedure(
            original.tracer,
            [*pure, *nodes],
            [*arguments, *_chosen(self.seeds, given)],
            _leaves(cotangents),
            original.lock,
        )
        return Backward(procedure, given, [], *self._packing(cotangents, wanted))

    def _packing(self, cotangents: list, wanted: Mask) -> tuple[Callable, list[int]]:
        triples = zip(cotangents, wanted, self.reached, strict=True)
        return _packer(cotangents), [
            i for i, (dx, is_wanted, reached) in enumerate(triples) if dx is None and is_wanted and reached
        ]

    def _emitted(self, given: Mask) -> tuple[list, list]:
        """The nodes of the walk back from the results that have cotangents, and what comes to each source."""
        found = self._pulled.get(given)
        if found is None:
            with self._original.tracer.extended() as block:
                start: dict[int, Any] = {}
                for y, dy in zip(_chosen(self._ends, given), _chosen(self.seeds, given), strict=True):
                    start[y._key] = accumulate(start[y._key], dy) if y._key in start else dy
                keys = {x._key for x in self._sources}
                cotangents = pull_back(self._notes, start, keys, keys, consume=False)
                pulled = [cotangents.get(x._key) for x in self._sources]
                totals = [None if dx is SILENT else _of_known_size(dx) for dx in pulled]
            if all(given):
                self.reached = [dx is not None for dx in pulled]
            found = self._pulled[given] = block.nodes, totals
        return found


# -- the trace ---------------------------------------------------------------------------------------


def _notes(procedure: Procedure, sources: list[Tensor]) -> tuple[list[tuple], set[int]]:
    """What a tape notes of the nodes if it follows the sources, and the keys of all that depends on them."""
    tape = GradientTape(watch_accessed_variables=False)
    tape._begin()
    for x in sources:
        tape._follow(x)
    for each in procedure.tracer.outside.derived:
        tape.record(*each)
    hear(tape, procedure.nodes, procedure.tracer.symbols)
    return tape._notes or [], tape._tracked


def _read(procedure: Procedure, nodes: list, cotangents: list, seeds: list) -> list[SymbolicTensor]:
    """What the nodes of a backward pass and its results take from the forward pass."""
    block = Block(procedure.tracer, None)
    block.nodes = nodes
    needed = needed_by(block, _leaves(cotangents))
    if procedure.tracer.late.tensors:  # the derivative of the backward pass may need the sizes of all that is in it
        named = [x for node in nodes for x in (*tensors_of(node), *[procedure.tracer.symbols[n] for n in node.outputs])]
        needed |= procedure.tracer.late.of_shapes([*named, *seeds])
    made = made_in(block) | {x._value.number for x in seeds}
    symbols = procedure.tracer.symbols
    return [symbols[number] for number in sorted(needed - made)]


# -- cotangents and the tensors that they are made of ------------------------------------------------------


def _chosen(items: Sequence, mask: Mask) -> list:
    return [item for item, is_chosen in zip(items, mask, strict=True) if is_chosen]


def _masked(cotangents: list, wanted: Mask) -> list:
    return [dx if is_wanted else None for dx, is_wanted in zip(cotangents, wanted, strict=True)]


def _of_known_size(cotangent: Any) -> Any:
    """A cotangent to hand out: a sum that is not added up yet is, where its shape is known only now."""
    return convert(cotangent.settled()) if type(cotangent) is PartialSum and holds_dim(cotangent.shape) else cotangent


def _leaves(cotangent: Any) -> list[Tensor]:
    """The tensors in a list of cotangents, or in one."""
    if isinstance(cotangent, list | tuple):
        return [leaf for each in cotangent for leaf in _leaves(each)]
    if isinstance(cotangent, IndexedSlices):
        return list(cotangent.__nest_flatten__())
    if type(cotangent) is PartialSum:
        return [*_leaves(cotangent.whole), *_leaves_of_parts(cotangent.parts)]
    return [] if cotangent is None else [cotangent]


def _leaves_of_parts(parts: tuple) -> list[Tensor]:
    left, right = parts
    if type(right) is tuple:
        return [*_leaves_of_parts(left), *_leaves_of_parts(right)]
    return _leaves(right)


def _packer(cotangents: list) -> Callable[[Sequence[Tensor]], list]:
    """A function that makes cotangents like these, in the order of `_leaves`."""
    if all(dx is None or isinstance(dx, Tensor) for dx in cotangents):
        there = [dx is not None for dx in cotangents]
        if all(there):
            return lambda tensors: list(tensors)
    return lambda tensors: _packed(cotangents, iter(tensors))


def _packed(like: Any, tensors: Iterator[Tensor]) -> Any:
    if isinstance(like, list):
        return [_packed(each, tensors) for each in like]
    if isinstance(like, IndexedSlices):
        return like.__nest_unflatten__(tuple(next(tensors) for _ in like.__nest_flatten__()))
    if type(like) is PartialSum:
        return PartialSum(like.shape, _packed(like.whole, tensors), _packed_parts(like.parts, tensors), like.size)
    return None if like is None else next(tensors)


def _packed_parts(like: tuple, tensors: Iterator[Tensor]) -> tuple:
    left, right = like
    if type(right) is tuple:
        return _packed_parts(left, tensors), _packed_parts(right, tensors)
    return left, _packed(right, tensors)
