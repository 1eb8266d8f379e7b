"""Layers called on shapes: what they give is known before there are values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor

__all__ = ["output_shapes", "output_specs"]


class Traced:
    """A function of arguments and keyword arguments; an object, for each is traced once, and that is no reason to warn."""

    def __init__(self, function: Callable) -> None:
        self.function = function

    def __call__(self, args: Any, kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


def output_specs(function: Any, args: Any, kwargs: Any) -> Any:
    """What a function gives for tensors of these specs: `tf.TensorSpec`s in its structure. Layers in it build themselves."""
    concrete = tf.function(Traced(function)).get_concrete_function(args, kwargs)
    return tf.nest.map_structure(
        lambda leaf: tf.TensorSpec(leaf.shape, leaf.dtype) if isinstance(leaf, Tensor) else leaf, concrete.structured_outputs
    )


def output_shapes(layer: Any, args: tuple, kwargs: dict) -> Any:
    """The shapes of what a layer gives for inputs of these shapes.

    Raises:
        NotImplementedError: the layer cannot be traced.
    """

    def specs(shape: Any) -> Any:
        if isinstance(shape, dict):
            return {name: specs(each) for name, each in shape.items()}
        if shape is not None and any(isinstance(size, tuple | list | dict) for size in shape):
            return [specs(each) for each in shape]
        return tf.TensorSpec(shape, layer.compute_dtype)

    try:
        found = output_specs(
            layer, tuple(map(specs, args)), {name.removesuffix("_shape"): specs(each) for name, each in kwargs.items()}
        )
    except NotImplementedError:
        raise
    except Exception as error:
        raise NotImplementedError(
            f"The shape of what layer '{layer.name}' gives could not be found out by tracing it; override "
            f"`compute_output_shape` in {type(layer).__name__}. Tracing it gave: {error}"
        ) from error
    return tf.nest.map_structure(lambda spec: tuple(spec.shape) if spec.shape.rank is not None else None, found)
