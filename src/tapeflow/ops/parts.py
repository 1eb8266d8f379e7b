"""Parts of tensors, slices and rows, and cotangents that are made of parts.

The cotangent of x for a slice x[i] is zero almost everywhere. A loop over all rows of x would build as many arrays of the
size of x, only to add them up. So the rules below do not: they give what is not zero and where it belongs, as a `PartialSum`
or `tf.IndexedSlices`, and the parts are put together once, when the sum is needed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.convert import CONVERTERS, convert
from tapeflow.core.dimension import holds_late
from tapeflow.core.dispatch import apply
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add
from tapeflow.ops.joining import CONCAT
from tapeflow.ops.shape_arguments import flat, sizes_as_tensor
from tapeflow.ops.shaping import reshaped

__all__ = ["PartialSum", "gathered", "sliced"]

FLOAT32, INT32 = np.dtype("float32"), np.dtype("int32")

# -- slices --------------------------------------------------------------------------------------------

# What a slice takes is an attribute, hence hashable: a tuple with, for each axis, an integer, a triple (start, stop, step)
# or Ellipsis, and None for a new axis.
Spec = tuple


def numpy_index(spec: Spec) -> tuple:
    """The spec as NumPy takes it."""
    return tuple([slice(*each) if type(each) is tuple else each for each in spec])


def _strided_slice(input, *, spec):
    y = input[numpy_index(spec)]
    return y if type(y) is not bytes else input[(*numpy_index(spec), ...)]  # an array of strings, even if of a single one


def _add_slices(*parts, shape, specs):
    out = np.array(parts[0]) if specs[0] is None else np.zeros(shape, parts[0].dtype)
    for part, spec in zip(parts, specs, strict=True):
        if spec is not None:
            out[numpy_index(spec)] += part
    return out if shape else out[()]


def _shape_of_slice(input: tuple[int, ...], *, spec: Spec) -> tuple[int, ...]:
    return np.broadcast_to(np.False_, input)[numpy_index(spec)].shape  # of an array of that shape and no size


STRIDED_SLICE: Primitive = Primitive(
    "StridedSlice",
    _strided_slice,
    (lambda dy, input_shape, spec: PartialSum(input_shape, None, (spec, dy), dy._value.size),),
    linear=True,
    shape=_shape_of_slice,
)

ADD_SLICES: Primitive = Primitive(
    "AddSlices",
    _add_slices,
    pullback=lambda dy, specs: [dy if spec is None else sliced(dy, spec) for spec in specs],
    linear=True,
    shape=lambda *parts, shape, specs: shape,
)


def sliced(x: Tensor, spec: Spec) -> Tensor:
    """`x[spec]`."""
    return apply(STRIDED_SLICE, x, spec=spec)


# -- rows ----------------------------------------------------------------------------------------------


def add_rows(count: int, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    """`count` rows, of which row r is the sum of all values[i] with rows[i] == r: `np.add.at` on zeros, in less time."""
    dtype = values.dtype
    if dtype.itemsize == 2 and dtype.kind in "fV":
        return add_rows(count, rows, values.astype(FLOAT32)).astype(dtype)  # accumulates in float32
    n, width = values.shape
    if n > 8 and width == 1 and dtype.kind == "f":
        return np.bincount(rows, values[:, 0], count).astype(dtype, copy=False)[:, np.newaxis]
    if n * width > 4096 and dtype.kind in "fc":
        from scipy.sparse import csr_matrix

        picks = csr_matrix((np.ones(n, dtype), rows, np.arange(n + 1)), shape=(n, count))  # values = picks @ table
        return picks.T @ values
    out = np.zeros((count, width), dtype)
    if n <= 8:
        for row, value in zip(rows.tolist(), values, strict=True):
            out[row] += value
        return out
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    if len(starts) == n:
        out[rows] = values
    else:
        out[ordered[starts]] = np.add.reduceat(values[order], starts, axis=0)
    return out


def check_indices(indices: Any, size: int) -> None:
    """IndexError, which names the first of the indices that is not in [0, size)."""
    if not indices.size:
        return
    low, high = (int(indices), int(indices)) if not indices.ndim else (int(indices.min()), int(indices.max()))
    if low < 0 or high >= size:
        at = tuple(np.argwhere((indices < 0) | (indices >= size))[0].tolist())
        where = f"[{','.join(map(str, at))}]" if at else ""
        raise IndexError(f"indices{where} = {int(np.asarray(indices)[at])} is not in [0, {size})")


def _row_numbers(shape: tuple, indices: np.ndarray, axis: int, batch_dims: int) -> tuple[np.ndarray, int, int]:
    """What `indices` along `axis` take from a tensor of `shape`, seen as a matrix with an axis of rows: the numbers of these
    rows, how many rows there are, and how long they are."""
    batch, outer, n = math.prod(shape[:batch_dims]), math.prod(shape[batch_dims:axis]), shape[axis]
    width = math.prod(shape[axis + 1 :])
    flat = np.asarray(indices).astype(np.intp, copy=False)
    if batch * outer == 1:
        return flat.reshape(-1), n, width
    rows = np.arange(0, batch * outer * n, max(n, 1), dtype=np.intp).reshape(batch, outer, 1)
    return (rows + flat.reshape(batch, 1, math.prod(indices.shape[batch_dims:]))).reshape(-1), batch * outer * n, width


def _gather(params, indices, *, axis, batch_dims):
    check_indices(indices, params.shape[axis])
    if not batch_dims:
        y = params.take(indices, axis)
        return y if type(y) is not bytes else params[..., indices].reshape(())
    rows, count, width = _row_numbers(params.shape, indices, axis, batch_dims)
    shape = params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1 :]
    return params.reshape(count, width).take(rows, 0).reshape(shape)


def _ungather(values, indices, *, shape, axis, batch_dims):
    check_indices(indices, shape[axis])
    rows, count, width = _row_numbers(shape, indices, axis, batch_dims)
    return add_rows(count, rows, values.reshape(len(rows), width)).reshape(shape)


def _pull_rows(dy: Tensor, indices: Tensor, params_shape: tuple, axis: int, batch_dims: int) -> Any:
    if axis or batch_dims:
        return apply(UNGATHER, dy, indices, shape=params_shape, axis=axis, batch_dims=batch_dims)
    count = indices._value.size
    values = reshaped(dy, (count, *params_shape[1:]))
    return IndexedSlices(values, reshaped(indices, (count,)), sizes_as_tensor(params_shape, INT32))


GATHER: Primitive = Primitive("GatherV2", _gather, (_pull_rows, None), linear=True)

UNGATHER: Primitive = Primitive(
    "GatherV2Transpose",
    _ungather,
    (lambda dy, indices, axis, batch_dims: gathered(dy, indices, axis, batch_dims), None),
    linear=True,
)


def gathered(params: Tensor, indices: Tensor, axis: int = 0, batch_dims: int = 0) -> Tensor:
    """What stands at `indices` along an axis (not negative) of `params`."""
    return apply(GATHER, params, indices, axis=axis, batch_dims=batch_dims)


def dense(slices: IndexedSlices) -> Tensor:
    """The whole tensor that the slices are the rows of; negative indices stand for no row."""
    if slices._dense_shape is None:
        raise ValueError(f"Tensor conversion requested for IndexedSlices without dense_shape: {slices}")
    values, indices = slices._values, slices._indices
    if type(indices) is SymbolicTensor:
        values, indices = _without_negative(values, indices)
    elif indices._value.size and indices._value.min() < 0:
        kept = Tensor(np.flatnonzero(indices._value >= 0))
        values, indices = gathered(values, kept), gathered(indices, kept)
    shape = flat(slices._dense_shape._value)
    return apply(UNGATHER, values, indices, shape=shape, axis=0, batch_dims=0)


def _without_negative(values: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """The same slices where indices are known only later: negative ones become 0, and their rows zeros."""
    from tapeflow.ops.comparison import greater_equal
    from tapeflow.ops.selection import maximum, where

    there = reshaped(greater_equal(indices, 0), (indices._value.size, *[1] * (values._value.ndim - 1)))
    return where(there, values, convert(0, hint=values._value.dtype)), maximum(indices, 0)


# -- sums of parts -------------------------------------------------------------------------------------


class PartialSum:
    """A sum of cotangents of one tensor that have not been added up yet.

    Args:
        shape: of the tensor.
        whole: a cotangent that is a tensor, if there is one.
        parts: a binary tree of pairs: a leaf is (spec, cotangent of that slice) or (None, IndexedSlices).
        size: how many elements the slices among the parts have; when it passes the tensor's own, they are added up.
    """

    __slots__ = ("parts", "shape", "size", "whole")

    def __init__(self, shape: tuple[int, ...], whole: Tensor | None, parts: tuple, size: int) -> None:
        self.shape, self.whole, self.parts, self.size = shape, whole, parts, size

    def plus(self, other: Any) -> Any:
        """The sum with another cotangent of the same tensor, whatever it is made of."""
        if isinstance(other, Tensor):
            whole = other if self.whole is None else add(self.whole, other)
            return PartialSum(self.shape, whole, self.parts, self.size)
        if type(other) is IndexedSlices:
            other = as_sum(other)
        if self.whole is None or other.whole is None:
            whole = other.whole if self.whole is None else self.whole
        else:
            whole = add(self.whole, other.whole)
        total = PartialSum(self.shape, whole, (self.parts, other.parts), self.size + other.size)
        if holds_late((self.shape, total.size)):
            return total  # whether it should be added up now, values tell
        return total if total.size <= math.prod(self.shape) else convert(total.settled())

    def settled(self) -> Tensor | IndexedSlices:
        """The sum: slices, if all its parts are rows, else a tensor."""
        specs: list[Spec | None] = [] if self.whole is None else [None]
        terms: list[Tensor] = [] if self.whole is None else [self.whole]
        slices: list[IndexedSlices] = []
        waiting = [self.parts]
        while waiting:
            left, right = waiting.pop()
            if type(right) is tuple:
                waiting += [right, left]
            elif left is None:
                slices.append(right)
            else:
                specs.append(left)
                terms.append(right)
        if slices:
            rows = joined(slices)
            if not terms:
                return rows
            specs.append((Ellipsis,))
            terms.append(dense(rows))
        return apply(ADD_SLICES, *terms, shape=self.shape, specs=tuple(specs))


def as_sum(slices: IndexedSlices) -> PartialSum:
    """Slices as a sum of one part. Rows are never too many to be kept: an optimizer wants them as they are."""
    shape = () if slices._dense_shape is None else flat(slices._dense_shape._value)
    return PartialSum(shape, None, (None, slices), 0)


def joined(slices: list[IndexedSlices]) -> IndexedSlices:
    """The sum of several slices, as slices."""
    if len(slices) == 1:
        return slices[0]
    indices = [each._indices for each in slices]
    if len({each._value.dtype for each in indices}) > 1:
        indices = [Tensor(each._value.astype(np.int64)) for each in indices]
    return IndexedSlices(
        apply(CONCAT, *[each._values for each in slices], axis=0), apply(CONCAT, *indices, axis=0), slices[0]._dense_shape
    )


IndexedSlices.plus = lambda self, other: as_sum(self).plus(other)  # type: ignore[method-assign]
CONVERTERS[IndexedSlices] = dense
CONVERTERS[PartialSum] = lambda total: convert(total.settled())
