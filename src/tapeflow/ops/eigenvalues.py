"""Eigenvalues and eigenvectors of Hermitian and of general matrices, in batches.

Where eigenvalues coincide, the eigenvectors have no derivative; the terms 1/(λi - λj) that are not finite count as 0 there,
so that functions of the eigenvalues alone keep their right gradient.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert_operands
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes, conj
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.arithmetic import add, multiply, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.complex_numbers import real
from tapeflow.ops.decompositions import (
    as_row,
    dagger_times,
    diagonal_only,
    differences,
    lower_triangle,
    off_diagonal,
    safe_reciprocal,
    times,
    times_dagger,
)
from tapeflow.ops.diagonals import DIAG, diagonal_matrix
from tapeflow.ops.linear_algebra import SOLVE, matrices
from tapeflow.ops.matrix_parts import transposed
from tapeflow.ops.matrix_products import ADJOINT

__all__ = ["eig", "eigh", "eigh_tridiagonal", "eigvals", "eigvalsh"]

# -- eigenvalues of Hermitian matrices --------------------------------------------------------------------


def _eigh(x):
    values, vectors = np.linalg.eigh(x)
    return values.astype(x.dtype, copy=False), vectors


def _eigh_values(x):
    return np.linalg.eigvalsh(x).astype(x.dtype, copy=False)


def _pull_eigh(dy: tuple, out: tuple) -> Tensor:
    (values, vectors), (d_values, d_vectors) = out, dy
    f = safe_reciprocal(differences(values))
    middle = add(diagonal_matrix(d_values), multiply(f, off_diagonal(dagger_times(vectors, d_vectors))))
    return _of_lower_triangle(times_dagger(times(vectors, middle), vectors))


def _of_lower_triangle(dx: Tensor) -> Tensor:
    """The cotangent of the lower triangle, the only one that is read, given that of a Hermitian matrix."""
    both = lower_triangle(add(dx, transposed(dx, ADJOINT)))
    return subtract(both, multiply(0.5, diagonal_only(both)))


def _pull_eigh_values(dy: Tensor, x: Tensor) -> Tensor:
    _, vectors = apply(EIGH, x)
    return _of_lower_triangle(times_dagger(multiply(vectors, as_row(dy)), vectors))


EIGH = Primitive("SelfAdjointEigV2", _eigh, (_pull_eigh,))
EIGH_VALUES = Primitive("SelfAdjointEigValues", _eigh_values, (_pull_eigh_values,))


def eigh(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues and eigenvectors of a Hermitian matrix.

    Args:
        tensor: floating or complex, of shape [..., n, n]; only its lower triangle is read.
        name: unused.

    Returns:
        The eigenvalues, ascending and of the input's dtype; and the eigenvectors, as columns.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> values, vectors = tf.linalg.eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> values.numpy()
    array([1., 2.], dtype=float32)
    """
    return apply(EIGH, matrices(tensor, "SelfAdjointEigV2", True))


