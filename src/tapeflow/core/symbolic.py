"""Tensors without values: what operations are given while a function is traced.

A symbolic tensor knows its shape and dtype, and which trace it belongs to. An operation on one is not run but handed to the
trace (`emit`), which notes it. Whatever asks for a value that is not there yet raises `TraceUnsupported`: the function is
then run as the Python that it is.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.dimension import Dim
from tapeflow.core.errors import OperatorNotAllowedInGraphError, OpError
from tapeflow.core.shapes import TensorShape, from_known
from tapeflow.core.tensor import Tensor

__all__ = [
    "ACTIVE",
    "Abstract",
    "Cases",
    "Shapeless",
    "SymbolicTensor",
    "TraceUnsupported",
    "as_seen_in_graph",
    "emit",
    "perform",
    "place",
    "tracing",
    "tracing_with",
    "untraceable",
]

_tracer: ContextVar[Any] = ContextVar("tapeflow_tracer", default=None)
tracing = _tracer.get
"""`tracing()` gives the trace that the running thread or coroutine is in, or None."""

ACTIVE: list[Any] = []
"""The traces under way in the whole process. While there is none, which is nearly always, nobody need ask `tracing()`."""


class TraceUnsupported(Exception):
    """A trace met something that it cannot express; the function is run eagerly instead."""


def untraceable(what: str) -> None:
    """Gives up the trace under way, if there is one, because `what` cannot be expressed in a graph yet."""
    if ACTIVE and tracing() is not None:
        fail(what)


def place() -> Any:
    """Where in a function being traced the program is: its innermost block; None outside of functions."""
    tracer = tracing()
    return None if tracer is None else tracer.block


def fail(what: str) -> NoReturn:
    """Gives up the trace under way; it is given up even if somebody catches the error."""
    tracer = tracing()
    if tracer is not None:
        tracer.reason = tracer.reason or what
    raise TraceUnsupported(what)


@contextmanager
def tracing_with(tracer: Any) -> Iterator[None]:
    """A context in which operations on symbolic tensors go to `tracer`; with None, one in which nothing is traced."""
    token = _tracer.set(tracer)
    if tracer is not None:
        ACTIVE.append(tracer)
    try:
        yield
    finally:
        if tracer is not None:
            ACTIVE.remove(tracer)
        _tracer.reset(token)


def verdict(error: Exception) -> Exception:
    """An error that is the user's to see: running the function eagerly would hide it."""
    tracer = tracing()
    if tracer is not None:
        tracer.verdict = error
    return error


def as_seen_in_graph(error: OpError, kind: type[Exception] = ValueError) -> Exception:
    """The error to raise for arguments whose shapes or dtypes an operation cannot take: `error`, which the kernel would
    raise, or where a function is being traced one of type `kind`, since there it is found before anything runs."""
    if ACTIVE and tracing() is not None:
        return verdict(kind(error.message))
    return error


def _asks_for_the_value(name: str) -> Callable:
    def refuse(self: Abstract, *args: Any, **kwargs: Any) -> NoReturn:
        fail(f"a value that is known only when the function runs is asked for ({name})")

    return refuse


class Abstract:
    """A shape and a dtype in place of a value: the `_value` of a symbolic tensor. Anything else that is asked of it fails.

    The sizes are integers, and `Dim`s where they are unknown. `content` is an array of objects, sizes too, where the values of
    an integer tensor are known as sizes are, as those of `tf.shape(x)`; else None. `unranked` says that the function was to be
    traced for any rank, so that the user sees none.

    With a `depth` it stands for a stack of such values, or a stack of stacks: see `graph.stacks`.
    """

    __slots__ = ("content", "depth", "dtype", "ndim", "number", "scope", "shape", "size", "unranked")
    __hash__ = object.__hash__

    def __init__(self, shape: tuple, dtype: np.dtype, number: int, scope: Any, depth: int = 0) -> None:
        self.shape = shape
        self.content: np.ndarray | None = None
        self.unranked = False
        self.dtype = dtype
        self.ndim = len(shape)
        size = 1
        for length in shape:
            size *= length
        self.size = size
        self.number = number
        self.scope = scope
        self.depth = depth

    def tell(self, shape: TensorShape) -> None:
        """Makes sizes known that are not. A graph for other sizes is then refused, as what was traced is not so for them."""
        if shape.rank == self.ndim:
            self.unranked = False
            pairs = zip(self.shape, shape, strict=True)
            self.shape = tuple([told if type(size) is Dim and told is not None else size for size, told in pairs])
            self.size = math.prod(self.shape)

    def __repr__(self) -> str:
        return f"Abstract({self.shape}, {self.dtype})"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array_") and name not in ("__array_ufunc__", "__array_function__"):
            raise AttributeError(name)  # NumPy looks whether these are there
        fail(f"a value that is known only when the function runs is asked for (.{name})")


