"""`tf.keras.Layer`: a function with weights.

A call goes from `__call__`, which makes tensors of the inputs, lets the layer build itself, and hands down `training`, to the
subclass's `call`. Inside `@tf.function` all of this happens while the function is traced, and nothing of it is left afterwards.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import tapeflow as tf
from tapeflow.core.symbolic import ACTIVE, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.deciding import converted
from tapeflow.keras import dtype_policies, regularizers
from tapeflow.keras.dtype_policies import DTypePolicy
from tapeflow.keras.layers.calling import CURRENT, Call, Signature, accepts, as_input, explained, shapes_of, signature_of
from tapeflow.keras.layers.nodes import called_on_symbols, holds_symbols
from tapeflow.keras.layers.specification import check_inputs, shape_tuple
from tapeflow.keras.layers.state import FORGOTTEN, State
from tapeflow.keras.layers.tracking import PLAIN, Parts
from tapeflow.keras.naming import auto_name, below, current_path, inside, outside, snake_case
from tapeflow.keras.variable import COMPUTE_DTYPE, DTypeName

__all__ = ["Layer", "keyword_arguments_of_keras_2"]

UNBUILDABLE = ("input_shape", "batch_input_shape", "input_dim", "batch_size", "weights", "input_dtype")


def keyword_arguments_of_keras_2(layer: Any, kwargs: dict[str, Any]) -> None:
    """Takes what Keras 2's layers said about their inputs out of the keyword arguments, and keeps it for `Sequential`.

    Raises:
        ValueError: others are left.
    """
    given = {name: kwargs.pop(name) for name in UNBUILDABLE if name in kwargs}
    shape = given.get("batch_input_shape")
    if shape is None and "input_shape" in given:
        shape = (given.get("batch_size"), *shape_tuple(given["input_shape"]))
    if shape is None and "input_dim" in given:
        shape = (given.get("batch_size"), given["input_dim"])
    if shape is not None:
        object.__setattr__(layer, "_given_input_shape", shape_tuple(shape))
    if "weights" in given and given["weights"] is not None:
        object.__setattr__(layer, "_given_weights", given["weights"])
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments passed to {type(layer).__name__}: {kwargs}")


def builds(build: Callable) -> Callable:
    """A `build` method with what goes around it: the layer's path, no tape and no trace, and that the layer is built then."""

    @functools.wraps(build)
    def build_once(self: Any, *args: Any, **kwargs: Any) -> None:
        if vars(self).get("_building"):  # super().build(…)
            build(self, *args, **kwargs)
            return
        self._require_constructed()
        object.__setattr__(self, "_building", True)
        try:
            with inside(self.name, self), tf.init_scope():
                self._path = current_path()
                build(self, *args, **kwargs)
        finally:
            object.__setattr__(self, "_building", False)
        self._finish_building(args[0] if args else next(iter(kwargs.values()), None))

    return build_once


