"""The shapes and dtypes of results, while a function is traced: told by rules, and found by trying where there is none.

Tracing must be cheap, so nothing of the real size is computed for the common operations: those that are elementwise broadcast,
and many others have a rule beside their kernel (`Primitive.shape`). For the rest the kernel is run on made-up arrays, and what
comes out is remembered: a graph of a thousand nodes has few kinds of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.quiet import run_in_copy
from tapeflow.core.symbolic import Abstract, SymbolicTensor, TraceUnsupported, fail, verdict

__all__ = ["infer"]

Results = list[tuple[tuple[int, ...], np.dtype]]  # the shape and the dtype of each

# Operations whose results have another shape for other integers or bools; `Unique` and `Where`, for other values of any kind.
SHAPED_BY_VALUES = {
    *("BooleanMask", "BooleanMaskTranspose", "DynamicPartition", "DynamicPartitionTranspose", "DynamicStitch"),
    *("Repeat", "RepeatTranspose", "Unique", "Where"),
}
OF_ANY_KIND = ("Unique", "Where")
KINDS = ("ones", "zeros", "mixed", "identity")  # of made-up values
LARGE = 4096  # elements: so many are computed once, and not for each kind of values
MOST_KNOWN = 10_000

_dtypes: dict[tuple, np.dtype] = {}  # (elementwise kernel, dtypes of its inputs) -> that of its output
_known: dict[tuple, tuple[Results, bool]] = {}


def infer(primitive: Any, compute: Callable, inputs: tuple, attributes: dict | None) -> tuple[Results, bool]:
    """The shapes and dtypes of the results of an operation, and whether it gives several.

    Args:
        primitive: the operation.
        compute: its kernel.
        inputs: tensors, at least one of them symbolic.
        attributes: the kernel's keyword arguments; None for an elementwise operation.

    Raises:
        ValueError: the shapes do not go together.
        TraceUnsupported: the shape of a result depends on values.
    """
    try:
        rule = primitive.shape
        if rule is not None:
            given = attributes or {}
            return [
                (rule(*[x._value.shape for x in inputs], **given), given.get("dtype", inputs[primitive.like]._value.dtype))
            ], False
        if attributes is None:
            return _elementwise(compute, inputs)
    except (ValueError, IndexError) as error:
        raise verdict(ValueError(_refusal(primitive, inputs, error))) from None
    if primitive.name in SHAPED_BY_VALUES:
        _refuse_unknown_values(primitive, inputs)
        return _tried(compute, inputs, attributes)
    key = (compute, *[part for x in inputs for part in (x._value.shape, x._value.dtype)], *attributes.items())
    try:
        found = _known.get(key)
    except TypeError:  # an attribute that cannot be hashed
        return _tried(compute, inputs, attributes)
    if found is None:
        found = _tried(compute, inputs, attributes)
        if not any(map(callable, attributes.values())):  # the cache is not to keep a function of the user's alive
            if len(_known) >= MOST_KNOWN:
                _known.clear()
            _known[key] = found
    return found


def _elementwise(compute: Callable, inputs: tuple) -> tuple[Results, bool]:
    if len(inputs) == 1:
        value = inputs[0]._value
        key: tuple = (compute, value.dtype)
        shape = value.shape
    else:
        a, b = inputs[0]._value, inputs[1]._value
        key = compute, a.dtype, b.dtype
        shape = a.shape
        if shape != b.shape:
            shape = b.shape if not shape else shape if not b.shape else np.broadcast_shapes(shape, b.shape)
    dtype = _dtypes.get(key)
    if dtype is None:
        dtype = _dtypes[key] = run_in_copy(compute, *[_ones((1,), x._value.dtype) for x in inputs]).dtype
    return [(shape, dtype)], False


def _refusal(primitive: Any, inputs: tuple, error: Exception) -> str:
    """What to tell of shapes that do not go together, in TensorFlow's words where they are to be broadcast."""
    shapes = [list(x._value.shape) for x in inputs]
    where = f"for '{{{{node {primitive.name}}}}}' with input shapes: {', '.join(map(str, shapes))}"
    if "broadcast" not in str(error):
        return f"{error} {where}"
    sizes = [shape[::-1] for shape in shapes]
    longest = max(map(len, sizes))
    for axis in range(longest):
        found = sorted({shape[axis] for shape in sizes if len(shape) > axis} - {1}, key=repr)
        if len(found) > 1:
            return f"Dimensions must be equal, but are {found[0]} and {found[1]} {where}"
    return f"{error} {where}"


def _refuse_unknown_values(primitive: Any, inputs: tuple) -> None:
    shaping = [x._value.dtype for x in inputs if type(x) is SymbolicTensor]
    if any(primitive.name in OF_ANY_KIND or dtype.kind in "biu" for dtype in shaping):
        fail(f"the shape of the result of {primitive.name} depends on values")


# -- trying ----------------------------------------------------------------------------------------------


def _tried(compute: Callable, inputs: tuple, attributes: dict) -> tuple[Results, bool]:
    """What comes out for made-up values of several kinds, if it is always the same."""
    found: Results | None = None
    several, refusals = False, []
    large = sum(x._value.size for x in inputs) > LARGE
    for kind in KINDS:
        if found is not None and (large or kind == "identity"):
            break
        values = [example(x._value, kind, i) if type(x) is SymbolicTensor else x._value for i, x in enumerate(inputs)]
        try:
            results = run_in_copy(compute, *values, **attributes)
        except TraceUnsupported:
            raise
        except Exception as error:
            refusals.append(error)
            continue
        several = type(results) is tuple
        flat = list(results) if several else [results]
        if not all(isinstance(y, np.ndarray | np.generic) for y in flat):
            fail("an operation whose result is no array")
        described = [(y.shape, y.dtype) for y in flat]
        if found is not None and found != described:
            fail("the shape of a result depends on values")
        found = described
    if found is None:
        fail(f"an operation refuses its inputs: {refusals[0]}")
    return found, several


def example(abstract: Abstract, kind: str, place: int) -> np.ndarray:
    """An array of this shape and dtype: all ones, all zeros, a few different values, or identity matrices."""
    shape, dtype = abstract.shape, abstract.dtype
    if kind == "mixed":
        numbers = (np.arange(abstract.size) + place) % 3
        if dtype.kind == "O":
            return np.array([b"%d" % n for n in numbers] or [], object).reshape(shape)
        return numbers.astype(dtype).reshape(shape)
    if kind == "identity" and len(shape) > 1 and dtype.kind != "O":
        return np.broadcast_to(np.eye(shape[-2], shape[-1]).astype(dtype), shape)
    return _ones(shape, dtype) if kind != "zeros" else np.broadcast_to(_filled(dtype, 0), shape)


def _ones(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    return np.broadcast_to(_filled(dtype, 1), shape)


def _filled(dtype: np.dtype, number: int) -> np.ndarray:
    one = np.empty((), dtype)
    one[...] = (b"1" if number else b"") if dtype.kind == "O" else number
    return one
