"""What there is to ask of a traced function: its signature, its results, what it captured, its graph."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping
from typing import Any, Self

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.graph.function_types import FunctionType, Parameter, VariableSpec
from tapeflow.graph.graph_view import GraphView, result_tensor

__all__ = ["Described"]

_numbers = itertools.count(1)


class Described:
    """The part of a concrete function that tells of it. The rest, that runs it, is `concrete.ConcreteFunction`."""

    function_name: str
    _tracer: Any
    _symbols: list[SymbolicTensor]
    _specs: list[TensorSpec]
    _results: list[Tensor]
    _template: list
    _pack: Any
    _variables: dict[int, Variable]
    _type: FunctionType | None = None
    _name: bytes | None = None

    def describe(self, function_type: FunctionType) -> Self:
        """Tells it what it was traced for; what it was told first stays."""
        if self._type is None:
            self._type = function_type
            function_type.output = nest.pack_sequence_as(self._pack, self._template, expand_composites=True)
            function_type.captures = [
                (str(id(v)), VariableSpec(v.shape, v.dtype, v.trainable, i)) for i, v in self._captured()
            ]
        return self

    def _captured(self) -> list[tuple[int, Variable]]:
        """The variables that the function sees, without those among its arguments."""
        return list(enumerate(self._variables.values()))

    # -- what it is ---------------------------------------------------------------------------------

    @property
    def name(self) -> bytes:
        """A name that no other concrete function has."""
        if self._name is None:
            self._name = f"__inference_{self.function_name}_{next(_numbers)}".encode()
        return self._name

    @property
    def function_type(self) -> FunctionType:
        """The parameters with their types, and the type of the result."""
        assert self._type is not None
        return self._type

    @property
    def structured_input_signature(self) -> tuple[tuple, dict]:
        """What the function was traced for, as `(args, kwargs)`: specs for tensors, and Python values as they are."""
        return self.function_type.structured()

    @property
    def structured_outputs(self) -> Any:
        """The results in their structure, as tensors of the graph."""
        results = iter(self.outputs)
        flat = [next(results) if isinstance(leaf, Tensor) else leaf for leaf in self._template]
        return nest.pack_sequence_as(self._pack, flat, expand_composites=True)

    @property
    def output_dtypes(self) -> Any:
        """The results' dtypes, in their structure."""
        return self._of_results(lambda y: y.dtype)

    @property
    def output_shapes(self) -> Any:
        """The results' static shapes, in their structure."""
        return self._of_results(lambda y: y.shape)

    def _of_results(self, ask: Callable[[Tensor], Any]) -> Any:
        flat = [ask(leaf) if isinstance(leaf, Tensor) else None for leaf in self._template]
        return nest.pack_sequence_as(self._pack, flat, expand_composites=True)

    @property
    def inputs(self) -> list[SymbolicTensor]:
        """The tensors among the arguments, as they are in the graph."""
        return list(self._symbols)

    @property
    def outputs(self) -> list[SymbolicTensor]:
        """The tensors among the results, as they are in the graph."""
        return [result_tensor(y, i) for i, y in enumerate(self._results)]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables that the function reads or assigns."""
        return tuple(self._variables.values())

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of the variables that are trainable."""
        return tuple(v for v in self._variables.values() if v.trainable)

    @property
    def captured_inputs(self) -> list[Variable]:
        """What the function captured by reference: variables. Tensors from outside are constants of the graph."""
        return list(self._variables.values())

    @property
    def graph(self) -> GraphView:
        """The graph as it was traced, to look at."""
        return GraphView(self.function_name, self._tracer, self._symbols, self.outputs)

    def pretty_printed_signature(self, verbose: bool = True) -> str:
        """The parameters and the result in words.

        Args:
            verbose: whether each has a line of its own.
        """
        return str(self.function_type) if verbose else self.function_type.brief()

    def __str__(self) -> str:
        return f"ConcreteFunction {self.pretty_printed_signature()}"

    def __repr__(self) -> str:
        return f"<ConcreteFunction {self.pretty_printed_signature(verbose=False)} at 0x{id(self):X}>"

    # -- its arguments ------------------------------------------------------------------------------

    def tensors_of(self, args: tuple, kwargs: Mapping) -> list[Tensor]:
        """The tensors of a call, in the order of `inputs`.

        Raises:
            TypeError: the arguments are not those that the function was traced for.
            InvalidArgumentError: a tensor has another dtype.
        """
        flat = self._flat(args, kwargs)
        if flat is None:
            flat = self._bound(args, kwargs)
        return [self._fit(*each) for each in zip(flat, self._specs, self._symbols, strict=True)]

    def _flat(self, args: tuple, kwargs: Mapping) -> list | None:
        """The arguments, if they are the tensors alone, in their order or by the names that they have in the graph."""
        names = [x.name.partition(":")[0] for x in self._symbols]
        if len(args) + len(kwargs) != len(names) or not all(isinstance(x, Tensor) for x in (*args, *kwargs.values())):
            return None
        rest = names[len(args) :]
        return [*args, *[kwargs[name] for name in rest]] if set(rest) == set(kwargs) else None

    def _bound(self, args: tuple, kwargs: Mapping) -> list:
        """The tensors among arguments that are given as to the Python function."""
        parameters = self.function_type.parameters
        signature = inspect.Signature(
            [
                inspect.Parameter(p.name, p.kind, default=_default(p))
                for p in sorted(parameters, key=lambda p: (p.kind, _default(p) is not inspect.Parameter.empty))
            ]
        )
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self._called()}: {error}; it was called with {args!r} and {dict(kwargs)!r}") from None
        bound.apply_defaults()
        flat: list = []
        for p in [p for p in parameters if not p.by_name] + sorted(
            (p for p in parameters if p.by_name), key=lambda p: p.name
        ):
            self._match(p.name, p.value, bound.arguments[p.name], flat)
        return flat

    def _match(self, name: str, spec: Any, value: Any, flat: list) -> None:
        """Holds an argument against what the function was traced for, and collects its tensors."""
        if isinstance(spec, TensorSpec):
            flat.append(value)
        elif isinstance(spec, VariableSpec):
            return
        elif hasattr(type(value), "__nest_spec__") and spec == value.__nest_spec__():
            flat.extend(value.__nest_flatten__())
        elif nest.is_nested(spec):
            if (
                not nest.is_nested(value)
                or len(spec) != len(value)
                or isinstance(spec, Mapping) is not isinstance(value, Mapping)
            ):
                raise TypeError(f"{self._called()}: {name} has another structure than it was traced for: {value!r}")
            for key in sorted(spec) if isinstance(spec, Mapping) else range(len(spec)):
                if isinstance(spec, Mapping) and key not in value:
                    raise TypeError(f"{self._called()}: {name} lacks the key {key!r}: {value!r}")
                self._match(f"{name}[{key!r}]", spec[key], value[key], flat)
        elif spec is not value and not (type(spec) is type(value) and spec == value):
            raise TypeError(f"{self._called()}: Can not cast {value!r} to {spec!r}, which {name} was traced for")

    def _fit(self, value: Any, spec: TensorSpec, symbol: SymbolicTensor) -> Tensor:
        if value is None:
            raise TypeError(f"{self._called()}: {symbol.name} is a tensor, got None")
        try:
            tensor = convert(value, hint=spec.dtype.numpy)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{self._called()}: {error}") from None
        if tensor.dtype != spec.dtype:
            raise InvalidArgumentError(
                None, None, f"{self._called()}: {symbol.name} is a {spec.dtype.name} tensor, got one of {tensor.dtype.name}"
            )
        if not spec.shape.is_compatible_with(tensor.shape):
            raise TypeError(f"{self._called()}: {symbol.name} was traced for the shape {spec.shape}, got {tensor.shape}")
        return tensor

    def _called(self) -> str:
        return f"{self.function_name}{'' if self._type is None else self._type.brief()}"


def _default(parameter: Parameter) -> Any:
    """Python values have only one value in a trace, and need not be given."""
    leaves = nest.flatten(parameter.value, expand_composites=True)
    known = not any(isinstance(leaf, TensorSpec) for leaf in leaves)
    return parameter.value if known and parameter.kind is not parameter.kind.POSITIONAL_ONLY else inspect.Parameter.empty
