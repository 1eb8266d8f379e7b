"""Layers called on `keras.Input`s: what is called on what is noted, for `keras.Model(inputs, outputs)` to do it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tapeflow as tf
from tapeflow.core.shapes import TensorShape
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.symbolic import output_specs
from tapeflow.keras.naming import auto_name

__all__ = ["Node", "Operation", "called_on_symbols", "holds_symbols", "is_symbol"]


class Node:
    """A call: of what, with which arguments, `KerasTensor`s among them, and which `KerasTensor`s it gave."""

    __slots__ = ("args", "kwargs", "operation", "outputs")

    def __init__(self, operation: Any, args: tuple, kwargs: dict[str, Any]) -> None:
        self.operation, self.args, self.kwargs = operation, args, kwargs
        self.outputs: Any = None

    @property
    def inputs(self) -> list[Any]:
        """The `KerasTensor`s among the arguments."""
        return [leaf for leaf in tf.nest.flatten((self.args, self.kwargs)) if is_symbol(leaf)]

    def run(self, values: dict[Any, Any]) -> Any:
        """What the call gives where the `KerasTensor`s have values."""

        def value(leaf: Any) -> Any:
            return values[leaf] if is_symbol(leaf) else leaf

        return self.operation(*tf.nest.map_structure(value, self.args), **tf.nest.map_structure(value, self.kwargs))


class Operation:
    """An operator between `KerasTensor`s: no layer, but a step of a model."""

    def __init__(self, function: Callable, label: str) -> None:
        self.function, self.label = function, label
        self.name = auto_name(label.lower())
        self._nodes: list[Node] = []

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


def is_symbol(value: Any) -> bool:
    """Whether a value is a `KerasTensor`."""
    return getattr(type(value), "_is_keras_tensor", False)


def holds_symbols(args: Any, kwargs: Any) -> bool:
    """Whether there is a `KerasTensor` among the arguments."""
    return any(map(is_symbol, args)) or any(is_symbol(leaf) for leaf in tf.nest.flatten((args, kwargs)))


def called_on_symbols(operation: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """What a call gives on `KerasTensor`s: `KerasTensor`s. A layer builds itself for their shapes.

    Args:
        operation: a layer or an `Operation`.
        args, kwargs: its arguments.
    """
    from tapeflow.keras.layers.input_layer import KerasTensor

    leaves = tf.nest.flatten((args, kwargs))
    symbols = list({id(leaf): leaf for leaf in leaves if is_symbol(leaf)}.values())

    def call(*tensors: Tensor) -> Any:
        known = {id(symbol): tensor for symbol, tensor in zip(symbols, tensors, strict=True)}
        given = tf.nest.map_structure(lambda leaf: known[id(leaf)] if is_symbol(leaf) else leaf, (args, kwargs))
        return operation(*given[0], **given[1])

    specs = output_specs(call, tuple([tf.TensorSpec(symbol.shape, symbol.dtype) for symbol in symbols]), {})
    if hasattr(operation, "_clear_losses"):
        operation._clear_losses()
    node = Node(operation, args, kwargs)

    def symbol_of(spec: Any) -> Any:
        if not isinstance(spec, tf.TensorSpec):
            return spec
        if TensorShape(spec.shape).rank is None:
            raise ValueError(f"{operation} gives a tensor whose rank is not known: {spec}")
        made = KerasTensor(tuple(spec.shape), spec.dtype)
        made._node = node
        return made

    node.outputs = tf.nest.map_structure(symbol_of, specs)
    operation._nodes.append(node)
    return node.outputs
