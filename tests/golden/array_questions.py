"""Questions about operations on arrays: `array_questions.txt` has expressions, by the module that answers them.

`record_arrays.py` asks TensorFlow; the tests of each module ask it, and compare.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def questions() -> dict[str, list[str]]:
    """The expressions, by module."""
    found: dict[str, list[str]] = {}
    for line in Path(__file__).with_suffix(".txt").read_text().splitlines():
        if line.startswith("[") and line.endswith("]") and line[1:-1].isidentifier():
            found[line[1:-1]] = expressions = []
        elif line:
            expressions.append(line)
    return found


def names(tf: Any) -> dict[str, Any]:
    """What an expression may use; made anew for each, since some change a variable."""

    def slices(values: Any, indices: Any, dense_shape: Any = None) -> Any:
        shape = None if dense_shape is None else tf.constant(dense_shape)
        return tf.IndexedSlices(tf.constant(values), tf.constant(indices), shape)

    return {
        "tf": tf,
        "np": np,
        "x": tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        "i3": tf.constant([1, 2, 3]),
        "t": tf.reshape(tf.range(24.0), [2, 3, 4]),
        "v": tf.Variable([1.0, 2.0, 3.0], name="w"),
        "m": tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], name="m"),
        "s": slices,
    }


def answer(tf: Any, question: str) -> Any:
    """The value of an expression in a form that JSON keeps, or the type of the exception; and what it did to a variable."""
    known = names(tf)
    before = known["m"].numpy()
    try:
        value = written(eval(question, known))
    except Exception as error:
        value = f"!{type(error).__name__}"
    after = known["m"].numpy()
    return value if (before == after).all() else [value, "m is now", after.tolist()]


def written(value: Any) -> Any:
    """Tensors as dtype, shape and elements; lists element by element; everything else as it is written."""
    if isinstance(value, list | tuple):
        return [written(each) for each in value]
    if type(value).__name__ == "IndexedSlices":
        return ["slices", written(value.values), written(value.indices), written(value.dense_shape)]
    if "Variable" in type(value).__name__ or callable(getattr(value, "numpy", None)):
        array = np.asarray(value.numpy())
        elements = array.astype("U") if array.dtype.kind in "OS" else array
        if elements.dtype.kind == "c":
            elements = np.stack([elements.real, elements.imag], -1)
        elif elements.dtype.kind == "V" or elements.dtype.name == "bfloat16":
            elements = elements.astype(np.float32)
        return [value.dtype.name, list(array.shape), elements.reshape(-1).tolist()]
    return value if isinstance(value, bool | int | str | None) else repr(value)
