"""Rows and elements of variables: read and updated in place, by their indices.

`scatter_add` and its kin take `tf.IndexedSlices` and work on rows; `scatter_nd_add` and its kin take indices of several axes.
Updates at the same place are all applied; of several new values the last one stays. No tape follows an update.

>>> import tapeflow as tf
>>> v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
>>> v.scatter_add(tf.IndexedSlices([[10.0, 20.0], [1.0, 1.0]], [1, 1])).numpy()
array([[ 1.,  2.],
       [14., 25.]], dtype=float32)
>>> v.scatter_nd_update([[0, 1]], [9.0]).numpy()
array([[ 1.,  9.],
       [14., 25.]], dtype=float32)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.gathering import columns_of, gather, gather_nd, index_tensor
from tapeflow.ops.parts import check_indices
from tapeflow.ops.scattering import check_updates, combine

__all__: list[str] = []


def _divide(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if x.dtype.kind not in "iu":
        return x / y
    return (np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y))).astype(x.dtype)  # towards zero


# name: (how the old value and the new one are joined, how several new ones are); None: the last new one stays
JOINED: dict[str, tuple[Any, Any] | None] = {
    "add": (np.add, np.add),
    "sub": (np.subtract, np.add),
    "mul": (np.multiply, np.multiply),
    "div": (_divide, np.multiply),
    "min": (np.minimum, np.minimum),
    "max": (np.maximum, np.maximum),
    "update": None,
}


def _put(kind: str, columns: list, rows: np.ndarray, values: np.ndarray) -> Callable:
    """The function that `Variable._update` applies to the value: in place where nobody else sees it."""

    def put(old: Any, _: Any, out: np.ndarray | None = None) -> np.ndarray:
        target = np.array(old) if out is None else out
        if values.size:
            if JOINED[kind] is None:
                target[tuple(columns)] = values
            else:
                combine(target, columns, rows, values, *JOINED[kind])  # type: ignore[misc]
        return target

    return put


def _updates(variable: Variable, value: TensorLike, operation: str) -> Any:
    tensor = convert(value, hint=variable._value.dtype)
    if tensor.dtype != variable.dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {variable.dtype.name} for Tensor with dtype {tensor.dtype.name}: {tensor!r}; "
            f"{operation} to {variable.name} needs tf.cast(value, tf.{variable.dtype.name})"
        )
    return tensor._value


def _by_rows(kind: str) -> Callable:
    def scatter(self: Variable, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Variable:
        operation = f"ResourceScatter{kind.capitalize()}"
        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {sparse_delta}")
        updates = _updates(self, sparse_delta._values, f"scatter_{kind}")
        indices = index_tensor(sparse_delta._indices, operation)._value
        shape = self._value.shape
        if not shape:
            raise invalid(operation, f"{self.name} is a scalar and has no rows")
        try:
            check_indices(indices, shape[0])
        except IndexError as error:
            raise invalid(operation, str(error)) from None
        wanted = indices.shape + shape[1:]
        if updates.shape != wanted and updates.ndim:
            raise invalid(
                operation,
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
                f"{brackets(updates)}, indices.shape {brackets(indices)}, params.shape {brackets(self._value)}",
            )
        values = np.broadcast_to(updates, wanted).reshape(-1, *shape[1:])
        rows = np.asarray(indices).reshape(-1).astype(np.intp)
        return self._update(_put(kind, [rows], rows, values), None)

    scatter.__name__ = scatter.__qualname__ = f"scatter_{kind}"
    scatter.__doc__ = DOCUMENTATION[kind] + ROWS
    return scatter


def _by_elements(kind: str) -> Callable:
    def scatter(self: Variable, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        operation = f"ResourceScatterNd{kind.capitalize()}"
        values = _updates(self, updates, f"scatter_nd_{kind}")
        i = index_tensor(indices, operation)._value
        shape = self._value.shape
        check_updates(shape, i, values, operation)
        try:
            columns, rows, _ = columns_of(shape, i, 0, False)
        except IndexError as error:
            raise invalid(operation, str(error)) from None
        blocks = np.asarray(values).reshape(len(rows), *shape[i.shape[-1] :])
        return self._update(_put(kind, columns, rows, blocks), None)

    scatter.__name__ = scatter.__qualname__ = f"scatter_nd_{kind}"
    scatter.__doc__ = DOCUMENTATION[kind] + ELEMENTS
    return scatter


DOCUMENTATION = {
    "add": "Adds to",
    "sub": "Subtracts from",
    "mul": "Multiplies",
    "div": "Divides",
    "min": "Takes the minimum with",
    "max": "Takes the maximum with",
    "update": "Gives new values to",
}

ROWS = """ some rows, in place.

        Args:
            sparse_delta: `tf.IndexedSlices`: rows, or a single number for all of them, and their indices.
            use_locking: accepted; an update is atomic.
            name: unused.

        Raises:
            InvalidArgumentError: an index is out of range, or the rows are of another shape; nothing is changed.
            TypeError: `sparse_delta` is not `tf.IndexedSlices`.
            ValueError: they are of another dtype.
        """

ELEMENTS = """ some elements or slices, in place.

        Args:
            indices: integers of shape [..., depth], indices of the first `depth` axes.
            updates: of shape [*indices.shape[:-1], *shape[depth:]].
            name: unused.

        Raises:
            InvalidArgumentError: an index is out of range, or shapes do not fit; nothing is changed.
            ValueError: the updates are of another dtype.
        """


def batch_scatter_update(
    self: Variable, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
) -> Variable:
    """Gives new values along the last axis of the indices, for each element of a batch its own.

    Args:
        sparse_delta: `tf.IndexedSlices` with indices of shape [*batch, n], where the variable's shape is [*batch, m, ...].
        use_locking: accepted; an update is atomic.
        name: unused.

    Raises:
        InvalidArgumentError: an index is out of range, or shapes do not fit; nothing is changed.
        TypeError: `sparse_delta` is not `tf.IndexedSlices`.
    """
    if not isinstance(sparse_delta, IndexedSlices):
        raise TypeError(f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {sparse_delta}")
    i = index_tensor(sparse_delta._indices, "BatchScatterUpdate")._value
    if not i.ndim:
        raise invalid("BatchScatterUpdate", "the indices must have at least one axis")
    whole = np.stack([*np.indices(i.shape)[:-1], np.asarray(i)], -1)
    return self.scatter_nd_update(Tensor(whole), sparse_delta._values)  # type: ignore[attr-defined]


def sparse_read(self: Variable, indices: TensorLike, name: str | None = None) -> Tensor:
    """Rows of the variable, at `indices`; as `tf.gather` gives them.

    >>> import tapeflow as tf
    >>> tf.Variable([1.0, 2.0, 3.0]).sparse_read([2, 0]).numpy()
    array([3., 1.], dtype=float32)
    """
    return gather(self, indices)


def variable_gather_nd(self: Variable, indices: TensorLike, name: str | None = None) -> Tensor:
    """Elements or slices of the variable; as `tf.gather_nd` gives them.

    >>> import tapeflow as tf
    >>> tf.Variable([[1.0, 2.0], [3.0, 4.0]]).gather_nd([[0, 1], [1, 0]]).numpy()
    array([2., 3.], dtype=float32)
    """
    return gather_nd(self, indices)


for _kind in JOINED:
    setattr(Variable, f"scatter_{_kind}", _by_rows(_kind))
for _kind in ("add", "sub", "min", "max", "update"):
    setattr(Variable, f"scatter_nd_{_kind}", _by_elements(_kind))
Variable.batch_scatter_update = batch_scatter_update  # type: ignore[attr-defined]
Variable.sparse_read = sparse_read  # type: ignore[attr-defined]
Variable.gather_nd = variable_gather_nd  # type: ignore[attr-defined]
