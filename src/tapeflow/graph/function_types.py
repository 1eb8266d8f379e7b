"""What a function was traced for, in words: its parameters with their types, and the type of its result."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tapeflow.core import nest
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable

__all__ = ["FunctionType", "Parameter", "VariableSpec", "parameters_of", "placeholder_names"]

LITERALS = (bool, int, float, complex, str, bytes, type(None))


class VariableSpec(NamedTuple):
    """What is known of a variable among the arguments."""

    shape: Any
    dtype: Any
    trainable: bool
    alias_id: int

    def __repr__(self) -> str:
        return (
            f"VariableSpec(shape={self.shape}, dtype={self.dtype!r}, trainable={self.trainable}, alias_id={self.alias_id})"
        )


class Parameter(NamedTuple):
    """A parameter and what it is traced for: a value whose tensors are `tf.TensorSpec`s."""

    name: str
    kind: Any
    value: Any

    @property
    def by_name(self) -> bool:
        """Whether it can only be given by its name."""
        return self.kind is inspect.Parameter.KEYWORD_ONLY


def parameters_of(signature: inspect.Signature | None, args: tuple, kwargs: Mapping) -> list[Parameter]:
    """The parameters of a call; those that `*args` and `**kwargs` took have names of their own."""
    if signature is None:
        return [Parameter(f"args_{i}", inspect.Parameter.POSITIONAL_ONLY, value) for i, value in enumerate(args)]
    found = []
    positional = iter(args)
    kinds = [parameter.kind for parameter in signature.parameters.values()]
    only_places = inspect.Parameter.VAR_POSITIONAL in kinds
    rest = dict(kwargs)
    for name, parameter in signature.parameters.items():
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            found += [Parameter(f"{name}_{i}", inspect.Parameter.POSITIONAL_ONLY, x) for i, x in enumerate(positional)]
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            found += [Parameter(key, inspect.Parameter.KEYWORD_ONLY, rest[key]) for key in list(rest)]
        elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            if name in rest:
                found.append(Parameter(name, parameter.kind, rest.pop(name)))
        elif name in rest:
            found.append(Parameter(name, parameter.kind, rest.pop(name)))
        else:
            kind = inspect.Parameter.POSITIONAL_ONLY if only_places else parameter.kind
            found.append(Parameter(name, kind, next(positional, None)))
    return found


def _as_flattened(parameters: list[Parameter]) -> list[Parameter]:
    """Parameters in the order in which their tensors are numbered: those given by name come last, in alphabetical order."""
    return [p for p in parameters if not p.by_name] + sorted((p for p in parameters if p.by_name), key=lambda p: p.name)


def placeholder_names(parameters: list[Parameter], given: Mapping[int, str]) -> Iterator[str]:
    """The names of the tensors in a graph: a parameter's, with a number where it holds several; or the spec's own.

    Args:
        parameters: those of the call, in the order of the tensors.
        given: the names that specs had, by the number of the tensor.
    """
    taken: set[str] = set()
    number = 0
    for parameter in _as_flattened(parameters):
        for leaf in nest.flatten(parameter.value, expand_composites=True):
            if not isinstance(leaf, Tensor | TensorSpec):
                continue
            base = name = given.get(number) or parameter.name
            count = 0
            while name in taken:
                count += 1
                name = f"{base}_{count}"
            taken.add(name)
            number += 1
            yield name


class FunctionType:
    """The parameters of a traced function, what its result is, and what it captured.

    Args:
        parameters: those of the call.
        given: the names that specs had, by the number of the tensor.
        shapes: the shapes that the function was traced for, where they are not those of the arguments.
    """

    def __init__(self, parameters: list[Parameter], given: Mapping[int, str], shapes: Any = None) -> None:
        self._number = 0
        self._given = given
        self._shapes = shapes
        self._seen: dict[int, int] = {}
        specs = {p.name: self._spec(p.value, p.name) for p in _as_flattened(parameters)}
        self.parameters = [p._replace(value=specs[p.name]) for p in parameters]
        self.output: Any = None
        self.captures: list[tuple[str, Any]] = []

    def _spec(self, value: Any, path: str) -> Any:
        """A value with specs for its tensors, named by the way that leads to them."""
        if isinstance(value, Tensor | TensorSpec):
            number = self._number
            self._number += 1
            shape = value.shape if self._shapes is None else self._shapes[number]
            return TensorSpec(shape, value.dtype, self._given.get(number) or path)
        if hasattr(type(value), "__nest_spec__"):
            self._number += 1
            return value.__nest_spec__()
        if isinstance(value, Variable):
            alias = self._seen.setdefault(id(value), len(self._seen))
            return VariableSpec(value.shape, value.dtype, value.trainable, alias)
        if isinstance(value, Mapping) and nest.is_nested(value):
            parts = {key: self._spec(value[key], f"{path}_{key}") for key in sorted(value)}
            return {key: parts[key] for key in value}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*[self._spec(x, f"{path}_{name}") for name, x in zip(value._fields, value, strict=True)])
        if isinstance(value, list | tuple):
            return type(value)([self._spec(x, f"{path}_{i}") for i, x in enumerate(value)])
        return value

    def structured(self) -> tuple[tuple, dict]:
        """The specs of the arguments as `(args, kwargs)`."""
        args = tuple(p.value for p in self.parameters if not p.by_name)
        return args, {p.name: p.value for p in self.parameters if p.by_name}

    def brief(self) -> str:
        """One line, as a signature is written."""
        parts: list[str] = []
        before: Any = None
        for parameter in self.parameters:
            if before is inspect.Parameter.POSITIONAL_ONLY and parameter.kind is not before:
                parts.append("/")
            if parameter.by_name and before is not parameter.kind:
                parts.append("*")
            parts.append(f"{parameter.name}: {type_of(parameter.value, self._given.values())}")
            before = parameter.kind
        if before is inspect.Parameter.POSITIONAL_ONLY:
            parts.append("/")
        return f"({', '.join(parts)}) -> {type_of(self.output)}"

    def __str__(self) -> str:
        lines = ["Input Parameters:"]
        own = self._given.values()
        lines += [f"  {p.name} ({p.kind.name}): {type_of(p.value, own)}" for p in self.parameters]
        lines += ["Output Type:", f"  {type_of(self.output)}", "Captures:"]
        lines += [f"  {name}: {type_of(value)}" for name, value in self.captures] or ["  None"]
        return "\n".join(lines)

    __repr__ = __str__


def type_of(value: Any, names: Any = ()) -> str:
    """The type of a value in words. Of the names of specs, those that the user gave are shown."""
    if isinstance(value, TensorSpec):
        return repr(value if value.name in names else TensorSpec(value.shape, value.dtype))
    if isinstance(value, Tensor):
        return repr(TensorSpec(value.shape, value.dtype))
    if isinstance(value, VariableSpec):
        return repr(value)
    if isinstance(value, LITERALS):
        return f"Literal[{value!r}]"
    if isinstance(value, Mapping) and nest.is_nested(value):
        return f"Dict[{', '.join(f'[{key!r}, {type_of(value[key], names)}]' for key in value)}]"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        fields = [f"[{name!r}, {type_of(x, names)}]" for name, x in zip(value._fields, value, strict=True)]
        return f"{type(value).__name__}[{', '.join(fields)}]"
    if isinstance(value, list | tuple):
        return f"{'List' if isinstance(value, list) else 'Tuple'}[{', '.join(type_of(x, names) for x in value)}]"
    if hasattr(type(value), "__nest_spec__"):
        return repr(value.__nest_spec__())
    if hasattr(value, "element_spec"):
        return repr(value)
    return f"Reference[{value!r}]"
