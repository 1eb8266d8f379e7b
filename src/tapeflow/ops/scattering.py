"""Values put where their indices say: into zeros, or into a copy of a tensor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike, convert, convert_all
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.arithmetic import add, multiply, subtract
from tapeflow.ops.gathering import GATHER_ND, SCATTER_ND, columns_of, ignores_bad_indices, index_tensor
from tapeflow.ops.joining import same_dtypes
from tapeflow.ops.parts import add_rows
from tapeflow.ops.shape_arguments import ShapeLike, read_shape

__all__ = [
    "scatter_nd",
    "tensor_scatter_nd_add",
    "tensor_scatter_nd_max",
    "tensor_scatter_nd_min",
    "tensor_scatter_nd_sub",
    "tensor_scatter_nd_update",
]


def check_updates(shape: tuple, indices: Any, updates: Any, operation: str) -> None:
    """InvalidArgumentError unless `updates` has a block for each of `indices`, and blocks of the right shape."""
    if not indices.ndim or not updates.ndim:
        raise invalid(operation, f"indices and updates must have rank at least one, got {indices.ndim} and {updates.ndim}")
    lead, depth = indices.ndim - 1, indices.shape[-1]
    if depth > len(shape):
        raise invalid(
            operation,
            f"indices of shape {brackets(indices)} have {depth} axes, and the shape {list(shape)} only {len(shape)}",
        )
    if updates.shape[:lead] != indices.shape[:-1]:
        raise invalid(
            operation,
            f"Dimensions [0,{lead}) of indices[shape={brackets(indices)}] must match dimensions [0,{lead}) of "
            f"updates[shape={brackets(updates)}]",
        )
    if updates.shape[lead:] != tuple(shape[depth:]):
        raise invalid(
            operation,
            f"Dimensions [{depth},{len(shape)}) of input[shape=[{','.join(map(str, shape))}]] must match dimensions "
            f"[{lead},{updates.ndim}) of updates[shape={brackets(updates)}]",
        )


def scatter_nd(
    indices: TensorLike, updates: TensorLike, shape: ShapeLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """Zeros of a shape, with `updates` added at `indices`.

    Args:
        indices: integers of shape [..., depth], indices of the first `depth` axes.
        updates: of shape [*indices.shape[:-1], *shape[depth:]]. Those at the same index are added up.
        shape: of the result.
        bad_indices_policy: "IGNORE" skips indices that are out of range; by default they are an error.
        name: unused.

    Raises:
        InvalidArgumentError: an index is out of range, or shapes do not fit.

    >>> import tapeflow as tf
    >>> tf.scatter_nd([[1], [3], [1]], [9.0, 8.0, 1.0], [5]).numpy()
    array([ 0., 10.,  0.,  8.,  0.], dtype=float32)
    """
    i, x = index_tensor(indices, "ScatterNd"), convert(updates)
    sizes = read_shape(shape, "ScatterNd", scalar=False)
    if not math.prod(sizes) and i._value.size and x._value.size:
        raise invalid("ScatterNd", f"Indices and updates specified for empty output. indices shape: {brackets(i._value)}")
    check_updates(sizes, i._value, x._value, "ScatterNd")
    ignore = ignores_bad_indices(bad_indices_policy, "ScatterNd")
    return apply(SCATTER_ND, i, x, shape=sizes, batch_dims=0, ignore=ignore)


# -- into a copy of a tensor -----------------------------------------------------------------------------


def combine(out: np.ndarray, columns: Any, rows: np.ndarray, values: np.ndarray, how: np.ufunc, among: np.ufunc) -> None:
    """out[columns] = how(out[columns], values), where values at the same place are first combined by `among`.

    Args:
        out: changed in place.
        columns: an index array for each of the first axes of `out`.
        rows: numbers that are equal where the places are.
        values: of shape [len(rows), ...].
        how: joins the old value and the new one.
        among: joins the new ones.
    """
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(rows) else order
    if len(starts) < len(rows):
        values, places = among.reduceat(values[order], starts, axis=0), order[starts]
        columns = [column[places] for column in columns]
    index = tuple(columns)
    out[index] = how(out[index], values)


def _parts(tensor: Any, indices: Any, updates: Any, ignore: bool) -> tuple[np.ndarray, list, np.ndarray, np.ndarray]:
    """A copy of the tensor, the places that the indices name in it, as columns and as numbers, and the updates as rows."""
    columns, rows, good = columns_of(tensor.shape, indices, 0, ignore)
    values = np.asarray(updates).reshape(-1, *tensor.shape[indices.shape[-1] :]) if updates.size else np.asarray(updates)
    return np.array(tensor), columns, rows, values if good is True else values[good]


def _update(tensor, indices, updates):
    out, columns, _, values = _parts(tensor, indices, updates, False)
    if values.size:
        out[tuple(columns)] = values if columns else values[-1]
    return out


UPDATE: Primitive = Primitive(
    "TensorScatterUpdate",
    _update,
    (
        lambda dy, indices, updates_shape: apply(UPDATE, dy, indices, filled(0, updates_shape, dy._value.dtype)),
        None,
        lambda dy, indices: apply(GATHER_ND, dy, indices, batch_dims=0, ignore=False),
    ),
    linear=True,
)


def _extreme(ufunc: np.ufunc) -> Any:
    def kernel(tensor, indices, updates, *, ignore):
        out, columns, rows, values = _parts(tensor, indices, updates, ignore)
        if values.size:
            combine(out, columns, rows, values, ufunc, ufunc)
        return out

    return kernel


def _shares(tensor, indices, updates, out, *, ignore):
    """How the cotangent of each extreme is divided among those that attain it, the tensor and the updates: in equal parts,
    which is TensorFlow's convention."""
    _, rows, good = columns_of(tensor.shape, indices, 0, ignore)
    width = math.prod(tensor.shape[indices.shape[-1] :])
    flat = out.reshape(-1, width)
    mine = tensor == out
    theirs = np.zeros((math.prod(indices.shape[:-1]), width), bool)
    theirs[good] = np.asarray(updates).reshape(theirs.shape)[good] == flat[rows]
    attained = mine.reshape(flat.shape) + add_rows(len(flat), rows, theirs[good].astype(tensor.dtype).reshape(-1, width))
    parts = np.zeros(theirs.shape, tensor.dtype)
    parts[good] = theirs[good] / attained[rows]
    return (mine / attained.reshape(out.shape)).astype(tensor.dtype), parts.reshape(updates.shape)


