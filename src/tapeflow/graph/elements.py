"""Elements that come one by one, in a graph: what a loop over a `tf.data.Dataset` runs over.

A dataset or an iterator is a value of the graph: a scalar whose array is a `Handle`, which nobody looks into but the nodes made
here. To open a dataset, and to ask an iterator for its next element, are effects: they happen at every call, in the program's
order. Of an element the trace knows what the dataset's `element_spec` says; sizes that it leaves open are sizes that depend on
values (`graph.late_sizes`). The elements of a batched dataset are known to be equally long in all parts, so nothing need be
assumed where a batch of inputs meets one of targets.

    for x in data:                      v1 = open(data)
        total += x                      while True:
                                            there, x = following(v1)
                                            if not there: break
                                            total = total + x
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from tapeflow.core import nest
from tapeflow.core.errors import OutOfRangeError
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.symbolic import Shapeless, fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.effects import act_on_arrays, again
from tapeflow.graph.ir import Node

__all__ = ["Elements", "Form", "Handle", "opaque"]

MOST_WRITTEN_OUT = 1_000  # elements that Python itself asks for: more is a loop that does not know that it is in a graph


class Handle:
    """A Python object in place of an array.

    Attributes:
        value: the object.
    """

    __slots__ = ("value",)
    dtype = np.dtype(object)
    shape = ()
    ndim = nbytes = 0
    size = 1

    def __init__(self, value: Any) -> None:
        self.value = value


class Form(NamedTuple):
    """What is known of elements before there are any.

    Attributes:
        spec: a structure of `tf.TensorSpec`s.
        alike: whether the first axes are equally long in all parts, where their sizes are unknown.
    """

    spec: Any
    alike: bool

    def symbols(self, tracer: Any) -> list:
        """New symbolic tensors for the parts of an element; the sizes are to be measured."""
        common, found = None, []
        for each in nest.flatten(self.spec):
            if not isinstance(each, TensorSpec):
                fail("a dataset whose elements hold datasets is iterated over")
            shape = None
            if each.shape.rank is not None:
                sizes = each.shape.as_list()
                for axis, size in enumerate(sizes):
                    if size is None and self.alike and not axis:
                        common = tracer.late.new_length() if common is None else common
                        sizes[axis] = common
                    elif size is None:
                        sizes[axis] = tracer.late.new_length()
                shape = tuple(sizes)
            found.append(tracer.symbol(shape, each.dtype.numpy))
        return found

    def nothing(self) -> tuple:
        """Arrays that stand for an element where there is none."""
        specs = nest.flatten(self.spec)
        shapes = [() if s.shape.rank is None else [n or 0 for n in s.shape.as_list()] for s in specs]
        return tuple([np.zeros(shape, spec.dtype.numpy)[()] for shape, spec in zip(shapes, specs, strict=True)])

    def packed(self, parts: Sequence) -> Any:
        """An element made of its parts."""
        return nest.pack_sequence_as(self.spec, list(parts))


class Elements:
    """An iterator over elements, in a function that is being traced.

    Args:
        handle: the tensor that stands for the iterator.
        form: what the elements are.
        outside: makes of a handle's object what stands for the iterator outside of functions.
    """

    def __init__(self, handle: Tensor, form: Form, outside: Callable[[Any], Any]) -> None:
        self._handle, self._form, self._outside = handle, form, outside
        self._written_out = 0

    @property
    def element_spec(self) -> Any:
        """What the elements are."""
        return self._form.spec

    def following(self, more: Any = True) -> tuple[Tensor, Any]:
        """Whether there is a next element, and that element.

        Args:
            more: a bool; if it is false none is asked for, and there is none.
        """
        inputs = (self._handle, more) if isinstance(more, Tensor) else (self._handle,)
        there, *parts = _asked(partial(_next_or_nothing, (np.False_, *self._form.nothing())), self._form, True, *inputs)
        return there, self._form.packed(parts)

    def get_next(self) -> Any:
        """The next element. When the function runs, it is an OutOfRangeError if there is none."""
        return self._form.packed(_asked(_next_row, self._form, False, self._handle))

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        self._written_out += 1
        if self._written_out > MOST_WRITTEN_OUT:
            fail("Python's own loop over a dataset")
        return self.get_next()

    # -- as a composite ------------------------------------------------------------------------------------

    def __nest_flatten__(self) -> tuple:
        return (self._handle,)

    def __nest_unflatten__(self, parts: tuple) -> Any:
        (handle,) = parts
        if type(handle._value) is Handle:
            return self._outside(handle._value.value)
        return Elements(handle, self._form, self._outside)

    def __nest_static__(self) -> str:
        return repr(self._form)


def _next_or_nothing(nothing: tuple, handle: Handle, more: Any = True) -> tuple:
    if more:
        for row in handle.value:
            return (np.True_, *row)
    return nothing


def _next_row(handle: Handle) -> tuple:
    for row in handle.value:
        return row
    raise OutOfRangeError(None, None, "End of sequence [Op:IteratorGetNext]")


def _asked(compute: Callable, form: Form, flagged: bool, *inputs: Tensor) -> tuple:
    """What a node gives that asks for an element: symbolic tensors, or where nothing is traced tensors."""
    tracer = tracing()
    if tracer is None:
        return tuple(map(Tensor, compute(*[x._value for x in inputs])))
    made = tuple([tracer.symbol((), np.dtype(bool))] if flagged else []) + tuple(form.symbols(tracer))
    computed = compute
    if any(type(y._value) is Shapeless for y in made):
        computed = partial(_as_told, compute, made)
    _note(tracer, computed, partial(_asked, compute, form, flagged), inputs, made, several=True, effect=True)
    for y in made:
        if type(y._value) is not Shapeless:
            tracer.late.measure_new(y)
    return made


def _as_told(compute: Callable, made: tuple, *arrays: Any) -> tuple:
    return act_on_arrays(lambda *tensors: tuple(map(Tensor, compute(*[x._value for x in tensors]))), made, True, *arrays)


def opaque(compute: Callable, inputs: Sequence[Tensor] = (), effect: bool = False) -> Tensor:
    """The handle of a Python object that is made when the function runs.

    Args:
        compute: makes the object of the arrays of the inputs.
        inputs: tensors.
        effect: whether making it does something that others can see.
    """
    tracer = tracing()
    if tracer is None:
        return Tensor(Handle(compute(*[x._value for x in inputs])))
    y = tracer.symbol((), Handle.dtype)
    _note(tracer, partial(_held, compute), partial(_opaque, compute, effect), tuple(inputs), (y,), False, effect)
    return y


def _held(compute: Callable, *arrays: Any) -> Handle:
    return Handle(compute(*arrays))


def _opaque(compute: Callable, effect: bool, *tensors: Tensor) -> Tensor:
    return opaque(compute, tensors, effect)


def _note(tracer: Any, compute: Callable, replay: Callable, inputs: tuple, made: tuple, several: bool, effect: bool) -> None:
    """Notes a node of which no tape hears."""
    inputs = tuple(tracer.reach(inputs))
    numbers = tuple([y._value.number for y in made])
    tracer.add(Node(None, compute, inputs, None, numbers, partial(again, replay, made, several), several, effect))
    if effect:
        tracer._forget_reads()  # what gives elements is Python, and might assign variables
