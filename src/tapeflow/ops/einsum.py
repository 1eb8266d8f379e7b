"""Sums of products in Einstein's notation.

An equation is made of three steps, each a primitive: every operand is freed of what concerns it alone (repeated labels are
diagonals, labels that stand nowhere else are summed); operands are contracted two by two, by matrix products; and the axes
are put in order. A contraction of two in which every label stands at least twice, counting the output, has derivatives that
are such contractions again.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert, convert_all, convert_operands
from tapeflow.core.dimension import Dim, holds_dim
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes, conj
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, integers, invalid

__all__ = ["einsum", "tensordot"]

Labels = tuple[int, ...]  # a label for each axis; in equations the letters are numbered

FLOAT32 = np.dtype("float32")

# -- one operand: diagonals, sums, order -----------------------------------------------------------------------


def _diagonal_view(x: np.ndarray, labels: Labels) -> tuple[np.ndarray, list[int]]:
    """A view in which each label has one axis, and these labels."""
    unique = sorted(set(labels), key=labels.index)
    if len(unique) == len(labels):
        return x, unique
    shape = [x.shape[labels.index(label)] for label in unique]
    strides = [sum(s for s, other in zip(x.strides, labels, strict=True) if other == label) for label in unique]
    return np.lib.stride_tricks.as_strided(x, shape, strides), unique


def _gather(x, *, labels, target):
    x = np.asarray(x)
    dtype = x.dtype
    x, unique = _diagonal_view(x, labels)
    summed = tuple(i for i, label in enumerate(unique) if label not in target)
    if summed:
        wide = FLOAT32 if dtype.itemsize == 2 and dtype.kind in "fV" else dtype
        x = np.add.reduce(x, summed, wide).astype(dtype, copy=False)
    kept = [label for label in unique if label in target]
    return np.asarray(x).transpose([kept.index(label) for label in target])


def _scatter(x, *, labels, target, shape):
    result = np.zeros(shape, x.dtype)
    view, unique = _diagonal_view(result, labels)
    given = [label for label in unique if label in target]
    x = np.asarray(x).transpose([target.index(label) for label in given])
    view[...] = x[tuple(slice(None) if label in target else np.newaxis for label in unique)]
    return result


GATHER = Primitive(
    "EinsumGather",
    _gather,
    (lambda dy, x_shape, labels, target: apply(SCATTER, dy, labels=labels, target=target, shape=x_shape),),
    linear=True,
)
SCATTER = Primitive(
    "EinsumScatter", _scatter, (lambda dy, labels, target: apply(GATHER, dy, labels=labels, target=target),), linear=True
)


def _gathered(x: Tensor, labels: Labels, target: Labels) -> Tensor:
    return x if labels == target else apply(GATHER, x, labels=labels, target=target)


# -- two operands: a contraction ------------------------------------------------------------------------------


def _contract(a, b, *, labels_a, labels_b, target):
    order_a, order_b, batch, rows, summed, order = _plan(labels_a, labels_b, target)
    a, b = np.asarray(a).transpose(order_a), np.asarray(b).transpose(order_b)
    dtype, kept_a, kept_b = a.dtype, a.shape[: batch + rows], b.shape[batch + summed :]
    if dtype.itemsize == 2 and dtype.kind in "fV":
        a, b = a.astype(FLOAT32), b.astype(FLOAT32)
    if not summed:
        product = a.reshape((*a.shape, *[1] * len(kept_b))) * b.reshape((*kept_a[:batch], *[1] * rows, *kept_b))
    elif not batch:
        k = math.prod(b.shape[:summed])
        product = a.reshape((math.prod(kept_a), k)).dot(b.reshape((k, math.prod(kept_b))))
    else:
        shape, k = kept_a[:batch], math.prod(b.shape[batch : batch + summed])
        product = np.matmul(a.reshape((*shape, math.prod(kept_a[batch:]), k)), b.reshape((*shape, k, math.prod(kept_b))))
    return product.astype(dtype, copy=False).reshape(kept_a + kept_b).transpose(order)


@functools.cache
def _plan(labels_a: Labels, labels_b: Labels, target: Labels) -> tuple:
    """How to make a contraction a matrix product: the orders of axes, and how many are batch, rows and summed."""
    batch = [label for label in labels_a if label in labels_b and label in target]
    summed = [label for label in labels_a if label in labels_b and label not in target]
    rows = [label for label in labels_a if label not in labels_b]
    columns = [label for label in labels_b if label not in labels_a]
    found = [*batch, *rows, *columns]
    return (
        [labels_a.index(label) for label in (*batch, *rows, *summed)],
        [labels_b.index(label) for label in (*batch, *summed, *columns)],
        len(batch),
        len(rows),
        len(summed),
        [found.index(label) for label in target],
    )


def _contracted_shape(
    a: tuple[int, ...], b: tuple[int, ...], *, labels_a: Labels, labels_b: Labels, target: Labels
) -> tuple[int, ...]:
    sizes = dict(zip((*labels_a, *labels_b), (*a, *b), strict=True))
    return tuple([sizes[label] for label in target])


CONTRACT = Primitive(
    "EinsumContract",
    _contract,
    (
        lambda dy, b, labels_a, labels_b, target: apply(
            CONTRACT, dy, conj(b), labels_a=target, labels_b=labels_b, target=labels_a
        ),
        lambda dy, a, labels_a, labels_b, target: apply(
            CONTRACT, conj(a), dy, labels_a=labels_a, labels_b=target, target=labels_b
        ),
    ),
    shape=_contracted_shape,
)


def contracted(operands: Sequence[Tensor], labels: Sequence[Labels], out: Labels, optimize: str = "greedy") -> Tensor:
    """The sum over all labels that are not in `out` of the product of the operands."""
    pending = list(zip(operands, labels, strict=True))
    for places in _path(pending, optimize):
        chosen = [pending.pop(i) for i in sorted(places, reverse=True)]
        while len(chosen) > 1:
            pair, chosen = chosen[:2], chosen[2:]
            elsewhere = {*out, *(label for _, other in (*pending, *chosen) for label in other)}
            chosen.insert(0, _contracted_pair(pair[0], pair[1], elsewhere, () if pending or chosen else out))
        pending += chosen
    ((result, found),) = pending
    return _gathered(result, found, out)


def _contracted_pair(
    first: tuple[Tensor, Labels], second: tuple[Tensor, Labels], elsewhere: set[int], order: Labels
) -> tuple[Tensor, Labels]:
    """The product of two operands, summed over the labels that stand nowhere else."""
    a, labels_a = _freed(*first, elsewhere.union(second[1]))
    b, labels_b = _freed(*second, elsewhere.union(first[1]))
    out = order or tuple(label for label in dict.fromkeys((*labels_a, *labels_b)) if label in elsewhere)
    return apply(CONTRACT, a, b, labels_a=labels_a, labels_b=labels_b, target=out), out


def _freed(x: Tensor, labels: Labels, shared: set[int]) -> tuple[Tensor, Labels]:
    """An operand without what concerns it alone: repeated labels, and labels that are not shared."""
    kept = tuple(label for label in dict.fromkeys(labels) if label in shared)
    return _gathered(x, labels, kept), kept


def _path(pending: list, optimize: str) -> list:
    """Which operands to contract in each step; what is left of them goes to the end."""
    if len(pending) < 3:
        return [(0, 1)] * (len(pending) - 1)
    numbers = {label: i for i, label in enumerate(dict.fromkeys(label for _, labels in pending for label in labels))}
    if len(numbers) > 52:  # more than np.einsum_path can name
        return [(0, 1)] * (len(pending) - 1)
    arguments: list[Any] = []
    for x, labels in pending:
        sizes = [size.hint if type(size) is Dim else size for size in x._value.shape]
        arguments += [np.broadcast_to(np.int8(0), sizes), [numbers[label] for label in labels]]
    return np.einsum_path(*arguments, optimize=optimize)[0][1:]


# -- equations ------------------------------------------------------------------------------------------------


def einsum(equation: str, *inputs: TensorLike, **kwargs: Any) -> Tensor:
    """The sums of products that an equation such as "ij,jk->ik" writes.

    Args:
        equation: a letter for each axis of each input, inputs separated by commas, and after "->" the axes of the result. A
            letter that is missing there is summed over; one that an input repeats takes its diagonal. "..." stands for
            further axes, which broadcast. Without "->" the result has the letters that occur once, in alphabetical order.
        *inputs: numbers, all of one dtype.
        **kwargs: `optimize`: how to find the order in which three and more inputs are multiplied, "greedy" (by default),
            "optimal", "branch-2", "branch-all" or "auto"; it does not change the result. `name`: unused.

    Raises:
        ValueError: the equation is malformed, or for another number of inputs.
        InvalidArgumentError: the shapes do not fit the equation, or the dtypes differ.
        TypeError: the equation is not a string, or a keyword argument is unknown.

    >>> import tapeflow as tf
    >>> a = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> tf.einsum("ij,jk->ik", a, a).numpy()
    array([[ 7., 10.],
           [15., 22.]], dtype=float32)
    >>> tf.einsum("ii->", a).numpy()
    np.float32(5.0)
    """
    if not isinstance(equation, str):
        raise TypeError(f"the equation comes first and is a string, got {type(equation).__name__!r}: tf.einsum('ij->ji', x)")
    kwargs.pop("name", None)
    optimize = kwargs.pop("optimize", "greedy")
    if kwargs:
        raise TypeError(
            f"Invalid keyword arguments for einsum: {', '.join(kwargs)}. Valid arguments: name, optimize, greedy."
        )
    if optimize not in OPTIMIZERS:
        raise ValueError(f"optimize must be one of {', '.join(OPTIMIZERS)}, not {optimize!r}")
    operands = convert_all(inputs)
    for x in operands:
        check_dtypes(CONTRACT, operands[0], x, "iufc")
    shapes = tuple([x._value.shape for x in operands])
    understood = _understood.__wrapped__ if holds_dim(shapes) else _understood  # unknown sizes are no key
    labels, out = understood(equation, shapes)
    return contracted(operands, labels, out, OPTIMIZERS[optimize])


OPTIMIZERS = {
    "greedy": "greedy",
    "optimal": "optimal",
    "branch-2": "greedy",
    "branch-all": "optimal",
    "auto": "greedy",
}


@functools.lru_cache(1024)
def _understood(equation: str, shapes: tuple[tuple[int, ...], ...]) -> tuple[list[Labels], Labels]:
    terms, result = _parsed(equation, len(shapes))
    return _labelled(terms, result, shapes)


def _parsed(equation: str, count: int) -> tuple[list[str], str]:
    """The terms of the inputs and that of the result, each with its ellipsis as one dot."""
    text = equation.replace(" ", "").replace("...", ".")
    if not re.fullmatch(r"[a-zA-Z,.]*(->[a-zA-Z.]*)?", text) or any(t.count(".") > 1 for t in re.split(",|->", text)):
        raise ValueError(f"Subscripts have incorrect format: {equation}")
    left, arrow, result = text.partition("->")
    terms = left.split(",")
    if len(terms) != count:
        raise ValueError(f'Got {count} inputs for equation "{equation}", expecting {len(terms)}')
    if not arrow:
        letters = left.replace(",", "").replace(".", "")
        result = "." * ("." in left) + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    for letter in result.replace(".", ""):
        if letter not in left:
            raise ValueError(f"Output subscripts contain the label {letter} not present in the input subscripts.")
        if result.count(letter) > 1:
            raise ValueError(f"Output subscripts contain a label appearing more than once: {equation}")
    return terms, result


def _labelled(terms: list[str], result: str, shapes: Sequence[tuple[int, ...]]) -> tuple[list[Labels], Labels]:
    """Letters and dots as labels: a letter by its code, the axes of an ellipsis from the last one as -1, -2, …

    An axis of size 1 that is broadcast gets a label of its own, over which it is then summed.
    """
    extra = [_ellipsis_rank(i, term, shape) for i, (term, shape) in enumerate(zip(terms, shapes, strict=True))]
    widest = max(extra, default=0)
    if widest and "." not in result:
        raise invalid(
            "Einsum",
            f"Output contains {widest} broadcasting dimension(s) but no ellipsis (...) was found in the output subscripts.",
        )
    sizes: dict[int, int] = {}
    labels, fresh = [], 1000
    for term, shape, rank in zip(terms, shapes, extra, strict=True):
        before, _, after = term.partition(".")
        labels.append([*map(ord, before), *range(-rank, 0), *map(ord, after)])
        for label, size in zip(labels[-1], shape, strict=True):
            if label < 0 and sizes.get(label, 1) == 1:
                sizes[label] = size
    for place, shape in zip(labels, shapes, strict=True):
        for axis, (label, size) in enumerate(zip(place, shape, strict=True)):
            expected = sizes.setdefault(label, size)
            if label < 0 and size == 1 != expected:
                place[axis] = fresh = fresh + 1
            elif size != expected:
                raise invalid(
                    "Einsum",
                    f"Expected dimension {expected} at axis {axis} of the input shaped [{','.join(map(str, shape))}] but got "
                    f"dimension {size}",
                )
    before, dot, after = result.partition(".")
    return [tuple(place) for place in labels], (
        *map(ord, before),
        *(range(-widest, 0) if dot else ()),
        *map(ord, after),
    )


def _ellipsis_rank(i: int, term: str, shape: tuple[int, ...]) -> int:
    rank = len(shape) - len(term.replace(".", ""))
    if rank < 0 or (rank and "." not in term):
        raise invalid("Einsum", f"Expected input {i} to have rank {len(term.replace('.', ''))} but got: {len(shape)}")
    return rank


# -- contraction by axes ----------------------------------------------------------------------------------------


def tensordot(a: TensorLike, b: TensorLike, axes: Any, name: str | None = None) -> Tensor:
    """The sum over axes of `a` and `b`, taken together, of their products.

    Args:
        a, b: numbers, of one dtype.
        axes: how many of the last axes of `a` and of the first axes of `b` to sum over; or a pair of axes, or of lists of
            axes: those of `a` and those of `b`.
        name: unused.

    Returns:
        A tensor with the other axes of `a`, then the other axes of `b`.

    Raises:
        ValueError: `axes` does not suit the ranks, or its two parts differ in length.
        InvalidArgumentError: the sizes or the dtypes differ.

    >>> import tapeflow as tf
    >>> tf.tensordot([[1.0, 2.0]], [[1.0], [2.0]], axes=1).numpy()
    array([[5.]], dtype=float32)
    """
    x, y = convert_operands(a, b)
    check_dtypes(CONTRACT, x, y, "iufc")
    of_a, of_b = _paired_axes(axes, x, y)
    rank = x._value.ndim
    labels_b = list(range(rank, rank + y._value.ndim))
    for i, j in zip(of_a, of_b, strict=True):
        if x._value.shape[i] != y._value.shape[j]:
            raise invalid(
                "MatMul",
                f"Matrix size-incompatible: In[0]: {brackets(x._value)}, In[1]: {brackets(y._value)}; axis {i} of the first and "
                f"axis {j} of the second are summed together",
            )
        labels_b[j] = i
    labels_a = tuple(range(rank))
    out = (*(i for i in labels_a if i not in of_a), *(label for label in labels_b if label >= rank))
    return apply(CONTRACT, x, y, labels_a=labels_a, labels_b=tuple(labels_b), target=out)


def _paired_axes(axes: Any, x: Tensor, y: Tensor) -> tuple[list[int], list[int]]:
    ranks = x._value.ndim, y._value.ndim
    number = axes if isinstance(axes, list | tuple) else convert(axes, hint=np.dtype("int32"))._value
    if not isinstance(number, list | tuple) and not number.ndim:
        (n,) = integers(number, "axes", "tensordot", TypeError)
        if n < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {n}.")
        if n > min(ranks):
            which = x if ranks[0] < n else y
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of tensor {which}.  Received {n}, vs tensor "
                f"dimensions {min(ranks)}."
            )
        return list(range(ranks[0] - n, ranks[0])), list(range(n))
    if len(number) != 2:
        raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
    of_a, of_b = (list(integers(part, "axes", "tensordot", TypeError)) for part in number)
    if len(of_a) != len(of_b):
        raise ValueError(f"Different number of contraction axes `a` and `b`, {len(of_a)} != {len(of_b)}.")
    for part, rank in ((of_a, ranks[0]), (of_b, ranks[1])):
        for i, axis in enumerate(part):
            if not -rank <= axis < rank:
                raise IndexError(f"tensordot: axis {axis} is out of range for a tensor of {rank} axes")
            part[i] = axis % rank
        if len(set(part)) != len(part):
            raise ValueError(f"tensordot: an axis is given twice in {part}")
    return of_a, of_b
