"""Tensors joined and taken apart where the axis, or the sizes of the pieces, are known only when the function runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.dimension import Dim, holds_late, may_be_equal
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive, Told
from tapeflow.core.symbolic import fail
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.axes_known_later import along
from tapeflow.ops.joining import CONCAT, SPLIT, concat, no_axis_to_cut, no_such_axis, piece_sizes, split
from tapeflow.ops.shaping import reshaped

__all__ = ["cut_along", "cut_into", "joined_along"]


def joined_along(tensors: Sequence[Tensor], axis: Tensor) -> Tensor:
    """`concat` along an axis that depends on values: one of those along which the shapes allow it."""
    ndim = tensors[0]._value.ndim
    if not ndim or any(x._value.ndim != ndim for x in tensors):
        return concat(tensors, 0)  # which says what is wrong with the shapes
    shapes = [x._value.shape for x in tensors]
    return along(
        axis,
        ndim,
        no_such_axis("{axis}", ndim),
        lambda a: concat(tensors, a),
        lambda a: len(tensors) == 1 or same_but(shapes, a),
        f"ConcatOp : Dimensions of inputs should match but along axis {{axis}}: they have shapes {[*map(list, shapes)]}",
    )


def same_but(shapes: list[tuple], axis: int) -> bool:
    """Whether shapes agree in all axes but one, as far as it is known."""
    first, *others = [(*shape[:axis], *shape[axis + 1 :]) for shape in shapes]
    return all(may_be_equal(first, each) for each in others)


def cut_along(x: Tensor, num_or_size_splits: Any, axis: Tensor, num: int | None) -> list[Tensor]:
    """`split` along an axis that depends on values: one of those that can be cut into so many equal pieces."""
    count = num_or_size_splits if type(num_or_size_splits) is int else 0
    shape = x._value.shape
    return along(
        axis,
        len(shape),
        no_axis_to_cut("{axis}", len(shape)),
        lambda a: split(x, num_or_size_splits, a, num),
        lambda a: not count or type(shape[a]) is Dim or not shape[a] % count,
        "Number of ways to split should evenly divide the split dimension, but got split_dim {axis} of shape "
        f"{brackets(x._value)} and num_split {count}",
    )


def _split_at(value, sizes, *, axis):
    return SPLIT.kernel(value, sizes=piece_sizes(tuple(sizes.tolist()), value.shape[axis], None), axis=axis)


def _pieces_told(value: tuple, sizes: tuple, *, axis: int) -> list[tuple]:
    return [(*value[:axis], Told((1,), i), *value[axis + 1 :]) for i in range(sizes[0])]


# The sizes are known only when it runs: one that is -1 is found then, and whether they add up.
SPLIT_AT = Primitive(
    "SplitAt",
    _split_at,
    (lambda dy, value_shape, axis: reshaped(apply(CONCAT, *dy, axis=axis), value_shape), None),
    opens=_pieces_told,
)


def cut_into(x: Tensor, sizes: Any, axis: int, num: int | None) -> list[Tensor]:
    """`split` into pieces of sizes that depend on values."""
    given = convert(sizes)
    (count,) = given._value.shape if given._value.ndim == 1 else (None,)
    if type(count) is not int:
        fail("the number of pieces depends on values")
    if num is not None and num != count:
        raise invalid("SplitV", f"`num` is {num}, and `num_or_size_splits` has {count} elements")
    total = x._value.shape[axis]
    content = given._value.content
    if content is not None:
        known = tuple(content.tolist())
        if not holds_late(known):
            return list(apply(SPLIT, x, sizes=piece_sizes(known, total, num), axis=axis))
        if all(type(n) is int or not n.may_be_negative for n in known) and add_up_to(known, total):
            return list(apply(SPLIT, x, sizes=known, axis=axis))
    return list(apply(SPLIT_AT, x, given, axis=axis))


def add_up_to(sizes: tuple, total: Any) -> bool:
    """Whether sizes that may be unknown are seen to be the parts of a size."""
    rest = total - sum(sizes)
    return not rest.polynomial if type(rest) is Dim else not rest
