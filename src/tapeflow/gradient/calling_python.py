"""`tf.py_function` and `tf.numpy_function`: Python functions as operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tapeflow.core.convert import convert
from tapeflow.core.dispatch import apply
from tapeflow.core.dtypes import as_dtype
from tapeflow.core.errors import (
    InvalidArgumentError,
    OpError,
    OutOfRangeError,
    ResourceExhaustedError,
    UnimplementedError,
    UnknownError,
)
from tapeflow.core.primitive import Primitive, unknown
from tapeflow.core.recording import heard_by
from tapeflow.core.symbolic import ACTIVE, TraceUnsupported, perform, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import DIFFERENTIABLE_KINDS
from tapeflow.gradient.backprop import UnconnectedGradients
from tapeflow.gradient.tape import GradientTape

__all__ = ["numpy_function", "py_function"]


def py_function(
    func: Callable[..., Any] | None = None, inp: Sequence | None = None, Tout: Any = None, name: str | None = None
) -> Any:
    """Calls `func` on the tensors in `inp`; tapes record what it does.

    Args:
        func: a function of tensors.
        inp: its arguments, tensor-like.
        Tout: the dtype of the result, or a list of them; nothing is returned for an empty list.

    Raises:
        InvalidArgumentError: the function returns values of another dtype or number than `Tout` says, or raises a ValueError
            or TypeError; other errors of Python become others of TensorFlow's, or UnknownError.
        ValueError: `func` cannot be called.

    Inside a `tf.function` it is called each time the function runs. The shapes of what it gives are known then only:
    `tf.ensure_shape` tells them before.

    >>> import tapeflow as tf
    >>> tf.py_function(lambda x: x * 2.0, [tf.constant(3.0)], tf.float32).numpy()
    np.float32(6.0)
    """
    call = _Call(_callable(func), Tout)
    tensors = [convert(x) for x in inp or ()]
    if not (ACTIVE and tracing() is not None):
        return _answer(Tout, call(*tensors))
    held = perform(call.recorded, tuple(tensors), ((), OBJECT))
    results = [apply(PY_FUNCTION, *tensors, held, place=i, dtype=dtype) for i, dtype in enumerate(_dtypes(Tout))]
    return _answer(Tout, results)


def numpy_function(
    func: Callable[..., Any] | None = None,
    inp: Sequence | None = None,
    Tout: Any = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Calls `func` on the arrays of `inp`; the result is a constant to tapes.

    Args:
        func: a function of NumPy arrays.
        inp: its arguments, tensor-like.
        Tout: the dtype of the result, or a list of them.
        stateful: accepted; the function is called every time.

    Raises:
        InvalidArgumentError: the function returns another number of values than `Tout` says.
        ValueError: `func` cannot be called.

    >>> import numpy as np
    >>> import tapeflow as tf
    >>> tf.numpy_function(np.sort, [tf.constant([3, 1, 2])], tf.int32).numpy()
    array([1, 2, 3], dtype=int32)
    """
    call = _callable(func)
    arrays = [convert(x) for x in inp or ()]
    if not (ACTIVE and tracing() is not None):
        return _results(_as_they_are(call(*[x.numpy() for x in arrays])), Tout)

    def act(*tensors: Tensor) -> list[Tensor]:
        return _of_dtypes(_guarded(lambda: _results(_as_they_are(call(*[x.numpy() for x in tensors])), Tout)), Tout)

    return _answer(Tout, perform(act, tuple(arrays), [(None, dtype) for dtype in _dtypes(Tout)]))


# -- inside a function ------------------------------------------------------------------------------------


class _Call:
    """A Python function of tensors with what it was said to give."""

    def __init__(self, function: Callable[..., Any], Tout: Any) -> None:
        self.function, self.Tout = function, Tout

    def __call__(self, *tensors: Tensor) -> list[Tensor]:
        return _of_dtypes(_guarded(lambda: _results(self.function(*tensors), self.Tout)), self.Tout)

    def recorded(self, *tensors: Tensor) -> Tensor:
        """A tensor that holds the tape of a call, its arguments and its results."""
        with heard_by(()), GradientTape(persistent=True) as tape:
            arguments = [Tensor(x._value) for x in tensors]
            tape.watch([x for x in arguments if _differentiable(x)])
            results = self(*arguments)
        held = np.empty((), OBJECT)
        held[()] = tape, arguments, results
        return Tensor(held)


