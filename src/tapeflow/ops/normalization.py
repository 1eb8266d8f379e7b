"""Means and variances, and what is normalized by them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.elementwise import conj
from tapeflow.core.symbolic import Cases
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import Axis, brackets, invalid, normalized_axes, reduced_size
from tapeflow.ops.arithmetic import add, multiply, negative, square, squared_difference, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.complex_numbers import complex, imag, real
from tapeflow.ops.matrix_products import matmul
from tapeflow.ops.powers import pow, reciprocal, rsqrt
from tapeflow.ops.reduction import reduce_mean, reduce_sum
from tapeflow.ops.selection import maximum
from tapeflow.ops.shape_arguments import sizes_as_tensor
from tapeflow.ops.shaping import squeeze

__all__ = [
    "batch_norm_with_global_normalization",
    "batch_normalization",
    "l2_normalize",
    "local_response_normalization",
    "moments",
    "normalize_moments",
    "sufficient_statistics",
    "weighted_moments",
]

FLOAT32 = np.dtype("float32")

# -- moments ---------------------------------------------------------------------------------------------


def moments(
    x: TensorLike, axes: Axis, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over some axes; the variance is that of the elements themselves, without Bessel's correction.

    Args:
        x: numbers, of any shape.
        axes: an axis or several. For batch normalization: all but the last one.
        shift: accepted and without effect, as in TensorFlow.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Returns:
        The mean and the variance. Those of half-precision numbers are computed in float32.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> mean, variance = tf.nn.moments([[1.0, 2.0], [3.0, 6.0]], axes=[0])
    >>> mean.numpy(), variance.numpy()
    (array([2., 4.], dtype=float32), array([1., 4.], dtype=float32))
    """
    given = convert(x)
    wide = cast(given, FLOAT32) if given._value.dtype.itemsize == 2 else given
    mean = reduce_mean(wide, axes, keepdims=True)
    variance = reduce_mean(squared_difference(wide, mean), axes, keepdims=True)
    return _both(mean, variance, wide, axes, keepdims, given._value.dtype)


def _both(mean: Tensor, variance: Tensor, x: Tensor, axes: Axis, keepdims: bool, dtype: np.dtype) -> tuple[Tensor, Tensor]:
    if not keepdims:
        dropped = normalized_axes(axes, x._value.ndim, "Mean")
        if type(dropped) is Cases:
            from tapeflow.ops.axes_known_later import among

            mean, variance = among(dropped, lambda each: (squeeze(mean, each), squeeze(variance, each)))
        elif dropped != ():
            mean, variance = squeeze(mean, dropped), squeeze(variance, dropped)
    return cast(mean, dtype), cast(variance, dtype)


