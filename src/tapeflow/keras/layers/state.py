"""The state of a layer: its weights, listed, read, set and counted, and the losses that it adds."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import tapeflow as tf
from tapeflow.core.module import Module
from tapeflow.core.tensor import Tensor
from tapeflow.keras import constraints, initializers, regularizers
from tapeflow.keras.layers.tracking import Parts
from tapeflow.keras.naming import inside
from tapeflow.keras.variable import Variable

__all__ = ["State"]

FORGOTTEN = (
    "In layer '{0}', you forgot to call `super().__init__()` as the first statement in the `__init__()` method. Go add it!"
)


class State(Module):
    """What a layer holds. `Layer` has the constructor."""

    _parts: Parts
    _losses: list[Any]
    _trainable: bool
    name: str  # type: ignore[assignment]
    dtype_policy: Any
    built: bool

    def _require_constructed(self) -> None:
        if "_trainable" not in vars(self):
            raise RuntimeError(FORGOTTEN.format(type(self).__name__))

    # -- making weights --------------------------------------------------------------------------------------

    def add_weight(
        self,
        *args: Any,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: Any = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
        **keras_2: Any,
    ) -> Variable:
        """A new weight.

        Args:
            *args: the shape; or, as in Keras 2, the name, and then shape, dtype and initializer.
            shape: the shape; () by default.
            initializer: a name or object of `keras.initializers`, or a function of a shape and a dtype. By default Glorot's uniform
                one for floating-point numbers, and zeros for the rest.
            dtype: the dtype; by default the layer's.
            trainable: whether it is trained.
            autocast: whether layers with mixed precision read it in the dtype that they compute with.
            regularizer: what it adds to `losses`.
            constraint: what optimizers apply after each update.
            aggregation: accepted; there is one replica.
            overwrite_with_gradient: kept on the variable.
            name: its name; by default "variable", "variable_1", …
            **keras_2: arguments of Keras 2 that say where a variable is kept: `experimental_autocast`, `use_resource`,
                `synchronization`, `collections`, `partitioner`, `getter`, `caching_device`.

        Raises:
            RuntimeError: `super().__init__()` was not called.
            ValueError: the layer is built already, or a size is not known.
        """
        self._require_constructed()
        if args and isinstance(args[0], str):
            name, *args = args  # type: ignore[assignment]
        given = dict(zip(("shape", "dtype", "initializer"), args, strict=False))
        shape, dtype = given.get("shape", shape), given.get("dtype", dtype)
        initializer = given.get("initializer", initializer)
        autocast = keras_2.pop("experimental_autocast", autocast)
        unknown = set(keras_2) - {
            "use_resource",
            "synchronization",
            "collections",
            "partitioner",
            "getter",
            "caching_device",
        }
        if unknown or len(args) > 3:
            raise TypeError(f"{type(self).__name__}.add_weight() got unexpected arguments: {sorted(unknown) or args[3:]}")
        kind = tf.as_dtype(self.dtype_policy.variable_dtype if dtype is None else dtype)
        if initializer is None:
            initializer = "glorot_uniform" if kind.is_floating else "zeros"
        dims = (shape,) if isinstance(shape, int) else () if shape is None else shape
        with inside(self.name, self), tf.init_scope():
            variable = Variable(
                _of_shape(initializers.get(initializer)),
                shape=dims,
                dtype=kind,
                trainable=trainable,
                autocast=autocast,
                name=name,
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._parts.note(variable)
        return variable

    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Keras's other name of `add_weight`; arguments are the same as there."""
        return self.add_weight(
            shape=shape,
            initializer=initializer,
            dtype=dtype,
            trainable=trainable,
            autocast=autocast,
            regularizer=regularizer,
            constraint=constraint,
            name=name,
        )

    # -- listing them ----------------------------------------------------------------------------------------

    @property
    def variables(self) -> list[Variable]:  # type: ignore[override]
        """All variables: the layer's own, trainable ones first, then the states of its seeds, then those of the layers in it."""
        parts = self._parts
        own = [*parts.trainable, *parts.non_trainable, *[seed.state for seed in parts.seeds]]
        return _once([*own, *[v for layer in parts.layers for v in layer.variables]])

    @property
    def trainable_variables(self) -> list[Variable]:  # type: ignore[override]
        """Those of the variables that are trained; none if the layer is not `trainable`."""
        return [v for v in self.variables if v.trainable] if self._trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:  # type: ignore[override]
        """The other variables."""
        return [v for v in self.variables if not v.trainable] if self._trainable else self.variables

    @property
    def weights(self) -> list[Variable]:
        """The variables without the states of seeds."""
        parts = self._parts
        return _once([*parts.trainable, *parts.non_trainable, *[w for layer in parts.layers for w in layer.weights]])

    @property
    def trainable_weights(self) -> list[Variable]:
        """Those of the weights that are trained; none if the layer is not `trainable`."""
        return [w for w in self.weights if w.trainable] if self._trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The other weights."""
        return [w for w in self.weights if not w.trainable] if self._trainable else self.weights

    @property
    def metrics(self) -> list[Any]:
        """The metrics in the layer and in the layers in it."""
        return [*self._parts.metrics, *[metric for layer in self._parts.layers for metric in layer.metrics]]

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of the metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    @property
    def trainable(self) -> bool:
        """Whether the layer is trained. Setting it sets it for the weights and for the layers in it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        self._trainable = value
        for variable in self._parts.trainable:
            variable.trainable = value
        for layer in self._parts.layers:
            layer.trainable = value

    def _layers_inside(self) -> Iterator[Any]:
        """This layer and all in it, in Keras's order."""
        yield self
        waiting, met = deque(self._parts.layers), set()
        while waiting:
            layer = waiting.popleft()
            if id(layer) not in met:
                met.add(id(layer))
                yield layer
                waiting.extendleft(layer._parts.layers)

    # -- their values ------------------------------------------------------------------------------------------

    def get_weights(self) -> list[np.ndarray]:
        """The values of the weights, arrays of the caller's own."""
        return [np.asarray(weight.numpy()) for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Gives the weights values, in the order of `weights`.

        Args:
            weights: an array for each weight.

        Raises:
            ValueError: there are too many or too few, or one has another shape; nothing is changed.
        """
        own, given = self.weights, list(weights)
        if len(own) != len(given):
            raise ValueError(
                f"You called `set_weights(weights)` on layer '{self.name}' with a weight list of length {len(given)}, but the "
                f"layer was expecting {len(own)} weights."
            )
        for weight, value in zip(own, given, strict=True):
            shape = np.shape(value) if not hasattr(value, "shape") else tuple(value.shape)
            if tuple(weight.shape) != shape:
                raise ValueError(
                    f"Layer {self.name} weight shape {tuple(weight.shape)} is not compatible with provided weight shape {shape}."
                )
        for weight, value in zip(own, given, strict=True):
            weight.assign(value)

    def count_params(self) -> int:
        """The number of scalars in the weights.

        Raises:
            ValueError: the layer is not built.
        """
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on layer '{self.name}', but the layer isn't built. You can build it manually "
                "via: `layer.build(input_shape)`."
            )
        return sum(math.prod(weight._value.shape) for weight in self.weights)

    # -- losses ------------------------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Adds a number, or a list of numbers, to `losses`, until the next call.

        Args:
            loss: tensors.

        Raises:
            ValueError: it is no tensor.
        """
        for value in tf.nest.flatten(loss):
            if not isinstance(value, Tensor):
                raise ValueError(
                    "`add_loss()` can only be called from inside `build()` or `call()`, on a tensor input. Received invalid "
                    f"value: {value}"
                )
            self._losses.append(value)

    @property
    def losses(self) -> list[Any]:
        """What the last call added, here and in the layers in it, and then what the regularizers of trained weights give."""
        added = [loss for layer in self._layers_inside() for loss in layer._losses]
        return added + [w.regularizer(w) for w in self.trainable_weights if w.regularizer is not None]

    def _clear_losses(self) -> None:
        for layer in self._layers_inside():
            layer._losses.clear()


def _once(variables: list[Variable]) -> list[Variable]:
    return list({id(variable): variable for variable in variables}.values())


def _of_shape(initializer: Any) -> Any:
    """An initializer as a function of a shape and a dtype, also where it is a function that takes them by other names."""

    def first(shape: Any, dtype: Any) -> Any:
        return initializer(shape, dtype=dtype)

    return first
