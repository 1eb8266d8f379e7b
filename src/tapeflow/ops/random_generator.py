"""`tf.random.Generator`: a random stream as an object, whose place in it is a variable."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from tapeflow.core import dtypes
from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.core.variable import Variable
from tapeflow.ops.arguments import invalid
from tapeflow.ops.casting import cast
from tapeflow.ops.creation import zeros_like
from tapeflow.ops.joining import concat, stack
from tapeflow.ops.philox import MASK64, MASK128, key_and_counter, place_at
from tapeflow.ops.random import (
    FLOATS,
    INTS,
    between,
    checked_dtype,
    convert_bounds,
    normal_dtype,
    shifted_normal,
    sizes_of,
)
from tapeflow.ops.sampling import FULL_INTEGERS, NORMAL, TRUNCATED_NORMAL, UNIFORM, draw
from tapeflow.ops.seeds import BLOCKS_PER_NUMBER
from tapeflow.ops.shape_arguments import ShapeLike, read_integer
from tapeflow.ops.shaping import reshape
from tapeflow.ops.stateless_distributions import binomial_numbers
from tapeflow.ops.stateless_random import UNSIGNED, Algorithm, algorithm_of, integers, only_philox

__all__ = ["Generator", "create_rng_state", "get_global_generator", "set_global_generator"]

STATE_SIZE = 3  # the two halves of the counter, and the key
INT64 = np.dtype("int64")

# -- states --------------------------------------------------------------------------------------------------


def create_rng_state(seed: TensorLike, alg: Any) -> Tensor:
    """The state of a generator that starts with a seed.

    Args:
        seed: an integer of any size, or a vector of integers.
        alg: the algorithm: "philox", or a member of `tf.random.Algorithm`.

    Returns:
        Three int64: the lower and the upper half of the counter, and the key.

    >>> import tapeflow as tf
    >>> tf.random.create_rng_state(1, "philox").numpy()
    array([1, 0, 0])
    """
    only_philox(alg)
    if isinstance(seed, SymbolicTensor):
        return _state_from_symbol(seed)
    return Tensor(_state_from(seed))


def _state_from_symbol(seed: Tensor) -> Tensor:
    if seed._value.dtype.kind not in "iu" or seed._value.ndim > 1:
        raise ValueError(f"a seed is an integer or a vector of integers, got {seed!r}")
    parts = reshape(cast(seed, dtypes.int64), [-1])
    return concat([np.zeros(max(STATE_SIZE - seed._value.size, 0), np.int64), parts[:STATE_SIZE]], 0)


def _state_from(seed: Any) -> np.ndarray:
    if isinstance(seed, float):
        seed = int(seed)
    if isinstance(seed, int):
        return np.array([_signed(seed >> 64 * i) for i in range(STATE_SIZE)], np.int64)
    value = np.asarray(convert(seed)._value)
    if value.dtype.kind not in "iu" or value.ndim > 1:
        raise ValueError(f"a seed is an integer or a vector of integers, got {seed!r}")
    parts = value.reshape(-1).astype(np.int64)[:STATE_SIZE]
    return np.concatenate([np.zeros(STATE_SIZE - len(parts), np.int64), parts])


def _signed(value: int) -> int:
    """The low 64 bits, as a signed integer."""
    value &= MASK64
    return value - 2**64 if value >> 63 else value


def _skip(state, count):  # type: ignore[no-untyped-def]
    key, counter = key_and_counter(state)
    return place_at(key, counter + int(count) * BLOCKS_PER_NUMBER & MASK128)


SKIP = Primitive("RngSkip", _skip, shape=lambda state, count: state)

# -- the generator ---------------------------------------------------------------------------------------------


class Generator:
    """A random stream with a place in it that moves on with every number drawn.

    Its numbers are TensorFlow's for the same state, except `binomial`; normal ones up to their last bits.

    Args:
        copy_from: another generator, whose state and algorithm the new one starts with.
        state: otherwise the state, three integers.
        alg: and the algorithm, "philox".

    Raises:
        ValueError: neither or both are given, or a state of another size.
        UnimplementedError: another algorithm.

    >>> import tapeflow as tf
    >>> g = tf.random.Generator.from_seed(3)
    >>> a, b = g.uniform([2]), g.uniform([2])
    >>> h = tf.random.Generator.from_seed(3)
    >>> bool(tf.reduce_all(h.uniform([2]) == a)), bool(tf.reduce_all(a == b))
    (True, False)
    """

    def __init__(self, copy_from: Generator | None = None, state: TensorLike | None = None, alg: Any = None) -> None:
        if (copy_from is None) == (state is None) or (state is None) != (alg is None):
            raise ValueError("give either a generator to copy, or a state and an algorithm; or use Generator.from_seed")
        if copy_from is not None:
            state, alg = copy_from._state.read_value(), copy_from._algorithm
        self._algorithm = algorithm_of(alg)
        only_philox(self._algorithm)
        self._state = Variable(_checked_state(state), trainable=False, name="StateVar", dtype=dtypes.int64)

    # -- made of --------------------------------------------------------------------------------------------

    @classmethod
    def from_seed(cls, seed: TensorLike, alg: Any = None) -> Generator:
        """A generator that starts with a seed, an integer of any size or a vector of integers.

        >>> import tapeflow as tf
        >>> tf.random.Generator.from_seed(1).state.numpy()
        array([1, 0, 0])
        """
        alg = Algorithm.PHILOX if alg is None else alg
        return cls(state=create_rng_state(seed, alg), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> Generator:
        """A generator that starts with what the operating system calls random."""
        return cls(state=np.frombuffer(os.urandom(8 * STATE_SIZE), np.int64), alg=Algorithm.PHILOX if alg is None else alg)

    @classmethod
    def from_state(cls, state: TensorLike, alg: Any) -> Generator:
        """A generator that starts with a state, three integers."""
        return cls(state=state, alg=alg)

    @classmethod
    def from_key_counter(cls, key: TensorLike, counter: TensorLike, alg: Any) -> Generator:
        """A generator that starts with a key, an integer, and a counter, two integers."""
        return cls(state=_joined(key, counter), alg=alg)

    # -- what it is -----------------------------------------------------------------------------------------

    @property
    def state(self) -> Variable:
        """The variable that holds the place in the stream."""
        return self._state

    @property
    def algorithm(self) -> int:
        """The number of the algorithm, as in `tf.random.Algorithm`."""
        return self._algorithm.value

    @property
    def key(self) -> Tensor:
        """The key: the part of the state that does not change."""
        return self._state.read_value()[2]

    # -- set and moved -----------------------------------------------------------------------------------------

    def reset(self, state: TensorLike) -> None:
        """Sets the state, three integers."""
        self._state.assign(_checked_state(state))

    def reset_from_seed(self, seed: TensorLike) -> None:
        """Sets the state to that which `from_seed` starts with."""
        self._state.assign(create_rng_state(seed, self._algorithm))

    def reset_from_key_counter(self, key: TensorLike, counter: TensorLike) -> None:
        """Sets the key and the counter."""
        self._state.assign(_checked_state(_joined(key, counter)))

    def skip(self, delta: Any) -> Tensor:
        """Moves on as if `delta` numbers had been drawn; gives the state before."""
        return self._advance(convert(delta, hint=INT64))

    def _advance(self, count: Any) -> Tensor:
        """Moves on by as many blocks as so many numbers may use, and gives the place of before."""
        place = self._state.read_value()
        self._state.assign(apply(SKIP, place, convert(count, hint=INT64)))
        return place

    def split(self, count: Any = 1) -> list[Generator]:
        """Several generators with streams of their own.

        >>> import tapeflow as tf
        >>> a, b = tf.random.Generator.from_seed(3).split(2)
        >>> bool(tf.reduce_all(a.uniform([2]) == b.uniform([2])))
        False
        """
        keys = self.uniform_full_int([read_integer(count, "count")], dtypes.int64)._value
        return [Generator(state=np.array([0, 0, key], np.int64), alg=self._algorithm) for key in keys]

    def make_seeds(self, count: Any = 1) -> Tensor:
        """Seeds for stateless operations: a tensor of shape [2, count], each column a seed."""
        keys = self.uniform_full_int([read_integer(count, "count")], dtypes.int64)
        return stack([keys, zeros_like(keys)])

    # -- numbers -----------------------------------------------------------------------------------------------

    def normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """Normal numbers; as `tf.random.normal`."""
        wanted, sizes = normal_dtype(dtype), sizes_of(shape, NORMAL.name)
        return shifted_normal(draw(NORMAL, sizes, wanted, self._advance(math.prod(sizes))), mean, stddev)

    def truncated_normal(
        self,
        shape: ShapeLike,
        mean: TensorLike = 0.0,
        stddev: TensorLike = 1.0,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """Normal numbers within two standard deviations; as `tf.random.truncated_normal`."""
        wanted, sizes = normal_dtype(dtype), sizes_of(shape, TRUNCATED_NORMAL.name)
        return shifted_normal(draw(TRUNCATED_NORMAL, sizes, wanted, self._advance(math.prod(sizes))), mean, stddev)

    def uniform(
        self,
        shape: ShapeLike,
        minval: TensorLike | None = 0,
        maxval: TensorLike | None = None,
        dtype: Any = dtypes.float32,
        name: str | None = None,
    ) -> Tensor:
        """Uniform numbers; as `tf.random.uniform`. Without both bounds, all integers of an integer dtype."""
        wanted = checked_dtype(dtype, FLOATS + INTS + UNSIGNED)
        sizes = sizes_of(shape, UNIFORM.name)
        if wanted.kind in "iu":
            if (minval is None) != (maxval is None):
                raise ValueError(
                    f"For integer dtype {dtypes.as_dtype(dtype)!r}, minval and maxval must be both `None` or both "
                    f"non-`None`; got minval={minval} and maxval={maxval}"
                )
            return integers(sizes, minval, maxval, wanted, self._advance)
        low, high = convert_bounds(minval, 1 if maxval is None else maxval, wanted)
        return between(draw(UNIFORM, sizes, wanted, self._advance(math.prod(sizes))), low, high)

    def uniform_full_int(self, shape: ShapeLike, dtype: Any = dtypes.uint64, name: str | None = None) -> Tensor:
        """Uniform numbers among all that an integer dtype has: int32, int64, uint32 or uint64."""
        wanted = dtypes.as_dtype(dtype)
        if wanted.name not in INTS + UNSIGNED:
            raise invalid(
                "StatelessRandomUniformFullIntV2",
                f"Value for attr 'dtype' of {wanted.name} is not in the list of allowed values: {', '.join(INTS + UNSIGNED)}",
            )
        sizes = sizes_of(shape, FULL_INTEGERS.name)
        return draw(FULL_INTEGERS, sizes, wanted.numpy, self._advance(math.prod(sizes)))

    def binomial(
        self,
        shape: ShapeLike,
        counts: TensorLike,
        probs: TensorLike,
        dtype: Any = dtypes.int32,
        name: str | None = None,
    ) -> Tensor:
        """How many of `counts` trials succeed; as `tf.random.stateless_binomial`."""
        return binomial_numbers(shape, counts, probs, dtype, self._advance)


def _joined(key: TensorLike, counter: TensorLike) -> Tensor:
    parts = cast(convert(counter), dtypes.int64)
    if parts._value.shape != (2,):
        raise ValueError(f"the counter must be two integers, got shape {parts.shape}")
    return stack([parts[0], parts[1], cast(convert(key), dtypes.int64)])


def _checked_state(state: TensorLike) -> Tensor:
    given = convert(state, hint=INT64)
    value = given._value
    if value.dtype.kind not in "iu" or value.shape != (STATE_SIZE,):
        raise ValueError(f"the state of a generator is {STATE_SIZE} integers, got {value.dtype.name} of shape {value.shape}")
    return cast(given, dtypes.int64)


# -- the global generator ------------------------------------------------------------------------------------------

_global: list[Generator] = []


def get_global_generator() -> Generator:
    """The generator that the program shares; it starts with what the operating system calls random.

    >>> import tapeflow as tf
    >>> tf.random.get_global_generator().normal([2]).shape
    TensorShape([2])
    """
    if not _global:
        _global.append(Generator.from_non_deterministic_state())
    return _global[0]


def set_global_generator(generator: Generator) -> None:
    """Makes a generator the one that `get_global_generator` gives.

    >>> import tapeflow as tf
    >>> tf.random.set_global_generator(tf.random.Generator.from_seed(1))
    >>> tf.random.get_global_generator().state.numpy()
    array([1, 0, 0])
    """
    _global[:] = [generator]
