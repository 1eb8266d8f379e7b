"""A dataset as a line of stages, each of which makes an iterator from the one before when the dataset is iterated over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.errors import OutOfRangeError
from tapeflow.core.symbolic import fail, perform, tracing, untraceable
from tapeflow.core.tensor import Tensor
from tapeflow.data.in_graphs import Slots, bound, handle_of, slot_of
from tapeflow.data.structure import DatasetSpec, IteratorSpec, packer
from tapeflow.graph.elements import Elements, Form, Handle, opaque

__all__ = ["INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "NumpyIterator", "OwnedIterator", "Pipeline"]

INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2
INT64 = np.dtype("int64")


class OwnedIterator:
    """Gives the elements of a dataset, one after another.

    >>> import tapeflow as tf
    >>> numbers = iter(tf.data.Dataset.range(2))
    >>> next(numbers).numpy(), numbers.get_next().numpy()
    (np.int64(0), np.int64(1))
    >>> isinstance(numbers, tf.data.Iterator)
    True
    """

    def __init__(self, rows: Iterator[tuple], spec: Callable[[], Any], alike: bool = False) -> None:
        self._rows, self._spec, self._alike = rows, spec, alike
        self._pack: Callable | None = None

    @property
    def element_spec(self) -> Any:
        """What the elements are."""
        return self._spec()

    def __iter__(self) -> OwnedIterator:
        return self

    def __next__(self) -> Any:
        if tracing() is not None:
            return self.__elements__().get_next()
        row = next(self._rows)
        if self._pack is None:
            self._pack = packer(self._spec())
        return self._pack(row)

    def get_next(self) -> Any:
        """The next element.

        Raises:
            OutOfRangeError: there is none.
        """
        try:
            return next(self)
        except StopIteration:
            raise OutOfRangeError(None, None, "End of sequence [Op:IteratorGetNext]") from None

    # -- in a function that is being traced ----------------------------------------------------------------

    def __elements__(self) -> Elements:
        """What stands for it."""
        (handle,) = self.__nest_flatten__()
        return Elements(handle, Form(self.element_spec, self._alike), self._outside)

    def __nest_flatten__(self) -> tuple:
        return (Tensor(Handle(self._rows)),)

    def __nest_unflatten__(self, parts: tuple) -> Any:
        return self.__elements__().__nest_unflatten__(parts)

    def __nest_static__(self) -> str:
        return repr(Form(self.element_spec, self._alike))

    def _outside(self, rows: Iterator) -> OwnedIterator:
        return OwnedIterator(rows, self._spec, self._alike)

    def __nest_spec__(self) -> Any:
        return IteratorSpec(self.element_spec)


class NumpyIterator:
    """Gives the elements of a dataset as NumPy arrays, and text as bytes.

    >>> import tapeflow as tf
    >>> list(tf.data.Dataset.from_tensor_slices(["a", "b"]).as_numpy_iterator())
    [b'a', b'b']
    """

    def __init__(self, dataset: Pipeline) -> None:
        self._elements = iter(dataset)

    def __iter__(self) -> NumpyIterator:
        return self

    def __next__(self) -> Any:
        from tapeflow.core import nest

        return nest.map_structure(lambda x: x.numpy() if isinstance(x, Tensor) else NumpyIterator(x), next(self._elements))

    def next(self) -> Any:
        """The next element."""
        return next(self)

    def __repr__(self) -> str:
        return f"NumpyIterator(iterator={self._elements!r})"


def _cardinality(dataset: Tensor) -> Tensor:
    return dataset._value.value.cardinality()


class Pipeline:
    """What datasets have in common, whatever their stages are.

    Between stages an element is an *item*: a tuple of the arrays at its leaves, or, as long as no stage has looked into it, the
    number of a row of arrays (`Rows`).

    Args:
        kind: the name of the last stage.
        spec: what the elements are; a function, if that is to be found out only when somebody asks.
        count: how many elements there are, infinity and ignorance being negative.
        open: gives an iterator over the items, another one each time.
        rows: what makes items of numbers.
        alike: whether all parts of an element are equally long, where the spec does not say how long.
        slots: what the pipeline takes from a function that is being traced, and what it takes from the pipelines before it.
    """

    def __init__(
        self,
        kind: str,
        spec: Any,
        count: int,
        open: Callable[[], Iterator[Any]],
        rows: Any = None,
        alike: bool = False,
        slots: Slots | None = None,
    ) -> None:
        self._kind, self._spec, self._count, self._open, self._numbered = kind, spec, count, open, rows
        self._alike, self._slots = alike, slots or {}
        self._handle: Tensor | None = None  # of one that is an argument

    @property
    def element_spec(self) -> Any:
        """What the elements are: a `tf.TensorSpec` for each tensor."""
        if callable(self._spec):
            self._spec = self._spec()
        return self._spec

    def rows(self) -> Iterator[tuple]:
        """An iterator over the elements, as tuples of the arrays at their leaves."""
        if tracing() is not None:
            fail("a dataset is iterated over")
        return self._open() if self._numbered is None else map(self._numbered.one, self._open())

    def first(self) -> tuple:
        """The arrays of the first element."""
        for row in self.rows():
            return row
        raise ValueError(
            "what the elements of this dataset are cannot be known: it is empty, and its function is not traceable"
        )

    def cardinality(self) -> Tensor:
        """How many elements there are: an int64 tensor; `INFINITE_CARDINALITY` or `UNKNOWN_CARDINALITY` if it cannot be said."""
        if self._handle is not None:
            return perform(_cardinality, (self._handle,), ((), INT64), assigns=False)
        if self._slots and self._count == UNKNOWN_CARDINALITY:
            fail("the cardinality of a dataset that is made of an argument")
        return convert(self._count, "int64")

    def as_numpy_iterator(self) -> NumpyIterator:
        """An iterator that gives the elements as NumPy arrays."""
        untraceable("the elements of a dataset as NumPy arrays")
        return NumpyIterator(self)

    def get_single_element(self, name: str | None = None) -> Any:
        """The only element.

        Raises:
            InvalidArgumentError: there is none, or more than one.
        """
        from tapeflow.core.errors import InvalidArgumentError

        untraceable("the only element of a dataset")
        found = [element for element, _ in zip(self, range(2), strict=False)]
        if len(found) != 1:
            raise InvalidArgumentError(
                None, None, "Dataset was empty." if not found else "Dataset had more than one element."
            )
        return found[0]

    def __iter__(self) -> Any:
        tracer = tracing()
        if tracer is not None:
            if not tracer.forbids_python:
                fail("Python's own loop over a dataset")
            return self.__elements__()
        return OwnedIterator(self.rows(), lambda: self.element_spec, self._alike)

    def __len__(self) -> int:
        if self._slots and self._count == UNKNOWN_CARDINALITY:
            fail("the length of a dataset that is made of an argument")
        if self._count == INFINITE_CARDINALITY:
            raise TypeError("The dataset is infinite.")
        if self._count == UNKNOWN_CARDINALITY:
            raise TypeError("The dataset length is unknown.")
        return self._count

    # -- in a function that is being traced ----------------------------------------------------------------

    def __numbered__(self, start: Any) -> Pipeline:
        """What `enumerate` gives there."""
        return self.enumerate(start)  # type: ignore[attr-defined]

    def __joined__(self, datasets: tuple) -> Pipeline:
        """What `zip` gives there."""
        return self.zip(datasets)  # type: ignore[attr-defined]

    def _then(
        self,
        kind: str,
        spec: Any,
        count: int,
        open: Callable,
        rows: Any = None,
        alike: bool = False,
        slots: Slots | None = None,
    ) -> Any:
        """The pipeline with one more stage."""
        return type(self)(kind, spec, count, open, rows, alike, self._slots | (slots or {}))

    def _like(self, open: Callable[[], Iterator[tuple]], count: int = UNKNOWN_CARDINALITY, slots: Any = None) -> Pipeline:
        """Another pipeline whose elements are of the same kind."""
        return type(self)(self._kind, lambda: self.element_spec, count, open, None, self._alike, slots)

    def __elements__(self) -> Elements:
        """An iterator over it."""
        form, (dataset,) = Form(self.element_spec, self._alike), self.__nest_flatten__()
        handle = opaque(lambda dataset: dataset.value.rows(), (dataset,), effect=True)
        return Elements(handle, form, lambda rows: OwnedIterator(rows, lambda: form.spec, form.alike))

    def __nest_flatten__(self) -> tuple:
        return (self._handle if self._handle is not None else handle_of(self, self._slots),)

    def __nest_unflatten__(self, parts: tuple) -> Pipeline:
        (handle,) = parts
        if type(handle._value) is Handle:
            return handle._value.value
        slot, slots = slot_of(handle)
        made = self._like(lambda: bound(slot).rows(), slots=slots)
        made._handle = handle
        return made

    def __nest_static__(self) -> str:
        return repr(Form(self.element_spec, self._alike))

    def __nest_spec__(self) -> Any:
        return DatasetSpec(self.element_spec)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<{self._kind} element_spec={self.element_spec!r}>"
