"""`tf.random`: the operations that draw from the sequences that `tf.random.set_seed` and `seed=` start."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.broadcasting import broadcast_to_shape
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.elementwise import kind
from tapeflow.core.errors import NotFoundError
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.arithmetic import add, multiply, subtract
from tapeflow.ops.casting import cast
from tapeflow.ops.division import realdiv
from tapeflow.ops.sampling import (
    CATEGORICAL,
    GAMMA,
    INTEGERS,
    NORMAL,
    POISSON,
    SHUFFLE,
    TRUNCATED_NORMAL,
    UNIFORM,
    draw,
)
from tapeflow.ops.seeds import BLOCKS_PER_NUMBER, place_of_operation
from tapeflow.ops.selection import maximum
from tapeflow.ops.shape_arguments import ShapeLike, read_integer, read_shape

__all__ = ["categorical", "gamma", "normal", "poisson", "shuffle", "truncated_normal", "uniform"]

FLOATS = ("float16", "bfloat16", "float32", "float64")
INTS = ("int32", "int64")

# -- what all of them do with their arguments -----------------------------------------------------------------


def sizes_of(shape: ShapeLike, operation: str) -> tuple[int, ...]:
    """The shape asked for.

    Raises:
        InvalidArgumentError: it is no vector of integers, or one of them is negative.
    """
    sizes = read_shape(shape, operation, scalar=False)
    for size in sizes:
        if type(size) is int and size < 0:
            raise invalid(operation, f"Dimension {size} must be >= 0")
    return sizes


def checked_dtype(dtype: Any, accepted: tuple[str, ...]) -> np.dtype:
    """The NumPy dtype, if it is one of those accepted."""
    wanted = dtypes.as_dtype(dtype)
    if wanted.name not in accepted:
        names = ", ".join(f"tf.{name}" for name in accepted)
        raise ValueError(f"Argument `dtype` got invalid value {wanted!r}. Accepted dtypes are ({names}).")
    return wanted.numpy


def place(primitive: Primitive, seed: Any, count: int, *dtype: Any) -> Tensor:
    """Where an operation draws `count` numbers from."""
    return place_of_operation((primitive.name, *dtype), seed, BLOCKS_PER_NUMBER * count)


def _index_type(shape: ShapeLike) -> str:
    """The dtype that TensorFlow hands a shape over in: operations that differ in it have different sequences."""
    return "int64" if getattr(shape, "dtype", None) == np.int64 else "int32"


def scaled(numbers: Tensor, factor: TensorLike, shift: TensorLike) -> Tensor:
    """factor·numbers + shift, in the dtype of the numbers."""
    dtype = dtypes.from_numpy(numbers._value.dtype)
    return add(multiply(numbers, convert(factor, dtype)), convert(shift, dtype))


def integer_bounds(minval: TensorLike, maxval: TensorLike, dtype: np.dtype) -> tuple[Tensor, Tensor]:
    """The bounds of uniform integers.

    Raises:
        InvalidArgumentError: a bound is no scalar, or the lower one is not below the upper one.
    """
    low, high = (convert(value, dtypes.from_numpy(dtype)) for value in (minval, maxval))
    for name, bound in (("minval", low), ("maxval", high)):
        if bound._value.ndim:
            raise invalid(INTEGERS.name, f"{name} must be 0-D, got shape {brackets(bound._value)}")
    if type(low) is type(high) is Tensor and low._value >= high._value:
        raise invalid(INTEGERS.name, f"Need minval < maxval, got {low._value} >= {high._value}")
    return low, high


# -- uniform and normal ---------------------------------------------------------------------------------------


def uniform(
    shape: ShapeLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Uniform numbers from `minval` up to, but not including, `maxval`.

    Args:
        shape: the shape of the result.
        minval: the lower bound. For floats it may be a tensor that broadcasts with the result, which is differentiable by it.
        maxval: the upper bound; 1 by default for floats, and to be given for integers.
        dtype: float16, bfloat16, float32, float64, int32 or int64.
        seed: starts a sequence of the operation's own; see `tf.random.set_seed`.
        name: unused.

    Returns:
        A tensor with TensorFlow's numbers for the same seeds.

    Raises:
        ValueError: another dtype, or no `maxval` for integers.
        InvalidArgumentError: a bad shape, or bounds of integers that are no scalars or leave nothing between them.

    >>> import tapeflow as tf
    >>> tf.random.set_seed(5)
    >>> tf.random.uniform([3], seed=7).numpy()
    array([0.44746375, 0.620757  , 0.25906932], dtype=float32)
    >>> tf.random.uniform([4], maxval=10, dtype=tf.int32, seed=7).numpy()
    array([0, 5, 9, 2], dtype=int32)
    """
    kind_of = checked_dtype(dtype, FLOATS + INTS)
    if kind_of.kind == "i":
        if maxval is None:
            raise ValueError(f"Must specify maxval for integer dtype {dtypes.as_dtype(dtype)!r}")
        low, high = integer_bounds(minval, maxval, kind_of)
        sizes = sizes_of(shape, INTEGERS.name)
        where = place(INTEGERS, seed, math.prod(sizes), kind_of, _index_type(shape))
        return draw(INTEGERS, sizes, kind_of, where, low, high)
    low, high = convert_bounds(minval, 1 if maxval is None else maxval, kind_of)
    sizes = sizes_of(shape, UNIFORM.name)
    where = place(UNIFORM, seed, math.prod(sizes), kind_of, _index_type(shape))
    return between(draw(UNIFORM, sizes, kind_of, where), low, high)


