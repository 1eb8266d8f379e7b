"""`tf.autograph`: Python's `if`, `while`, `for` and their like on tensors, and a look at how they are converted."""

from __future__ import annotations

import enum
import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

__all__ = ["Feature", "do_not_convert", "set_loop_options", "set_verbosity", "to_code", "to_graph", "trace"]

UNSPECIFIED: Any = type("Unspecified", (), {"__repr__": lambda self: "unspecified"})()


class Feature(enum.Enum):
    """What AutoGraph converts besides control flow, for `experimental_autograph_options`.

    Here asserts and Python's functions are always converted. LISTS makes a list that a loop of the graph appends to grow in every
    iteration; without it that is so where tensors are appended that the loop makes. The other features are not there.

    >>> import tapeflow as tf
    >>> tf.autograph.experimental.Feature.ALL.value
    'ALL'
    """

    ALL = "ALL"
    AUTO_CONTROL_DEPS = "AUTO_CONTROL_DEPS"
    ASSERT_STATEMENTS = "ASSERT_STATEMENTS"
    BUILTIN_FUNCTIONS = "BUILTIN_FUNCTIONS"
    EQUALITY_OPERATORS = "EQUALITY_OPERATORS"
    LISTS = "LISTS"
    NAME_SCOPES = "NAME_SCOPES"


def do_not_convert(func: Callable | None = None) -> Any:
    """Keeps AutoGraph away from a function: Python's control flow stays Python's in it.

    >>> import tapeflow as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def twice(x):
    ...     return x + x
    >>> twice(tf.constant(1.0)).numpy()
    np.float32(2.0)
    """
    if func is None:
        return do_not_convert
    if inspect.isfunction(func):
        func.__tapeflow_unconverted__ = True  # type: ignore[attr-defined]
        return func

    @functools.wraps(func)
    def called(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    called.__tapeflow_unconverted__ = True  # type: ignore[attr-defined]
    return called


def set_loop_options(
    parallel_iterations: Any = UNSPECIFIED,
    swap_memory: Any = UNSPECIFIED,
    maximum_iterations: Any = UNSPECIFIED,
    shape_invariants: Any = UNSPECIFIED,
) -> None:
    """Says how the loop that it is the first statement of is to run, where the loop becomes part of a graph.

    Args:
        parallel_iterations, swap_memory: accepted; iterations run one after the other, in memory.
        maximum_iterations: the loop ends after so many.
        shape_invariants: a list of pairs of a variable and a shape, None for the sizes that change.

    >>> import tapeflow as tf
    >>> @tf.function
    ... def halve(x):
    ...     while x > 1.0:
    ...         tf.autograph.experimental.set_loop_options(maximum_iterations=3)
    ...         x = x / 2.0
    ...     return x
    >>> halve(tf.constant(64.0)).numpy()
    np.float32(8.0)
    """


set_loop_options.__tapeflow_loop_options__ = True  # type: ignore[attr-defined]


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """How much AutoGraph tells: from level 1 on, which functions it converts; from 3 on, their converted source.

    Args:
        level: 0, the default, for nothing.
        alsologtostdout: whether it is printed as well as logged.

    >>> import tapeflow as tf
    >>> tf.autograph.set_verbosity(0)
    """
    from tapeflow.graph.conversion import telling

    telling.update(level=int(level), aloud=bool(alsologtostdout))


def trace(*args: Any) -> None:
    """Prints when a function is traced, and not when it runs.

    >>> import tapeflow as tf
    >>> @tf.function
    ... def double(x):
    ...     tf.autograph.trace("traced for", x.shape)
    ...     return x * 2.0
    >>> _ = [double(tf.constant(1.0)) for _ in range(3)]
    traced for ()
    """
    print(*args)


def to_graph(entity: Any, recursive: bool = True, experimental_optional_features: Any = None) -> Any:
    """A function like `entity` whose control flow works on the tensors of a `tf.function`, and on all others as before.

    Args:
        entity: a function or method written in Python.
        recursive: whether functions that it calls are converted too; only True is supported.
        experimental_optional_features: not supported.

    Raises:
        NotImplementedError: an argument that is not supported.
        ConversionError: the source is not to be had, or cannot be converted.

    >>> import tapeflow as tf
    >>> def magnitude(x):
    ...     if x > 0:
    ...         return x
    ...     return -x
    >>> tf.autograph.to_graph(magnitude)(tf.constant(-2.0)).numpy()
    np.float32(2.0)
    """
    function = _convertible(entity, recursive, experimental_optional_features)
    from tapeflow.graph.conversion import convert_syntax

    result = _converting(entity, lambda: convert_syntax(function))
    return types.MethodType(result, entity.__self__) if isinstance(entity, types.MethodType) else result


def to_code(entity: Any, recursive: bool = True, experimental_optional_features: Any = None) -> str:
    """The source of what `to_graph` gives.

    Args:
        entity: a function or method written in Python.
        recursive: as in `to_graph`.
        experimental_optional_features: as in `to_graph`.

    Raises:
        NotImplementedError: an argument that is not supported.
        ConversionError: the source is not to be had, or cannot be converted.

    >>> import tapeflow as tf
    >>> def magnitude(x):
    ...     return x if x > 0 else -x
    >>> "ag__.if_exp" in tf.autograph.to_code(magnitude)
    True
    """
    function = _convertible(entity, recursive, experimental_optional_features)
    from tapeflow.graph.conversion import source_of

    return _converting(entity, lambda: source_of(function))


def _convertible(entity: Any, recursive: bool, features: Any) -> types.FunctionType:
    if not recursive:
        raise NotImplementedError("recursive=False is not supported: functions that are called are converted too")
    if features is not None:
        raise NotImplementedError(f"experimental_optional_features is not supported, got {features!r}")
    function = getattr(entity, "__func__", entity)
    if not isinstance(function, types.FunctionType):
        raise _error(entity, "it has no source to convert. Of a tf.function, give the attribute python_function")
    return function


def _converting(entity: Any, convert: Callable[[], Any]) -> Any:
    try:
        return convert()
    except Exception as error:
        raise _error(entity, str(error)) from error


def _error(entity: Any, why: str) -> Exception:
    from malt.impl.api import ConversionError

    return ConversionError(f"AutoGraph cannot convert {entity!r}: {why}")
