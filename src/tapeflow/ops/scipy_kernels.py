"""Kernels that SciPy has: its special functions, loaded when the first of them runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["in_single", "special"]


def in_single(kernel: Callable) -> Callable:
    """A kernel that computes half precision in single precision, where `kernel` has no loop of its own for it."""

    def call(*arrays: Any) -> Any:
        dtype = arrays[0].dtype
        if dtype.itemsize == 2:
            return kernel(*[x.astype(np.float32) for x in arrays]).astype(dtype)
        return kernel(*arrays)

    return call


def special(name: str, defined: Callable | None = None) -> Callable:
    """The kernel that is `scipy.special.<name>`; NaN where `defined`, a function of the same arrays, does not hold."""

    def kernel(*arrays: Any) -> Any:
        import scipy.special

        value = getattr(scipy.special, name)(*arrays)
        if defined is not None:
            value = np.where(defined(*arrays), value, value.dtype.type(np.nan))[()]
        return value

    return in_single(kernel)
