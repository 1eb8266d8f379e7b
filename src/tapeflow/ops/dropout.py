"""Dropout: random elements set to 0, the others scaled so that the mean stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, as_tensor, convert
from tapeflow.core.dimension import broadcast_sizes, same_shape
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import kind
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.arithmetic import multiply, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.comparison import greater_equal
from tapeflow.ops.division import realdiv
from tapeflow.ops.random import uniform
from tapeflow.ops.seeds import next_seed
from tapeflow.ops.selection import where
from tapeflow.ops.shape_arguments import ShapeLike, read_shape
from tapeflow.ops.stateless_random import only_philox, stateless_uniform

__all__ = ["dropout", "general_dropout", "stateless_dropout"]


def _dropout(x, kept, *, scale):
    if x.dtype.itemsize == 4 and kept.shape == x.shape and x.ndim:
        # Zeros by clearing bits: `where` is ten times slower on a mask that it cannot guess, and 0·inf would be NaN.
        bits = kept.view(np.int8).astype(np.int32)
        np.negative(bits, out=bits)
        bits &= x.view(np.int32)
        y = bits.view(x.dtype)
        y *= x.dtype.type(scale)
        return y
    return np.where(kept, x * x.dtype.type(scale), x.dtype.type(0))[()]


# A primitive for speed and memory: of all there is to keep, the tape keeps a mask of one byte an element.
DROPOUT: Primitive = Primitive(
    "Dropout", _dropout, (lambda dy, kept, scale: apply(DROPOUT, dy, kept, scale=scale), None), linear=True
)


def dropout(
    x: TensorLike, rate: TensorLike, noise_shape: ShapeLike | None = None, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Sets elements to 0 with probability `rate`, and multiplies the others by 1 / (1 - rate).

    From Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).

    Args:
        x: floating-point numbers, of any shape.
        rate: the probability that an element is dropped: a number in [0, 1), or a scalar tensor.
        noise_shape: the shape of the choices, which broadcasts with `x`: along an axis of size 1 all elements are dropped or
            kept together. None stands for a size of `x`.
        seed: starts a sequence of the operation's own; see `tf.random.set_seed`.
        name: unused.

    Returns:
        A tensor of the shape and dtype of `x`, with TensorFlow's choices for the same seeds.

    Raises:
        ValueError: `x` is not floating, or the rate is out of range, no scalar or of another dtype.
        InvalidArgumentError: `noise_shape` does not broadcast with the shape of `x`.

    >>> import tapeflow as tf
    >>> tf.random.set_seed(5)
    >>> tf.nn.dropout(tf.ones([6]), rate=0.5, seed=7).numpy()
    array([0., 2., 0., 0., 0., 2.], dtype=float32)
    """
    return _dropped(x, rate, noise_shape, lambda shape, dtype: uniform(shape, dtype=dtype, seed=seed), seed is None)


def stateless_dropout(
    x: TensorLike,
    rate: TensorLike,
    seed: TensorLike,
    rng_alg: Any = None,
    noise_shape: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`tf.nn.dropout` with choices that are a function of a seed of two integers.

    Args:
        x: floating-point numbers, of any shape.
        rate: the probability that an element is dropped.
        seed: two integers.
        rng_alg: "philox" or "auto_select".
        noise_shape: the shape of the choices, which broadcasts with `x`.
        name: unused.

    Raises:
        ValueError: `x` is not floating, or the rate is out of range, no scalar or of another dtype.
        InvalidArgumentError: a bad seed, or `noise_shape` does not broadcast with the shape of `x`.

    >>> import tapeflow as tf
    >>> tf.nn.experimental.stateless_dropout([1.0, 2.0, 3.0], rate=0.5, seed=[1, 2]).numpy()
    array([2., 0., 6.], dtype=float32)
    """
    only_philox("auto_select" if rng_alg is None else rng_alg)
    return _dropped(x, rate, noise_shape, lambda shape, dtype: stateless_uniform(shape, seed, dtype=dtype), False)


def general_dropout(
    x: TensorLike,
    rate: TensorLike,
    uniform_sampler: Callable[[Any, Any], TensorLike],
    noise_shape: ShapeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """`tf.nn.dropout` with uniform numbers of the caller's own.

    Args:
        x: floating-point numbers, of any shape.
        rate: the probability that an element is dropped.
        uniform_sampler: a function of a shape and a dtype that gives numbers in [0, 1).
        noise_shape: the shape of the choices, which broadcasts with `x`.
        name: unused.

    Raises:
        ValueError: `x` is not floating, or the rate is out of range, no scalar or of another dtype.
        InvalidArgumentError: `noise_shape` does not broadcast with the shape of `x`.

    >>> import tapeflow as tf
    >>> tf.nn.experimental.general_dropout([1.0, 2.0], 0.5, lambda shape, dtype: tf.constant([0.9, 0.1])).numpy()
    array([2., 0.], dtype=float32)
    """
    return _dropped(x, rate, noise_shape, uniform_sampler, False)


def _dropped(x: TensorLike, rate: Any, noise_shape: Any, sampler: Callable, uses_global_seed: bool) -> Tensor:
    t = convert(x)
    value = t._value
    if kind(value.dtype) != "f":
        raise ValueError(f"`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype={t.dtype!r}")
    number = isinstance(rate, int | float | np.floating | np.integer)
    if number and not 0 <= rate < 1:
        raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}")
    if number and not rate:
        if uses_global_seed:
            next_seed()  # so that the numbers that follow do not depend on the rate
        return t
    sizes = _noise_shape(noise_shape, value.shape)
    if number:
        kept = greater_equal(convert(sampler(list(sizes), t.dtype), t.dtype), convert(float(rate), t.dtype))
        if same_shape(broadcast_sizes(kept._value.shape, value.shape), value.shape):
            return apply(DROPOUT, t, kept, scale=1 / (1 - float(rate)))
        scaled = multiply(t, 1 / (1 - float(rate)))
        return where(kept, scaled, 0.0)
    probability = as_tensor(rate)
    if probability is None or probability._value.ndim:
        raise ValueError(f"`rate` must be a scalar or scalar tensor. Received: rate={rate}")
    if probability._value.dtype != value.dtype:
        raise ValueError(
            "`x.dtype` must be compatible with `rate.dtype`. "
            f"Received: x.dtype={t.dtype!r} and rate.dtype={probability.dtype!r}"
        )
    kept = greater_equal(convert(sampler(list(sizes), t.dtype), t.dtype), probability)
    return where(kept, multiply(t, realdiv(cast(convert(1.0), t.dtype), subtract(1.0, probability))), 0.0)


def _noise_shape(noise_shape: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    if noise_shape is None:
        return shape
    if isinstance(noise_shape, list | tuple) and len(noise_shape) == len(shape):
        noise_shape = [own if size is None else size for size, own in zip(noise_shape, shape, strict=True)]
    sizes = read_shape(noise_shape, "Dropout", scalar=False)
    try:
        broadcast_sizes(sizes, shape)
    except ValueError:
        raise invalid(
            "SelectV2", f"noise_shape {list(sizes)} and x {brackets(np.empty(shape, bool))} must be broadcastable"
        ) from None
    return sizes
