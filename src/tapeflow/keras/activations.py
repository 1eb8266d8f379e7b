"""`tf.keras.activations`: activation functions, by themselves and by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tapeflow as tf
from tapeflow.compat.missing import names_missing_from
from tapeflow.core.convert import TensorLike
from tapeflow.core.tensor import Tensor

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

# -- straight pieces -----------------------------------------------------------------------------------


def linear(x: TensorLike) -> TensorLike:
    """x itself.

    >>> import tapeflow as tf
    >>> tf.keras.activations.linear(tf.constant(2.0)).numpy()
    np.float32(2.0)
    """
    return x


def relu(x: TensorLike, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """x above the threshold, negative_slope · (x − threshold) below it, at most max_value.

    >>> import tapeflow as tf
    >>> tf.keras.activations.relu([-2.0, 0.5, 9.0], negative_slope=0.5, max_value=6.0).numpy()
    array([-1. ,  0.5,  6. ], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    if negative_slope != 0 and max_value is None and threshold == 0:
        return tf.nn.leaky_relu(x, alpha=negative_slope)
    if threshold == 0:
        above = tf.nn.relu(x)
    else:
        above = tf.where(x > threshold, x, tf.zeros_like(x))
    if max_value is not None:
        above = tf.minimum(above, max_value)
    if negative_slope == 0:
        return above
    return above - negative_slope * tf.nn.relu(threshold - x)


def relu6(x: TensorLike) -> Tensor:
    """min(max(x, 0), 6).

    >>> import tapeflow as tf
    >>> tf.keras.activations.relu6([-2.0, 0.5, 9.0]).numpy()
    array([0. , 0.5, 6. ], dtype=float32)
    """
    return tf.nn.relu6(x)


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """x, or negative_slope · x where it is negative.

    >>> import tapeflow as tf
    >>> tf.keras.activations.leaky_relu([-2.0, 0.5], negative_slope=0.5).numpy()
    array([-1. ,  0.5], dtype=float32)
    """
    return tf.nn.leaky_relu(x, alpha=negative_slope)


def hard_sigmoid(x: TensorLike) -> Tensor:
    """x / 6 + 1/2, kept in [0, 1].

    >>> import tapeflow as tf
    >>> tf.keras.activations.hard_sigmoid([-4.0, 0.0, 1.5]).numpy()
    array([0.  , 0.5 , 0.75], dtype=float32)
    """
    return tf.nn.relu6(tf.convert_to_tensor(x) + 3.0) / 6.0


def hard_silu(x: TensorLike) -> Tensor:
    """x · hard_sigmoid(x).

    >>> import tapeflow as tf
    >>> tf.keras.activations.hard_silu([-4.0, 0.0, 3.0]).numpy()
    array([-0.,  0.,  3.], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    return x * hard_sigmoid(x)


def hard_tanh(x: TensorLike) -> Tensor:
    """x, kept in [-1, 1].

    >>> import tapeflow as tf
    >>> tf.keras.activations.hard_tanh([-4.0, 0.5]).numpy()
    array([-1. ,  0.5], dtype=float32)
    """
    return tf.clip_by_value(x, -1.0, 1.0)


def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """x where |x| is above the threshold, 0 elsewhere.

    >>> import tapeflow as tf
    >>> tf.keras.activations.hard_shrink([-2.0, 0.25]).numpy()
    array([-2.,  0.], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    return tf.where(abs(x) > threshold, x, tf.zeros_like(x))


def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """x moved towards 0 by the threshold, and no further.

    >>> import tapeflow as tf
    >>> tf.keras.activations.soft_shrink([-2.0, 0.25]).numpy()
    array([-1.5,  0. ], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    moved = tf.where(x < -threshold, x + threshold, tf.zeros_like(x))
    return tf.where(x > threshold, x - threshold, moved)


def threshold(x: TensorLike, threshold: float, default_value: float) -> Tensor:
    """x above the threshold, default_value elsewhere.

    >>> import tapeflow as tf
    >>> tf.keras.activations.threshold([-2.0, 0.25], 0.0, 9.0).numpy()
    array([9.  , 0.25], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    return tf.where(x > threshold, x, tf.fill(tf.shape(x), tf.cast(default_value, x.dtype)))


def sparse_plus(x: TensorLike) -> Tensor:
    """0 up to −1, (x + 1)² / 4 up to 1, x above.

    >>> import tapeflow as tf
    >>> tf.keras.activations.sparse_plus([-2.0, 0.0, 3.0]).numpy()
    array([0.  , 0.25, 3.  ], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    return tf.where(x <= -1.0, tf.zeros_like(x), tf.where(x < 1.0, 0.25 * tf.square(x + 1.0), x))


def sparse_sigmoid(x: TensorLike) -> Tensor:
    """(x + 1) / 2, kept in [0, 1].

    >>> import tapeflow as tf
    >>> tf.keras.activations.sparse_sigmoid([-2.0, 0.0, 3.0]).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    return tf.where(x <= -1.0, tf.zeros_like(x), tf.where(x >= 1.0, tf.ones_like(x), 0.5 * (x + 1.0)))


# -- curves --------------------------------------------------------------------------------------------


def sigmoid(x: TensorLike) -> Tensor:
    """1 / (1 + exp(−x)).

    >>> import tapeflow as tf
    >>> tf.keras.activations.sigmoid(0.0).numpy()
    np.float32(0.5)
    """
    return tf.sigmoid(x)


def log_sigmoid(x: TensorLike) -> Tensor:
    """log(sigmoid(x)), without overflow.

    >>> import tapeflow as tf
    >>> tf.keras.activations.log_sigmoid(-100.0).numpy()
    np.float32(-100.0)
    """
    return tf.math.log_sigmoid(x)


def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent.

    >>> import tapeflow as tf
    >>> tf.keras.activations.tanh(0.0).numpy()
    np.float32(0.0)
    """
    return tf.tanh(x)


def tanh_shrink(x: TensorLike) -> Tensor:
    """x − tanh(x).

    >>> import tapeflow as tf
    >>> tf.keras.activations.tanh_shrink(0.0).numpy()
    np.float32(0.0)
    """
    x = tf.convert_to_tensor(x)
    return x - tf.tanh(x)


def exponential(x: TensorLike) -> Tensor:
    """exp(x).

    >>> import tapeflow as tf
    >>> tf.keras.activations.exponential(0.0).numpy()
    np.float32(1.0)
    """
    return tf.exp(x)


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """x, or alpha · (exp(x) − 1) where it is negative.

    >>> import tapeflow as tf
    >>> tf.keras.activations.elu([-100.0, 2.0], alpha=0.5).numpy()
    array([-0.5,  2. ], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    found = tf.nn.elu(x)
    return found if alpha == 1 else tf.where(x > 0.0, found, alpha * found)


def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """x, or alpha · (exp(x / alpha) − 1) where it is negative.

    >>> import tapeflow as tf
    >>> tf.keras.activations.celu([-100.0, 2.0], alpha=0.5).numpy()
    array([-0.5,  2. ], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    return tf.maximum(x, 0.0) + alpha * tf.math.expm1(tf.minimum(x, 0.0) / alpha)


def selu(x: TensorLike) -> Tensor:
    """The scaled exponential linear unit of `Klambauer et al., 2017 <https://arxiv.org/abs/1706.02515>`_.

    >>> import tapeflow as tf
    >>> tf.keras.activations.selu(0.0).numpy()
    np.float32(0.0)
    """
    return tf.nn.selu(x)


def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """x · Φ(x), with the normal distribution Φ, or its approximation by tanh.

    >>> import tapeflow as tf
    >>> tf.keras.activations.gelu(0.0).numpy()
    np.float32(0.0)
    """
    return tf.nn.gelu(x, approximate=approximate)


def silu(x: TensorLike) -> Tensor:
    """x · sigmoid(x).

    >>> import tapeflow as tf
    >>> tf.keras.activations.silu(0.0).numpy()
    np.float32(0.0)
    """
    return tf.nn.silu(x)


def mish(x: TensorLike) -> Tensor:
    """x · tanh(softplus(x)).

    >>> import tapeflow as tf
    >>> tf.keras.activations.mish(0.0).numpy()
    np.float32(0.0)
    """
    x = tf.convert_to_tensor(x)
    return x * tf.tanh(tf.math.softplus(x))


def softplus(x: TensorLike) -> Tensor:
    """log(1 + exp(x)).

    >>> import tapeflow as tf
    >>> tf.keras.activations.softplus(1000.0).numpy()
    np.float32(1000.0)
    """
    return tf.math.softplus(x)


def softsign(x: TensorLike) -> Tensor:
    """x / (1 + |x|).

    >>> import tapeflow as tf
    >>> tf.keras.activations.softsign(1.0).numpy()
    np.float32(0.5)
    """
    return tf.nn.softsign(x)


def squareplus(x: TensorLike, b: float = 4) -> Tensor:
    """(x + √(x² + b)) / 2.

    >>> import tapeflow as tf
    >>> tf.keras.activations.squareplus(0.0).numpy()
    np.float32(1.0)
    """
    x = tf.convert_to_tensor(x)
    return 0.5 * (x + tf.sqrt(tf.square(x) + b))


# -- along an axis -------------------------------------------------------------------------------------


def softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """exp(x), divided by its sum along the axis.

    >>> import tapeflow as tf
    >>> tf.keras.activations.softmax([[1000.0, 1000.0]]).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """
    return tf.nn.softmax(x, axis=axis)


def log_softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """log(softmax(x)), without overflow.

    >>> import tapeflow as tf
    >>> tf.keras.activations.log_softmax([[0.0, -1000.0]]).numpy()
    array([[    0., -1000.]], dtype=float32)
    """
    return tf.nn.log_softmax(x, axis=axis)


def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """One half of x times the sigmoid of the other half.

    >>> import tapeflow as tf
    >>> tf.keras.activations.glu([4.0, 0.0]).numpy()
    array([2.], dtype=float32)
    """
    kept, gate = tf.split(x, 2, axis=axis)
    return kept * tf.sigmoid(gate)


def sparsemax(x: TensorLike, axis: int = -1) -> Tensor:
    """The distribution along the axis that is nearest to x: many of its elements are 0.

    See `Martins and Astudillo, 2016 <https://arxiv.org/abs/1602.02068>`_.

    >>> import tapeflow as tf
    >>> tf.keras.activations.sparsemax([[1.0, 0.5, -3.0]]).numpy()
    array([[0.75, 0.25, 0.  ]], dtype=float32)
    """
    x = tf.convert_to_tensor(x)
    ranked = tf.sort(x, axis=axis, direction="DESCENDING")
    size, rank = x.shape[axis], axis % x.ndim
    k = tf.reshape(tf.range(1, size + 1, dtype=x.dtype), [size if i == rank else 1 for i in range(x.ndim)])
    sums = tf.cumsum(ranked, axis=axis)
    within = tf.cast(1.0 + k * ranked > sums, x.dtype)  # the elements that stay above 0
    count = tf.reduce_sum(within, axis=axis, keepdims=True)
    excess = (tf.reduce_sum(ranked * within, axis=axis, keepdims=True) - 1.0) / count
    return tf.maximum(x - excess, 0.0)


hard_swish = hard_silu
swish = silu

# -- by name -------------------------------------------------------------------------------------------


def get(identifier: Any) -> Callable:
    """The function of a name; None is `linear`; a function is returned as it is.

    Raises:
        ValueError: there is no such function.

    >>> import tapeflow as tf
    >>> tf.keras.activations.get("relu") is tf.keras.activations.relu
    True
    """
    if identifier is None:
        return linear
    if callable(identifier):
        return identifier
    return deserialize(identifier)


def serialize(activation: Callable) -> str:
    """The name of a function.

    >>> import tapeflow as tf
    >>> tf.keras.activations.serialize(tf.keras.activations.swish)
    'silu'
    """
    return activation.__name__


def deserialize(config: str, custom_objects: dict[str, Callable] | None = None) -> Callable:
    """The function of a name.

    Raises:
        ValueError: there is no such function.

    >>> import tapeflow as tf
    >>> tf.keras.activations.deserialize("swish") is tf.keras.activations.silu
    True
    """
    found = (custom_objects or {}).get(config)
    if found is None and isinstance(config, str) and config in __all__ and config not in ("get", "serialize", "deserialize"):
        found = globals()[config]
    if found is None:
        raise ValueError(f"Could not interpret activation function identifier: {config}")
    return found


__getattr__ = names_missing_from(__name__)


def __dir__() -> list[str]:
    return __all__
