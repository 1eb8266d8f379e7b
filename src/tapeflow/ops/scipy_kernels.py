"""Kernels that SciPy has: its special functions, loaded when the first of them runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.elementwise import in_single

__all__ = ["special"]


def special(name: str, defined: Callable | None = None) -> Callable:
    """The kernel that is `scipy.special.<name>`; NaN where `defined`, a function of the same arrays, does not hold."""

    def kernel(*arrays: Any) -> Any:
        import scipy.special

        value = getattr(scipy.special, name)(*arrays)
        if defined is not None:
            value = np.where(defined(*arrays), value, value.dtype.type(np.nan))[()]
        return value

    return in_single(kernel)