def convert_bounds(minval: TensorLike, maxval: TensorLike, dtype: np.dtype) -> tuple[Any, Any]:
    """The bounds as tensors of the dtype; 0 and 1 are left as they are."""
    wanted = dtypes.from_numpy(dtype)
    return tuple([v if type(v) is int and v in (0, 1) else convert(v, wanted) for v in (minval, maxval)])  # type: ignore


def between(numbers: Tensor, minval: Any, maxval: Any) -> Tensor:
    """Numbers in [0, 1) stretched to [minval, maxval)."""
    if type(minval) is int and type(maxval) is int and (minval, maxval) == (0, 1):
        return numbers
    dtype = numbers._value.dtype
    low, high = convert(minval, hint=dtype), convert(maxval, hint=dtype)
    return add(multiply(numbers, subtract(high, low)), low)


def normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers.

    Args:
        shape: the shape of the result.
        mean: the mean; a tensor that broadcasts with the result, which is differentiable by it.
        stddev: the standard deviation, likewise.
        dtype: float16, bfloat16, float32 or float64.
        seed: starts a sequence of the operation's own; see `tf.random.set_seed`.
        name: unused.

    Returns:
        A tensor with TensorFlow's numbers for the same seeds, up to their last bits.

    Raises:
        TypeError: another dtype.
        ValueError: the mean or the deviation is a tensor of another dtype.
        InvalidArgumentError: a bad shape.

    >>> import tapeflow as tf
    >>> tf.random.set_seed(5)
    >>> tf.random.normal([3], seed=7).numpy().round(4)
    array([-0.8725, -0.9203,  1.5606], dtype=float32)
    """
    return _normal(NORMAL, shape, mean, stddev, dtype, seed)


def truncated_normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Normal numbers of which those more than two standard deviations from the mean are drawn again.

    Args:
        shape: the shape of the result.
        mean: the mean before truncation; a tensor that broadcasts with the result, which is differentiable by it.
        stddev: the standard deviation before truncation, likewise.
        dtype: float16, bfloat16, float32 or float64.
        seed: starts a sequence of the operation's own; see `tf.random.set_seed`.
        name: unused.

    Returns:
        A tensor with TensorFlow's numbers for the same seeds, up to their last bits.

    Raises:
        TypeError: another dtype.
        ValueError: the mean or the deviation is a tensor of another dtype.
        InvalidArgumentError: a bad shape.

    >>> import tapeflow as tf
    >>> bool(tf.reduce_max(tf.abs(tf.random.truncated_normal([100]))) < 2)
    True
    """
    return _normal(TRUNCATED_NORMAL, shape, mean, stddev, dtype, seed)


