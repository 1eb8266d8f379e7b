"""Random numbers of further distributions that are a function of a seed of two integers.

The seed determines them, but they are not TensorFlow's numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import broadcast_to_shape
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import kind
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid
from tapeflow.ops.casting import cast
from tapeflow.ops.division import realdiv
from tapeflow.ops.random import FLOATS, INTS, checked_dtype, gamma_numbers, normal_dtype, sizes_of
from tapeflow.ops.sampling import BINOMIAL, GAMMA, NORMAL_BETWEEN, POISSON
from tapeflow.ops.seeds import place_of_seed
from tapeflow.ops.shape_arguments import ShapeLike

__all__ = [
    "stateless_binomial",
    "stateless_gamma",
    "stateless_parameterized_truncated_normal",
    "stateless_poisson",
]

FLOAT32 = np.dtype("float32")


def _check_end(sizes: tuple[int, ...], shapes: list[tuple[int, ...]], operation: str) -> None:
    try:
        end = np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise invalid(operation, str(error)) from None
    if sizes[len(sizes) - len(end) :] != end or len(end) > len(sizes):
        raise invalid(
            operation,
            f"Shape passed in must end with broadcasted shape. Got {list(sizes)} for parameters of shape {list(end)}",
        )


def stateless_parameterized_truncated_normal(
    shape: ShapeLike,
    seed: TensorLike,
    means: TensorLike = 0.0,
    stddevs: TensorLike = 1.0,
    minvals: TensorLike = -2.0,
    maxvals: TensorLike = 2.0,
    name: str | None = None,
) -> Tensor:
    """Normal numbers between bounds.

    They are a function of the seed, but not TensorFlow's numbers.

    Args:
        shape: the shape of the result, which ends with what the parameters broadcast to.
        seed: two integers.
        means, stddevs: of the distribution before truncation.
        minvals, maxvals: the bounds.
        name: unused.

    Raises:
        InvalidArgumentError: a bad shape or seed, bounds that leave nothing between them, or deviations that are not positive.

    >>> import tapeflow as tf
    >>> x = tf.random.stateless_parameterized_truncated_normal([100], seed=[1, 2], minvals=5.0, maxvals=6.0)
    >>> bool(tf.reduce_all((5.0 <= x) & (x <= 6.0)))
    True
    """
    given = [convert(value, hint=FLOAT32) for value in (means, stddevs, minvals, maxvals)]
    dtype = next((t._value.dtype for t in given if t._value.dtype != FLOAT32), FLOAT32)
    given = [convert(value, dtypes.from_numpy(dtype)) for value in (means, stddevs, minvals, maxvals)]
    sizes = sizes_of(shape, NORMAL_BETWEEN.name)
    _check_end(sizes, [t._value.shape for t in given], NORMAL_BETWEEN.name)
    return apply(NORMAL_BETWEEN, *[broadcast_to_shape(t, sizes) for t in given], place_of_seed(seed))


def stateless_gamma(
    shape: ShapeLike,
    seed: TensorLike,
    alpha: TensorLike,
    beta: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """Gamma numbers of shape `alpha` and rate `beta`.

    They are a function of the seed, but not TensorFlow's numbers. The result is differentiable by both.

    Args:
        shape: the shape of the result, which ends with what alpha and beta broadcast to.
        seed: two integers.
        alpha: the shape parameter.
        beta: the rate; 1 by default.
        dtype: float16, float32 or float64.
        name: unused.

    Raises:
        TypeError: another dtype.
        InvalidArgumentError: a bad shape or seed.

    >>> import tapeflow as tf
    >>> x = tf.random.stateless_gamma([1000], seed=[1, 2], alpha=2.0)
    >>> bool(tf.abs(tf.reduce_mean(x) - 2.0) < 0.2)
    True
    """
    wanted = dtypes.from_numpy(normal_dtype(dtype))
    a = convert(alpha, wanted)
    b = convert(1, wanted) if beta is None else convert(beta, wanted)
    sizes = sizes_of(shape, GAMMA.name)
    _check_end(sizes, [a._value.shape, b._value.shape], GAMMA.name)
    return realdiv(gamma_numbers(broadcast_to_shape(a, sizes), place_of_seed(seed)), b)


def stateless_poisson(
    shape: ShapeLike, seed: TensorLike, lam: TensorLike, dtype: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """Poisson numbers of mean `lam`. They are a function of the seed, but not TensorFlow's numbers.

    Args:
        shape: the shape of the result, which ends with that of `lam`.
        seed: two integers.
        lam: the means.
        dtype: a floating one, int32 or int64.
        name: unused.

    Raises:
        ValueError: another dtype.
        InvalidArgumentError: a bad shape or seed.

    >>> import tapeflow as tf
    >>> x = tf.random.stateless_poisson([1000], seed=[1, 2], lam=5.0, dtype=tf.float32)
    >>> bool(tf.abs(tf.reduce_mean(x) - 5.0) < 0.5)
    True
    """
    wanted = checked_dtype(dtype, (*FLOATS, *INTS))
    rate = convert(lam, hint=FLOAT32)
    if kind(rate._value.dtype) != "f":
        rate = cast(rate, dtypes.float32)
    sizes = sizes_of(shape, POISSON.name)
    _check_end(sizes, [rate._value.shape], POISSON.name)
    return apply(POISSON, broadcast_to_shape(rate, sizes), place_of_seed(seed), dtype=wanted)


def stateless_binomial(
    shape: ShapeLike,
    seed: TensorLike,
    counts: TensorLike,
    probs: TensorLike,
    output_dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How many of `counts` trials succeed, each with probability `probs`. Not TensorFlow's numbers.

    Args:
        shape: the shape of the result, which ends with what counts and probs broadcast to.
        seed: two integers.
        counts: how many trials.
        probs: the probability of each.
        output_dtype: a floating one, int32 or int64.
        name: unused.

    Raises:
        ValueError: another dtype.
        InvalidArgumentError: a bad shape or seed.

    >>> import tapeflow as tf
    >>> tf.random.stateless_binomial([3], seed=[1, 2], counts=10.0, probs=1.0).numpy()
    array([10, 10, 10], dtype=int32)
    """
    where = place_of_seed(seed)
    return binomial_numbers(shape, counts, probs, output_dtype, lambda count: where)


def binomial_numbers(shape: ShapeLike, counts: Any, probs: Any, dtype: Any, where: Callable[[int], Tensor]) -> Tensor:
    """Binomial numbers; `where` tells, once the arguments are found right, from where to draw so many."""
    wanted = checked_dtype(dtype, (*FLOATS, *INTS))
    p = convert(probs, hint=FLOAT32)
    n = cast(convert(counts, hint=p._value.dtype), p.dtype)
    sizes = sizes_of(shape, BINOMIAL.name)
    _check_end(sizes, [n._value.shape, p._value.shape], BINOMIAL.name)
    place = where(math.prod(sizes))
    return apply(BINOMIAL, broadcast_to_shape(n, sizes), broadcast_to_shape(p, sizes), place, dtype=wanted)
