"""An optimizer's rule as one pass over memory.

A rule is a formula of the gradient, the variable and its state: `w -= lr * gradient`. NumPy goes through memory once for each of
its operations. Here the same Python function is called with values of `expressions` in place of arrays, and what it writes
down becomes one loop that changes the variable and its state where they are.

What depends on the step alone, such as lr and 1 - βᵗ, is a `Number`: NumPy computes with it, and where it meets an element it
becomes an operand of the loop. So the loop's text is the same in every step, and so is its machine code.
"""

from __future__ import annotations

import ctypes
import operator
from array import array
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.expressions import Program, Value, absolute, choose, square_root
from tapeflow.graph.native.loops import ENTRY, JOB, job_of_kernel
from tapeflow.graph.native.machine import Compiled, Machine, machine
from tapeflow.graph.native.threads import run_job

__all__ = ["Number", "advance_in_place"]

TYPES = {np.dtype("float32"): "float", np.dtype("float64"): "double"}
SMALLEST_CHUNK = 250_000
"""The elements a thread must have to be worth waking: memory bounds the loop."""


class Kernel(NamedTuple):
    """A compiled loop."""

    run: Callable[..., int]
    """`run(addresses of the gradient and the arrays..., address of the numbers, count)`."""
    job: int
    """The address of the same as a job (see threads.py)."""


_known: dict[Any, tuple[Kernel | None, np.ndarray] | None] = {}  # for rules that do not count steps; None for those that do
KNOWN = 256


class Number(Value):
    """A number that is the same for all elements: NumPy computes with it, and the loop is given it when it is run."""

    __slots__ = ("number", "place")

    def __init__(self, program: Rule, type: str, number: Any) -> None:
        self.program, self.type, self.number = program, type, number
        self.place: str | None = None

    @property
    def name(self) -> str:  # type: ignore[override]
        """The operand that the loop has it in; there is one from the moment when it is asked for."""
        if self.place is None:
            self.place = f"%number{len(self.program.numbers)}"  # type: ignore[attr-defined]
            self.program.numbers.append(self.number)  # type: ignore[attr-defined]
        return self.place

    def _computed(self, operation: Callable, *operands: Any) -> Number:
        numbers = [x.number if isinstance(x, Number) else x for x in operands]
        return Number(self.program, self.type, operation(*numbers))  # type: ignore[arg-type]

    def _arithmetic(self, on_floats: str, on_integers: str, left: Any, right: Any) -> Value:
        if all(isinstance(x, Number) or not isinstance(x, Value) for x in (left, right)):
            return self._computed(ARITHMETIC[on_floats], left, right)
        return super()._arithmetic(on_floats, on_integers, left, right)

    def _compare(self, float_test: str, integer_test: str, other: Any) -> Any:
        if isinstance(other, Number) or not isinstance(other, Value):
            return bool(COMPARISONS[float_test](self.number, getattr(other, "number", other)))
        return super()._compare(float_test, integer_test, other)

    def __pow__(self, exponent: Any) -> Number:
        return self._computed(operator.pow, self, exponent)

    def __rpow__(self, base: Any) -> Number:
        return self._computed(operator.pow, base, self)

    def __neg__(self) -> Number:
        return self._computed(operator.neg, self)


COMPARISONS = {"olt": operator.lt, "ogt": operator.gt, "ole": operator.le, "oge": operator.ge, "oeq": operator.eq}
ARITHMETIC = {"fadd": operator.add, "fsub": operator.sub, "fmul": operator.mul, "fdiv": operator.truediv}


class Rule(Program):
    """What a rule wrote down, and the numbers that its loop is to be given."""

    __slots__ = ("numbers",)

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[Any] = []


def _elementwise(on_numbers: Callable, on_values: Callable) -> Any:
    def function(*operands: Any) -> Any:
        first = operands[0]
        if all(isinstance(x, Number) for x in operands):
            return first._computed(on_numbers, *operands)
        return on_values(*operands)

    return staticmethod(function)


def _larger(x: Value, y: Value | float) -> Value:
    y = x.like(y)
    return choose(x >= y, x, choose(x.is_nan(), x, y))


class Formulas:
    """NumPy's names, for values; a rule that uses others is left to NumPy."""

    sqrt = _elementwise(np.sqrt, square_root)
    abs = _elementwise(np.abs, absolute)
    maximum = _elementwise(np.maximum, _larger)


