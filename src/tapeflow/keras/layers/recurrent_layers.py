"""Recurrent layers: a cell, step by step along a sequence."""

from __future__ import annotations

from typing import Any

import tapeflow as tf
from tapeflow.core.symbolic import ACTIVE, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.recurrent_cells import Cell, GRUCell, LSTMCell, SimpleRNNCell
from tapeflow.keras.layers.specification import InputSpec
from tapeflow.keras.naming import snake_case

__all__ = ["GRU", "LSTM", "RNN", "SimpleRNN"]

WRITTEN_OUT = 16  # steps that a trace writes out; more are a loop


class RNN(Layer):
    """A cell, step by step along sequences of shape (batch, steps, features).

    Args:
        cell: a layer with `state_size`, whose `call(inputs, states)` gives an output and the new states.
        return_sequences: whether the output of each step is given, or the last one's.
        return_state: whether the last state is given, too.
        go_backwards: whether steps are taken from the last to the first.
        stateful: must be False.
        unroll: whether a loop of known length is written out in a `tf.function`.
        zero_output_for_mask: must be False.
        **kwargs: those of `Layer`.

    Raises:
        ValueError: the cell is none.

    >>> import tapeflow as tf
    >>> layer = tf.keras.layers.RNN(tf.keras.layers.GRUCell(4), return_sequences=True)
    >>> layer(tf.ones([2, 5, 3])).shape
    TensorShape([2, 5, 4])
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ) -> None:
        if not callable(getattr(cell, "call", None)):
            raise ValueError(f"Argument `cell` should have a `call` method. Received: cell={cell}")
        if not hasattr(cell, "state_size"):
            raise ValueError(
                f"The RNN cell should have a `state_size` attribute (single integer or list of integers): {cell}"
            )
        if stateful or zero_output_for_mask:
            raise NotImplementedError(f"{type(self).__name__} does not support `stateful` and `zero_output_for_mask`")
        super().__init__(**kwargs)
        self.cell = cell
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards, self.unroll = go_backwards, unroll
        self.input_spec = InputSpec(ndim=3)

    @property
    def _sizes(self) -> list[int]:
        size = self.cell.state_size
        return list(size) if isinstance(size, list | tuple) else [size]

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Makes the cell's weights.

        Args:
            sequences_shape: the shape of the sequences.
            initial_state_shape: has no effect.
        """
        if not self.cell.built:
            self.cell.build((sequences_shape[0], sequences_shape[2]))

    def get_initial_state(self, batch_size: Any) -> list[Tensor]:
        """The state that sequences begin with: the cell's, or zeros.

        Args:
            batch_size: how many samples there are.
        """
        made = getattr(self.cell, "get_initial_state", None)
        if made is not None:
            found = made(batch_size=batch_size)
            return list(found) if isinstance(found, list | tuple) else [found]
        return [tf.zeros([batch_size, size], self.compute_dtype) for size in self._sizes]

    def call(self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        """The outputs: of the last step, or of all; and the last state, if that was asked for.

        Args:
            sequences: of shape (batch, steps, features).
            initial_state: the state to begin with, a tensor for each of the cell's; by default zeros.
            mask: must be None.
            training: handed to the cell.
        """
        if mask is not None:
            raise NotImplementedError(f"{type(self).__name__} does not support `mask`")
        if initial_state is None:
            batch = sequences.shape[0]
            states = self.get_initial_state(tf.shape(sequences)[0] if batch is None else batch)
        else:
            states = list(initial_state) if isinstance(initial_state, list | tuple) else [initial_state]
        if len(states) != len(self._sizes):
            raise ValueError(
                f"layer '{self.name}' has a state of {len(self._sizes)} tensors, and `initial_state` has {len(states)}"
            )
        if self.go_backwards:
            sequences = tf.reverse(sequences, [1])
        length = sequences.shape[1]
        is_traced = bool(ACTIVE) and tracing() is not None
        if length is not None and length > 0 and (not is_traced or self.unroll or length <= WRITTEN_OUT):
            outputs, states = self._stepped(sequences, length, states)
        else:
            outputs, states = self._looped(sequences, states)
        result = outputs if self.return_sequences else outputs[:, -1]
        return (result, *states) if self.return_state else result

    def _step(self, inputs: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        single = len(self._sizes) == 1 and not isinstance(self.cell.state_size, list | tuple)
        output, after = self.cell(inputs, states[0] if single else states)
        return output, list(after) if isinstance(after, list | tuple) else [after]

    def _stepped(self, sequences: Tensor, length: int, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        outputs = []
        for inputs in tf.unstack(sequences, length, axis=1):
            output, states = self._step(inputs, states)
            outputs.append(output)
        return tf.stack(outputs, axis=1), states

    def _looped(self, sequences: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        length = tf.shape(sequences)[1]
        array = tf.TensorArray(sequences.dtype, size=length, element_shape=None)

        def body(i: Tensor, states: list[Tensor], array: Any) -> Any:
            output, after = self._step(sequences[:, i], states)
            return i + 1, after, array.write(i, output)

        _, states, array = tf.while_loop(lambda i, states, array: i < length, body, (tf.constant(0), states, array))
        outputs = array.stack()
        return tf.transpose(outputs, [1, 0, *range(2, outputs.ndim)]), list(states)

    def compute_output_shape(self, sequences_shape: Any, initial_state_shape: Any = None) -> Any:  # type: ignore[override]
        """The shape of the outputs; a list with the states' shapes, if they are given.

        Args:
            sequences_shape: the shape of the sequences.
            initial_state_shape: has no effect.
        """
        size = getattr(self.cell, "output_size", self._sizes[0])
        outputs = (sequences_shape[0], sequences_shape[1], size) if self.return_sequences else (sequences_shape[0], size)
        return [outputs, *[(sequences_shape[0], size) for size in self._sizes]] if self.return_state else outputs

    def get_config(self) -> dict[str, Any]:
        from tapeflow.keras.layers.registry import serialize

        return super().get_config() | {
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": False,
            "unroll": self.unroll,
            "zero_output_for_mask": False,
            "cell": serialize(self.cell),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The layer that `get_config` described.

        Args:
            config: what `get_config` gave.
            custom_objects: a program's own classes, by name.
        """
        if "cell" in config:  # those that make their cell themselves have its settings instead
            from tapeflow.keras.layers.registry import deserialize

            config = config | {"cell": deserialize(config["cell"], custom_objects)}
        return super().from_config(config)


class OfOneCell(RNN):
    """A recurrent layer that makes its cell itself, and has its settings."""

    cell_type: type[Cell]

    def __init__(
        self,
        options: dict[str, Any],
        *,
        activity_regularizer: Any,
        return_sequences: bool,
        return_state: bool,
        go_backwards: bool,
        stateful: bool,
        unroll: bool,
        **of_cell: Any,
    ) -> None:
        cell = self.cell_type(
            name=snake_case(self.cell_type.__name__),
            dtype=options.get("dtype"),
            trainable=options.get("trainable", True),
            **of_cell,
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **options,
        )

    def get_config(self) -> dict[str, Any]:
        own, cell = super().get_config(), self.cell.get_config()
        del own["cell"]
        own.setdefault("activity_regularizer", None)
        return own | {name: value for name, value in cell.items() if name not in own}

    @property
    def units(self) -> int:
        """How many numbers the state has."""
        return self.cell.units


class SimpleRNN(OfOneCell):
    """State ← tanh(x · kernel + state · recurrent_kernel + bias), along sequences of shape (batch, steps, features).

    Args:
        units: how many numbers the state has.
        activation: of the new state; a function or the name of one of `keras.activations`.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: of the weights.
        activity_regularizer: of the outputs.
        kernel_constraint, recurrent_constraint, bias_constraint: of the weights.
        dropout, recurrent_dropout: must be 0.
        seed: has no effect without dropout.
        return_sequences: whether the output of each step is given, or the last one's.
        return_state: whether the last state is given, too.
        go_backwards: whether steps are taken from the last to the first.
        stateful: must be False.
        unroll: whether a loop of known length is written out in a `tf.function`.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.SimpleRNN(4, return_sequences=True)(tf.ones([2, 5, 3])).shape
    TensorShape([2, 5, 4])
    """

    cell_type = SimpleRNNCell

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kwargs,
            units=units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
        )

    def get_config(self) -> dict[str, Any]:
        own = super().get_config()
        own.pop("seed")
        return own


class GRU(OfOneCell):
    """A gated recurrent unit, along sequences of shape (batch, steps, features).

    See `Cho et al., 2014 <https://arxiv.org/abs/1406.1078>`_.

    Args:
        units: how many numbers the state has.
        activation: of the new state; a function or the name of one of `keras.activations`.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: of the weights.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: of the weights.
        activity_regularizer: of the outputs.
        kernel_constraint, recurrent_constraint, bias_constraint: of the weights.
        dropout, recurrent_dropout: must be 0.
        seed: has no effect without dropout.
        return_sequences: whether the output of each step is given, or the last one's.
        return_state: whether the last state is given, too.
        go_backwards: whether steps are taken from the last to the first.
        stateful: must be False.
        unroll: whether a loop of known length is written out in a `tf.function`.
        reset_after: whether the reset gate acts after the product with the recurrent kernel.
        use_cudnn: accepted; there is one way to compute it.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.GRU(4, return_sequences=True)(tf.ones([2, 5, 3])).shape
    TensorShape([2, 5, 4])
    """

    cell_type = GRUCell

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kwargs,
            units=units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            reset_after=reset_after,
            seed=seed,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
        )


class LSTM(OfOneCell):
    """Long short-term memory, along sequences of shape (batch, steps, features).

    See `Hochreiter and Schmidhuber, 1997 <https://doi.org/10.1162/neco.1997.9.8.1735>`_.

    Args:
        units: how many numbers the state has.
        activation: of the new state; a function or the name of one of `keras.activations`.
        recurrent_activation: of the gates.
        use_bias: whether there is a bias.
        kernel_initializer, recurrent_initializer, bias_initializer: of the weights.
        unit_forget_bias: whether the forget gate's bias begins as 1.
        kernel_regularizer, recurrent_regularizer, bias_regularizer: of the weights.
        activity_regularizer: of the outputs.
        kernel_constraint, recurrent_constraint, bias_constraint: of the weights.
        dropout, recurrent_dropout: must be 0.
        seed: has no effect without dropout.
        return_sequences: whether the output of each step is given, or the last one's.
        return_state: whether the last state is given, too.
        go_backwards: whether steps are taken from the last to the first.
        stateful: must be False.
        unroll: whether a loop of known length is written out in a `tf.function`.
        use_cudnn: accepted; there is one way to compute it.
        **kwargs: those of `Layer`.

    >>> import tapeflow as tf
    >>> tf.keras.layers.LSTM(4, return_sequences=True)(tf.ones([2, 5, 3])).shape
    TensorShape([2, 5, 4])
    """

    cell_type = LSTMCell

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kwargs,
            units=units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
        )