SHARES = Primitive("TensorScatterExtremeShares", _shares)


def _pull_extreme(dy: Tensor, inputs: tuple, out: Tensor, ignore: bool) -> tuple:
    of_tensor, of_updates = apply(SHARES, *inputs, out, ignore=ignore)
    taken = apply(GATHER_ND, dy, inputs[1], batch_dims=0, ignore=ignore)
    return multiply(dy, of_tensor), None, multiply(taken, of_updates)


MIN = Primitive("TensorScatterMin", _extreme(np.minimum), pullback=_pull_extreme)
MAX = Primitive("TensorScatterMax", _extreme(np.maximum), pullback=_pull_extreme)


def _operands(tensor: TensorLike, indices: TensorLike, updates: TensorLike, operation: str) -> tuple[Tensor, Tensor, Tensor]:
    x, u = convert_all([tensor, updates])
    i = index_tensor(indices, operation)
    same_dtypes([x, u], operation)
    check_updates(x._value.shape, i._value, u._value, operation)
    return x, i, u


def tensor_scatter_nd_update(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """A copy of `tensor` with `updates` at `indices`; where an index occurs twice, the later update stays.

    Args:
        tensor: of any dtype and shape.
        indices: integers of shape [..., depth], indices of the first `depth` axes.
        updates: of shape [*indices.shape[:-1], *tensor.shape[depth:]].
        name: unused.

    Raises:
        InvalidArgumentError: an index is out of range, or shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.tensor_scatter_nd_update([0, 0, 0, 0], [[1], [3]], [9, 8]).numpy()
    array([0, 9, 0, 8], dtype=int32)
    """
    return apply(UPDATE, *_operands(tensor, indices, updates, "TensorScatterUpdate"))


def tensor_scatter_nd_add(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """A copy of `tensor` with `updates` added at `indices`; all of them, where an index occurs several times.

    Arguments and errors are those of `tf.tensor_scatter_nd_update`, and `bad_indices_policy` that of `tf.scatter_nd`.

    >>> import tapeflow as tf
    >>> tf.tensor_scatter_nd_add([1, 1, 1, 1], [[1], [3], [1]], [9, 8, 7]).numpy()
    array([ 1, 17,  1,  9], dtype=int32)
    """
    x, i, u = _operands(tensor, indices, updates, "TensorScatterAdd")
    return add(x, _scattered(x, i, u, bad_indices_policy, "TensorScatterAdd"))


def tensor_scatter_nd_sub(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """A copy of `tensor` with `updates` subtracted at `indices`; all of them, where an index occurs several times.

    Arguments and errors are those of `tf.tensor_scatter_nd_update`, and `bad_indices_policy` that of `tf.scatter_nd`.

    >>> import tapeflow as tf
    >>> tf.tensor_scatter_nd_sub([1, 1, 1, 1], [[1], [3]], [9, 8]).numpy()
    array([ 1, -8,  1, -7], dtype=int32)
    """
    x, i, u = _operands(tensor, indices, updates, "TensorScatterSub")
    return subtract(x, _scattered(x, i, u, bad_indices_policy, "TensorScatterSub"))


def _scattered(x: Tensor, indices: Tensor, updates: Tensor, policy: str, operation: str) -> Tensor:
    ignore = ignores_bad_indices(policy, operation)
    return apply(SCATTER_ND, indices, updates, shape=x._value.shape, batch_dims=0, ignore=ignore)


def tensor_scatter_nd_min(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """A copy of `tensor` with the minimum of what stood at `indices` and of `updates` there.

    Arguments and errors are those of `tf.tensor_scatter_nd_update`, and `bad_indices_policy` that of `tf.scatter_nd`.
    The gradient goes in equal parts to all that attain the minimum.

    >>> import tapeflow as tf
    >>> tf.tensor_scatter_nd_min([5, 5, 5], [[0], [2]], [3, 8]).numpy()
    array([3, 5, 5], dtype=int32)
    """
    operands = _operands(tensor, indices, updates, "TensorScatterMin")
    check_dtype(MIN, operands[0], "iuf")
    return apply(MIN, *operands, ignore=ignores_bad_indices(bad_indices_policy, "TensorScatterMin"))


def tensor_scatter_nd_max(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, bad_indices_policy: str = "", name: str | None = None
) -> Tensor:
    """A copy of `tensor` with the maximum of what stood at `indices` and of `updates` there.

    Arguments and errors are those of `tf.tensor_scatter_nd_update`, and `bad_indices_policy` that of `tf.scatter_nd`.
    The gradient goes in equal parts to all that attain the maximum.

    >>> import tapeflow as tf
    >>> tf.tensor_scatter_nd_max([5, 5, 5], [[0], [2]], [3, 8]).numpy()
    array([5, 5, 8], dtype=int32)
    """
    operands = _operands(tensor, indices, updates, "TensorScatterMax")
    check_dtype(MAX, operands[0], "iuf")
    return apply(MAX, *operands, ignore=ignores_bad_indices(bad_indices_policy, "TensorScatterMax"))
