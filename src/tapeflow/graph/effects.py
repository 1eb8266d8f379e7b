"""Effects that give something, in a graph: random places, what Python functions give; checks; what no tape hears of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.recording import heard_by
from tapeflow.core.symbolic import Shapeless
from tapeflow.core.tensor import Tensor

__all__ = ["act_on_arrays", "again", "as_told", "unheard"]


def again(replay: Callable, made: tuple, several: bool, *tensors: Tensor) -> Any:
    """The same effect on other tensors: now, or in another function that is being traced.

    Args:
        replay: what does it.
        made: the symbols of its results; the shapes that these were told later hold again.
        several: whether it gives a tuple.
        tensors: what it is done to.
    """
    given = replay(*tensors)
    for symbol, y in zip(made, given if several else (given,), strict=True):
        if type(y._value) is Shapeless and type(symbol._value) is not Shapeless:
            y._value.settle(symbol._value.shape)
    return given


def act_on_arrays(act: Callable, made: tuple, several: bool, *arrays: Any) -> Any:
    """What a plan calls: the effect on arrays, with its results as arrays.

    Raises:
        InvalidArgumentError: a result has another shape than the trace was told.
    """
    given = act(*map(Tensor, arrays))
    values = [_checked(symbol, y._value) for symbol, y in zip(made, (given or ()) if several else (given,), strict=True)]
    return tuple(values) if several else values[0]


def as_told(compute: Callable, symbol: Tensor, *arrays: Any, **attributes: Any) -> Any:
    """What the kernel gives, if it has the shape that the trace was told.

    Raises:
        InvalidArgumentError: it has another one.
    """
    return _checked(symbol, compute(*arrays, **attributes))


def _checked(symbol: Tensor, value: Any) -> Any:
    expected = symbol._value
    if type(expected) is not Shapeless and expected.shape != value.shape:
        raise InvalidArgumentError(
            None,
            None,
            f"Shape of tensor {list(value.shape)} is not compatible with expected shape {list(expected.shape)}.",
        )
    return value


def unheard(replay: Callable, *tensors: Tensor) -> Any:
    """replay(*tensors), while nobody listens."""
    with heard_by(()):
        return replay(*tensors)
