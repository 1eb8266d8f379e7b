"""Jacobians: one walk back for each element of the target, over those notes only that lie between target and sources.

Seeding all rows at once would need a batched form of every rule; the walk costs little more than the rules themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.recording import new_key
from tapeflow.core.tensor import Tensor
from tapeflow.gradient.backprop import UnconnectedGradients, collect, depends_on, pull_back
from tapeflow.ops.shaping import reshape, transpose

__all__ = ["Jacobians"]

NONE = UnconnectedGradients.NONE

Shape = tuple[int, ...]


class Jacobians:
    """The part of `tf.GradientTape` that gives Jacobians."""

    __slots__ = ()

    if TYPE_CHECKING:  # what the tape gives
        _notes: list[tuple] | None

        def _spent(self) -> RuntimeError: ...
        def _take_notes(self) -> list[tuple]: ...
        def _target(self, target: Any) -> tuple[Tensor, int]: ...
        def _keys_of(self, source: Any) -> list[int]: ...

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of every element of `target` with respect to every element of each source.

        Args:
            target: a tensor or variable.
            sources: a tensor or variable, or a nested structure of them.
            unconnected_gradients: as in `gradient`.
            parallel_iterations: accepted; how TensorFlow runs the loop over the target's elements.
            experimental_use_pfor: accepted, likewise.

        Returns:
            Tensors of shape `target.shape + source.shape`, or None, in the structure of `sources`.

        Raises:
            RuntimeError: a tape that is not persistent was asked before.
            TypeError: the target or a source is neither tensor nor variable.
            ValueError: `unconnected_gradients` is unknown.

        >>> import tapeflow as tf
        >>> x = tf.constant([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.jacobian(y, x).numpy()
        array([[2., 0.],
               [0., 4.]], dtype=float32)
        """
        if self._notes is None:
            raise self._spent()
        zero = UnconnectedGradients.of(unconnected_gradients) is not NONE
        tensor, key = self._target(target)
        flat_sources = nest.flatten(sources)
        wanted = [self._keys_of(source) for source in flat_sources]
        if not key and any(source is target for source in flat_sources):
            key = new_key()  # the target is itself a source, though nobody watched it
            wanted = [[key] if source is target else keys for source, keys in zip(flat_sources, wanted, strict=True)]
        shapes = [source._value.shape for source in flat_sources]
        found = rows_of_all(self._take_notes(), tensor, key, wanted, shapes)
        if zero:
            found = [
                Tensor(np.zeros(tensor._value.shape + s._value.shape, s._value.dtype)) if j is None else j
                for j, s in zip(found, flat_sources, strict=True)
            ]
        return nest.pack_sequence_as(sources, found)

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: int | None = None,
        experimental_use_pfor: bool = True,
    ) -> Tensor:
        """The Jacobian of each `target[i]` with respect to `source[i]`, for batches whose examples are independent.

        Args:
            target: a tensor or variable of shape [b, ...].
            source: a tensor or variable of shape [b, ...]; `target[i]` must depend on `source[i]` only.
            unconnected_gradients: checked; an unconnected source gives zeros either way, as in TensorFlow.
            parallel_iterations: accepted; how TensorFlow runs the loop over the target's elements.
            experimental_use_pfor: accepted, likewise.

        Returns:
            A tensor of shape `target.shape + source.shape[1:]`.

        Raises:
            RuntimeError: a tape that is not persistent was asked before.
            TypeError: target or source is neither tensor nor variable.
            ValueError: one of them is of rank 0 or 1, or their first dimensions differ.

        >>> import tapeflow as tf
        >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.batch_jacobian(y, x).numpy()
        array([[[2., 0.],
                [0., 4.]],
        <BLANKLINE>
               [[6., 0.],
                [0., 8.]]], dtype=float32)
        """
        if self._notes is None:
            raise self._spent()
        UnconnectedGradients.of(unconnected_gradients)
        tensor, key = self._target(target)
        wanted = self._keys_of(source)
        y_shape, x_shape = tensor._value.shape, source._value.shape
        for shape in (y_shape, x_shape):
            if len(shape) < 2:
                raise ValueError(f"Shape {shape} must have rank at least 2")
        if y_shape[0] != x_shape[0]:
            raise ValueError(f"Need first dimension of target shape ({y_shape}) and source shape ({x_shape}) to match.")
        if not key and target is source:
            key = new_key()
            wanted = [key]
        found = rows_of_examples(self._take_notes(), tensor, key, wanted, x_shape)
        return Tensor(np.zeros(y_shape + x_shape[1:], tensor._value.dtype)) if found is None else found