def eigvalsh(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of a Hermitian matrix, ascending.

    Args:
        tensor: floating or complex, of shape [..., n, n]; only its lower triangle is read.
        name: unused.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]]).numpy()
    array([1., 2.], dtype=float32)
    """
    return apply(EIGH_VALUES, matrices(tensor, "SelfAdjointEigV2", True))


def eigh_tridiagonal(
    alpha: TensorLike,
    beta: TensorLike,
    eigvals_only: bool = True,
    select: str = "a",
    select_range: Any = None,
    tol: float | None = None,
    name: str | None = None,
) -> Any:
    """The eigenvalues, or also the eigenvectors, of a Hermitian tridiagonal matrix.

    Args:
        alpha: the main diagonal, of shape [..., n], floating or complex; of complex numbers the real parts count.
        beta: the diagonal above it, of shape [..., n - 1], of the same dtype.
        eigvals_only: whether to leave the eigenvectors out.
        select: which eigenvalues: "a" for all, "i" for those whose place in ascending order is in a range, "v" for those whose
            value is. The last works for one matrix only.
        select_range: that range, a pair: of places, both included, or of values, the lower one excluded.
        tol: how exact the eigenvalues must be at least; they are exact to rounding in any case.
        name: unused.

    Returns:
        The eigenvalues, real and ascending; or a tuple of them and the eigenvectors, as columns.

    Raises:
        ValueError: `select` is unknown, or its range is missing or empty.
        InvalidArgumentError: shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.eigh_tridiagonal([1.0, 1.0], [1.0]).numpy().round(6)
    array([0., 2.], dtype=float32)
    """
    main, above = convert_operands(alpha, beta)
    check_dtypes(EIGH, main, above, "fc")
    n = main._value.shape[-1] if main._value.ndim else 0
    if not n or above._value.shape != (*main._value.shape[:-1], n - 1):
        raise invalid(
            "EighTridiagonal",
            f"alpha is {brackets(main._value)} and beta {brackets(above._value)}: it must have one element less",
        )
    if select not in ("a", "i", "v"):
        raise ValueError(f"select must be 'a', 'i' or 'v', not {select!r}")
    if select != "a" and (select_range is None or len(select_range) != 2 or select_range[0] > select_range[1]):
        raise ValueError(f"select={select!r} needs a select_range of two ascending numbers, got {select_range!r}")
    if main._value.dtype.kind == "c":
        main = cast(real(main), main.dtype)
    below = apply(DIAG, conj(above), k=(-1, -1), rows=n, columns=n, padding_value=0, align="RIGHT_LEFT")
    matrix = matrices(add(diagonal_matrix(main), below), "EighTridiagonal", True)
    values, vectors = (apply(EIGH_VALUES, matrix), None) if eigvals_only else apply(EIGH, matrix)
    values = real(values)
    if select == "v":
        if main._value.ndim > 1:
            raise NotImplementedError("tf.linalg.eigh_tridiagonal: select='v' works for one matrix, not for a batch")
        first, last = (int(np.searchsorted(values._value, limit, "right")) for limit in select_range)
    else:
        first, last = (0, n) if select == "a" else (max(int(select_range[0]), 0), int(select_range[1]) + 1)
    if (first, last) != (0, n):
        values = values[..., first:last]  # type: ignore[index]
        vectors = None if vectors is None else vectors[..., first:last]
    return values if eigvals_only else (values, vectors)


# -- eigenvalues of general matrices ----------------------------------------------------------------------


def _complex(x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return x.astype(np.result_type(dtype, np.complex64), copy=False)


def _eig(x):
    values, vectors = np.linalg.eig(x)
    return _complex(values, x.dtype), _complex(vectors, x.dtype)


def _eig_values(x):
    return _complex(np.linalg.eigvals(x), x.dtype)


def _pull_eig(dy: tuple, out: tuple, x_dtype: np.dtype) -> Tensor:
    # dA = V⁻ᴴ·[diag(dλ) + conj(F)∘(Vᴴ·dV - Vᴴ·V·diag Re(Vᴴ·dV))]·Vᴴ: the second part of the bracket keeps the length of the
    # eigenvectors, which is 1.
    (values, vectors), (d_values, d_vectors) = out, dy
    vdv = dagger_times(vectors, d_vectors)
    f = conj(safe_reciprocal(differences(values)))
    lengths = times(dagger_times(vectors, vectors), cast(real(diagonal_only(vdv)), vdv.dtype))
    middle = add(diagonal_matrix(d_values), multiply(f, off_diagonal(subtract(vdv, lengths))))
    return _in_eigenvectors(middle, vectors, x_dtype)


def _in_eigenvectors(middle: Tensor, vectors: Tensor, x_dtype: np.dtype) -> Tensor:
    dx = apply(SOLVE, vectors, times_dagger(middle, vectors), adjoint=True)
    return dx if x_dtype.kind == "c" else real(dx)


def _pull_eig_values(dy: Tensor, x: Tensor, x_dtype: np.dtype) -> Tensor:
    _, vectors = apply(EIG, x)
    return _in_eigenvectors(diagonal_matrix(dy), vectors, x_dtype)


EIG = Primitive("Eig", _eig, (_pull_eig,))
EIG_VALUES = Primitive("EigValues", _eig_values, (_pull_eig_values,))


def eig(tensor: TensorLike, name: str | None = None) -> tuple[Tensor, Tensor]:
    """The eigenvalues and eigenvectors of a matrix, always complex.

    Args:
        tensor: floating or complex, of shape [..., n, n].
        name: unused.

    Returns:
        The eigenvalues, in no particular order, and the eigenvectors of length 1, as columns.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> values, vectors = tf.linalg.eig([[0.0, 1.0], [-1.0, 0.0]])
    >>> sorted(values.numpy().imag.tolist())
    [-1.0, 1.0]
    """
    return apply(EIG, matrices(tensor, "Eig", True))


def eigvals(tensor: TensorLike, name: str | None = None) -> Tensor:
    """The eigenvalues of a matrix, always complex.

    Args:
        tensor: floating or complex, of shape [..., n, n].
        name: unused.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.linalg.eigvals([[2.0, 0.0], [0.0, 3.0]]).numpy()
    array([2.+0.j, 3.+0.j], dtype=complex64)
    """
    return apply(EIG_VALUES, matrices(tensor, "Eig", True))
