"""`tf.function`: a function of tensors is traced once for each kind of arguments, and the trace is what runs.

Whatever cannot be traced is run as the Python that it is, with the same results. `Function.experimental_eager_reasons()` says
why.
"""

from __future__ import annotations

import functools
import inspect
import threading
import types
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.config import functions_run_eagerly
from tapeflow.core.recording import current
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.symbolic import fail, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.graph.binding import Binding, checked_input_signature
from tapeflow.graph.deciding import asks_for_loop_options, converted
from tapeflow.graph.decorator import Options
from tapeflow.graph.derivative import Underivable
from tapeflow.graph.late_sizes import Mistaken
from tapeflow.graph.relaxed import EXAMPLE, is_known, pattern_of
from tapeflow.graph.signature import key_of
from tapeflow.graph.traces import EAGER, Traces, as_result

__all__ = ["Function"]

MOST_KNOWN = 256  # shapes of tensors that calls find their trace by at once

first_use = threading.RLock()  # held where a method is used for the first time with an object


class Function:
    """A function that `tf.function` was put on.

    Of a method, each object has a function of its own, with its own traces.
    """

    def __init__(self, python_function: Callable, input_signature: Sequence | None = None, options: Any = None) -> None:
        if not callable(python_function):
            raise TypeError(f"{python_function!r} is not a callable object: tf.function takes a function")
        self._python_function = python_function
        self._input_signature = checked_input_signature(input_signature)
        self._options: Options = options or Options()
        self._instance: Any = None
        self._binding = Binding(python_function, False, self._input_signature)
        if "." not in _path(python_function):
            self._binding.check_input_signature()  # of a method: when it is known to be bound
        self._traces = Traces(python_function, self._options)
        self._of_objects: dict[int, _OfObject] = {}
        functools.update_wrapper(self, python_function, updated=())
        self._set_signature()

    @property
    def python_function(self) -> Callable:
        """The function as it was written."""
        return self._python_function

    @property
    def input_signature(self) -> tuple | None:
        """The specs that the arguments must be compatible with."""
        return self._input_signature

    @property
    def name(self) -> str:
        """The function's name."""
        return getattr(self._python_function, "__name__", type(self._python_function).__name__)

    @property
    def function_spec(self) -> inspect.Signature | None:
        """The parameters."""
        return self._binding.signature

    def _set_signature(self) -> None:
        if self._binding.signature is not None:
            self.__signature__ = self._binding.signature  # what `inspect.signature` tells

    # -- of a method --------------------------------------------------------------------------------

    def __get__(self, instance: Any, owner: type) -> Any:
        if isinstance(self._python_function, staticmethod):
            return self
        if instance is None:
            return self
        key = id(instance)
        own = self._of_objects.get(key)
        if own is None or own.instance() is not instance:
            with first_use:  # one for all threads: each has its own traces
                own = self._of_objects.get(key)
                if own is None or own.instance() is not instance:
                    own = self._of_objects[key] = _OfObject(self, instance)
        bound = own.bound()
        if bound is None:
            bound = object.__new__(Function)
            bound.__dict__.update(self.__dict__, _instance=instance, _traces=own.traces, _binding=own.binding)
            bound._set_signature()
            own.bound = weakref.ref(bound)
        return bound

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if name not in ("_traces", "_of_objects")}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state, _of_objects={})
        self._traces = Traces(self._python_function, self._options)

    def _python(self) -> Callable:
        """The Python function, bound if it is a method's."""
        function = self._python_function
        return function if self._instance is None else types.MethodType(function, self._instance)

    # -- calling ------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        traces = self._traces
        if not kwargs:
            key: list[Any] = []
            for x in args:
                if type(x) is not Tensor:
                    break
                value = x._value
                key += (value.shape, value.dtype)
            else:
                known = traces.known.get(tuple(key))
                if known is not None and tracing() is None and not functions_run_eagerly():
                    traces.detector.calls += 1
                    try:
                        return known.run(args) if current() is None else self._run_under_tapes(known, args, args, {})
                    except Mistaken as error:
                        return self._start_again(error, args, {})
        if functions_run_eagerly():
            return self._python()(*args, **kwargs)
        return self._call(traces, *self._binding.canonical(args, kwargs))

    def _call(self, traces: Traces, args: tuple, kwargs: dict) -> Any:
        if tracing() is not None:
            return self._inline(args, kwargs)
        key, tensors = key_of((args, kwargs))
        if key is None:
            return self._run_eagerly(args, kwargs)
        trace = traces.get(key)
        if trace is None:
            trace = traces.make(self._python(), self._binding, key, (args, kwargs))
        else:
            traces.detector.calls += 1
        if trace is EAGER:
            return self._run_eagerly(args, kwargs)
        if not kwargs and not trace.variable_shapes and len(tensors) == len(args) == sum(type(x) is Tensor for x in args):
            if len(traces.known) >= MOST_KNOWN:
                traces.known.clear()
            traces.known[tuple(part for x in tensors for part in (x._value.shape, x._value.dtype))] = trace
        try:
            return trace.run(tensors) if current() is None else self._run_under_tapes(trace, tensors, args, kwargs)
        except Mistaken as error:
            return self._start_again(error, args, kwargs)

    def _start_again(self, error: Exception, args: tuple, kwargs: dict) -> Any:
        """Runs the call, which has done nothing yet, eagerly, and the calls like it from now on."""
        self._traces.give_up(key_of(self._binding.canonical(args, kwargs))[0], str(error))
        return self._run_eagerly(args, kwargs)

    def _run_under_tapes(self, trace: Any, tensors: Sequence[Tensor], args: tuple, kwargs: dict) -> Any:
        try:
            return trace.run_under_tapes(tensors)
        except Underivable as error:
            self._traces.explain(str(error))
            return self._run_eagerly(args, kwargs)

    def _run_eagerly(self, args: tuple, kwargs: dict) -> Any:
        function = self._python()
        if self._options.autograph and asks_for_loop_options(function):
            function = converted(function)  # the options count here too
        return nest.map_structure(as_result, function(*args, **kwargs))

    def _inline(self, args: tuple, kwargs: dict) -> Any:
        """A call inside another function's trace: its operations become part of that."""
        if self._traces.runs_eagerly():
            fail(f"{self.name} is run eagerly: {''.join(self._traces.reasons[-1:])}")
        function = self._python()
        with tracing().called():
            return nest.map_structure(
                as_result, (converted(function) if self._options.autograph else function)(*args, **kwargs)
            )

    # -- what there is to ask -------------------------------------------------------------------------

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """The compiled function for these arguments.

        Args:
            *args, **kwargs: as in a call, `tf.TensorSpec`s in place of tensors as you like.

        Raises:
            NotImplementedError: the function cannot be traced.
        """
        if self._input_signature is not None and not args and not kwargs:
            args = self._input_signature
        specimens = nest.map_structure(_specimen, (args, kwargs))
        given = {id(x): spec for x, spec in zip(nest.flatten(specimens), nest.flatten((args, kwargs)), strict=True)}
        arguments = self._binding.canonical(*specimens)
        key, tensors = key_of(arguments)
        traces, function = self._traces, self._python()
        specs = [spec if isinstance(spec := given.get(id(x)), TensorSpec) else None for x in tensors]
        names = {i: spec.name for i, spec in enumerate(specs) if spec is not None and spec.name}
        wanted = [x.shape if spec is None else spec.shape for x, spec in zip(tensors, specs, strict=True)]
        if self._input_signature is not None:
            leaves = nest.flatten(arguments[0][: len(self._input_signature)])
            signature = zip(nest.flatten(self._input_signature), leaves, strict=True)
            wanted = [spec.shape for spec, x in signature if isinstance(x, Tensor)]
        pattern = pattern_of(wanted, [x._value.shape for x in tensors])
        if key is not None and not is_known(pattern):
            return traces.shaped(function, self._binding, arguments, pattern, names)
        trace: Any = EAGER
        if key is not None:
            trace = traces.get(key) or traces.make(function, self._binding, key, arguments)
        if trace is EAGER:
            raise NotImplementedError(f"{self.name} has no concrete function: {''.join(traces.reasons[-1:])}")
        if trace.variable_shapes:
            return traces.shaped(function, self._binding, arguments, pattern, names)
        return traces.described(function, self._binding, arguments, names, trace)

    def pretty_printed_concrete_signatures(self, verbose: bool = True) -> str:
        """The signatures that the function was traced for, in words.

        Args:
            verbose: whether each parameter has a line of its own.
        """
        return ("\n\n" if verbose else "\n").join(str(each) if verbose else each.brief() for each in self._traces.types)

    def experimental_get_tracing_count(self) -> int:
        """How often the function was traced, or tried to be: once for each signature, twice where it made variables."""
        return self._traces.count()

    def experimental_eager_reasons(self) -> tuple[str, ...]:
        """Why calls were run eagerly: what could not be traced, in the order in which it was met."""
        return tuple(self._traces.reasons)

    def experimental_get_compiler_ir(self, *args: Any, **kwargs: Any) -> Any:
        """Not possible: machine code is made by LLVM, without a representation in XLA.

        Raises:
            ValueError: the function is not marked with `jit_compile=True`.
            NotImplementedError: otherwise.
        """
        if not self._options.jit_compile:
            raise ValueError("Compiler IR can only be returned for functions marked with 'jit_compile=True'")
        raise NotImplementedError(
            "experimental_get_compiler_ir is not supported: there is no XLA here. get_concrete_function(…).source shows the "
            "program that runs"
        )

    def __repr__(self) -> str:
        return f"<tapeflow.Function {self.name}>"


