"""Rows looked up in tables."""

from __future__ import annotations

from typing import Any

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid
from tapeflow.ops.clipping import clip_by_norm
from tapeflow.ops.joining import concat
from tapeflow.ops.parts import gathered

__all__ = ["embedding_lookup"]


def embedding_lookup(params: Any, ids: TensorLike, max_norm: TensorLike | None = None, name: str | None = None) -> Tensor:
    """The rows of a table that have the numbers `ids`.

    The gradient with respect to the table is `tf.IndexedSlices`: the rows that were used, and no others.

    Args:
        params: a table of shape [rows, ...], or a list of tables, which count as one below the other.
        ids: int32 or int64, of any shape.
        max_norm: each row found that is longer is shortened to this Euclidean length.
        name: unused.

    Returns:
        A tensor of shape [*ids.shape, ...].

    Raises:
        ValueError: the list of tables is empty, or there is no table.
        InvalidArgumentError: an id is out of range, or not an integer.

    >>> import tapeflow as tf
    >>> table = tf.constant([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    >>> tf.nn.embedding_lookup(table, [2, 0]).numpy()
    array([[4., 5.],
           [0., 1.]], dtype=float32)
    """
    if params is None or (isinstance(params, list | tuple) and not params):
        raise ValueError(f"Argument `params` must not be empty, got {params!r}")
    if isinstance(params, list | tuple):
        table = convert(params[0]) if len(params) == 1 else concat([convert(part) for part in params], 0)
    else:
        table = convert(params)
    numbers = convert(ids)
    if numbers._value.dtype.kind not in "iu":
        raise invalid("GatherV2", f"`ids` must be int32 or int64, got {numbers.dtype.name}")
    if not table._value.ndim:
        raise invalid("GatherV2", "params must be at least 1-D, got a scalar")
    rows = gathered(table, numbers)
    if max_norm is None:
        return rows
    axes = list(range(numbers._value.ndim, rows._value.ndim))
    return clip_by_norm(rows, max_norm, axes)
