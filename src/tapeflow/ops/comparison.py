"""Comparisons and tests of values. All give bool, so none has a derivative."""

from __future__ import annotations

import operator

import numpy as np

from tapeflow.core.convert import TensorLike
from tapeflow.core.elementwise import binary, unary
from tapeflow.core.tensor import Tensor

__all__ = [
    "equal",
    "greater",
    "greater_equal",
    "is_finite",
    "is_inf",
    "is_nan",
    "is_non_decreasing",
    "is_strictly_increasing",
    "less",
    "less_equal",
    "not_equal",
]

# -- comparisons -------------------------------------------------------------------------------------


@binary("Equal", operator.eq, accepts="biufcS")
def equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether x = y, elementwise.

    >>> import tapeflow as tf
    >>> tf.equal([1, 2], [1, 3]).numpy()
    array([ True, False])
    """


@binary("NotEqual", operator.ne, accepts="biufcS")
def not_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether x ≠ y, elementwise.

    >>> import tapeflow as tf
    >>> tf.not_equal([1, 2], [1, 3]).numpy()
    array([False,  True])
    """


@binary("Less", operator.lt, accepts="iuf")
def less(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether x < y, elementwise.

    >>> import tapeflow as tf
    >>> tf.less([1, 2, 3], 2).numpy()
    array([ True, False, False])
    """


@binary("LessEqual", operator.le, accepts="iuf")
def less_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether x ≤ y, elementwise.

    >>> import tapeflow as tf
    >>> tf.less_equal([1, 2, 3], 2).numpy()
    array([ True,  True, False])
    """


@binary("Greater", operator.gt, accepts="iuf")
def greater(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether x > y, elementwise.

    >>> import tapeflow as tf
    >>> tf.greater([1, 2, 3], 2).numpy()
    array([False, False,  True])
    """


@binary("GreaterEqual", operator.ge, accepts="iuf")
def greater_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Whether x ≥ y, elementwise.

    >>> import tapeflow as tf
    >>> tf.greater_equal([1, 2, 3], 2).numpy()
    array([False,  True,  True])
    """


# -- what kind of number it is -------------------------------------------------------------------------


@unary("IsNan", np.isnan, accepts="f")
def is_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether x is not a number, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.is_nan([1.0, float("nan"), float("inf")]).numpy()
    array([False,  True, False])
    """


@unary("IsInf", np.isinf, accepts="f")
def is_inf(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether x is infinite, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.is_inf([1.0, float("nan"), float("-inf")]).numpy()
    array([False, False,  True])
    """


@unary("IsFinite", np.isfinite, accepts="f")
def is_finite(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether x is neither infinite nor NaN, elementwise.

    >>> import tapeflow as tf
    >>> tf.math.is_finite([1.0, float("nan"), float("inf")]).numpy()
    array([ True, False, False])
    """


# -- order ---------------------------------------------------------------------------------------------


def _steps(compare):  # type: ignore[no-untyped-def]
    def kernel(x):  # type: ignore[no-untyped-def]
        flat = x.reshape(-1)
        return np.bool_(compare(flat[1:], flat[:-1]).all())

    return kernel


@unary("IsNonDecreasing", _steps(operator.ge), accepts="iuf")
def is_non_decreasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether no element, in row-major order, is less than the one before it: one bool.

    >>> import tapeflow as tf
    >>> tf.math.is_non_decreasing([1, 1, 2]).numpy()
    np.True_
    """


@unary("IsStrictlyIncreasing", _steps(operator.gt), accepts="iuf")
def is_strictly_increasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether each element, in row-major order, is greater than the one before it: one bool.

    >>> import tapeflow as tf
    >>> tf.math.is_strictly_increasing([1, 1, 2]).numpy()
    np.False_
    """