for _name in (
    *("array", "array_ufunc", "array_function", "bool", "int", "float", "complex", "index", "len", "iter", "getitem"),
    *("contains", "eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "abs", "invert", "round", "copy", "deepcopy", "reduce"),
    *(
        f"{side}{operator}"
        for side in ("", "r")
        for operator in (
            *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor"),
            *("lshift", "rshift", "divmod"),
        )
    ),
):
    setattr(Abstract, f"__{_name}__", _asks_for_the_value(f"__{_name}__"))


class Shapeless(Abstract):
    """A dtype alone: what a Python function will give, whose shape nobody knows before it runs."""

    __slots__ = ()

    def __init__(self, dtype: np.dtype, number: int, scope: Any) -> None:
        self.content, self.dtype, self.number, self.scope, self.depth = None, dtype, number, scope, 0
        self.unranked = False

    def settle(self, shape: tuple[int, ...]) -> None:
        """Gives it a shape: from here on it is like any other. When the function runs the value must have that shape."""
        self.__class__ = Abstract  # type: ignore[assignment]
        Abstract.__init__(self, shape, self.dtype, self.number, self.scope)

    def __repr__(self) -> str:
        return f"Shapeless({self.dtype})"

    def __getattr__(self, name: str) -> Any:
        if name in ("shape", "ndim", "size"):
            fail("a shape that only a Python function knows is asked for; tell it by tf.ensure_shape or y.set_shape(...)")
        return super().__getattr__(name)


class Cases:
    """An attribute of an operation of which only values tell what it is: that of `values` whose number the scalar `index` is.

    An operation that gets one is traced with each of the values, and the running function chooses.
    """

    __slots__ = ("index", "values")

    def __init__(self, index: Tensor, values: tuple) -> None:
        self.index, self.values = index, values


PASSES_CALLS_ON = "tapeflow.graph.python_functions"  # where converted code calls built-in functions, `hasattr` among them


class SymbolicTensor(Tensor):
    """A tensor inside a traced function: its value is known only when the function runs."""

    __slots__ = ()

    def set_shape(self, shape: Any) -> None:
        """Tells the shape of what a Python function gives, and the unknown sizes of other tensors; what is known is checked.

        Raises:
            ValueError: `shape` is not compatible with what is known.
        """
        if type(self._value) is Shapeless:
            wanted = TensorShape(shape)
            if wanted.is_fully_defined():
                self._value.settle(tuple(wanted))
        else:
            super().set_shape(shape)
            self._value.tell(TensorShape(shape))

    @property
    def shape(self) -> TensorShape:
        """The static shape: None stands for a size that is known only when the function runs."""
        if type(self._value) is Shapeless:
            return TensorShape(None)
        if self._value.depth:
            fail("the shape of a range whose length is known only when the function runs")
        if self._value.unranked:
            return from_known(None)
        return from_known(tuple([None if type(size) is Dim else size for size in self._value.shape]))

    @property
    def name(self) -> str:
        """A name that no other tensor of the function has."""
        return self._value.scope.tracer.name_of(self._value.number)

    @property
    def numpy(self) -> NoReturn:  # type: ignore[override]
        """Not there, so that `hasattr(x, "numpy")` tells tensors with values from those without.

        Raises:
            AttributeError: always.
        """
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if caller.startswith("tapeflow.") and caller != PASSES_CALLS_ON:
            fail("a value that is known only when the function runs is asked for (numpy())")
        raise verdict(
            AttributeError(
                "numpy() is only available when eager execution is enabled: a tensor inside tf.function has no value yet. "
                "Use TapeFlow's operations, tf.print to see it, or tf.numpy_function."
            )
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        fail("a NumPy function is called on a tensor whose value is known only when the function runs")

    def __bool__(self) -> bool:
        raise_or_convert(
            "bool", "Using a symbolic `tf.Tensor` as a Python `bool` is not allowed", "tf.cond or tf.while_loop"
        )

    def __iter__(self) -> Iterator[Tensor]:
        tracer = tracing()
        if tracer is None or tracer.forbids_python:
            raise_or_convert("iter", "Iterating over a symbolic `tf.Tensor` is not allowed", "tf.map_fn or tf.while_loop")
        if self._value.depth:
            fail("Python's own loop over a range whose length is known only when the function runs")
        if not self._value.ndim:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (self[i] for i in range(self._value.shape[0]))  # the length is known, so a loop is written out

    def __len__(self) -> int:
        if not self._value.ndim:
            raise TypeError("Scalar tensor has no `len()`")
        return self._value.shape[0]

    def __int__(self) -> int:
        fail("int() of a tensor whose value is known only when the function runs")

    def __float__(self) -> float:
        fail("float() of a tensor whose value is known only when the function runs")

    def __complex__(self) -> complex:
        fail("complex() of a tensor whose value is known only when the function runs")

    def __index__(self) -> int:
        fail("a tensor whose value is known only when the function runs is used as a Python index")

    def __repr__(self) -> str:
        shape, dtype = self.shape, dtypes.from_numpy(self._value.dtype).name
        return f"<tf.Tensor '{self.name}' shape={shape} dtype={dtype}>"

    def __str__(self) -> str:
        shape, dtype = self.shape, dtypes.from_numpy(self._value.dtype).name
        return f'Tensor("{self.name}", shape={shape}, dtype={dtype})'

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: dict) -> Tensor:
        return self

    def __reduce__(self) -> tuple:
        raise TypeError("a tensor inside tf.function has no value that could be pickled")


def raise_or_convert(what: str, sentence: str, instead: str) -> NoReturn:
    """Gives up the trace where running eagerly gives the answer; elsewhere raises TensorFlow's error."""
    tracer = tracing()
    if tracer is None or tracer.forbids_python:
        raise verdict(
            OperatorNotAllowedInGraphError(
                f"{sentence}: its value is known only when the function runs. Let AutoGraph convert the function "
                f"(autograph=True, and the source must be available), or use {instead}."
            )
        )
    fail(f"{what}() of a tensor whose value is known only when the function runs")


def out_of_scope(symbol: SymbolicTensor | None) -> TypeError:
    """The error for a tensor, or without one a size, that was taken out of its function."""
    error = TypeError(
        f"{'an unknown size' if symbol is None else repr(symbol)} is out of scope and cannot be used here: it belongs to another "
        "tf.function, or to a call before this. Return it from the function, or keep its value in a tf.Variable."
    )
    verdict(error)
    return error


def emit(primitive: Any, compute: Callable, inputs: tuple, attributes: dict | None, replay: Callable) -> Any:
    """Notes an operation in the trace that its symbolic inputs belong to.

    Args:
        primitive: what is applied.
        compute: the kernel to run: the primitive's, or one adapted to the dtypes.
        inputs: tensors, at least one of them symbolic unless there are unknown sizes among the attributes.
        attributes: the kernel's keyword arguments.
        replay: a function of tensors that applies the operation eagerly, so that tapes hear of it.

    Returns:
        A symbolic tensor, or a tuple of them.

    Raises:
        TypeError: no function is being traced: the tensor was taken out of its function.
    """
    tracer = tracing()
    if tracer is None:
        raise out_of_scope(next((x for x in inputs if type(x) is SymbolicTensor), None))
    return tracer.apply(primitive, compute, inputs, attributes, replay)


def perform(act: Callable, inputs: tuple, results: Any, *, assigns: bool = True) -> Any:
    """What act(*inputs) gives: now, or where a function is traced, at every call of it and in the program's order.

    Args:
        act: a function of tensors with an effect; it gives a tensor, or a tuple of them.
        inputs: tensors.
        results: the shape (None: unknown) and dtype of what it gives; for a tuple a list of them, empty if it gives nothing.
        assigns: whether it may change variables.
    """
    if ACTIVE and (tracer := tracing()) is not None:
        return tracer.perform(act, inputs, results, assigns)
    return act(*inputs)
