"""Activation functions: what a layer of a network puts between its matrix products.

The slopes of the piecewise ones are primitives of their own, as in TensorFlow (ReluGrad and its like): one kernel and one note
on the tape. They read the output of the activation, not its input, wherever it tells as much.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import binary, check_dtype, kind, unary
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add, multiply, negative, square, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.comparison import less
from tapeflow.ops.division import realdiv
from tapeflow.ops.exponential import exp, sigmoid
from tapeflow.ops.extremes import count_nonzero
from tapeflow.ops.hyperbolic import tanh
from tapeflow.ops.joining import concat
from tapeflow.ops.magnitude import abs
from tapeflow.ops.powers import reciprocal
from tapeflow.ops.selection import where, zero

__all__ = ["crelu", "elu", "gelu", "leaky_relu", "relu", "relu6", "selu", "silu", "softsign", "zero_fraction"]


def on(mask: Tensor, dy: Tensor, dtype: np.dtype) -> Tensor:
    """`dy` where the mask holds, 0 elsewhere."""
    return where(mask, dy, zero(dtype))


# -- rectifiers --------------------------------------------------------------------------------------


def _flat(dy: Tensor, y_shape: tuple[int, ...], y_dtype: np.dtype) -> Tensor:
    """A slope does not change where it has one: zeros and not None, so that a penalty on a gradient reaches every weight."""
    return filled(0, y_shape, y_dtype)


# The product with a mask is twice as fast as `where` and needs no copy of the mask in the dtype of dy.
@binary("ReluGrad", lambda x, y: x * (y > 0), (lambda dy, y: relu_slope(dy, y), _flat), accepts="iuf")
def relu_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x where y > 0, else 0: the cotangent x of a rectifier whose output is y."""


@unary(
    "Relu",
    lambda x: np.maximum(x, x.dtype.type(0)),
    vjp=lambda dy, out: relu_slope(dy, out),
    accepts="iuf",
    large="relu",
)
def _relu(x: TensorLike, name: str | None = None) -> Tensor: ...


def relu(features: TensorLike, name: str | None = None) -> Tensor:
    """max(x, 0), elementwise. The derivative at 0 is 0.

    Args:
        features: real numbers, of any shape.
        name: unused.

    Raises:
        InvalidArgumentError: the input does not hold real numbers.

    >>> import tapeflow as tf
    >>> tf.nn.relu([-2.0, 0.0, 3.0]).numpy()
    array([0., 0., 3.], dtype=float32)
    """
    return _relu(features)