class _OfObject:
    """What a method keeps for one object, for as long as the object lives."""

    def __init__(self, function: Function, instance: Any) -> None:
        table, key = function._of_objects, id(instance)
        try:
            self.instance: Callable[[], Any] = weakref.ref(instance, lambda _: table.pop(key, None))
        except TypeError:  # it cannot be told when it dies, so it does not
            self.instance = lambda: instance
        self.binding = Binding(function._python_function, True, function._input_signature)
        self.binding.check_input_signature()
        self.traces = Traces(function._python_function, function._options)
        self.bound: Callable[[], Function | None] = lambda: None


def _path(function: Any) -> str:
    """Where a function is defined, after the last function that it is inside of: `Class.method`, or `name`."""
    return getattr(function, "__qualname__", "").rpartition("<locals>.")[2]


def _specimen(value: Any) -> Any:
    """A tensor that stands for a spec among the arguments."""
    if not isinstance(value, TensorSpec):
        return value
    sizes = [EXAMPLE] if value.shape.rank is None else [EXAMPLE if size is None else size for size in value.shape]
    kind = value.dtype.numpy
    example = np.broadcast_to(np.array(b"" if kind.kind == "O" else 0, kind), sizes)
    return Tensor(example if sizes or kind.kind == "O" else example[()])
