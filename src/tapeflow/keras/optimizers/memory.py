"""How an update reaches memory: in place where nobody else can see the array, and a cache-sized block at a time.

A rule of a few elementwise operations over a large array goes through memory once for each of them. Block by block, its
temporaries stay in the processor's cache, so that only the variable, its state and the gradient travel: a rule can be
written as the paper's formula and still take less time than the same steps by hand with `out=`. Where there is LLVM, the
formula becomes machine code that goes through memory once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tapeflow.core.large_arrays import machine_code
from tapeflow.core.quiet import run, run_in_copy
from tapeflow.core.symbolic import ACTIVE, untraceable
from tapeflow.core.variable import NOT_READ, SOLE_OWNER, Variable, alone

__all__ = ["advance", "one_pass", "owned", "silently", "store"]

BLOCK = 1 << 17  # elements: smaller blocks cost more calls, larger ones more trips to memory
LARGE = 4 * BLOCK  # from this size on a rule is run by blocks
NATIVE = 1 << 15  # from this size on machine code is worth the call


def silently(function: Callable, *arguments: Any) -> Any:
    """function(*arguments), without NumPy's floating-point warnings; it calls no operation of ours."""
    try:
        return run(function, *arguments)
    except RuntimeError:  # another thread is there: nothing was run yet
        return run_in_copy(function, *arguments)


def owned(variable: Variable) -> Any:
    """The variable's value, which the caller may now change in place: a copy if anyone else holds the array."""
    if ACTIVE:
        untraceable("a change of an optimizer's state")
    variable._cached = NOT_READ
    value = variable._value
    if type(value) is np.ndarray and not (sys.getrefcount(value) == SOLE_OWNER and value.flags.owndata and alone()):
        return value.copy()
    return value


def store(variable: Variable, value: Any) -> None:
    """Makes `value`, known to have the right shape, the variable's."""
    if ACTIVE:
        untraceable("a change of an optimizer's state")
    dtype = variable._value.dtype
    variable._value = value if value.dtype is dtype else value.astype(dtype)
    variable._cached = NOT_READ


def advance(rule: Callable[..., tuple], gradient: Any, variables: Sequence[Variable], elementwise: bool) -> None:
    """Runs `rule(gradient, *values)`, which gives the new values of `variables`.

    Args:
        rule: changes its arguments in place by `+=` and the like, or returns new arrays: both are right.
        gradient: an array or NumPy scalar of the shape of the first variable, left as it is; None if the rule takes none.
        variables: the trained variable and then its state.
        elementwise: whether the rule may be applied to parts of the arrays.

    Call it inside `silently`.
    """
    if variables[0]._value.dtype.kind == "V":  # NumPy does not mix bfloat16 with Python's numbers: compute in float32
        wide = [variable._value.astype(np.float32) for variable in variables]
        given = () if gradient is None else (gradient.astype(np.float32),)
        for variable, value in zip(variables, rule(*given, *wide), strict=True):
            store(variable, value)
        return
    values = [owned(variable) for variable in variables]
    given = () if gradient is None else (gradient,)
    first = values[0]
    if elementwise and type(first) is np.ndarray and first.size >= NATIVE and _in_one_pass(rule, gradient, values):
        for variable, value in zip(variables, values, strict=True):
            variable._value = value
        return
    if elementwise and type(first) is np.ndarray and first.size >= LARGE:
        whole = (*given, *values)
        if all(x.shape == first.shape and x.flags.c_contiguous for x in whole):
            _by_blocks(rule, [x.reshape(-1) for x in whole], len(given))
            for variable, value in zip(variables, values, strict=True):
                variable._value = value
            return
    for variable, value in zip(variables, rule(*given, *values), strict=True):
        variable._value = value


def one_pass(rule: Any, t: Any, lr: Any, steps: Sequence[Sequence[Any]]) -> Any:
    """A step of several variables by machine code, to be run (`native.updates.Pass`); None: it does not serve them.

    Args:
        rule: the method of an optimizer.
        t, lr: the number of the step and the learning rate, in the dtype of the arrays.
        steps: for each variable its gradient, its array and those of its state, which are changed in place.
    """
    return machine_code("updates", "one_pass")(rule, rule.__self__._settings, t, lr, steps)


def _in_one_pass(rule: Any, gradient: Any, values: list) -> bool:
    """Makes the step by machine code, if that serves the rule and the arrays."""
    if gradient is None or type(rule) is not partial or len(rule.args) != 3:
        return False
    _, t, lr = rule.args
    step = one_pass(rule.func, t, lr, [(gradient, *values)])
    if step is None:
        return False
    step.run(t, lr)
    return True


def _by_blocks(rule: Callable[..., tuple], flat: list[np.ndarray], given: int) -> None:
    for start in range(0, flat[0].size, BLOCK):
        parts = [x[start : start + BLOCK] for x in flat]
        for part, new in zip(parts[given:], rule(*parts), strict=True):
            if new is not part:
                part[...] = new