def _result(*inputs, place, dtype):  # type: ignore[no-untyped-def]
    return inputs[-1][()][2][place]._value


def _cotangent(x, held, dy, *, place, index):  # type: ignore[no-untyped-def]
    tape, arguments, results = held[()]
    with heard_by(()):
        return convert(tape.gradient(results[place], arguments[index], Tensor(dy), UnconnectedGradients.ZERO))._value


def _pull(dy: Tensor, inputs: tuple, place: int) -> tuple:
    *arguments, held = inputs
    cotangents = [
        apply(PY_GRADIENT, x, held, dy, place=place, index=i) if _differentiable(x) else None
        for i, x in enumerate(arguments)
    ]
    return (*cotangents, None)


OBJECT = np.dtype(object)
# In a graph a call is an effect, which gives what holds the call, and its results are operations on that: so tapes follow
# them. The derivative is taken by the tape that heard the call; it has none of its own, as in TensorFlow.
PY_FUNCTION = Primitive("EagerPyFunc", _result, pullback=_pull, shape=unknown)
PY_GRADIENT = Primitive("EagerPyFuncGrad", _cotangent, shape=lambda x, held, dy, *, place, index: x)


def _differentiable(x: Tensor) -> bool:
    return x._value.dtype.kind in DIFFERENTIABLE_KINDS


# -- what a function gives ----------------------------------------------------------------------------------


def _dtypes(Tout: Any) -> list[np.dtype]:
    return [as_dtype(dtype).numpy for dtype in (Tout if isinstance(Tout, list | tuple) else [Tout])]


def _answer(Tout: Any, results: Sequence[Tensor]) -> Any:
    return list(results) if isinstance(Tout, list | tuple) else results[0]


def _guarded(call: Callable[[], Any]) -> Any:
    """What the call gives; errors of Python become those that TensorFlow makes of them."""
    try:
        return call()
    except (OpError, TraceUnsupported):
        raise
    except Exception as error:
        kind = next((kind for cause, kind in ERRORS if isinstance(error, cause)), UnknownError)
        raise kind(None, None, f"{type(error).__name__}: {error}") from error


ERRORS: tuple = (
    ((ValueError, TypeError), InvalidArgumentError),
    (StopIteration, OutOfRangeError),
    (MemoryError, ResourceExhaustedError),
    (NotImplementedError, UnimplementedError),
)


def _of_dtypes(results: Any, Tout: Any) -> list[Tensor]:
    """The results in a list, if they have the dtypes that they were said to have."""
    found = results if isinstance(results, list) else [results]
    for i, (y, dtype) in enumerate(zip(found, _dtypes(Tout), strict=True)):
        if y._value.dtype != dtype:
            raise InvalidArgumentError(
                None,
                None,
                f"the Python function returns {y.dtype.name} as its {i}-th value, but expects {as_dtype(dtype).name}, as Tout "
                "says; use tf.cast",
            )
    return found


def _callable(func: Any) -> Callable[..., Any]:
    if not callable(func):
        raise ValueError(f"Expected func to be callable. Received func={func!r} of type {type(func)}.")
    return func


def _results(results: Any, Tout: Any) -> Any:
    if isinstance(Tout, list | tuple):
        given = results if isinstance(results, list | tuple) else [] if results is None else [results]
        if len(given) != len(Tout):
            message = f"the function returns {len(given)} values, but expects to see {len(Tout)} values, as Tout says"
            raise InvalidArgumentError(None, None, message)
        return [_typed(result, dtype) for result, dtype in zip(given, Tout, strict=True)]
    return _typed(results, Tout)


def _as_they_are(results: Any) -> Any:
    """Results with arrays made tensors of their own dtypes: nothing is cast to what `Tout` says."""
    if isinstance(results, list | tuple):
        return [_as_they_are(result) for result in results]
    return convert(results) if isinstance(results, np.ndarray | np.generic) else results


def _typed(result: Any, dtype: Any) -> Tensor:
    if result is None:
        raise InvalidArgumentError(None, None, "the function returns 0 values, but expects to see 1 values, as Tout says")
    return convert(result, hint=as_dtype(dtype).numpy)
