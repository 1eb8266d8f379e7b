"""Datasets in a function that is being traced: what they are made of is known only when the function runs.

A dataset that is an argument of the function, or made of its tensors, is a pipeline like any other, but for where it begins:
there stands a *slot*, a number. When the function runs, what the slot stands for, a dataset or an array, is *bound* to it while
the pipeline is asked for elements. What a stage remembers from one iteration to the next, as `cache` and `shuffle` do, is in a
slot too: each call of the function begins anew.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any

from tapeflow.core import nest
from tapeflow.core.symbolic import SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.data.structure import components
from tapeflow.graph.control_flow import loop
from tapeflow.graph.elements import Handle, opaque

__all__ = ["Slots", "bound", "handle_of", "is_symbolic", "later", "reduced_in_graph", "remembered", "slot_of"]

Slots = dict[int, Tensor]
"""What the slots of a pipeline stand for, in the function that is being traced."""

_numbers = itertools.count(1)
_bound: ContextVar[dict[int, Any]] = ContextVar("tapeflow_bound_slots", default={})  # noqa: B039  never changed


def slot_of(tensor: Tensor) -> tuple[int, Slots]:
    """A new slot for a tensor of the function."""
    slot = next(_numbers)
    return slot, {slot: tensor}


def bound(slot: int) -> Any:
    """What a slot stands for in the pipeline that is asked for elements now: an array, or what a handle holds."""
    value = _bound.get()[slot]
    return value.value if type(value) is Handle else value


def is_symbolic(value: Any) -> bool:
    """Whether a tensor is known only when the function runs."""
    return type(value) is SymbolicTensor


def later(tensors: Sequence[Tensor]) -> tuple[Callable[[], list], Slots]:
    """A function that gives the arrays of tensors when the function runs, and the slots of those that are symbolic."""
    places = [slot_of(x) if is_symbolic(x) else (None, {}) for x in tensors]

    def values() -> list:
        pairs = zip(places, tensors, strict=True)
        return [x._value if slot is None else bound(slot) for (slot, _), x in pairs]

    return values, {slot: x for _, slots in places for slot, x in slots.items()}


def remembered(make: Callable[[], Any]) -> tuple[Callable[[], Any], Slots]:
    """What a stage remembers: a function that gives it, and the slot that it is in.

    Args:
        make: makes it as it is at first.
    """
    if tracing() is None:
        state = make()
        return lambda: state, {}
    slot, slots = slot_of(opaque(make))
    return partial(bound, slot), slots


def handle_of(dataset: Any, slots: Slots) -> Tensor:
    """The tensor that stands for a pipeline in the function."""
    if not slots:
        return Tensor(Handle(dataset))
    return opaque(partial(_bind, dataset, tuple(slots)), list(slots.values()))


def _bind(dataset: Any, slots: Sequence[int], *values: Any) -> Any:
    return dataset._like(partial(_rows, dataset, dict(zip(slots, values, strict=True))))


def _rows(dataset: Any, values: dict[int, Any]) -> Iterator[tuple]:
    """The rows of a pipeline whose slots stand for these values, or handles."""
    values = _bound.get() | values
    rows: Any = None
    while True:
        before = _bound.set(values)
        try:
            rows = dataset.rows() if rows is None else rows
            row = next(rows, None)
        finally:
            _bound.reset(before)
        if row is None:
            return
        yield row


def reduced_in_graph(dataset: Any, state: Any, function: Callable) -> Any:
    """What `reduce` gives: the state after a loop over the elements, of which no tape hears."""
    tracer, elements = tracing(), dataset.__elements__()
    function, element = tracer.converted(function), []  # type: ignore[var-annotated]

    def goes_on(_: list) -> Tensor:
        there, following = elements.following()
        element[:] = [following]
        return there

    def body(leaves: list, _: Any) -> list:
        after = components(function(nest.pack_sequence_as(state, leaves), *element), lists=True)
        nest.assert_same_structure(state, after)
        return nest.flatten(after)

    with tracer.unheard():
        return nest.pack_sequence_as(state, loop(tracer, nest.flatten(state), goes_on, body))
