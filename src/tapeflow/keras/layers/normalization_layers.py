"""Layers that give their inputs mean 0 and variance 1, over the batch, over each sample, or over groups of channels."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.activation_layers import Elementwise
from tapeflow.keras.layers.settings import Configured, settings_of
from tapeflow.keras.layers.specification import InputSpec

__all__ = ["BatchNormalization", "GroupNormalization", "LayerNormalization", "UnitNormalization"]


class Normalizing(Configured):
    """A layer that normalizes, and then scales by gamma and shifts by beta."""

    _settings = settings_of("beta", "gamma")

    def __init__(self, epsilon: float, center: bool, scale: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon, self.center, self.scale = epsilon, center, scale
        self.supports_masking = True
        self.gamma: Any = None
        self.beta: Any = None

    def compute_output_shape(self, input_shape: Any) -> Any:  # type: ignore[override]
        return input_shape

    def make_scale(self, shape: tuple) -> None:
        """Makes gamma and beta, where they are wanted."""
        if self.scale:
            self.gamma = self.new_weight("gamma", shape)
        if self.center:
            self.beta = self.new_weight("beta", shape)

    def scaled(self, x: Tensor, mean: Tensor, variance: Tensor, shape: list[int]) -> Tensor:
        """(x - mean) / √(variance + ε) · gamma + beta, with gamma and beta in this shape."""
        gamma = None if self.gamma is None else tf.reshape(tf.cast(self.gamma, x.dtype), shape)
        beta = None if self.beta is None else tf.reshape(tf.cast(self.beta, x.dtype), shape)
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, self.epsilon)

    def get_config(self) -> dict[str, Any]:
        own = {"epsilon": self.epsilon, "center": self.center, "scale": self.scale}
        return super().get_config() | own | self.settings_config()


def _computed(inputs: Tensor) -> Tensor:
    """Half precision is too coarse for moments: they are taken in float32."""
    return tf.cast(inputs, tf.float32) if inputs.dtype in (tf.float16, tf.bfloat16) else inputs


class BatchNormalization(Normalizing):
    """Mean 0 and variance 1 for each channel: over the batch while training, and by moving averages of that otherwise.

    Args:
        axis: the axis of the channels.
        momentum: how much of the moving averages stays at each step.
        epsilon: added to the variance.
        center: whether beta is added.
        scale: whether it is multiplied by gamma.
        beta_initializer, gamma_initializer: of the weights.
        moving_mean_initializer, moving_variance_initializer: of the moving averages.
        beta_regularizer, gamma_regularizer: of the weights.
        beta_constraint, gamma_constraint: of the weights.
        renorm, renorm_clipping, renorm_momentum: must be left as they are.
        synchronized: accepted; there is one replica.
        **kwargs: those of `Layer`.

    A layer that is not `trainable` uses the moving averages, and leaves them alone, also while training.
    See `Ioffe and Szegedy, 2015 <https://arxiv.org/abs/1502.03167>`_.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.BatchNormalization(momentum=0.5)
    >>> layer(tf.constant([[1.0], [3.0]]), training=True).numpy().ravel().round(2)
    array([-1.,  1.], dtype=float32)
    >>> layer.moving_mean.numpy(), [w.name for w in layer.trainable_weights]
    (array([1.], dtype=float32), ['gamma', 'beta'])
    """

    _settings = (
        "beta_initializer",
        "gamma_initializer",
        "moving_mean_initializer",
        "moving_variance_initializer",
        "beta_regularizer",
        "gamma_regularizer",
        "beta_constraint",
        "gamma_constraint",
    )

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        if renorm or renorm_clipping is not None or renorm_momentum != 0.99:
            raise NotImplementedError("BatchNormalization does not support `renorm`")
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            moving_mean_initializer=moving_mean_initializer,
            moving_variance_initializer=moving_variance_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
            **kwargs,
        )
        self.axis, self.momentum, self.synchronized = int(axis), float(momentum), synchronized

    def build(self, input_shape: Any) -> None:
        shape = (input_shape[self.axis],)
        self.make_scale(shape)
        self.moving_mean = self.new_weight("moving_mean", shape, trainable=False, autocast=False)
        self.moving_variance = self.new_weight("moving_variance", shape, trainable=False, autocast=False)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: input_shape[self.axis]})

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        """The inputs, normalized.

        Args:
            inputs: numbers.
            training: whether by the moments of the batch.
            mask: False where samples or steps do not count for the moments.
        """
        x = _computed(inputs)
        channel = self.axis % x.ndim
        axes = [axis for axis in range(x.ndim) if axis != channel]
        if training and self.trainable:
            if mask is None:
                mean, variance = tf.nn.moments(x, axes)
            else:
                weights = tf.reshape(tf.cast(mask, x.dtype), [*mask.shape, *[1] * (x.ndim - mask.ndim)])
                mean, variance = tf.nn.weighted_moments(x, axes, weights)
            rest = 1.0 - self.momentum
            self.moving_mean.assign(self.moving_mean * self.momentum + tf.cast(mean, self.moving_mean.dtype) * rest)
            self.moving_variance.assign(
                self.moving_variance * self.momentum + tf.cast(variance, self.moving_variance.dtype) * rest
            )
        else:
            mean, variance = tf.cast(self.moving_mean, x.dtype), tf.cast(self.moving_variance, x.dtype)
        shape = [x.shape[channel] if axis == channel else 1 for axis in range(x.ndim)]
        outputs = self.scaled(x, tf.reshape(mean, shape), tf.reshape(variance, shape), shape)
        return tf.cast(outputs, inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "axis": self.axis,
            "momentum": self.momentum,
            "synchronized": self.synchronized,
            "renorm": False,
            "renorm_clipping": None,
            "renorm_momentum": 0.99,
        }


class LayerNormalization(Normalizing):
    """Mean 0 and variance 1 for each sample.

    Args:
        axis: the axis, or the axes, over which moments are taken.
        epsilon: added to the variance.
        center: whether beta is added.
        scale: whether it is multiplied by gamma.
        beta_initializer, gamma_initializer: of the weights.
        beta_regularizer, gamma_regularizer: of the weights.
        beta_constraint, gamma_constraint: of the weights.
        **kwargs: those of `Layer`.

    See `Ba et al., 2016 <https://arxiv.org/abs/1607.06450>`_.

    >>> import tapeflow as tf
    >>> tf.keras.layers.LayerNormalization()(tf.constant([[1.0, 3.0]])).numpy().round(2)
    array([[-1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
            **kwargs,
        )
        if not isinstance(axis, int | list | tuple):
            raise TypeError(f"Expected an int or a list/tuple of ints for the argument 'axis', but received: {axis}")
        self.axis = axis if isinstance(axis, int) else list(axis)

    def _axes(self, rank: int) -> list[int]:
        return sorted(axis % rank for axis in ([self.axis] if isinstance(self.axis, int) else self.axis))

    def build(self, input_shape: Any) -> None:
        self.make_scale(tuple(input_shape[axis] for axis in self._axes(len(input_shape))))
        if isinstance(self.axis, int):
            self.axis = [self.axis]

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, normalized."""
        x = _computed(inputs)
        axes = self._axes(x.ndim)
        mean, variance = tf.nn.moments(x, axes, keepdims=True)
        shape = [x.shape[axis] if axis in axes else 1 for axis in range(x.ndim)]
        return tf.cast(self.scaled(x, mean, variance, shape), inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "axis": self.axis if isinstance(self.axis, int) else list(self.axis),
            "rms_scaling": False,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described."""
        return super().from_config({name: value for name, value in config.items() if name != "rms_scaling"})


class GroupNormalization(Normalizing):
    """Mean 0 and variance 1 for each group of channels of a sample.

    Args:
        groups: how many groups there are; -1 for as many as there are channels.
        axis: the axis of the channels.
        epsilon: added to the variance.
        center: whether beta is added.
        scale: whether it is multiplied by gamma.
        beta_initializer, gamma_initializer: of the weights.
        beta_regularizer, gamma_regularizer: of the weights.
        beta_constraint, gamma_constraint: of the weights.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: when built: the channels cannot be divided so.

    See `Wu and He, 2018 <https://arxiv.org/abs/1803.08494>`_.

    >>> import tapeflow as tf
    >>> tf.keras.layers.GroupNormalization(2)(tf.constant([[1.0, 3.0, 5.0, 9.0]])).numpy().round(1)
    array([[-1.,  1., -1.,  1.]], dtype=float32)
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon,
            center,
            scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
            **kwargs,
        )
        self.groups, self.axis = groups, axis

    def build(self, input_shape: Any) -> None:
        channels = input_shape[self.axis]
        if channels is None:
            raise ValueError(
                f"Axis {self.axis} of input tensor should have a defined dimension but the layer received an input with shape "
                f"{input_shape}."
            )
        if self.groups == -1:
            self.groups = channels
        if channels < self.groups or channels % self.groups:
            raise ValueError(
                f"Number of groups ({self.groups}) must divide the number of channels ({channels}), and not exceed it."
            )
        self.make_scale((channels,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, normalized."""
        x = _computed(inputs)
        rank, channel, sizes = x.ndim, self.axis % x.ndim, tf.shape(x)
        shape = [sizes[i] if size is None else size for i, size in enumerate(x.shape)]
        width = x.shape[channel] // self.groups
        split = [*shape[:channel], self.groups, width, *shape[channel + 1 :]]
        axes = [axis for axis in range(1, rank + 1) if axis != channel]
        grouped = tf.reshape(x, split)
        mean, variance = tf.nn.moments(grouped, axes, keepdims=True)
        own = [1] * (rank + 1)
        own[channel], own[channel + 1] = self.groups, width
        return tf.cast(tf.reshape(self.scaled(grouped, mean, variance, own), shape), inputs.dtype)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"groups": self.groups, "axis": self.axis}


class UnitNormalization(Elementwise):
    """Norm 1 along an axis, or several.

    Args:
        axis: the axis, or a list of them.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.UnitNormalization()(tf.constant([[3.0, 4.0]])).numpy()
    array([[0.6, 0.8]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axis, int | list | tuple):
            raise TypeError(
                f"Invalid value for `axis` argument: expected an int or a list/tuple of ints. Received: axis={axis}"
            )
        self.axis = axis if isinstance(axis, int) else list(axis)

    def call(self, inputs: Tensor) -> Tensor:
        """The inputs, divided by their norms."""
        return tf.nn.l2_normalize(inputs, axis=self.axis, epsilon=1e-12)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"axis": self.axis}
