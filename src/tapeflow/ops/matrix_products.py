"""Matrix products, in batches, of matrices taken as they are, transposed or conjugated.

How an operand enters the product is a number, its *form*, so that the derivative of a product is again one product, of the
same operands in other forms, and BLAS reads every transpose in place.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import sum_to_shape
from tapeflow.core.convert import TensorLike, convert_operands, convert_or_keep
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import check_dtypes
from tapeflow.core.large_arrays import machine_code
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.shaping import reshaped

__all__ = ["matmul", "matvec"]

FLOAT32 = np.dtype("float32")

# -- forms: X, Xᵀ, conj X, Xᴴ ---------------------------------------------------------------------------

# Each bit is an involution and they commute, so composing two forms is `^`.
AS_IS, TRANSPOSED, CONJUGATED, ADJOINT = 0, 1, 2, 3


def in_form(x: np.ndarray, form: int) -> np.ndarray:
    """A view of `x` in a form; only a conjugate is a copy, and of a real array there is none to take."""
    if form & TRANSPOSED:
        x = x.T if x.ndim == 2 else x.swapaxes(-1, -2)
    return np.conjugate(x) if form & CONJUGATED and x.dtype.kind == "c" else x


# -- the product ----------------------------------------------------------------------------------------


LARGE = 1 << 16
"""Elements of a product from which on `matmul` is the faster name: `dot`, faster for small ones, fills the result with zeros
first, from one thread, and BLAS's other thread then waits for that memory."""

NARROW = 16
"""Terms of a sum up to which a large product is made by machine code of our own: BLAS's threads then get in each other's way."""


def large_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product of two matrices that has at least LARGE elements."""
    if 0 < a.shape[1] <= NARROW:
        found = machine_code("narrow_products", "narrow_product")(a, b)
        if found is not None:
            return found
    return np.matmul(a, b)


def _matmul(a, b, *, form_a, form_b):
    if form_a:
        a = in_form(a, form_a)
    if form_b:
        b = in_form(b, form_b)
    if a.dtype is not FLOAT32 and a.dtype.itemsize == 2 and a.dtype.kind in "fV":
        return np.matmul(a.astype(FLOAT32), b.astype(FLOAT32)).astype(a.dtype)  # accumulates in float32, by BLAS
    if a.ndim == b.ndim == 2:
        return a.dot(b) if a.shape[0] * b.shape[1] < LARGE else large_product(a, b)
    return np.matmul(a, b)


# For C = AB with A = f(a), B = g(b): the cotangents are dA = dC·Bᴴ and dB = Aᴴ·dC (Giles, "Collected matrix derivative
# results for forward and reverse mode AD", 2008, section 2.2.3); then da = f(dA), which swaps the factors if f transposes.


def _pull_a(dy, b, form_a, form_b):
    form = form_b ^ ADJOINT ^ form_a
    if form_a & TRANSPOSED:
        return product(b, dy, form, form_a)
    return product(dy, b, form_a, form)


def _pull_b(dy, a, form_a, form_b):
    form = form_a ^ ADJOINT ^ form_b
    if form_b & TRANSPOSED:
        return product(dy, a, form_b, form)
    return product(a, dy, form, form_b)


def _product_shape(a: tuple[int, ...], b: tuple[int, ...], *, form_a: int, form_b: int) -> tuple[int, ...]:
    rows, inner = a[-1:-3:-1] if form_a & TRANSPOSED else a[-2:]
    other, columns = b[-1:-3:-1] if form_b & TRANSPOSED else b[-2:]
    if inner != other:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {other}")
    batch = a[:-2] if a[:-2] == b[:-2] else np.broadcast_shapes(a[:-2], b[:-2])
    return (*batch, rows, columns)


MATMUL = Primitive("MatMul", _matmul, (_pull_a, _pull_b), shape=_product_shape)

BATCH_MATMUL = Primitive(
    "BatchMatMulV2",
    _matmul,
    (
        lambda dy, a_shape, b, form_a, form_b: sum_to_shape(_pull_a(dy, b, form_a, form_b), a_shape),
        lambda dy, a, b_shape, form_a, form_b: sum_to_shape(_pull_b(dy, a, form_a, form_b), b_shape),
    ),
    shape=_product_shape,
)


def product(a: Tensor, b: Tensor, form_a: int = AS_IS, form_b: int = AS_IS) -> Tensor:
    """f(a)·g(b) for the forms f and g of matrices, or of batches of matrices that broadcast."""
    primitive = MATMUL if a._value.ndim == b._value.ndim == 2 else BATCH_MATMUL
    return apply(primitive, a, b, form_a=form_a, form_b=form_b)


# -- public ---------------------------------------------------------------------------------------------


def matmul(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    grad_a: bool = False,
    grad_b: bool = False,
    name: str | None = None,
) -> Tensor:
    """The matrix product a·b, over batches of matrices that broadcast.

    Args:
        a: a matrix, or a batch of them, of shape [..., m, k].
        b: of shape [..., k, n], of the same dtype as `a`.
        transpose_a, transpose_b: whether an operand is transposed first.
        adjoint_a, adjoint_b: whether it is conjugated and transposed first.
        a_is_sparse, b_is_sparse: hints that do not change the result; both operands must then be matrices.
        output_type: the dtype to compute in; that of the operands by default.
        grad_a, grad_b: mark products that a gradient is made of; they do not change the result.
        name: unused.

    Returns:
        A tensor of shape [..., m, n].

    Raises:
        ValueError: an operand is to be both transposed and adjoint.
        InvalidArgumentError: the shapes do not fit, or the dtypes differ or are not numbers.

    >>> import tapeflow as tf
    >>> a = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> tf.matmul(a, [[1.0], [1.0]]).numpy()
    array([[3.],
           [7.]], dtype=float32)
    >>> (tf.matmul(a, a, transpose_a=True) == tf.transpose(a) @ a).numpy().all()
    np.True_
    """
    if type(a) is not Tensor or type(b) is not Tensor:
        a, b = convert_or_keep(a, b)
    form_a = form_b = AS_IS
    if transpose_a or adjoint_a:
        form_a = _form("a", transpose_a, adjoint_a)
    if transpose_b or adjoint_b:
        form_b = _form("b", transpose_b, adjoint_b)
    x, y = a._value, b._value
    if output_type is not None:
        a, b = _computed_in(dtypes.as_dtype(output_type), a, b)
    elif x.dtype is not FLOAT32 or y.dtype is not FLOAT32:
        a, b = _of_one_dtype(a, b)
    if x.ndim == 2 == y.ndim:
        if x.shape[1 - (form_a & 1)] != y.shape[form_b & 1]:
            raise _unfit(x, y)
        return apply(MATMUL, a, b, form_a=form_a, form_b=form_b)
    _check_batch(x, y, form_a, form_b, a_is_sparse or b_is_sparse)
    if y.ndim == 2 and form_a == AS_IS:
        # One product of one tall matrix: many times faster than one for each matrix of the batch, and so is its derivative.
        tall = reshaped(a, (math.prod(x.shape[:-1]), x.shape[-1]))
        out = apply(MATMUL, tall, b, form_a=AS_IS, form_b=form_b)
        return reshaped(out, (*x.shape[:-1], y.shape[1 - (form_b & 1)]))
    return apply(BATCH_MATMUL, a, b, form_a=form_a, form_b=form_b)


def matvec(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The product of a matrix and a vector, over batches that broadcast.

    Args:
        a: a matrix, or a batch of them, of shape [..., m, k].
        b: a vector, or a batch of them, of shape [..., k], of the same dtype.
        transpose_a: whether `a` is transposed first.
        adjoint_a: whether it is conjugated and transposed first.
        a_is_sparse, b_is_sparse: hints that do not change the result.
        name: unused.

    Returns:
        A tensor of shape [..., m].

    Raises:
        ValueError: `a` is to be both transposed and adjoint.
        InvalidArgumentError: the shapes do not fit, or the dtypes differ or are not numbers.

    >>> import tapeflow as tf
    >>> tf.linalg.matvec([[1.0, 2.0], [3.0, 4.0]], [1.0, -1.0]).numpy()
    array([-1., -1.], dtype=float32)
    """
    a, b = convert_operands(a, b)
    if not b._value.ndim:
        raise invalid("MatMul", f"In[1] ndims must be >= 1: a has shape {brackets(a._value)} and b has shape []")
    column = apply(EXPAND_LAST, b)
    return apply(SQUEEZE_LAST, matmul(a, column, transpose_a, False, adjoint_a, False, a_is_sparse, b_is_sparse))


