"""The traces of one function, or of one object's method: which serves a call, and when another is made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.recording import heard_by
from tapeflow.core.shapes import TensorShape
from tapeflow.core.symbolic import SymbolicTensor, TraceUnsupported, fail, out_of_scope, tracing, verdict
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.graph.captures import name_captured
from tapeflow.graph.concrete import ConcreteFunction
from tapeflow.graph.deciding import converted
from tapeflow.graph.function_types import FunctionType, parameters_of, placeholder_names
from tapeflow.graph.relaxed import Pattern, RelaxedTraces, Unranked, fitted, is_known, pattern_of
from tapeflow.graph.retargeting import for_variables, is_known_as_argument_only
from tapeflow.graph.retracing import Retracing
from tapeflow.graph.signature import is_dead, key_by_spec, key_of
from tapeflow.graph.specialize import ShapedFunction, ShapedTrace
from tapeflow.graph.trace import Tracer
from tapeflow.ops.tensor_array import TensorArray

__all__ = ["EAGER", "Traces", "as_result"]

EAGER: Any = "eager"
MOST_RETARGETED = 64  # graphs that were made of others, for other variables
ENOUGH = 3  # attempts at tracing; when all of them failed there are no more


class Traces:
    """What a function keeps of its traces.

    Args:
        function: the Python function.
        options: a `tapeflow.graph.function.Options`.

    Attributes:
        known: the functions of those that take only tensors, by their shapes and dtypes in turn.
        reasons: why calls were run eagerly.
        retracing: how often there was a new trace.
        detector: counts the calls.
        types: what the function was traced for.
    """

    def __init__(self, function: Callable, options: Any) -> None:
        self.options = options
        self.known: dict[tuple, ConcreteFunction] = {}
        self.reasons: list[str] = []
        self.types: list[FunctionType] = []
        self.retracing = Retracing(function)
        self.detector = self.retracing.detector
        self._exact: dict[Any, Any] = {}
        self._relaxed = RelaxedTraces()
        self._by_spec: dict[Any, tuple[ConcreteFunction, list[Variable]]] = {}  # that may serve other variables
        self._retargeted: dict[Any, ConcreteFunction] = {}
        self._repeats = 0
        self._lock = threading.RLock()

    def runs_eagerly(self) -> bool:
        """Whether tracing was tried and failed."""
        return EAGER in self.outcomes()

    def count(self) -> int:
        """How many traces there were: one for each signature, and another where the first one made variables."""
        return self.retracing.count + self._repeats + self._relaxed.repeats

    def all(self) -> list[ConcreteFunction]:
        """The traces for known sizes."""
        return [trace for trace in self.outcomes() if trace is not EAGER]

    def outcomes(self) -> list:
        """What came of tracing for known sizes: graphs, and `EAGER`. Other threads may trace meanwhile."""
        return list(self._exact.values())

    def explain(self, reason: str) -> None:
        """Notes, once, why calls are run eagerly although they can be traced."""
        with self._lock:
            if reason not in self.reasons:
                self.reasons.append(reason)

    def get(self, key: Any) -> Any:
        """The trace for a call of this key, if there is one; `EAGER` if it cannot be traced."""
        return self._exact.get(key) or self._relaxed.get(key) or self._retargeted.get(key)

    def make(self, function: Callable, binding: Any, key: Any, arguments: tuple, pattern: Pattern | None = None) -> Any:
        """The trace for a call that none is known for: of a trace for unknown sizes, or a new one.

        Args:
            function: the Python function; a method is bound.
            binding: its parameters.
            key: what the call is known by.
            arguments: args and kwargs.
            pattern: the shapes that the trace is to serve, if they are asked for.
        """
        with self._lock:
            found = self.get(key) or (self._for_these_variables(key, arguments) if pattern is None else None)
            if found is not None:
                return found
            call = _Call(function, binding, arguments, self.options)
            tensors = key_of(arguments)[1]
            shapes = [x._value.shape for x in tensors]
            if pattern is None:
                pattern = self._pattern(call, shapes)
            if not is_known(pattern):
                call.shapes = [None if type(shape) is Unranked else shape for shape in pattern]
            signature = key_of(arguments, pattern)[0]
            if not is_known(pattern) or self._relaxed.knows(signature):
                found = self._relaxed.find(key, signature, pattern, shapes, call.relaxed)
            if found is None:
                found = self._traced(key, signature, shapes, call)
            if call.is_new and found is not EAGER:
                self.types.append(call.type(found.structured_outputs))
            return found

    def _for_these_variables(self, key: Any, arguments: tuple) -> ConcreteFunction | None:
        """The graph of a call that differs from one before in its variables only, and not in their shapes and dtypes."""
        spec, variables = key_by_spec(arguments)
        known = self._by_spec.get(spec) if variables else None
        found = None if known is None else for_variables(*known, variables)
        if found is not None:
            if len(self._retargeted) >= MOST_RETARGETED:
                self._retargeted = {}
            self._retargeted[key] = found
        return found

    def _pattern(self, call: _Call, shapes: Sequence[tuple]) -> Pattern:
        """The shapes that a trace is to serve: the input signature's, those of a trace that admits the call's, or its own."""
        specs = call.specs()
        if specs is not None:
            if self.retracing.count == 0:
                self._counted(call)
            return pattern_of([spec.shape for spec in specs], shapes)
        kind = key_of(call.arguments, [()] * len(shapes))[0]
        found = self._relaxed.admitting(kind, shapes)
        if found is None and not self._relaxed.knows(key_of(call.arguments, shapes)[0]):  # then only a variable has grown
            self._counted(call)
            if self.options.reduce_retracing and not self.runs_eagerly():
                return self._relaxed.generalized(kind, shapes)
        return shapes if found is None else found

    def _counted(self, call: _Call) -> None:
        call.is_new = True
        self.retracing.traced(call.function, call.parameters())

    def _traced(self, key: Any, signature: Any, shapes: Sequence[tuple], call: _Call) -> Any:
        for old in filter(is_dead, list(self._exact)):
            self._exact.pop(old, None)
        outcomes = self.outcomes()
        if len(outcomes) >= ENOUGH and all(each is EAGER for each in outcomes):
            return EAGER
        tracer = self._tracer()
        try:
            concrete = call.concrete(tracer)
            if tracer.created and not tracer.reason:
                concrete = self._traced_again(tracer, call)
            if tracer.reason:
                raise TraceUnsupported(tracer.reason)
        except TraceUnsupported as error:
            tracer.given_up()
            return self.give_up(key, tracer.reason or str(error))
        except Exception as error:
            tracer.given_up()
            assumed = bool(tracer.late.checked)  # perhaps wrongly: then the error is nobody's
            if (error is tracer.verdict and not assumed) or (not tracer.reason and not tracer.in_doubt and _is_users(error)):
                raise error.with_traceback(_seen_by_the_user(error.__traceback__)) from error.__cause__
            # If the error is the user's, running eagerly raises it.
            return self.give_up(key, f"{type(error).__name__}: {error}")
        if concrete.variable_shapes:
            adopted = self._relaxed.adopt(key, signature, ShapedTrace(*concrete.parts), shapes)
            return self.give_up(key, "a variable changes its shape") if adopted is None else adopted
        self._exact[key] = concrete
        self._share(concrete, call)
        return concrete

    def _share(self, concrete: ConcreteFunction, call: _Call) -> None:
        """Lets other variables of the same shapes and dtypes have the graph that was traced for these."""
        spec, variables = key_by_spec(call.arguments)
        if variables and spec not in self._by_spec:
            others = [x for x in nest.flatten(call.arguments, expand_composites=True) if not isinstance(x, Variable)]
            if is_known_as_argument_only(variables, concrete, [call.function, *others]):
                self._by_spec[spec] = concrete, variables

    def _tracer(self) -> Tracer:
        tracer = Tracer(forbids_python=not self.options.autograph)
        tracer.lists_grow = self.options.lists
        return tracer

    def give_up(self, key: Any, reason: str) -> Any:
        """Has calls of this key run eagerly from now on."""
        self.reasons.append(reason)
        self._exact[key] = EAGER
        self.known.clear()
        return EAGER

    def _traced_again(self, first: Tracer, call: _Call) -> ConcreteFunction:
        """The trace that counts, where the first one made variables; whoever asks how many there were hears of both."""
        self._repeats += 1
        again = self._tracer()
        try:
            if len(self._exact) > 0:
                raise first_call_only(call.binding.name, first)
            concrete = call.concrete(again)
        except Exception:
            first.verdict = first.verdict or again.verdict
            raise
        if again.created:
            raise first_call_only(call.binding.name, first)
        return concrete

    def shaped(self, function: Callable, binding: Any, arguments: tuple, pattern: Pattern, names: Mapping) -> Any:
        """The concrete function for all sizes where the pattern leaves them open.

        Raises:
            NotImplementedError: it cannot be traced.
        """

        def concrete(tensors: Sequence[Tensor]) -> ConcreteFunction:
            given = iter(tensors)

            def replaced(x: Any) -> Any:
                if type(x) is TensorArray:
                    return x.with_items(list(map(replaced, x.items() or ())), None)
                return next(given) if isinstance(x, Tensor) else x

            called: tuple = nest.map_structure(replaced, arguments, expand_composites=True)
            here = fitted(pattern, [x._value.shape for x in tensors])
            found = self.make(function, binding, key_of(called)[0], called, here)
            if found is EAGER:
                raise NotImplementedError(f"{binding.name} has no concrete function: {''.join(self.reasons[-1:])}")
            return found

        with self._lock:
            call = _Call(function, binding, arguments, self.options, names, pattern)
            tensors = key_of(arguments)[1]
            signature, shapes = key_of(arguments, pattern)[0], [x._value.shape for x in tensors]
            trace = self._relaxed.any(signature)
            if trace is None:
                trace = self._relaxed.traced(signature, pattern, shapes, call.relaxed)
                if call.specs() is None or self.retracing.count == 0:
                    self._counted(call)
                    self._relaxed.note(key_of(arguments, [()] * len(shapes))[0], pattern)
        if trace is None:
            concrete(tensors)  # it says why
            raise NotImplementedError(f"{binding.name} cannot be traced for unknown sizes: call it, or give known ones")
        shaped = ShapedFunction(trace, pattern, concrete)
        shaped.describe(call.type())
        if call.is_new:
            self.types.append(shaped.function_type)
        return shaped

    def described(self, function: Callable, binding: Any, arguments: tuple, names: Mapping, trace: Any) -> Any:
        """A concrete function that knows what it was traced for."""
        return trace.describe(_Call(function, binding, arguments, self.options, names).type())


def first_call_only(name: str, tracer: Tracer) -> ValueError:
    """The error for a variable that is made at another call than the first."""
    tracer.verdict = ValueError(
        f"tf.function only supports singleton tf.Variables created on the first call: {name} makes {tracer.created[0].name} at "
        "every call. Make variables outside, or once (`if self.v is None:`)."
    )
    return tracer.verdict


class _Call:
    """The Python function with the arguments that it is traced for."""

    def __init__(
        self,
        function: Callable,
        binding: Any,
        arguments: tuple,
        options: Any,
        names: Mapping | None = None,
        shapes: Any = None,
    ) -> None:
        self.function, self.binding, self.arguments, self.options = function, binding, arguments, options
        self.names: Mapping[int, str] = names or self._spec_names()
        self.shapes = shapes
        self.is_new = False

    def _spec_names(self) -> dict[int, str]:
        """The names of the specs in an input signature, by the numbers of their tensors."""
        specs = self.specs()
        return {} if specs is None else {i: spec.name for i, spec in enumerate(specs) if spec.name}

    def parameters(self) -> list:
        """The parameters and their values."""
        return parameters_of(self.binding.signature, *self.arguments)

    def type(self, output: Any = None) -> FunctionType:
        """What the function is traced for, and what it gives."""
        found = FunctionType(self.parameters(), self.names, self.shapes)
        found.output = output
        return found

    def specs(self) -> list | None:
        """The specs of the tensors, of the input signature; None if there is none."""
        signature = self.binding.input_signature
        if signature is None:
            return None
        leaves = nest.flatten(self.arguments[0][: len(signature)])
        return [spec for spec, x in zip(nest.flatten(signature), leaves, strict=True) if isinstance(x, Tensor)]

    def relaxed(self, tracer: Tracer, shapes: Sequence[tuple]) -> tuple:
        """Runs the Python function for a trace with unknown sizes."""
        return self._parts(tracer, shapes)

    def concrete(self, tracer: Tracer) -> ConcreteFunction:
        """Runs the Python function for a trace."""
        return ConcreteFunction(*self._parts(tracer, None))

    def _parts(self, tracer: Tracer, shapes: Sequence[tuple] | None) -> tuple:
        """Runs the Python function on placeholders, of these shapes where they are not the arguments' own."""
        inputs: list[SymbolicTensor] = []
        parameters = self.parameters()
        names = placeholder_names(parameters, self.names)

        def placeholder(leaf: Any) -> Any:
            if isinstance(leaf, Tensor):
                shape = leaf._value.shape if shapes is None else shapes[len(inputs)]
                inputs.append(tracer.symbol(tuple(shape), leaf._value.dtype))
                inputs[-1]._value.unranked = type(shape) is Unranked
                tracer.placeholders[tracer.count] = next(names, f"arg_{len(inputs)}")
                return inputs[-1]
            if type(leaf) is TensorArray:
                return leaf.with_items([placeholder(item) for item in leaf.items() or ()], tracer.root)
            return leaf

        name_captured(self.function, *self.arguments)
        args, kwargs = nest.map_structure(placeholder, self.arguments, expand_composites=True)
        function = converted(self.function) if self.options.autograph else self.function
        with heard_by((tracer.outside,)), tracer.tracing():
            result = nest.map_structure(_traceable, function(*args, **kwargs))
            outputs = nest.flatten(result, expand_composites=True)
            tensors = [y for y in outputs if isinstance(y, Tensor)]
            tracer.reach(tensors)  # it refuses stacks, which no caller can be given
        if tracer.reason:
            raise TraceUnsupported(tracer.reason)
        return self.binding.name, tracer, inputs, result, outputs


