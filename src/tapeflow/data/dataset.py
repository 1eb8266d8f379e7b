"""`tf.data.Dataset`: elements, one after another, and what may be done to them on their way into a training loop."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.dtypes import int64
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.shapes import TensorShape, TensorSpec
from tapeflow.core.symbolic import tracing
from tapeflow.core.tensor import Tensor
from tapeflow.data import sources, stages
from tapeflow.data.functions import ElementFunction
from tapeflow.data.in_graphs import reduced_in_graph, remembered
from tapeflow.data.padding import fillers_of, padded_shapes_of
from tapeflow.data.pipeline import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Pipeline
from tapeflow.data.shuffling import Shuffling
from tapeflow.data.structure import DatasetSpec, arrays_of, components, packer, spec_of, stacked
from tapeflow.ops.seeds import seeds_of_dataset

__all__ = ["Dataset"]


class Dataset(Pipeline):
    """Elements, one after another: tensors, or nested tuples and dicts of tensors.

    A dataset is made by `from_tensor_slices`, `from_generator`, `range` and the like, and each method gives another one. Nothing
    is computed until somebody iterates: `for element in dataset`. Functions that are given to it are traced once, as those under
    `tf.function` are. Elements come in TensorFlow's order, also where they are shuffled with seeds.

    Stages work one element at a time, on the thread that iterates: `num_parallel_calls`, `deterministic` and sizes of buffers to
    prefetch are accepted, and change nothing about what comes out. `name` names nothing.

    >>> import tapeflow as tf
    >>> data = tf.data.Dataset.from_tensor_slices(([1.0, 2.0, 3.0], [0, 1, 0])).map(lambda x, y: (x * 10.0, y)).batch(2)
    >>> for x, y in data:
    ...     print(x.numpy(), y.numpy())
    [10. 20.] [0 1]
    [30.] [0]
    """

    # -- where they begin -------------------------------------------------------------------------------

    @staticmethod
    def from_tensors(tensors: Any, name: str | None = None) -> Dataset:
        """A dataset of one element."""
        structure = components(tensors)
        row = tuple(arrays_of(structure))
        return Dataset("_TensorDataset", spec_of(structure), 1, lambda: iter([row]))

    @staticmethod
    def from_tensor_slices(tensors: Any, name: str | None = None) -> Dataset:
        """A dataset of the rows of tensors, all of which have as many.

        >>> import tapeflow as tf
        >>> list(tf.data.Dataset.from_tensor_slices({"a": [1, 2], "b": [[3.0], [4.0]]}).as_numpy_iterator())
        [{'a': np.int32(1), 'b': array([3.], dtype=float32)}, {'a': np.int32(2), 'b': array([4.], dtype=float32)}]
        """
        return Dataset(*sources.of_slices(tensors))

    @staticmethod
    def from_generator(
        generator: Callable,
        output_types: Any = None,
        output_shapes: Any = None,
        args: tuple | None = None,
        output_signature: Any = None,
        name: str | None = None,
    ) -> Dataset:
        """A dataset of what `generator(*args)` yields, which is called for each iteration.

        >>> import tapeflow as tf
        >>> data = tf.data.Dataset.from_generator(lambda: iter([1, 2]), output_signature=tf.TensorSpec((), tf.float32))
        >>> list(data.as_numpy_iterator())
        [np.float32(1.0), np.float32(2.0)]
        """
        if not callable(generator):
            raise TypeError("`generator` must be a Python callable.")
        spec = sources.generator_spec(output_types, output_shapes, output_signature)
        given = tuple([convert(x).numpy() for x in args or ()])
        return Dataset("_FlatMapDataset", spec, UNKNOWN_CARDINALITY, lambda: sources.generated(generator, given, spec))

    @staticmethod
    def range(*args: Any, **kwargs: Any) -> Dataset:
        """A dataset of numbers: `range(stop)` or `range(start, stop, step=1)`.

        Args:
            *args: the numbers.
            **kwargs: `output_type`, int64 if it is not given, and `name`.
        """
        unknown = kwargs.keys() - {"output_type", "name"}
        if unknown:
            raise TypeError(f"range() got an unexpected keyword argument {min(unknown)!r}; it takes output_type and name")
        return Dataset(*sources.of_numbers(args, kwargs.get("output_type")))

    @staticmethod
    def counter(start: Any = 0, step: Any = 1, dtype: Any = int64, name: str | None = None) -> Dataset:
        """A dataset of numbers without an end."""
        spec = TensorSpec((), dtype)
        numbers = sources.Numbers(spec.dtype.numpy)
        return Dataset("_ScanDataset", spec, INFINITE_CARDINALITY, lambda: itertools.count(start, step), numbers)

    @staticmethod
    def zip(*args: Any, datasets: Any = None, name: str | None = None) -> Dataset:
        """A dataset whose elements are made of one element of each dataset; they may stand in a tuple or a dict."""
        given = datasets if datasets is not None else args[0] if len(args) == 1 else args
        if isinstance(given, list):
            raise TypeError(
                "Invalid input to `zip`. Inputs are expected to be (nested) structures of `tf.data.Dataset` objects. Python `list` "
                "is not supported and you should use `tuple` instead."
            )
        return Dataset(*sources.zipped(given))

    # -- order and number ---------------------------------------------------------------------------------

    def _with(self, kind: str, count: int, stage: Callable[[Iterator], Iterator], slots: Any = None) -> Dataset:
        """A dataset of these elements that does not look into them."""
        items = lambda: stage(self._open())
        return self._then(kind, lambda: self.element_spec, count, items, self._numbered, self._alike, slots)

    def shuffle(
        self, buffer_size: Any, seed: int | None = None, reshuffle_each_iteration: bool = True, name: str | None = None
    ) -> Dataset:
        """The elements in an order by chance: each is chosen among the next `buffer_size`.

        With a seed, or after `tf.random.set_seed`, the order is TensorFlow's. Each iteration has another one unless
        `reshuffle_each_iteration` is False.

        >>> import tapeflow as tf
        >>> tf.random.set_seed(1)
        >>> [x.numpy().item() for x in tf.data.Dataset.range(6).shuffle(6)]
        [4, 2, 1, 5, 0, 3]
        """
        size = int(buffer_size)
        if size <= 0 and size != UNKNOWN_CARDINALITY:
            raise InvalidArgumentError(None, None, "buffer_size must be greater than zero or UNKNOWN_CARDINALITY")
        again = reshuffle_each_iteration is None or bool(reshuffle_each_iteration)
        seeds = seeds_of_dataset(seed)
        shuffling, slots = remembered(lambda: Shuffling(None if size < 0 else size, seeds, again))
        return self._with("_ShuffleDataset", self._count, lambda items: shuffling()(items), slots)

    def repeat(self, count: Any = None, name: str | None = None) -> Dataset:
        """The elements `count` times; without an end if it is None or -1."""
        times = -1 if count is None else int(count)
        total = self._count * times if self._count > 0 and times >= 0 else INFINITE_CARDINALITY
        total = self._count if self._count in (0, UNKNOWN_CARDINALITY) else total
        total = 0 if times == 0 else INFINITE_CARDINALITY if times < 0 and self._count else total
        spec, numbered = lambda: self.element_spec, self._numbered
        items = lambda: stages.repeated(self._open, times)
        return self._then("_RepeatDataset", spec, total, items, numbered, self._alike)

    def take(self, count: Any, name: str | None = None) -> Dataset:
        """The first `count` elements; all of them if it is -1."""
        n = int(count)
        if n < 0:
            return self._with("_TakeDataset", self._count, iter)
        total = UNKNOWN_CARDINALITY if self._count == UNKNOWN_CARDINALITY else sources.shortest([self._count, n])
        return self._with("_TakeDataset", total, lambda items: itertools.islice(items, n))

    def skip(self, count: Any, name: str | None = None) -> Dataset:
        """The elements behind the first `count`; none if it is -1."""
        n = int(count)
        if n < 0:
            return self._with("_SkipDataset", 0, lambda items: iter(()))
        total = self._count if self._count < 0 else max(self._count - n, 0)
        return self._with("_SkipDataset", total, lambda items: itertools.islice(items, n, None))

    def shard(self, num_shards: Any, index: Any, name: str | None = None) -> Dataset:
        """Every `num_shards`-th element, from the one at `index` on."""
        every, first = int(num_shards), int(index)
        if every < 1:
            raise InvalidArgumentError(
                None, None, f"Number of shards must be greater than zero (currently num_shards = {every})."
            )
        if not 0 <= first < every:
            raise InvalidArgumentError(None, None, f"Index must be between 0 and {every - 1} (currently index = {first}).")
        total = self._count if self._count < 0 else len(range(first, self._count, every))
        return self._with("_ShardDataset", total, lambda items: itertools.islice(items, first, None, every))

    def prefetch(self, buffer_size: Any, name: str | None = None) -> Dataset:
        """The same elements; `buffer_size` of them would be computed ahead, and are not, since nothing runs beside."""
        return self._with("_PrefetchDataset", self._count, iter)

    def cache(self, filename: str = "", name: str | None = None) -> Dataset:
        """The same elements, computed in the first iteration and kept in memory for the others.

        Raises:
            NotImplementedError: `filename` asks for a file.
        """
        if filename:
            raise NotImplementedError("`filename` is not supported: elements are kept in memory")
        kept, slots = remembered(list)
        spec, numbered = lambda: self.element_spec, self._numbered
        items = lambda: stages.cached(self._open, kept())
        return self._then("CacheDataset", spec, self._count, items, numbered, self._alike, slots)

    def concatenate(self, dataset: Dataset, name: str | None = None) -> Dataset:
        """These elements, and then those of another dataset, of the same dtypes.

        Raises:
            TypeError: the elements differ in structure or dtype.
        """
        mine, theirs = self.element_spec, dataset.element_spec
        try:
            nest.assert_same_structure(mine, theirs)
            joint = nest.map_structure(lambda a, b: a.most_specific_compatible_type(b), mine, theirs)
        except (TypeError, ValueError):
            raise TypeError(f"Incompatible dataset elements:\n  {mine} vs.\n  {theirs}") from None
        counts = [self._count, dataset._count]
        total = UNKNOWN_CARDINALITY if UNKNOWN_CARDINALITY in counts else sum(counts)
        total = INFINITE_CARDINALITY if INFINITE_CARDINALITY in counts else total
        rows = lambda: itertools.chain(self.rows(), dataset.rows())
        alike = self._alike and dataset._alike
        return self._then("_ConcatenateDataset", joint, total, rows, alike=alike, slots=dataset._slots)

    # -- what elements are ----------------------------------------------------------------------------------

    def map(
        self,
        map_func: Callable,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """What a function makes of each element; the components of a tuple are its arguments.

        Args:
            map_func: the function, traced once.
            num_parallel_calls, deterministic, synchronous, use_unbounded_threadpool: accepted; one element after another.
            name: unused.

        >>> import tapeflow as tf
        >>> list(tf.data.Dataset.range(3).map(lambda n: n * n).as_numpy_iterator())
        [np.int64(0), np.int64(1), np.int64(4)]
        """
        kind = "_MapDataset" if num_parallel_calls is None else "_ParallelMapDataset"
        function = ElementFunction.of_element(map_func, self.element_spec)
        spec = function.spec if function.spec is not None else lambda: function.spec_after(self.first)
        alike = function.keeps_alike(self._alike)
        return self._then(kind, spec, self._count, lambda: map(function.values, self.rows()), alike=alike)

    def filter(self, predicate: Callable, name: str | None = None) -> Dataset:
        """The elements for which a function gives True.

        Raises:
            ValueError: it gives something else than a bool.
        """
        holds = ElementFunction.of_element(predicate, self.element_spec).predicate()
        return self._then(
            "_FilterDataset", self._spec, UNKNOWN_CARDINALITY, lambda: filter(holds, self.rows()), alike=self._alike
        )

    def take_while(self, predicate: Callable, name: str | None = None) -> Dataset:
        """The elements before the first for which a function gives False."""
        function = ElementFunction.of_element(predicate, self.element_spec)
        taken = lambda: itertools.takewhile(lambda row: bool(function(row)), self.rows())
        return self._then("_TakeWhileDataset", self._spec, UNKNOWN_CARDINALITY, taken, alike=self._alike)

    def enumerate(self, start: Any = 0, name: str | None = None) -> Dataset:
        """Pairs of a number, int64 from `start` on, and an element."""
        return Dataset.zip((Dataset.counter(int(start)), self))

    def unique(self, name: str | None = None) -> Dataset:
        """The elements, scalars, without those that have come before."""
        return self._then("_UniqueDataset", self._spec, UNKNOWN_CARDINALITY, lambda: stages.unique(self.rows()))

    def flat_map(self, map_func: Callable, name: str | None = None) -> Dataset:
        """The elements of the datasets that a function makes of the elements, one dataset after another."""
        opened = self._opened(map_func)
        return self._then(
            "_FlatMapDataset",
            self._spec_inside(opened),
            UNKNOWN_CARDINALITY,
            lambda: itertools.chain.from_iterable(opened()),
        )

    def interleave(
        self,
        map_func: Callable,
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """As `flat_map`, with `cycle_length` datasets that take turns and give `block_length` elements each time.

        Args:
            map_func: makes a dataset of an element.
            cycle_length: how many take turns; one if it is not given.
            block_length: how many elements at a time; one if it is not given.
            num_parallel_calls, deterministic: accepted; one element after another.
            name: unused.
        """
        opened = self._opened(map_func)
        cycle, block = (1 if n is None or int(n) < 1 else int(n) for n in (cycle_length, block_length))
        kind = "_InterleaveDataset" if num_parallel_calls is None else "_ParallelInterleaveDataset"
        spec = self._spec_inside(opened)
        return self._then(kind, spec, UNKNOWN_CARDINALITY, lambda: stages.interleaved(opened(), cycle, block))

    def _opened(self, map_func: Callable) -> Callable[..., Iterator[Iterator[tuple]]]:
        """Gives the rows of the datasets that a function makes; their specs, if `specs` is set."""
        function = ElementFunction.of_element(map_func, self.element_spec, traces=False)

        def made(row: tuple, specs: bool) -> Any:
            dataset = function(row)
            if not isinstance(dataset, Pipeline):
                raise TypeError(f"Invalid `map_func`. `map_func` must return a `Dataset` object. Got {type(dataset)}.")
            return dataset.element_spec if specs else dataset.rows()

        return lambda specs=False: (made(row, specs) for row in self.rows())

    def _spec_inside(self, opened: Callable) -> Callable[[], Any]:
        def spec() -> Any:
            found = next(opened(True), None)
            return TensorSpec(None) if found is None else found

        return spec

    # -- several elements at a time -----------------------------------------------------------------------------

    def batch(
        self,
        batch_size: Any,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Each `batch_size` elements as one, with a new first axis.

        Args:
            batch_size: how many; the last batch may have fewer.
            drop_remainder: whether it is dropped then.
            num_parallel_calls, deterministic: accepted; one element after another.
            name: unused.

        Raises:
            InvalidArgumentError: `batch_size` is not positive; while iterating, elements have different shapes.
        """
        size, drop = _positive(batch_size), bool(drop_remainder)
        kind = "_BatchDataset" if num_parallel_calls is None else "_ParallelBatchDataset"
        numbered = self._numbered
        joined = stacked if numbered is None else numbered.many
        items = lambda: stages.batches(self._open(), size, drop, joined)
        return self._then(kind, self._batched(size if drop else None), self._batches(size, drop), items, alike=True)

    def _batched(self, size: int | None) -> Callable[[], Any]:
        return lambda: nest.map_structure(lambda s: TensorSpec(TensorShape([size]) + s.shape, s.dtype), self.element_spec)

    def _batches(self, size: int, drop: bool) -> int:
        return self._count if self._count < 0 else self._count // size if drop else -(-self._count // size)

    def padded_batch(
        self,
        batch_size: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Dataset:
        """As `batch`, of elements whose shapes differ: each is filled up at its ends.

        Args:
            batch_size, drop_remainder: as in `batch`.
            padded_shapes: up to which shapes; None, for all or for a size, means the longest of the batch.
            padding_values: with what; by default with zeros, and empty text.
            name: unused.

        >>> import tapeflow as tf
        >>> data = tf.data.Dataset.range(1, 4).map(lambda n: tf.fill([n], n)).padded_batch(3)
        >>> next(iter(data)).numpy().tolist()
        [[1, 0, 0], [2, 2, 0], [3, 3, 3]]
        """
        size, drop, inner = _positive(batch_size), bool(drop_remainder), self.element_spec
        shapes = padded_shapes_of(inner, padded_shapes)
        fillers = fillers_of(inner, padding_values)
        leaves = [
            TensorSpec([size if drop else None, *shape], s.dtype)
            for shape, s in zip(shapes, nest.flatten(inner), strict=True)
        ]

        def open() -> Iterator[tuple]:
            return stages.batches(self.rows(), size, drop, lambda rows: stages.padded(rows, shapes, fillers))

        return self._then(
            "_PaddedBatchDataset", nest.pack_sequence_as(inner, leaves), self._batches(size, drop), open, alike=True
        )

    def unbatch(self, name: str | None = None) -> Dataset:
        """The rows of the elements, each as an element."""
        specs = nest.flatten(self.element_spec)
        spec = nest.map_structure(lambda s: TensorSpec(s.shape[1:], s.dtype), self.element_spec)
        size = specs[0].shape[0] if specs[0].shape.rank else None
        total = self._count * size if size is not None and self._count >= 0 else UNKNOWN_CARDINALITY
        return self._then("_UnbatchDataset", spec, total, lambda: stages.unbatched(self.rows()))

    def rebatch(self, batch_size: Any, drop_remainder: bool = False, name: str | None = None) -> Dataset:
        """Batches cut anew: of `batch_size` rows, or of each size of a list in turn."""
        sizes = [_positive(n) for n in np.reshape(batch_size, -1)]
        drop = bool(drop_remainder)
        fixed = sizes[0] if drop and len(set(sizes)) == 1 else None
        spec = nest.map_structure(lambda s: TensorSpec(TensorShape([fixed]) + s.shape[1:], s.dtype), self.element_spec)
        return self._then(
            "_RebatchDataset", spec, UNKNOWN_CARDINALITY, lambda: stages.rebatched(self.rows(), sizes, drop), alike=True
        )

    def window(
        self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: bool = False, name: str | None = None
    ) -> Dataset:
        """Datasets of `size` elements, every `stride`-th from each `shift`-th on (`size` by default).

        >>> import tapeflow as tf
        >>> for window in tf.data.Dataset.range(5).window(3, shift=1, drop_remainder=True):
        ...     print([x.numpy().item() for x in window])
        [0, 1, 2]
        [1, 2, 3]
        [2, 3, 4]
        """
        length, step, drop = _positive(size), _positive(stride), bool(drop_remainder)
        gap = length if shift is None else _positive(shift)
        inner = self.element_spec
        parts = nest.flatten(inner)

        def variant(part: Any, column: int, rows: list[tuple]) -> Dataset:
            return Dataset("_VariantDataset", part, len(rows), lambda: iter([(row[column],) for row in rows]))

        def variants(rows: list[tuple]) -> tuple:
            return tuple([variant(part, i, rows) for i, part in enumerate(parts)])

        def open() -> Iterator[tuple]:
            return map(variants, stages.windows(self.rows(), length, gap, step, drop))

        total = self._count
        if total >= 0:
            span = (length - 1) * step + 1
            total = max(-(-(total - span + 1) // gap), 0) if drop else -(-total // gap)
        return self._then("_WindowDataset", nest.map_structure(DatasetSpec, inner), total, open)

    # -- all elements ---------------------------------------------------------------------------------------------

    def reduce(self, initial_state: Any, reduce_func: Callable, name: str | None = None) -> Any:
        """A state that a function of the state and an element makes anew with each element; the last one.

        >>> import tapeflow as tf
        >>> tf.data.Dataset.range(5).reduce(tf.constant(0, tf.int64), lambda total, n: total + n).numpy()
        np.int64(10)
        """
        state = components(initial_state)
        if tracing() is not None:
            return reduced_in_graph(self, state, reduce_func)
        spec, values = spec_of(state), tuple(arrays_of(state))
        function = ElementFunction(reduce_func, (spec, self.element_spec))
        for row in self.rows():
            values = function.values(values + row)
        return packer(spec)(values)

    def scan(self, initial_state: Any, scan_func: Callable, name: str | None = None) -> Dataset:
        """What a function gives beside the next state, for each element: `(state, element) -> (state, output)`."""
        state = components(initial_state)
        start, spec = tuple(arrays_of(state)), spec_of(state)
        function = ElementFunction(scan_func, (spec, self.element_spec))

        def open() -> Iterator[tuple]:
            values = start
            for row in self.rows():
                found = function.values(values + row)
                values = found[: len(start)]
                yield found[len(start) :]

        output = lambda: function.spec_after(lambda: start + self.first())[1]
        return self._then("_ScanDataset", output, self._count, open)

    def apply(self, transformation_func: Callable) -> Dataset:
        """What a function makes of this dataset."""
        made = transformation_func(self)
        if not isinstance(made, Dataset):
            raise TypeError(f"`transformation_func` must return a `tf.data.Dataset` object. Got {type(made)}.")
        return made


def _positive(size: Any) -> int:
    n = int(size.numpy() if isinstance(size, Tensor) else size)
    if n <= 0:
        raise InvalidArgumentError(None, None, f"Batch size must be greater than zero, got {n}.")
    return n
