"""Small tensors in machine code: every element is a value of its own, so that a matrix of 2x2 lives in four registers.

An elementwise operation becomes one expression for each element, a reduction a chain of additions, and an operation that only moves
elements (a transpose, a slice, a stack) becomes nothing at all: the elements get other places. Which places these are the
operation's own NumPy kernel says, run on the numbers of the elements.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tapeflow.graph.native.called import called
from tapeflow.graph.native.expressions import Program, Value, choose, constant, fma
from tapeflow.graph.native.lowering import (
    ELEMENTARY,
    FLOATS,
    RULES,
    TYPES,
    as_number,
    greater_of,
    lower,
    number_in,
    smaller_of,
)

__all__ = ["MOST_ELEMENTS", "Refused", "Small", "check", "computed", "constant_tensor"]

MOST_ELEMENTS = 64
"""Of one tensor: more are the business of loops over arrays."""


class Refused(Exception):
    """There is no machine code for this; it says why."""


class Small:
    """A tensor of known shape whose elements are values, in C order."""

    __slots__ = ("dtype", "shape", "values")

    def __init__(self, values: list[Value], shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.values, self.shape, self.dtype = values, shape, dtype


def constant_tensor(program: Program, array: Any) -> Small:
    """A constant."""
    array = np.asarray(array)
    type = check(array.shape, array.dtype)
    values = [Value(program, type, constant(type, element)) for element in array.ravel().tolist()]
    return Small(values, array.shape, array.dtype)


def check(shape: tuple[int, ...], dtype: np.dtype) -> str:
    """LLVM's type of the elements, if such a tensor is served."""
    type = TYPES.get(dtype)
    if type is None:
        raise Refused(f"a tensor of dtype {dtype}")
    if not all(isinstance(length, int) for length in shape):
        raise Refused("a tensor of unknown size")
    size = math.prod(shape)
    if not 0 < size <= MOST_ELEMENTS:
        raise Refused(f"a tensor of {size} elements")
    return type


def computed(node: Any, inputs: Sequence[Small], outputs: Sequence[tuple[tuple[int, ...], np.dtype]]) -> list[Small]:
    """The results of an operation on small tensors.

    Args:
        node: the operation.
        inputs: its inputs.
        outputs: the shapes and dtypes of its results.

    Raises:
        Refused: there is no machine code for it.
    """
    name, attributes = node.primitive.name, node.attributes or {}
    for shape, dtype in outputs:
        check(shape, dtype)
    if name in RULES or name in ELEMENTARY:
        return [_elementwise(name, attributes, inputs, *outputs[0])]
    rule = OPERATIONS.get(name)
    if rule is not None:
        values = rule(*inputs, **attributes)
        return [Small(values, *outputs[0])]
    if name in MOVING:
        return _moved(node, inputs, outputs)
    raise Refused(f"the operation {name}")


# -- elementwise -------------------------------------------------------------------------------------------


def _elementwise(name: str, attributes: dict, inputs: Sequence[Small], shape: tuple, dtype: np.dtype) -> Small:
    columns = [_broadcast(x, shape) for x in inputs]
    wide = all(x.dtype != np.float64 for x in inputs)  # there are no wide forms for float64: the Plan has large arguments
    long = name in ELEMENTARY or (name == "Pow" and number_in(inputs[1].values[0]) is None)
    if long:
        values = [called(name, dtype, attributes, operands, wide) for operands in zip(*columns, strict=True)]
    else:
        module: Any = columns[0][0].program if columns[0] else None
        values = [lower(name, dtype, attributes, operands, wide, module.regroups) for operands in zip(*columns, strict=True)]
    if any(value is None for value in values):
        raise Refused(f"{name} of {', '.join(str(x.dtype) for x in inputs)}")
    return Small(values, shape, dtype)  # type: ignore[arg-type]


def _broadcast(x: Small, shape: tuple) -> list[Value]:
    if x.shape == shape:
        return x.values
    if len(x.values) == 1:
        return x.values * int(np.prod(shape))
    return [x.values[i] for i in np.broadcast_to(np.arange(len(x.values)).reshape(x.shape), shape).ravel()]


# -- reductions --------------------------------------------------------------------------------------------


