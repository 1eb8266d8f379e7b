"""A traced function's graph to look at: its operations, with their names, types, inputs and outputs."""

from __future__ import annotations

from typing import Any

from tapeflow.core.symbolic import Abstract, Shapeless, SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.graph.naming import named_nodes, type_of_node

__all__ = ["GraphView", "Operation"]


class Operation:
    """One operation of a graph.

    Attributes:
        name: what no other operation of the graph is called.
        type: which operation it is: `"AddV2"`.
        inputs: the tensors that it takes.
        outputs: the tensors that it gives.
        graph: what it belongs to.
    """

    def __init__(self, graph: GraphView, name: str, kind: str, inputs: tuple, outputs: list) -> None:
        self.graph, self.name, self.type, self.inputs, self.outputs = graph, name, kind, inputs, outputs

    def __repr__(self) -> str:
        return f"<tf.Operation {self.name!r} type={self.type}>"


class GraphView:
    """What `ConcreteFunction.graph` gives: the graph as it was traced. It can be looked at, and not changed.

    Args:
        name: the function's.
        tracer: its trace.
        inputs: the placeholders.
        outputs: the results.
    """

    building_function = True

    def __init__(self, name: str, tracer: Any, inputs: list, outputs: list) -> None:
        self.name = name
        self._tracer = tracer
        self.inputs, self.outputs = list(inputs), list(outputs)
        self._operations: list[Operation] | None = None

    def get_operations(self) -> list[Operation]:
        """The operations in the order in which they run. A loop or a choice is one operation, whatever is inside."""
        if self._operations is None:
            placeholders = self._tracer.placeholders
            found = [
                Operation(self, placeholders[x._value.number], "Placeholder", (), [x])
                for x in self.inputs
                if x._value.number in placeholders
            ]
            made = self._tracer.symbols
            for name, node in named_nodes(self._tracer.root, placeholders.values()):
                inputs = getattr(node, "inputs", ())
                outputs = [made[number] for number in getattr(node, "outputs", ()) if number in made]
                found.append(Operation(self, name, type_of_node(node), tuple(inputs), outputs))
            self._operations = found
        return list(self._operations)

    def get_operation_by_name(self, name: str) -> Operation:
        """The operation of this name.

        Raises:
            KeyError: there is none.
        """
        for operation in self.get_operations():
            if operation.name == name:
                return operation
        raise KeyError(f"The name {name!r} refers to an operation that is not in the graph of {self.name}.")

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor of this name, such as `"add:0"`.

        Raises:
            KeyError: there is none.
            ValueError: it is no tensor's name.
        """
        operation, colon, number = name.rpartition(":")
        if not colon or not number.isdigit():
            raise ValueError(f"the name of a tensor is that of an operation and a number, as in 'add:0'; got {name!r}")
        outputs = self.get_operation_by_name(operation).outputs
        if int(number) >= len(outputs):
            raise KeyError(
                f"The name {name!r} refers to a tensor that does not exist: {operation} has {len(outputs)} outputs."
            )
        return outputs[int(number)]

    def as_graph_def(self, *args: Any, **kwargs: Any) -> Any:
        """Not possible: there are no protocol buffers here.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("as_graph_def is not supported: a graph here is not made of protocol buffers")

    def __repr__(self) -> str:
        return f"<tapeflow graph of {self.name}: {len(self.get_operations())} operations>"


def result_tensor(value: Tensor, place: int) -> SymbolicTensor:
    """A result of a function as a tensor of its graph, under the name that results have."""
    name = f"Identity_{place}" if place else "Identity"
    if type(value._value) is Shapeless:
        return SymbolicTensor(Shapeless(value._value.dtype, 0, _Result(name)))
    return SymbolicTensor(Abstract(value._value.shape, value._value.dtype, 0, _Result(name)))


class _Result:
    """Where a result stands: after all blocks."""

    open = False

    def __init__(self, name: str) -> None:
        self.tracer = self
        self.names = {0: f"{name}:0"}

    def name_of(self, number: int) -> str:
        """The result's name."""
        return self.names[number]
