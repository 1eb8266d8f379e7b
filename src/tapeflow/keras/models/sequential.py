"""`tf.keras.Sequential`: layers one after the other."""

from __future__ import annotations

from typing import Any

from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.calling import shapes_of
from tapeflow.keras.layers.input_layer import InputLayer, KerasTensor
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.registry import deserialize, serialize
from tapeflow.keras.layers.specification import shape_tuple
from tapeflow.keras.models.model import Model
from tapeflow.keras.naming import current_path, inside

__all__ = ["Sequential"]


class Sequential(Model):
    """Layers that are each given what the one before gave.

    Args:
        layers: a list of layers; the first element may be a `keras.Input`, and then the weights are made at once.
        trainable: whether the weights are trained.
        name: the name.

    Raises:
        ValueError: one is no layer, or two have the same name.

    >>> import tapeflow as tf
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="tanh"), tf.keras.layers.Dense(1)])
    >>> optimizer = tf.keras.optimizers.SGD(0.1)
    >>> x = tf.constant([[0.0], [1.0]])
    >>> for _ in range(200):
    ...     with tf.GradientTape() as tape:
    ...         loss = tf.reduce_mean((model(x) - x**2) ** 2)
    ...     gradients = tape.gradient(loss, model.trainable_variables)
    ...     _ = optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    >>> bool(loss < 0.01)
    True
    """

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name)
        vars(self)["_output_shapes"] = {}
        vars(self)["_input"] = None
        self._sequence: list[Layer] = []
        if layers:
            for layer in layers if isinstance(layers, list | tuple) else [layers]:
                self.add(layer, rebuild=False)
            self._rebuild()

    # -- what is in it --------------------------------------------------------------------------------------

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Puts a layer at the end.

        Args:
            layer: the layer.
            rebuild: whether its weights are made at once, if what comes before tells their shapes.

        Raises:
            ValueError: it is no layer, or has the name of one that is there.

        >>> import tapeflow as tf
        >>> model = tf.keras.Sequential([tf.keras.Input((3,))])
        >>> model.add(tf.keras.layers.Dense(2))
        >>> model.output_shape
        (None, 2)
        """
        if isinstance(layer, KerasTensor) and isinstance(layer._layer, InputLayer):
            layer = layer._layer
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Only instances of `keras.Layer` can be added to a Sequential model. Received: {layer} (of type {type(layer)})"
            )
        if any(layer.name == other.name for other in self._sequence):
            raise ValueError(
                "All layers added to a Sequential model should have unique names. Name "
                f"'{layer.name}' is already the name of a layer in this model. Update the `name` argument to pass a unique name."
            )
        if isinstance(layer, InputLayer):
            if self._sequence or self._input is not None:
                raise ValueError(
                    f"Sequential model '{self.name}' has already been configured to use input shape {self.input_shape}. You "
                    "cannot add a different Input layer to it."
                )
            vars(self)["_input"] = layer
            return
        given = vars(layer).get("_given_input_shape")
        if given is not None and not self._sequence and self._input is None:
            vars(self)["_input"] = InputLayer(batch_shape=given)
        self._parts.locked = False
        self._sequence.append(layer)
        self.built = False
        if rebuild:
            self._rebuild()

    def pop(self, rebuild: bool = True) -> Layer:
        """Takes the last layer out, and gives it.

        Args:
            rebuild: accepted; the layers that are left keep their weights.

        Raises:
            IndexError: there is none.

        >>> import tapeflow as tf
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2), tf.keras.layers.Dense(1)])
        >>> model.pop().units, len(model.layers)
        (1, 1)
        """
        self._parts.locked = False
        layer = self._sequence.pop()
        self._output_shapes.pop(layer.name, None)
        return layer

    @property
    def layers(self) -> list[Layer]:
        """The layers in their order."""
        return list(self._sequence)

    @layers.setter
    def layers(self, value: Any) -> None:
        raise AttributeError("`Sequential.layers` attribute is reserved and should not be used. Use `add()` and `pop()`.")

    # -- building ---------------------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        """Makes the weights, if it is known what the first layer is given."""
        if self._input is not None and self._sequence:
            self.build(self._input.batch_shape)

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights of all layers.

        Args:
            input_shape: the shape of what the first layer is given, with the batch.

        Raises:
            ValueError: there are no layers.
        """
        if not self._sequence:
            raise ValueError(
                f"Sequential model {self.name} cannot be built because it has no layers. Call `model.add(layer)`."
            )
        if input_shape is None:
            raise ValueError(
                f"Sequential model {self.name} is built for the shape of its inputs: `model.build(input_shape)`"
            )
        shape: Any = shape_tuple(input_shape) if not isinstance(input_shape, dict) else input_shape
        if self._input is None and isinstance(shape, tuple):
            vars(self)["_input"] = InputLayer(batch_shape=shape)
        for layer in self._sequence:
            plain = type(layer).compute_output_shape is not Layer.compute_output_shape
            if plain and not layer.built:
                with inside(layer.name, layer):
                    layer.build(shape)
            shape = layer.compute_output_shape(shape)
            self._output_shapes[layer.name] = shape

    def _build_for(self, signature: Any, args: tuple, kwargs: dict) -> None:
        if not self._sequence:
            self.build(shapes_of(args[0]) if args else None)  # says that it cannot
        object.__setattr__(self, "_path", current_path())

    def _finish_building(self, shape: Any) -> None:
        super()._finish_building(shape)
        self._parts.locked = False

    @property
    def input_shape(self) -> Any:
        """The shape that the first layer is given, with the batch.

        Raises:
            AttributeError: it is not known yet.
        """
        return self._known_input().batch_shape

    @property
    def output_shape(self) -> Any:
        """The shape that the last layer gives, with the batch.

        Raises:
            AttributeError: it is not known yet.
        """
        self._known_input()
        return self._output_shapes[self._sequence[-1].name] if self._sequence else self.input_shape

    @property
    def inputs(self) -> list[KerasTensor]:
        """What stands for the inputs, in a list.

        Raises:
            AttributeError: their shape is not known yet.
        """
        return [self._known_input().output]

    def _known_input(self) -> InputLayer:
        if self._input is None:
            raise AttributeError(
                f"Sequential model '{self.name}' has no defined input shape yet: call it, or `model.build(input_shape)`"
            )
        return self._input

    def compute_output_shape(self, input_shape: Any) -> Any:  # type: ignore[override]
        if not self.built:
            self.build(input_shape)
        shape = input_shape
        for layer in self._sequence:
            shape = layer.compute_output_shape(shape)
        return shape

    # -- calling ------------------------------------------------------------------------------------------------

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        """What the last layer gives.

        Args:
            inputs: what the first layer is given.
            training: handed down to the layers.
            mask: given to the first layer, if it takes one.
            **kwargs: given to the first layer.
        """
        if not self.built and self._input is None and isinstance(inputs, Tensor):
            vars(self)["_input"] = InputLayer(batch_shape=shapes_of(inputs), dtype=inputs.dtype)
        x = inputs
        for layer in self._sequence:
            if layer is self._sequence[0] and (kwargs or mask is not None):
                x = layer(x, **kwargs) if mask is None else layer(x, mask=mask, **kwargs)
            else:
                x = layer(x)
            if not self.built:
                self._output_shapes[layer.name] = shapes_of(x)
        return x

    # -- as plain values --------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        listed = [self._input, *self._sequence] if self._input is not None else list(self._sequence)
        own = super().get_config() | {"layers": [serialize(layer) for layer in listed]}
        return own | ({"build_input_shape": self._input.batch_shape} if self._input is not None and self.built else {})

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that `get_config` described, with new weights.

        Args:
            config: what `get_config` gave.
            custom_objects: a program's own classes, by name.
        """
        model = cls(name=config.get("name"), trainable=config.get("trainable", True))
        for each in config["layers"]:
            model.add(deserialize(each, custom_objects))
        if not model.built and config.get("build_input_shape") and model._sequence:
            model.build(config["build_input_shape"])
        return model
