"""An optimizer's rule as one pass over memory.

A rule is a formula of the gradient, the variable and its state: `w -= lr * gradient`. NumPy goes through memory once for each of
its operations. Here the same Python function is called with values of `expressions` in place of arrays, and what it writes
down becomes one loop that changes the variable and its state where they are.

What depends on the step alone, such as lr and 1 - βᵗ, is a `Number`: NumPy computes with it, and where it meets an element it
becomes an operand of the loop. So the loop's text is the same in every step, and so is its machine code. How the number came
about is kept as a recipe, so that the rule is read once and not in every step.

One call runs the loop for all variables of a model: a small one costs next to nothing beside a large one.
"""

from __future__ import annotations

import ctypes
import operator
from array import array
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.expressions import FLOATS, Program, Value, absolute, choose, square_root
from tapeflow.graph.native.loops import ENTRY, JOB, job_of_kernel
from tapeflow.graph.native.machine import Compiled, Machine, machine
from tapeflow.graph.native.threads import run_job

__all__ = ["Number", "Pass", "one_pass"]

EACH = "each"
"""The symbol of the function that runs the loop for several variables."""

SMALLEST_CHUNK = 250_000
"""The elements a thread must have to be worth waking: memory bounds the loop."""


class Kernel(NamedTuple):
    """A compiled loop."""

    each: Callable[[int, int, int], int]
    """`each(table, rows, numbers)` runs it for every row of a table: the addresses of the gradient and the arrays, their size."""
    job: int
    """The address of the loop as a job (see threads.py)."""


Recipe = Any
"""How a number comes about: "t", "lr", a Python number, or (operation, recipes...)."""


def followed(recipe: Recipe, t: Any, lr: Any) -> Any:
    """What the recipe gives in a step."""
    if type(recipe) is tuple:
        operation, *operands = recipe
        return operation(*[followed(operand, t, lr) for operand in operands])
    return t if recipe == "t" else lr if recipe == "lr" else recipe


def _counts(recipe: Recipe) -> bool:
    """Whether the recipe asks for the number of the step."""
    return any(map(_counts, recipe[1:])) if type(recipe) is tuple else recipe == "t"


class Number(Value):
    """A number that is the same for all elements: NumPy computes with it, and the loop is given it when it is run."""

    __slots__ = ("number", "place", "recipe")

    def __init__(self, program: Rule, type: str, number: Any, recipe: Recipe) -> None:
        self.program, self.type, self.number, self.recipe = program, type, number, recipe
        self.place: str | None = None

    @property
    def name(self) -> str:  # type: ignore[override]
        """The operand that the loop has it in; there is one from the moment when it is asked for."""
        if self.place is None:
            self.place = f"%number{len(self.program.numbers)}"  # type: ignore[attr-defined]
            self.program.numbers.append(self.recipe)  # type: ignore[attr-defined]
        return self.place

    def _computed(self, operation: Callable, *operands: Any) -> Number:
        numbers = [x.number if isinstance(x, Number) else x for x in operands]
        recipe = (operation, *[x.recipe if isinstance(x, Number) else x for x in operands])
        return Number(self.program, self.type, operation(*numbers), recipe)  # type: ignore[arg-type]

    def _arithmetic(self, on_floats: str, on_integers: str, left: Any, right: Any) -> Value:
        if all(isinstance(x, Number) or not isinstance(x, Value) for x in (left, right)):
            return self._computed(ARITHMETIC[on_floats], left, right)
        return super()._arithmetic(on_floats, on_integers, left, right)

    def _compare(self, float_test: str, integer_test: str, other: Any) -> Any:
        if isinstance(other, Number) or not isinstance(other, Value):
            self.program.depends_on_numbers = True  # type: ignore[attr-defined]
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

    __slots__ = ("depends_on_numbers", "numbers")

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[Recipe] = []
        self.depends_on_numbers = False  # whether it asked how large one is, and may write something else in another step


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
    results = rule(Formulas, Number(program, type, t, "t"), Number(program, type, lr, "lr"), *elements)
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
            *_each_of_a_table(count + 1),
            "",
        ]
    )
    return program, text


def _each_of_a_table(arrays: int) -> list[str]:
    """The function `each`, which calls the kernel for every row of a table."""
    loads = []
    for k in range(arrays):
        loads += [f"  %entry{k} = getelementptr ptr, ptr %row, i64 {k}", f"  %begin{k} = load ptr, ptr %entry{k}"]
    given = ", ".join(f"ptr %begin{k}" for k in range(arrays))
    return [
        f"define i32 @{EACH}(ptr %table, i64 %rows, ptr %numbers) {{",
        "entry:",
        "  %some = icmp sgt i64 %rows, 0",
        "  br i1 %some, label %turn, label %done",
        "turn:",
        "  %r = phi i64 [0, %entry], [%next, %turn]",
        f"  %offset = mul i64 %r, {arrays + 1}",
        "  %row = getelementptr i64, ptr %table, i64 %offset",
        *loads,
        f"  %count_place = getelementptr i64, ptr %row, i64 {arrays}",
        "  %count = load i64, ptr %count_place",
        f"  %answer = call i32 @{ENTRY}({given}, ptr %numbers, i64 %count)",
        "  %next = add nuw nsw i64 %r, 1",
        "  %more = icmp slt i64 %next, %rows",
        "  br i1 %more, label %turn, label %done",
        "done:",
        "  ret i32 0",
        "}",
    ]