class Layer(State):
    """The base class of layers.

    Args:
        activity_regularizer: a function of the outputs whose result, divided by the size of the batch, is added to `losses`; or a
            regularizer's name.
        trainable: whether the weights are trained.
        dtype: the name of the dtype that is computed with, or a `keras.DTypePolicy`; floating-point inputs are cast to it.
        autocast: whether they are.
        name: the name; by default the class's, in snake case and with a number if it was given before.
        **kwargs: `input_shape`, `input_dim`, `batch_input_shape` and `batch_size`, as Keras 2's: the shape of what a first layer of
            a `keras.Sequential` is given.

    Subclasses make their weights in the constructor, or in `build`, which is given the shape of the inputs when there are some, and
    compute in `call`:

    >>> import tapeflow as tf
    >>> class Scale(tf.keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factors = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factors")
    ...     def call(self, inputs):
    ...         return inputs * self.factors
    >>> layer = Scale(name="scale")
    >>> with tf.GradientTape() as tape:
    ...     y = layer(tf.constant([[1.0, 2.0, 3.0]]))
    >>> [v.path for v in layer.trainable_variables], tape.gradient(y, layer.factors).numpy()
    (['scale/factors'], array([1., 2., 3.], dtype=float32))
    """

    _TF_MODULE_IGNORED_PROPERTIES = frozenset({"_parts", "_losses", "_arguments", "_fitting", "_nodes", "_graph"})

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = object.__new__(cls)
        own = vars(layer)
        own["_parts"], own["_losses"], own["_arguments"], own["_nodes"] = Parts(), [], (args, kwargs), []
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        build = vars(cls).get("build")
        if build is not None:
            cls.build = builds(build)  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        keyword_arguments_of_keras_2(self, kwargs)
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(
                f"Argument `name` must be a string and cannot contain character `/`. Received: name={name} (of type {type(name)})"
            )
        own = vars(self)
        own["name"] = auto_name(snake_case(type(self).__name__)) if name is None else str(name)
        own["built"] = type(self).build is Layer.build and type(self)._builds_nothing
        own["_trainable"], own["autocast"] = bool(trainable), bool(autocast)
        self.dtype_policy = dtype_policies.get(dtype)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        own["input_spec"], own["supports_masking"] = None, False

    name: str = ""  # hides the property of modules: a layer may be renamed

    input_spec: Any
    supports_masking: bool
    autocast: bool
    _nodes: list[Any]
    _builds_nothing = False  # classes of Keras's own that have no weights are built from the start
    _path: str | None = None
    _build_shape: Any = None

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) not in PLAIN:
            value = self._parts.tracked(value)
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self._parts.forget(vars(self).get(name))
        super().__delattr__(name)

    # -- dtypes -----------------------------------------------------------------------------------------------

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The dtypes that are computed with, and kept."""
        return vars(self)["_policy"]

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        policy = dtype_policies.get(value)
        own = vars(self)
        own["_policy"], own["_computes"] = policy, tf.as_dtype(policy.compute_dtype)
        own["_is_mixed"] = policy.compute_dtype != policy.variable_dtype

    @property
    def dtype(self) -> DTypeName:
        """The name of the dtype of the weights."""
        return DTypeName(self.dtype_policy.variable_dtype)

    variable_dtype = dtype

    @property
    def compute_dtype(self) -> DTypeName:
        """The name of the dtype that is computed with."""
        return DTypeName(self.dtype_policy.compute_dtype)

    input_dtype = compute_dtype

    @property
    def path(self) -> str:
        """The names of the layers that this one was built in, and its own."""
        return self._path or self.name

    # -- building ---------------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Makes the weights; for subclasses. It is called before the first call, or by the user.

        Args:
            input_shape: the shape of the inputs, a tuple; None stands for an unknown size.
        """
        self._require_constructed()
        self._finish_building(input_shape)

    def _finish_building(self, shape: Any) -> None:
        own = vars(self)
        own["_build_shape"], own["built"] = shape, True
        if not self._trainable:
            self.trainable = False  # for the new weights, too
        weights = own.pop("_given_weights", None)
        if weights is not None:
            self.set_weights(weights)
        self._parts.locked = True
        restore = own.get("_restore_later")  # of a checkpoint that has values for these weights
        if restore is not None:
            restore()

    def _build_for(self, signature: Signature, args: tuple, kwargs: dict) -> None:
        """Builds the layer for the arguments of its first call."""
        build = type(self).build
        if build is Layer.build:
            return  # what is in it builds itself when it is called
        names = accepts(inspect.unwrap(build))
        first = shapes_of(args[0] if args else next(iter(kwargs.values()), None))
        if len(names) <= 1:
            self.build(first)
            return
        given = dict(zip(signature.names, args, strict=False)) | kwargs
        shapes = {f"{name}_shape": shapes_of(value) for name, value in given.items()}
        if names[0] not in shapes:
            shapes[names[0]] = first
        self.build(**{name: shapes[name] for name in names if shapes.get(name) is not None})

    # -- calling ------------------------------------------------------------------------------------------------

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the outputs; for subclasses.

        Raises:
            NotImplementedError: the subclass has none.
        """
        raise NotImplementedError(f"Layer {type(self).__name__} does not have a `call` method implemented.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs for the inputs: what the subclass's `call` gives.

        Args:
            *args: tensors, or lists, tuples and dicts of them; arrays and variables become tensors.
            **kwargs: further arguments of `call`. `training` is handed down to the layers that are called inside.

        Raises:
            ValueError: an input is no tensor, or does not have the shape that the layer expects.
        """
        own = vars(self)
        if "_trainable" not in own:
            raise RuntimeError(FORGOTTEN.format(type(self).__name__))
        signature = signature_of(type(self).call)
        dtype = own["_computes"] if own["autocast"] else None
        if len(args) == 1 and type(args[0]) is Tensor and (args[0].dtype is dtype or dtype is None) and not kwargs:
            key = (args[0]._value.shape, args[0]._value.dtype, own["input_spec"])  # nearly always such as the last time
        else:
            if holds_symbols(args, kwargs):
                check_inputs(own["input_spec"], args[0] if args else next(iter(kwargs.values())), self.name)
                if not own["built"]:
                    self._build_for(signature, args, kwargs)
                return called_on_symbols(self, args, kwargs)
            args, kwargs = self._inputs(args, kwargs, dtype)
            key = None
        if own["input_spec"] is not None and (args or kwargs) and (key is None or own.get("_fitting") != key):
            check_inputs(self.input_spec, args[0] if args else next(iter(kwargs.values())), self.name)
            own["_fitting"] = key
        call, outermost = CURRENT.get(), None
        if call is None:
            call = Call()
            outermost = CURRENT.set(call)
            self._clear_losses()
        inherited = call.training
        scope = below(self.name, self)
        computes = None
        try:
            training = self._training(signature, args, kwargs, inherited)
            call.training = training
            if not own["built"]:
                self._build_for(signature, args, kwargs)
            if own["_is_mixed"] or COMPUTE_DTYPE.get() is not None:
                computes = COMPUTE_DTYPE.set(own["_computes"])
            outputs = self._called(args, kwargs)
            if not own["built"]:
                object.__setattr__(self, "_path", current_path())
                self._finish_building(None)
            if own["activity_regularizer"] is not None:
                for output in tf.nest.flatten(outputs):
                    if isinstance(output, Tensor):
                        samples = tf.cast(tf.shape(output)[0] if output.shape[0] is None else output.shape[0], output.dtype)
                        self._losses.append(self.activity_regularizer(output) / samples)
            return outputs
        finally:
            if computes is not None:
                COMPUTE_DTYPE.reset(computes)
            outside(scope)
            call.training = inherited
            if outermost is not None:
                CURRENT.reset(outermost)

    def _called(self, args: tuple, kwargs: dict) -> Any:
        call = self.call
        if ACTIVE and (tracer := tracing()) is not None and not tracer.forbids_python:
            call = converted(call)
        try:
            return call(*args, **kwargs)
        except Exception as error:
            explained(error, self, args, kwargs)
            raise

    def _training(self, signature: Signature, args: tuple, kwargs: dict, inherited: Any) -> Any:
        """What `training` is in this call, and its place among the arguments: given, of the call around, or the default."""
        place = signature.training_place
        if place is not None and len(args) > place:
            return args[place]
        training = kwargs.get("training")
        if training is None:
            training = inherited if inherited is not None else signature.training_default
        if not signature.takes_training:
            kwargs.pop("training", None)
        elif training is not None and (place is not None or "training" in kwargs):
            kwargs["training"] = training
        return training

    def _inputs(self, args: tuple, kwargs: dict, dtype: Any) -> tuple[tuple, dict]:
        """The arguments with tensors where tensors must be.

        Raises:
            ValueError: a positional argument is something else.
        """
        args = tuple([as_input(value, dtype) for value in args])
        for value in args:
            for leaf in tf.nest.flatten(value):
                if leaf is not None and not isinstance(leaf, Tensor):
                    raise ValueError(
                        "Only input tensors may be passed as positional arguments. The following argument value should be passed "
                        f"as a keyword argument: {leaf} (of type {type(leaf)})"
                    )
        return args, {name: as_input(value, dtype) for name, value in kwargs.items()}

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the outputs: the inputs'.

        Args:
            inputs: accepted.
            previous_mask: the inputs' mask.
        """
        return previous_mask

    # -- shapes -----------------------------------------------------------------------------------------------

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """The shape of the outputs for inputs of a shape, a tuple.

        Args:
            *args: shapes; tuples in which None stands for an unknown size.
            **kwargs: further shapes, by the names of `call`'s arguments with "_shape" behind.

        Raises:
            NotImplementedError: it depends on more than that.
        """
        from tapeflow.keras.layers.symbolic import output_shapes

        return output_shapes(self, args, kwargs)

    def _first_node(self) -> Any:
        if not self._nodes:
            raise AttributeError(
                f"The layer {self.name} has never been called on a keras.Input and thus has no defined input."
            )
        return self._nodes[0]

    @property
    def input(self) -> Any:
        """What stands for the inputs, where the layer was called on a `keras.Input` or on what came of one.

        Raises:
            AttributeError: it was not.
        """
        node = self._first_node()
        return node.args[0] if node.args else next(iter(node.kwargs.values()))

    @property
    def output(self) -> Any:
        """What stands for the outputs, as `input` does for the inputs."""
        return self._first_node().outputs

    # -- what it is ---------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments that make another layer like this."""
        own = {"trainable": self.trainable, "dtype": dtype_policies.serialize(self.dtype_policy)}
        if self.activity_regularizer is not None:
            own["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        if type(self).get_config is not Layer.get_config:
            return {"name": self.name, **own}
        return self._constructor_arguments() | own

    def _constructor_arguments(self) -> dict[str, Any]:
        signature = inspect.signature(type(self).__init__)
        args, kwargs = vars(self)["_arguments"]
        bound = signature.bind(self, *args, **kwargs)
        bound.apply_defaults()
        kinds = {name: parameter.kind for name, parameter in signature.parameters.items()}
        found: dict[str, Any] = {}
        for name, value in list(bound.arguments.items())[1:]:
            if kinds[name] is inspect.Parameter.VAR_KEYWORD:
                found |= value
            elif kinds[name] is not inspect.Parameter.VAR_POSITIONAL:
                found[name] = value
        return found

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described: new, and without weights.

        Args:
            config: what `get_config` gave.

        Raises:
            TypeError: the constructor does not take that.
        """
        config = dict(config)
        if isinstance(config.get("dtype"), dict):
            config["dtype"] = dtype_policies.deserialize(config["dtype"])
        try:
            return cls(**config)
        except Exception as error:
            raise TypeError(
                f"Error when deserializing class '{cls.__name__}' using config={config}.\n\nException encountered: {error}"
            ) from error

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape that the layer was built for, in a dict; None if there was none."""
        return None if self._build_shape is None else {"input_shape": self._build_shape}

    def build_from_config(self, config: dict[str, Any] | None) -> None:
        """Builds the layer for the shape that `get_build_config` gave.

        Args:
            config: the dict.
        """
        if config and config.get("input_shape") is not None:
            self.build(config["input_shape"])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def __setstate__(self, state: dict[str, Any]) -> None:
        """What `copy` and `pickle` give: lists, dicts and sets are told again whose they are."""
        vars(self).update(state)
        for name, value in state.items():
            if type(value) in (list, dict, set) and name not in self._TF_MODULE_IGNORED_PROPERTIES:
                vars(self)[name] = self._parts.tracked(value)
