"""A loop of the user's that becomes part of the graph: its variables, what is made of them, and what they are afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.recording import heard_by
from tapeflow.core.shapes import TensorShape
from tapeflow.core.symbolic import tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.agreement import (
    check_condition,
    check_iteration,
    free_axes,
    is_returned,
    is_undefined,
    leaves_of,
    raise_,
    zeros_like_leaf,
)
from tapeflow.graph.control_flow import loop
from tapeflow.graph.elements import Elements
from tapeflow.graph.growing_lists import GrowingList, Probe
from tapeflow.graph.ranges_of_loops import Counted
from tapeflow.graph.staging import Getter, Setter, conjunction, packed, restoring, value_of
from tapeflow.ops.assertions import Assert

__all__ = ["stage"]


def stage(elements: Any, test: Any, body: Callable, get_state: Getter, set_state: Setter, names: tuple, opts: dict) -> None:
    """Traces a loop over rows, a range or elements, or as long as a test holds, and gives the variables their values."""
    staged = StagedLoop(elements, test, body, get_state, set_state, names, opts)
    set_state(tuple(restoring(staged.before, set_state, staged.run)))


class StagedLoop:
    """A loop over tensors.

    What the loop counts with comes after the variables in its state: the number of a range, that of the iterations if there may be
    only so many, and whether there was one, if it gives a variable its first value.

    Args:
        elements: what it runs over: a tensor, a `Counted` or `Elements`; None for `while`.
        test: a function that says whether it goes on; None if nothing but the elements does.
        body: one iteration.
        get_state, set_state: the values of its variables.
        names: of the variables.
        opts: what `set_loop_options` says, and what was found in the source: `lists`, the lists that it appends to.

    Attributes:
        held: the lists of Python's among the variables that stay what they are, by their places.
    """

    def __init__(
        self, elements: Any, test: Any, body: Callable, get_state: Getter, set_state: Setter, names: tuple, opts: dict
    ) -> None:
        self.elements, self.test, self.body, self.names = elements, test, body, names
        self.get_state, self.set_state = get_state, set_state
        opts = opts or {}
        self.invariant = type(elements) is Elements  # of these TensorFlow finds out which sizes change
        self.invariants = opts.get("shape_invariants") or ()
        self.most = opts.get("maximum_iterations")
        self.lists = opts.get("lists", ())
        self.iterate = opts.get("iterate_names")
        self.counted = elements if type(elements) is Counted else None
        self.asked = elements if type(elements) is Elements else None
        self.rows = elements if isinstance(elements, Tensor) else None
        self.element: Any = None  # the one of the iteration under way, of those that are asked for
        self.before = get_state()
        self.held: dict[int, list] = {}
        self.start: list = []
        self.added: dict[int, int | None] = {}

    def run(self) -> list:
        """Traces it; the values of the variables afterwards."""
        self.start = self._started()
        self.held = {i: x for i, x in enumerate(self.start) if self.names[i] in self.lists and type(x) in (list, Probe)}
        made = self._first_made()
        flat = [leaf for i, value in enumerate(self.start) if i not in self.held for leaf in leaves_of(value)]
        self.own = len(flat)
        self.told = self._told()
        flat += [] if self.counted is None else [self.counted.start]
        flat += [] if self.most is None else [0]
        flat += [False] if made else []

        def ran(leaves: list, item: Any) -> list:
            return self._iteration(leaves, item) + ([True] if made else [])

        bounded = any(each is not None for each in (self.test, self.counted, self.asked, self.most))
        leaves = loop(tracing(), flat, self._goes_on if bounded else None, ran, self.rows, self._free(len(flat)))
        if made:
            Assert(leaves[-1], [f"loop must iterate at least once to initialize {', '.join(made)}"])
        values = self._values(leaves)
        for i, added in self.added.items():
            values[i].after_loop(self.start[i], added, self._iterations())
        return values

    def _iterations(self) -> int | None:
        """How often the loop runs, where that is known."""
        if self.rows is None or self.test is not None or self.most is not None or not self.rows._value.ndim:
            return None
        count = self.rows._value.shape[0]
        return count if type(count) is int else None

    # -- one iteration -------------------------------------------------------------------------------------

    def _values(self, leaves: list) -> list:
        """The values of the variables, made of the leaves of the state."""
        following = iter(packed([x for i, x in enumerate(self.start) if i not in self.held], leaves))
        return [self.held[i] if i in self.held else next(following) for i in range(len(self.start))]

    def _goes_on(self, leaves: list) -> Any:
        self.set_state(tuple(self._values(leaves)))
        tests = [] if self.test is None else [lambda: value_of(self.test())]
        counted = self.counted
        if self.most is not None:
            tests.insert(0, lambda: leaves[self.own + (counted is not None)] < self.most)
        if counted is not None:
            tests.insert(0, lambda: counted.goes_on(leaves[self.own]))
        more: Any = tests[0]() if tests else True
        for each in tests[1:]:
            more = conjunction(lambda one=more: one, each)
        check_condition(more, "a loop")
        if self.asked is not None:
            more, self.element = self.asked.following(more)  # none is asked for where the loop has ended by itself
        return more

    def _iteration(self, leaves: list, item: Any) -> list:
        inside = self._values(leaves)
        for value in inside:
            if type(value) is GrowingList:
                value.added = 0
        self.set_state(tuple(inside))
        if self.elements is None:
            self.body()
        else:
            self.body(self.element if self.asked is not None else item if self.counted is None else leaves[self.own])
        after = self.get_state()
        self.added = {i: x.added for i, x in enumerate(after) if type(x) is GrowingList}
        found = [
            leaf
            for i, (name, old, new) in enumerate(zip(self.names, inside, after, strict=True))
            if i not in self.held
            for leaf in check_iteration(name, old, new, self.invariant, self.told.get(i))
        ]
        place = self.own
        if self.counted is not None:
            found.append(leaves[place] + self.counted.delta)
            place += 1
        return found if self.most is None else [*found, leaves[place] + 1]

    # -- shapes ----------------------------------------------------------------------------------------------

    def _told(self) -> dict[int, list[TensorShape]]:
        """The shapes that the user said the leaves of variables may have, by the places of the variables.

        Raises:
            ValueError: a variable starts with another shape.
        """
        found = {}
        for value, shapes in self.invariants:
            for i, start in enumerate(self.before):
                if start is not value or i in self.held or is_undefined(start):
                    continue
                told = [TensorShape(getattr(shape, "shape", shape)) for shape in nest.flatten(shapes)]
                for leaf, shape in zip(leaves_of(self.start[i]), told, strict=True):
                    if not shape.is_compatible_with(convert(leaf).shape):
                        raise_(
                            ValueError,
                            f"'{self.names[i]}' has shape {convert(leaf).shape} before the loop, which does not conform with the "
                            f"shape invariant {shape}.",
                        )
                found[i] = told
        return found

    def _free(self, count: int) -> list[tuple[int, ...]]:
        """For each leaf of the state the axes whose sizes may change."""
        found: list[tuple[int, ...]] = []
        for i, value in enumerate(self.start):
            if i not in self.held:
                found += free_axes(leaves_of(value), self.told.get(i))
        return found + [()] * (count - len(found))

    # -- what it starts with -------------------------------------------------------------------------------

    def _started(self) -> list:
        """The values of the variables that it starts with: zeros stand for what its body makes first.

        The body is traced once to see what that is, and what it appends to lists, and the trace is dropped.
        """
        before = self.before
        missing = [i for i, value in enumerate(before) if value is None or is_undefined(value)]
        probes = {i: Probe(x) for i, x in enumerate(before) if type(x) is list and self.names[i] in self.lists}
        if not missing and not probes:
            return list(before)
        start = list(before)
        tracer = tracing()
        self.set_state(tuple([probes.get(i, x) for i, x in enumerate(before)]))
        with tracer.inner(), heard_by((tracer.outside,)):
            if self.elements is None:
                self.body()
            elif self.counted is not None:
                self.body(tracer.symbol((), self.counted.start._value.dtype))
            elif self.asked is not None:
                self.body(self.asked.following()[1])
            else:
                value = self.elements._value  # the rows of a range are scalars, as it is itself
                self.body(tracer.symbol(value.shape[1:], value.dtype))
            after = self.get_state()
            for i in missing:
                if after[i] is None:
                    start[i] = None  # a `return` of nothing
                elif not is_undefined(after[i]):
                    start[i] = nest.map_structure(zeros_like_leaf, after[i], expand_composites=True)
        self.set_state(before)
        for i, probe in probes.items():
            if probe.grows(tracer.lists_grow):
                start[i] = GrowingList.of(before[i], probe.seen)
        return start

    def _first_made(self) -> list[str]:
        """The variables that have no value unless the loop runs; of what is returned, a flag says whether it is there."""
        rows = self.rows
        if rows is not None and rows._value.ndim and type(n := rows._value.shape[0]) is int and n > 0:
            return []
        read_before = self.iterate if self.counted is not None else None  # the number itself is read before it is tested
        triples = zip(self.names, self.before, self.start, strict=True)
        return [
            name
            for name, old, new in triples
            if (old is None or is_undefined(old)) and new is not old and not is_returned(old) and name != read_before
        ]
