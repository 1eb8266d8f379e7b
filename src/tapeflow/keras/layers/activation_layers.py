"""Activations as layers, with and without weights."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras import activations, regularizers
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.settings import Configured, settings_of
from tapeflow.keras.layers.specification import InputSpec

__all__ = ["ELU", "Activation", "ActivityRegularization", "Identity", "LeakyReLU", "PReLU", "ReLU", "Softmax"]


class Elementwise(Layer):
    """A layer without weights, whose outputs have the shape of the inputs."""

    _builds_nothing = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> Any:  # type: ignore[override]
        return input_shape


class Identity(Elementwise):
    """Gives what it is given.

    Args:
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Identity()(tf.constant([1.0])).numpy()
    array([1.], dtype=float32)
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        return super().get_config()


class Activation(Elementwise):
    """A function of `keras.activations`, or any other.

    Args:
        activation: the function or its name.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Activation("relu")(tf.constant([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        """The function of the inputs."""
        return self.activation(inputs)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"activation": activations.serialize(self.activation)}


def _not_negative(layer: str, name: str, value: Any) -> float:
    if value is None or value < 0.0:
        raise ValueError(
            f"The {name} value of a {layer} layer cannot be None or negative value. Expected a float. Received: {name}={value}"
        )
    return value


class ReLU(Elementwise):
    """max(x, 0), or what is said instead.

    Args:
        max_value: the greatest value, or None.
        negative_slope: the slope below the threshold.
        threshold: where values begin to be passed on.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: an argument is negative.

    >>> import tapeflow as tf
    >>> tf.keras.layers.ReLU(max_value=6.0, negative_slope=0.5)(tf.constant([-1.0, 2.0, 9.0])).numpy()
    array([-0.5,  2. ,  6. ], dtype=float32)
    """

    def __init__(
        self, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        if "alpha" in kwargs:  # Keras 2's name
            negative_slope = kwargs.pop("alpha")
        if max_value is not None and max_value < 0.0:
            raise ValueError(f"max_value of a ReLU layer cannot be a negative value. Received: max_value={max_value}")
        if negative_slope is None or negative_slope < 0.0:
            raise ValueError(
                f"negative_slope of a ReLU layer cannot be a negative value. Received: negative_slope={negative_slope}"
            )
        if threshold is None or threshold < 0.0:
            raise ValueError(f"threshold of a ReLU layer cannot be a negative value. Received: threshold={threshold}")
        super().__init__(**kwargs)
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold

    def call(self, inputs: Tensor) -> Tensor:
        """The function of the inputs."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def get_config(self) -> dict[str, Any]:
        own = {"max_value": self.max_value, "negative_slope": self.negative_slope, "threshold": self.threshold}
        return super().get_config() | own


class LeakyReLU(Elementwise):
    """x where x is positive, and a fraction of it where it is negative.

    Args:
        negative_slope: the fraction.
        **kwargs: those of `Layer`; and `alpha`, Keras 2's name of `negative_slope`.

    Raises:
        ValueError: the slope is None or negative.

    >>> import tapeflow as tf
    >>> tf.keras.layers.LeakyReLU(0.5)(tf.constant([-1.0, 2.0])).numpy()
    array([-0.5,  2. ], dtype=float32)
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        if "alpha" in kwargs:
            negative_slope = kwargs.pop("alpha")
        _not_negative("Leaky ReLU", "negative_slope", negative_slope)
        super().__init__(**kwargs)
        self.negative_slope = negative_slope

    def call(self, inputs: Tensor) -> Tensor:
        """The function of the inputs."""
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"negative_slope": self.negative_slope}


class ELU(Elementwise):
    """x where x is positive, and alpha · (exp(x) - 1) where it is negative.

    Args:
        alpha: the factor.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.ELU()(tf.constant([-1.0, 2.0])).numpy().round(3)
    array([-0.632,  2.   ], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Tensor) -> Tensor:
        """The function of the inputs."""
        return activations.elu(inputs, self.alpha)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"alpha": self.alpha}


class Softmax(Elementwise):
    """exp(x) / Σ exp(x), along one or several axes.

    Args:
        axis: the axis, or a list of them.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.Softmax()(tf.constant([[0.0, 0.0]]), mask=tf.constant([[True, False]])).numpy()
    array([[1., 0.]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """The softmax of the inputs.

        Args:
            inputs: numbers.
            mask: False where a number is to count for nothing; of the shape of the inputs.
        """
        if mask is not None:
            least = -3e4 if inputs.dtype == tf.float16 else -1e9
            inputs = inputs + (1.0 - tf.cast(mask, inputs.dtype)) * least
        axes = self.axis if isinstance(self.axis, int) else list(self.axis)
        if isinstance(axes, int):
            return activations.softmax(inputs, axes)
        if len(axes) == 1:
            return activations.softmax(inputs, axes[0])
        return tf.exp(inputs - tf.reduce_logsumexp(inputs, axes, keepdims=True))

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"axis": self.axis}


class PReLU(Configured):
    """x where x is positive, and alpha · x where it is negative, with an alpha that is learned for each element.

    Args:
        alpha_initializer: of alpha, which has the shape of an input without the batch.
        alpha_regularizer: of alpha.
        alpha_constraint: of alpha.
        shared_axes: axes along which alpha is one.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.PReLU(alpha_initializer="ones")
    >>> layer(tf.constant([[-1.0, 2.0]])).numpy(), tuple(layer.alpha.shape)
    (array([[-1.,  2.]], dtype=float32), (2,))
    """

    _settings = settings_of("alpha")

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            alpha_initializer=alpha_initializer,
            alpha_regularizer=alpha_regularizer,
            alpha_constraint=alpha_constraint,
            **kwargs,
        )
        self.supports_masking = True
        self.shared_axes = None
        if shared_axes is not None:
            self.shared_axes = list(shared_axes) if isinstance(shared_axes, list | tuple) else [shared_axes]

    def build(self, input_shape: Any) -> None:
        shape = list(input_shape[1:])
        for axis in self.shared_axes or ():
            shape[axis - 1] = 1
        self.alpha = self.new_weight("alpha", tuple(shape))
        fixed = [axis for axis in range(1, len(input_shape)) if axis not in (self.shared_axes or ())]
        self.input_spec = InputSpec(ndim=len(input_shape), axes={axis: input_shape[axis] for axis in fixed})

    def call(self, inputs: Tensor) -> Tensor:
        """The function of the inputs."""
        return activations.relu(inputs) - self.alpha * activations.relu(-inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:  # type: ignore[override]
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            **self.settings_config(),
            "shared_axes": None if self.shared_axes is None else list(self.shared_axes),
        }


class ActivityRegularization(Elementwise):
    """Gives what it is given, and adds l1 · Σ|x| + l2 · Σx² to `losses`, as a mean over the batch.

    Args:
        l1: the factor of the sum of absolute values.
        l2: the factor of the sum of squares.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.ActivityRegularization(l2=0.5)
    >>> _ = layer(tf.constant([[1.0, 2.0]]))
    >>> layer.losses[0].numpy()
    np.float32(2.5)
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1, l2), **kwargs)
        self.l1, self.l2 = l1, l2

    def call(self, inputs: Any) -> Any:
        """The inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        own = super().get_config() | {"l1": self.l1, "l2": self.l2}
        own.pop("activity_regularizer")
        return own