def _normal(primitive: Primitive, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any) -> Tensor:
    kind_of = normal_dtype(dtype)
    sizes = sizes_of(shape, primitive.name)
    numbers = draw(primitive, sizes, kind_of, place(primitive, seed, math.prod(sizes), kind_of, _index_type(shape)))
    return shifted_normal(numbers, mean, stddev)


def normal_dtype(dtype: Any) -> np.dtype:
    """The NumPy dtype of normal numbers.

    Raises:
        TypeError: it is not a floating one.
    """
    wanted = dtypes.as_dtype(dtype)
    if wanted.name not in FLOATS:
        raise TypeError(f"normal numbers are of dtype {', '.join(FLOATS)}, not {wanted.name}")
    return wanted.numpy


def shifted_normal(numbers: Tensor, mean: TensorLike, stddev: TensorLike) -> Tensor:
    """stddev·numbers + mean."""
    if type(mean) is float and type(stddev) is float and mean == 0 and stddev == 1:
        return numbers
    return scaled(numbers, stddev, mean)


# -- choices ----------------------------------------------------------------------------------------------------


def shuffle(value: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """The rows of a tensor in random order.

    Args:
        value: of any dtype and shape; its first axis is shuffled.
        seed: starts a sequence of the operation's own; see `tf.random.set_seed`.
        name: unused.

    Returns:
        A tensor with the rows in TensorFlow's order for the same seeds.

    >>> import tapeflow as tf
    >>> tf.random.set_seed(5)
    >>> tf.random.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], seed=7).numpy()
    array([0, 2, 9, 4, 5, 6, 3, 7, 8, 1], dtype=int32)
    """
    x = convert(value)
    if not x._value.ndim or x._value.shape[0] < 2:
        return x
    blocks = -(-(x._value.shape[0] - 1) // 4)
    return apply(SHUFFLE, x, place_of_operation((SHUFFLE.name, x._value.dtype), seed, blocks))


def categorical(
    logits: TensorLike, num_samples: Any, dtype: Any = None, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Class numbers, drawn with the probabilities softmax(logits).

    Args:
        logits: floating-point numbers, of shape [batch, classes]: logarithms of probabilities, up to a constant.
        num_samples: how many to draw for each row.
        dtype: int32 or int64, the default.
        seed: starts a sequence of the operation's own; see `tf.random.set_seed`.
        name: unused.

    Returns:
        A tensor of shape [batch, num_samples], with TensorFlow's numbers for the same seeds.

    Raises:
        ValueError: another dtype.
        InvalidArgumentError: `logits` is no matrix or has no classes, or `num_samples` is negative.

    >>> import tapeflow as tf
    >>> tf.random.categorical([[0.0, 1000.0]], 5).numpy()
    array([[1, 1, 1, 1, 1]])
    """
    x, samples, wanted = categorical_arguments(logits, num_samples, dtypes.int64 if dtype is None else dtype)
    # As many blocks as a batch of rows padded to whole blocks of doubles would need.
    blocks = x._value.shape[0] * (-(-samples // 4)) * 4 * 2 * BLOCKS_PER_NUMBER
    where = place_of_operation((CATEGORICAL.name, x._value.dtype, wanted), seed, blocks)
    return apply(CATEGORICAL, x, where, samples=samples, dtype=wanted)


def categorical_arguments(logits: TensorLike, num_samples: Any, dtype: Any) -> tuple[Tensor, int, np.dtype]:
    """The arguments of a draw between categories, checked."""
    wanted = checked_dtype(dtype, INTS)
    x, samples = convert(logits), read_integer(num_samples, "num_samples")
    if x._value.ndim != 2:
        raise invalid(CATEGORICAL.name, f"logits should be a matrix, got shape {brackets(x._value)}")
    if kind(x._value.dtype) != "f":
        raise NotFoundError(
            None, None, f"Could not find device for node Multinomial: logits are {x.dtype.name}, and must be floating"
        )
    if samples < 0:
        raise invalid(CATEGORICAL.name, f"num_samples should be non-negative, got {samples}")
    if not x._value.shape[1]:
        raise invalid(CATEGORICAL.name, "num_classes should be positive, got 0")
    return x, samples, wanted


# -- gamma and Poisson --------------------------------------------------------------------------------------------


def gamma(
    shape: ShapeLike,
    alpha: TensorLike,
    beta: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Gamma numbers of shape `alpha` and rate `beta`.

    They are reproducible, but not TensorFlow's numbers. The result is differentiable by both.

    Args:
        shape: how many to draw for each pair of parameters.
        alpha: the shape parameter, of any shape.
        beta: the rate, which broadcasts with `alpha`; 1 by default.
        dtype: float16, float32 or float64.
        seed: starts a sequence of the operation's own; see `tf.random.set_seed`.
        name: unused.

    Returns:
        A tensor of shape [*shape, *(the shape that alpha and beta broadcast to)]; NaN where `alpha` is negative.

    Raises:
        TypeError: another dtype.
        InvalidArgumentError: a bad shape, or parameters that do not broadcast.

    >>> import tapeflow as tf
    >>> tf.random.gamma([2], [0.5, 1.5, 3.0]).shape
    TensorShape([2, 3])
    """
    wanted = dtypes.from_numpy(normal_dtype(dtype))
    a = convert(alpha, wanted)
    b = convert(1, wanted) if beta is None else convert(beta, wanted)
    sizes = sizes_of(shape, GAMMA.name)
    full = (*sizes, *np.broadcast_shapes(a._value.shape, b._value.shape))
    numbers = gamma_numbers(broadcast_to_shape(a, full), place(GAMMA, seed, math.prod(full), wanted.numpy))
    return maximum(convert(np.finfo(np.float32).tiny, hint=wanted.numpy), realdiv(numbers, b))


def gamma_numbers(alpha: Tensor, where: Tensor) -> Tensor:
    """Gamma numbers of rate 1, one for each alpha."""
    return apply(GAMMA, alpha, where)


def poisson(
    shape: ShapeLike, lam: TensorLike, dtype: Any = dtypes.float32, seed: int | None = None, name: str | None = None
) -> Tensor:
    """Poisson numbers of mean `lam`.

    They are reproducible, but not TensorFlow's numbers.

    Args:
        shape: how many to draw for each mean.
        lam: the means, of any shape.
        dtype: float16, float32, float64, int32 or int64.
        seed: starts a sequence of the operation's own; see `tf.random.set_seed`.
        name: unused.

    Returns:
        A tensor of shape [*shape, *lam.shape].

    Raises:
        ValueError: another dtype.
        InvalidArgumentError: a bad shape.

    >>> import tapeflow as tf
    >>> tf.random.poisson([2], [0.0, 0.0, 0.0]).numpy()
    array([[0., 0., 0.],
           [0., 0., 0.]], dtype=float32)
    """
    wanted = checked_dtype(dtype, (*FLOATS, *INTS))
    rate = convert(lam, hint=np.dtype("float32"))
    if kind(rate._value.dtype) != "f":
        rate = cast(rate, dtypes.float32)
    sizes = (*sizes_of(shape, POISSON.name), *rate._value.shape)
    where = place(POISSON, seed, math.prod(sizes), rate._value.dtype, wanted)
    return apply(POISSON, broadcast_to_shape(rate, sizes), where, dtype=wanted)