def weighted_moments(
    x: TensorLike, axes: Axis, frequency_weights: TensorLike, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance over some axes of elements that count with weights.

    Args:
        x: numbers, of any shape.
        axes: an axis or several.
        frequency_weights: not negative; they broadcast with `x`, of its dtype or cast to it.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Returns:
        Σwx/Σw and Σw(x - mean)²/Σw. Those of half-precision numbers are computed in float32.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice, or the shapes do not broadcast.

    >>> import tapeflow as tf
    >>> mean, variance = tf.nn.weighted_moments([1.0, 5.0], axes=[0], frequency_weights=[3.0, 1.0])
    >>> mean.numpy(), variance.numpy()
    (np.float32(2.0), np.float32(3.0))
    """
    given = convert(x)
    dtype = given._value.dtype
    weights = convert(frequency_weights, hint=dtype)
    if dtype.itemsize == 2:
        given, weights = cast(given, FLOAT32), cast(weights, FLOAT32)
    elif weights._value.dtype != dtype:
        weights = cast(weights, dtype)
    everywhere = add(weights, multiply(given, 0)) if weights._value.shape != given._value.shape else weights
    share = reciprocal(reduce_sum(everywhere, axes, keepdims=True))
    mean = multiply(reduce_sum(multiply(weights, given), axes, keepdims=True), share)
    spread = reduce_sum(multiply(weights, squared_difference(given, mean)), axes, keepdims=True)
    return _both(mean, multiply(spread, share), everywhere, axes, keepdims, dtype)


def sufficient_statistics(
    x: TensorLike, axes: Axis, shift: TensorLike | None = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """What `normalize_moments` makes a mean and a variance of, and what sums over parts of the data.

    Args:
        x: numbers, of any shape.
        axes: an axis or several.
        shift: a number near the mean, subtracted before squaring so that fewer digits are lost; it broadcasts with `x`.
        keepdims: whether the reduced axes stay, with size 1.
        name: unused.

    Returns:
        The number of elements, their (shifted) sum, the sum of their (shifted) squares, and the shift.

    Raises:
        InvalidArgumentError: an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> statistics = tf.nn.sufficient_statistics([1.0, 2.0, 6.0, 7.0], axes=[0])
    >>> [float(value) for value in statistics[:3]]
    [4.0, 16.0, 90.0]
    >>> [float(value) for value in tf.nn.normalize_moments(*statistics)]
    [4.0, 6.5]
    """
    values = convert(x)
    dtype = values._value.dtype
    count = reduced_size(values._value.shape, normalized_axes(axes, values._value.ndim, "Sum"))
    if shift is None:
        offset, first, second = None, values, square(values)
    else:
        offset = convert(shift, hint=dtype)
        first, second = subtract(values, offset), squared_difference(values, offset)
    return (
        sizes_as_tensor(count, dtype),
        reduce_sum(first, axes, keepdims=keepdims),
        reduce_sum(second, axes, keepdims=keepdims),
        offset,
    )


def normalize_moments(
    counts: TensorLike, mean_ss: TensorLike, variance_ss: TensorLike, shift: TensorLike | None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance of what `sufficient_statistics` gave.

    Args:
        counts: how many elements there are.
        mean_ss: their sum, less `shift` each.
        variance_ss: the sum of the squares of these differences.
        shift: what was subtracted, or None.
        name: unused.

    >>> import tapeflow as tf
    >>> mean, variance = tf.nn.normalize_moments(2.0, 4.0, 10.0, None)
    >>> mean.numpy(), variance.numpy()
    (np.float32(2.0), np.float32(1.0))
    """
    share = reciprocal(convert(counts))
    shifted_mean = multiply(convert(mean_ss), share)
    mean = shifted_mean if shift is None else add(shifted_mean, convert(shift, hint=shifted_mean._value.dtype))
    return mean, subtract(multiply(convert(variance_ss), share), square(shifted_mean))


# -- normalization -----------------------------------------------------------------------------------------


def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset: TensorLike | None,
    scale: TensorLike | None,
    variance_epsilon: TensorLike,
    name: str | None = None,
) -> Tensor:
    """scale·(x - mean) / √(variance + epsilon) + offset.

    From Ioffe and Szegedy, "Batch normalization" (2015).

    Args:
        x: numbers, of any shape.
        mean, variance: as `tf.nn.moments` gives them; they broadcast with `x`.
        offset: what is added at the end (β), or None.
        scale: what the normalized values are multiplied with (γ), or None.
        variance_epsilon: a small number that keeps the root away from 0.
        name: unused.

    Raises:
        InvalidArgumentError: the shapes do not broadcast, or the dtypes differ.

    >>> import tapeflow as tf
    >>> x = tf.constant([[1.0, 2.0], [3.0, 6.0]])
    >>> mean, variance = tf.nn.moments(x, axes=[0])
    >>> tf.nn.batch_normalization(x, mean, variance, offset=10.0, scale=None, variance_epsilon=0.0).numpy()
    array([[ 9.,  9.],
           [11., 11.]], dtype=float32)
    """
    values = convert(x)
    dtype = values._value.dtype
    factor = rsqrt(add(convert(variance, hint=dtype), convert(variance_epsilon, hint=dtype)))
    if scale is not None:
        factor = multiply(factor, convert(scale, hint=dtype))
    factor = cast(factor, dtype)
    pulled = multiply(convert(mean, hint=dtype), factor)
    shift = negative(pulled) if offset is None else subtract(convert(offset, hint=dtype), pulled)
    return add(multiply(values, factor), cast(shift, dtype))


