"""Elementwise operations: what `core.dispatch.apply` does, in a caller made for one primitive.

Most programs spend their time here, so a call has a budget: from `x * y` to the NumPy kernel and back it is one Python call
when the operands are tensors already. What is common is tested first, and everything else is somebody else's function.

    @unary("Exp", np.exp, lambda out: out)                    # d exp(x) = exp(x): the output is what is kept
    def exp(x: TensorLike, name: str | None = None) -> Tensor:
        \"\"\"The docstring of tf.exp.\"\"\"
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

import numpy as np

from tapeflow.core.broadcasting import sum_to_shape
from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.dimension import Dim, same_shape
from tapeflow.core.dispatch import refusal
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.large_arrays import LARGE, large_kernel
from tapeflow.core.primitive import Primitive, keeps, parameters
from tapeflow.core.quiet import run, run_in_copy
from tapeflow.core.recording import current
from tapeflow.core.symbolic import SymbolicTensor, as_seen_in_graph, emit
from tapeflow.core.tensor import Tensor

__all__ = ["binary", "conj", "in_single", "unary"]

F = TypeVar("F", bound=Callable)

float32, FLOAT32, ndarray = np.float32, np.dtype("float32"), np.ndarray


def unary(
    name: str,
    kernel: Callable,
    derivative: Callable | None = None,
    *,
    vjp: Callable | None = None,
    accepts: str = "fc",
    large: str | None = None,
) -> Callable[[F], F]:
    """Declares an elementwise operation of one operand; the decorated function gives its signature and docstring.

    Args:
        name: the primitive's name.
        kernel: a function of one array.
        derivative: dy/dx as a function of any of `x` and `out`, in tapeflow operations. The cotangent of x is then
            dy times its complex conjugate, which is TensorFlow's convention.
        vjp: instead of `derivative`, the rule itself, where that is shorter or faster.
        accepts: the kinds of dtype it takes: b(ool), i(nteger), u(nsigned), f(loating), c(omplex), S(tring).
        large: its name in `core.large_arrays`, if machine code computes it on large arrays.
    """
    if derivative is not None:
        vjp = _chain(derivative)
    primitive = Primitive(name, kernel, () if vjp is None else (vjp,), inputs=("x",))
    differentiable = primitive.differentiable
    accepts_float = "f" in accepts
    many, many_double = LARGE[large] if large else (0, 0)
    kernel_for_large = large_kernel(large, kernel) if large else kernel

    def declare(function: F) -> F:
        def call(x, name=None):  # type: ignore[no-untyped-def]
            if type(x) is not Tensor:
                x = convert(x)
                if type(x) is SymbolicTensor:
                    check_dtype(primitive, x, accepts)
                    compute = in_single(kernel) if is_half(x) else kernel
                    if large and is_large(x, many, many_double):
                        compute = kernel_for_large
                    return emit(primitive, compute, (x,), None, call)
            a = x._value
            compute = kernel
            if type(a) is not float32 or not accepts_float:  # not the commonest of all
                if a.dtype is not FLOAT32 or not accepts_float:
                    check_dtype(primitive, x, accepts)
                    if a.dtype.kind == "V":
                        compute = in_single(kernel)
                    elif large and type(a) is ndarray and a.size >= many_double:
                        compute = kernel_for_large
                elif large and a.size >= many:
                    compute = kernel_for_large
            try:
                value = run(compute, a)
            except RuntimeError:
                value = run_in_copy(compute, a)
            except (ValueError, TypeError) as error:
                raise refusal(primitive, (x,), error) from error
            out = Tensor(value)
            if differentiable and x._key:
                recording = current()
                if recording is not None:
                    for recorder in recording[1]:
                        recorder.record(primitive, (x,), out, None)
            return out

        return _wear(call, function, primitive)

    return declare


def binary(
    name: str,
    kernel: Callable,
    vjps: tuple[Callable | None, Callable | None] | None = None,
    *,
    accepts: str = "iufc",
    large: str | None = None,
    operands: Callable = convert_operands,
) -> Callable[[F], F]:
    """Declares an elementwise operation of two operands that broadcast; the decorated function gives its docstring.

    The rules are written as if the operands had one shape: where they were broadcast, the cotangents are summed back.
    `accepts` and `large` are as in `unary`; `operands` makes two tensors of the operands.
    """
    primitive = Primitive(name, kernel, vjps or (), inputs=("x", "y"))
    differentiable = primitive.differentiable
    broadcasting = partial(_broadcasting, primitive)
    accepts_float = "f" in accepts
    many, many_double = LARGE[large] if large else (0, 0)
    kernel_for_large = large_kernel(large, kernel) if large else kernel

    def declare(function: F) -> F:
        def call(x, y, name=None):  # type: ignore[no-untyped-def]
            if type(x) is not Tensor or type(y) is not Tensor:
                x, y = operands(x, y)
                if type(x) is SymbolicTensor or type(y) is SymbolicTensor:
                    check_dtypes(primitive, x, y, accepts)
                    compute = _on_text(kernel) if is_text(x) else in_single(kernel) if is_half(x) else kernel
                    if large and (is_large(x, many, many_double) or is_large(y, many, many_double)):
                        compute = kernel_for_large
                    equal = same_shape(x._value.shape, y._value.shape)
                    return emit(primitive if equal else broadcasting("xy"), compute, (x, y), None, call)
            a = x._value
            b = y._value
            compute = kernel
            if type(a) is not float32 or type(b) is not float32 or not accepts_float:
                if (
                    (type(a) is not float32 and a.dtype is not FLOAT32)
                    or (type(b) is not float32 and b.dtype is not FLOAT32)
                    or not accepts_float
                ):
                    check_dtypes(primitive, x, y, accepts)
                    if a.dtype.kind in "OV":
                        compute = _on_text(kernel) if a.dtype.kind == "O" else in_single(kernel)
                    elif large and type(a) is ndarray and (a.size if a.ndim else b.size) >= many_double:
                        compute = kernel_for_large
                elif large and (b if type(a) is float32 else a).size >= many:  # a row beside a matrix is NumPy's anyway
                    compute = kernel_for_large
            try:
                value = run(compute, a, b)
            except RuntimeError:
                value = run_in_copy(compute, a, b)
            except (ValueError, TypeError) as error:
                raise refusal(primitive, (x, y), error) from error
            out = Tensor(value)
            if differentiable and (x._key or y._key):
                recording = current()
                if recording is not None:
                    noted = primitive
                    if value.ndim and a.shape != b.shape:
                        noted = broadcasting("y" if a.shape == value.shape else "x" if b.shape == value.shape else "xy")
                    for recorder in recording[1]:
                        recorder.record(noted, (x, y), out, None)
            return out

        return _wear(call, function, primitive)

    return declare


def check_dtype(primitive: Primitive, x: Tensor, accepts: str) -> None:
    """Refuses a dtype that the operation has no kernel for."""
    if kind(x._value.dtype) not in accepts:
        raise _wrong_dtype(
            f"Value for attr 'T' of {x.dtype.name} is not in the list of allowed values of {primitive.name}: "
            f"{_names(accepts)}; convert the operand with tf.cast",
        )


def check_dtypes(primitive: Primitive, x: Tensor, y: Tensor, accepts: str) -> None:
    """Both operands must have one dtype, and one that the operation has a kernel for; nothing is promoted silently."""
    if x._value.dtype != y._value.dtype and x.dtype != y.dtype:
        raise _wrong_dtype(
            f"cannot compute {primitive.name} as input #1(zero-based) was expected to be a {x.dtype.name} tensor but is a "
            f"{y.dtype.name} tensor; convert one of them, for example tf.cast(y, tf.{x.dtype.name})",
        )
    check_dtype(primitive, x, accepts)


def _wrong_dtype(message: str) -> Exception:
    return as_seen_in_graph(InvalidArgumentError(None, None, message), TypeError)


def is_half(x: Tensor) -> bool:
    """Whether the dtype is one that NumPy does not know itself: bfloat16, float8."""
    return x._value.dtype.kind == "V"


def is_large(x: Tensor, many: int, many_double: int) -> bool:
    """Whether machine code computes the operation on this tensor."""
    size = x._value.size
    return type(size) is not Dim and size >= (many if x._value.dtype is FLOAT32 else many_double)


def is_text(x: Tensor) -> bool:
    """Whether the tensor holds strings."""
    return x._value.dtype.kind == "O"


@cache
def in_single(kernel: Callable) -> Callable:
    """The kernel for half precision, computed in float32: bfloat16 next to a Python number would not stay itself."""

    def computed(*arrays: Any) -> Any:
        dtype = arrays[0].dtype
        if dtype.itemsize != 2:
            return kernel(*arrays)
        value = kernel(*[x.astype(float32) for x in arrays])
        return value.astype(dtype) if value.dtype is FLOAT32 else value

    return computed


@cache
def _on_text(kernel: Callable) -> Callable:
    """The kernel for strings: of two 0-d arrays of objects NumPy makes an object, where an array is due."""

    def joined(a: np.ndarray, b: np.ndarray) -> Any:
        value = kernel(a, b)
        return np.array(value, object) if type(value) is bytes else value

    return joined


def kind(dtype: np.dtype) -> str:
    """`dtype.kind`, with the extension types (bfloat16, float8) as "f" and strings as "S"."""
    return "S" if dtype.kind == "O" else "f" if dtype.kind == "V" else dtype.kind


_KINDS = {"b": "bool", "i": "integers", "u": "unsigned integers", "f": "floating", "c": "complex", "S": "string"}


def _names(accepts: str) -> str:
    return ", ".join(_KINDS[letter] for letter in accepts)


def _chain(derivative: Callable) -> Callable:
    """The chain rule: dy times the conjugate of the derivative, the conjugate being TensorFlow's convention."""

    def vjp(dy: Tensor, *kept: Any) -> Tensor:
        return dy * conj(derivative(*kept))

    vjp.keeps = parameters(derivative)  # type: ignore[attr-defined]
    return vjp


