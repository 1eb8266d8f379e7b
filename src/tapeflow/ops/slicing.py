"""Slices: `x[...]` as Python and NumPy know it, `tf.slice`, `tf.strided_slice`, and assignment to slices of variables."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

import tapeflow.ops.variable_scatter  # noqa: F401  # gives variables their scatter methods
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dimension import Dim, holds_late
from tapeflow.core.dispatch import apply
from tapeflow.core.symbolic import ACTIVE, Abstract, SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.joining import unstack
from tapeflow.ops.masking import boolean_mask
from tapeflow.ops.parts import STRIDED_SLICE, Spec, numpy_index, sliced
from tapeflow.ops.shape_arguments import ShapeLike, read_integers
from tapeflow.ops.slices_known_later import At, Between, Block, put_at, taken_at

__all__ = ["slice", "strided_slice"]

PythonSlice = type(np.s_[:])  # `slice` is an operation here

# -- what stands in the brackets -------------------------------------------------------------------------


def read_key(key: Any) -> Spec:
    """The spec of what stands in the brackets of `x[key]`.

    Raises:
        TypeError: it is no index.
    """
    if type(key) is int:
        return (key,)
    items: list = []
    for item in key if type(key) is tuple or type(key) is list else (key,):
        if type(item) is int or item is None or item is Ellipsis:
            items.append(item)
        elif type(item) is PythonSlice:
            start, stop, step = item.start, item.stop, item.step
            items.append((_bound(start), _bound(stop), _bound(step)))
        else:
            items.append(_integer(item))
    return tuple(items)


def _bound(bound: Any) -> Any:
    return bound if bound is None or type(bound) is int else _integer(bound)


def _integer(item: Any) -> Any:
    if type(item) is Dim:
        return item
    if type(item) is bool:
        raise invalid("StridedSlice", f"an index must be int16, int32 or int64, got {item}")
    value = item._read()._value if isinstance(item, Variable) else item._value if isinstance(item, Tensor) else item
    if isinstance(value, np.ndarray | np.generic):
        numpys_own = value is item and value.dtype.kind in "iu"
        if not value.ndim and (numpys_own or value.dtype.name in ("int16", "int32", "int64")):
            return int(value)
    elif type(value) is Abstract and not value.ndim and known_size(value) is not None:
        return known_size(value)
    elif isinstance(item, int):
        return int(item)
    raise TypeError(
        "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are valid "
        f"indices, got {item!r}; take several elements along an axis with tf.gather"
    )


def known_size(value: Any) -> Any:
    """What a symbolic scalar is known to be, from the arguments' sizes; None if it is not."""
    content = None if value.content is None or value.ndim else value.content[()]
    return None if type(content) is Dim and content.is_late else content


def _symbol(item: Any) -> Tensor | None:
    """The tensor of an index that is known only when a function runs, in a function being traced; None for all others."""
    if isinstance(item, Variable):
        item = item._read()
    if type(item) is not SymbolicTensor or known_size(item._value) is not None:
        return None
    if item._value.ndim or item._value.dtype.name not in ("int16", "int32", "int64"):
        return None  # no index at all: `read_key` says so
    return item


def split_key(key: Any) -> tuple[Any, list[Tensor]]:
    """What stands in the brackets, with numbers in place of the indices that are known only later, and these indices."""
    places: list[Tensor] = []
    items: list[Any] = []
    for item in key if type(key) is tuple or type(key) is list else (key,):
        symbol = _symbol(item)
        if symbol is not None:
            items.append(At(len(places)))
            places.append(symbol)
            continue
        if type(item) is PythonSlice:
            bounds = [(bound, _symbol(bound)) for bound in (item.start, item.stop, item.step)]
            if any(symbol is not None for _, symbol in bounds):
                first = len(places)
                places += [symbol for _, symbol in bounds if symbol is not None]
                numbers = iter(range(first, len(places)))
                item = Between(*[_bound(bound) if symbol is None else At(next(numbers)) for bound, symbol in bounds])
        items.append(item)
    return items, places


def read_split(items: list[Any]) -> Spec:
    """The spec of items of which some are known only later."""
    return tuple([item if type(item) in (At, Between) else read_key((item,))[0] for item in items])


def is_mask(key: Any) -> bool:
    """Whether `x[key]` takes the elements where `key` is True."""
    if type(key) is bool:
        return True
    value = key._read()._value if isinstance(key, Variable) else key._value if isinstance(key, Tensor) else key
    if not isinstance(value, np.ndarray | np.generic | Abstract):
        return False
    return value.dtype.kind == "b" and (value is not key or value.ndim > 0)


