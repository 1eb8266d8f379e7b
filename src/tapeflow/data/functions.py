"""The functions that a program gives to a dataset: traced once, for elements of its kind, and called with each element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tapeflow.core import nest
from tapeflow.core.dimension import Dim
from tapeflow.core.recording import current, heard_by
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.symbolic import Shapeless, SymbolicTensor, fail, tracing
from tapeflow.data.structure import components, flat_values, packer, spec_of
from tapeflow.graph.captures import reachable
from tapeflow.graph.function import Function

__all__ = ["ElementFunction"]


class ElementFunction:
    """A program's function of an element.

    The components of an element that is a tuple are arguments of their own. What cannot be traced, a function that makes
    datasets for instance, is called as Python, with each element.

    Args:
        function: the program's.
        specs: what its arguments are: of an element, or of a state and an element.
        traces: whether to trace it.
    """

    def __init__(self, function: Callable, specs: tuple, traces: bool = True) -> None:
        self._call: Callable = function
        self._pack = packer(specs)
        self.spec: Any = None
        self._concrete: Any = None
        if tracing() is not None and any(type(each) is SymbolicTensor for each in reachable(function)):
            fail("a function of a dataset uses tensors of the function that is being traced")
        leaves = nest.flatten(specs)
        if traces and all(isinstance(leaf, TensorSpec) for leaf in leaves):
            compiled = Function(function)
            try:
                concrete = compiled.get_concrete_function(*specs)
            except NotImplementedError:
                return
            self._call, self._concrete = compiled, concrete
            self.spec = spec_of(components(concrete.structured_outputs, lists=True))

    @classmethod
    def of_element(cls, function: Callable, spec: Any, traces: bool = True) -> ElementFunction:
        """The function of an element that this spec describes."""
        return cls(function, spec if type(spec) is tuple else (spec,), traces)

    def __call__(self, values: tuple) -> Any:
        """What the function returns for the values at an element's leaves; no tape hears of it."""
        if current() is None:
            return self._call(*self._pack(values))
        with heard_by(()):
            return self._call(*self._pack(values))

    def values(self, values: tuple) -> tuple:
        """The values at the leaves of what the function returns."""
        return flat_values(self(values))

    def keeps_alike(self, alike: bool) -> bool:
        """Whether the parts of its results are equally long where sizes are unknown, if those of its arguments are `alike`."""
        if not alike or self._concrete is None:
            return False
        firsts = [[_first_size(x) for x in part] for part in (self._concrete.inputs, self._concrete.outputs)]
        known = [size.polynomial for size in firsts[0] if type(size) is Dim]
        return not any(type(x._value) is Shapeless for x in self._concrete.outputs) and all(
            type(size) is not Dim or size.polynomial in known for size in firsts[1]
        )

    def predicate(self) -> Callable[[tuple], bool]:
        """Whether it holds for the values at an element's leaves.

        Raises:
            ValueError: it gives something else than one bool.
        """

        def checked(spec: Any) -> None:
            if spec != TensorSpec((), "bool"):
                raise ValueError(
                    f"Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its return type is {spec}."
                )

        def holds(values: tuple) -> bool:
            answer = self(values)
            if self.spec is None:
                checked(spec_of(components(answer)))
            return bool(answer)

        if self.spec is not None:
            checked(self.spec)
        return holds

    def spec_after(self, first: Callable[[], tuple]) -> Any:
        """What the function returns: known from its trace, or asked of the first element, whose sizes need not be the others'."""
        if self.spec is None:
            self.spec = nest.map_structure(_of_any_size, spec_of(components(self(first()), lists=True)))
        return self.spec


def _of_any_size(spec: Any) -> Any:
    return TensorSpec([None] * len(spec.shape), spec.dtype) if isinstance(spec, TensorSpec) else spec


def _first_size(x: Any) -> Any:
    return None if type(x._value) is Shapeless or not x._value.shape else x._value.shape[0]
