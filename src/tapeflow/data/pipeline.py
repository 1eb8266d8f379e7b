"""A dataset as a line of stages, each of which makes an iterator from the one before when the dataset is iterated over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.errors import OutOfRangeError
from tapeflow.core.symbolic import fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.data.structure import packer

__all__ = ["INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "NumpyIterator", "OwnedIterator", "Pipeline"]

INFINITE_CARDINALITY, UNKNOWN_CARDINALITY = -1, -2


class OwnedIterator:
    """Gives the elements of a dataset, one after another.

    >>> import tapeflow as tf
    >>> numbers = iter(tf.data.Dataset.range(2))
    >>> next(numbers).numpy(), numbers.get_next().numpy()
    (np.int64(0), np.int64(1))
    >>> isinstance(numbers, tf.data.Iterator)
    True
    """

    def __init__(self, rows: Iterator[tuple], spec: Callable[[], Any]) -> None:
        self._rows, self._spec = rows, spec
        self._pack: Callable | None = None

    @property
    def element_spec(self) -> Any:
        """What the elements are."""
        return self._spec()

    def __iter__(self) -> OwnedIterator:
        return self

    def __next__(self) -> Any:
        if tracing() is not None:
            fail("the next element of a dataset is asked for")
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
    """

    def __init__(self, kind: str, spec: Any, count: int, open: Callable[[], Iterator[Any]], rows: Any = None) -> None:
        self._kind, self._spec, self._count, self._open, self._numbered = kind, spec, count, open, rows

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
        return convert(self._count, "int64")

    def as_numpy_iterator(self) -> NumpyIterator:
        """An iterator that gives the elements as NumPy arrays."""
        return NumpyIterator(self)

    def get_single_element(self, name: str | None = None) -> Any:
        """The only element.

        Raises:
            InvalidArgumentError: there is none, or more than one.
        """
        from tapeflow.core.errors import InvalidArgumentError

        found = [element for element, _ in zip(self, range(2), strict=False)]
        if len(found) != 1:
            raise InvalidArgumentError(
                None, None, "Dataset was empty." if not found else "Dataset had more than one element."
            )
        return found[0]

    def __iter__(self) -> OwnedIterator:
        return OwnedIterator(self.rows(), lambda: self.element_spec)

    def __len__(self) -> int:
        if self._count == INFINITE_CARDINALITY:
            raise TypeError("The dataset is infinite.")
        if self._count == UNKNOWN_CARDINALITY:
            raise TypeError("The dataset length is unknown.")
        return self._count

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<{self._kind} element_spec={self.element_spec!r}>"
