"""Diagonals of matrices where it is known only when the function runs which ones."""

from __future__ import annotations

from typing import Any

from tapeflow.core.convert import TensorLike
from tapeflow.core.dimension import Dim
from tapeflow.core.symbolic import Cases, fail
from tapeflow.core.tensor import Tensor
from tapeflow.ops.axes_known_later import number_among
from tapeflow.ops.diagonals import diag, length_of_band, scalar_of
from tapeflow.ops.joining import stack
from tapeflow.ops.padding import pad
from tapeflow.ops.selection import maximum
from tapeflow.ops.shaping import reshaped

__all__ = ["band_among", "diag_at"]


def diag_at(x: Tensor, k: Tensor, num_rows: Any, num_cols: Any, padding_value: TensorLike) -> Tensor:
    """One diagonal in the smallest square matrix, where it is known only when the function runs which one: it is moved there."""
    if num_rows != -1 or num_cols != -1 or k._value.size != 1:
        fail("several diagonals, or matrices of given sizes, where it depends on values which diagonals are meant")
    above, below = (maximum(reshaped(each, ()), 0) for each in (k, -k))
    around = [[0, 0]] * (x._value.ndim - 1)
    matrix = diag(x, padding_value=padding_value)
    return pad(
        matrix, stack([*around, [below, above], [above, below]]), constant_values=scalar_of(padding_value, x._value.dtype)
    )


def band_among(k: Tensor, operation: str, shape: tuple, length: Any = None) -> Cases:
    """The one band of matrices that `k` may be, known only when the function runs; of a given length, if there is one."""
    rows, columns = shape[-2:]
    if k._value.size != 1 or Dim in (type(rows), type(columns), type(length)):
        fail("several diagonals, or matrices of unknown sizes, where it depends on values which diagonals are meant")
    bands = range(min(-rows + 1, 0), max(columns, 1))
    outside = f"lower_diag_index is out of bound: {{axis}}. It must be between {-rows} and {columns} [Op:{operation}]"
    found = number_among(k, [band for band in bands if length in (None, length_of_band(rows, columns, band))], outside)
    return Cases(found.index, tuple([(band, band) for band in found.values]))
