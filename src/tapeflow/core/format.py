"""How values are written: `str` and `repr` of tensors and variables.

Arrays are written by NumPy, so `np.set_printoptions` governs them, as it does TensorFlow's. Scalars are written with
the digits of their own dtype (0.7083977 for a float32) and without NumPy 2's `np.float32(...)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.dtypes import DType
from tapeflow.core.shapes import TensorShape

__all__ = ["tensor_repr", "tensor_str", "variable_repr"]


def tensor_str(value: Any, dtype: DType) -> str:
    """The text of `str(tensor)`, such as "tf.Tensor(25.0, shape=(), dtype=float32)".

    Args:
      value: a NumPy array or scalar.
      dtype: the dtype of the tensor.

    >>> import numpy as np
    >>> from tapeflow.core import dtypes
    >>> from tapeflow.core.format import tensor_str
    >>> print(tensor_str(np.eye(2), dtypes.float64))
    tf.Tensor(
    [[1. 0.]
     [0. 1.]], shape=(2, 2), dtype=float64)
    """
    text = _on_own_lines(_scalar(value) if _is_scalar(value) else str(value))
    return f"tf.Tensor({text}, shape={np.shape(value)}, dtype={dtype.name})"


def tensor_repr(value: Any, dtype: DType) -> str:
    """The text of `repr(tensor)`, such as "<tf.Tensor: shape=(), dtype=float32, numpy=9.0>".

    Args:
      value: a NumPy array or scalar.
      dtype: the dtype of the tensor.
    """
    return f"<tf.Tensor: shape={np.shape(value)}, dtype={dtype.name}, numpy={_numpy_text(value)}>"


def variable_repr(name: str, value: Any, dtype: DType, shape: TensorShape | None = None) -> str:
    """The text of `repr(variable)` and `str(variable)`.

    Args:
      name: the variable's name with its output number, "w:0".
      value: a NumPy array or scalar.
      dtype: the dtype of the variable.
      shape: the declared shape, where it says less than the value's own.

    >>> import numpy as np
    >>> from tapeflow.core import dtypes
    >>> from tapeflow.core.format import variable_repr
    >>> variable_repr("Variable:0", np.float32(0.7083977), dtypes.float32)
    "<tf.Variable 'Variable:0' shape=() dtype=float32, numpy=0.7083977>"
    """
    declared = np.shape(value) if shape is None else shape
    return f"<tf.Variable '{name}' shape={declared!s} dtype={dtype.name}, numpy={_numpy_text(value)}>"


def _numpy_text(value: Any) -> str:
    return _scalar(value) if _is_scalar(value) else _on_own_lines(repr(value))


def _is_scalar(value: Any) -> bool:
    return not (isinstance(value, np.ndarray) and value.ndim)


def _scalar(value: Any) -> str:
    element = value[()] if isinstance(value, np.ndarray) else value
    return repr(element) if isinstance(element, bytes) else str(element)


def _on_own_lines(text: str) -> str:
    # The rows of a matrix line up only if the first one starts a line.
    return "\n" + text if "\n" in text else text
