"""Losses that are not cross-entropies, and the averaging of losses."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype, kind
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid
from tapeflow.ops.arithmetic import add, multiply, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.comparison import greater_equal, less_equal
from tapeflow.ops.division import divide_no_nan, realdiv
from tapeflow.ops.exponential import exp, log
from tapeflow.ops.logic import logical_and
from tapeflow.ops.reduction import reduce_sum
from tapeflow.ops.selection import where
from tapeflow.ops.shape_arguments import sizes_as_tensor

__all__ = ["compute_average_loss", "l2_loss", "log_poisson_loss"]

FLOAT32 = np.dtype("float32")


def _l2_loss(t):
    dtype = t.dtype
    flat = t.reshape(-1)
    if dtype.itemsize == 2:
        flat = flat.astype(FLOAT32)
    return (flat.dot(flat) / 2).astype(dtype)


# A primitive for speed: one product by BLAS, and nothing kept but t.
L2_LOSS = Primitive("L2Loss", _l2_loss, (lambda dy, t: multiply(dy, t),))


def l2_loss(t: TensorLike, name: str | None = None) -> Tensor:
    """Half the sum of squares: Σ t² / 2.

    Args:
        t: floating-point numbers, of any shape.
        name: unused.

    Returns:
        A scalar of the dtype of `t`.

    Raises:
        InvalidArgumentError: the input does not hold floating-point numbers.

    >>> import tapeflow as tf
    >>> tf.nn.l2_loss([3.0, 4.0]).numpy()
    np.float32(12.5)
    """
    x = convert(t)
    check_dtype(L2_LOSS, x, "f")
    return apply(L2_LOSS, x)


def log_poisson_loss(
    targets: TensorLike, log_input: TensorLike, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    """The negative log-likelihood of counts under a Poisson distribution whose logarithmic mean is given, elementwise.

    exp(c) - c·t, for targets t and c = `log_input`. The term log(t!), which does not depend on c, is left out, or
    approximated by Stirling's formula, t·log(t) - t + log(2πt)/2 where t > 1.

    Args:
        targets: the counts, of the shape and dtype of `log_input`.
        log_input: floating-point numbers, of any shape.
        compute_full_loss: whether to add Stirling's approximation.
        name: unused.

    Raises:
        ValueError: the shapes differ.
        InvalidArgumentError: the dtypes differ, or are not floating.

    >>> import tapeflow as tf
    >>> tf.nn.log_poisson_loss(targets=[1.0, 2.0], log_input=[0.0, 0.0]).numpy()
    array([1., 1.], dtype=float32)
    """
    c, t = convert(log_input), convert(targets)
    if c._value.shape != t._value.shape:
        raise ValueError(
            f"`log_input` and `targets` must have the same shape, received ({c._value.shape} vs {t._value.shape})."
        )
    loss = subtract(exp(c), multiply(c, t))
    if not compute_full_loss:
        return loss
    small = logical_and(greater_equal(t, 0), less_equal(t, 1))
    safe = where(small, 1, t)  # so that the branch not taken has a finite derivative
    stirling = add(subtract(multiply(safe, log(safe)), safe), multiply(log(multiply(safe, 2 * math.pi)), 0.5))
    return add(loss, where(small, 0, stirling))


def compute_average_loss(
    per_example_loss: TensorLike, sample_weight: TensorLike | None = None, global_batch_size: Any = None
) -> Tensor:
    """The sum of the losses of examples, weighted if wished, over the number of examples.

    Args:
        per_example_loss: numbers, of shape [batch, ...]; integers are converted to float64.
        sample_weight: a weight for each example, which broadcasts with the losses.
        global_batch_size: what to divide by; the size of the first axis by default.

    Raises:
        ValueError: the losses are a scalar, or the batch size is none.
        TypeError: the batch size is no integer.
        InvalidArgumentError: the batch size is negative.

    >>> import tapeflow as tf
    >>> tf.nn.compute_average_loss([1.0, 2.0, 6.0]).numpy()
    np.float32(3.0)
    """
    losses = convert(per_example_loss)
    if kind(losses._value.dtype) != "f":
        losses = cast(losses, np.float64)
    dtype = losses._value.dtype
    if sample_weight is not None:
        losses = multiply(losses, cast(convert(sample_weight, hint=dtype), dtype))
    if not losses._value.ndim:
        raise ValueError(
            "Invalid value passed for `per_example_loss`. Expected a tensor with at least rank 1. Received "
            f"per_example_loss={per_example_loss} with rank 0"
        )
    if global_batch_size is None:
        size = sizes_as_tensor(losses._value.shape[0], np.dtype("int32"))
    else:
        size = convert(global_batch_size)
    if size._value.dtype.kind not in "iu":
        raise TypeError(f"global_batch_size must be an integer, got dtype {size.dtype.name}")
    if size._value.ndim:
        raise ValueError(f"global_batch_size must be a scalar, got shape {size.shape}")
    if type(size) is SymbolicTensor:
        return divide_no_nan(*convert_operands(reduce_sum(losses), cast(size, dtype)))
    if size._value < 0:
        raise invalid("AverageLoss", f"global_batch_size must be non-negative, got {size._value}")
    total, count = convert_operands(reduce_sum(losses), cast(size, dtype))
    return realdiv(total, count) if size._value else where(True, 0, total)