@binary("Relu6Grad", lambda x, y: x * ((y > 0) & (y < 6)), (lambda dy, y: relu6_slope(dy, y), _flat), accepts="iuf")
def relu6_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x where 0 < y < 6, else 0."""


def _clipped_at_6(x: Any) -> Any:
    y = np.maximum(x, x.dtype.type(0))
    return np.minimum(y, x.dtype.type(6), out=y if y.ndim else None)


@unary("Relu6", _clipped_at_6, vjp=lambda dy, out: relu6_slope(dy, out), accepts="iuf")
def _relu6(x: TensorLike, name: str | None = None) -> Tensor: ...


def relu6(features: TensorLike, name: str | None = None) -> Tensor:
    """min(max(x, 0), 6), elementwise. The derivatives at 0 and 6 are 0.

    From Krizhevsky, "Convolutional deep belief networks on CIFAR-10" (2010).

    Args:
        features: real numbers, of any shape.
        name: unused.

    Raises:
        InvalidArgumentError: the input does not hold real numbers.

    >>> import tapeflow as tf
    >>> tf.nn.relu6([-2.0, 3.0, 8.0]).numpy()
    array([0., 3., 6.], dtype=float32)
    """
    return _relu6(features)


def crelu(features: TensorLike, axis: Any = -1, name: str | None = None) -> Tensor:
    """relu(x) and relu(-x), one behind the other along an axis, which becomes twice as long.

    From Shang et al., "Understanding and improving convolutional neural networks via concatenated rectified linear units"
    (2016).

    Args:
        features: real numbers, of at least one axis.
        axis: the axis to join along.
        name: unused.

    Raises:
        InvalidArgumentError: the axis is out of range, or the input does not hold real numbers.

    >>> import tapeflow as tf
    >>> tf.nn.crelu([-2.0, 3.0]).numpy()
    array([0., 3., 2., 0.], dtype=float32)
    """
    x = convert(features)
    return relu(concat([x, negative(x)], axis))


def _leaky_relu(features, *, alpha):
    y = features * features.dtype.type(alpha)
    return np.maximum(features, y) if alpha <= 1 else np.minimum(features, y)


def _leaky_slope(gradients, features, *, alpha):
    factor = np.where(features > 0, gradients.dtype.type(1), gradients.dtype.type(alpha))
    return np.multiply(gradients, factor, out=factor if factor.ndim else None)


LEAKY_SLOPE: Primitive = Primitive(
    "LeakyReluGrad",
    _leaky_slope,
    (
        lambda dy, features, alpha: apply(LEAKY_SLOPE, dy, features, alpha=alpha),
        lambda dy, features_shape, features_dtype: filled(0, features_shape, features_dtype),
    ),
)

LEAKY_RELU = Primitive(
    "LeakyRelu", _leaky_relu, (lambda dy, features, alpha: apply(LEAKY_SLOPE, dy, features, alpha=alpha),)
)


def leaky_relu(features: TensorLike, alpha: Any = 0.2, name: str | None = None) -> Tensor:
    """x where x > 0, else alpha·x, elementwise. The derivative at 0 is alpha.

    From Maas et al., "Rectifier nonlinearities improve neural network acoustic models" (2013).

    Args:
        features: real numbers, of any shape; integers are converted to float32.
        alpha: the slope below 0, a Python or NumPy number.
        name: unused.

    Raises:
        TypeError: `alpha` is not a number.
        InvalidArgumentError: the input does not hold real numbers.

    >>> import tapeflow as tf
    >>> tf.nn.leaky_relu([-2.0, 0.0, 3.0]).numpy()
    array([-0.4,  0. ,  3. ], dtype=float32)
    """
    x = convert(features)
    if kind(x._value.dtype) in "iu":
        x = cast(x, np.float32)
    check_dtype(LEAKY_RELU, x, "f")
    if not isinstance(alpha, (int, float, np.generic)):
        raise TypeError(f"Expected float for argument 'alpha' not {alpha!r}.")
    return apply(LEAKY_RELU, x, alpha=float(alpha))


# -- exponential linear units --------------------------------------------------------------------------

# Klambauer et al., "Self-normalizing neural networks" (2017): the fixed point for mean 0 and variance 1.
SELU_SCALE = 1.0507009873554804934193349852946
SELU_SCALE_ALPHA = SELU_SCALE * 1.6732632423543772848170429916717


def _elu(x: Any) -> Any:
    zero = x.dtype.type(0)
    return np.expm1(np.minimum(x, zero)) + np.maximum(x, zero)  # `where` is slow when it cannot guess the signs


def _elu_slope(x: Any, y: Any) -> Any:
    return x * (1 + np.fmin(y, y.dtype.type(0)))  # fmin: at NaN the slope is 1


@binary(
    "EluGrad",
    _elu_slope,
    (lambda dy, y: elu_slope(dy, y), lambda dy, x, y, y_dtype: on(less(y, zero(y_dtype)), multiply(dy, x), y_dtype)),
    accepts="f",
)
def elu_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x where y ≥ 0, else x·(1 + y): the cotangent x of an elu whose output is y."""


@unary("Elu", _elu, vjp=lambda dy, out: elu_slope(dy, out), accepts="f")
def _elu_of(x: TensorLike, name: str | None = None) -> Tensor: ...


def elu(features: TensorLike, name: str | None = None) -> Tensor:
    """x where x ≥ 0, else exp(x) - 1, elementwise.

    From Clevert et al., "Fast and accurate deep network learning by exponential linear units" (2016).

    Args:
        features: floating-point numbers, of any shape.
        name: unused.

    Raises:
        InvalidArgumentError: the input does not hold floating-point numbers.

    >>> import tapeflow as tf
    >>> tf.nn.elu([-1000.0, 0.0, 3.0]).numpy()
    array([-1.,  0.,  3.], dtype=float32)
    """
    return _elu_of(features)


def _selu(x: Any) -> Any:
    t = x.dtype.type
    return np.where(x < 0, t(SELU_SCALE_ALPHA) * np.expm1(np.minimum(x, t(0))), t(SELU_SCALE) * x)[()]


def _selu_slope(x: Any, y: Any) -> Any:
    t = y.dtype.type
    return x * np.where(y < 0, y + t(SELU_SCALE_ALPHA), t(SELU_SCALE))[()]


