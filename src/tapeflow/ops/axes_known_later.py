"""Axes that depend on values: inside a function an operation is traced for every axis that there is, and the choice is made later.

Along which axis an operation works decides shapes, derivatives and machine code, so a kernel that is told the axis when it runs
would gain nothing. And there are few of them: a tensor of rank 4 has 6 pairs of axes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, combinations, permutations
from math import comb, factorial, perm
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.dimension import Dim
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import Cases, fail

__all__ = ["along", "among", "axes_among", "axis_among", "number_among", "of_cases", "order_of_axes"]

INT32 = np.dtype("int32")
MOST_CASES = 128  # a choice of one among so many is made: the orders of 5 axes


def _number_of_case(given, *, axes, cases, ordered, outside, otherwise, dtype):
    """Which of the cases integers are, counted from the front; the messages say what is wrong with integers that are none."""
    numbers = np.asarray(given).reshape(-1).tolist()
    for number in numbers:
        if not -axes <= number < axes:
            raise InvalidArgumentError(None, None, outside.format(axis=number))
    case = [number % axes for number in numbers]
    found = tuple(case if ordered else sorted(case))
    if found not in cases:
        told = {"axis": case[0], "case": ",".join(map(str, numbers))}
        told["twice"] = next((a for a in case if case.count(a) > 1), case[0])
        told["missing"] = next((a for a in range(axes) if a not in case), case[0])
        raise InvalidArgumentError(None, None, otherwise.format(**told))
    return dtype.type(cases.index(found))


CASE = Primitive("CaseOf", _number_of_case, shape=lambda given, **_: ())


def _number_of(number, *, cases, otherwise, dtype):
    found = int(np.asarray(number).reshape(()))
    if found not in cases:
        raise InvalidArgumentError(None, None, otherwise.format(axis=found))
    return dtype.type(cases.index(found))


NUMBER = Primitive("NumberOf", _number_of, shape=lambda number, **_: ())


def _cases(given: Any, axes: int, cases: tuple, ordered: bool, outside: str, otherwise: str) -> Cases:
    index = apply(
        CASE, convert(given), axes=axes, cases=cases, ordered=ordered, outside=outside, otherwise=otherwise, dtype=INT32
    )
    return Cases(index, cases)


def axis_among(
    axis: Any, ndim: int, outside: str, admits: Callable[[int], bool] | None = None, otherwise: str = ""
) -> Cases:
    """The axes that `axis` may be, a tensor of one integer known only when the function runs.

    Args:
        axis: the tensor; negative integers count from the last axis.
        ndim: how many axes there are.
        outside: what to say of an `{axis}` that there is not.
        admits: whether the operation is possible along an axis.
        otherwise: what to say of an `{axis}` along which it is not.
    """
    cases = tuple([(a,) for a in range(ndim) if admits is None or admits(a)])
    if not cases:
        fail("along none of the axes that a tensor may name the operation is possible")
    found = _cases(axis, ndim, cases, True, outside, otherwise)
    return Cases(found.index, tuple([a for (a,) in cases]))


def number_among(number: Any, cases: Sequence[int], otherwise: str) -> Cases:
    """The integers that `number` may be, a tensor of one that is known only when the function runs.

    Args:
        number: the tensor.
        cases: all that are possible.
        otherwise: what to say of any other `{axis}`.
    """
    if not 0 < len(cases) <= MOST_CASES:
        fail("a number depends on values, and it may be none, or any of many")
    index = apply(NUMBER, convert(number), cases=tuple(cases), otherwise=otherwise, dtype=INT32)
    return Cases(index, tuple(cases))


def axes_among(axis: Any, ndim: int, outside: str, twice: str, ordered: bool = False) -> Cases:
    """The sets of axes that `axis` may be, a scalar or vector of integers known only when the function runs.

    Args:
        axis: the tensor; negative integers count from the last axis.
        ndim: how many axes there are.
        outside: what to say of an `{axis}` that there is not.
        twice: what to say of an axis that is given `{twice}`.
        ordered: whether it matters in which order the axes are given.
    """
    given = convert(axis)
    shape = given._value.shape
    count = shape[0] if shape else 1
    counts = range(ndim + 1) if type(count) is Dim else (count,)
    if sum([(perm if ordered else comb)(ndim, k) for k in counts]) > MOST_CASES:
        fail("axes that depend on values, of a tensor with many axes")
    taken = permutations if ordered else combinations
    sets = tuple(chain.from_iterable([taken(range(ndim), k) for k in counts]))
    return _cases(given, ndim, sets, ordered, outside, twice)


def order_of_axes(order: Any, ndim: int) -> Cases:
    """The orders of all axes that `order` may be, a vector of integers known only when the function runs."""
    if factorial(ndim) > MOST_CASES:
        fail("a transposition of many axes, in an order that depends on values")
    outside = f"{{axis}} is out of range [0 .. {ndim}) [Op:Transpose]"
    missing = "{missing} is missing from {{{case}}}. [Op:Transpose]"
    return _cases(order, ndim, tuple(permutations(range(ndim))), True, outside, missing)


def among(cases: Cases, function: Callable[[Any], Any]) -> Any:
    """`function` of the case that it is: traced for each, as many choices deep as the number of cases has binary digits."""
    from tapeflow.ops.control_flow import halved

    branches = [lambda case=case: function(case) for case in cases.values]
    # Where there is a single case the choice is between that and itself: whether the number is right is seen by choosing.
    return halved(cases.index, branches if len(branches) > 1 else branches * 2)


def of_cases(primitive: Primitive, inputs: tuple, attributes: dict) -> Any:
    """An operation with an attribute that depends on values: a choice among its applications with all that this may be."""
    name, cases = next((name, value) for name, value in attributes.items() if type(value) is Cases)
    return among(cases, lambda value: apply(primitive, *inputs, **{**attributes, name: value}))


def along(
    axis: Any,
    ndim: int,
    outside: str,
    function: Callable[[int], Any],
    admits: Callable[[int], bool] | None = None,
    otherwise: str = "",
) -> Any:
    """`function` of the axis that `axis` names, a tensor of one integer known only when the function runs (see `axis_among`)."""
    return among(axis_among(axis, ndim, outside, admits, otherwise), function)
