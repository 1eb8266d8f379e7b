"""`keras.Model(inputs, outputs)`: a model of layers that were called on `keras.Input`s."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import tapeflow as tf
from tapeflow.core.tensor import Tensor
from tapeflow.keras.layers.layer import Layer
from tapeflow.keras.layers.nodes import Node, is_symbol
from tapeflow.keras.layers.specification import InputSpec
from tapeflow.keras.models.model import Model

__all__ = ["Functional", "Graph"]


class Graph:
    """The calls between inputs and outputs, in an order in which they can be made.

    Args:
        inputs: a `KerasTensor`, or a nesting of them.
        outputs: a `KerasTensor`, or a nesting of them.

    Raises:
        ValueError: one is none, or an output depends on something else than the inputs.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        for name, given in (("inputs", inputs), ("outputs", outputs)):
            for leaf in tf.nest.flatten(given):
                if not is_symbol(leaf):
                    raise ValueError(
                        f"All `{name}` values must be KerasTensors. Received: {name}={given} including invalid value {leaf} of "
                        f"type {type(leaf)}"
                    )
        self.inputs, self.outputs = inputs, outputs
        self.sources = tf.nest.flatten(inputs)
        self.nodes, self.operations = self._ordered()

    def _ordered(self) -> tuple[list[Node], list[Any]]:
        """The calls, and what is called: those furthest from the outputs first, as Keras lists them."""
        known = {id(symbol) for symbol in self.sources}
        met: dict[Any, int] = {}  # operations in the order in which they are met on the way back
        finished: list[Node] = []
        open_nodes: set[int] = set()

        def visit(symbol: Any) -> None:
            if id(symbol) in known:
                met.setdefault(symbol._layer or symbol, len(met))
                return
            node = symbol._node
            if node is None:
                raise ValueError(f"Output with name `{symbol.name}` is not connected to `inputs`")
            if id(node) in open_nodes:
                return
            open_nodes.add(id(node))
            met.setdefault(node.operation, len(met))
            for each in node.inputs:
                visit(each)
            finished.append(node)

        for output in tf.nest.flatten(self.outputs):
            visit(output)
        depths: defaultdict[int, int] = defaultdict(int)
        of_operations: defaultdict[Any, int] = defaultdict(int)
        for node in reversed(finished):
            depth = max(depths[id(node)], of_operations[node.operation])
            depths[id(node)] = of_operations[node.operation] = depth
            for each in node.inputs:
                below = each._node if id(each) not in known else None
                if below is not None:
                    depths[id(below)] = max(depths[id(below)], depth + 1)
                else:
                    source = each._layer or each
                    of_operations[source] = max(of_operations[source], depth + 1)
        for symbol in self.sources:
            met.setdefault(symbol._layer or symbol, len(met))
        operations = sorted(met, key=lambda operation: (-of_operations[operation], met[operation]))
        return sorted(finished, key=lambda node: -depths[id(node)]), operations

    @property
    def is_chain(self) -> bool:
        """Whether each call has one input, and no output has two uses."""
        uses = [id(symbol) for node in self.nodes for symbol in node.inputs]
        return len(self.sources) == 1 and all(len(node.inputs) == 1 for node in self.nodes) and len(uses) == len(set(uses))

    def run(self, inputs: Any) -> Any:
        """The outputs for the inputs."""
        if isinstance(inputs, dict) and not isinstance(self.inputs, dict):
            flat = [inputs[symbol.name] for symbol in self.sources]
        else:
            flat = tf.nest.flatten(inputs)
        values: dict[Any, Any] = {symbol: _fitted(value, symbol) for symbol, value in zip(self.sources, flat, strict=True)}
        for node in self.nodes:
            found = node.run(values)
            values.update(zip(tf.nest.flatten(node.outputs), tf.nest.flatten(found), strict=True))
        return tf.nest.map_structure(lambda symbol: values[symbol], self.outputs)


def _fitted(value: Tensor, symbol: Any) -> Tensor:
    """An input in the dtype of its symbol, and in its rank where a last axis of 1 is all that differs."""
    if tf.as_dtype(symbol.dtype) != value.dtype:
        value = tf.cast(value, symbol.dtype)
    if value.ndim == symbol.ndim + 1 and value.shape[-1] == 1:
        return tf.squeeze(value, -1)
    if value.ndim == symbol.ndim - 1 and symbol.shape[-1] == 1:
        return tf.expand_dims(value, -1)
    return value


def equip(model: Model, inputs: Any, outputs: Any) -> None:
    """Lets a model be the calls between inputs and outputs."""
    graph = Graph(inputs, outputs)
    vars(model)["_graph"] = graph
    layers = vars(model)["_steps"] = [operation for operation in graph.operations if isinstance(operation, Layer)]
    for layer in layers:
        model._parts.note(layer)
    specs = [
        InputSpec(shape=(None, *symbol.shape[1:]), name=symbol.name, allow_last_axis_squeeze=True)
        for symbol in graph.sources
    ]
    model.input_spec = specs[0] if len(specs) == 1 and not tf.nest.is_nested(inputs) else specs
    model._finish_building(tf.nest.map_structure(lambda symbol: symbol.shape, inputs) if is_symbol(inputs) else None)


class Functional(Model):
    """The model that `keras.Model(inputs, outputs)` gives.

    Args:
        inputs: a `keras.Input`, or a list or dict of them.
        outputs: what layers gave for them, or a list or dict of that.
        name: the name.
        **kwargs: those of `Layer`.
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(inputs=inputs, outputs=outputs, name=name, **kwargs)
