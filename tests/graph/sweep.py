"""Calls of public functions inside a `tf.function`, with tensors that are known only when the function runs."""

from __future__ import annotations

from typing import Any

import numpy as np

import tapeflow as tf
from tests.test_families_are_complete import CALLS, GIVEN, below_9, twice


def tensors_in(result: Any) -> list:
    """What of a result a function can return, and what can be compared."""
    leaves = tf.nest.flatten(result, expand_composites=True)
    return [leaf for leaf in leaves if isinstance(leaf, tf.Tensor | tf.Variable)]


def evaluated(call: str, given: dict[str, Any]) -> list:
    """The tensors that a call from the table of families gives."""
    return tensors_in(eval(f"tf.{call}", {"tf": tf, "np": np, "below_9": below_9, "twice": twice, **given}))


def reasons(call: str, given: dict[str, Any] | None = None) -> tuple[list, tuple[str, ...]]:
    """What the call gives inside a function of the tensors it names, and why that was run eagerly, if it was."""
    given = GIVEN if given is None else given
    names = list(given)
    function = tf.function(lambda *values: evaluated(call, dict(zip(names, values, strict=True))))
    return function(*[tf.constant(given[name]) for name in names]), function.experimental_eager_reasons()


__all__ = ["CALLS", "GIVEN", "evaluated", "reasons"]
