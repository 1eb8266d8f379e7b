"""Exponential, logarithm and square root of matrices, pseudo-inverses, least squares and rank.

The derivative of a matrix function f in the direction E is a block of f at a matrix of twice the size:

    f([[A, E], [0, A]]) = [[f(A), Df(A)·E], [0, f(A)]]

(Higham, "Functions of Matrices", SIAM 2008, section 3.2); the transpose of that derivative is the same at Aᴴ.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert, convert_operands
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid, wrong_dtype
from tapeflow.ops.arithmetic import add, multiply, negative
from tapeflow.ops.blocks import put_block, take_block
from tapeflow.ops.casting import cast
from tapeflow.ops.creation import eye
from tapeflow.ops.decompositions import SVD, SVD_VALUES, as_row, dagger_times, times_dagger
from tapeflow.ops.division import realdiv
from tapeflow.ops.extremes import count_nonzero, reduce_max
from tapeflow.ops.linear_algebra import matrices
from tapeflow.ops.matrix_parts import transposed
from tapeflow.ops.matrix_products import ADJOINT, matmul
from tapeflow.ops.selection import where
from tapeflow.ops.shaping import expand_dims
from tapeflow.ops.triangular import CHOLESKY, cholesky_solve

__all__ = ["expm", "logm", "lstsq", "matrix_rank", "pinv", "sqrtm"]


def _per_matrix(function: Any, x: np.ndarray) -> np.ndarray:
    out = np.empty_like(x)
    if x.size:
        for index in np.ndindex(x.shape[:-2]):
            out[index] = function(x[index])
    return out


def _quietly(function: Any, x: np.ndarray) -> np.ndarray:
    """The same for a function of SciPy, without what it says of singular matrices and of rounding."""

    def of_one(a: np.ndarray) -> Any:
        try:
            return function(a, disp=False)[0]  # older releases print, unless they are asked for the error as well
        except TypeError:
            return function(a)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _per_matrix(of_one, x)


# -- exponential and logarithm ------------------------------------------------------------------------------


def _expm(x):
    from scipy.linalg import expm

    return _per_matrix(expm, x)


def _logm(x):
    from scipy.linalg import logm

    singular = (np.linalg.det(x) == 0)[..., np.newaxis, np.newaxis]
    usable = np.where(singular, np.eye(x.shape[-1], dtype=x.dtype), x)
    return np.where(singular, x.dtype.type(complex(np.nan, np.nan)), _quietly(logm, usable))


def _along(primitive: Primitive, x: Tensor, dy: Tensor) -> Tensor:
    """The transpose of the derivative of a matrix function, applied to dy."""
    n = x._value.shape[-1]
    a = transposed(x, ADJOINT)
    corners = add(put_block(a, 0, 0, 2 * n, 2 * n), put_block(a, n, n, 2 * n, 2 * n))
    return take_block(apply(primitive, add(corners, put_block(dy, 0, n, 2 * n, 2 * n))), 0, n, n, 2 * n)


EXPM = Primitive("MatrixExponential", _expm, (lambda dy, x: _along(EXPM, x, dy),))
LOGM = Primitive("MatrixLogarithm", _logm, (lambda dy, x: _along(LOGM, x, dy),))


def expm(input: TensorLike, name: str | None = None) -> Tensor:
    """The exponential of a matrix, Σ Aⁿ/n!, or of each one of a batch.

    Args:
        input: floating or complex, of shape [..., n, n].
        name: unused.

    Raises:
        ValueError: the matrix is neither floating nor complex.
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.linalg.expm([[0.0, 1.0], [0.0, 0.0]]).numpy()
    array([[1., 1.],
           [0., 1.]], dtype=float32)
    """
    x = convert(input)
    if x._value.dtype.kind not in "fcV":
        raise ValueError(f"tf.linalg.expm does not support matrices of type {x.dtype!s}; convert it with tf.cast")
    return apply(EXPM, matrices(x, "MatrixExponential", True))


def logm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal logarithm of a matrix, or of each one of a batch: the inverse of `expm`.

    Args:
        input: complex, of shape [..., n, n], without eigenvalues on the negative real axis.
        name: unused.

    Returns:
        The logarithm; NaN for a singular matrix.

    Raises:
        InvalidArgumentError: the matrix is not square, or not complex: convert it with tf.cast.

    >>> import tapeflow as tf
    >>> import numpy as np
    >>> bool(np.allclose(tf.linalg.logm(tf.linalg.expm(tf.constant([[0j, 1], [0, 1]]))), [[0, 1], [0, 1]]))
    True
    """
    x = matrices(input, "MatrixLogarithm", True)
    if x._value.dtype.kind != "c":
        raise wrong_dtype(
            "MatrixLogarithm",
            f"Value for attr 'T' of {x.dtype.name} is not in the list of allowed values: complex64, complex128",
        )
    return apply(LOGM, x)


