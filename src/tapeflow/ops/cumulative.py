"""Running sums, products and log-sum-exps along an axis, from either end, with or without the element itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype, conj
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, integers, invalid
from tapeflow.ops.arithmetic import multiply, negative
from tapeflow.ops.shape_arguments import are_known_later

__all__ = ["cumprod", "cumsum", "cumulative_logsumexp"]

FLOAT32 = np.dtype("float32")


def _scan(ufunc: np.ufunc, start: float, x: np.ndarray, axis: int, exclusive: bool, reverse: bool) -> np.ndarray:
    """Accumulates along an axis; in float32 where elements have 16 bits."""
    dtype = x.dtype
    wide = FLOAT32 if dtype.itemsize == 2 and dtype.kind in "fV" else dtype
    if reverse:
        x = np.flip(x, axis)
    out = ufunc.accumulate(x.astype(wide, copy=False), axis).astype(wide, copy=False)
    if exclusive:
        shifted = np.full_like(out, start)
        inner = [slice(None)] * out.ndim
        inner[axis] = slice(1, None)
        rest = [slice(None)] * out.ndim
        rest[axis] = slice(None, -1)
        shifted[tuple(inner)] = out[tuple(rest)]
        out = shifted
    if reverse:
        out = np.flip(out, axis)
    return out.astype(dtype, copy=False)


def _no_such_axis(axis: Any, ndim: int) -> str:
    return f"ScanOp: Expected scan axis in the range [{-ndim}, {ndim}), but got {axis}"


def _checked(x: Tensor, axis: Any, primitive: Primitive, accepts: str) -> Any:
    check_dtype(primitive, x, accepts)
    ndim = x._value.ndim
    if type(axis) is SymbolicTensor and are_known_later(axis) and not axis._value.ndim:
        from tapeflow.ops.axes_known_later import axis_among

        return axis_among(axis, ndim, _no_such_axis("{axis}", ndim))
    value = convert(axis)._value
    if value.ndim:
        raise invalid(primitive.name, f"ScanOp: axis must be a scalar, not {brackets(value)}")
    (number,) = integers(value, "axis", primitive.name)
    if not -ndim <= number < ndim:
        raise invalid(primitive.name, _no_such_axis(number, ndim))
    return number % ndim


# -- sums -----------------------------------------------------------------------------------------------


def _cumsum(x, *, axis, exclusive, reverse):
    return _scan(np.add, 0, x, axis, exclusive, reverse)


CUMSUM = Primitive(
    "Cumsum",
    _cumsum,
    (lambda dy, axis, exclusive, reverse: apply(CUMSUM, dy, axis=axis, exclusive=exclusive, reverse=not reverse),),
    linear=True,
)


def cumsum(x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The sums of the elements up to each one along an axis.

    Args:
        x: numbers, of any shape but a scalar's.
        axis: the axis.
        exclusive: whether an element's own value is left out of its sum; the first sum is then 0.
        reverse: whether to sum from the end.
        name: unused.

    Raises:
        InvalidArgumentError: the axis is out of range, or `x` does not hold numbers.

    >>> import tapeflow as tf
    >>> tf.cumsum([1, 2, 3]).numpy()
    array([1, 3, 6], dtype=int32)
    >>> tf.cumsum([1, 2, 3], exclusive=True, reverse=True).numpy()
    array([5, 3, 0], dtype=int32)
    """
    x = convert(x)
    axis = _checked(x, axis, CUMSUM, "iufc")
    return apply(CUMSUM, x, axis=axis, exclusive=bool(exclusive), reverse=bool(reverse))


# -- products -------------------------------------------------------------------------------------------


def _cumprod(x, *, axis, exclusive, reverse):
    return _scan(np.multiply, 1, x, axis, exclusive, reverse)


def _recurrence(u, c, *, axis, reverse, back):
    """s_j = u_j + c_j·s_{j-1} along an axis; `back` is its transpose, t_j = u_j + c_{j+1}·t_{j+1}.

    `reverse` turns the axis around first.
    """
    dtype = u.dtype
    wide = FLOAT32 if dtype.itemsize == 2 else dtype
    u, c = (np.moveaxis(np.flip(v, axis) if reverse else v, axis, 0).astype(wide, copy=False) for v in (u, c))
    s = _recurrence_by_products(u, c, back)
    if s is None:
        s = np.array(u)
        if back:
            for j in range(len(s) - 2, -1, -1):
                s[j] += c[j + 1] * s[j + 1]
        else:
            for j in range(1, len(s)):
                s[j] += c[j] * s[j - 1]
    s = np.moveaxis(s, 0, axis).astype(dtype, copy=False)
    return np.flip(s, axis) if reverse else s


def _recurrence_by_products(u: np.ndarray, c: np.ndarray, back: bool) -> np.ndarray | None:
    """The same by two accumulations, many times faster than the loop; None where zeros or very small products forbid it."""
    if len(u) < 16:
        return None
    products = np.concatenate([np.ones_like(c[:1]), c[1:]])
    np.multiply.accumulate(products, 0, out=products)
    small = np.finfo(products.dtype).tiny / np.finfo(products.dtype).eps
    if not (np.abs(products) > small).all():
        return None
    if back:
        s = np.flip(np.add.accumulate(np.flip(u * products, 0), 0), 0) / products
    else:
        s = np.add.accumulate(u / products, 0) * products
    return s if np.isfinite(s).all() else None


