"""`tf.function`: a function of tensors is traced once for each kind of arguments, and the trace is what runs.

Whatever cannot be traced is run as the Python that it is, with the same results. `Function.experimental_eager_reasons()` says
why.
"""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.config import functions_run_eagerly
from tapeflow.core.convert import convert
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.recording import current, heard_by
from tapeflow.core.shapes import TensorShape, TensorSpec
from tapeflow.core.symbolic import SymbolicTensor, TraceUnsupported, fail, tracing, verdict
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.graph.captures import name_captured
from tapeflow.graph.concrete import ConcreteFunction
from tapeflow.graph.deciding import asks_for_loop_options, converted
from tapeflow.graph.derivative import Underivable
from tapeflow.graph.relaxed import EXAMPLE, Pattern, RelaxedTraces, Unranked, fitted, is_known, pattern_of
from tapeflow.graph.signature import Signature, is_dead, key_of
from tapeflow.graph.specialize import ShapedFunction, ShapedTrace
from tapeflow.graph.trace import Tracer
from tapeflow.ops.tensor_array import TensorArray

__all__ = ["Function", "function"]

EAGER = "eager"
ENOUGH = 3  # attempts at tracing; when all of them failed there are no more


def function(
    func: Callable | None = None,
    input_signature: Sequence | None = None,
    autograph: bool = True,
    jit_compile: bool | None = None,
    reduce_retracing: bool = False,
    experimental_implements: Any = None,
    experimental_autograph_options: Any = None,
    experimental_attributes: Any = None,
    experimental_relax_shapes: bool | None = None,
    experimental_compile: bool | None = None,
    experimental_follow_type_hints: bool | None = None,
) -> Any:
    """Compiles a function of tensors: it is traced into a graph, and calls run the graph.

    There is a trace for each set of dtypes, shapes and Python values among the arguments. Python side effects happen when the
    function is traced; assignments to variables, `tf.print` and steps of optimizers at every call, in the program's order.
    A function that does what a graph cannot express yet is run as the Python that it is, with the same results.

    Args:
        func: the function; without it, a decorator is returned.
        input_signature: `tf.TensorSpec`s that the arguments must be compatible with; they are converted to the dtypes.
        autograph: whether Python's `if`, `while` and `for` on tensors become part of the graph; else they are errors.
        reduce_retracing: whether a call of other shapes than those before is traced for what the shapes have in common, with
            the other sizes unknown, so that one trace serves them all; `experimental_relax_shapes` is its older name.
        jit_compile, experimental_implements, experimental_autograph_options, experimental_attributes,
            experimental_compile, experimental_follow_type_hints: accepted; they tell a compiler how to work and never change
            what a function means.

    Raises:
        TypeError: `func` cannot be called, or the signature holds something else than specs.

    >>> import tapeflow as tf
    >>> @tf.function
    ... def square(x):
    ...     return x * x
    >>> square(tf.constant(3.0)).numpy()
    np.float32(9.0)
    """
    reduced = bool(reduce_retracing or experimental_relax_shapes)
    if func is None:
        return lambda decorated: Function(decorated, input_signature, autograph=autograph, reduce_retracing=reduced)
    return Function(func, input_signature, autograph=autograph, reduce_retracing=reduced)


