"""NumPy's names over tensors: the array namespace that formulas are given inside a traced function."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.tensor import Tensor
from tapeflow.ops.casting import cast
from tapeflow.ops.exponential import log
from tapeflow.ops.logic import logical_and
from tapeflow.ops.magnitude import abs, sign
from tapeflow.ops.matrix_products import matmul
from tapeflow.ops.powers import sqrt
from tapeflow.ops.reduction import reduce_mean, reduce_sum
from tapeflow.ops.rounding import ceil, floor
from tapeflow.ops.selection import maximum, minimum, where
from tapeflow.ops.shaping import transpose
from tapeflow.ops.trigonometric import cos

__all__ = ["TENSORS"]


def _asarray(value: Any, dtype: Any) -> Tensor:
    return cast(convert(value, hint=dtype.numpy), dtype)


TENSORS = SimpleNamespace(
    abs=abs,
    asarray=_asarray,
    ceil=ceil,
    clip=lambda x, low, high: minimum(maximum(x, low), high),
    cos=cos,
    floor=floor,
    log=log,
    logical_and=logical_and,
    matmul=matmul,
    maximum=maximum,
    mean=lambda x, axis=None, keepdims=False: reduce_mean(x, axis, keepdims),
    minimum=minimum,
    sign=sign,
    sqrt=sqrt,
    sum=reduce_sum,
    transpose=transpose,
    where=where,
)
"""What `rule(xp, …)` of an optimizer and `rate(xp, …)` of a schedule may ask of `xp`."""
