"""A nest for arrays of certain shapes: the function that a plan calls in place of many kernels.

It allocates the results, runs the machine code, and where a guard says that the results are not valid (an integer divided by
zero, the sine of 10¹⁰) runs the kernels that it stands for.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tapeflow.core import variable
from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.builtins import HAS_BUILTINS, builtin
from tapeflow.graph.native.machine import Compiled, Machine
from tapeflow.graph.native.nest_parts import Nest, Reduction
from tapeflow.graph.native.nests import ENTRY, JOB, PARTS, Writer
from tapeflow.graph.native.reductions import EXACT, is_mixed, start
from tapeflow.graph.native.row_nests import RowWriter
from tapeflow.graph.native.threads import LINE, run_job

__all__ = ["Fused", "Result"]

LARGE = 65_536
"""Elements from which on the work is offered to several threads."""

PART = 65_536
"""Elements that one part of a reduction over the outermost group goes over: as many whatever the number of threads is, so that the
result does not depend on it."""

MANY_ROWS = 64
"""From so many rows on, their sum is accumulated in doubles."""


SOLE = "getrefcount({array}) == REFERENCES and {array}.flags.carray and {array}.flags.owndata and alone()"
"""Whether nobody but a variable, from which it was just read, holds an array: it may be overwritten."""


def _references() -> int:
    """What `sys.getrefcount` counts for an array that a variable holds and that was just read, as `SOLE` is written."""

    class Owner:
        __slots__ = ("_value",)
        _value: np.ndarray

    owner = Owner()
    owner._value = np.zeros(1)
    array = owner._value
    return sys.getrefcount(array)


NAMES = {
    "REFERENCES": _references(),
    "address": address,
    "alone": lambda: variable.alone(),
    "asarray": np.asarray,
    "empty": np.empty,
    "getrefcount": sys.getrefcount,
}


class Result(NamedTuple):
    """The shape and dtype that a result is to have."""

    shape: tuple[int, ...]
    dtype: np.dtype


class Linked(NamedTuple):
    """The machine code of a nest: the addresses of its functions, and whether there are guards in it."""

    job: int
    parts: int
    entry: int
    guarded: bool


def _link(host: Machine, nest: Nest) -> Linked:
    writer = (RowWriter if nest.row_reductions else Writer)(nest, host.width)
    job, parts, entry = host.link(writer.text(), JOB, PARTS, ENTRY)
    return Linked(job, parts, entry, bool(writer.program.guards))


_linked = Compiled(_link)


class Fused:
    """A nest for certain sizes.

    Args:
        nest: what to compute.
        sizes: of the groups of axes.
        results: of the nest's results and, after them, of its reductions.

    Attributes:
        code: its machine code; None if there is none.
    """

    def __init__(self, nest: Nest, sizes: Sequence[int], results: Sequence[Result]) -> None:
        self.nest, self.sizes, self.results = nest, sizes, results
        self.large = math.prod(sizes) >= LARGE
        reduced = zip(nest.reductions, results[len(nest.results) :], strict=True)
        self.forms = [Form(r, sizes, result, self.large) for r, result in reduced]
        self.code: Linked | None = _linked[nest._replace(reductions=tuple(form.reduction for form in self.forms))]

    def function(
        self, ready: Sequence[bool], otherwise: Callable[..., Any], in_place: Mapping[int, tuple[int, Any]]
    ) -> Callable[..., Any]:
        """The function of the operands that gives the result, or a tuple of several.

        Args:
            ready: for each operand, whether it is known to be an array whose elements lie one after the other.
            otherwise: the function to call where a guard holds.
            in_place: for a result, an operand whose array it takes the place of. With a variable, it does so only if this
                variable alone holds the array: the function reads it from there, and is not given the operand.
        """
        names: dict[str, Any] = dict(NAMES, otherwise=otherwise)
        operands, targets = [f"a{n}" for n in range(len(ready))], [f"r{n}" for n in range(len(self.results))]
        own = {operand: variable for operand, variable in in_place.values() if variable is not None}
        given = [a for n, a in enumerate(operands) if n not in own]
        lines = []
        for n, holder in own.items():
            names[f"variable{n}"] = holder
            lines += [f" a{n} = variable{n}._value", f" sole{n} = {SOLE.format(array=f'a{n}')}"]
        for n, is_ready in enumerate(ready):
            if n in own:
                lines.append(f" if not sole{n}: a{n} = asarray(a{n}, None, order='C')")
            elif not is_ready:
                lines.append(f" a{n} = asarray(a{n}, None, order='C')")
        for n, result in enumerate(self.results[: len(self.nest.results)]):
            names[f"shape{n}"], names[f"dtype{n}"] = result
            operand = in_place[n][0] if n in in_place else None
            if operand is None:
                lines.append(f" r{n} = empty(shape{n}, dtype{n})")
            elif operand in own:
                lines.append(f" r{n} = a{operand} if sole{operand} else empty(shape{n}, dtype{n})")
            else:
                lines.append(f" r{n} = a{operand}")
        for n, form in enumerate(self.forms, len(self.nest.results)):
            names[f"new{n}"] = form.new
            lines.append(f" r{n} = new{n}()")
        lines.append(f" if {self._call(names, targets, operands)}: return otherwise({', '.join(operands)})")
        for n, form in enumerate(self.forms, len(self.nest.results)):
            if form.finish is not None:
                names[f"finish{n}"] = form.finish
                lines.append(f" r{n} = finish{n}(r{n})")
        lines.append(f" return {', '.join(targets)}")
        exec("\n".join([f"def call_of_kernel({', '.join(given)}):", *lines]), names)
        return names["call_of_kernel"]

    def _call(self, names: dict[str, Any], targets: list[str], operands: list[str]) -> str:
        """The expression that runs the machine code; it is true where a guard holds."""
        job, parts, entry, _ = self.code  # type: ignore[misc]
        sizes, in_parts = self.sizes, [form for form in self.forms if form.rows]
        if HAS_BUILTINS and not self.large:
            names["entry"] = builtin(entry, np.array(sizes, np.int64))
            return f"entry({', '.join([*targets, *operands])}) is not {targets[0]}"
        if in_parts:
            more = [in_parts[0].rows, *(form.stride for form in in_parts)]
            names["call"] = _caller(parts, sizes, in_parts[0].count, 1, 1, more)
        else:
            row = math.prod(sizes[1:])
            smallest = max(1, LARGE // max(row, 1)) if self.large else max(sizes[0], 1)
            names["call"] = _caller(job, sizes, sizes[0], smallest, LINE if len(sizes) == 1 else 1, [])
        places = ", ".join(f"address({x})" for x in (*targets, *operands))
        return f"call({places})"


def _caller(
    function: int, sizes: Sequence[int], count: int, smallest: int, step: int, more: list[int]
) -> Callable[..., int]:
    """A function of the addresses of results and operands that runs a job on as many threads as are worth it."""

    def call(*places: int) -> int:
        block = array("q", (*sizes, *places, *more))
        return run_job(function, block.buffer_info()[0], count, smallest, step)

    return call


class Form:
    """How a reduction is computed for certain sizes.

    Attributes:
        reduction: what the nest is to do.
        new: makes the array that it is put into.
        finish: what makes the result of that array; None if it is the result.
        rows: how many rows of the outermost group a part has; 0 if there are no parts.
        count: how many parts there are.
        stride: how many bytes the results of one part have.
    """

    def __init__(self, reduction: Reduction, sizes: Sequence[int], result: Result, large: bool) -> None:
        kept = tuple([size for size, along in zip(sizes, reduction.along, strict=True) if along])
        count = math.prod([size for size, along in zip(sizes, reduction.along, strict=True) if not along])
        at_once = not reduction.along[-1] and not is_mixed(reduction)
        self.rows = self.count = self.stride = 0
        if large and not reduction.along[0]:
            self.rows = max(1, PART // max(1, math.prod(sizes[1:])))
            self.count = -(-sizes[0] // self.rows)
        whole_mean = reduction.kind == "Mean" and result.dtype.kind in "iu"
        self.mean = count if reduction.kind == "Mean" and (whole_mean or self.rows or not at_once) else 0
        is_long = bool(self.rows) or (not at_once and (count > MANY_ROWS or is_mixed(reduction)))
        wide = reduction.kind in EXACT and result.dtype == np.float32 and is_long
        self.reduction = reduction._replace(kind="Sum" if self.mean else reduction.kind, wide=wide)
        if whole_mean:
            self.reduction = self.reduction._replace(dtype=np.dtype("int64"))
        dtype = np.dtype(np.float64) if wide else self.reduction.dtype
        self.shape = (self.count, *kept) if self.rows else kept
        self.stride = math.prod(kept) * dtype.itemsize
        self.new = self._maker(dtype, at_once)
        self.result = result
        plain = not self.rows and dtype == result.dtype and not self.mean
        self.finish = None if plain and kept == result.shape and kept else self._finish

    def _maker(self, dtype: np.dtype, at_once: bool) -> Callable[[], np.ndarray]:
        shape, first = self.shape, start(self.reduction)
        if at_once:
            return lambda: np.empty(shape, dtype)
        return lambda: np.full(shape, first, dtype) if first else np.zeros(shape, dtype)

    def _finish(self, found: np.ndarray) -> Any:
        if self.rows:
            found = REDUCE[self.reduction.kind](found, 0)
        dtype = self.result.dtype
        if self.mean and dtype.kind == "f":
            found = found / found.dtype.type(self.mean)
        elif self.mean:
            found = np.sign(found) * (np.abs(found) // self.mean)  # towards zero
        if found.dtype != dtype:
            found = found.astype(dtype)
        return found.reshape(self.result.shape) if self.result.shape else found.reshape(())[()]


REDUCE: dict[str, Callable] = {
    "All": np.logical_and.reduce,
    "Any": np.logical_or.reduce,
    "CountNonzero": np.add.reduce,
    "Max": np.maximum.reduce,
    "Min": np.minimum.reduce,
    "Prod": np.multiply.reduce,
    "Sum": np.add.reduce,
}
