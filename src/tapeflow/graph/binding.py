"""The arguments of a call in one form, whichever way it was written, and held against an input signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.graph.function_types import type_of

__all__ = ["Binding"]

NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Binding:
    """The parameters of a function.

    Args:
        function: the Python function.
        bound: whether it is a method whose `self` is given apart.
        input_signature: the specs that the arguments must be compatible with, or None.

    Raises:
        TypeError: the input signature is none, or does not fit the parameters.
    """

    def __init__(self, function: Callable, bound: bool, input_signature: Sequence | None) -> None:
        self.name = getattr(function, "__name__", type(function).__name__)
        try:
            signature: inspect.Signature | None = inspect.signature(function)
        except (TypeError, ValueError):
            signature = None
        if bound and signature is not None and signature.parameters:
            parameters = list(signature.parameters.values())
            if parameters[0].kind in NAMED:
                signature = signature.replace(parameters=parameters[1:])
        self.signature = signature
        kinds = () if signature is None else tuple(signature.parameters.values())
        simple = signature is not None and all(p.kind is p.POSITIONAL_OR_KEYWORD for p in kinds)
        self._count = len(kinds) if simple else -1
        self.input_signature = None if input_signature is None else tuple(input_signature)

    def canonical(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """The arguments with defaults filled in, and arrays made tensors; by the input signature, if there is one.

        Raises:
            TypeError: the arguments do not fit the function.
        """
        if self.input_signature is not None:
            return self._conformed(*self._bound(args, kwargs))
        if (kwargs or len(args) != self._count) and self.signature is not None:
            args, kwargs = self._bound(args, kwargs)
        for value in args:
            if type(value) is not Tensor:
                return nest.map_structure(_argument, (args, kwargs))
        return (args, kwargs) if not kwargs else nest.map_structure(_argument, (args, kwargs))

    def _bound(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if self.signature is None:
            return args, kwargs
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(
                f"{self.name}{self.signature}: {error}; it was called with the arguments {_shown(args)} and the keywords "
                f"{_shown(kwargs)}"
            ) from None
        bound.apply_defaults()
        return bound.args, bound.kwargs

    # -- the input signature -----------------------------------------------------------------------

    def check_input_signature(self) -> None:
        """Holds the input signature against the parameters.

        Raises:
            TypeError: it lacks a parameter, or has too many specs.
        """
        if self.input_signature is None or self.signature is None:
            return
        specs = len(self.input_signature)
        for place, parameter in enumerate(self.signature.parameters.values()):
            if parameter.kind is parameter.VAR_POSITIONAL:
                specs = min(specs, place)
            elif parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty:
                raise TypeError(
                    f"Since input_signature is defined, keyword-only parameter `{parameter.name}` must have a default "
                    f"value in {self.name}: a signature has no place for it"
                )
            elif parameter.kind in NAMED and place >= len(self.input_signature) and parameter.default is parameter.empty:
                raise TypeError(f"the input_signature of {self.name} is missing type constraint for {parameter.name}")
        named = sum(p.kind in NAMED for p in self.signature.parameters.values())
        if specs > named:
            raise TypeError(f"the input_signature of {self.name} contains {specs - named} extra type constraints")

    def _conformed(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        specs = self.input_signature or ()
        names = [] if self.signature is None else list(self.signature.parameters)
        found = []
        for i, value in enumerate(args):
            name = names[i] if i < len(names) else f"argument {i}"
            if i < len(specs):
                found.append(self._conform(name, specs[i], value))
            else:
                found.append(self._unchanged(name, value))
        if len(args) < len(specs):
            raise TypeError(f"{self.name} takes {len(specs)} arguments by its input_signature {specs}, got {len(args)}")
        return tuple(found), {name: self._unchanged(name, value) for name, value in kwargs.items()}

    def _unchanged(self, name: str, value: Any) -> Any:
        """An argument that has no spec: it is always the parameter's default."""
        parameter = None if self.signature is None else self.signature.parameters.get(name)
        default = None if parameter is None else parameter.default
        if value is not default and not (
            type(value) is type(default) and not isinstance(value, Tensor) and value == default
        ):
            raise self._refused(name, value, f"Literal[{default!r}], its default")
        return value

    def _conform(self, name: str, spec: Any, value: Any) -> Any:
        """An argument as tensors of the dtypes in the signature."""
        if isinstance(spec, Mapping):
            if not isinstance(value, Mapping) or set(value) != set(spec):
                raise self._refused(name, value, type_of(spec))
            return {key: self._conform(name, each, value[key]) for key, each in spec.items()}
        if isinstance(spec, list | tuple):
            if not isinstance(value, type(spec)) or len(value) != len(spec):
                raise self._refused(name, value, type_of(spec))
            parts = [self._conform(name, *pair) for pair in zip(spec, value, strict=True)]
            return type(spec)(*parts) if hasattr(spec, "_fields") else type(spec)(parts)
        try:
            tensor = _converted(value, spec)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{self._of(name)}: {error}") from None
        if not spec.is_compatible_with(tensor):
            raise self._refused(name, value, repr(spec))
        return tensor

    def _of(self, name: str) -> str:
        return f"the argument {name} of {self.name}" if name.isidentifier() else f"{name} of {self.name}"

    def _refused(self, name: str, value: Any, wanted: str) -> TypeError:
        given = repr(TensorSpec(value.shape, value.dtype)) if isinstance(value, Tensor | Variable) else repr(value)
        return TypeError(f"{self._of(name)}: Can not cast {given} to {wanted}, as the input_signature wants it")


def _converted(value: Any, spec: TensorSpec) -> Tensor:
    if isinstance(value, np.ndarray | np.generic) and value.dtype != spec.dtype.numpy and value.dtype.kind in "biufc":
        value = value.astype(spec.dtype.numpy)
    return convert(value, hint=spec.dtype.numpy)


def _argument(value: Any) -> Any:
    if not isinstance(value, np.ndarray | np.generic):
        return value
    if value.dtype.kind in "mM":
        raise TypeError(
            f"Cannot convert the argument {value!r} of type {value.dtype!r} to a tensor: no dtype is one of times"
        )
    return convert(value)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:197]}…"


def checked_input_signature(input_signature: Any) -> tuple | None:
    """An input signature as a tuple.

    Raises:
        TypeError: it is no list or tuple, or holds something else than specs.
    """
    if input_signature is None:
        return None
    if not isinstance(input_signature, list | tuple):
        raise TypeError(
            f"input_signature must be either a tuple or a list, got {type(input_signature)}; for one argument write [spec]"
        )
    for spec in nest.flatten(input_signature):
        if not isinstance(spec, TensorSpec):
            raise TypeError(
                f"input_signature must be a possibly nested sequence of TensorSpec objects, and it holds {spec!r} of type "
                f"{type(spec).__name__}"
            )
    return tuple(input_signature)