def _groups(x: Small, axis: Any) -> list[list[Value]]:
    """The elements that each element of the result is made of."""
    places = np.arange(len(x.values)).reshape(x.shape)
    axes = tuple(range(len(x.shape))) if axis is None else tuple(a % len(x.shape) for a in np.atleast_1d(axis))
    kept = [a for a in range(len(x.shape)) if a not in axes]
    rows = places.transpose([*kept, *axes]).reshape(int(np.prod([x.shape[a] for a in kept])), -1)
    return [[x.values[i] for i in row] for row in rows]


def _total(values: Sequence[Value]) -> Value:
    """The sum, in NumPy's order: from 8 elements on there are eight sums side by side."""
    if len(values) < 8:
        total = values[0]
        for x in values[1:]:
            total = total + x
        return total
    whole = len(values) // 8 * 8
    sums = list(values[:8])
    for start in range(8, whole, 8):
        sums = [total + x for total, x in zip(sums, values[start : start + 8], strict=True)]
    total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
    for x in values[whole:]:
        total = total + x
    return total


def _folded(join: Callable[[Value, Value], Value]) -> Callable[..., list[Value]]:
    def reduce(x: Small, *, axis: Any, keepdims: bool = False) -> list[Value]:
        found = []
        for group in _groups(x, axis):
            value = group[0]
            for other in group[1:]:
                value = join(value, other)
            found.append(value)
        return found

    return reduce


def _sum(x: Small, *, axis: Any, keepdims: bool = False) -> list[Value]:
    return [_total(group) for group in _groups(x, axis)]


def _mean(x: Small, *, axis: Any, keepdims: bool = False) -> list[Value]:
    if x.dtype.kind != "f":
        raise Refused("a mean of integers")
    groups = _groups(x, axis)
    return [_total(group) / float(len(group)) for group in groups]


def _accumulated(join: Callable[[Value, Value], Value], start: float) -> Callable[..., list[Value]]:
    def accumulate(x: Small, *, axis: int, exclusive: bool, reverse: bool) -> list[Value]:
        places = Small(list(range(len(x.values))), x.shape, x.dtype)  # type: ignore[arg-type]
        found = list(x.values)
        for group in _groups(places, axis):
            order: Any = group[::-1] if reverse else group
            total: Any = None
            for i in order:
                before = x.values[i].like(start) if total is None else total
                total = x.values[i] if total is None else join(total, x.values[i])
                found[i] = before if exclusive else total
        return found

    return accumulate


def _bias_add(x: Small, bias: Small, *, axis: int) -> list[Value]:
    column = (len(bias.values), *(1,) * (len(x.shape) - axis - 1))
    return [a + b for a, b in zip(x.values, _broadcast(Small(bias.values, column, bias.dtype), x.shape), strict=True)]


def _sum_to(x: Small, *, shape: tuple) -> list[Value]:
    extra = len(x.shape) - len(shape)
    axes = [*range(extra), *(a + extra for a, n in enumerate(shape) if n == 1 and x.shape[a + extra] != 1)]
    return _sum(x, axis=axes) if axes else x.values


def _spread_mean(x: Small, *, shape: tuple, axis: Any) -> list[Value]:
    if x.dtype.kind != "f":
        raise Refused("a mean of integers")
    axes = range(len(shape)) if axis is None else axis
    kept = tuple(1 if a in {b % len(shape) for b in axes} else n for a, n in enumerate(shape))
    parts = [value / float(np.prod(shape) / np.prod(kept)) for value in x.values]
    return _broadcast(Small(parts, kept, x.dtype), shape)


# -- products, slices, rows ----------------------------------------------------------------------------------


def _matmul(a: Small, b: Small, *, form_a: int, form_b: int) -> list[Value]:
    if len(a.shape) != 2 or len(b.shape) != 2 or a.dtype.kind == "b":
        raise Refused("a product of batches of matrices")
    left, right = (np.arange(len(x.values)).reshape(x.shape) for x in (a, b))
    left, right = (places.T if form & 1 else places for places, form in ((left, form_a), (right, form_b)))
    return [
        _dot([(a.values[i], b.values[j]) for i, j in zip(row, column, strict=True)]) for row in left for column in right.T
    ]


def _dot(pairs: list[tuple[Value, Value]]) -> Value:
    """Σ x·y from the first to the last, each product added before it is rounded: as BLAS does it."""
    (x, y), *others = pairs
    total = x * y
    for x, y in others:
        total = fma(x, y, total) if x.type in FLOATS else x * y + total
    return total


