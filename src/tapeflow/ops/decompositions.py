"""Factorizations of matrices, in batches: LU, QR and singular values.

Where singular values coincide, the factors have no derivative; the terms 1/(σi - σj) that are not finite count as 0 there,
so that functions of the values alone keep their right gradient.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import filled, sum_to_shape
from tapeflow.core.convert import TensorLike
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid
from tapeflow.ops.arithmetic import add, multiply, square, subtract
from tapeflow.ops.blocks import put_block, take_block
from tapeflow.ops.casting import cast
from tapeflow.ops.complex_numbers import real
from tapeflow.ops.diagonals import SET_DIAG, diagonal_matrix
from tapeflow.ops.division import realdiv
from tapeflow.ops.linear_algebra import matrices
from tapeflow.ops.matrix_parts import BAND_PART, transposed
from tapeflow.ops.matrix_products import ADJOINT, AS_IS, EXPAND_LAST, product
from tapeflow.ops.triangular import TRIANGULAR_SOLVE

__all__ = ["lu", "qr", "svd"]

# -- what the rules share -------------------------------------------------------------------------------


def times(x: Tensor, y: Tensor) -> Tensor:
    """x·y."""
    return product(x, y)


def dagger_times(x: Tensor, y: Tensor) -> Tensor:
    """xᴴ·y."""
    return product(x, y, ADJOINT, AS_IS)


def times_dagger(x: Tensor, y: Tensor) -> Tensor:
    """x·yᴴ."""
    return product(x, y, AS_IS, ADJOINT)


def as_row(values: Tensor) -> Tensor:
    """Vectors as matrices of one row."""
    return transposed(apply(EXPAND_LAST, values))


def differences(values: Tensor) -> Tensor:
    """λj - λi at (i, j)."""
    return subtract(as_row(values), apply(EXPAND_LAST, values))


def safe_reciprocal(x: Tensor) -> Tensor:
    """1/x, and 0 where x is 0 or nearly so. Its derivative at 0 is huge: what it multiplies must be 0 on a diagonal."""
    return realdiv(x, add(multiply(x, x), 1e-20))


def lower_triangle(x: Tensor) -> Tensor:
    """The elements on and below the diagonal; zeros elsewhere."""
    return apply(BAND_PART, x, lower=-1, upper=0)


def upper_triangle(x: Tensor) -> Tensor:
    """The elements on and above the diagonal; zeros elsewhere."""
    return apply(BAND_PART, x, lower=0, upper=-1)


def diagonal_only(x: Tensor) -> Tensor:
    """The elements on the diagonal; zeros elsewhere."""
    return apply(BAND_PART, x, lower=0, upper=0)


def off_diagonal(x: Tensor) -> Tensor:
    """The elements beside the diagonal; zeros on it."""
    return subtract(x, diagonal_only(x))


def _divided_by_triangle(x: Tensor, r: Tensor) -> Tensor:
    """x·R⁻ᴴ for an upper triangular R."""
    return transposed(apply(TRIANGULAR_SOLVE, r, transposed(x, ADJOINT), lower=False, adjoint=False), ADJOINT)


# -- LU -------------------------------------------------------------------------------------------------


class Lu(NamedTuple):
    """What `tf.linalg.lu` returns."""

    lu: Tensor
    p: Tensor


def _lu(x, *, index_dtype):
    from scipy.linalg import get_lapack_funcs

    n = x.shape[-1]
    packed, permutation = np.empty_like(x), np.empty(x.shape[:-1], index_dtype)
    if not x.size:
        return packed, permutation
    getrf = get_lapack_funcs("getrf", dtype=x.dtype)
    for index in np.ndindex(x.shape[:-2]):
        factors, pivots, info = getrf(x[index])
        if info > 0:
            raise ValueError("Input is not invertible.")
        order = np.arange(n)
        for i, pivot in enumerate(pivots):
            order[i], order[pivot] = order[pivot], order[i]
        packed[index], permutation[index] = factors, order
    return packed, permutation


def _pull_lu(dy: tuple, out: tuple) -> Tensor:
    # With x[p] = L·U: the cotangent of x[p] is L⁻ᴴ·[tril(Lᴴ·dL, -1) + triu(dU·Uᴴ)]·U⁻ᴴ.
    (packed, permutation), d_packed = out, dy[0]
    unit = unit_lower(packed)
    upper = upper_triangle(packed)
    d_lower = subtract(d_packed, upper_triangle(d_packed))
    inner = dagger_times(unit, d_lower)
    inner = add(subtract(inner, upper_triangle(inner)), upper_triangle(times_dagger(upper_triangle(d_packed), upper)))
    inner = apply(TRIANGULAR_SOLVE, unit, inner, lower=True, adjoint=True)
    return apply(PERMUTE_ROWS, _divided_by_triangle(inner, upper), permutation, inverse=True)


def unit_lower(packed: Tensor) -> Tensor:
    """The factor L of a packed LU factorization, with its ones on the diagonal."""
    value = packed._value
    ones = filled(1, value.shape[:-1], value.dtype)
    return apply(SET_DIAG, lower_triangle(packed), ones, k=(0, 0), align="RIGHT_LEFT")


def _permute_rows(x, permutation, *, inverse):
    order = np.argsort(permutation, -1) if inverse else permutation
    batch = np.broadcast_shapes(x.shape[:-2], order.shape[:-1])
    x = np.broadcast_to(x, (*batch, *x.shape[-2:]))
    return np.take_along_axis(x, np.broadcast_to(order, (*batch, order.shape[-1]))[..., np.newaxis], -2)


def _pull_permuted(dy: Tensor, permutation: Tensor, x_shape: tuple[int, ...], inverse: bool) -> Tensor:
    return sum_to_shape(apply(PERMUTE_ROWS, dy, permutation, inverse=not inverse), x_shape)


LU = Primitive("Lu", _lu, (_pull_lu,))
PERMUTE_ROWS = Primitive("PermuteRows", _permute_rows, (_pull_permuted, None), linear=True)


def lu(input: TensorLike, output_idx_type: Any = dtypes.int32, name: str | None = None) -> Lu:
    """The triangular factors of a matrix with its rows permuted: input[p] = L·U.

    Args:
        input: floating or complex, invertible, of shape [..., n, n].
        output_idx_type: the dtype of `p`, int32 or int64.
        name: unused.

    Returns:
        A named tuple (lu, p): L below the diagonal of `lu` (its own diagonal is ones), U above it; and the permutation.

    Raises:
        InvalidArgumentError: the matrix is not invertible or not square, or a dtype is not allowed.

    >>> import tapeflow as tf
    >>> packed, p = tf.linalg.lu([[1.0, 2.0], [4.0, 4.0]])
    >>> packed.numpy(), p.numpy()
    (array([[4.  , 4.  ],
           [0.25, 1.  ]], dtype=float32), array([1, 0], dtype=int32))
    """
    index = dtypes.as_dtype(output_idx_type)
    if index not in (dtypes.int32, dtypes.int64):
        raise invalid("Lu", f"Value for attr 'output_idx_type' of {index.name} is not int32 or int64")
    return Lu(*apply(LU, matrices(input, "Lu", True), index_dtype=index.numpy))


# -- QR -------------------------------------------------------------------------------------------------


class Qr(NamedTuple):
    """What `tf.linalg.qr` returns."""

    q: Tensor
    r: Tensor


def _qr(x, *, full_matrices):
    return tuple(np.linalg.qr(x, "complete" if full_matrices else "reduced"))


def _pull_qr(dy: tuple, out: tuple, x: Tensor, x_shape: tuple[int, ...], full_matrices: bool) -> Tensor:
    (q, r), (dq, dr) = out, dy
    rows, columns = x_shape[-2:]
    if rows >= columns:
        if full_matrices and rows != columns:
            raise NotImplementedError(
                "the gradient of tf.linalg.qr is not known for full_matrices=True where the matrix is not square, as in "
                f"{list(x_shape)}: the further columns of q are not a function of it; use full_matrices=False"
            )
        return _pull_deep_qr(q, r, dq, dr)
    # A wide matrix is [X | Y] with X = Q·U and R = [U | Qᴴ·Y].
    wide = take_block(x, 0, rows, rows, columns)
    u, du = take_block(r, 0, rows, 0, rows), take_block(dr, 0, rows, 0, rows)
    dv = take_block(dr, 0, rows, rows, columns)
    dx = _pull_deep_qr(q, u, add(dq, times_dagger(wide, dv)), du)
    return add(put_block(dx, 0, 0, rows, columns), put_block(times(q, dv), 0, rows, rows, columns))


def _pull_deep_qr(q: Tensor, r: Tensor, dq: Tensor, dr: Tensor) -> Tensor:
    # Walter & Lehmann, "Algorithmic differentiation of linear algebra functions with application in optimum experimental
    # design" (2010), section 3.2; for complex matrices the diagonal of R is real, which adds the imaginary diagonal.
    qdq, rdr = dagger_times(q, dq), times_dagger(r, dr)
    skew = add(subtract(qdq, transposed(qdq, ADJOINT)), subtract(rdr, transposed(rdr, ADJOINT)))
    inner = subtract(skew, upper_triangle(skew))
    if q._value.dtype.kind == "c":
        m = subtract(rdr, transposed(qdq, ADJOINT))
        diagonal = diagonal_only(m)
        inner = add(inner, transposed(subtract(diagonal, cast(real(diagonal), diagonal.dtype)), ADJOINT))
    along = times(q, add(dr, _divided_by_triangle(inner, r)))
    return add(along, _divided_by_triangle(subtract(dq, times(q, qdq)), r))


QR = Primitive("Qr", _qr, (_pull_qr,))


def qr(input: TensorLike, full_matrices: bool = False, name: str | None = None) -> Qr:
    """An orthonormal Q and an upper triangular R with Q·R = input.

    Args:
        input: floating or complex, of shape [..., m, n].
        full_matrices: whether Q is square, of m columns; by default it has min(m, n).
        name: unused.

    Returns:
        A named tuple (q, r). The signs of the columns of Q are LAPACK's.

    Raises:
        InvalidArgumentError: the input is no matrix, or of a dtype that is not allowed.

    >>> import tapeflow as tf
    >>> a = tf.constant([[3.0, 1.0], [4.0, 2.0]])
    >>> q, r = tf.linalg.qr(a)
    >>> tf.reduce_max(abs(q @ r - a)).numpy() < 1e-5
    np.True_
    """
    return Qr(*apply(QR, matrices(input, "Qr"), full_matrices=bool(full_matrices)))


# -- singular values ------------------------------------------------------------------------------------


def _svd(x, *, full_matrices):
    u, s, vh = _decomposed(x, full_matrices)
    return s, u, np.conjugate(vh.swapaxes(-1, -2))


def _decomposed(x: np.ndarray, full_matrices: bool) -> Any:
    if x.size and not np.isfinite(x).all():
        raise ValueError("the singular values of a matrix with infinities or NaNs do not exist")
    return np.linalg.svd(x, full_matrices)


def _svd_values(x):
    return np.linalg.svd(x, compute_uv=False)


def _pull_svd(dy: tuple, out: tuple, x_shape: tuple[int, ...], full_matrices: bool) -> Tensor:
    # Townsend, "Differentiating the singular value decomposition" (2016); for complex matrices Wan & Zhang, "Automatic
    # differentiation for complex valued SVD" (2019).
    (s, u, v), (ds, du, dv) = out, dy
    if full_matrices and x_shape[-2] != x_shape[-1]:
        raise NotImplementedError(
            "the gradient of tf.linalg.svd is not known for full_matrices=True where the matrix is not square, as in "
            f"{list(x_shape)}: the further columns are not a function of it; use full_matrices=False"
        )
    dtype = u.dtype
    f = cast(safe_reciprocal(differences(square(s))), dtype)
    row, column, inverse = (cast(t, dtype) for t in (as_row(s), apply(EXPAND_LAST, s), as_row(safe_reciprocal(s))))
    udu, vdv = dagger_times(u, du), dagger_times(v, dv)
    skew_u, skew_v = subtract(udu, transposed(udu, ADJOINT)), subtract(vdv, transposed(vdv, ADJOINT))
    middle = add(multiply(multiply(f, off_diagonal(skew_u)), row), multiply(column, multiply(f, off_diagonal(skew_v))))
    middle = add(middle, diagonal_matrix(cast(ds, dtype)))
    if u._value.dtype.kind == "c":
        middle = add(middle, multiply(multiply(0.5, diagonal_only(skew_u)), inverse))
    dx = times_dagger(times(u, middle), v)
    if x_shape[-2] > x_shape[-1]:
        dx = add(dx, times_dagger(multiply(subtract(du, times(u, udu)), inverse), v))
    elif x_shape[-2] < x_shape[-1]:
        dx = add(dx, times_dagger(multiply(u, inverse), subtract(dv, times(v, vdv))))
    return dx


def _pull_values(dy: Tensor, x: Tensor) -> Tensor:
    _, u, v = apply(SVD, x, full_matrices=False)
    return times_dagger(multiply(u, cast(as_row(dy), u.dtype)), v)


SVD = Primitive("Svd", _svd, (_pull_svd,))
SVD_VALUES = Primitive("SvdValues", _svd_values, (_pull_values,))


def svd(tensor: TensorLike, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """The singular value decomposition: tensor = U·diag(s)·Vᴴ, with orthonormal columns in U and in V.

    Args:
        tensor: floating or complex, of shape [..., m, n].
        full_matrices: whether U and V are square; by default they have min(m, n) columns.
        compute_uv: whether to compute U and V; without, only s is returned.
        name: unused.

    Returns:
        A tuple (s, u, v), or s alone: real, largest first. The signs of the columns are LAPACK's.

    Raises:
        InvalidArgumentError: the input is no matrix, of a dtype that is not allowed, or not finite.

    >>> import tapeflow as tf
    >>> tf.linalg.svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False).numpy()
    array([4., 3.], dtype=float32)
    """
    x = matrices(tensor, "Svd")
    return apply(SVD, x, full_matrices=bool(full_matrices)) if compute_uv else apply(SVD_VALUES, x)