# -- the square root ----------------------------------------------------------------------------------------


def _sqrtm(x):
    from scipy.linalg import sqrtm

    if x.dtype.kind == "c":
        return _quietly(sqrtm, x)
    root = _quietly(sqrtm, x.astype(np.result_type(x.dtype, np.complex64)))
    size = np.abs(root).max((-2, -1), keepdims=True, initial=0)
    is_real = np.abs(root.imag).max((-2, -1), keepdims=True, initial=0) <= 1000 * np.finfo(x.dtype).eps * size
    return np.where(is_real, root.real, np.nan).astype(x.dtype, copy=False)


def _sylvester(a, b, q):
    from scipy.linalg import solve_sylvester

    out = np.empty_like(q)
    for index in np.ndindex(q.shape[:-2]):
        out[index] = solve_sylvester(a[index], b[index], q[index])
    return out


def _pull_sylvester(dy: Tensor, a: Tensor, b: Tensor, out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    dq = apply(SYLVESTER, transposed(a, ADJOINT), transposed(b, ADJOINT), dy)
    return negative(times_dagger(dq, out)), negative(dagger_times(out, dq)), dq


# The X with A·X + X·B = Q.
SYLVESTER = Primitive("SylvesterEquation", _sylvester, pullback=_pull_sylvester)

# R² = A gives R·dR + dR·R = dA.
SQRTM = Primitive(
    "MatrixSquareRoot",
    _sqrtm,
    (lambda dy, out: apply(SYLVESTER, transposed(out, ADJOINT), transposed(out, ADJOINT), dy),),
)


def sqrtm(input: TensorLike, name: str | None = None) -> Tensor:
    """The principal square root R of a matrix, or of each one of a batch: R·R = input.

    Args:
        input: floating or complex, invertible, of shape [..., n, n].
        name: unused.

    Returns:
        The root, of the same dtype; NaN where a real matrix has no real root.

    Raises:
        InvalidArgumentError: the matrix is not square, or the dtype is not allowed.

    >>> import tapeflow as tf
    >>> tf.linalg.sqrtm([[4.0, 0.0], [0.0, 9.0]]).numpy()
    array([[2., 0.],
           [0., 3.]], dtype=float32)
    """
    return apply(SQRTM, matrices(input, "MatrixSquareRoot", True))


# -- what singular values tell --------------------------------------------------------------------------------


def _at_least_matrices(a: TensorLike) -> Tensor:
    x = convert(a)
    if x._value.dtype.kind not in "fcV":
        raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {x.dtype.name}).")
    if x._value.ndim < 2:
        raise ValueError(f"Input `a` must have at least 2 dimensions (saw: {x._value.ndim}).")
    return matrices(x, "Svd")