# A vector is a matrix of one column; these two say so without the checks of the general reshape.
EXPAND_LAST = Primitive(
    "AsColumn", lambda x: np.asarray(x)[..., np.newaxis], (lambda dy: apply(SQUEEZE_LAST, dy),), linear=True
)
SQUEEZE_LAST: Primitive = Primitive("FromColumn", lambda x: x[..., 0], (lambda dy: apply(EXPAND_LAST, dy),), linear=True)


def _form(operand: str, transpose: bool, adjoint: bool) -> int:
    if transpose and adjoint:
        raise ValueError(
            f"Only one of `transpose_{operand}` and `adjoint_{operand}` can be True. "
            f"Received `transpose_{operand}`={transpose}, `adjoint_{operand}`={adjoint}."
        )
    return TRANSPOSED if transpose else ADJOINT


def _of_one_dtype(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    if {a.dtype, b.dtype} == {dtypes.bfloat16, dtypes.float32}:
        return _computed_in(dtypes.float32, a, b)
    check_dtypes(MATMUL, a, b, "iufc")
    if a.dtype in (dtypes.int8, dtypes.int16):
        raise invalid(
            "MatMul", f"Value for attr 'T' of {a.dtype.name} is not allowed without an output_type such as tf.int32"
        )
    return a, b


def _computed_in(dtype: dtypes.DType, a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    from tapeflow.ops.casting import cast

    return cast(a, dtype), cast(b, dtype)


def _unfit(x: Any, y: Any) -> Exception:
    return invalid(
        "MatMul",
        f"Matrix size-incompatible: In[0]: {brackets(x)}, In[1]: {brackets(y)}; the inner sizes must agree "
        "(transpose_a and transpose_b swap the last two sizes of an operand)",
    )


def _check_batch(x: Any, y: Any, form_a: int, form_b: int, sparse: bool) -> None:
    for i, operand in enumerate((x, y)):
        if operand.ndim < 2:
            raise invalid(
                "MatMul",
                f"In[{i}] ndims must be >= 2: {brackets(x)} and {brackets(y)} were given; tf.linalg.matvec multiplies "
                "a matrix and a vector, tf.tensordot takes any shapes",
            )
        if sparse and operand.ndim > 2:
            raise invalid("SparseMatMul", f"{'ab'[i]} is not a matrix: {brackets(operand)}")
    if x.shape[-1 - (form_a & 1)] != y.shape[-2 + (form_b & 1)]:
        raise _unfit(x, y)
    for m, n in zip(x.shape[-3::-1], y.shape[-3::-1], strict=False):
        if type(m) is type(n) is int and m != n and m != 1 != n:
            raise invalid(
                "BatchMatMulV2", f"In[0] and In[1] must have compatible batch dimensions: {brackets(x)} vs. {brackets(y)}"
            )
