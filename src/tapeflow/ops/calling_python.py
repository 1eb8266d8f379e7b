"""`tf.py_function` and `tf.numpy_function`: Python functions as operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tapeflow.core.convert import convert
from tapeflow.core.dtypes import as_dtype
from tapeflow.core.errors import InvalidArgumentError
from tapeflow.core.symbolic import untraceable
from tapeflow.core.tensor import Tensor

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
        InvalidArgumentError: the function returns values of another dtype or number than `Tout` says.
        TypeError: a Python number that the dtype cannot hold.
        ValueError: `func` cannot be called.

    >>> import tapeflow as tf
    >>> tf.py_function(lambda x: x * 2.0, [tf.constant(3.0)], tf.float32).numpy()
    np.float32(6.0)
    """
    untraceable("tf.py_function")
    results = _results(_callable(func)(*[convert(x) for x in inp or ()]), Tout)
    dtypes = Tout if isinstance(Tout, list | tuple) else [Tout]
    for result, dtype in zip(results if isinstance(results, list) else [results], dtypes, strict=True):
        if result.dtype != as_dtype(dtype):
            message = f"tf.py_function got {result.dtype.name} from its function, and Tout says {as_dtype(dtype).name}; use tf.cast"
            raise InvalidArgumentError(None, None, message)
    return results


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
    untraceable("tf.numpy_function")
    return _results(_callable(func)(*[convert(x).numpy() for x in inp or ()]), Tout)


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


def _typed(result: Any, dtype: Any) -> Tensor:
    if result is None:
        raise InvalidArgumentError(None, None, "the function returns 0 values, but expects to see 1 values, as Tout says")
    return convert(result, hint=as_dtype(dtype).numpy)