@binary(
    "SeluGrad",
    _selu_slope,
    (lambda dy, y: selu_slope(dy, y), lambda dy, x, y, y_dtype: on(less(y, zero(y_dtype)), multiply(dy, x), y_dtype)),
    accepts="f",
)
def selu_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x times the derivative of a selu whose output is y."""


@unary("Selu", _selu, vjp=lambda dy, out: selu_slope(dy, out), accepts="f")
def _selu_of(x: TensorLike, name: str | None = None) -> Tensor: ...


def selu(features: TensorLike, name: str | None = None) -> Tensor:
    """s·x where x ≥ 0, else s·a·(exp(x) - 1), elementwise, with s ≈ 1.0507 and a ≈ 1.6733.

    From Klambauer et al., "Self-normalizing neural networks" (2017).

    Args:
        features: floating-point numbers, of any shape.
        name: unused.

    Raises:
        InvalidArgumentError: the input does not hold floating-point numbers.

    >>> import tapeflow as tf
    >>> tf.nn.selu([-1000.0, 0.0, 1.0]).numpy()
    array([-1.7580993,  0.       ,  1.050701 ], dtype=float32)
    """
    return _selu_of(features)


# -- gated by a smooth step -----------------------------------------------------------------------------


def _normal_cdf(x: Any) -> Any:
    from scipy.special import ndtr

    if x.dtype.itemsize == 2:
        return np.asarray(ndtr(x.astype(np.float32))).astype(x.dtype)[()]
    return ndtr(x)


# Φ(x) as one primitive: (1 + erf(x/√2)) / 2 has no correct digit left where x < -6.
@unary(
    "NormalCdf",
    _normal_cdf,
    derivative=lambda x: multiply(exp(multiply(square(x), -0.5)), 1 / math.sqrt(2 * math.pi)),
    accepts="f",
)
def normal_cdf(x: TensorLike, name: str | None = None) -> Tensor:
    """The probability that a standard normal number is below x."""


def gelu(features: TensorLike, approximate: bool = False, name: str | None = None) -> Tensor:
    """x·Φ(x), elementwise, where Φ is the standard normal distribution function.

    From Hendrycks and Gimpel, "Gaussian error linear units" (2016).

    Args:
        features: floating-point numbers, of any shape.
        approximate: whether to take x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) instead.
        name: unused.

    Raises:
        ValueError: the input does not hold floating-point numbers.

    >>> import tapeflow as tf
    >>> tf.nn.gelu([-1.0, 0.0, 1.0]).numpy().round(3)
    array([-0.159,  0.   ,  0.841], dtype=float32)
    """
    x = convert(features)
    if kind(x._value.dtype) != "f":
        raise ValueError(f"`features.dtype` must be a floating point tensor. Received: features.dtype={x.dtype}")
    if not approximate:
        return multiply(x, normal_cdf(x))
    inner = multiply(add(x, multiply(multiply(square(x), x), 0.044715)), math.sqrt(2 / math.pi))
    return multiply(multiply(x, 0.5), add(tanh(inner), 1))


def silu(features: TensorLike, beta: TensorLike = 1.0) -> Tensor:
    """x·sigmoid(beta·x), elementwise; also known as swish.

    From Ramachandran et al., "Searching for activation functions" (2017).

    Args:
        features: floating-point numbers, of any shape.
        beta: a number or tensor that broadcasts with the features, and may be learned.

    Raises:
        InvalidArgumentError: the input does not hold floating-point numbers.

    >>> import tapeflow as tf
    >>> tf.nn.silu([-1.0, 0.0, 1.0]).numpy().round(3)
    array([-0.269,  0.   ,  0.731], dtype=float32)
    """
    x = convert(features)
    if type(beta) in (int, float) and beta == 1:
        return multiply(x, sigmoid(x))
    return multiply(x, sigmoid(multiply(x, convert(beta, hint=x._value.dtype))))


@unary("Softsign", lambda x: x / (1 + np.abs(x)), derivative=lambda x: reciprocal(square(add(abs(x), 1))), accepts="f")
def _softsign(x: TensorLike, name: str | None = None) -> Tensor: ...


def softsign(features: TensorLike, name: str | None = None) -> Tensor:
    """x / (1 + |x|), elementwise.

    Args:
        features: floating-point numbers, of any shape.
        name: unused.

    Raises:
        InvalidArgumentError: the input does not hold floating-point numbers.

    >>> import tapeflow as tf
    >>> tf.math.softsign([-1.0, 0.0, 3.0]).numpy()
    array([-0.5 ,  0.  ,  0.75], dtype=float32)
    """
    return _softsign(features)


# -- sparsity ----------------------------------------------------------------------------------------------


def zero_fraction(value: TensorLike, name: str | None = None) -> Tensor:
    """Which part of the elements is 0: what a rectifier has switched off.

    Args:
        value: numbers, of any shape.
        name: unused.

    Returns:
        A float32 scalar; NaN for no elements.

    >>> import tapeflow as tf
    >>> tf.nn.zero_fraction(tf.nn.relu([-2.0, -1.0, 3.0, -4.0])).numpy()
    np.float32(0.75)
    """
    x = convert(value)
    size = convert(float(x._value.size))
    return realdiv(subtract(size, cast(count_nonzero(x), size.dtype)), size)
