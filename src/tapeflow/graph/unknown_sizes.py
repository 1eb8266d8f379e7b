"""The shapes of results where sizes are unknown.

An elementwise operation has its rule. What any other operation makes of unknown sizes is seen by asking for its result at
several sizes, and finding the formula that gives all the answers: the same size, a known one, a sum, a product, a multiple.
Where no formula is found, the size is kept as the question itself. A formula that was too simple (the kernel takes a turn at
sizes that were not tried) does no harm: when the graph is specialized, what comes out is compared with the formulas.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from functools import partial, reduce
from typing import Any

import numpy as np

from tapeflow.core.dimension import Dim, SizeAsked, Sizes, at_least, broadcast_sizes, dims_in, evaluated, larger, smaller
from tapeflow.core.symbolic import Abstract, SymbolicTensor, TraceUnsupported, fail
from tapeflow.graph.inference import infer
from tapeflow.ops.joining import SPLIT

__all__ = ["content_of", "inferred", "ranks_are_open"]

Described = list  # of pairs (shape, dtype), one for each result
DIRECT = ("EnsureShape",)  # whose rules take unknown sizes as they are
TOLD = ("AddSlices", "BroadcastTo", "Reshape", "SumToShape")  # to the shape that they are told; their kernels see if it fits
MOST_ANSWERS = 16
TRIED = (5, 8, 3, 24)  # sizes that all symbols take together
FAR = (1009,)  # and where a rule tells, without running a kernel on so much
LATE = (2, 7, 0, 31, -1, -4)  # more, for those that values tell: what is found for them is not compared afterwards
NOTHING = (0,)  # for slices: of nothing there is no first element
APART = ((5, 7, 11, 13), (9, 6, 4, 10))  # sizes that they take in turn


def inferred(
    tracer: Any, primitive: Any, compute: Callable, inputs: tuple, attributes: dict | None
) -> tuple[Described, bool]:
    """The shapes and dtypes of the results of an operation, and whether it gives several, as `infer` tells for known sizes.

    Args:
        tracer: the trace under way.
        primitive, compute: what is applied, and its kernel.
        inputs: tensors.
        attributes: the kernel's keyword arguments.
    """
    shapes = [x._value.shape for x in inputs]
    dims = _distinct([*dims_in(shapes), *dims_in(attributes)])
    if not dims:
        return infer(primitive, compute, inputs, attributes)
    if primitive.name in DIRECT:
        return [(primitive.shape(*shapes, **(attributes or {})), inputs[0]._value.dtype)], False
    if primitive is SPLIT:  # no formula need be looked for: the sizes are told
        (shape,), axis = shapes, attributes["axis"]  # type: ignore[index]
        parts = [(*shape[:axis], size, *shape[axis + 1 :]) for size in attributes["sizes"]]  # type: ignore[index]
        return [(part, inputs[0]._value.dtype) for part in parts], True
    late = any(dim.is_late for dim in dims)
    if late and primitive.name in TOLD:
        return [(attributes["shape"], inputs[primitive.like]._value.dtype)], False  # type: ignore[index]
    if attributes is None and not primitive.variadic:
        found = _elementwise(primitive, compute, inputs)
        if found is not None:
            return found

    def at(numbers: tuple[int, ...]) -> tuple[Described, bool]:
        known = tuple([_in_sizes(x, numbers) for x in inputs])
        return infer(primitive, compute, known, evaluated(attributes, numbers))

    reason, verdict = tracer.reason, tracer.verdict
    cheap = primitive.shape is not None and not tracer.sizes.questions
    more = LATE if late else NOTHING if primitive.name == "StridedSlice" else ()
    answers, refusal = _answers(tracer.sizes, dims, shapes, at, cheap, more)
    if not answers and late:
        fail(f"{primitive.name} refuses sizes that depend on values, whichever were tried: {refusal}")
    if not answers:
        raise refusal or TraceUnsupported(f"{primitive.name} with sizes that cannot be")
    tracer.reason, tracer.verdict = reason, verdict  # sizes were tried that the operation refuses
    first, several = next(iter(answers.values()))
    ranks = [len(shape) for shape, _ in first]
    if any([len(shape) for shape, _ in found] != ranks for found, _ in answers.values()):
        raise SizeAsked(dims[0])  # the number of results, or of axes, depends on sizes
    results = []
    for i, (shape, dtype) in enumerate(first):
        sizes = []
        for axis in range(len(shape)):
            beside = _distinct([*dims_in([each[axis - len(shape)] for each in shapes if len(each) >= len(shape) - axis])])
            size = _formula({numbers: found[i][0][axis] for numbers, (found, _) in answers.items()}, dims, beside)
            if late and (size is None or _is_doubtful(size, dims, list(answers))):
                size = tracer.late.length()
            sizes.append(tracer.sizes.asked(partial(_axis, at, i, axis)) if size is None else size)
        results.append((tuple(sizes), dtype))
    return results, several


def _is_doubtful(size: Any, dims: list[Dim], tried: list[tuple[int, ...]]) -> bool:
    """Whether a size that values tell had better be measured: it might be negative, or is constant as one of the `dims` seems."""
    if type(size) is Dim:
        return size.may_be_negative
    return any(all(dim.at(numbers) == size for numbers in tried) for dim in dims)


def ranks_are_open(tracer: Any, primitive: Any, compute: Callable, inputs: tuple, attributes: dict | None) -> list[bool]:
    """For each result, whether its rank depends on that of an input whose rank is not to be seen."""
    if not any(type(x) is SymbolicTensor and x._value.unranked for x in inputs):
        return []
    reason, verdict = tracer.reason, tracer.verdict
    hints = tracer.sizes.hints
    usual = tuple([_in_sizes(x, hints) for x in inputs])
    deeper = tuple([_in_sizes(x, hints, x._value.unranked) if type(x) is SymbolicTensor else x for x in inputs])
    known = evaluated(attributes, hints)
    found = infer(primitive, compute, usual, known)[0]
    try:
        others = infer(primitive, compute, deeper, known)[0]
    except Exception:
        return [True] * len(found)
    finally:
        tracer.reason, tracer.verdict = reason, verdict
    return [len(shape) != len(other) for (shape, _), (other, _) in zip(found, others, strict=True)]


def _axis(at: Callable, i: int, axis: int, numbers: tuple[int, ...]) -> int:
    return at(numbers)[0][i][0][axis]


def _answers(sizes: Sizes, dims: list[Dim], shapes: list[tuple], at: Callable, cheap: bool, more: tuple) -> tuple[dict, Any]:
    """What comes out for several sizes, by these, and the first error where some are refused."""
    answers: dict[tuple[int, ...], tuple[Described, bool]] = {}
    refusal: Exception | None = None
    symbols = sorted(set().union(*[dim.symbols() for dim in dims]))
    for numbers in _assignments(sizes, symbols, (*(FAR if cheap else ()), *more)):
        if len(answers) == MOST_ANSWERS + len(more):
            break
        if numbers not in answers and all(dim.at(numbers) >= 0 for dim in dims_in(shapes)):
            try:
                answers[numbers] = at(numbers)
            except Exception as error:
                refusal = refusal or error
    return answers, refusal


def _in_sizes(x: Any, numbers: tuple[int, ...], deeper: bool = False) -> Any:
    """A symbolic tensor as it is when the symbols have these sizes; with an axis more, if it is to be `deeper`."""
    if type(x) is not SymbolicTensor:
        return x
    value = x._value
    shape = (1,) * deeper + evaluated(value.shape, numbers)
    return SymbolicTensor(Abstract(shape, value.dtype, value.number, value.scope))


def _elementwise(primitive: Any, compute: Callable, inputs: tuple) -> tuple | None:
    """The operands broadcast: their sizes are compared axis by axis. None where known sizes differ."""
    try:
        out = broadcast_sizes(*[x._value.shape for x in inputs])
    except ValueError:
        return None
    ones = tuple(
        [SymbolicTensor(Abstract((1,) * x._value.ndim, x._value.dtype, 0, None)) if x._value.ndim else x for x in inputs]
    )
    (((_, dtype),), several) = infer(primitive, compute, ones, None)
    return [(out, dtype)], several


def _assignments(sizes: Sizes, symbols: list[int], far: tuple) -> Iterator[tuple[int, ...]]:
    """Sizes to try: the hints first, then others that the guards admit."""
    yield sizes.hints

    leaders = sizes.leaders()
    free = sorted({leaders[symbol] for symbol in symbols})
    count = len(free)

    def changed(values: list[int]) -> tuple[int, ...]:
        chosen = dict(zip(free, values, strict=True))
        return tuple([chosen.get(leaders[i], hint) for i, hint in enumerate(sizes.hints)])

    tried = [changed([size] * count) for size in (*TRIED, *far)]
    if count > 1:
        tried[1:1] = [changed([row[i % len(row)] + i // len(row) for i in range(count)]) for row in APART]
        tried += [changed([1 if i == j else 6 for i in range(count)]) for j in range(count)]
        tried += [changed([6 if i == j else 1 for i in range(count)]) for j in range(count) if count > 2]
        if NOTHING[0] in far:
            tried += [changed([0 if i == j else 6 for i in range(count)]) for j in range(count)]
    else:
        tried.append(changed([1]))
    for numbers in tried:
        if sizes.admit(numbers):
            yield numbers


def _distinct(dims: list[Dim]) -> list[Dim]:
    return list({dim.polynomial: dim for dim in dims}.values())


def _formula(values: dict[tuple[int, ...], int], dims: list[Dim], beside: list[Dim]) -> Any:
    """The size that has all these values; None if none is found."""
    numbers = list(values)
    wanted = list(values.values())

    def fits(size: Any) -> bool:
        return [size.at(n) if type(size) is Dim else size for n in numbers] == wanted

    if len(set(wanted)) == 1 and len(numbers) > 1:
        return wanted[0]
    return next(filter(fits, _candidates(dims, beside, numbers, wanted)), wanted[0] if len(set(wanted)) == 1 else None)


def _candidates(dims: list[Dim], beside: list[Dim], numbers: list, wanted: list[int]) -> Iterator[Any]:
    yield from beside  # of the same axis, counted from the last: there sizes are handed on, and broadcast
    for i, a in enumerate(beside):
        for b in beside[i + 1 :]:
            yield larger(a, b)
    if len(beside) > 2:
        yield reduce(larger, beside)
    yield from dims
    for i, a in enumerate(dims):
        for b in dims[i + 1 :]:
            yield smaller(a, b)
            yield a + b
            yield a * b
    for dim in dims:
        yield smaller(dim, max(wanted))
    for dim in dims:  # a line through two points, and a line and its rounded half
        (x, y), (u, v) = _two([(dim.at(n), w) for n, w in zip(numbers, wanted, strict=True)])
        if x != u and (v - y) % (u - x) == 0:
            slope = (v - y) // (u - x)
            yield dim * slope + (y - slope * x)
            yield at_least(dim * slope + (y - slope * x), 0)
        for step in (2, 3, 4):
            for shift in range(-6, 4):
                yield (dim + shift) // step
    if len(dims) > 2:
        yield sum(dims)
        yield math.prod(dims)


def _two(pairs: list[tuple[int, int]]) -> tuple:
    first = pairs[0]
    return first, next((pair for pair in pairs if pair[0] != first[0]), first)


# -- integers that are sizes -----------------------------------------------------------------------------

# What is computed of sizes by these is itself known as a size.
FOLLOWED = {
    *("AddV2", "Add", "Sub", "Mul", "FloorDiv", "FloorMod", "Neg", "Prod", "Sum", "Cast", "CastDiscrete", "Identity"),
    *("StridedSlice", "Pack", "ConcatV2", "GatherV2", "Reshape", "Transpose", "BroadcastTo", "SplitV", "Unpack"),
    "ReverseV2",
}
MOST_CONTENT = 64

# Kernels that look at values first.
ARITHMETIC: dict[str, Callable] = {"FloorDiv": operator.floordiv, "FloorMod": operator.mod}


def content_of(primitive: Any, compute: Callable, inputs: tuple, attributes: dict | None, dtypes: list) -> list | None:
    """The contents of the results, where those of all inputs are known as sizes are; else None."""
    if primitive.name not in FOLLOWED or not any(type(x) is SymbolicTensor for x in inputs):
        return None
    if any(dtype.kind not in "iu" for dtype in dtypes):
        return None
    arrays = []
    for x in inputs:
        array = known_content(x)
        if array is None:
            return None
        arrays.append(array)
    if primitive.name.startswith("Cast"):
        return arrays
    try:
        results = ARITHMETIC.get(primitive.name, compute)(*arrays, **(attributes or {}))
    except Exception:
        return None
    return [_as_content(y) for y in (results if type(results) is tuple else (results,))]


def known_content(x: Any) -> np.ndarray | None:
    """The integers of a tensor, Dims among them, as an array of objects."""
    value = x._value
    if value.dtype.kind not in "iu":
        return None
    if type(x) is SymbolicTensor:
        return value.content
    if value.size > MOST_CONTENT:
        return None
    return _as_content(np.asarray(value).astype(object))


def _as_content(value: Any) -> np.ndarray:
    array = np.empty(np.shape(value) if isinstance(value, np.ndarray) else (), object)
    for index in np.ndindex(array.shape):
        item = value[index] if isinstance(value, np.ndarray) else value
        array[index] = item[()] if isinstance(item, np.ndarray) else item  # of arrays NumPy makes an array of arrays
    return array
