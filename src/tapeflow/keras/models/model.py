"""`tf.keras.Model`: a layer that is made of layers, and can be looked into."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.errors import NotFoundError
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.models.summary import summary_text

__all__ = ["Model"]

OF_KERAS = frozenset(
    """
    compile compile_from_config compiled_loss compiled_metrics compute_loss compute_metrics distribute_reduction_method
    distribute_strategy evaluate export fit get_compile_config get_metrics_result jit_compile loss make_predict_function
    make_test_function make_train_function metrics_names predict predict_on_batch predict_step quantize reset_metrics run_eagerly
    save test_on_batch test_step to_json train_on_batch train_step
    """.split()  # noqa: SIM905  one a line would be a page of names
)


class Model(Layer):
    """A layer that is made of layers; for subclasses, which put layers into attributes and call them in `call`.

    Args:
        *args: `inputs` and `outputs`, for a model of layers that were called on `keras.Input`s; none for subclasses.
        **kwargs: those of `Layer`; and `inputs` and `outputs` by name.

    >>> import tapeflow as tf
    >>> class Classifier(tf.keras.Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = tf.keras.layers.Dense(8, activation="relu", name="hidden")
    ...         self.dropout = tf.keras.layers.Dropout(0.5)
    ...         self.scores = tf.keras.layers.Dense(3)
    ...     def call(self, inputs, training=False):
    ...         return self.scores(self.dropout(self.hidden(inputs), training=training))
    >>> model = Classifier()
    >>> model(tf.ones([5, 4])).shape
    TensorShape([5, 3])
    >>> inputs = tf.keras.Input((4,))
    >>> tf.keras.Model(inputs, tf.keras.layers.Dense(3)(inputs) + 1.0)(tf.ones([5, 4])).shape
    TensorShape([5, 3])
    >>> [v.path for v in model.trainable_variables][:2], model.count_params()
    (['classifier/hidden/kernel', 'classifier/hidden/bias'], 67)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and (args or "outputs" in kwargs):
            from tapeflow.keras.models.functional import Functional

            cls = Functional
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = dict(zip(("inputs", "outputs", "name"), args, strict=False))
        given |= {name: kwargs.pop(name) for name in ("inputs", "outputs") if name in kwargs}
        super().__init__(**({"name": given.pop("name")} if "name" in given else {}), **kwargs)
        vars(self)["_graph"] = None
        if given:
            from tapeflow.keras.models.functional import equip

            if set(given) != {"inputs", "outputs"}:
                raise ValueError(f"Model needs both `inputs` and `outputs`. Received: {given}")
            equip(self, **given)

    def __getattr__(self, name: str) -> Any:
        if name in OF_KERAS:
            raise AttributeError(
                f"tapeflow has no tf.keras.Model.{name} yet; write the training loop with a tf.GradientTape"
            )
        if hasattr(type(self), name):
            return object.__getattribute__(self, name)  # a property's own error, which would be lost
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs of `keras.Model(inputs, outputs)`; subclasses compute theirs here."""
        if self._graph is not None:
            return self._graph.run(args[0] if args else kwargs["inputs"])
        raise NotImplementedError(f"Model {type(self).__name__} does not have a `call()` method implemented.")

    def _require_graph(self) -> Any:
        if self._graph is None:
            raise AttributeError(f"{type(self).__name__!r} object '{self.name}' is not made of inputs and outputs")
        return self._graph

    @property
    def inputs(self) -> list[Any]:
        """The `keras.Input`s that it was made of, in a list."""
        return self._require_graph().sources

    @property
    def outputs(self) -> list[Any]:
        """What stands for the outputs, in a list."""
        return nest.flatten(self._require_graph().outputs)

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or a list of shapes if several were given in a structure."""
        return _shapes(self._require_graph().inputs)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or a list of shapes if several were given in a structure."""
        return _shapes(self._require_graph().outputs)

    @property
    def input(self) -> Any:
        """The inputs, in the structure that was given, for a model; or what it was called on."""
        return self._graph.inputs if self._graph is not None else super().input

    @property
    def output(self) -> Any:
        """The outputs, in the structure that was given, for a model; or what that call gave."""
        return self._graph.outputs if self._graph is not None else super().output

    # -- looking into it -------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers that it is made of, in the order in which they were put into attributes."""
        return list(self._parts.layers)

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`Model.layers` attribute is reserved and should not be used. Please use another name.")

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """One of the layers.

        Args:
            name: its name.
            index: or its place in `layers`.

        Raises:
            ValueError: there is none, or not just one of the two is given.

        >>> import tapeflow as tf
        >>> tf.keras.Sequential([tf.keras.layers.Dense(2, name="scores")]).get_layer("scores").units
        2
        """
        if index is not None and name is not None:
            raise ValueError(f"Provide only a layer name or a layer index. Received: index={index}, name={name}.")
        layers = self.layers
        if index is not None:
            if len(layers) <= index:
                raise ValueError(f"Was asked to retrieve layer at index {index} but model only has {len(layers)} layers.")
            return layers[index]
        if name is None:
            raise ValueError("Provide either a layer name or layer index at `get_layer`.")
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}. Existing layers are: {[layer.name for layer in layers]}.")

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Prints a table of the layers, what they give, and how many weights they have.

        Args:
            line_length: the width, in characters; 80 by default.
            positions: must be None.
            print_fn: is given the text, in place of `print`.
            expand_nested: must be False.
            show_trainable: must be False.
            layer_range: must be None.

        >>> import tapeflow as tf
        >>> tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2, name="scores")], name="net").summary()
        Model: "net"
        ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
        ┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
        ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
        │ scores (Dense)                  │ (None, 2)              │             8 │
        └─────────────────────────────────┴────────────────────────┴───────────────┘
         Total params: 8 (32.00 B)
         Trainable params: 8 (32.00 B)
         Non-trainable params: 0 (0.00 B)
        """
        options = {
            "positions": positions,
            "expand_nested": expand_nested,
            "show_trainable": show_trainable,
            "layer_range": layer_range,
        }
        for name, value in options.items():
            if value:
                raise NotImplementedError(f"Model.summary does not support `{name}`")
        text = summary_text(self, line_length or 80)
        if print_fn is None:
            print(text)
        else:
            print_fn(text + "\n")

    # -- files --------------------------------------------------------------------------------------------------

    def save_weights(self, filepath: Any, overwrite: bool = True, max_shard_size: Any = None) -> None:
        """Writes the values of the weights to a file of TapeFlow's own kind, for `load_weights`.

        Args:
            filepath: its name.
            overwrite: whether a file of this name may be replaced.
            max_shard_size: must be None.

        Raises:
            FileExistsError: there is one, and it may not.

        >>> import tempfile
        >>> import tapeflow as tf
        >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save_weights(folder + "/model.weights.h5")
        ...     before = model.get_weights()
        ...     model.layers[0].kernel.assign(tf.zeros([3, 2]), read_value=False)
        ...     model.load_weights(folder + "/model.weights.h5")
        >>> bool((model.get_weights()[0] == before[0]).all())
        True
        """
        if max_shard_size is not None:
            raise NotImplementedError("Model.save_weights does not support `max_shard_size`")
        if not overwrite and os.path.exists(filepath):
            raise FileExistsError(f"{os.fspath(filepath)} is there already, and `overwrite` is False")
        with open(filepath, "wb") as file:
            np.savez(file, *self.get_weights())

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Gives the weights the values that `save_weights` wrote, in their order.

        Args:
            filepath: the file's name.
            skip_mismatch: whether a weight of another shape keeps its value.
            **kwargs: none.

        Raises:
            NotFoundError: there is no such file.
            ValueError: it is of another kind, or has other weights; nothing is changed.
        """
        if kwargs:
            raise NotImplementedError(f"Model.load_weights does not support {', '.join(kwargs)}")
        try:
            with open(filepath, "rb") as file, np.load(file, allow_pickle=False) as found:
                values = [found[name] for name in sorted(found.files, key=lambda name: int(name.rpartition("_")[2]))]
        except FileNotFoundError:
            raise NotFoundError(None, None, f"there is no file {os.fspath(filepath)}") from None
        except (ValueError, OSError, EOFError) as error:
            raise ValueError(
                f"{os.fspath(filepath)} was not written by tapeflow's save_weights, and other files cannot be read ({error})"
            ) from None
        if skip_mismatch:
            own = self.weights
            for weight, value in zip(own, values, strict=False):
                if tuple(weight.shape) == value.shape:
                    weight.assign(value)
            return
        self.set_weights(values)


def _shapes(symbols: Any) -> Any:
    found = [symbol.shape for symbol in nest.flatten(symbols)]
    return found if nest.is_nested(symbols) else found[0]