def as_result(value: Any) -> Any:
    """A leaf of a result as a tensor, if it can be one.

    Raises:
        TypeError: it is a tensor of another function.
    """
    if type(value) is SymbolicTensor and tracing() is None:
        raise out_of_scope(value)
    if value is None or isinstance(value, Tensor | IndexedSlices):
        return value
    if isinstance(value, Variable | bool | int | float | complex | str | bytes) or hasattr(value, "__array_interface__"):
        return convert(value)
    return value


def _traceable(value: Any) -> Any:
    """A leaf of a result, as a tensor.

    Raises:
        TypeError: it is no value that a tensor can have.
    """
    value = as_result(value)
    if value is None or isinstance(value, Tensor | IndexedSlices) or hasattr(type(value), "__nest_static__"):
        return value
    if isinstance(value, TensorShape):
        return convert(value)
    if isinstance(value, TensorArray):
        fail("a TensorArray as a result")
    raise verdict(
        TypeError(
            "To be compatible with tf.function, Python functions must return zero or more Tensors: numbers, strings, arrays, "
            f"variables and None will do, in any structure; a {type(value).__name__} will not: {value!r}"
        )
    )


def _is_users(error: Exception) -> bool:
    """Whether an error was raised by code of the user's own, and not by an operation."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step is not None and not step.tb_frame.f_globals.get("__name__", "").startswith("tapeflow.")


def _seen_by_the_user(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without the machinery between the user's lines; where it ends is kept."""
    steps = []
    while traceback is not None:
        steps.append(traceback)
        traceback = traceback.tb_next
    result = None
    for i, step in enumerate(reversed(steps)):
        own = step.tb_frame.f_globals.get("__name__", "").startswith("tapeflow.graph.")
        if not own or (i == 0 and step.tb_frame.f_code.co_name != "raise_"):
            result = TracebackType(result, step.tb_frame, step.tb_lasti, step.tb_lineno)
    return result
