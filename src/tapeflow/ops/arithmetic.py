"""Arithmetic: sums, products and their kin, elementwise and broadcasting."""

from __future__ import annotations

import operator
from typing import Any

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import TensorLike, convert, convert_all, convert_or_keep
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import binary, check_dtype, conj, unary
from tapeflow.core.indexed_slices import IndexedSlices
from tapeflow.core.primitive import Primitive
from tapeflow.core.shapes import TensorShape
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid, wrong_dtype

__all__ = [
    "accumulate_n",
    "add",
    "add_n",
    "multiply",
    "negative",
    "polyval",
    "scalar_mul",
    "square",
    "squared_difference",
    "subtract",
]

# -- two operands ------------------------------------------------------------------------------------


@binary("AddV2", operator.add, (lambda dy: dy, lambda dy: dy), accepts="iufcS", large="add", operands=convert_or_keep)
def add(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x + y, elementwise; strings are joined.

    >>> import tapeflow as tf
    >>> tf.add([1.0, 2.0], 3.0).numpy()
    array([4., 5.], dtype=float32)
    """


@binary("Sub", operator.sub, (lambda dy: dy, lambda dy: negative(dy)), large="subtract")
def subtract(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x - y, elementwise.

    >>> import tapeflow as tf
    >>> tf.subtract([1.0, 2.0], 3.0).numpy()
    array([-2., -1.], dtype=float32)
    """


@binary("Mul", operator.mul, (lambda dy, y: multiply(dy, conj(y)), lambda dy, x: multiply(dy, conj(x))), large="multiply")
def multiply(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """x · y, elementwise.

    >>> import tapeflow as tf
    >>> tf.multiply([1.0, 2.0], 3.0).numpy()
    array([3., 6.], dtype=float32)
    """


def _squared_difference(x, y):  # type: ignore[no-untyped-def]
    difference = x - y
    return difference * (difference.conj() if difference.dtype.kind == "c" else difference)


def _twice_the_difference(dy: Tensor, x: Tensor, y: Tensor) -> Tensor:
    difference = subtract(x, y)
    return multiply(dy, add(difference, difference))


@binary(
    "SquaredDifference",
    _squared_difference,
    (_twice_the_difference, lambda dy, x, y: _twice_the_difference(dy, y, x)),
    accepts="ifc",
)
def squared_difference(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """(x - y)², elementwise; of complex numbers |x - y|².

    >>> import tapeflow as tf
    >>> tf.math.squared_difference([1.0, 2.0], 4.0).numpy()
    array([9., 4.], dtype=float32)
    """


# -- one operand -------------------------------------------------------------------------------------


@unary("Neg", operator.neg, vjp=lambda dy: negative(dy), accepts="ifc", large="negative")
def negative(x: TensorLike, name: str | None = None) -> Tensor:
    """-x, elementwise.

    >>> import tapeflow as tf
    >>> tf.negative([1.0, -2.0]).numpy()
    array([-1.,  2.], dtype=float32)
    """


def _twice_the_product(x, y):  # type: ignore[no-untyped-def]
    product = x + x
    if product.ndim and product.shape == y.shape:
        product *= y  # in place: half the memory traffic of a second array
        return product
    return product * y


# A primitive for the derivative, one kernel and one note in place of two: squares are in most losses.
@binary(
    "SquareGrad",
    _twice_the_product,
    (lambda dy, y: square_slope(conj(y), dy), lambda dy, x: square_slope(conj(x), dy)),
    accepts="fc",
)
def square_slope(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """2·x·y: the cotangent of x in x², where y is that of x²."""


@unary("Square", lambda x: x * x, vjp=lambda dy, x: square_slope(conj(x), dy), accepts="iufc", large="square")
def square(x: TensorLike, name: str | None = None) -> Tensor:
    """x², elementwise.

    >>> import tapeflow as tf
    >>> tf.square([1.0, -2.0]).numpy()
    array([1., 4.], dtype=float32)
    """


def scalar_mul(scalar: TensorLike, x: TensorLike, name: str | None = None) -> Any:
    """scalar · x, for a scalar of the dtype of x; of IndexedSlices, IndexedSlices.

    Raises:
        ValueError: `scalar` is not 0-dimensional.

    >>> import tapeflow as tf
    >>> tf.scalar_mul(2.0, [1.0, 2.0]).numpy()
    array([2., 4.], dtype=float32)
    """
    if isinstance(x, IndexedSlices):
        return IndexedSlices(scalar_mul(scalar, x.values), x.indices, x.dense_shape)
    x = convert(x)
    factor = convert(scalar, hint=x._value.dtype)
    if factor._value.ndim:
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {factor.shape}.")
    return multiply(factor, x)


# -- many operands -----------------------------------------------------------------------------------


def _add_n(*inputs):  # type: ignore[no-untyped-def]
    if len(inputs) == 1:
        return inputs[0]
    total = inputs[0] + inputs[1]
    for x in inputs[2:]:
        total += x  # in place on an array, which nobody else holds yet
    return total


ADD_N = Primitive(
    "AddN", _add_n, pullback=lambda dy, shapes: (dy,) * len(shapes), linear=True, shape=lambda *shapes: shapes[0]
)


def add_n(inputs: Any, name: str | None = None) -> Tensor:
    """The sum of tensors of one shape and dtype, without a temporary for each.

    Args:
        inputs: a list of them, or one tensor whose rows are summed. Nothing is broadcast.

    Raises:
        ValueError: `inputs` is empty.
        InvalidArgumentError: their shapes or dtypes differ.

    >>> import tapeflow as tf
    >>> tf.add_n([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).numpy()
    array([ 9., 12.], dtype=float32)
    """
    tensors = convert_all(inputs)
    if not tensors:
        raise ValueError("Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape.")
    first = tensors[0]
    check_dtype(ADD_N, first, "iufc")
    for i, x in enumerate(tensors):
        if x._value.dtype != first._value.dtype:
            raise wrong_dtype(
                "AddN",
                f"cannot compute AddN as input #{i}(zero-based) was expected to be a {first.dtype.name} tensor but is a "
                f"{x.dtype.name} tensor; convert it with tf.cast",
            )
        if x._value.shape != first._value.shape:
            raise invalid(
                "AddN",
                "Inputs to operation AddN of type AddN must have the same size and shape.  "
                f"Input 0: {list(first._value.shape)} != input {i}: {list(x._value.shape)}",
            )
    return apply(ADD_N, *tensors)


def polyval(coeffs: Any, x: TensorLike, name: str | None = None) -> Tensor:
    """The polynomial with these coefficients at x, by Horner's rule.

    Args:
        coeffs: a list of tensors that broadcast with x, that of the highest power first.
        x: where to evaluate it.

    Raises:
        ValueError: `coeffs` is no list.

    >>> import tapeflow as tf
    >>> tf.math.polyval([1.0, 0.0, -2.0], [3.0, 1.0]).numpy()
    array([ 7., -1.], dtype=float32)
    """
    if not isinstance(coeffs, list):
        raise ValueError(f"Argument coeffs must be list type. Received type {type(coeffs)}.")
    x = convert(x)
    if not coeffs:
        return filled(0, x._value.shape, x._value.dtype)
    value = convert(coeffs[0])
    for coefficient in coeffs[1:]:
        value = add(multiply(value, x), coefficient)
    return value


def accumulate_n(inputs: Any, shape: Any = None, tensor_dtype: Any = None, name: str | None = None) -> Tensor:
    """The sum of a list of tensors of one shape and dtype, which may be given to be checked.

    Raises:
        ValueError: `inputs` is no list, or empty, or `shape` is another.
        TypeError: `tensor_dtype` is another.

    >>> import tapeflow as tf
    >>> tf.math.accumulate_n([[1.0, 2.0], [3.0, 4.0]]).numpy()
    array([4., 6.], dtype=float32)
    """
    if not isinstance(inputs, list | tuple) or not inputs:
        raise ValueError("inputs must be a list of at least one Tensor with the same dtype and shape")
    tensors = convert_all(inputs)
    if shape is not None and not all(TensorShape(shape).is_compatible_with(x.shape) for x in tensors):
        raise ValueError(f"Shapes {TensorShape(shape)} and {tensors[0].shape} are not compatible")
    if tensor_dtype is not None and dtypes.as_dtype(tensor_dtype) != tensors[0].dtype:
        raise TypeError(
            f"The `tensor_dtype` argument is {dtypes.as_dtype(tensor_dtype)!r}, but `input` is of type "
            f"{tensors[0].dtype!r}. These must be equal. Try casting the input to the desired type."
        )
    return add_n(tensors)
