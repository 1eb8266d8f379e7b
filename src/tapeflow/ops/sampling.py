"""From the words of a random stream to numbers of a distribution: the kernels behind all random operations.

Uniform numbers, shuffles and choices between categories are TensorFlow's to the last bit. Normal ones come from the same
uniform ones by the same formula, and differ in the last bits at most, where the system's mathematical library computes a
logarithm or a sine in another way. Gamma, Poisson and binomial numbers are drawn by NumPy's Philox generator, which starts from
the same key and counter: they are reproducible, and other numbers than TensorFlow's.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import multiply
from tapeflow.ops.gamma_functions import quantile_slope
from tapeflow.ops.philox import CHUNK, MASK128, blocks, blocks_at, key_and_counter, words

__all__ = ["draw", "numpy_generator"]

FLOAT32, FLOAT64 = np.dtype("float32"), np.dtype("float64")
U16, U32, U64 = np.uint16, np.uint32, np.uint64
SMALLEST = 1e-7  # what the logarithm of the Box-Muller transform is taken of, at least

# -- uniform -----------------------------------------------------------------------------------------------


def _in_chunks(convert: Callable, per_block: int, count: int, dtype: np.dtype, key: int, counter: int) -> np.ndarray:
    """`count` numbers, of which `convert` makes `per_block` from each block."""
    total = -(-count // per_block)
    out = np.empty(total * per_block, dtype)
    for start in range(0, total, CHUNK):
        size = min(CHUNK, total - start)
        out[start * per_block : (start + size) * per_block] = convert(blocks(key, (counter + start) & MASK128, size))
    return out[:count]


def as_fractions32(bits: np.ndarray) -> np.ndarray:
    """Words as float32 in [0, 1): 23 bits become the fraction of a number in [1, 2), less 1."""
    numbers = ((bits & U32(0x7FFFFF)) | U32(0x3F800000)).view(FLOAT32)
    numbers -= FLOAT32.type(1)
    return numbers.reshape(-1)


def as_words64(bits: np.ndarray, low: int = 0) -> np.ndarray:
    """Pairs of words as uint64; `low` tells which of them is the lower half."""
    pairs = bits.reshape(-1, 2)
    whole = pairs[:, 1 - low].astype(U64)
    whole <<= U64(32)
    whole |= pairs[:, low]
    return whole


def as_fractions64(bits: np.ndarray) -> np.ndarray:
    """Pairs of words as float64 in [0, 1): 52 bits become the fraction of a number in [1, 2), less 1."""
    whole = as_words64(bits, low=1)
    whole &= U64(2**52 - 1)
    whole |= U64(0x3FF << 52)
    numbers = whole.view(FLOAT64)
    numbers -= 1
    return numbers


def _as_fractions(dtype: np.dtype) -> tuple[Callable, int]:
    if dtype == FLOAT32:
        return as_fractions32, 4
    if dtype == FLOAT64:
        return as_fractions64, 2
    # One, in the bits of float16 and of bfloat16, and how many bits the fraction has.
    one, mantissa = (0x3C00, 0x3FF) if dtype.kind == "f" else (0x3F80, 0x7F)
    return lambda bits: ((bits & U32(mantissa)) | U32(one)).astype(U16).view(dtype).reshape(-1) - dtype.type(1), 4


def _uniform(*, count, dtype, key, counter):
    convert, per_block = _as_fractions(dtype)
    return _in_chunks(convert, per_block, count, dtype, key, counter)


def _full_integers(*, count, dtype, key, counter):
    if dtype.itemsize == 4:
        return words(key, counter, count).view(dtype)
    return as_words64(words(key, counter, 2 * count)).view(dtype)


def _integers(low, high, *, count, dtype, key, counter):
    low, high = int(low), int(high)
    if low >= high:
        raise ValueError(f"Need minval < maxval, got {low} >= {high}")
    unsigned = np.dtype(f"u{dtype.itemsize}")
    numbers = _full_integers(count=count, dtype=unsigned, key=key, counter=counter)
    numbers %= unsigned.type(high - low)
    numbers += unsigned.type(low % 2 ** (8 * dtype.itemsize))  # wraps around, which is what two's complement wants
    return numbers.view(dtype)


# -- normal --------------------------------------------------------------------------------------------------


def _box_muller(u: np.ndarray) -> np.ndarray:
    """Pairs of uniform numbers as pairs of normal ones.

    From Box and Muller, "A note on the generation of random normal deviates" (1958). float32 numbers are computed in float64
    and rounded after each step, which is what the mathematical library of C gives nearly always.
    """
    dtype = u.dtype
    out = np.empty((len(u) // 2, 2), dtype)
    radius = np.log(np.maximum(u[0::2], dtype.type(SMALLEST)), dtype=FLOAT64).astype(dtype, copy=False)
    radius *= dtype.type(-2)
    np.sqrt(radius, out=radius)
    angle = np.multiply(u[1::2], 2 * math.pi, dtype=FLOAT64).astype(dtype, copy=False)
    out[:, 0], out[:, 1] = np.sin(angle, dtype=FLOAT64), np.cos(angle, dtype=FLOAT64)
    out *= radius[:, np.newaxis]
    return out.reshape(-1)


def _normals(dtype: np.dtype) -> tuple[Callable, int]:
    if dtype == FLOAT64:
        return lambda bits: _box_muller(as_fractions64(bits)), 2
    return lambda bits: _box_muller(as_fractions32(bits)), 4


def _normal(*, count, dtype, key, counter):
    convert, per_block = _normals(dtype)
    return _in_chunks(convert, per_block, count, dtype, key, counter)


def _truncated_normal(*, count, dtype, key, counter):
    # Numbers come in groups of so many as a block gives; each group has 64 blocks for every one of them. Those beyond 2 are
    # left out, and the next ones of the group's blocks are taken.
    convert, group = _normals(dtype)
    out = np.empty((-(-count // group), group), FLOAT64 if dtype == FLOAT64 else FLOAT32)
    for start in range(0, len(out), CHUNK):
        part = out[start : start + CHUNK]
        _fill_groups(part, convert, key, (counter + start * 64 * group) & MASK128)
    return out.reshape(-1)[:count].astype(dtype, copy=False)


def _fill_groups(out: np.ndarray, convert: Callable, key: int, counter: int) -> None:
    group = out.shape[1]
    unfilled, tried = np.arange(len(out), dtype=U64), 1  # five groups of six are filled by their first block
    while len(unfilled):
        offsets = unfilled[:, np.newaxis] * U64(64 * group) + np.arange(tried, dtype=U64)
        numbers = convert(blocks_at(key, counter, offsets.reshape(-1))).reshape(len(unfilled), -1)
        inside = np.abs(numbers) < 2
        if tried == 1:
            full = inside.all(1)
            out[unfilled[full]] = numbers[full]
        else:
            place = np.cumsum(inside, 1)
            full = place[:, -1] >= group
            inside &= place <= group
            inside &= full[:, np.newaxis]
            out[unfilled[full]] = numbers[inside].reshape(-1, group)
        unfilled, tried = unfilled[~full], 2 * tried


def _normal_between(means, stddevs, minvals, maxvals, *, key, counter):
    # By the inverse of the distribution function, of logarithms and below the mean, so that far tails keep their digits.
    from scipy.special import log_ndtr, ndtri_exp

    if np.any(minvals >= maxvals) or np.any(stddevs <= 0):
        raise ValueError("Invalid parameters: minvals must be below maxvals, and stddevs positive")
    dtype = means.dtype
    u = _uniform(count=means.size, dtype=FLOAT64, key=key, counter=counter).reshape(means.shape)
    mean, deviation = means.astype(FLOAT64), stddevs.astype(FLOAT64)
    low, high = (minvals - mean) / deviation, (maxvals - mean) / deviation
    flip = low > 0
    a, b = log_ndtr(np.where(flip, -high, low)), log_ndtr(np.where(flip, -low, high))
    z = ndtri_exp(b + np.log(u + (1 - u) * np.exp(a - b)))
    z = np.where(flip, -z, z)
    return np.clip(mean + deviation * np.clip(z, low, high), minvals, maxvals).astype(dtype)


# -- choices -----------------------------------------------------------------------------------------------------


def permutation(n: int, key: int, counter: int) -> list[int]:
    """The numbers below n in random order (Durstenfeld, "Algorithm 235: random permutation", 1964)."""
    order = list(range(n))
    steps = np.arange(max(n - 1, 0))
    partners = words(key, counter, len(steps)) % (n - steps) + steps
    for i, j in enumerate(partners.tolist()):
        order[i], order[j] = order[j], order[i]
    return order


def _shuffle(value, *, key, counter):
    return value[permutation(len(value), key, counter)]


def _categorical(logits, *, samples, dtype, key, counter):
    rows = len(logits)
    finite = np.isfinite(logits)
    highest = np.max(np.where(finite, logits, np.finfo(FLOAT32).min), 1, keepdims=True).astype(FLOAT64)
    weights = np.cumsum(np.where(finite, np.exp(logits.astype(FLOAT64) - highest), 0), 1)
    u = as_fractions64(words(key, counter, 2 * rows * samples)).reshape(rows, samples)
    out = np.empty((rows, samples), dtype)
    for row in range(rows):
        out[row] = np.searchsorted(weights[row], u[row] * weights[row, -1], side="right")
    return out


# -- by NumPy ------------------------------------------------------------------------------------------------------


def numpy_generator(key: int, counter: int) -> np.random.Generator:
    """NumPy's generator at a place of a stream."""
    return np.random.Generator(np.random.Philox(key=key, counter=counter << 64))


