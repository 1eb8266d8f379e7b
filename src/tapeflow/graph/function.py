"""`tf.function`: here the decorated function runs eagerly, as the Python that it is."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tapeflow.core import nest
from tapeflow.core.convert import convert
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.shapes import TensorSpec
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable

__all__ = ["Function", "function"]


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
    """Marks a function of tensors for compilation. In this version it is not compiled: every call runs it eagerly.

    What TensorFlow promises of the results holds: NumPy arrays among the arguments become tensors, and numbers among the
    results do. What differs: Python side effects happen at every call, since there is no trace.

    Args:
        func: the function; without it, a decorator is returned.
        input_signature: `tf.TensorSpec`s that the arguments must be compatible with; they are converted to the dtypes.
        autograph, jit_compile, reduce_retracing, experimental_implements, experimental_autograph_options,
            experimental_attributes, experimental_relax_shapes, experimental_compile, experimental_follow_type_hints:
            accepted; they tell a compiler how to work, and nothing is compiled.

    Raises:
        TypeError: `func` cannot be called, or the signature holds something else than specs.

    >>> import tapeflow as tf
    >>> @tf.function
    ... def square(x):
    ...     return x * x
    >>> square(tf.constant(3.0)).numpy()
    np.float32(9.0)
    """
    if func is None:
        return lambda decorated: Function(decorated, input_signature)
    return Function(func, input_signature)


class Function:
    """A function that `tf.function` was put on."""

    def __init__(self, python_function: Callable, input_signature: Sequence | None = None, instance: Any = None) -> None:
        if not callable(python_function):
            raise TypeError(f"tf.function takes something that can be called, got {python_function!r}")
        self._python_function = python_function
        self._input_signature = None if input_signature is None else tuple(input_signature)
        for spec in nest.flatten(self._input_signature or ()):
            if not isinstance(spec, TensorSpec):
                raise TypeError(f"an input_signature holds tf.TensorSpecs, got {spec!r}")
        self._instance = instance
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
        bound = Function(self._python_function, self._input_signature, instance)
        return bound

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._input_signature is not None:
            args, kwargs = self._conformed(args, kwargs)
        args, kwargs = nest.map_structure(_argument, (args, kwargs))
        if self._instance is not None:
            args = (self._instance, *args)
        return nest.map_structure(_result, self._python_function(*args, **kwargs))

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

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        """The compiled function for these arguments.

        Raises:
            NotImplementedError: always: functions are not compiled in this version.
        """
        raise NotImplementedError("get_concrete_function needs compiled functions; in this version tf.function runs eagerly")

    def experimental_get_tracing_count(self) -> int:
        """How often the function was traced: never, in this version."""
        return 0

    def __repr__(self) -> str:
        return f"<tapeflow.Function {self.name}>"


def _argument(value: Any) -> Any:
    return convert(value) if isinstance(value, np.ndarray) else value


def _result(value: Any) -> Any:
    if value is None or isinstance(value, Tensor | IndexedSlices):
        return value
    if isinstance(value, Variable | bool | int | float | complex | str | bytes | np.ndarray | np.generic):
        return convert(value)
    return value
