"""Calls in AutoGraph's converted code: the user's functions are converted in turn, and some of Python's work on tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.symbolic import fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.deciding import converted
from tapeflow.graph.elements import Elements
from tapeflow.graph.growing_lists import GrowingList, Probe
from tapeflow.graph.staging import is_symbolic, value_of

__all__ = ["Rows", "converted_call"]


class Rows:
    """What `enumerate` or `zip` of tensors gives: a `for` statement makes one loop of it, anything else gets the rows."""

    def __init__(self, row: Callable[[Any], Any], tensors: list) -> None:
        self.row = row
        self._tensors = tensors

    def numbers(self) -> Any:
        """The numbers of the rows, as a tensor to loop over."""
        from tapeflow.ops.ranges import range as tensor_range
        from tapeflow.ops.selection import minimum

        lengths = [_len(x) for x in self._tensors]
        least = lengths[0]
        for length in lengths[1:]:
            least = min(least, length) if type(least) is type(length) is int else minimum(least, length)
        return tensor_range(least)

    def __iter__(self) -> Iterator[Any]:
        lengths = [_len(x) for x in self._tensors]
        if not all(type(length) is int for length in lengths):
            fail("iterating over rows whose number is unknown")
        return (self.row(i) for i in range(min(lengths)))


def _int(x: Any = 0, *base: Any, **kwargs: Any) -> Any:
    return int(x, *base, **kwargs) if not is_symbolic(x) or base or kwargs else _cast(x, "int32")


def _float(x: Any = 0.0) -> Any:
    return _cast(x, "float32") if is_symbolic(x) else float(x)


def _cast(x: Tensor, dtype: str) -> Any:
    if x._value.dtype.kind == "O":
        fail("a number is read from a string that is known only when the function runs")
    from tapeflow.ops.casting import cast

    return cast(x, dtype)


def _len(x: Any) -> Any:
    if type(x) in (GrowingList, Probe):
        return x.size()
    if hasattr(type(x), "__elements__") and hasattr(x, "cardinality"):
        return x.cardinality()
    if not is_symbolic(x) or not x._value.ndim or type(x._value.shape[0]) is int:
        return len(x)
    from tapeflow.ops.shape_queries import shape

    return shape(x)[0]


def _range(*bounds: Any) -> Any:
    bounds = tuple(map(value_of, bounds))
    if not any(map(is_symbolic, bounds)):
        return range(*bounds)
    from tapeflow.ops.ranges import range as tensor_range

    return tensor_range(*bounds)


def _enumerate(iterable: Any, start: Any = 0) -> Any:
    iterable = value_of(iterable)
    if hasattr(type(iterable), "__numbered__"):
        return iterable.__numbered__(start)
    if not is_symbolic(iterable) or not iterable._value.ndim:
        return enumerate(iterable, start)
    return Rows(lambda i: (i + start, _row(iterable, i)), [iterable])


def _zip(*iterables: Any, strict: bool = False) -> Any:
    iterables = tuple(map(value_of, iterables))
    if iterables and not strict and all(hasattr(type(x), "__joined__") for x in iterables):
        return iterables[0].__joined__(iterables)
    if strict or not all(isinstance(x, Tensor) and x._value.ndim for x in iterables) or not any(map(is_symbolic, iterables)):
        return zip(*iterables, strict=strict)
    return Rows(lambda i: tuple([_row(x, i) for x in iterables]), list(iterables))


def _row(x: Tensor, number: Any) -> Tensor:
    from tapeflow.ops.gathering import gather

    return gather(x, number)


def _iter(iterable: Any, *sentinel: Any) -> Any:
    return iterable.__elements__() if hasattr(type(iterable), "__elements__") else iter(iterable, *sentinel)


def _next(iterator: Any, *default: Any) -> Any:
    if hasattr(type(iterator), "__elements__"):
        iterator = iterator.__elements__()
    if type(iterator) is not Elements or not default:
        return next(iterator, *default)
    there, element = iterator.following()
    return tracing().choose(there, lambda: element, lambda: nest.map_structure(convert, default[0]))


def _sorted(iterable: Any, /, *, key: Any = None, reverse: bool = False) -> Any:
    if not is_symbolic(iterable) or key is not None or iterable._value.ndim != 1:
        return sorted(iterable, key=key, reverse=reverse)
    from tapeflow.ops.sorting import sort

    return sort(iterable, direction="DESCENDING" if reverse else "ASCENDING")


BUILTINS: dict[Any, Callable] = {
    int: _int,
    float: _float,
    len: _len,
    range: _range,
    enumerate: _enumerate,
    zip: _zip,
    iter: _iter,
    next: _next,
    sorted: _sorted,
}


def converted_call(f: Any, args: tuple, kwargs: dict | None, caller_fn_scope: Any = None, options: Any = None) -> Any:
    if isinstance(f, type | type(len)):
        if f in (super, eval, locals, globals):
            return _in_the_callers_scope(f, args, caller_fn_scope)
        if tracing() is not None:
            f = BUILTINS.get(f, f)
    elif tracing() is not None:
        f = converted(f)
    return f(*args, **(kwargs or {}))


def _in_the_callers_scope(f: Any, args: tuple, scope: Any) -> Any:
    """A call of a function that looks at the scope that it is called in."""
    from malt.operators import py_builtins

    if f is eval:
        return py_builtins.eval_in_original_context(f, args, scope)
    if f is super:
        return py_builtins.super_in_original_context(f, args, scope)
    return (py_builtins.globals_in_original_context if f is globals else py_builtins.locals_in_original_context)(scope)
