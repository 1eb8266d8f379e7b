"""The derivative of a loop is a loop that runs backwards over what the forward loop kept.

It carries the cotangents of the state and those of what the body reads from outside, and emits the cotangents of the rows. Its
body is what the tape of the forward body gives; it is traced like any loop, so it has a derivative of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.dimension import holds_late
from tapeflow.core.symbolic import SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.gradient.backprop import accumulate, collect, pull_back, with_silence
from tapeflow.graph.imports import HiddenCotangents, KeptValues, LoopImporter, assigned
from tapeflow.graph.ir import Loop, Node
from tapeflow.graph.loops import LoopBuilder, depth_of
from tapeflow.graph.needs import tensors_in
from tapeflow.graph.stacks import stacked, zeros_like

__all__ = ["LoopNote", "reached"]


class LoopNote:
    """A loop as one operation, as the tapes around it hear of it.

    Its inputs are what the state starts with, what the loop runs over, and what the body reads from outside; its results the
    state afterwards, the stacks, and one that stands for all that is kept later on.
    """

    name = "While"
    differentiable = True
    fills = False
    variadic = True
    inputs = ("inputs",)

    def __init__(self, builder: LoopBuilder, node: Loop, finals: list, stacks: list, of_variables: list) -> None:
        self.tracer, self.node, self.outer = builder.tracer, node, builder.outer
        self.scopes = {builder.block, builder.body_block, builder.test}
        self.tape: Any = builder.tape
        self.symbols, self.items = builder.symbols, builder.items
        self.results = [*finals, *stacks]
        self.kept = KeptValues(builder.tracer, builder.outer, builder.recorders)
        self.kept.made.update(
            (x._value.number, y)
            for x, y in zip(node.emitted, stacks, strict=True)
            if depth_of(y) == depth_of(x) + 1 and type(x) is SymbolicTensor and x._value.scope in self.scopes
        )
        captured: Any = [(x, [key]) for key, x in builder.tape.captured.items()]  # type: ignore[union-attr]
        self.captured: list[tuple[Any, list[int]]] = [*captured, *of_variables, *self._read_only()]
        self.sources = dict(zip(node.items, node.rows, strict=True))
        self.unchanged = {
            x._value.number: initial
            for x, new, initial in zip(builder.symbols, node.following, node.initial, strict=True)
            if new is x
        }
        self._find_invariants(of_variables)
        node.note = self

    def _read_only(self) -> list[tuple[Any, list[int]]]:
        """What is read from outside, but by no operation with a derivative: to TensorFlow a source of zeros, and not of None."""
        known = set(self.tape.captured)
        found: dict[int, Any] = {}
        for block in (self.node.test, self.node.body):
            for x in () if block is None else tensors_in(block):
                if x._key and x._key not in known and not self._is_inside(x):
                    found[x._key] = x
        return [(x, []) for x in found.values()]

    def _is_inside(self, x: Any) -> bool:
        """Whether a tensor is made in the loop, or in a block of it."""
        block = x._value.scope if type(x) is SymbolicTensor else None
        while block is not None and block not in self.scopes:
            block = block.outer
        return block is not None

    def _find_invariants(self, of_variables: list) -> None:
        """Notes which operations of the body compute the same in every iteration."""
        self.producers: dict[int, Node] = {}
        reads = {id(variable): outer for (variable, _), (outer, _) in zip(self.tape.reads(), of_variables, strict=True)}
        blocks = [block for block in (self.node.test, self.node.body) if block is not None]
        changed: set[int] | None = set()
        for each in map(assigned, blocks):
            changed = None if changed is None or each is None else changed | each
        for node in (node for block in blocks for node in block.nodes if type(node) is Node and not node.effect):
            if node.variable is not None:
                if changed is not None and id(node.variable) not in changed and id(node.variable) in reads:
                    self.unchanged[node.outputs[0]] = reads[id(node.variable)]
            elif all(map(self.is_invariant, node.inputs)):
                self.producers.update(dict.fromkeys(node.outputs, node))

    def is_invariant(self, x: Tensor) -> bool:
        """Whether `x` is the same in every iteration, and can be had outside of the loop."""
        if type(x) is not SymbolicTensor or x._value.scope not in self.scopes:
            return type(x) is not SymbolicTensor or x._value.scope.open or x._value.scope is self.outer
        return x._value.number in self.unchanged or x._value.number in self.producers

    def tell(self, recorders: tuple) -> None:
        """Tells the tapes."""
        inputs = (*self.node.initial, *self.node.rows, *[x for x, _ in self.captured])
        for recorder in recorders:
            recorder.record(self, inputs, (*self.results, self.kept.hidden), None)
            self.kept.tell(recorder)

    def entries(self, inputs: tuple, output: Any, attributes: dict | None, tracked: set[int]) -> tuple | None:
        """What a tape keeps: which of the inputs it follows."""
        keys = tuple([x._key if x._key in tracked else 0 for x in inputs])
        return (keys, self.pull_back, (keys,)) if any(keys) else None

    def push_forward(self, inputs: tuple, tangents: Sequence) -> list:
        """The tangents of the results, for those of the inputs."""
        from tapeflow.graph.forward_mode import push_through_loop

        return push_through_loop(self, tangents)

    # -- what a backward loop reads ----------------------------------------------------------------------

    def stack(self, x: Any) -> Any:
        """The stack of a value of the body, kept from now on."""
        kept = self.kept.made.get(x._value.number)
        if kept is None:
            kept = self.kept.keep(x, 1)
            self.node.emitted.append(x)
            self.node.outputs = [*self.node.outputs, kept._value.number]  # copies of the node have the old list
        return kept

    def count(self) -> Any:
        """A stack that is as long as the loop ran: any will do."""
        if self.kept.made:
            return next(iter(self.kept.made.values()))
        stack = self.tracer.symbol((), np.dtype("int32"), 1, self.outer)
        self.node.emitted.append(Tensor(np.int32(0)))
        self.node.outputs = [*self.node.outputs, stack._value.number]
        self.kept.made[0] = stack
        return stack

    # -- the rule ------------------------------------------------------------------------------------------

    def pull_back(self, dy: tuple, keys: tuple) -> list:
        """The cotangents of the inputs, by a loop that runs the other way."""
        *of_results, hidden = dy
        node, notes = self.node, self.tape._notes
        carried, rows = len(node.state), len(node.rows)
        inside = [*node.following, *node.emitted[: len(of_results) - carried]]
        seeds = [(x, d) for x, d in zip(inside[carried:], of_results[carried:], strict=True) if d is not None and x._key]
        if type(hidden) is HiddenCotangents:
            seeds += [(self.kept.inside[number], d) for number, d in hidden.found.items()]
        state_keys = [x._key for x in self.symbols]
        if not seeds and all(d is None for d in of_results):
            return [None] * len(keys)
        alive = self._alive([d is not None for d in of_results[:carried]], [x for x, _ in seeds])
        builder = LoopBuilder(tracing(), reverse=not node.reverse)
        with builder:
            carries = [self._carried(builder, i, of_results[i]) for i in alive]
            seed_rows = [builder.row(d) for _, d in seeds]
            with builder.body(LoopImporter(self, builder)):
                cotangents: dict[int, Any] = {}
                ends = [*zip([inside[i] for i in alive], carries, strict=True)]
                ends += zip([x for x, _ in seeds], seed_rows, strict=True)
                for x, d in ends:
                    if x._key:
                        cotangents[x._key] = accumulate(cotangents[x._key], d) if x._key in cotangents else d
                row_keys = [x._key if keys[carried + i] else 0 for i, x in enumerate(self.items)]
                captured = [(j, found) for j, (_, found) in enumerate(self.captured) if keys[carried + rows + j]]
                wanted = {*[state_keys[i] for i in alive], *filter(None, row_keys), *[k for _, ks in captured for k in ks]}
                found = pull_back(notes, cotangents, wanted, self.tape._leaves, consume=False)
                totals = [(self.symbols[i], collect(found, [state_keys[i]])) for i in alive]
                following = [zeros_like(x) if total is None else convert(total) for x, total in totals]
                of_rows = [(i, collect(found, [key])) for i, key in enumerate(row_keys) if key]
                of_rows = [(i, convert(total)) for i, total in of_rows if total is not None]
                summed = []
                for j, ks in captured:
                    total = collect(found, ks)
                    if total is not None:
                        sum_before = builder.carry(builder.zeros(self.captured[j][0]))
                        following.append(convert(accumulate(sum_before, total)))
                        summed.append(j)
                if not builder.rows:
                    builder.row(node.rows[0] if node.rows and node.test is None else self.count())
                builder.ends(following, [total for _, total in of_rows])
        finals, stacks = builder.close()
        answer: list[Any] = [None] * len(keys)
        for place, total in zip([*alive, *[carried + rows + j for j in summed]], finals, strict=True):
            answer[place] = total
        for (i, _), total in zip(of_rows, stacks, strict=True):
            source = node.rows[i]
            answer[carried + i] = total if depth_of(source) else stacked(total, source)
        return with_silence(answer, keys)

    def _carried(self, builder: LoopBuilder, i: int, of_result: Any) -> Any:
        """The cotangent of a part of the state, which in the body has the shape of what the forward body ends with."""
        start, following = self.node.initial[i], self.node.following[i]
        if not holds_late(following._value.shape):
            return builder.carry(builder.zeros(start) if of_result is None else convert(of_result))
        first = builder.zeros(self.results[i]) if of_result is None else convert(of_result)
        return builder.carry(first, shape=following._value.shape, final=start._value.shape)

    def _alive(self, given: list[bool], seeded: list) -> list[int]:
        """Which parts of the state may have a cotangent: those given, and all that these or the seeds depend on."""
        notes, following = self.tape._notes, self.node.following
        places = {x._key: i for i, x in enumerate(self.symbols) if x._key}
        alive = {i for i, there in enumerate(given) if there and following[i]._value.dtype.kind in "fcV"}
        waiting = [following[i]._key for i in alive] + [x._key for x in seeded]
        seen = set(waiting)
        while waiting:
            for key in reached(notes, waiting.pop()):
                i = places.get(key)
                if i is not None and i not in alive:
                    alive.add(i)
                    if following[i]._key not in seen:
                        seen.add(following[i]._key)
                        waiting.append(following[i]._key)
        return sorted(alive)


def reached(notes: list[tuple], key: int) -> set[int]:
    """The keys of all values that the one with `key` depends on, itself included."""
    found = {key}
    for note in reversed(notes):
        keys = (note[0],) if note[1] is None else note[0]
        if not found.isdisjoint(keys):
            for target in note[2::3]:
                found.update((target,) if type(target) is int else target)
    found.discard(0)
    return found