def _written(rule: Callable, type: str, count: int, t: Any, lr: Any) -> tuple[Rule, str]:
    """What `rule` writes down for one element of `count` arrays beside the gradient, and the text of its loop."""
    program = Rule()
    loads = []
    for k in range(count + 1):
        loads += [
            f"%place{k} = getelementptr inbounds {type}, ptr %p{k}, i64 %i",
            f"%x{k} = load {type}, ptr %place{k}",
        ]
    program.lines += loads
    elements = [program.value(type, f"%x{k}") for k in range(count + 1)]
    results = rule(Formulas, Number(program, type, t), Number(program, type, lr), *elements)
    stores = [f"store {type} {elements[0].like(y)}, ptr %place{k}" for k, y in enumerate(results, 1)]
    numbers = []
    for k in range(len(program.numbers)):
        numbers += [
            f"  %number_place{k} = getelementptr inbounds {type}, ptr %numbers, i64 {k}",
            f"  %number{k} = load {type}, ptr %number_place{k}",
        ]
    arrays = ", ".join(f"ptr noalias nocapture %p{k}" for k in range(count + 1))
    body = "\n".join(f"  {line}" for line in (*program.lines, *stores))
    text = "\n".join(
        [
            *sorted(program.declarations),
            f"define i32 @{ENTRY}({arrays}, ptr noalias nocapture readonly %numbers, i64 %count) {{",
            "entry:",
            *numbers,
            "  br label %loop",
            "loop:",
            "  %i = phi i64 [0, %entry], [%next, %loop]",
            body,
            "  %next = add nuw nsw i64 %i, 1",
            "  %more = icmp slt i64 %next, %count",
            "  br i1 %more, label %loop, label %done",
            "done:",
            "  ret i32 0",
            "}",
            *job_of_kernel("a" * count + "n", type),
            "",
        ]
    )
    return program, text


def _link(host: Machine, key: tuple[str, int]) -> Kernel:
    text, arity = key
    entry, job = host.link(text, ENTRY, JOB)
    return Kernel(ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * arity, ctypes.c_int64)(entry), job)


_kernels = Compiled(_link)  # by text and arity


def _kernel(rule: Callable, type: str, count: int, t: Any, lr: Any) -> tuple[Kernel | None, np.ndarray]:
    """The loop of a rule, and the numbers to give it in this step."""
    try:
        program, text = _written(rule, type, count, t, lr)
    except (AttributeError, TypeError):  # it asks for what only arrays have
        return None, np.array([])
    return _kernels[text, count + 2], np.array(program.numbers, t.dtype)


def _prepared(rule: Any, settings: Any, type: str, count: int, t: Any, lr: Any) -> tuple[Kernel | None, np.ndarray]:
    """The same, remembered: of a rule that does not count steps, as long as the rate and the settings are the same."""
    key = (settings, rule.__func__, type, count, lr)
    try:
        found = _known[key]
    except KeyError:
        found = _kernel(rule, type, count, t, lr)
        if found[0] is None and machine() is None:
            return found  # not remembered: it may only be switched off
        later = _kernel(rule, type, count, t + t.dtype.type(1), lr)
        if len(_known) >= KNOWN:
            _known.clear()
        _known[key] = found if found[0] is later[0] and np.array_equal(found[1], later[1]) else None
        return found
    return found or _kernel(rule, type, count, t, lr)


def advance_in_place(rule: Any, settings: Any, t: Any, lr: Any, gradient: np.ndarray, values: Sequence[np.ndarray]) -> bool:
    """Makes one step where the arrays are.

    Args:
        rule: a method `rule(xp, t, lr, gradient, w, *state)` that gives the new (w, *state), elementwise.
        settings: an object that is another one whenever the rule may have changed, since it reads its owner's attributes.
        t: the number of the step, a NumPy scalar of the arrays' dtype.
        lr: the learning rate, likewise.
        gradient: an array.
        values: the variable's array and those of its state, which nobody else holds.

    Returns:
        Whether the step was made. If not, nothing was changed: the rule or the arrays are not served.
    """
    dtype, shape = gradient.dtype, gradient.shape
    type = TYPES.get(dtype)
    if type is None or not gradient.flags.carray:
        return False
    for x in values:
        if x.dtype != dtype or x.shape != shape or not x.flags.carray:
            return False
    kernel, numbers = _prepared(rule, settings, type, len(values), t, lr)
    if kernel is None:
        return False
    places = [address(gradient), *map(address, values)]
    where, size = address(numbers), gradient.size
    if size < 2 * SMALLEST_CHUNK:
        kernel.run(*places, where, size)
        return True
    block = array("q", [*places, where])
    run_job(kernel.job, block.buffer_info()[0], size, SMALLEST_CHUNK)
    return True