def batch_norm_with_global_normalization(
    input: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    beta: TensorLike,
    gamma: TensorLike,
    variance_epsilon: TensorLike,
    scale_after_normalization: bool,
    name: str | None = None,
) -> Tensor:
    """`batch_normalization` with the arguments of older programs.

    Args:
        input: numbers, of any shape.
        mean, variance: as `tf.nn.moments` gives them.
        beta: the offset.
        gamma: the scale.
        variance_epsilon: a small number that keeps the root away from 0.
        scale_after_normalization: whether `gamma` is used.
        name: unused.

    >>> import tapeflow as tf
    >>> tf.nn.batch_norm_with_global_normalization([4.0], 2.0, 4.0, 1.0, 3.0, 0.0, True).numpy()
    array([4.], dtype=float32)
    """
    scale = gamma if scale_after_normalization else None
    return batch_normalization(input, mean, variance, beta, scale, variance_epsilon)


def l2_normalize(
    x: TensorLike, axis: Axis = None, epsilon: float = 1e-12, name: str | None = None, dim: Axis = None
) -> Tensor:
    """x / √max(Σ|x|², epsilon), where the sum is over some axes.

    Args:
        x: floating-point or complex numbers, of any shape.
        axis: an axis or several; all of them by default.
        epsilon: what the sum of squares counts at least.
        name: unused.
        dim: the old name of `axis`.

    Raises:
        ValueError: both `axis` and `dim` are given.
        InvalidArgumentError: an axis is out of range or given twice.

    >>> import tapeflow as tf
    >>> tf.math.l2_normalize([[3.0, 4.0], [0.0, 0.0]], axis=1).numpy()
    array([[0.6, 0.8],
           [0. , 0. ]], dtype=float32)
    """
    if dim is not None:
        if axis is not None:
            raise ValueError("Cannot specify both 'axis' and 'dim'.")
        axis = dim
    values = convert(x)
    if values._value.dtype.kind == "c":
        squares = reduce_sum(real(multiply(values, conj(values))), axis, keepdims=True)
        factor = rsqrt(maximum(squares, epsilon))
        return complex(multiply(real(values), factor), multiply(imag(values), factor))
    squares = reduce_sum(square(values), axis, keepdims=True)
    return multiply(values, rsqrt(maximum(squares, epsilon)))


def local_response_normalization(
    input: TensorLike,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """x / (bias + alpha·Σ x²)^beta, where the sum is over the channels near each one.

    From Krizhevsky et al., "ImageNet classification with deep convolutional neural networks" (2012), section 3.3.

    Args:
        input: floating-point numbers, of shape [batch, height, width, channels].
        depth_radius: how many channels on either side count.
        bias, alpha, beta: the numbers of the formula.
        name: unused.

    Raises:
        InvalidArgumentError: the input has not four axes, or does not hold floating-point numbers.

    >>> import tapeflow as tf
    >>> tf.nn.local_response_normalization([[[[1.0, 1.0, 1.0]]]], depth_radius=1, bias=1.0, alpha=1.0, beta=1.0).numpy()
    array([[[[0.33333334, 0.25      , 0.33333334]]]], dtype=float32)
    """
    x = convert(input)
    if x._value.ndim != 4:
        raise invalid("LRN", f"in must be 4-dimensional, got shape {brackets(x._value)}")
    channels = np.arange(x._value.shape[-1])
    near = np.abs(channels[:, np.newaxis] - channels) <= depth_radius
    # The band matrix does the sums of all windows in one product.
    sums = matmul(square(x), Tensor(near.astype(x._value.dtype)))
    return multiply(x, pow(add(multiply(sums, float(alpha)), float(bias)), -float(beta)))
