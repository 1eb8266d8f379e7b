"""Elements and rows taken by their indices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import NotFoundError
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid, wrong_dtype
from tapeflow.ops.parts import add_rows, gathered
from tapeflow.ops.shape_arguments import are_known_later, read_axis, read_integer, sizes_as_tensor
from tapeflow.ops.shaping import reshaped

__all__ = ["gather", "gather_nd"]

INT32 = np.dtype("int32")


def index_tensor(indices: TensorLike, operation: str) -> Tensor:
    """The tensor of indices, which must be integers.

    Raises:
        InvalidArgumentError: they are not int16, int32 or int64.
    """
    x = indices if type(indices) is Tensor else convert(indices)
    if x._value.dtype.name not in ("int32", "int64", "int16"):
        raise wrong_dtype(
            operation,
            f"Value for attr 'Tindices' of {x.dtype.name} is not in the list of allowed values: int16, int32, int64",
        )
    return x


# -- along an axis ---------------------------------------------------------------------------------------


def gather(
    params: TensorLike,
    indices: TensorLike,
    validate_indices: bool | None = None,
    axis: Any = None,
    batch_dims: Any = 0,
    name: str | None = None,
) -> Tensor:
    """Slices of `params` at `indices` along an axis.

    Its gradient with respect to `params` along axis 0 is `tf.IndexedSlices`: only the rows that were taken.

    Args:
        params: of at least one axis.
        indices: integers of any shape, each in [0, params.shape[axis]).
        validate_indices: accepted; indices are always checked.
        axis: the axis; `batch_dims` by default. Negative ones count from the end.
        batch_dims: how many leading axes `params` and `indices` have in common: each element of the batch has indices of its
            own. Negative ones count from the end of the axes of `indices`.
        name: unused.

    Returns:
        A tensor of shape params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:].

    Raises:
        InvalidArgumentError: an index or the axis is out of range, or shapes do not fit.

    >>> import tapeflow as tf
    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> tf.gather(x, [2, 0], axis=1).numpy()
    array([[3, 1],
           [6, 4]], dtype=int32)
    >>> tf.gather(x, [[0, 1], [2, 2]], batch_dims=1).numpy()
    array([[1, 2],
           [6, 6]], dtype=int32)
    """
    x = params if type(params) is Tensor else convert(params)
    i = index_tensor(indices, "GatherV2")
    shape, index_shape = x._value.shape, i._value.shape
    if not shape:
        raise invalid("GatherV2", "params must be at least 1 dimensional")
    if axis is None and type(batch_dims) is int and not batch_dims:
        return gathered(x, i)
    if type(axis) is SymbolicTensor and are_known_later(axis):
        from tapeflow.ops.axes_known_later import along

        outside = f"Shape must be at least rank {{axis}} + 1 but is rank {len(shape)} [Op:GatherV2]"
        return along(axis, len(shape), outside, lambda a: gather(x, i, axis=a, batch_dims=batch_dims))
    batch = batch_dims if type(batch_dims) is int else read_integer(batch_dims, "batch_dims")
    if not -len(index_shape) <= batch <= len(index_shape):
        raise invalid("GatherV2", f"batch_dims must be in [{-len(index_shape)}, {len(index_shape)}], got {batch}")
    if batch < 0:
        batch += len(index_shape)
    if axis is not None and np.ndim(axis) and not isinstance(axis, Tensor):
        raise invalid("GatherV2", f"axis must be scalar, got {axis}")
    message = f"axis ({axis}) and batch_dims ({batch}) do not fit params of shape {list(shape)}"
    a = read_axis(batch if axis is None else axis, len(shape), "GatherV2", message)
    if not a:
        batch = 0
    elif batch > a:
        raise invalid("GatherV2", f"batch_dims ({batch}) must be less than or equal to axis ({a})")
    for d in range(batch):
        if shape[d] != index_shape[d]:
            raise invalid(
                "GatherV2", f"params.shape[{d}]: {shape[d]} should be equal to indices.shape[{d}]: {index_shape[d]}"
            )
    return gathered(x, i, a, batch)


# -- along several axes at once --------------------------------------------------------------------------


def columns_of(shape: tuple, indices: np.ndarray, batch_dims: int, ignore: bool) -> tuple[list, np.ndarray, Any]:
    """What `indices` of shape [..., depth] point at in an array of `shape`: an index for each of the first axes, the number
    of the block that they lead to, and where they are good (True if everywhere).

    Raises:
        IndexError: one is out of range, unless such are to be ignored.
    """
    numbers = np.asarray(indices).astype(np.intp, copy=False)
    depth = numbers.shape[-1]
    batch, lead = shape[:batch_dims], numbers.shape[:-1]
    grid = np.indices(batch).reshape(batch_dims, *batch, *[1] * (len(lead) - batch_dims))
    columns = [np.broadcast_to(each, lead).reshape(-1) for each in grid]
    good: Any = True
    for k in range(depth):
        column, n = numbers[..., k].reshape(-1), shape[batch_dims + k]
        if column.size and (column.min() < 0 or column.max() >= n):
            good = ((column >= 0) & (column < n)) & good
        columns.append(column)
    if good is not True:
        if not ignore:
            at = int(np.flatnonzero(~good)[0])
            where = ",".join(map(str, np.unravel_index(at, lead)))
            wrong = numbers.reshape(-1, depth)[at].tolist()
            raise IndexError(f"indices[{where}] = {wrong} does not index into shape [{','.join(map(str, shape))}]")
        columns = [column[good] for column in columns]
    rows = np.zeros(len(columns[0]) if columns else math.prod(lead), np.intp)
    for column, n in zip(columns, shape, strict=False):
        rows = rows * n + column
    return columns, rows, good


def _gather_nd(params, indices, *, batch_dims, ignore):
    axes = batch_dims + indices.shape[-1]
    _, rows, good = columns_of(params.shape, indices, batch_dims, ignore)
    width = math.prod(params.shape[axes:])
    taken = params.reshape(math.prod(params.shape[:axes]), width).take(rows, 0)
    if good is not True:
        whole = np.zeros((len(good), width), params.dtype)
        whole[good] = taken
        taken = whole
    y = taken.reshape(indices.shape[:-1] + params.shape[axes:])
    return y if y.ndim or y.dtype.kind == "O" else y[()]


def _scatter_nd(indices, updates, *, shape, batch_dims, ignore):
    axes = batch_dims + indices.shape[-1]
    _, rows, good = columns_of(shape, indices, batch_dims, ignore)
    count, width = math.prod(shape[:axes]), math.prod(shape[axes:])
    values = np.asarray(updates).reshape(math.prod(indices.shape[:-1]), width)
    if good is not True:
        values = values[good]
    if values.dtype.kind == "O":
        out = np.full((count, width), b"", object)
        for row, value in zip(rows, values, strict=True):
            out[row] += value  # strings are concatenated
    else:
        out = add_rows(count, rows, values)
    return out.reshape(shape)


def _pull_gathered_nd(dy: Tensor, indices: Tensor, params_shape: tuple, indices_shape: tuple, batch_dims: int, ignore: bool):
    if len(indices_shape) == 2 and indices_shape[1] == 1 and not batch_dims and not ignore:
        rows = reshaped(indices, indices_shape[:1])
        return IndexedSlices(dy, rows, sizes_as_tensor(params_shape, np.dtype("int32")))
    return apply(SCATTER_ND, indices, dy, shape=params_shape, batch_dims=batch_dims, ignore=ignore)


GATHER_ND: Primitive = Primitive("GatherNd", _gather_nd, (_pull_gathered_nd, None), linear=True)

SCATTER_ND: Primitive = Primitive(
    "ScatterNd",
    _scatter_nd,
    (
        None,
        lambda dy, indices, batch_dims, ignore: apply(GATHER_ND, dy, indices, batch_dims=batch_dims, ignore=ignore),
    ),
    linear=True,
)


def ignores_bad_indices(policy: str, operation: str) -> bool:
    """What `bad_indices_policy` says: whether indices out of range are skipped, or an error."""
    if policy not in ("", "DEFAULT", "ERROR", "IGNORE"):
        raise NotFoundError(
            None, None, f"{operation} has no kernel for bad_indices_policy={policy!r}; use '', 'ERROR' or 'IGNORE'"
        )
    return policy == "IGNORE"


def gather_nd(
    params: TensorLike, indices: TensorLike, batch_dims: Any = 0, name: str | None = None, bad_indices_policy: str = ""
) -> Tensor:
    """Elements or slices of `params`, each at an index of several axes.

    Args:
        params: of any dtype and shape.
        indices: integers of shape [..., depth]: the last axis holds the indices for the first `depth` axes of `params`.
        batch_dims: how many leading axes `params` and `indices` have in common.
        name: unused.
        bad_indices_policy: "IGNORE" gives zeros for indices that are out of range; by default they are an error.

    Returns:
        A tensor of shape indices.shape[:-1] + params.shape[batch_dims + depth:].

    Raises:
        InvalidArgumentError: an index is out of range, or there are more indices than axes.
        ValueError: `batch_dims` is not less than the rank of `indices`.

    >>> import tapeflow as tf
    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> tf.gather_nd(x, [[0, 1], [1, 2]]).numpy()
    array([2, 6], dtype=int32)
    >>> tf.gather_nd(x, [[1]]).numpy()
    array([[4, 5, 6]], dtype=int32)
    """
    x = params if type(params) is Tensor else convert(params)
    i = index_tensor(indices, "GatherNd")
    batch = read_integer(batch_dims, "batch_dims")
    shape, index_shape = x._value.shape, i._value.shape
    if not index_shape:
        raise invalid("GatherNd", "indices must be at least a vector")
    if not 0 <= batch < len(index_shape):
        raise ValueError(f"Argument `batch_dims` = {batch} must be less than rank(`indices`) = {len(index_shape)}")
    if batch + index_shape[-1] > len(shape):
        raise invalid(
            "GatherNd",
            f"index innermost dimension length must be <= params rank; saw: {index_shape[-1]} vs. {len(shape) - batch}",
        )
    if shape[:batch] != index_shape[:batch]:
        raise invalid(
            "GatherNd", f"the first {batch} axes must agree: params {brackets(x._value)}, indices {brackets(i._value)}"
        )
    ignore = ignores_bad_indices(bad_indices_policy, "GatherNd")
    return apply(GATHER_ND, x, i, batch_dims=batch, ignore=ignore)
