"""`@tf.function`, the decorator.

Importing TapeFlow loads this and nothing else of what traces, plans and compiles: that comes with the first function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tapeflow.graph.autograph import Feature

__all__ = ["function"]


class Options(NamedTuple):
    """What `tf.function` was told, besides the signature."""

    autograph: bool = True
    reduce_retracing: bool = False
    jit_compile: bool | None = None
    lists: bool = False  # whether lists grow in loops whatever is appended to them


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
        input_signature: `tf.TensorSpec`s that the arguments must be compatible with; they are converted to the dtypes. Parameters
            without a spec must have defaults, and always have these values.
        autograph: whether Python's `if`, `while` and `for` on tensors become part of the graph; else they are errors.
        jit_compile, experimental_compile: accepted; every function is compiled where it can be, with the same results.
        reduce_retracing, experimental_relax_shapes: whether a trace for other shapes than before is one for all sizes that have
            been seen to change.
        experimental_implements, experimental_follow_type_hints: accepted; they have no effect.
        experimental_autograph_options: of the features, LISTS lets a loop over tensors append what it likes to a list; the others
            are accepted: asserts and Python's functions on tensors are always converted.
        experimental_attributes: none is supported.

    Raises:
        TypeError: `func` cannot be called, or the signature holds something else than specs or does not fit the parameters.
        ValueError: an attribute is given.

    >>> import tapeflow as tf
    >>> @tf.function
    ... def square(x):
    ...     return x * x
    >>> square(tf.constant(3.0)).numpy()
    np.float32(9.0)
    """
    for name in experimental_attributes or ():
        raise ValueError(f"`{name} is not supported by tf.function as an attribute")
    features = _features(experimental_autograph_options)
    from tapeflow.graph.function import Function

    options = Options(
        autograph is None or bool(autograph),
        bool(reduce_retracing or experimental_relax_shapes),
        jit_compile if jit_compile is not None else experimental_compile,
        not features.isdisjoint((Feature.ALL, Feature.LISTS)),
    )
    if func is None:
        return lambda decorated: Function(decorated, input_signature, options)
    return Function(func, input_signature, options)


def _features(given: Any) -> set[Feature]:
    if given is None:
        return set()
    features = given if isinstance(given, list | tuple | set | frozenset) else (given,)
    for feature in features:
        if not isinstance(feature, Feature):
            raise TypeError(
                f"experimental_autograph_options holds tf.autograph.experimental.Feature values, got {feature!r} of type "
                f"{type(feature).__name__}"
            )
    return set(features)
