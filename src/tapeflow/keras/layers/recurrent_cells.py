"""Cells of recurrent networks: one step each."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras import activations
from tapeflow.keras.layers.settings import Configured, settings_of
from tapeflow.keras.variable import Variable

__all__ = ["GRUCell", "LSTMCell", "SimpleRNNCell"]


class Cell(Configured):
    """A step: from an input and the state before it to an output and the state after it."""

    gates: int  # how many products with kernels there are
    states: int  # how many tensors the state has
    recurrent_activation: Any = None
    bias_initializer: Any
    _settings = settings_of("kernel", "recurrent", "bias")

    def __init__(
        self, units: int, activation: Any, use_bias: bool, dropout: float, recurrent_dropout: float, seed: Any, **kwargs: Any
    ) -> None:
        if isinstance(units, bool) or not isinstance(units, int) or units <= 0:
            raise ValueError(f"Received an invalid value for argument `units`, expected a positive integer, got {units}.")
        if dropout or recurrent_dropout:
            raise NotImplementedError(
                f"{type(self).__name__} does not support `dropout` and `recurrent_dropout`: put a Dropout layer before it"
            )
        super().__init__(**kwargs)
        self.units, self.use_bias, self.seed = units, use_bias, seed
        self.activation = activations.get(activation)
        self.bias: Any = None

    @property
    def state_size(self) -> Any:
        """How many numbers the state has; a list for a state of several tensors."""
        return self.units if self.states == 1 else [self.units] * self.states

    @property
    def output_size(self) -> int:
        """How many numbers an output has."""
        return self.units

    def get_initial_state(self, batch_size: Any = None) -> list[Tensor]:
        """Zeros, for each sample of a batch.

        Args:
            batch_size: how many samples there are.
        """
        return [tf.zeros([batch_size, self.units], self.compute_dtype) for _ in range(self.states)]

    def build(self, input_shape: Any) -> None:
        wide = self.gates * self.units
        self.kernel = self.new_weight("kernel", (input_shape[-1], wide))
        self.recurrent_kernel = self.new_weight("recurrent_kernel", (self.units, wide), "recurrent")
        if self.use_bias:
            self.bias = self.new_bias()

    def new_bias(self) -> Variable:
        """The bias."""
        return self.new_weight("bias", (self.gates * self.units,))

    def with_bias(self, x: Tensor) -> Tensor:
        """A sum with the bias, if there is one."""
        return x if self.bias is None else x + self.bias

    def get_config(self) -> dict[str, Any]:
        own = {
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "dropout": 0.0,
            "recurrent_dropout": 0.0,
            "seed": self.seed,
        }
        if self.recurrent_activation is not None:
            own["recurrent_activation"] = activations.serialize(self.recurrent_activation)
        return super().get_config() | own | self.settings_config()


class SimpleRNNCell(Cell):
    """One step of tanh(x · kernel + state · recurrent_kernel + bias).

    Args:
        units: how many numbers the state has.
        activation: of the new state; a function or the name of one of `keras.activations`.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: of the weights.
        kernel_constraint, recurrent_constraint, bias_constraint: of the weights.
        dropout, recurrent_dropout: must be 0.
        seed: has no effect without dropout.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> cell = tf.keras.layers.SimpleRNNCell(4)
    >>> output, states = cell(tf.ones([2, 3]), cell.get_initial_state(2))
    >>> output.shape, len(states)
    (TensorShape([2, 4]), 1)
    """

    gates = 1
    states = 1

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation,
            use_bias,
            dropout,
            recurrent_dropout,
            seed,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )

    def call(self, sequence: Tensor, states: Any, training: bool = False) -> Any:
        """The output and the new state.

        Args:
            sequence: the input of a step, of shape (batch, features).
            states: the state before it.
            training: has no effect.
        """
        before = states[0] if isinstance(states, list | tuple) else states
        h = self.activation(self.with_bias(tf.matmul(sequence, self.kernel)) + tf.matmul(before, self.recurrent_kernel))
        return h, [h] if isinstance(states, list | tuple) else h


class GRUCell(Cell):
    """One step of a gated recurrent unit: `Cho et al., 2014 <https://arxiv.org/abs/1406.1078>`_.

    Args:
        units: how many numbers the state has.
        activation: of the new state; a function or the name of one of `keras.activations`.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: of the weights.
        kernel_constraint, recurrent_constraint, bias_constraint: of the weights.
        dropout, recurrent_dropout: must be 0.
        seed: has no effect without dropout.
        reset_after: whether the reset gate acts after the product with the recurrent kernel.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> cell = tf.keras.layers.GRUCell(4)
    >>> output, states = cell(tf.ones([2, 3]), cell.get_initial_state(2))
    >>> output.shape, len(states)
    (TensorShape([2, 4]), 1)
    """

    gates = 3
    states = 1

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation,
            use_bias,
            dropout,
            recurrent_dropout,
            seed,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def new_bias(self) -> Variable:
        wide = self.gates * self.units
        return self.new_weight("bias", (2, wide) if self.reset_after else (wide,))

    def call(self, sequence: Tensor, states: Any, training: bool = False) -> Any:
        """The output and the new state.

        Args:
            sequence: the input of a step, of shape (batch, features).
            states: the state before it.
            training: has no effect.
        """
        before = states[0] if isinstance(states, list | tuple) else states
        given, units = tf.matmul(sequence, self.kernel), self.units
        if self.reset_after:
            inner = tf.matmul(before, self.recurrent_kernel)
            if self.bias is not None:
                given, inner = given + self.bias[0], inner + self.bias[1]
            update, reset, new = tf.split(given, 3, axis=1)
            update_before, reset_before, new_before = tf.split(inner, 3, axis=1)
            z, r = self.recurrent_activation(update + update_before), self.recurrent_activation(reset + reset_before)
            candidate = self.activation(new + r * new_before)
        else:
            update, reset, new = tf.split(self.with_bias(given), 3, axis=1)
            kernel = tf.convert_to_tensor(self.recurrent_kernel)
            z = self.recurrent_activation(update + tf.matmul(before, kernel[:, :units]))
            r = self.recurrent_activation(reset + tf.matmul(before, kernel[:, units : 2 * units]))
            candidate = self.activation(new + tf.matmul(r * before, kernel[:, 2 * units :]))
        h = z * before + (1.0 - z) * candidate
        return h, [h] if isinstance(states, list | tuple) else h

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"reset_after": self.reset_after}


class LSTMCell(Cell):
    """One step of long short-term memory: `Hochreiter and Schmidhuber, 1997 <https://doi.org/10.1162/neco.1997.9.8.1735>`_.

    Args:
        units: how many numbers the state has.
        activation: of the new state; a function or the name of one of `keras.activations`.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: of the weights.
        unit_forget_bias: whether the forget gate's bias begins as 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: of the weights.
        kernel_constraint, recurrent_constraint, bias_constraint: of the weights.
        dropout, recurrent_dropout: must be 0.
        seed: has no effect without dropout.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> cell = tf.keras.layers.LSTMCell(4)
    >>> output, states = cell(tf.ones([2, 3]), cell.get_initial_state(2))
    >>> output.shape, len(states)
    (TensorShape([2, 4]), 2)
    """

    gates = 4
    states = 2

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation,
            use_bias,
            dropout,
            recurrent_dropout,
            seed,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    def new_bias(self) -> Variable:
        if not self.unit_forget_bias:
            return super().new_bias()
        units, initializer = self.units, self.bias_initializer

        def first(shape: Any, dtype: Any) -> Tensor:
            parts = initializer((units,), dtype=dtype), tf.ones((units,), dtype), initializer((2 * units,), dtype=dtype)
            return tf.reshape(tf.concat(parts, 0), shape)

        return self.new_weight("bias", (4 * units,), initializer=first)

    def call(self, sequence: Tensor, states: Any, training: bool = False) -> Any:
        """The output and the new state, two tensors: what is given out, and what is carried on.

        Args:
            sequence: the input of a step, of shape (batch, features).
            states: the state before it.
            training: has no effect.
        """
        before, carried = states[0], states[1]
        gates = self.with_bias(tf.matmul(sequence, self.kernel) + tf.matmul(before, self.recurrent_kernel))
        inside, forget, new, out = tf.split(gates, 4, axis=1)
        sigma = self.recurrent_activation
        carried = sigma(forget) * carried + sigma(inside) * self.activation(new)
        h = sigma(out) * self.activation(carried)
        return h, [h, carried]

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"unit_forget_bias": self.unit_forget_bias}