def _gamma(alpha, *, key, counter):
    generator = numpy_generator(key, counter)
    numbers = generator.standard_gamma(np.where(alpha >= 0, alpha, 1).astype(FLOAT64))
    return np.where(alpha >= 0, numbers, np.nan).astype(alpha.dtype)


def _poisson(rate, *, dtype, key, counter):
    generator = numpy_generator(key, counter)
    return np.asarray(generator.poisson(np.maximum(rate, 0).astype(FLOAT64))).astype(dtype)


def _binomial(counts, probs, *, dtype, key, counter):
    generator = numpy_generator(key, counter)
    number = np.maximum(counts, 0).astype(np.int64)
    return np.asarray(generator.binomial(number, np.clip(probs, 0, 1).astype(FLOAT64))).astype(dtype)


# -- primitives ------------------------------------------------------------------------------------------------------

# The last input of each is the place of the stream that it draws from, as a tensor; the kernels above take its key and counter.


def _from_place(kernel: Callable) -> Callable:
    def drawn(*inputs, **attributes):
        key, counter = key_and_counter(inputs[-1])
        return kernel(*inputs[:-1], key=key, counter=counter, **attributes)

    return drawn


def _filling(kernel: Callable) -> Callable:
    """The same, of a kernel that gives a vector of numbers, which are to fill a shape."""

    def drawn(*inputs, shape, dtype):
        key, counter = key_and_counter(inputs[-1])
        flat = kernel(*inputs[:-1], count=math.prod(shape), dtype=dtype, key=key, counter=counter)
        return flat.reshape(shape) if shape else flat[0]

    return drawn