def _link(host: Machine, text: str) -> Kernel:
    each, job = host.link(text, EACH, JOB)
    return Kernel(_EACH(each), job)


_EACH = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p)
_kernels = Compiled(_link)


class Written(NamedTuple):
    """A rule as a loop."""

    kernel: Kernel | None
    numbers: list[Recipe]
    settled: bool
    """Whether the rule gives this loop in every step."""


_known: dict[Any, Written] = {}
KNOWN = 256


def _read(rule: Any, settings: Any, type: str, count: int, t: Any, lr: Any) -> Written:
    """The loop of a rule, remembered as long as the settings are the same."""
    key = (settings, rule.__func__, type, count)
    found = _known.get(key)
    if found is not None:
        return found
    try:
        program, text = _written(rule, type, count, t, lr)
    except (AttributeError, TypeError):  # it asks for what only arrays have
        found = Written(None, [], True)
    else:
        found = Written(_kernels[text], program.numbers, not program.depends_on_numbers)
        if found.kernel is None and machine() is None:
            return found  # not remembered: it may only be switched off
    if found.settled:
        if len(_known) >= KNOWN:
            _known.clear()
        _known[key] = found
    return found


class Pass:
    """The loop of a rule over the arrays of several variables, ready to be run: again and again, for other gradients.

    Whoever runs it holds the arrays.
    """

    __slots__ = ("_counts", "_kernel", "_large", "_numbers", "_recipes", "_step", "_table", "_where", "gradients", "settled")

    def __init__(
        self, kernel: Kernel, recipes: list[Recipe], settled: bool, dtype: np.dtype, steps: Sequence[Sequence[np.ndarray]]
    ) -> None:
        self._kernel, self._recipes, self.settled = kernel, recipes, settled
        self._numbers = np.zeros(max(1, len(self._recipes)), dtype)
        self._counts = any(map(_counts, self._recipes))
        self._step: Any = None  # what the numbers are of
        self._table, rows = array("q"), 0
        self._large: list[tuple[array, int]] = []
        self.gradients: list[tuple[array, int]] = []
        """For each variable where the address of its gradient stands."""
        for arrays in steps:
            size = arrays[0].size
            if size < 2 * SMALLEST_CHUNK:
                self.gradients.append((self._table, len(self._table)))
                self._table.extend([*map(address, arrays), size])
                rows += 1
            else:
                block = array("q", [*map(address, arrays), address(self._numbers)])
                self.gradients.append((block, 0))
                self._large.append((block, size))
        self._where = self._table.buffer_info()[0], rows, address(self._numbers)

    def run(self, t: Any, lr: Any) -> None:
        """Makes the step of number t at the learning rate lr."""
        step = (t, lr) if self._counts else lr
        if step != self._step:
            self._numbers[: len(self._recipes)] = [followed(recipe, t, lr) for recipe in self._recipes]
            self._step = step
        for block, size in self._large:
            run_job(self._kernel.job, block.buffer_info()[0], size, SMALLEST_CHUNK)
        self._kernel.each(*self._where)


def one_pass(rule: Any, settings: Any, t: Any, lr: Any, steps: Sequence[Sequence[np.ndarray]]) -> Pass | None:
    """A step of several variables, to be made where their arrays are; None: the rule, or one of the arrays, is not served.

    Args:
        rule: a method `rule(xp, t, lr, gradient, w, *state)` that gives the new (w, *state), elementwise.
        settings: an object that is another one whenever the rule may have changed, since it reads its owner's attributes.
        t: the number of the step, a NumPy scalar of the arrays' dtype.
        lr: the learning rate, likewise.
        steps: for each variable its gradient, its array and those of its state; nobody else holds the last ones. At least one.
    """
    dtype = t.dtype
    type = FLOATS.get(dtype)
    if type is None:
        return None
    for arrays in steps:
        shape = arrays[0].shape
        if len(arrays) != len(steps[0]):
            return None
        for x in arrays:
            if x.dtype != dtype or x.shape != shape or not x.flags.carray:
                return None
    written = _read(rule, settings, type, len(steps[0]) - 1, t, lr)
    return None if written.kernel is None else Pass(written.kernel, written.numbers, written.settled, dtype, steps)