def get_item(x: Tensor, key: Any) -> Tensor:
    """`x[key]`: integers, slices, `...`, `tf.newaxis`, integer scalar tensors, or one boolean mask.

    Raises:
        InvalidArgumentError: an index is out of range, or there are more of them than axes.
        TypeError: something in `key` is no index.
        ValueError: the shape of a mask does not fit.
    """
    if type(key) is int:
        return apply(STRIDED_SLICE, x, spec=(key,))
    if is_mask(key):
        return boolean_mask(x, key)
    if ACTIVE:
        items, places = split_key(key)
        if places:
            return taken_at(x, read_split(items), places)
    return apply(STRIDED_SLICE, x, spec=read_key(key))


# -- the slices of variables -----------------------------------------------------------------------------


def get_variable_item(variable: Variable, key: Any) -> Tensor:
    """`variable[key]`: as for a tensor; unless `key` is a mask, the result can be assigned: `variable[1:].assign(...)`."""
    if is_mask(key):
        return boolean_mask(variable, key)
    if ACTIVE:
        items, places = split_key(key)
        if places:
            spec = read_split(items)
            y = taken_at(variable._read(), spec, places)
            y.assign = partial(_assign_later, variable, spec, places)
            return y
    spec = read_key(key)
    y = sliced(variable._read(), spec)
    y.assign = partial(assign_slice, variable, spec)
    return y


def assign_slice(variable: Variable, spec: Spec, value: TensorLike, name: str | None = None) -> Variable:
    """Gives a slice of a variable new values, broadcast to its shape.

    Returns:
        The variable, as `assign` does.

    Raises:
        InvalidArgumentError: the value does not broadcast to the shape of the slice; the variable is left as it was.
        ValueError: the value is of another dtype.
    """
    dtype = variable._value.dtype
    tensor = convert(value, hint=dtype)
    new = tensor._value
    if new.dtype != dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {variable.dtype.name} for Tensor with dtype {tensor.dtype.name}: "
            f"{tensor!r}; assigning to a slice of {variable.name} needs tf.cast(value, tf.{variable.dtype.name})"
        )
    index = numpy_index(spec)
    shape = np.asarray(variable._value)[(*index, ...) if Ellipsis not in spec else index].shape
    try:
        np.broadcast_to(np.empty(new.shape, bool), shape)
    except ValueError:
        raise invalid(
            "ResourceStridedSliceAssign",
            f"Cannot broadcast input shape {brackets(new)} into final shape [{','.join(map(str, shape))}]",
        ) from None

    def put(old: Any, new: Any, out: np.ndarray | None = None) -> Any:
        target = np.array(old) if out is None else out
        target[index] = new if new.ndim else new[()]
        return target if target.ndim or target.dtype.kind == "O" else target[()]

    return variable._update(put, tensor)


def _assign_later(
    variable: Variable, spec: Spec, places: list[Tensor], value: TensorLike, name: str | None = None
) -> Variable:
    """Gives a slice new values, where its place is known only when the function runs."""
    new = convert(value, hint=variable._value.dtype)
    if new.dtype != variable.dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {variable.dtype.name} for Tensor with dtype {new.dtype.name}: {new!r}; "
            f"assigning to a slice of {variable.name} needs tf.cast(value, tf.{variable.dtype.name})"
        )
    with tracing().unheard():
        return variable.assign(put_at(variable._read(), spec, places, new))


Tensor.__getitem__ = get_item  # type: ignore[method-assign, assignment]
Variable.__getitem__ = get_variable_item  # type: ignore[method-assign, assignment]

# -- the operations --------------------------------------------------------------------------------------


def slice(input_: TensorLike, begin: ShapeLike, size: ShapeLike, name: str | None = None) -> Tensor:
    """The block of `size` that starts at `begin`.

    Args:
        input_: of any dtype and shape.
        begin: for each axis the first index, not negative.
        size: for each axis how many elements; -1 for all that remain.
        name: unused.

    Raises:
        InvalidArgumentError: the block does not lie within the tensor.

    >>> import tapeflow as tf
    >>> tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [2, -1]).numpy()
    array([[2, 3],
           [5, 6]], dtype=int32)
    """
    x = input_ if type(input_) is Tensor else convert(input_)
    shape = x._value.shape
    if ACTIVE and (_places(begin) is not None or _places(size) is not None):
        return _slice_later(x, begin, size)
    starts, sizes = read_integers(begin, "Slice", "begin", 0), read_integers(size, "Slice", "size", 0)
    if len(starts) != len(shape) or len(sizes) != len(shape):
        raise invalid(
            "Slice",
            f"Expected begin and size arguments to be 1-D tensors of size {len(shape)}, but got {len(starts)} and "
            f"{len(sizes)} elements instead.",
        )
    spec = []
    for i, (start, length, n) in enumerate(zip(starts, sizes, shape, strict=True)):
        if not 0 <= start <= n:
            raise invalid("Slice", f"Expected begin[{i}] in [0, {n}], but got {start}")
        stop = n if length == -1 else start + length
        if not start <= stop <= n:
            raise invalid("Slice", f"Expected size[{i}] in [0, {n - start}], but got {length}")
        spec.append((start, stop, None))
    return sliced(x, tuple(spec))