@cache
def _broadcasting(primitive: Primitive, operands: str) -> Primitive:
    """The same primitive where `operands` ("x", "y" or both) were repeated: their cotangents are summed back to their shapes."""

    def reduced(vjp: Callable) -> Callable:
        return lambda dy, shape, *kept: sum_to_shape(vjp(dy, *kept), shape)

    vjps: list[Callable | None] = list(primitive.vjps)
    for n, vjp in enumerate(primitive.vjps):
        if vjp is not None and "xy"[n] in operands:
            vjps[n] = summed = reduced(vjp)
            summed.keeps = (f"{'xy'[n]}_shape", *keeps(vjp))  # type: ignore[attr-defined]
    return primitive.variant(vjps)


def _wear(call: Any, function: Any, primitive: Primitive) -> Any:
    """Gives the fast caller the name, signature and docstring that the declaration was written with."""
    for attribute in ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(call, attribute, getattr(function, attribute))
    call.__wrapped__ = function  # inspect.signature looks here
    call.primitive = primitive
    return call


@unary("Conj", np.conjugate, vjp=lambda dy: conj(dy), accepts="c")
def _conj(x: Tensor, name: str | None = None) -> Tensor: ...


def conj(x: TensorLike, name: str | None = None) -> Tensor:
    """The complex conjugate; a real tensor is returned as it is.

    >>> import tapeflow as tf
    >>> tf.math.conj(tf.constant(1 + 2j)).numpy()
    np.complex128(1-2j)
    """
    x = x if type(x) is Tensor else convert(x)
    return _conj(x) if x._value.dtype.kind == "c" else x
