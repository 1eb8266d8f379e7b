"""Telling what machine code does: `tf.debugging.native_report`."""

from __future__ import annotations

from typing import Any

__all__ = ["native_report"]


def native_report(function: Any, *args: Any, **kwargs: Any) -> str:
    """Which operations of a compiled function run as machine code, and why the others do not.

    The environment variable `TAPEFLOW_LOG_NATIVE=1` writes the same to stderr for every graph that is compiled, and
    `TAPEFLOW_NATIVE=off` leaves everything to NumPy.

    Args:
        function: what `tf.function` gives, or a concrete function.
        *args: arguments, as in a call: they say which trace is meant. Without any, all traces there are.
        **kwargs: likewise.

    Returns:
        A text of several lines for each trace.

    Raises:
        TypeError: `function` is no compiled function.
        NotImplementedError: the function cannot be traced for these arguments, and so runs as Python.

    >>> import tapeflow as tf
    >>> @tf.function
    ... def shout(x):
    ...     tf.print(x)
    ...     return x + 1.0
    >>> print(tf.debugging.native_report(shout, tf.constant(1.0)))
    shout
      NumPy: StringFormat, AddV2
      no program: too few operations
      StringFormat: there is no machine code for it (float32)
      AddV2: alone, or too small to gain anything
    """
    from tapeflow.graph.native.report import titled

    if hasattr(function, "_plan"):
        return titled(function)
    if not hasattr(function, "get_concrete_function"):
        raise TypeError(f"native_report takes what tf.function gives, got {function!r}")
    if args or kwargs:
        return titled(function.get_concrete_function(*args, **kwargs))
    traces = function._traces.all()
    if not traces:
        traces = [function.get_concrete_function()]
    return "\n".join(map(titled, traces))
