"""Numbers in order, grids of them, and indices turned into other forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, as_tensor, convert, convert_all
from tapeflow.core.dimension import Dim, broadcast_sizes, holds_dim, holds_late
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.symbolic import Abstract, SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.casting import cast
from tapeflow.ops.joining import concat, same_dtypes
from tapeflow.ops.parts import sliced
from tapeflow.ops.selection import maximum
from tapeflow.ops.shape_arguments import are_known_later, flat, read_axis, read_size, sizes_as_tensor
from tapeflow.ops.shaping import broadcast_to, expand_dims, no_such_place, reshape, reshaped

__all__ = ["invert_permutation", "linspace", "meshgrid", "one_hot", "range", "unravel_index"]

# -- range and linspace ----------------------------------------------------------------------------------

# The dtype of a range is the last of these that one of its arguments has.
HIERARCHY = ("int32", "int64", "float16", "bfloat16", "float32", "float64")


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> Tensor:
    """The numbers from `start` up to, and without, `limit`, at distances of `delta`. They are constants to every tape.

    Args:
        start: a scalar; where there is no `limit` this is the limit, and the range starts at 0.
        limit: a scalar.
        delta: a scalar, not 0; negative to count down.
        dtype: of the result; by default the widest of the arguments', integers before floats.
        name: unused.

    Raises:
        InvalidArgumentError: `delta` is 0 or leads away from `limit`, or an argument is no scalar.
        TypeError: an argument does not fit `dtype`, or is no number.

    >>> import tapeflow as tf
    >>> tf.range(5).numpy(), tf.range(3, 18, 6).numpy(), tf.range(1.0, 0.0, -0.25).numpy()
    (array([0, 1, 2, 3, 4], dtype=int32), array([ 3,  9, 15], dtype=int32), array([1.  , 0.75, 0.5 , 0.25], dtype=float32))
    """
    if limit is None:
        start, limit = 0, start
    sizes = [_as_size(x) for x in (start, limit, delta)]
    if None not in sizes and holds_dim(sizes):
        return _range_of_sizes(sizes, (start, limit, delta), dtype)
    if dtype is None and type(start) is type(limit) is type(delta) is int:  # the usual case, with no tensors on the way
        inside = max(abs(start), abs(limit), abs(delta)) < 2**31
        if inside and delta and (limit - start) * delta >= 0:
            return Tensor(np.arange(start, limit, delta).astype(np.int32))
    given = {"start": start, "limit": limit, "delta": delta}
    if dtype is not None:
        wanted = dtypes.as_dtype(dtype)
        tensors = [cast(x, wanted) if as_tensor(x) is not None else convert(x, wanted) for x in given.values()]
    else:
        tensors = [convert(x) for x in given.values()]
        for x in tensors:
            if x.dtype.name not in HIERARCHY:
                raise TypeError(f"a range of {x.dtype.name} needs an explicit `dtype`; its arguments were {given}")
        wanted = max([x.dtype for x in tensors], key=lambda each: HIERARCHY.index(each.name))
        tensors = [cast(x, wanted) for x in tensors]
    if wanted.is_bool or wanted.is_complex or wanted == dtypes.string:
        raise invalid("Range", f"a range must be of real numbers, and `dtype` is {wanted.name}")
    for argument, x in zip(given, tensors, strict=True):
        if x._value.size != 1:
            raise invalid("Range", f"{argument} must be a scalar, not shape {brackets(x._value)}")
    if any(type(x) is SymbolicTensor for x in tensors):
        return apply(RANGE_OF, *[reshape(x, []) for x in tensors])
    return Tensor(_numbers(*[np.asarray(x._value).reshape(())[()] for x in tensors]))


def _numbers(start, limit, delta):
    if not delta:
        raise invalid("Range", f"Requires delta != 0: {delta}")
    if (start > limit and delta > 0) or (start < limit and delta < 0):
        sign = "<= limit when delta >" if delta > 0 else ">= limit when delta <"
        raise invalid("Range", f"Requires start {sign} 0: {start}/{limit}")
    kind = start.dtype
    if kind.kind in "iu":
        return np.arange(int(start), int(limit), int(delta), dtype=kind)
    count = math.ceil(abs((limit - start) / delta))
    return (start + np.arange(count).astype(kind) * delta).astype(kind, copy=False)


RANGE_OF = Primitive("RangeOf", _numbers, opens=lambda *_: [(Told((0, 1, 2), "range"),)])
"""The range between numbers that are known only when a function runs."""


def _range_of_sizes(sizes: list, given: tuple, dtype: Any) -> Tensor:
    """A range between sizes that are known when the function runs."""
    wide = any(isinstance(x, Tensor) and x.dtype == dtypes.int64 for x in given)
    kind = dtypes.as_dtype(dtype) if dtype is not None else dtypes.int64 if wide else dtypes.int32
    start, limit, delta = sizes
    return apply(RANGE, start=start, limit=limit, delta=delta, dtype=kind.numpy)


def _as_size(x: Any) -> Any:
    """An integer, or a size that is unknown; None for anything else."""
    if type(x) is int or type(x) is Dim:
        return x
    value = x._value if isinstance(x, Tensor) else None
    if type(value) is Abstract and value.content is not None and value.size == 1:
        return flat(value)[0]
    return int(value) if isinstance(value, np.integer) else None


RANGE = Primitive("Range", lambda *, start, limit, delta, dtype: np.arange(start, limit, delta).astype(dtype), inputs=())


def linspace(start: TensorLike, stop: TensorLike, num: Any, name: str | None = None, axis: Any = 0) -> Tensor:
    """`num` values at equal distances, from `start` to `stop`, both included.

    Args:
        start: a scalar, or a tensor of first values; integers are converted to float64.
        stop: of the same dtype, and of a shape that broadcasts.
        num: how many, as an integer; not negative. One value is `start`.
        name: unused.
        axis: where in the result the new axis stands.

    Raises:
        InvalidArgumentError: the axis is out of range, or `num` is negative.
        TypeError: `num` is no integer.
        ValueError: start and stop are tensors of different dtypes.

    >>> import tapeflow as tf
    >>> tf.linspace(0.0, 1.0, 5).numpy()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    >>> tf.linspace([0.0, 10.0], [1.0, 20.0], 3, axis=1).numpy()
    array([[ 0. ,  0.5,  1. ],
           [10. , 15. , 20. ]], dtype=float32)
    """
    if type(axis) is SymbolicTensor and are_known_later(axis):
        from tapeflow.ops.axes_known_later import along

        first, last = convert(start), convert(stop)
        ndim = max(first._value.ndim, last._value.ndim) + 1
        outside = f"{no_such_place('{axis}', ndim)} [Op:ExpandDims]"
        return along(axis, ndim, outside, lambda a: linspace(first, last, num, axis=a))
    first = convert(start)
    last = convert(stop, first.dtype)
    if first._value.dtype.kind in "iu":
        first, last = cast(first, dtypes.float64), cast(last, dtypes.float64)
    count = read_size(num, "num")
    if not holds_late(count) and count < 0:
        raise invalid("LinSpace", f"Requires num >= 0, got {count}")
    dtype = first._value.dtype
    shape = broadcast_sizes(first._value.shape, last._value.shape)
    first, last = broadcast_to(first, shape), broadcast_to(last, shape)
    ndim = len(shape) + 1
    a = read_axis(axis, ndim, "ExpandDims", no_such_place(axis, ndim))
    first, last = expand_dims(first, a), expand_dims(last, a)
    if holds_late(count):
        return _spaced_later(first, last, sizes_as_tensor(count, np.dtype("int32")), a)
    if count < 2:  # both ends are connected to what a tape follows, even those that are not in the result
        return sliced(concat([first, last], a), (*[(None, None, None)] * a, (None, count, None)))
    steps = np.arange(1, count - 1).astype(dtype).reshape([-1 if d == a else 1 for d in np.arange(ndim)])
    delta = (last - first) / Tensor(dtype.type(count - 1))
    return concat([first, first + delta * Tensor(steps), last], a)


def _spaced_later(first: Tensor, last: Tensor, num: Tensor, axis: int) -> Tensor:
    """As many values as only the running function knows: the ends and those between them, of which the first ones are taken."""
    dtype, ndim = first._value.dtype, first._value.ndim
    gaps = maximum(num - 1, 1)
    steps = reshape(cast(range(1, gaps), dtypes.from_numpy(dtype)), [-1 if d == axis else 1 for d in np.arange(ndim)])
    values = concat([first, first + (last - first) / cast(gaps, dtypes.from_numpy(dtype)) * steps, last], axis)
    return values[(*[slice(None)] * axis, slice(num))]


def meshgrid(*args: Any, **kwargs: Any) -> list[Tensor]:
    """Grids of coordinates: for each of several vectors, its values all over the grid that they span.

    Args:
        *args: vectors of one dtype; tensors of another rank are flattened.
        indexing: "xy" (the default: the first vector goes along the second axis of the grids) or "ij" (each along its own).
        name: unused.

    Raises:
        InvalidArgumentError: the dtypes differ.
        TypeError: an unknown keyword.
        ValueError: `indexing` is neither "xy" nor "ij".

    >>> import tapeflow as tf
    >>> x, y = tf.meshgrid([1, 2, 3], [4, 5])
    >>> x.numpy(), y.numpy()
    (array([[1, 2, 3],
           [1, 2, 3]], dtype=int32), array([[4, 4, 4],
           [5, 5, 5]], dtype=int32))
    """
    indexing = kwargs.pop("indexing", "xy")
    kwargs.pop("name", None)
    if kwargs:
        raise TypeError(f"'{next(iter(kwargs))}' is an invalid keyword argument for this function")
    if indexing not in ("xy", "ij"):
        raise ValueError(f"Argument `indexing` parameter must be either 'xy' or 'ij', got '{indexing}'")
    vectors = [reshape(x, -1) for x in (convert(arg) for arg in args)]
    if not vectors:
        return []
    same_dtypes(vectors, "meshgrid")
    order = list(np.arange(len(vectors)).tolist())
    if indexing == "xy" and len(vectors) > 1:
        order[:2] = [1, 0]
    sizes = [vectors[i]._value.size for i in order]
    return [
        broadcast_to(reshaped(x, tuple([x._value.size if i == k else 1 for i in order])), sizes)
        for k, x in enumerate(vectors)
    ]


# -- indices in other forms ------------------------------------------------------------------------------


def _one_hot(indices, on_value, off_value, *, depth, axis):
    beside = (slice(None),) * axis + (np.newaxis,)
    hit = indices[beside] == np.arange(depth)[(slice(None),) + (np.newaxis,) * (indices.ndim - axis)]
    if on_value.dtype.kind == "O":
        out = np.full(hit.shape, off_value[()], object)
        out[hit] = on_value[()]
        return out
    if not off_value and on_value == 1:
        return hit.astype(on_value.dtype)
    return np.where(hit, on_value, off_value)


ONE_HOT = Primitive("OneHot", _one_hot)


def one_hot(
    indices: TensorLike,
    depth: Any,
    on_value: TensorLike | None = None,
    off_value: TensorLike | None = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """Vectors with one value at an index and another everywhere else. They are constants to every tape.

    Args:
        indices: integers of any shape; those that are not in [0, depth) give vectors without the value.
        depth: the length of the vectors.
        on_value: what stands at the index; 1 by default.
        off_value: what stands elsewhere; 0 by default.
        axis: where in the result the new axis stands; -1, the default, for the end.
        dtype: of the result; by default that of the values, or float32.
        name: unused.

    Raises:
        InvalidArgumentError: the axis is out of range, the depth is negative, or the indices are no integers.
        TypeError: the values do not have the same dtype, or not `dtype`.

    >>> import tapeflow as tf
    >>> tf.one_hot([0, 2, -1], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 0., 0.]], dtype=float32)
    """
    i = convert(indices)
    if i._value.dtype.name not in ("uint8", "int8", "int32", "int64"):
        raise invalid("OneHot", f"indices must be uint8, int8, int32 or int64, got {i.dtype.name}")
    on, off = _hot_and_cold(on_value, off_value, None if dtype is None else dtypes.as_dtype(dtype))
    length = read_size(depth, "depth")
    if length < 0:
        raise invalid("OneHot", f"depth must be non-negative, got: {length}")
    ndim = i._value.ndim
    axis = -1 if axis is None else axis
    if not -1 <= axis <= ndim:
        raise invalid("OneHot", f"Expected axis to be -1 or between [0, {ndim + 1}). But received: {axis}")
    return apply(ONE_HOT, i, on, off, depth=length, axis=ndim if axis == -1 else axis)


def _hot_and_cold(on: Any, off: Any, dtype: dtypes.DType | None) -> tuple[Tensor, Tensor]:
    """Both values as tensors of the one dtype that `one_hot` shall have."""
    if on is None and off is None and (dtype is None or dtype.is_floating or dtype.is_integer):
        kind = np.float32 if dtype is None else dtype.numpy.type
        return Tensor(kind(1)), Tensor(kind(0))
    tensors: dict[str, Tensor] = {}
    hint = None if dtype is None else dtype.numpy
    for what, value in (("on_value", on), ("off_value", off)):
        if value is not None:
            x = tensors[what] = convert(value) if dtype is None or type(value) is float else convert(value, hint=hint)
            if dtype is not None and x.dtype != dtype and not (dtype.is_floating and type(value) is float):
                raise TypeError(f"dtype {x.dtype} of {what} does not match dtype parameter {dtype}")
    if len(tensors) == 2 and dtype is None and tensors["on_value"].dtype != tensors["off_value"].dtype:
        raise TypeError(
            f"dtype {tensors['on_value'].dtype} of on_value does not match dtype {tensors['off_value'].dtype} of off_value"
        )
    wanted = dtype or next((x.dtype for x in tensors.values()), dtypes.float32)
    for what, default in (("on_value", 1), ("off_value", 0)):
        if what not in tensors:
            tensors[what] = convert(default, wanted)
        elif tensors[what].dtype != wanted:
            tensors[what] = cast(tensors[what], wanted)
    return tensors["on_value"], tensors["off_value"]


def _unravel(indices, dims):
    sizes = dims.tolist()
    if 0 in sizes:
        raise ValueError(f"Input dims cannot contain a dim of zero, but dims contains zero at index {sizes.index(0)}")
    if indices.size and indices.max() >= math.prod(sizes):
        raise ValueError(f"index {indices.max()} is out of bound as with dims {sizes}")
    columns = []
    rest = np.asarray(indices)
    for size in reversed(sizes[1:]):
        rest, column = np.sign(rest) * (np.abs(rest) // size), np.fmod(rest, size)
        columns.append(column)
    return np.stack([rest, *reversed(columns)]).astype(indices.dtype, copy=False)


UNRAVEL_INDEX = Primitive("UnravelIndex", _unravel, shape=lambda indices, dims: (*dims, *indices))


def unravel_index(indices: TensorLike, dims: TensorLike, name: str | None = None) -> Tensor:
    """The coordinates, in a tensor of shape `dims`, of elements given by their numbers in row-major order.

    Args:
        indices: int32 or int64, a scalar or a vector.
        dims: a vector of sizes, of the same dtype; none is 0.
        name: unused.

    Returns:
        A tensor with a row for each of `dims`.

    Raises:
        InvalidArgumentError: an index is too great, or ranks or dtypes are wrong.

    >>> import tapeflow as tf
    >>> tf.unravel_index([5, 2], [2, 3]).numpy()
    array([[1, 0],
           [2, 2]], dtype=int32)
    """
    i, sizes = convert_all([indices, dims])
    same_dtypes([i, sizes], "UnravelIndex")
    if i._value.dtype.name not in ("int32", "int64"):
        raise invalid("UnravelIndex", f"indices must be int32 or int64, got {i.dtype.name}")
    if i._value.ndim > 1:
        raise invalid("UnravelIndex", f'The indices can only be scalar or vector, got "{brackets(i._value)}"')
    if sizes._value.ndim != 1:
        raise invalid("UnravelIndex", f'The dims can only be 1-D, got "{brackets(sizes._value)}"')
    return apply(UNRAVEL_INDEX, i, sizes)


def _invert(x):
    seen = set()
    for number in x.tolist():
        if not 0 <= number < len(x):
            raise ValueError(f"{number} is not between 0 and {len(x)}")
        if number in seen:
            raise ValueError(f"{number} is duplicated in the input.")
        seen.add(number)
    inverse = np.empty_like(x)
    inverse[x] = np.arange(len(x), dtype=x.dtype)
    return inverse


INVERT_PERMUTATION = Primitive("InvertPermutation", _invert, shape=lambda x: x)


def invert_permutation(x: TensorLike, name: str | None = None) -> Tensor:
    """The permutation y that undoes x: y[x[i]] = i.

    Args:
        x: int32 or int64, a vector that holds each of 0, 1, … once.
        name: unused.

    Raises:
        InvalidArgumentError: it is no permutation.

    >>> import tapeflow as tf
    >>> tf.math.invert_permutation([3, 0, 1, 2]).numpy()
    array([1, 2, 3, 0], dtype=int32)
    """
    tensor = convert(x)
    value = tensor._value
    if value.ndim != 1:
        raise invalid("InvertPermutation", f"invert_permutation expects a 1D vector, got shape {brackets(value)}")
    if value.dtype.name not in ("int32", "int64"):
        raise invalid("InvertPermutation", f"x must be int32 or int64, got {tensor.dtype.name}")
    return apply(INVERT_PERMUTATION, tensor)