def _add_slices(*parts: Small, shape: tuple, specs: tuple) -> list[Value]:
    from tapeflow.ops.parts import numpy_index

    size = int(np.prod(shape))
    first = parts[0]
    out = list(first.values) if specs[0] is None else [first.values[0].like(0)] * size
    places = np.arange(size).reshape(shape)
    for part, spec in zip(parts, specs, strict=True):
        if spec is not None:
            for place, value in zip(np.ravel(places[numpy_index(spec)]), part.values, strict=True):
                out[place] = out[place] + value
    return out


def _gather(params: Small, indices: Small, *, axis: int, batch_dims: int) -> list[Value]:
    """Rows whose numbers are known only when the program runs: a choice between all of them."""
    if axis % max(len(params.shape), 1) or batch_dims:
        raise Refused("a gather along another axis than the first")
    count = params.shape[0]
    width = len(params.values) // count
    found = []
    for index in indices.values:
        index.program.guard((index < 0) | (index >= count))
        for k in range(width):
            value = params.values[k]
            for row in range(1, count):
                value = choose(index.equals(row), params.values[row * width + k], value)
            found.append(value)
    return found


def _extreme_shares(x: Small, extreme: Small, *, axis: Any) -> list[Value]:
    """Equal parts for those that attain the extreme of their group."""
    if x.dtype.kind != "f":
        raise Refused("the shares of integers")
    places = Small(list(range(len(x.values))), x.shape, x.dtype)  # type: ignore[arg-type]
    found: list[Value] = list(x.values)
    for group, value in zip(_groups(places, axis), extreme.values, strict=True):
        chosen = [as_number(x.values[i].equals(value), value) for i in group]  # type: ignore[index, call-overload]
        count = _total(chosen)
        for i, one in zip(group, chosen, strict=True):
            found[i] = one / count  # type: ignore[index, call-overload]
    return found


OPERATIONS: dict[str, Callable[..., list[Value]]] = {
    "AddSlices": _add_slices,
    "All": _folded(lambda x, y: x & y),
    "BiasAdd": _bias_add,
    "Cumprod": _accumulated(lambda x, y: x * y, 1),
    "Cumsum": _accumulated(lambda x, y: x + y, 0),
    "EnsureShape": lambda x, shape: x.values,
    "Any": _folded(lambda x, y: x | y),
    "ExtremeShares": _extreme_shares,
    "GatherV2": _gather,
    "MatMul": _matmul,
    "Max": _folded(greater_of),
    "Mean": _mean,
    "Min": _folded(smaller_of),
    "Prod": _folded(lambda x, y: x * y),
    "SpreadMean": _spread_mean,
    "Sum": _sum,
    "SumToShape": _sum_to,
}

# -- what only moves -------------------------------------------------------------------------------------------

MOVING = {
    *("AsColumn", "BroadcastTo", "ConcatV2", "Diag", "DiagPart", "FromColumn", "MatrixDiagPartV3", "MatrixDiagV3"),
    *("MatrixTranspose", "Pack", "Pad", "Reshape", "ReverseV2", "Roll", "Shift", "SplitV", "SpreadSum", "StridedSlice"),
    *("Tile", "Transpose", "Unpack"),
}
"""Operations whose results consist of elements of their inputs, and of zeros or one `padding_value`."""


def _moved(node: Any, inputs: Sequence[Small], outputs: Sequence[tuple[tuple[int, ...], np.dtype]]) -> list[Small]:
    numbers: list[np.ndarray] = []
    elements: list[Value] = []
    for x in inputs:
        numbers.append(np.arange(len(elements) + 1, len(elements) + len(x.values) + 1).reshape(x.shape)[()])
        elements += x.values
    attributes = dict(node.attributes or {})
    padding = attributes.get("padding_value", 0)
    if padding:
        attributes["padding_value"] = 0
    try:
        results = node.compute(*numbers, **attributes)
    except Exception as error:
        raise Refused(f"{node.primitive.name}: {error}") from None
    if not elements:
        raise Refused(f"{node.primitive.name} of what is empty")
    found = []
    for result, (shape, dtype) in zip(results if node.several else (results,), outputs, strict=True):
        values = [elements[k - 1] if k else elements[0].like(padding) for k in np.ravel(result).tolist()]
        found.append(Small(values, shape, dtype))
    return found