class Function:
    """A function that `tf.function` was put on."""

    def __init__(
        self,
        python_function: Callable,
        input_signature: Sequence | None = None,
        instance: Any = None,
        autograph: bool = True,
        reduce_retracing: bool = False,
    ) -> None:
        if not callable(python_function):
            raise TypeError(f"tf.function takes something that can be called, got {python_function!r}")
        self._python_function = python_function
        self._input_signature = None if input_signature is None else tuple(input_signature)
        for spec in nest.flatten(self._input_signature or ()):
            if not isinstance(spec, TensorSpec):
                raise TypeError(f"an input_signature holds tf.TensorSpecs, got {spec!r}")
        self._instance = instance
        self._autograph = autograph
        self._reduce_retracing = reduce_retracing
        self._signature = Signature(python_function)
        self._traces: dict[Any, Any] = {}
        self._known: dict[tuple, ConcreteFunction] = {}  # those that take only tensors, by their shapes and dtypes in turn
        self._relaxed = RelaxedTraces()
        self._reasons: list[str] = []
        self._lock = threading.RLock()
        functools.update_wrapper(self, python_function, updated=())

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

    def __get__(self, instance: Any, owner: type) -> Function:
        if instance is None:
            return self
        bound = object.__new__(Function)
        bound.__dict__.update(self.__dict__)
        bound._instance = instance
        return bound

    def __getstate__(self) -> dict:
        state = dict(self.__dict__)
        del state["_lock"]
        return state | {"_traces": {}, "_known": {}, "_reasons": [], "_relaxed": RelaxedTraces()}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state, _lock=threading.RLock())

    # -- calling ------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs and self._instance is None:
            key: list[Any] = []
            for x in args:
                if type(x) is not Tensor:
                    break
                value = x._value
                key += (value.shape, value.dtype)
            else:
                known = self._known.get(tuple(key))
                if known is not None and tracing() is None and not functions_run_eagerly():
                    return known.run(args) if current() is None else self._run_under_tapes(known, args, args, {})
        if self._input_signature is not None:
            args, kwargs = self._conformed(args, kwargs)
        if self._instance is not None:
            args = (self._instance, *args)
        args, kwargs = self._signature.canonical(args, kwargs)
        if functions_run_eagerly():
            return self._run_eagerly(args, kwargs)
        if tracing() is not None:
            return self._inline(args, kwargs)
        key, tensors = key_of((args, kwargs))
        if key is None:
            return self._run_eagerly(args, kwargs)
        trace = self._traces.get(key) or self._relaxed.get(key)
        if trace is None:
            trace = self._trace(key, args, kwargs, self._pattern(args, kwargs, tensors))
        if trace is EAGER:
            return self._run_eagerly(args, kwargs)
        if (
            self._input_signature is None
            and not kwargs
            and key in self._traces
            and len(tensors) == len(args) == sum(type(x) is Tensor for x in args)
        ):
            self._known[tuple(part for x in tensors for part in (x._value.shape, x._value.dtype))] = trace
        return trace.run(tensors) if current() is None else self._run_under_tapes(trace, tensors, args, kwargs)

    def _run_under_tapes(self, trace: ConcreteFunction, tensors: Sequence[Tensor], args: tuple, kwargs: dict) -> Any:
        try:
            return trace.run_under_tapes(tensors)
        except Underivable as error:
            if str(error) not in self._reasons:
                self._reasons.append(str(error))
            return self._run_eagerly(args, kwargs)

    def _run_eagerly(self, args: tuple, kwargs: dict) -> Any:
        function = self._python_function
        if self._autograph and asks_for_loop_options(function):
            function = converted(function)  # the options count here too
        return nest.map_structure(_result, function(*args, **kwargs))

    def _inline(self, args: tuple, kwargs: dict) -> Any:
        """A call inside another function's trace: its operations become part of that."""
        if any(trace is EAGER for trace in self._traces.values()):
            fail(f"{self.name} is run eagerly: {self._reasons[-1] if self._reasons else ''}")
        with tracing().called():
            return nest.map_structure(_result, self._converted()(*args, **kwargs))

    def _converted(self) -> Callable:
        if not self._autograph:
            return self._python_function
        return converted(self._python_function)

    # -- tracing ------------------------------------------------------------------------------------

    def _pattern(self, args: tuple, kwargs: dict, tensors: list[Tensor]) -> Pattern:
        """The shapes that a trace for these arguments is to serve: the input signature's, if there is one."""
        if self._input_signature is None:
            shapes = [x._value.shape for x in tensors]
            if self._reduce_retracing and not any(trace is EAGER for trace in self._traces.values()):
                return self._relaxed.generalized(key_of((args, kwargs), [()] * len(shapes))[0], shapes)
            return shapes
        leaves = nest.flatten(args if self._instance is None else args[1:])
        specs = nest.flatten(self._input_signature)
        wanted = [spec.shape for x, spec in zip(leaves, specs, strict=True) if isinstance(x, Tensor)]
        return pattern_of(wanted, [x._value.shape for x in tensors])

    def _trace(self, key: Any, args: tuple, kwargs: dict, pattern: Pattern) -> Any:
        with self._lock:
            found = self._traces.get(key) or self._relaxed.get(key)
            if found is not None:
                return found
            signature = self._relaxed_key(args, kwargs, pattern)
            shapes = [x._value.shape for x in key_of((args, kwargs))[1]]
            if not is_known(pattern) or self._relaxed.knows(signature):
                found = self._relaxed.find(key, signature, pattern, shapes, self._runner(args, kwargs))
                if found is not None:
                    return found
            for old in [each for each in self._traces if is_dead(each)]:
                del self._traces[old]
            outcomes = self._traces.values()
            if len(outcomes) >= ENOUGH and all(each is EAGER for each in outcomes):
                return EAGER
            tracer = Tracer(forbids_python=not self._autograph)
            try:
                concrete = self._traced(tracer, args, kwargs)
                if tracer.created and not tracer.reason:
                    concrete = self._traced_again(tracer, args, kwargs)
                if tracer.reason:
                    raise TraceUnsupported(tracer.reason)
            except TraceUnsupported as error:
                self._reasons.append(tracer.reason or str(error))
                self._traces[key] = EAGER
                return EAGER
            except Exception as error:
                if error is tracer.verdict or (not tracer.reason and not tracer.in_doubt and _is_users(error)):
                    raise
                self._reasons.append(f"{type(error).__name__}: {error}")
                self._traces[key] = EAGER  # if the error is the user's, running eagerly raises it
                return EAGER
            if concrete.variable_shapes:
                adopted = self._relaxed.adopt(key, signature, ShapedTrace(*concrete.parts), shapes)
                if adopted is not None:
                    return adopted
                self._reasons.append("a variable changes its shape")
                self._traces[key] = EAGER
                return EAGER
            self._traces[key] = concrete
            return concrete

    def _traced_again(self, first: Tracer, args: tuple, kwargs: dict) -> ConcreteFunction:
        """The trace that counts, where the first one made variables."""
        tracer = Tracer(forbids_python=not self._autograph)
        try:
            concrete = self._traced(tracer, args, kwargs)
        except Exception:
            first.verdict = tracer.verdict
            raise
        if tracer.created:
            first.verdict = ValueError(
                "tf.function only supports singleton tf.Variables created on the first call: "
                f"{self.name} makes {tracer.created[0].name} at every call. Make variables outside, or once (`if self.v is None:`)."
            )
            raise first.verdict
        return concrete

    @staticmethod
    def _relaxed_key(args: tuple, kwargs: dict, pattern: Pattern) -> Any:
        return key_of((args, kwargs), pattern)[0]

    def _runner(self, args: tuple, kwargs: dict) -> Callable[[Tracer, Sequence[tuple]], tuple]:
        """What runs the Python function for a trace with unknown sizes."""

        def run(tracer: Tracer, shapes: Sequence[tuple]) -> tuple:
            return self._parts(tracer, args, kwargs, shapes)

        return run

    def _traced(self, tracer: Tracer, args: tuple, kwargs: dict) -> ConcreteFunction:
        return ConcreteFunction(*self._parts(tracer, args, kwargs))

    def _parts(self, tracer: Tracer, args: tuple, kwargs: dict, shapes: Sequence[tuple] | None = None) -> tuple:
        """Runs the Python function on placeholders, of these shapes where they are not the arguments' own."""
        inputs: list[SymbolicTensor] = []

        def placeholder(leaf: Any) -> Any:
            if isinstance(leaf, Tensor):
                shape = leaf._value.shape if shapes is None else shapes[len(inputs)]
                inputs.append(tracer.symbol(tuple(shape), leaf._value.dtype))
                inputs[-1]._value.unranked = type(shape) is Unranked
                return inputs[-1]
            return leaf

        name_captured(self._python_function, args, kwargs)
        given = nest.map_structure(placeholder, (args, kwargs), expand_composites=True)
        with heard_by((tracer.outside,)), tracer.tracing():
            result = self._converted()(*given[0], **given[1])
            result = nest.map_structure(_traceable_result, result)
            outputs = nest.flatten(result, expand_composites=True)
            tensors = [y for y in outputs if isinstance(y, Tensor)]
            tracer.check(tensors)
        if tracer.reason:
            raise TraceUnsupported(tracer.reason)
        return self.name, tracer, inputs, result, outputs

    # -- arguments ----------------------------------------------------------------------------------

    def _conformed(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        """The arguments as tensors of the dtypes in the signature."""
        signature = self._input_signature or ()
        given = inspect.signature(self._python_function).bind(*(() if self._instance is None else (None,)), *args, **kwargs)
        given.apply_defaults()
        values = given.args[0 if self._instance is None else 1 :]
        if len(values) != len(signature):
            raise TypeError(
                f"{self.name}(...) takes {len(signature)} arguments by its input_signature {signature}, got {len(values)}"
            )
        return tuple(
            self._conform(i, spec, value) for i, (spec, value) in enumerate(zip(signature, values, strict=True))
        ), {}

    def _conform(self, number: int, spec: Any, value: Any) -> Any:
        if isinstance(spec, Mapping):
            return {key: self._conform(number, each, value[key]) for key, each in spec.items()}
        if not isinstance(spec, TensorSpec):
            return type(spec)(self._conform(number, *pair) for pair in zip(spec, value, strict=True))
        tensor = value if isinstance(value, Variable) else convert(value, hint=spec.dtype.numpy)
        if not spec.is_compatible_with(tensor):
            raise TypeError(
                f"argument {number} of {self.name}(...) is a {tensor.dtype.name} tensor of shape {tensor.shape}, which the "
                f"input_signature {spec} does not admit"
            )
        return tensor

    # -- what there is to ask -------------------------------------------------------------------------

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """The compiled function for these arguments.

        Raises:
            NotImplementedError: the function cannot be traced.
        """
        if self._input_signature is not None and not args and not kwargs:
            args = self._input_signature
        wanted = [TensorShape(x.shape) for x in nest.flatten((args, kwargs)) if isinstance(x, TensorSpec)]
        args, kwargs = nest.map_structure(_specimen, (args, kwargs))
        if self._input_signature is not None:
            args, kwargs = self._conformed(args, kwargs)
        if self._instance is not None:
            args = (self._instance, *args)
        args, kwargs = self._signature.canonical(args, kwargs)
        key, tensors = key_of((args, kwargs))
        if self._input_signature is None and len(wanted) == len(tensors):
            pattern = pattern_of(wanted, [x._value.shape for x in tensors])
        else:
            pattern = self._pattern(args, kwargs, tensors)
        trace: Any = EAGER
        if key is not None and not is_known(pattern):
            return self._shaped(args, kwargs, pattern, tensors)
        if key is not None:
            trace = self._traces.get(key) or self._trace(key, args, kwargs, pattern)
        if trace is EAGER:
            raise NotImplementedError(f"{self.name} has no concrete function: {''.join(self._reasons[-1:])}")
        return self._shaped(args, kwargs, pattern, tensors) if trace.variable_shapes else trace

    def _shaped(self, args: tuple, kwargs: dict, pattern: Pattern, tensors: list[Tensor]) -> Any:
        """The function for all sizes where the pattern leaves them open."""

        def concrete(tensors: Sequence[Tensor]) -> ConcreteFunction:
            given = iter(tensors)
            called: tuple = nest.map_structure(lambda x: next(given) if isinstance(x, Tensor) else x, (args, kwargs))
            key, _ = key_of(called)
            here = fitted(pattern, [x._value.shape for x in tensors])
            found = self._relaxed.get(key) or self._trace(key, called[0], called[1], here)
            if found is EAGER:
                raise NotImplementedError(f"{self.name} has no concrete function: {''.join(self._reasons[-1:])}")
            return found

        with self._lock:
            signature, shapes = self._relaxed_key(args, kwargs, pattern), [x._value.shape for x in tensors]
            trace = self._relaxed.any(signature) or self._relaxed.traced(
                signature, pattern, shapes, self._runner(args, kwargs)
            )
        if trace is None:
            concrete(tensors)  # it says why
            raise NotImplementedError(f"{self.name} cannot be traced for unknown sizes: call it, or give known ones")
        return ShapedFunction(trace, pattern, concrete)

    def experimental_get_tracing_count(self) -> int:
        """For how many signatures the function was traced; what is run eagerly counts once for each of them."""
        if self._input_signature is not None:
            return min(len(self._traces) + self._relaxed.count, 1)
        return len(self._traces) + self._relaxed.count

    def experimental_eager_reasons(self) -> tuple[str, ...]:
        """Why calls were run eagerly: what could not be traced, in the order in which it was met."""
        return tuple(self._reasons)

    def __repr__(self) -> str:
        return f"<tapeflow.Function {self.name}>"


def _is_users(error: Exception) -> bool:
    """Whether an error was raised by code of the user's own, and not by an operation."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return step is not None and not step.tb_frame.f_globals.get("__name__", "").startswith("tapeflow.")


def _specimen(value: Any) -> Any:
    """A tensor that stands for a spec among the arguments."""
    if not isinstance(value, TensorSpec):
        return value
    sizes = [EXAMPLE] if value.shape.rank is None else [EXAMPLE if size is None else size for size in value.shape]
    example = np.broadcast_to(np.zeros((), value.dtype.numpy), sizes)
    return Tensor(example if sizes else example[()])


def _result(value: Any) -> Any:
    if value is None or isinstance(value, Tensor | IndexedSlices):
        return value
    if isinstance(value, Variable | bool | int | float | complex | str | bytes | np.ndarray | np.generic):
        return convert(value)
    return value


def _traceable_result(value: Any) -> Any:
    """A leaf of a result, as a tensor.

    Raises:
        TypeError: it is no value that a tensor can have.
    """
    value = _result(value)
    if value is None or isinstance(value, Tensor | IndexedSlices):
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
