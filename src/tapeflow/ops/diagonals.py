"""Diagonals of matrices and tensors: taken out, put in, and made into matrices. All of this is linear.

Band k of a matrix is its diagonal k places above the main one (below it if k is negative). Several neighbouring diagonals
travel as the rows of one *compact* array, the uppermost first; the shorter ones leave places unused at their left or right
end, which `align` says for the ones above and the ones below the main diagonal: "RIGHT_LEFT".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtype
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, integers, invalid
from tapeflow.ops.matrix_parts import checked_matrix
from tapeflow.ops.reduction import reduce_sum
from tapeflow.ops.shape_arguments import are_known_later

__all__ = ["diag", "diag_part", "set_diag", "tensor_diag", "tensor_diag_part", "trace"]

# -- diagonals of matrices ------------------------------------------------------------------------------------------

ALIGNMENTS = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")


def length_of_band(rows: int, columns: int, k: int) -> int:
    """How many elements band k of a matrix has."""
    return max(0, min(rows + min(k, 0), columns - max(k, 0)))


def _bands(rows: int, columns: int, k: tuple[int, int], align: str) -> Iterator[tuple[Any, Any, Any]]:
    """For each band: its place in the compact array, and the rows and columns of its elements in the matrix.

    A single band (k0 == k1) has no axis of its own in the compact array.
    """
    low, high = k
    longest = max(length_of_band(rows, columns, band) for band in range(low, high + 1))
    above, below = align.split("_")
    for band in range(high, low - 1, -1):
        n = length_of_band(rows, columns, band)
        start = longest - n if (above if band >= 0 else below) == "RIGHT" else 0
        run = np.arange(n)
        place = slice(start, start + n)
        yield (place if low == high else (high - band, place)), run + max(-band, 0), run + max(band, 0)


def _compact_shape(shape: tuple[int, ...], k: tuple[int, int]) -> tuple[int, ...]:
    low, high = k
    longest = max(length_of_band(shape[-2], shape[-1], band) for band in range(low, high + 1))
    return (*shape[:-2], longest) if low == high else (*shape[:-2], high - low + 1, longest)


def _diag(diagonal, *, k, rows, columns, padding_value, align):
    batch = diagonal.shape[: -1 if k[0] == k[1] else -2]
    out = np.full((*batch, rows, columns), padding_value, diagonal.dtype)
    for place, i, j in _bands(rows, columns, k, align):
        out[..., i, j] = diagonal[..., *place] if type(place) is tuple else diagonal[..., place]
    return out


def _diag_part(x, *, k, padding_value, align):
    out = np.full(_compact_shape(x.shape, k), padding_value, x.dtype)
    for place, i, j in _bands(*x.shape[-2:], k, align):
        if type(place) is tuple:
            out[..., *place] = x[..., i, j]
        else:
            out[..., place] = x[..., i, j]
    return out


def _set_diag(x, diagonal, *, k, align):
    out = x.copy()
    for place, i, j in _bands(*x.shape[-2:], k, align):
        out[..., i, j] = diagonal[..., *place] if type(place) is tuple else diagonal[..., place]
    return out


DIAG = Primitive("MatrixDiagV3", _diag, (lambda dy, k, align: _taken(dy, k, align),), linear=True)

DIAG_PART = Primitive(
    "MatrixDiagPartV3",
    _diag_part,
    (
        lambda dy, x_shape, k, align: apply(
            DIAG, dy, k=k, rows=x_shape[-2], columns=x_shape[-1], padding_value=0, align=align
        ),
    ),
    linear=True,
)

SET_DIAG = Primitive(
    "MatrixSetDiagV3",
    _set_diag,
    (
        lambda dy, diagonal_shape, diagonal_dtype, k, align: apply(
            SET_DIAG, dy, filled(0, diagonal_shape, diagonal_dtype), k=k, align=align
        ),
        lambda dy, k, align: _taken(dy, k, align),
    ),
    linear=True,
)

MAIN = (0, 0)
DEFAULT_ALIGNMENT = "RIGHT_LEFT"


def _taken(x: Tensor, k: tuple[int, int], align: str) -> Tensor:
    return apply(DIAG_PART, x, k=k, padding_value=0, align=align)


def main_diagonal(x: Tensor) -> Tensor:
    """The main diagonals of a batch of matrices."""
    return _taken(x, MAIN, DEFAULT_ALIGNMENT)


def diagonal_matrix(diagonal: Tensor) -> Tensor:
    """Square matrices with these main diagonals and zeros beside them."""
    n = diagonal._value.shape[-1]
    return apply(DIAG, diagonal, k=MAIN, rows=n, columns=n, padding_value=0, align=DEFAULT_ALIGNMENT)


def _checked_k(k: Any, operation: str, shape: tuple[int, ...] | None = None) -> tuple[int, int]:
    bands = integers(k, "k", operation, TypeError)
    if not 1 <= len(bands) <= 2:
        raise invalid(operation, f"diag_index must have one or two elements, received {len(bands)} elements")
    low, high = bands[0], bands[-1]
    if low > high:
        raise invalid(operation, f"lower_diag_index must not be larger than upper_diag_index: {low} > {high}")
    if shape is not None:
        rows, columns = shape[-2:]
        for what, band in (("lower", low), ("upper", high)):
            if band and not -rows < band < columns:
                raise invalid(
                    operation, f"{what}_diag_index is out of bound: {band}. It must be between {-rows} and {columns}"
                )
    return low, high


def _check_align(align: str, operation: str) -> None:
    if align not in ALIGNMENTS:
        raise invalid(
            operation, f"Value for attr 'align' of {align!r} is not in the list of allowed values: {', '.join(ALIGNMENTS)}"
        )


def scalar_of(value: TensorLike, dtype: np.dtype) -> Any:
    scalar = convert(value, hint=dtype)._value
    if scalar.ndim:
        raise invalid("MatrixDiagV3", f"padding_value must be a scalar, received shape {brackets(scalar)}")
    return scalar.item()


def diag(
    diagonal: TensorLike,
    name: str | None = "diag",
    k: Any = 0,
    num_rows: Any = -1,
    num_cols: Any = -1,
    padding_value: TensorLike = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """Matrices with given diagonals.

    Args:
        diagonal: one diagonal, of shape [..., n]; or several in compact form, of shape [..., bands, n].
        name: unused.
        k: which diagonal it is (0 is the main one, positive above it), or a pair: the lowest and the highest one.
        num_rows, num_cols: the size of the matrix; -1: the smallest one that has room.
        padding_value: what stands beside the diagonals.
        align: where the shorter diagonals stand in the compact form: for those above and those below the main one.

    Raises:
        InvalidArgumentError: the diagonals do not fit the size or each other, or `align` is unknown.

    >>> import tapeflow as tf
    >>> tf.linalg.diag([1, 2], k=1).numpy()
    array([[0, 1, 0],
           [0, 0, 2],
           [0, 0, 0]], dtype=int32)
    """
    operation = "MatrixDiagV3"
    x = convert(diagonal)
    shape = x._value.shape
    _check_align(align, operation)
    if type(k) is SymbolicTensor and are_known_later(k):
        from tapeflow.ops.diagonals_known_later import diag_at

        return diag_at(x, k, num_rows, num_cols, padding_value)
    low, high = _checked_k(k, operation)
    if len(shape) < 1 + (low != high):
        raise invalid(operation, f"diagonal must be at least {1 + (low != high)}-dim, received shape: {brackets(x._value)}")
    if low != high and shape[-2] != high - low + 1:
        raise invalid(
            operation,
            "The number of diagonals provided in the input does not match the lower_diag_index and upper_diag_index range: "
            f"{shape[-2]} for {low} to {high}",
        )
    longest = shape[-1]
    least_rows, least_columns = longest - min(high, 0), longest + max(low, 0)
    (rows,), (columns,) = integers(num_rows, "num_rows", operation), integers(num_cols, "num_cols", operation)
    if rows == columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows, columns = (least_rows if rows == -1 else rows), (least_columns if columns == -1 else columns)
    for what, size, least in (("rows", rows, least_rows), ("columns", columns, least_columns)):
        if size < least:
            raise invalid(operation, f"The number of {what} is too small: {size}, and the diagonals need {least}")
    if rows != least_rows and columns != least_columns:
        raise invalid(
            operation,
            f"The number of rows or columns is not consistent with the specified d_lower, d_upper, and diagonal: {rows} by "
            f"{columns}, where there must be {least_rows} rows or {least_columns} columns",
        )
    padding = scalar_of(padding_value, x._value.dtype)
    return apply(DIAG, x, k=(low, high), rows=rows, columns=columns, padding_value=padding, align=align)


def diag_part(
    input: TensorLike,
    name: str | None = "diag_part",
    k: Any = 0,
    padding_value: TensorLike = 0,
    align: str = "RIGHT_LEFT",
) -> Tensor:
    """The diagonals of matrices.

    Args:
        input: of shape [..., m, n].
        name: unused.
        k: which diagonal (0 is the main one, positive above it), or a pair: the lowest and the highest of several.
        padding_value: what fills the places that shorter diagonals leave unused.
        align: where the shorter ones stand in the compact form: for those above and those below the main one.

    Returns:
        One diagonal, of shape [..., n]; or several in compact form, of shape [..., bands, n], the uppermost first.

    Raises:
        InvalidArgumentError: a diagonal lies outside the matrix, the input is no matrix, or `align` is unknown.

    >>> import tapeflow as tf
    >>> tf.linalg.diag_part([[1, 2, 3], [4, 5, 6]]).numpy()
    array([1, 5], dtype=int32)
    >>> tf.linalg.diag_part([[1, 2, 3], [4, 5, 6]], k=(-1, 0)).numpy()
    array([[1, 5],
           [4, 0]], dtype=int32)
    """
    operation = "MatrixDiagPartV3"
    x = checked_matrix(input, operation)
    _check_align(align, operation)
    bands: Any
    if type(k) is SymbolicTensor and are_known_later(k):
        from tapeflow.ops.diagonals_known_later import band_among

        bands = band_among(k, operation, x._value.shape)
    else:
        bands = _checked_k(k, operation, x._value.shape)
    return apply(DIAG_PART, x, k=bands, padding_value=scalar_of(padding_value, x._value.dtype), align=align)


def set_diag(
    input: TensorLike, diagonal: TensorLike, name: str | None = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT"
) -> Tensor:
    """Copies matrices and replaces diagonals.

    Args:
        input: of shape [..., m, n].
        diagonal: one diagonal, of shape [..., d], or several in compact form, of the same dtype as `input`.
        name: unused.
        k: which diagonal (0 is the main one, positive above it), or a pair: the lowest and the highest of several.
        align: where the shorter ones stand in the compact form: for those above and those below the main one.

    Raises:
        InvalidArgumentError: shapes or dtypes do not fit, or `align` is unknown.

    >>> import tapeflow as tf
    >>> tf.linalg.set_diag([[1, 2], [3, 4]], [7, 8]).numpy()
    array([[7, 2],
           [3, 8]], dtype=int32)
    """
    operation = "MatrixSetDiagV3"
    x = checked_matrix(input, operation)
    d = convert(diagonal, hint=x._value.dtype)
    if d._value.dtype != x._value.dtype:
        raise invalid(operation, f"input is {x.dtype.name} and diagonal is {d.dtype.name}; convert one of them with tf.cast")
    if type(k) is SymbolicTensor and are_known_later(k):
        from tapeflow.ops.axes_known_later import among
        from tapeflow.ops.diagonals_known_later import band_among

        admitted = band_among(k, operation, x._value.shape, d._value.shape[-1])
        return among(admitted, lambda band: set_diag(x, d, k=band, align=align))
    bands = _checked_k(k, operation, x._value.shape)
    _check_align(align, operation)
    expected = _compact_shape(x._value.shape, bands)
    if d._value.shape != expected:
        raise invalid(
            operation,
            "Either first dimensions of diagonal don't match input.shape[:-2], or diagonal.shape[:-1] is not equal to the "
            f"longests diagonal in range [lower_diag_index:upper_diag_index].\nInput shape: {brackets(x._value)}\nDiagonal "
            f"shape: {brackets(d._value)}\nExpected diagonal shape: [{','.join(map(str, expected))}]",
        )
    return apply(SET_DIAG, x, d, k=bands, align=align)


def trace(x: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the main diagonal of a matrix, or of each one of a batch.

    Args:
        x: of shape [..., m, n].
        name: unused.

    Raises:
        InvalidArgumentError: `x` is no matrix.

    >>> import tapeflow as tf
    >>> tf.linalg.trace([[1.0, 2.0], [3.0, 4.0]]).numpy()
    np.float32(5.0)
    """
    return reduce_sum(main_diagonal(checked_matrix(x, "MatrixDiagPartV3")), -1)


