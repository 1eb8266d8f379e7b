"""Functions of functions along the first axis: map, fold and scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.dtypes import as_dtype
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.symbolic import tracing
from tapeflow.core.tensor import Tensor
from tapeflow.ops.creation import zeros
from tapeflow.ops.joining import concat, stack, unstack
from tapeflow.ops.shaping import expand_dims
from tapeflow.ops.stopping import stop_gradient

__all__ = ["foldl", "foldr", "map_fn", "scan", "vectorized_map"]


def map_fn(
    fn: Callable[[Any], Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """Applies `fn` to each slice along the first axis, and stacks the results.

    Args:
        fn: a function of one slice, or of a structure of slices.
        elems: a tensor [n, …], or a nested structure of them with one n.
        dtype, fn_output_signature: the dtypes (or TensorSpecs) of the results, in their structure; needed only where that
            differs from the structure of `elems`.
        back_prop: False stops gradients at the results.
        parallel_iterations, swap_memory, infer_shape: accepted; slices are taken one after the other.

    Returns:
        A tensor [n, …], or a structure of them.

    Raises:
        ValueError: a scalar in `elems`, or results of another structure than was said.
        InvalidArgumentError: results of another dtype than was said, or of different shapes.

    >>> import tapeflow as tf
    >>> tf.map_fn(lambda x: x * x, tf.constant([1.0, 2.0, 3.0])).numpy()
    array([1., 4., 9.], dtype=float32)
    """
    tensors = _tensors(elems)
    signature = dtype if fn_output_signature is None else fn_output_signature
    inputs = nest.map_structure(convert, elems)
    if signature is None:
        signature = nest.map_structure(lambda elem: elem.dtype, inputs)
    wanted = [_dtype_of(item) for item in nest.flatten(signature)]

    def mapped(slices: list[Tensor]) -> list[Tensor]:
        result = fn(nest.pack_sequence_as(elems, slices))
        nest.assert_same_structure(signature, result, check_types=False)
        return [_of_dtype(item, expected) for expected, item in zip(wanted, nest.flatten(result), strict=True)]

    if (tracer := tracing()) is not None:
        fn = tracer.converted(fn)
        results = tracer.scan(lambda _, slices: ([], mapped(slices)), [], tensors)[1]
    else:
        found = [mapped(list(slices)) for slices in zip(*map(unstack, tensors), strict=True)]
        columns = list(zip(*found, strict=True)) if found else [()] * len(wanted)
        results = [
            stack(list(column)) if column else zeros([0, *_known_shape(spec)], expected)
            for column, expected, spec in zip(columns, wanted, nest.flatten(signature), strict=True)
        ]
    if not back_prop:
        results = [stop_gradient(result) for result in results]
    return nest.pack_sequence_as(signature, results)


def _of_dtype(item: Any, expected: Any) -> Tensor:
    """A result of the function that `map_fn` is given."""
    item = convert(item, hint=expected.numpy)
    if item.dtype != expected:
        raise InvalidArgumentError(
            None,
            None,
            f"tf.map_fn expected a result of dtype {expected.name} but the function gave {item.dtype.name}; "
            f"say so with fn_output_signature=tf.{item.dtype.name}",
        )
    return item


def _dtype_of(item: Any) -> Any:
    return item.dtype if isinstance(item, TensorSpec) else as_dtype(item)


def _known_shape(item: Any) -> list[int]:
    return [size or 0 for size in item.shape] if isinstance(item, TensorSpec) and item.shape.rank else []


def _tensors(elems: Any) -> list[Tensor]:
    """The tensors in `elems`, all of one length."""
    tensors = [convert(elem) for elem in nest.flatten(elems)]
    if not tensors:
        raise ValueError("elems must contain at least one Tensor")
    for tensor in tensors:
        if not tensor._value.ndim:
            raise ValueError("Elements in elems must be 1+ dimensional Tensors, not scalars")
    counts = [tensor._value.shape[0] for tensor in tensors]
    if any(count != counts[0] for count in counts):
        raise ValueError(f"the tensors in elems must have one length along the first axis, got {counts}")
    return tensors


def vectorized_map(fn: Callable[[Any], Any], elems: Any, fallback_to_while_loop: bool = True, warn: bool = True) -> Any:
    """`map_fn` with the dtypes of the results as they come; here the slices are taken one after the other.

    Args:
        fn: a function of one slice, or of a structure of slices.
        elems: a tensor [n, …], or a nested structure of them with one n.
        fallback_to_while_loop, warn: accepted; every function can be mapped, so there is nothing to fall back to.

    >>> import tapeflow as tf
    >>> tf.vectorized_map(lambda x: x * x, tf.constant([1, 2, 3])).numpy()
    array([1, 4, 9], dtype=int32)
    """
    tensors = _tensors(elems)
    structure: list[Any] = []

    def mapped(slices: Sequence[Tensor]) -> list[Tensor]:
        result = fn(nest.pack_sequence_as(elems, list(slices)))
        structure[:] = [result]
        return [convert(item) for item in nest.flatten(result)]

    if (tracer := tracing()) is not None:
        fn = tracer.converted(fn)
        columns = tracer.scan(lambda _, slices: ([], mapped(slices)), [], tensors)[1]
        return nest.pack_sequence_as(structure[0], columns)
    if not tensors[0]._value.shape[0]:
        raise ValueError("tf.vectorized_map needs at least one slice along the first axis")
    results = [mapped(slices) for slices in zip(*map(unstack, tensors), strict=True)]
    return nest.pack_sequence_as(structure[0], [stack(list(column)) for column in zip(*results, strict=True)])


def foldl(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """fn(… fn(fn(initializer, elems[0]), elems[1]) …, elems[-1]).

    Args:
        fn: a function of what has been accumulated and of one slice.
        elems: a tensor [n, …], or a nested structure of them with one n.
        initializer: what to start with; by default the first slice.
        back_prop: False stops gradients at the result.
        parallel_iterations, swap_memory: accepted; slices are taken one after the other.

    Raises:
        TypeError: `fn` cannot be called.
        ValueError: nothing to start with, or a scalar in `elems`.

    >>> import tapeflow as tf
    >>> tf.foldl(lambda total, x: total * 10 + x, tf.constant([1, 2, 3])).numpy()
    np.int32(123)
    """
    return _folded(fn, elems, initializer, back_prop, reverse=False)


def foldr(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """`foldl` from the last slice to the first. Arguments and errors are those of `foldl`.

    >>> import tapeflow as tf
    >>> tf.foldr(lambda total, x: total * 10 + x, tf.constant([1, 2, 3])).numpy()
    np.int32(321)
    """
    return _folded(fn, elems, initializer, back_prop, reverse=True)


def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """`foldl` with all its intermediate results, stacked along the first axis.

    Args:
        fn: a function of what has been accumulated and of one slice.
        elems: a tensor [n, …], or a nested structure of them with one n.
        initializer: what to start with; by default the first slice, which is then the first result too.
        reverse: whether to go from the last slice to the first; the results stand where their slices do.
        back_prop: False stops gradients at the results.
        parallel_iterations, swap_memory, infer_shape: accepted; slices are taken one after the other.

    Raises:
        TypeError: `fn` cannot be called.
        ValueError: nothing to start with, a scalar in `elems`, or an accumulated value of another structure.

    >>> import tapeflow as tf
    >>> tf.scan(lambda total, x: total + x, tf.constant([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)
    """
    if tracing() is not None:
        return _traced(fn, elems, initializer, back_prop, reverse)[1]
    results = _accumulated(fn, elems, initializer, back_prop, reverse)
    if initializer is not None:
        results = results[1:]
    if not results:
        return nest.map_structure(lambda item: zeros([0, *convert(item).shape], convert(item).dtype), initializer)
    if reverse:
        results = results[::-1]
    columns = zip(*[nest.flatten(result) for result in results], strict=True)
    return nest.pack_sequence_as(results[0], [stack(list(column)) for column in columns])


def _folded(fn: Callable, elems: Any, initializer: Any, back_prop: bool, reverse: bool) -> Any:
    if tracing() is not None:
        return _traced(fn, elems, initializer, back_prop, reverse)[0]
    return _accumulated(fn, elems, initializer, back_prop, reverse)[-1]


def _start(fn: Callable, elems: Any) -> list[Tensor]:
    if not callable(fn):
        raise TypeError(f"{fn!r} is not callable. Please provide a callable function.")
    return _tensors(elems)


def _accumulated(fn: Callable, elems: Any, initializer: Any, back_prop: bool, reverse: bool) -> list:
    """The initial value and the accumulated one after each slice."""
    tensors = _start(fn, elems)
    slices = [nest.pack_sequence_as(elems, list(each)) for each in zip(*map(unstack, tensors), strict=True)]
    if reverse:
        slices.reverse()
    if initializer is None:
        if not slices:
            raise ValueError("without an initializer, elems must have at least one slice along the first axis")
        results, slices = [slices[0]], slices[1:]
    else:
        results = [nest.map_structure(convert, initializer)]
    for item in slices:
        result = fn(results[-1], item)
        nest.assert_same_structure(results[0], result, check_types=False)
        results.append(nest.map_structure(convert, result))
    if not back_prop:
        results = [nest.map_structure(stop_gradient, result) for result in results]
    return results


def _traced(fn: Callable, elems: Any, initializer: Any, back_prop: bool, reverse: bool) -> tuple[Any, Any]:
    """In a graph: the accumulated value after all slices, and the values after each, stacked."""
    tracer, tensors = tracing(), _start(fn, elems)
    fn = tracer.converted(fn)
    if initializer is None:
        if not tensors[0]._value.shape[0]:
            raise ValueError("without an initializer, elems must have at least one slice along the first axis")
        first = [tensor[-1 if reverse else 0] for tensor in tensors]
        tensors = [tensor[:-1] if reverse else tensor[1:] for tensor in tensors]
        pattern = elems
    else:
        first, pattern = [convert(item) for item in nest.flatten(initializer)], initializer

    def step(state: list[Tensor], slices: list[Tensor]) -> tuple[list, list]:
        result = fn(nest.pack_sequence_as(pattern, state), nest.pack_sequence_as(elems, slices))
        nest.assert_same_structure(pattern, result, check_types=False)
        following = [convert(item) for item in nest.flatten(result)]
        return following, following

    final, columns = tracer.scan(step, first, tensors, reverse)
    if initializer is None:
        ends = [expand_dims(item, 0) for item in first]
        columns = [concat([c, e] if reverse else [e, c], 0) for c, e in zip(columns, ends, strict=True)]
    if not back_prop:
        final, columns = list(map(stop_gradient, final)), list(map(stop_gradient, columns))
    return nest.pack_sequence_as(pattern, final), nest.pack_sequence_as(pattern, columns)
