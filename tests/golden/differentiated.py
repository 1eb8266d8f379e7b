"""What programs with tapes around `tf.function` share: they run here and, by `record_differentiated.py`, under TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

PROGRAMS: dict[str, Callable[[Any], Any]] = {}


def program(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Enters a program: it gives, nested as it likes, what is to be compared."""
    PROGRAMS[function.__name__] = function
    return function


def as_lists(tf: Any, results: Any) -> list:
    """What a program gave, for JSON: tensors as numbers, slices as their values and indices."""
    found = []
    for leaf in tf.nest.flatten(results):
        if isinstance(leaf, tf.IndexedSlices):
            found.append(["slices", as_lists(tf, leaf.values), as_lists(tf, leaf.indices)])
        else:
            found.append(leaf if leaf is None or isinstance(leaf, str | int) else np.asarray(leaf).tolist())
    return found


def derivatives(tf: Any, function: Callable, sources: list, watched: list = ()) -> list:
    """A function of no arguments, its gradient and the gradient of the sum of squares of that."""
    with tf.GradientTape() as outer:
        outer.watch(watched)
        with tf.GradientTape() as inner:
            inner.watch(watched)
            y = function()
        slopes = inner.gradient(y, sources)
        total = tf.add_n([tf.reduce_sum(tf.convert_to_tensor(g) ** 2) for g in slopes if g is not None])
    return [y, slopes, outer.gradient(total, sources)]
