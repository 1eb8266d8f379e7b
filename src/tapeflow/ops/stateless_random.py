"""Random numbers that are a function of a seed of two integers: the same seed gives the same numbers, always and everywhere."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.errors import UnimplementedError
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import invalid
from tapeflow.ops.joining import stack
from tapeflow.ops.random import (
    FLOATS,
    INTS,
    between,
    categorical_arguments,
    checked_dtype,
    convert_bounds,
    integer_bounds,
    normal_dtype,
    shifted_normal,
    sizes_of,
)
from tapeflow.ops.sampling import (
    CATEGORICAL,
    FULL_INTEGERS,
    INTEGERS,
    NORMAL,
    SHUFFLE,
    TRUNCATED_NORMAL,
    UNIFORM,
    draw,
)
from tapeflow.ops.seeds import place_of_seed
from tapeflow.ops.shape_arguments import ShapeLike, read_integer

__all__ = [
    "Algorithm",
    "stateless_categorical",
    "stateless_fold_in",
    "stateless_normal",
    "stateless_shuffle",
    "stateless_split",
    "stateless_truncated_normal",
    "stateless_uniform",
]

UNSIGNED = ("uint32", "uint64")
FLOAT32 = np.dtype("float32")

# -- algorithms ---------------------------------------------------------------------------------------------


class Algorithm(enum.Enum):
    """What random numbers can be made by."""

    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


def algorithm_of(alg: Any) -> Algorithm:
    """The algorithm that a name, a number or a member of `Algorithm` stands for; Philox where the choice is ours.

    Raises:
        ValueError: there is no such algorithm.
    """
    if isinstance(alg, str):
        named = {"philox": Algorithm.PHILOX, "threefry": Algorithm.THREEFRY, "auto_select": Algorithm.PHILOX}
        if alg not in named:
            raise ValueError(
                f"Argument `alg` got unsupported value {alg}. Supported values are philox for the Philox algorithm, threefry "
                "for the ThreeFry algorithm, and auto_select for auto-selection."
            )
        return named[alg]
    try:
        chosen = alg if isinstance(alg, Algorithm) else Algorithm(read_integer(alg, "alg"))
    except ValueError:
        raise ValueError(
            f"Argument `alg` got unsupported value {alg}; use one of {', '.join(Algorithm.__members__)}"
        ) from None
    return Algorithm.PHILOX if chosen == Algorithm.AUTO_SELECT else chosen


def only_philox(alg: Any) -> None:
    """Refuses what has no implementation.

    Raises:
        UnimplementedError: another algorithm than Philox.
    """
    if algorithm_of(alg) != Algorithm.PHILOX:
        raise UnimplementedError(None, None, "the ThreeFry algorithm is not supported: use alg='philox' or 'auto_select'")


# -- uniform and normal -----------------------------------------------------------------------------------------


def stateless_uniform(
    shape: ShapeLike,
    seed: TensorLike,
    minval: TensorLike | None = 0,
    maxval: TensorLike | None = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """Uniform numbers from `minval` up to, but not including, `maxval`.

    Args:
        shape: the shape of the result.
        seed: two integers.
        minval: the lower bound; None, with `maxval` None, for all integers of the dtype.
        maxval: the upper bound; 1 by default for floats.
        dtype: a floating one, int32, int64, or, without bounds, uint32 or uint64.
        name: unused.
        alg: "philox" or "auto_select".

    Returns:
        A tensor with TensorFlow's numbers for the same seed.

    Raises:
        ValueError: another dtype, or only one of the bounds of integers.
        InvalidArgumentError: a bad shape or seed, or bounds of integers that leave nothing between them.

    >>> import tapeflow as tf
    >>> tf.random.stateless_uniform([3], seed=[1, 2]).numpy()
    array([0.8440604 , 0.19204533, 0.9962232 ], dtype=float32)
    """
    only_philox(alg)
    wanted = checked_dtype(dtype, FLOATS + INTS + UNSIGNED)
    where = place_of_seed(seed)
    if wanted.kind in "iu":
        if (minval is None) != (maxval is None):
            raise ValueError(
                f"For integer `dtype` argument {dtypes.as_dtype(dtype)!r}, argument `minval` and `maxval` must be both None "
                f"or not None. Got `minval`={minval} and `maxval`={maxval}."
            )
        return integers(sizes_of(shape, INTEGERS.name), minval, maxval, wanted, lambda count: where)
    low, high = convert_bounds(minval, 1 if maxval is None else maxval, wanted)
    return between(draw(UNIFORM, sizes_of(shape, UNIFORM.name), wanted, where), low, high)


def integers(sizes: tuple[int, ...], minval: Any, maxval: Any, dtype: np.dtype, where: Callable[[int], Tensor]) -> Tensor:
    """Integers between bounds, or, without bounds, all that the dtype has.

    `where` tells, once the arguments are found right, from where to draw so many.
    """
    if minval is None:
        return draw(FULL_INTEGERS, sizes, dtype, where(math.prod(sizes)))
    if dtype.kind == "u":
        raise ValueError(
            f"Argument `dtype` got invalid value {dtypes.from_numpy(dtype)!r} when argument `minval` is not None. Please "
            "don't use unsigned integers in this case."
        )
    low, high = integer_bounds(minval, maxval, dtype)
    return draw(INTEGERS, sizes, dtype, where(math.prod(sizes)), low, high)


def stateless_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """Normal numbers.

    Args:
        shape: the shape of the result.
        seed: two integers.
        mean: the mean; a tensor that broadcasts with the result, which is differentiable by it.
        stddev: the standard deviation, likewise.
        dtype: float16, bfloat16, float32 or float64.
        name: unused.
        alg: "philox" or "auto_select".

    Returns:
        A tensor with TensorFlow's numbers for the same seed, up to their last bits.

    Raises:
        TypeError: another dtype.
        InvalidArgumentError: a bad shape or seed.

    >>> import tapeflow as tf
    >>> tf.random.stateless_normal([3], seed=[1, 2]).numpy().round(4)
    array([0.5441, 0.2074, 0.0736], dtype=float32)
    """
    only_philox(alg)
    numbers = draw(NORMAL, sizes_of(shape, NORMAL.name), normal_dtype(dtype), place_of_seed(seed))
    return shifted_normal(numbers, mean, stddev)


def stateless_truncated_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Tensor:
    """Normal numbers of which those more than two standard deviations from the mean are drawn again.

    Args:
        shape: the shape of the result.
        seed: two integers.
        mean: the mean before truncation; a tensor that broadcasts with the result, which is differentiable by it.
        stddev: the standard deviation before truncation, likewise.
        dtype: float16, bfloat16, float32 or float64.
        name: unused.
        alg: "philox" or "auto_select".

    Returns:
        A tensor with TensorFlow's numbers for the same seed, up to their last bits.

    Raises:
        TypeError: another dtype.
        InvalidArgumentError: a bad shape or seed.

    >>> import tapeflow as tf
    >>> tf.random.stateless_truncated_normal([3], seed=[1, 2]).numpy().round(4)
    array([0.5441, 0.2074, 0.0736], dtype=float32)
    """
    only_philox(alg)
    numbers = draw(TRUNCATED_NORMAL, sizes_of(shape, TRUNCATED_NORMAL.name), normal_dtype(dtype), place_of_seed(seed))
    return shifted_normal(numbers, mean, stddev)


# -- choices ------------------------------------------------------------------------------------------------------


def stateless_categorical(
    logits: TensorLike, num_samples: Any, seed: TensorLike, dtype: Any = dtypes.int64, name: str | None = None
) -> Tensor:
    """Class numbers, drawn with the probabilities softmax(logits).

    Args:
        logits: floating-point numbers, of shape [batch, classes]: logarithms of probabilities, up to a constant.
        num_samples: how many to draw for each row.
        seed: two integers.
        dtype: int32 or int64.
        name: unused.

    Returns:
        A tensor of shape [batch, num_samples], with TensorFlow's numbers for the same seed.

    Raises:
        ValueError: another dtype.
        InvalidArgumentError: a bad seed, `logits` is no matrix or has no classes, or `num_samples` is negative.

    >>> import tapeflow as tf
    >>> tf.random.stateless_categorical([[1.0, 2.0, 3.0]], 5, seed=[1, 2]).numpy()
    array([[2, 2, 1, 2, 2]])
    """
    x, samples, wanted = categorical_arguments(logits, num_samples, dtype)
    return apply(CATEGORICAL, x, place_of_seed(seed), samples=samples, dtype=wanted)


def stateless_shuffle(value: TensorLike, seed: TensorLike, alg: Any = "auto_select", name: str | None = None) -> Tensor:
    """The rows of a tensor in random order.

    Args:
        value: of any dtype and shape; its first axis is shuffled.
        seed: two integers.
        alg: "philox" or "auto_select".
        name: unused.

    Returns:
        A tensor with the rows in TensorFlow's order for the same seed.

    >>> import tapeflow as tf
    >>> tf.random.experimental.stateless_shuffle([0, 1, 2, 3, 4], seed=[1, 2]).numpy()
    array([0, 2, 1, 4, 3], dtype=int32)
    """
    only_philox(alg)
    x = convert(value)
    where = place_of_seed(seed)
    if not x._value.ndim or x._value.shape[0] < 2:
        return x
    return apply(SHUFFLE, x, where)


# -- seeds from seeds ----------------------------------------------------------------------------------------------


def stateless_split(seed: TensorLike, num: Any = 2, alg: Any = "auto_select") -> Tensor:
    """Several seeds from one.

    Args:
        seed: two integers.
        num: how many.
        alg: "philox" or "auto_select".

    Returns:
        A tensor of shape [num, 2] and the dtype of `seed`.

    >>> import tapeflow as tf
    >>> tf.random.split([1, 2], 2).numpy()
    array([[1105988140, 1738052849],
           [-335576002,  370444179]], dtype=int32)
    """
    only_philox(alg)
    given = convert(seed)
    sizes = sizes_of([read_integer(num, "num"), 2], FULL_INTEGERS.name)
    where = place_of_seed(given)
    return draw(FULL_INTEGERS, sizes, given._value.dtype, where)


def stateless_fold_in(seed: TensorLike, data: TensorLike, alg: Any = "auto_select") -> Tensor:
    """A seed that depends on another seed and on a number, such as that of a step.

    Args:
        seed: two integers.
        data: an int32 or int64 scalar.
        alg: "philox" or "auto_select".

    Returns:
        Two integers of the dtype of `data`.

    >>> import tapeflow as tf
    >>> tf.random.fold_in([1, 2], 5).numpy()
    array([1105988140,          5], dtype=int32)
    """
    only_philox(alg)
    number = convert(data)
    if number._value.ndim or number._value.dtype.kind not in "iu":
        raise invalid("Pack", f"`data` must be one integer, got {data!r}")
    return stack([draw(FULL_INTEGERS, (), number._value.dtype, place_of_seed(seed)), number])
