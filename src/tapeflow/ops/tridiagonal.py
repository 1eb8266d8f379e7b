"""Products and linear systems with tridiagonal matrices, in time proportional to their size.

A matrix is held as three *bands*, the rows of one array of shape [..., 3, n]: the diagonal above the main one, whose last place
is unused, the main one, and the one below it, whose first place is unused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert, convert_all
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes, conj
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.arithmetic import negative
from tapeflow.ops.diagonals import DIAG_PART
from tapeflow.ops.linear_algebra import matrices
from tapeflow.ops.matrix_parts import transposed
from tapeflow.ops.matrix_products import AS_IS, CONJUGATED, EXPAND_LAST, SQUEEZE_LAST, TRANSPOSED

__all__ = ["tridiagonal_matmul", "tridiagonal_solve"]

# -- the primitives: closed under differentiation ----------------------------------------------------------------


def _above(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """At place i what stands at i+1; 0 at the last."""
    out = np.zeros_like(x)
    np.moveaxis(out, axis, 0)[:-1] = np.moveaxis(x, axis, 0)[1:]
    return out


def _below(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """At place i what stands at i-1; 0 at the first."""
    out = np.zeros_like(x)
    np.moveaxis(out, axis, 0)[1:] = np.moveaxis(x, axis, 0)[:-1]
    return out


def _transpose_bands(bands):
    return np.stack([_above(bands[..., 2, :]), bands[..., 1, :], _below(bands[..., 0, :])], -2)


def _multiply(bands, x):
    upper, main, lower = (bands[..., i, :, np.newaxis] for i in range(3))
    return main * x + upper * _above(x, -2) + lower * _below(x, -2)


def _band_product(u, x):
    """The three bands of u·xᵀ."""
    return np.stack([np.sum(u * other, -1, u.dtype) for other in (_above(x, -2), x, _below(x, -2))], -2)


def _solve(bands, rhs):
    from scipy.linalg import solve_banded

    out = np.empty_like(rhs)
    packed = np.stack([_below(bands[..., 0, :]), bands[..., 1, :], _above(bands[..., 2, :])], -2)
    for index in np.ndindex(rhs.shape[:-2]):
        try:
            out[index] = solve_banded((1, 1), packed[index], rhs[index], check_finite=False)
        except np.linalg.LinAlgError:
            out[index] = np.nan
    return out


def _transposed_bands(bands: Tensor) -> Tensor:
    return apply(TRANSPOSE_BANDS, bands)


def _pull_solve(dy: Tensor, bands: Tensor, out: Tensor) -> tuple[Tensor, Tensor]:
    d_rhs = apply(SOLVE_BANDS, _transposed_bands(conj(bands)), dy)
    return negative(apply(BAND_PRODUCT, d_rhs, conj(out))), d_rhs


TRANSPOSE_BANDS = Primitive("TransposeBands", _transpose_bands, (lambda dy: _transposed_bands(dy),), linear=True)

MULTIPLY_BANDS = Primitive(
    "TridiagonalMatMul",
    _multiply,
    (
        lambda dy, x: apply(BAND_PRODUCT, dy, conj(x)),
        lambda dy, bands: apply(MULTIPLY_BANDS, _transposed_bands(conj(bands)), dy),
    ),
)

BAND_PRODUCT = Primitive(
    "BandProduct",
    _band_product,
    (
        lambda dy, x: apply(MULTIPLY_BANDS, dy, conj(x)),
        lambda dy, u: apply(MULTIPLY_BANDS, _transposed_bands(dy), conj(u)),
    ),
)

SOLVE_BANDS = Primitive("TridiagonalSolve", _solve, pullback=_pull_solve)

# -- public -------------------------------------------------------------------------------------------------------

FORMATS = ("compact", "matrix", "sequence")


def _as_bands(diagonals: Any, diagonals_format: str, operation: str) -> Tensor:
    if diagonals_format not in FORMATS:
        raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}; it is one of {', '.join(FORMATS)}")
    if diagonals_format == "sequence":
        return _of_sequence(diagonals)
    x = matrices(diagonals, operation, square=diagonals_format == "matrix")
    if diagonals_format == "matrix":
        return apply(DIAG_PART, x, k=(-1, 1), padding_value=0, align="LEFT_RIGHT")
    if x._value.shape[-2] != 3:
        raise ValueError(f"Expected 3 diagonals got {x._value.shape[-2]}: the shape is {brackets(x._value)}")
    return x


def _of_sequence(diagonals: Any) -> Tensor:
    from tapeflow.ops.joining import stack
    from tapeflow.ops.padding import pad

    if not isinstance(diagonals, list | tuple) or len(diagonals) != 3:
        raise ValueError("Expected diagonals to be a sequence of length 3.")
    parts = convert_all(diagonals)
    n = parts[1]._value.shape[-1]
    rank = parts[1]._value.ndim
    for i, place in ((0, (0, 1)), (2, (1, 0))):
        if parts[i]._value.shape[-1] == n - 1:
            parts[i] = pad(parts[i], [(0, 0)] * (rank - 1) + [place])
        if parts[i]._value.shape != parts[1]._value.shape:
            raise invalid(
                "TridiagonalMatMul",
                f"Invalid {'superdiagonal' if i == 0 else 'subdiagonal'} shape {brackets(parts[i]._value)}: the main diagonal "
                f"has the shape {brackets(parts[1]._value)}",
            )
    return stack(parts, -2)


def tridiagonal_matmul(
    diagonals: Any, rhs: TensorLike, diagonals_format: str = "compact", name: str | None = None
) -> Tensor:
    """The product of a tridiagonal matrix and a matrix.

    Args:
        diagonals: the matrix, in one of three formats. "compact": of shape [..., 3, n], the rows being the diagonals above, on
            and below the main one; the last place above and the first below are unused. "sequence": these three, as a tuple.
            "matrix": of shape [..., n, n].
        rhs: of shape [..., n, k], of the same dtype.
        diagonals_format: the format.
        name: unused.

    Raises:
        ValueError: the format is unknown.
        InvalidArgumentError: shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> bands = [[1.0, 1.0, 0.0], [2.0, 2.0, 2.0], [0.0, 1.0, 1.0]]
    >>> tf.linalg.tridiagonal_matmul(bands, [[1.0], [2.0], [3.0]]).numpy()
    array([[4.],
           [8.],
           [8.]], dtype=float32)
    """
    bands = _as_bands(diagonals, diagonals_format, "TridiagonalMatMul")
    x = convert(rhs, hint=bands._value.dtype)
    check_dtypes(MULTIPLY_BANDS, bands, x, "fc")
    _check_sizes(bands, x, "TridiagonalMatMul")
    return apply(MULTIPLY_BANDS, bands, x)


def _check_sizes(bands: Tensor, x: Tensor, operation: str) -> None:
    a, b = bands._value.shape, x._value.shape
    if len(a) != len(b) or a[:-2] != b[:-2]:
        raise invalid(
            operation,
            f"All input tensors must have the same rank and the same leading dimensions: diagonals {brackets(bands._value)}, rhs "
            f"{brackets(x._value)}",
        )
    if a[-1] != b[-2]:
        raise ValueError(
            f"Expected number of left-hand sided and right-hand sides to be equal, got {a[-1]} and {b[-2]}: diagonals "
            f"{brackets(bands._value)}, rhs {brackets(x._value)}"
        )


def tridiagonal_solve(
    diagonals: Any,
    rhs: TensorLike,
    diagonals_format: str = "compact",
    transpose_rhs: bool = False,
    conjugate_rhs: bool = False,
    name: str | None = None,
    partial_pivoting: bool = True,
    perturb_singular: bool = False,
) -> Tensor:
    """The solution X of A·X = rhs for a tridiagonal matrix A.

    Args:
        diagonals: the matrix, in one of three formats. "compact": of shape [..., 3, n], the rows being the diagonals above, on
            and below the main one; the last place above and the first below are unused. "sequence": these three, as a tuple,
            the outer ones with n or n - 1 elements. "matrix": of shape [..., n, n].
        rhs: of shape [..., n] or [..., n, k], of the same dtype.
        diagonals_format: the format.
        transpose_rhs: whether to transpose `rhs` first; a vector is left as it is.
        conjugate_rhs: whether to conjugate `rhs` first.
        name: unused.
        partial_pivoting: may be False for matrices that need no pivoting; the solver pivots in either case.
        perturb_singular: only False is implemented.

    Returns:
        The solution, of the shape of `rhs` (transposed, where that was asked for); NaN for a singular matrix.

    Raises:
        ValueError: the format is unknown, or the sizes differ.
        InvalidArgumentError: shapes or dtypes do not fit.
        NotImplementedError: `perturb_singular` is True.

    >>> import tapeflow as tf
    >>> bands = [[0.0, 0.0, 0.0], [2.0, 2.0, 4.0], [0.0, 0.0, 0.0]]
    >>> tf.linalg.tridiagonal_solve(bands, [2.0, 4.0, 4.0]).numpy()
    array([1., 2., 1.], dtype=float32)
    """
    if perturb_singular:
        raise NotImplementedError("tf.linalg.tridiagonal_solve: perturb_singular=True is not implemented")
    bands = _as_bands(diagonals, diagonals_format, "TridiagonalSolve")
    x = convert(rhs, hint=bands._value.dtype)
    check_dtypes(SOLVE_BANDS, bands, x, "fc")
    vector = x._value.ndim == bands._value.ndim - 1
    if vector:
        x = apply(EXPAND_LAST, conj(x) if conjugate_rhs else x)
    elif transpose_rhs or conjugate_rhs:
        form = TRANSPOSED if transpose_rhs else AS_IS
        x = transposed(x, form | CONJUGATED if conjugate_rhs else form)
    _check_sizes(bands, x, "TridiagonalSolve")
    out = apply(SOLVE_BANDS, bands, x)
    return apply(SQUEEZE_LAST, out) if vector else out