def rows_of_all(
    notes: list[tuple], target: Tensor, key: int, sources: list[list[int]], shapes: list[Shape]
) -> list[Tensor | None]:
    """The derivative of every element of `target` with respect to every element of each source.

    Args:
        notes: what a tape recorded; the list is left alone.
        target: what is differentiated.
        key: the key under which the tape knows the target.
        sources: for each source the keys under which the tape knows it.
        shapes: the shapes of the sources.

    Returns:
        For each source a tensor of the target's shape followed by the source's; None where the target does not depend on it.
    """
    value = target._value

    def one(row: int) -> np.ndarray:
        cotangent = np.zeros(value.shape, value.dtype)
        cotangent.reshape(-1)[row] = 1
        return cotangent

    found = _rows(notes, key, sources, one, value.size, np.zeros(value.shape, value.dtype))
    return [
        None if rows is None else _stacked(rows, value.shape, s, value.dtype) for rows, s in zip(found, shapes, strict=True)
    ]


def rows_of_examples(notes: list[tuple], target: Tensor, key: int, source: list[int], shape: Shape) -> Tensor | None:
    """The derivative of every element of `target[i]` with respect to every element of `source[i]`, for each i.

    The arguments are those of `rows_of_all`, for one source. All examples of a batch share a walk: none depends on another.

    Returns:
        A tensor of the target's shape followed by the source's without its first dimension; None for no dependence.
    """
    value = target._value
    batch, rest = value.shape[0], value.shape[1:]
    columns = int(np.prod(rest))

    def one(column: int) -> np.ndarray:
        cotangent = np.zeros((batch, columns), value.dtype)
        cotangent[:, column] = 1
        return cotangent.reshape(value.shape)

    (rows,) = _rows(notes, key, [source], one, columns, np.zeros(value.shape, value.dtype))
    if rows is None:
        return None
    stacked = _stacked(rows, (columns,), shape, value.dtype)
    return reshape(transpose(stacked, [1, 0, *range(2, len(shape) + 1)]), value.shape + shape[1:])


def _rows(
    notes: list[tuple],
    key: int,
    sources: list[list[int]],
    one: Callable[[int], np.ndarray],
    count: int,
    nothing: np.ndarray,
) -> list[list[Any] | None]:
    """For each source the cotangents that come to it from each of `count` cotangents of the target; None if none do.

    Args:
        notes, key, sources: as in `rows_of_all`.
        one: the cotangent to start the given row with.
        count: how many rows there are.
        nothing: a cotangent that shows what is connected if there are no rows.
    """
    wanted = set().union(*sources)
    between = _between(notes, key, wanted)
    found: list[list[Any]] = [[] for _ in sources]
    for row in range(count):
        cotangents = pull_back(between, {key: Tensor(one(row)[()])}, wanted, wanted, consume=row == count - 1)
        for rows, keys in zip(found, sources, strict=True):
            rows.append(collect(cotangents, keys))
    if not count:
        cotangents = pull_back(between, {key: Tensor(nothing)}, wanted, wanted, consume=True)
        return [None if collect(cotangents, keys) is None else [] for keys in sources]
    return [None if all(row is None for row in rows) else rows for rows in found]


def _between(notes: list[tuple], key: int, sources: set[int]) -> list[tuple]:
    """The notes on a path from the sources to the target; of each only the entries that lead on."""
    after = depends_on(notes, sources)
    reached = {key}
    path = []
    for note in reversed(notes):
        output, likes = note[:2]
        if output in reached if likes is None else not reached.isdisjoint(output):
            on: tuple = ()
            for i in range(2, len(note), 3):
                inputs = note[i]
                if inputs in after if type(inputs) is int else not after.isdisjoint(inputs):
                    if type(inputs) is tuple:
                        inputs = tuple([one if one in after else 0 for one in inputs])
                    on += (inputs, *note[i + 1 : i + 3])
                    reached.update((inputs,) if type(inputs) is int else inputs)
            if on:
                path.append((output, likes, *on))
    reached.discard(0)
    return path[::-1]


def _stacked(rows: list[Any], of_target: Shape, of_source: Shape, dtype: np.dtype) -> Tensor:
    """The rows as one tensor; a row that nothing came to is zeros."""
    if not rows:
        return Tensor(np.zeros(of_target + of_source, dtype))
    known = [Tensor(np.zeros(of_source, dtype)) if row is None else convert(row) for row in rows]
    return reshape(convert(known), of_target + of_source)