# -- diagonals of tensors of any rank -----------------------------------------------------------------------


def _tensor_diag(diagonal):
    return np.diag(diagonal.ravel()).reshape(diagonal.shape * 2)


def _tensor_diag_part(x):
    shape = x.shape[: x.ndim // 2]
    n = int(np.prod(shape))
    return np.diagonal(x.reshape(n, n)).reshape(shape)


TENSOR_DIAG = Primitive("Diag", _tensor_diag, (lambda dy: apply(TENSOR_DIAG_PART, dy),), linear=True)
TENSOR_DIAG_PART = Primitive("DiagPart", _tensor_diag_part, (lambda dy: apply(TENSOR_DIAG, dy),), linear=True)


def tensor_diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """A tensor of twice the rank with the given values where both halves of the index agree, and zeros elsewhere.

    Args:
        diagonal: numbers, of any shape [a, b, …]; the result has the shape [a, b, …, a, b, …].
        name: unused.

    Raises:
        InvalidArgumentError: `diagonal` is a scalar, or does not hold numbers.

    >>> import tapeflow as tf
    >>> tf.linalg.tensor_diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    x = convert(diagonal)
    check_dtype(TENSOR_DIAG, x, "iufc")
    if not x._value.ndim:
        raise invalid("Diag", "Input must be at least rank 1, got 0")
    return apply(TENSOR_DIAG, x)


def tensor_diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """The values of a tensor where both halves of the index agree.

    Args:
        input: numbers, of shape [a, b, …, a, b, …].
        name: unused.

    Raises:
        InvalidArgumentError: the two halves of the shape differ, or the input does not hold numbers.

    >>> import tapeflow as tf
    >>> tf.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    x = convert(input)
    check_dtype(TENSOR_DIAG_PART, x, "iufc")
    shape = x._value.shape
    half = len(shape) // 2
    if not shape or len(shape) % 2:
        raise invalid("DiagPart", f"The rank of the tensor should be even and positive, got shape {brackets(x._value)}")
    for i in range(half):
        if shape[i] != shape[i + half]:
            raise invalid("DiagPart", f"Invalid shape {brackets(x._value)}: dimensions {i} and {i + half} do not match.")
    return apply(TENSOR_DIAG_PART, x)
