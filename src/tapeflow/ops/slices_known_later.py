"""Slices at places that are known only when a function runs: `x[i]`, `x[:, i:j]`, `tf.slice(x, [i, 0], [1, 3])`.

The spec says what is known, and where a number comes from the places, a vector that is an input. Between bounds that are known
only then, the size of the slice is not known before.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import convert
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.tensor import Tensor
from tapeflow.ops.casting import cast
from tapeflow.ops.joining import stack
from tapeflow.ops.parts import Spec, numpy_index

__all__ = ["At", "Between", "Block", "put_at", "taken_at"]


class At(NamedTuple):
    """In a spec: the index is number `place` of the places."""

    place: int


class Block(NamedTuple):
    """In a spec: `size` elements from number `place` of the places on; the size is a number, or an At, and -1 means the rest."""

    place: int
    size: Any


class Between(NamedTuple):
    """In a spec: from `start` up to `stop` at distances of `step`; each is a number, None, or an At."""

    start: Any
    stop: Any
    step: Any


# -- kernels ---------------------------------------------------------------------------------------------


def _index(spec: Spec, places: np.ndarray, shape: tuple[int, ...]) -> tuple:
    """What NumPy takes.

    Raises:
        IndexError: a block does not lie within its axis.
    """
    numbers = places.tolist()
    items = []
    for axis, item in enumerate(spec):
        if type(item) is At:
            items.append(numbers[item.place])
        elif type(item) is Block:
            start, size = numbers[item.place], numbers[item.size.place] if type(item.size) is At else item.size
            size = shape[axis] - start if size == -1 else size
            if not 0 <= start <= shape[axis] - size or size < 0:
                raise IndexError(f"Expected begin[{axis}] in [0, {shape[axis] - size}], but got {start}, and size {size}")
            items.append((start, start + size, None))
        elif type(item) is Between:
            items.append(tuple([numbers[bound.place] if type(bound) is At else bound for bound in item]))
        else:
            items.append(item)
    return numpy_index(tuple(items))


def _take(input, places, *, spec):  # type: ignore[no-untyped-def]
    index = _index(spec, places, input.shape)
    y = input[index]
    return y if type(y) is not bytes else input[(*index, ...)]


def _spread(dy, places, *, shape, spec):  # type: ignore[no-untyped-def]
    out = np.zeros(shape, dy.dtype)
    out[_index(spec, places, shape)] = dy
    return out


def _put(old, places, new, *, spec):  # type: ignore[no-untyped-def]
    out = np.array(old)
    out[_index(spec, places, out.shape)] = new if new.ndim else new[()]
    return out


def _shape_of_slice(input: tuple[int, ...], places: tuple[int, ...], *, spec: Spec) -> tuple[int, ...]:
    nothing = np.broadcast_to(np.False_, input)  # of no size in memory
    return nothing[_index(spec, np.zeros(places, np.int64), input)].shape


def _open_shape(input: tuple, places: tuple[int, ...], *, spec: Spec) -> list[tuple]:
    """The shape of a slice of which some bounds are known only later."""
    if not any(
        type(item) is Between or (type(item) is Block and (type(item.size) is At or item.size == -1)) for item in spec
    ):
        return [()]  # it is known as usual
    taking = sum(item is not None and item is not Ellipsis for item in spec)
    sizes: list[Any] = []
    axes = iter(input)
    for item in (*spec, *(() if Ellipsis in spec else (Ellipsis,))):
        if item is None:
            sizes.append(1)
        elif item is Ellipsis:
            sizes += [next(axes) for _ in range(len(input) - taking)]
        else:
            size = next(axes)
            if type(item) is Block and type(item.size) is not At and item.size != -1:
                sizes.append(item.size)
            elif type(item) is tuple and item == (None, None, None):
                sizes.append(size)
            elif type(item) is tuple and type(size) is int:
                sizes.append(len(range(*slice(*item).indices(size))))
            elif type(item) is not At and type(item) is not int:
                sizes.append(Told((1,), (item, getattr(size, "polynomial", size))))
    return [tuple(sizes)]


TAKE: Primitive = Primitive(
    "StridedSliceAt",
    _take,
    (lambda dy, places, input_shape, spec: apply(SPREAD, dy, places, shape=input_shape, spec=spec), None),
    linear=True,
    shape=_shape_of_slice,
    opens=_open_shape,
)
SPREAD: Primitive = Primitive(
    "StridedSliceAtGrad",
    _spread,
    (lambda dy, places, spec: apply(TAKE, dy, places, spec=spec), None),
    linear=True,
    shape=lambda dy, places, *, shape, spec: shape,
)
PUT = Primitive("StridedSliceAtAssign", _put, shape=lambda old, places, new, *, spec: old)

# -- what is done with them ------------------------------------------------------------------------------


def _vector(places: list[Tensor]) -> Tensor:
    return stack([cast(place, dtypes.int64) for place in places])


def taken_at(x: Tensor, spec: Spec, places: list[Tensor]) -> Tensor:
    """The slice of `x`; the items of the spec that are known only later say which of the places they are."""
    return apply(TAKE, x, _vector(places), spec=spec)


def put_at(x: Tensor, spec: Spec, places: list[Tensor], new: Any) -> Tensor:
    """`x` with other values in the slice."""
    return apply(PUT, x, _vector(places), convert(new, hint=x._value.dtype), spec=spec)
