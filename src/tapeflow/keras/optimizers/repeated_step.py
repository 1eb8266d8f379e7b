"""A step that is like the one before: of the same variables, with the arrays where they were and other gradients.

That is what a training loop is made of. Everything else is decided then, down to the addresses that the machine code is given,
and what is left to do is to see that it is so: each look costs more than it seems, for it comes after products of matrices that
have driven Python's own code out of the processor's caches.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any
from weakref import ref

from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import NOT_READ, SOLE_OWNER, Variable, alone
from tapeflow.graph.native.addresses import address
from tapeflow.graph.native.updates import Pass

__all__ = ["RepeatedStep"]


class RepeatedStep:
    """The step that was made, to be made again.

    Args:
        step: the machine code and its table, which holds the addresses of the arrays.
        jobs: what it was made of: (gradient, variable, slots), as arrays of one dtype that nobody else holds.
    """

    __slots__ = ("_dtype", "_expected", "_states", "_step")

    def __init__(self, step: Pass, jobs: Sequence[tuple[Any, Variable, Sequence[Variable]]]) -> None:
        self._step = step
        self._dtype = jobs[0][0].dtype
        self._expected = [
            (variable, gradient.shape, table, place)
            for (gradient, variable, _), (table, place) in zip(jobs, step.gradients, strict=True)
        ]
        # Weakly: a variable that is given another array frees the old one, and an array held here would not be its own.
        self._states = [(state, ref(state._value)) for _, variable, slots in jobs for state in (variable, *slots)]

    def __reduce__(self) -> Any:
        return type(None), ()  # a copy of the optimizer has other variables

    def make(self, pairs: Sequence[tuple[Any, Variable]], t: int, rate: Any) -> bool:
        """Makes the step if it is like the one before; if not, it does nothing and gives False.

        Args:
            pairs: gradients and their variables.
            t: the number of the step.
            rate: the learning rate.
        """
        expected, dtype = self._expected, self._dtype
        if len(pairs) != len(expected) or not alone():
            return False
        for (gradient, variable), (known, shape, table, place) in zip(pairs, expected, strict=True):
            if variable is not known or type(gradient) is not Tensor or variable._constraint is not None:
                return False
            value = gradient._value
            if value.dtype is not dtype or value.shape != shape or not value.flags.carray:
                return False
            table[place] = address(value)
        for state, known_array in self._states:
            state._cached = NOT_READ  # it holds the array, too
            array = state._value
            if array is not known_array() or sys.getrefcount(array) != SOLE_OWNER:
                return False
        number = dtype.type
        self._step.run(number(t), rate if type(rate) is number else number(rate))
        return True
