"""`Dense`: an affine map of the last axis, and an activation."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras import activations
from tapeflow.keras.layers.settings import Configured, settings_of
from tapeflow.keras.layers.specification import InputSpec

__all__ = ["Dense", "positive_integer", "refuse_quantization"]


def positive_integer(name: str, value: Any) -> int:
    """An argument that counts something.

    Raises:
        ValueError: it is no positive integer.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) <= 0:
        raise ValueError(f"Received an invalid value for `{name}`, expected a positive integer. Received: {name}={value}")
    return int(value)


def refuse_quantization(layer: str, lora_rank: Any, lora_alpha: Any, quantization_config: Any) -> None:
    """Raises NotImplementedError if one of these is asked for."""
    asked = {"lora_rank": lora_rank, "lora_alpha": lora_alpha, "quantization_config": quantization_config}
    for name, value in asked.items():
        if value is not None:
            raise NotImplementedError(f"{layer} does not support `{name}`")


class Dense(Configured):
    """activation(x · kernel + bias), along the last axis.

    Args:
        units: the size of the last axis of the outputs.
        activation: a function or the name of one of `keras.activations`; by default none.
        use_bias: whether there is a bias.
        kernel_initializer: of the kernel, of shape (inputs, units).
        bias_initializer: of the bias, of shape (units,).
        kernel_regularizer: of the kernel.
        bias_regularizer: of the bias.
        activity_regularizer: of the outputs.
        kernel_constraint: of the kernel.
        bias_constraint: of the bias.
        lora_rank, lora_alpha, quantization_config: must be None.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: `units` is no positive integer.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.Dense(2, activation="relu", kernel_initializer="ones", name="dense")
    >>> layer(tf.constant([[1.0, 2.0, 3.0]])).numpy()
    array([[6., 6.]], dtype=float32)
    >>> [(w.path, tuple(w.shape)) for w in layer.weights]
    [('dense/kernel', (3, 2)), ('dense/bias', (2,))]
    """

    _settings = settings_of("kernel", "bias")

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ) -> None:
        refuse_quantization("Dense", lora_rank, lora_alpha, quantization_config)
        units = positive_integer("units", units)
        super().__init__(
            activity_regularizer=activity_regularizer,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self._kernel = self.new_weight("kernel", (input_shape[-1], self.units))
        self.bias = self.new_weight("bias", (self.units,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=2, axes={-1: input_shape[-1]})

    @property
    def kernel(self) -> Any:
        """The matrix.

        Raises:
            AttributeError: the layer is not built.
        """
        if not self.built:
            raise AttributeError("You must build the layer before accessing `kernel`.")
        return self._kernel

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """The outputs.

        Args:
            inputs: of shape (…, inputs).
            training: has no effect.
        """
        if not inputs.dtype.is_floating and not inputs.dtype.is_complex:
            inputs = tf.cast(inputs, self.compute_dtype)
        kernel = self._kernel
        x = tf.matmul(inputs, kernel) if inputs.ndim == 2 else tf.tensordot(inputs, kernel, [[inputs.ndim - 1], [0]])
        if self.bias is not None:
            x = x + self.bias
        return x if self.activation is activations.linear else self.activation(x)

    def compute_output_shape(self, input_shape: Any) -> tuple:  # type: ignore[override]
        return (*tuple(input_shape)[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **self.settings_config(),
            "quantization_config": None,
        }
