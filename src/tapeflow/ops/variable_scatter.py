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
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.gathering import columns_of, gather, gather_nd, index_tensor
from tapeflow.ops.joining import stack
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


# -- in a function that is being traced: a new value, and an assignment ---------------------------------------


def _scattered_rows(old, indices, updates, *, kind):  # type: ignore[no-untyped-def]
    check_indices(indices, old.shape[0])
    values = np.broadcast_to(updates, indices.shape + old.shape[1:]).reshape(-1, *old.shape[1:])
    rows = np.asarray(indices).reshape(-1).astype(np.intp)
    return _put(kind, [rows], rows, values)(old, None)


def _scattered_elements(old, indices, updates, *, kind):  # type: ignore[no-untyped-def]
    columns, rows, _ = columns_of(old.shape, indices, 0, False)
    return _put(kind, columns, rows, np.asarray(updates).reshape(len(rows), *old.shape[indices.shape[-1] :]))(old, None)


ROWS_UPDATE = Primitive("ResourceScatterUpdate", _scattered_rows, shape=lambda old, indices, updates, *, kind: old)
ELEMENTS_UPDATE = Primitive("ResourceScatterNdUpdate", _scattered_elements, shape=lambda old, indices, updates, *, kind: old)


def _later(primitive: Primitive, variable: Variable, indices: Tensor, updates: Tensor, kind: str) -> Any:
    """Assigns what is known only when the function runs. No tape hears of it."""
    with tracing().unheard():
        return variable.assign(apply(primitive, variable._read(), indices, updates, kind=kind))


def _updates(variable: Variable, value: TensorLike, operation: str) -> Tensor:
    tensor = convert(value, hint=variable._value.dtype)
    if tensor.dtype != variable.dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {variable.dtype.name} for Tensor with dtype {tensor.dtype.name}: {tensor!r}; "
            f"{operation} to {variable.name} needs tf.cast(value, tf.{variable.dtype.name})"
        )
    return tensor


def _by_rows(kind: str) -> Callable:
    def scatter(self: Variable, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None) -> Variable:
        operation = f"ResourceScatter{kind.capitalize()}"
        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(f"Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: {sparse_delta}")
        given = _updates(self, sparse_delta._values, f"scatter_{kind}")
        places = index_tensor(sparse_delta._indices, operation)
        updates, indices, shape = given._value, places._value, self._value.shape
        if not shape:
            raise invalid(operation, f"{self.name} is a scalar and has no rows")
        wanted = indices.shape + shape[1:]
        if updates.shape != wanted and updates.ndim:
            raise invalid(
                operation,
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
                f"{brackets(updates)}, indices.shape {brackets(indices)}, params.shape {brackets(self._value)}",
            )
        if SymbolicTensor in (type(given), type(places)):
            return _later(ROWS_UPDATE, self, places, given, kind)
        try:
            check_indices(indices, shape[0])
        except IndexError as error:
            raise InvalidArgumentError(None, None, f"{error} [Op:{operation}]") from None
        values = np.broadcast_to(updates, wanted).reshape(-1, *shape[1:])
        rows = np.asarray(indices).reshape(-1).astype(np.intp)
        return self._update(_put(kind, [rows], rows, values), None)

    scatter.__name__ = scatter.__qualname__ = f"scatter_{kind}"
    scatter.__doc__ = DOCUMENTATION[kind] + ROWS
    return scatter


def _by_elements(kind: str) -> Callable:
    def scatter(self: Variable, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        operation = f"ResourceScatterNd{kind.capitalize()}"
        given, places = _updates(self, updates, f"scatter_nd_{kind}"), index_tensor(indices, operation)
        values, i, shape = given._value, places._value, self._value.shape
        check_updates(shape, i, values, operation)
        if SymbolicTensor in (type(given), type(places)):
            return _later(ELEMENTS_UPDATE, self, places, given, kind)
        try:
            columns, rows, _ = columns_of(shape, i, 0, False)
        except IndexError as error:
            raise InvalidArgumentError(None, None, f"{error} [Op:{operation}]") from None
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
    i = index_tensor(sparse_delta._indices, "BatchScatterUpdate")
    if not i._value.ndim:
        raise invalid("BatchScatterUpdate", "the indices must have at least one axis")
    batch = [Tensor(each.astype(i._value.dtype)) for each in np.indices(i._value.shape)[:-1]]
    return self.scatter_nd_update(stack([*batch, i], -1), sparse_delta._values)  # type: ignore[attr-defined]


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