def _as_asked(*inputs: tuple[int, ...], shape: tuple[int, ...], dtype: np.dtype) -> tuple[int, ...]:
    return shape


def _filler(name: str, kernel: Callable, *inputs: str) -> Primitive:
    return Primitive(name, _filling(kernel), inputs=(*inputs, "place"), shape=_as_asked)


UNIFORM = _filler("RandomUniform", _uniform)
INTEGERS = _filler("RandomUniformInt", _integers, "low", "high")
FULL_INTEGERS = _filler("RandomUniformFullInt", _full_integers)
NORMAL = _filler("RandomStandardNormal", _normal)
TRUNCATED_NORMAL = _filler("TruncatedNormal", _truncated_normal)
NORMAL_BETWEEN = Primitive(
    "ParameterizedTruncatedNormal",
    _from_place(_normal_between),
    inputs=("means", "stddevs", "minvals", "maxvals", "place"),
    shape=lambda means, *_: means,
)
SHUFFLE = Primitive("RandomShuffle", _from_place(_shuffle), inputs=("value", "place"), shape=lambda value, place: value)
CATEGORICAL = Primitive(
    "Multinomial",
    _from_place(_categorical),
    inputs=("logits", "place"),
    shape=lambda logits, place, *, samples, dtype: (logits[0], samples),
)
POISSON = Primitive(
    "RandomPoissonV2", _from_place(_poisson), inputs=("rate", "place"), shape=lambda rate, place, *, dtype: rate
)
BINOMIAL = Primitive(
    "StatelessRandomBinomial",
    _from_place(_binomial),
    inputs=("counts", "probs", "place"),
    shape=lambda counts, probs, place, *, dtype: counts,
)
GAMMA = Primitive(
    "RandomGamma",
    _from_place(_gamma),
    (lambda dy, alpha, out: multiply(dy, quantile_slope(alpha, out)), None),
    inputs=("alpha", "place"),
    shape=lambda alpha, place: alpha,
)


def draw(primitive: Primitive, shape: tuple[int, ...], dtype: np.dtype, place: Tensor, *parameters: Tensor) -> Tensor:
    """A tensor of numbers drawn by a primitive from a place of a stream on."""
    return apply(primitive, *parameters, place, shape=shape, dtype=dtype)