def _places(begin: Any) -> list | None:
    """The first indices, or the sizes, if some are known only when a function runs; None if not."""
    if isinstance(begin, list | tuple):
        return list(begin) if any(_symbol(item) is not None for item in begin) else None
    x = begin._read() if isinstance(begin, Variable) else begin
    if type(x) is not SymbolicTensor or x._value.ndim != 1:
        return None
    content = x._value.content
    return unstack(x) if content is None or holds_late(content.tolist()) else None


def _slice_later(x: Tensor, begin: Any, size: Any) -> Tensor:
    """A block that starts, or whose size is, what is known only when the function runs."""
    given: list = []
    for argument, what in ((begin, "begin"), (size, "size")):
        places = _places(argument)
        given.append(list(read_integers(argument, "Slice", what, 0)) if places is None else places)
    starts, sizes = given
    if len(starts) != x._value.ndim or len(sizes) != x._value.ndim:
        raise invalid(
            "Slice",
            f"Expected begin and size arguments to be 1-D tensors of size {x._value.ndim}, but got {len(starts)} and "
            f"{len(sizes)} elements instead.",
        )
    places = [convert(place) for place in starts]
    blocks = []
    for i, (length, n) in enumerate(zip(sizes, x._value.shape, strict=True)):
        if _symbol(length) is not None:
            blocks.append(Block(i, At(len(places))))
            places.append(length)
            continue
        if not -1 <= length <= n:
            raise invalid("Slice", f"Expected size[{i}] in [0, {n}], but got {length}")
        blocks.append(Block(i, length))
    return taken_at(x, tuple(blocks), places)


def strided_slice(
    input_: TensorLike,
    begin: ShapeLike,
    end: ShapeLike,
    strides: ShapeLike | None = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Variable | None = None,
    name: str | None = None,
) -> Tensor:
    """The slice `input_[begin[0]:end[0]:strides[0], ...]`; `x[...]` is the readable form of it.

    Args:
        input_: of any dtype and shape.
        begin: for each axis the first index.
        end: for each axis the index before which to stop.
        strides: for each axis the step, which may be negative; 1 by default.
        begin_mask: bit i says to ignore begin[i] and start at the end where the step starts.
        end_mask: bit i says to ignore end[i] and go as far as there is something.
        ellipsis_mask: bit i says that entry i stands for `...`.
        new_axis_mask: bit i says that entry i stands for `tf.newaxis`.
        shrink_axis_mask: bit i says that entry i stands for the single index begin[i].
        var: the variable that `input_` is the value of; the result then has `assign`.
        name: unused.

    Raises:
        InvalidArgumentError: the vectors differ in length, a step is 0, there are too many entries, or a single index is
            out of range.

    >>> import tapeflow as tf
    >>> tf.strided_slice([1, 2, 3, 4, 5], [-1], [0], [-2]).numpy()
    array([5, 3], dtype=int32)
    """
    x = input_ if type(input_) is Tensor else convert(input_)
    starts, stops = (read_integers(v, "StridedSlice", a) for v, a in ((begin, "begin"), (end, "end")))
    steps = (1,) * len(starts) if strides is None else read_integers(strides, "StridedSlice", "strides")
    if not len(starts) == len(stops) == len(steps):
        raise invalid(
            "StridedSlice",
            "Expected begin, end, and strides to be 1D equal size tensors, but got lengths "
            f"{len(starts)}, {len(stops)}, and {len(steps)} instead.",
        )
    spec: list = []
    for i, (start, stop, step) in enumerate(zip(starts, stops, steps, strict=True)):
        bit = 1 << i
        if ellipsis_mask & bit:
            spec.append(Ellipsis)
        elif new_axis_mask & bit:
            spec.append(None)
        elif not step:
            raise invalid("StridedSlice", f"strides[{i}] must be non-zero")
        elif shrink_axis_mask & bit:
            if step < 0:
                raise invalid("StridedSlice", "only stride 1 allowed on non-range indexing.")
            spec.append(start)
        else:
            spec.append((None if begin_mask & bit else start, None if end_mask & bit else stop, step))
    y = sliced(x, tuple(spec))
    if var is not None:
        y.assign = partial(assign_slice, var, tuple(spec))
    return y