def pinv(a: TensorLike, rcond: TensorLike = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """The Moore–Penrose pseudo-inverse of a matrix, or of each one of a batch.

    Args:
        a: floating or complex, of shape [..., m, n].
        rcond: singular values up to rcond times the largest count as 0; by default 10·max(m, n)·epsilon of the dtype. A number,
            or one for each matrix.
        validate_args: accepted; the arguments are checked in either case.
        name: unused.

    Raises:
        TypeError: `a` does not hold floating or complex numbers.
        ValueError: `a` is no matrix.

    >>> import tapeflow as tf
    >>> tf.linalg.pinv([[2.0, 0.0], [0.0, 0.0]]).numpy()
    array([[0.5, 0. ],
           [0. , 0. ]], dtype=float32)
    """
    x = _at_least_matrices(a)
    real_dtype = np.finfo(x._value.dtype).dtype
    s, u, v = apply(SVD, x, full_matrices=False)
    if not s._value.size:
        return times_dagger(v, u)
    if rcond is None:
        largest = convert(max(x._value.shape[-2:]), hint=real_dtype)
        limit = multiply(largest, Tensor(real_dtype.type(10.0 * np.finfo(real_dtype).eps)))
    else:
        limit = cast(convert(rcond, hint=real_dtype), real_dtype)
    cutoff = multiply(expand_dims(limit, -1), reduce_max(s, -1, True))
    inverse = where(s > cutoff, realdiv(1.0, where(s > cutoff, s, 1.0)), 0.0)
    return times_dagger(multiply(v, cast(as_row(inverse), v.dtype)), u)


def matrix_rank(a: TensorLike, tol: TensorLike = None, validate_args: bool = False, name: str | None = None) -> Tensor:
    """How many singular values of a matrix, or of each one of a batch, are not negligible.

    Args:
        a: floating or complex, of shape [..., m, n].
        tol: singular values up to this count as 0; by default max(m, n)·epsilon of the dtype·the largest one.
        validate_args: accepted; the arguments are checked in either case.
        name: unused.

    Returns:
        The ranks, int32.

    Raises:
        TypeError: `a` does not hold floating or complex numbers.
        ValueError: `a` is no matrix.

    >>> import tapeflow as tf
    >>> tf.linalg.matrix_rank([[1.0, 2.0], [2.0, 4.0]]).numpy()
    np.int32(1)
    """
    x = _at_least_matrices(a)
    s = apply(SVD_VALUES, x)
    if tol is None:
        epsilon = np.finfo(s._value.dtype).eps
        tol = multiply(reduce_max(s, -1, True), float(epsilon * max(x._value.shape[-2:]))) if s._value.size else 0.0
    return count_nonzero(s > tol, -1, dtype=np.int32)


# -- least squares --------------------------------------------------------------------------------------------


def lstsq(
    matrix: TensorLike,
    rhs: TensorLike,
    l2_regularizer: float = 0.0,
    fast: bool = True,
    name: str | None = None,
) -> Tensor:
    """The X that minimizes ‖matrix·X - rhs‖² + l2_regularizer·‖X‖²; of several, the smallest one.

    Args:
        matrix: floating or complex, of shape [..., m, n].
        rhs: of shape [..., m, k], of the same dtype.
        l2_regularizer: a number.
        fast: whether to solve by the normal equations, whose result is NaN if the matrix does not have full rank. Otherwise the
            pseudo-inverse is used, for any rank, and `l2_regularizer` counts as 0.
        name: unused.

    Returns:
        X, of shape [..., n, k].

    Raises:
        InvalidArgumentError: shapes or dtypes do not fit.

    >>> import tapeflow as tf
    >>> tf.linalg.lstsq([[1.0], [0.0]], [[3.0], [2.0]]).numpy()
    array([[3.]], dtype=float32)
    """
    a, b = convert_operands(matrix, rhs)
    a = matrices(a, "MatrixSolveLs")
    check_dtypes(SVD, a, b, "fc")
    if b._value.ndim < 2 or b._value.shape[-2] != a._value.shape[-2]:
        raise invalid(
            "MatrixSolveLs", f"Input matrix and rhs are incompatible: {brackets(a._value)} and {brackets(b._value)}"
        )
    if not fast:
        return matmul(pinv(a), b)
    tall = a._value.shape[-2] >= a._value.shape[-1]
    gram = dagger_times(a, a) if tall else times_dagger(a, a)
    n = gram._value.shape[-1]
    ridge = multiply(Tensor(np.asarray(l2_regularizer, gram._value.dtype)), eye(n, dtype=gram.dtype))
    factor = apply(CHOLESKY, add(gram, ridge))
    if tall:
        return cholesky_solve(factor, dagger_times(a, b))
    return dagger_times(a, cholesky_solve(factor, b))