def _shift(x, *, axis, by):
    """x moved by one place along an axis, up (by=1) or down (by=-1), with 0 in the place left free."""
    out = np.zeros_like(x)
    ahead, behind = [slice(None)] * x.ndim, [slice(None)] * x.ndim
    ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
    to, from_ = (ahead, behind) if by > 0 else (behind, ahead)
    out[tuple(to)] = x[tuple(from_)]
    return out


def _pull_recurrence(dy: Tensor, c: Tensor, out: Tensor, axis: int, reverse: bool, back: bool) -> tuple[Tensor, Tensor]:
    du = apply(RECURRENCE, dy, conj(c), axis=axis, reverse=reverse, back=not back)
    by = -1 if reverse else 1
    if back:
        return du, multiply(apply(SHIFT, du, axis=axis, by=by), conj(out))
    return du, multiply(du, conj(apply(SHIFT, out, axis=axis, by=by)))


SHIFT = Primitive("Shift", _shift, (lambda dy, axis, by: apply(SHIFT, dy, axis=axis, by=-by),), linear=True)
RECURRENCE = Primitive("LinearRecurrence", _recurrence, pullback=_pull_recurrence)


def _pull_cumprod(dy: Tensor, x: Tensor, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    # dx_j is the product before j times Σ_i dy_i·(the product between j and i). The sum is a recurrence, in which nothing is
    # divided, so that zeros do no harm in a derivative of any order.
    before = apply(CUMPROD, x, axis=axis, exclusive=True, reverse=reverse)
    if exclusive:
        dy = apply(SHIFT, dy, axis=axis, by=1 if reverse else -1)
    return multiply(conj(before), apply(RECURRENCE, dy, conj(x), axis=axis, reverse=reverse, back=True))


CUMPROD = Primitive("Cumprod", _cumprod, (_pull_cumprod,))


def cumprod(x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Tensor:
    """The products of the elements up to each one along an axis. Its derivatives are right where elements are 0.

    Args:
        x: numbers, of any shape but a scalar's.
        axis: the axis.
        exclusive: whether an element's own value is left out of its product; the first product is then 1.
        reverse: whether to multiply from the end.
        name: unused.

    Raises:
        InvalidArgumentError: the axis is out of range, or `x` does not hold numbers.

    >>> import tapeflow as tf
    >>> tf.math.cumprod([1, 2, 3]).numpy()
    array([1, 2, 6], dtype=int32)
    >>> tf.math.cumprod([2, 3, 4], exclusive=True).numpy()
    array([1, 2, 6], dtype=int32)
    """
    x = convert(x)
    axis = _checked(x, axis, CUMPROD, "iufc")
    return apply(CUMPROD, x, axis=axis, exclusive=bool(exclusive), reverse=bool(reverse))


# -- logarithms of sums -----------------------------------------------------------------------------------


def _cumulative_logsumexp(x, *, axis, exclusive, reverse):
    return _scan(np.logaddexp, -np.inf, x, axis, exclusive, reverse)


def _weighted(u, a, b, *, axis, exclusive, reverse):
    """Σ_i u_i·exp(a_j - b_i), i running from the start to j, or from the end to j."""
    dtype = u.dtype
    wide = FLOAT32 if dtype.itemsize == 2 else dtype
    u, a, b = (v.astype(wide, copy=False) for v in (u, a, b))
    parts = [
        np.exp(a + _scan(np.logaddexp, -np.inf, np.log(np.maximum(sign * u, 0)) - b, axis, exclusive, reverse))
        for sign in (1, -1)
    ]
    return (parts[0] - parts[1]).astype(dtype, copy=False)


def _against(dy: Tensor, a: Tensor, b: Tensor, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    return apply(WEIGHTED, dy, negative(b), negative(a), axis=axis, exclusive=exclusive, reverse=not reverse)


# With y = cumulative_logsumexp(x) the derivative dy_i/dx_j is exp(x_j - y_i). Summed in logarithms, positive and negative
# terms apart, nothing overflows; and the sum is closed under differentiation.
WEIGHTED = Primitive(
    "CumulativeWeightedExp",
    _weighted,
    (
        _against,
        lambda dy, out: multiply(dy, out),
        lambda dy, u, a, b, axis, exclusive, reverse: negative(multiply(u, _against(dy, a, b, axis, exclusive, reverse))),
    ),
)

CUMULATIVE_LOGSUMEXP = Primitive(
    "CumulativeLogsumexp",
    _cumulative_logsumexp,
    (
        lambda dy, x, out, axis, exclusive, reverse: apply(
            WEIGHTED, dy, x, out, axis=axis, exclusive=exclusive, reverse=not reverse
        ),
    ),
)


def cumulative_logsumexp(
    x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """log Σ exp(x) over the elements up to each one along an axis, without overflow.

    Args:
        x: real numbers, of any shape but a scalar's.
        axis: the axis.
        exclusive: whether an element's own value is left out; the first result is then -inf.
        reverse: whether to start from the end.
        name: unused.

    Raises:
        InvalidArgumentError: the axis is out of range, or `x` is not floating.

    >>> import tapeflow as tf
    >>> tf.math.cumulative_logsumexp([0.0, 0.0, 0.0, 0.0]).numpy()
    array([0.       , 0.6931472, 1.0986123, 1.3862944], dtype=float32)
    """
    x = convert(x)
    axis = _checked(x, axis, CUMULATIVE_LOGSUMEXP, "f")
    return apply(CUMULATIVE_LOGSUMEXP, x, axis=axis, exclusive=bool(exclusive), reverse=bool(reverse))
