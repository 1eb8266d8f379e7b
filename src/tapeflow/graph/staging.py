"""What the operators of AutoGraph's converted code share: conditions, the values of variables, `and` and `or`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.symbolic import SymbolicTensor, fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.graph.agreement import leaves_of
from tapeflow.graph.control_flow import choose

__all__ = ["Getter", "Setter", "State", "conjunction", "is_symbolic", "logical", "packed", "restoring", "value_of"]

State = tuple
Getter = Callable[[], State]
Setter = Callable[[State], None]


def is_symbolic(value: Any) -> bool:
    """Whether a value is known only when the function runs."""
    return type(value) is SymbolicTensor


def value_of(value: Any) -> Any:
    """A condition: the value of a variable is known only when the function runs."""
    return value._read() if isinstance(value, Variable) and tracing() is not None else value


def packed(patterns: list, leaves: list) -> list:
    """Values of variables made of leaves; a pattern of None stands for a value that is one leaf, whatever it is."""
    following = iter(leaves)
    values = []
    for pattern in patterns:
        if pattern is None or not (nest.is_nested(pattern) or hasattr(type(pattern), "__nest_flatten__")):
            values.append(next(following))
        else:
            count = len(leaves_of(pattern))
            values.append(nest.pack_sequence_as(pattern, [next(following) for _ in range(count)], expand_composites=True))
    return values


def restoring(before: State, set_state: Setter, run: Callable[[], list]) -> list:
    """Runs a trace of branches or bodies; if it fails, the variables have the values of before."""
    try:
        return run()
    except BaseException:
        tracing().in_doubt = True  # an error in what might not have been run
        set_state(before)
        raise


def conjunction(a: Callable, b: Callable) -> Any:
    left = value_of(a())
    if not is_symbolic(left):
        return left and b()
    return logical(left, b, True)


def logical(left: Tensor, right: Callable, conjunction: bool) -> Any:
    """Python's `and` and `or` of bools, the right side running only if it must."""

    def evaluated() -> list:
        value = value_of(right())
        if isinstance(value, bool | np.bool_):
            value = Tensor(np.bool_(value))
        if not isinstance(value, Tensor) or value._value.dtype.kind != "b":
            fail("`and` or `or` of something else than bools")
        return [value]

    if left._value.dtype.kind != "b" or left._value.ndim:
        fail("`and` or `or` of something else than scalar bools")
    sides = (evaluated, lambda: [left]) if conjunction else (lambda: [left], evaluated)
    return choose(tracing(), left, sides)[0]
