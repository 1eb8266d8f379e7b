"""The tensors that a Python function can see besides its arguments, found before it is traced.

A trace runs what it can at once: with a tensor c from outside, c * c is a number in the graph. A tape that follows c must
hear of that product, so the trace notes every operation on tensors that have a key (see `trace.Outside`). Tensors that no tape
has followed yet have none; those that the function holds are given one here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from tapeflow.core.recording import new_key
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS, Variable
from tapeflow.gradient.tape import naming

__all__ = ["held_by", "name_captured", "reachable"]

MOST_OBJECTS = 2_000  # looked at; a function that holds more than that was not written by hand


def name_captured(*roots: Any) -> None:
    """Gives a key to every tensor of a differentiable dtype that functions and objects hold, directly or in containers."""
    for value in reachable(*roots):
        if type(value) is Tensor and not value._key and value._value.dtype.kind in DIFFERENTIABLE_KINDS:
            with naming:
                value._key = value._key or new_key()


def held_by(*roots: Any) -> set[int] | None:
    """The ids of all that functions and objects hold, directly or in containers; None if that is too much to look at."""
    found = list(reachable(*roots))  # holding it, so that no id is given again
    return {id(value) for value in found} if len(found) < MOST_OBJECTS else None


def reachable(*roots: Any) -> Iterator[Any]:
    """All that functions and objects hold, directly or in containers; if it is too much to look at, a part of it."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting and len(seen) < MOST_OBJECTS:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        yield value
        if type(value) is not Tensor:
            waiting.extend(_held(value))


def _held(value: Any) -> Iterator[Any]:
    if isinstance(value, FunctionType):
        for cell in value.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # nothing is in it yet
                continue
        yield from value.__defaults__ or ()
        yield from (value.__kwdefaults__ or {}).values()
        if not (value.__module__ or "").startswith("tapeflow."):
            for name in _names(value.__code__):
                if name in value.__globals__:
                    yield value.__globals__[name]
    elif isinstance(value, MethodType):
        yield value.__func__
        yield value.__self__
    elif isinstance(value, partial):
        yield value.func
        yield from value.args
        yield from value.keywords.values()
    elif isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value
    elif not isinstance(value, type | ModuleType | Variable):
        yield from getattr(value, "__dict__", {}).values()
        if callable(value) and isinstance(type(value).__call__, FunctionType):
            yield type(value).__call__


def _names(code: CodeType) -> Iterator[str]:
    """The globals that a function's code names, and the functions written inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
