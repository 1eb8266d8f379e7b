"""Where the numbers of each random operation come from: the global seed, the seeds of operations, and stateless seeds.

A place in a random stream is a tensor of three int64 (`ops.philox`). How seeds become a place, and how far it moves on, is
TensorFlow's way, so that a seeded program meets TensorFlow's numbers. In a function an operation has a sequence of its own: the
seed is settled when the function is traced, and each call moves on in the sequence.
"""

from __future__ import annotations

import os
from _thread import allocate_lock  # `threading` is much to load for one name
from typing import Any

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import ACTIVE, perform, tracing
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arguments import brackets, invalid, wrong_dtype
from tapeflow.ops.philox import MASK64, block, place_at

__all__ = ["global_seed", "place_of_operation", "place_of_seed", "seeds_from_anywhere", "seeds_of_dataset", "set_seed"]

LARGEST = 2**31 - 1
DEFAULT = 87654321  # stands for the global seed where an operation has a seed and the program none
BLOCKS_PER_NUMBER = 256  # what a number may use up, so that rejected attempts do not reach into the next one
SCRAMBLER = 0x3EC8F720 | 0x02461E29 << 32


class _Seeds:
    """The global seed, what it has given to operations without one, and how far operations with one have come."""

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.reset(None)

    def reset(self, seed: Any) -> None:
        self.seed, self.given = seed, None
        self.used: dict[tuple, int] = {}
        self.generation = object()  # another one after each reset: the sequences in functions then start anew
        if seed is not None:
            import random

            self.given = random.Random(seed)


_seeds = _Seeds()


def set_seed(seed: int) -> None:
    """Sets the global seed: from here on every random operation gives the numbers that it gives after this call in any run.

    Operations without a `seed` take theirs from the global one, in the order in which they run. Operations with a `seed` start
    their own sequence anew. `tf.random.Generator` objects and stateless operations do not depend on it.

    Args:
        seed: an integer.

    Raises:
        TypeError: `seed` is not a number.

    >>> import tapeflow as tf
    >>> tf.random.set_seed(5)
    >>> a = tf.random.uniform([3])
    >>> b = tf.random.uniform([3])
    >>> tf.random.set_seed(5)
    >>> bool(tf.reduce_all(tf.random.uniform([3]) == a)), bool(tf.reduce_all(a == b))
    (True, False)
    """
    if hasattr(seed, "__index__"):
        seed = int(seed)
    elif not isinstance(seed, float):
        raise TypeError(f"the global seed must be an integer, got {seed!r}")
    if ACTIVE and (tracer := tracing()) is not None:
        tracer.seed = seed  # of the operations that follow in this function, and of nothing else
        return
    with _seeds.lock:
        _seeds.reset(seed)


def global_seed() -> Any:
    """The seed that the program has set; None if it has not."""
    return _seeds.seed


def place_of_operation(operation: tuple, seed: Any, blocks: int) -> Tensor:
    """The place from which an operation draws, after which its next call will draw `blocks` further on.

    Args:
        operation: what tells apart the operations that have a sequence of their own: name and dtypes.
        seed: the operation's seed, or None.
        blocks: how many blocks this call may use.
    """
    if ACTIVE and (tracer := tracing()) is not None:
        sequence = _Sequence(_pair_in_function(tracer, seed))
        return perform(sequence.take, (convert(blocks, hint=INT64),), ((3,), INT64), assigns=False)
    with _seeds.lock:
        if seed is None:
            if _seeds.given is None:
                return _anywhere()
            pair = _as_seeds(_seeds.seed, _seeds.given.randint(0, LARGEST))
            return _start(pair)
        pair = _as_seeds(DEFAULT if _seeds.seed is None else _seeds.seed, seed)
        start = _seeds.used.get((operation, pair), 0)
        _seeds.used[operation, pair] = start + blocks
    return _start(pair, start)


def seeds_of_dataset(seed: Any) -> tuple[int, int] | None:
    """The two seeds of a dataset whose order is by chance, from the global seed and its own; None if there is neither.

    In a function that is traced they are settled then: each call makes the dataset anew, with the same order.
    """
    if ACTIVE and (tracer := tracing()) is not None:
        return _pair_in_function(tracer, seed)
    with _seeds.lock:
        if seed is not None:
            return _as_seeds(DEFAULT if _seeds.seed is None else _seeds.seed, seed)
        if _seeds.given is not None:
            return _as_seeds(_seeds.seed, _seeds.given.randint(0, LARGEST))
    return None


def seeds_from_anywhere() -> tuple[int, int]:
    """Two seeds that nobody knows before."""
    low, high = np.frombuffer(os.urandom(8), np.uint32).tolist()
    return low, high


def next_seed() -> None:
    """Uses up the seed that an operation without one would have drawn."""
    if ACTIVE and (tracer := tracing()) is not None:
        _pair_in_function(tracer, None)
        return
    with _seeds.lock:
        if _seeds.given is not None:
            _seeds.given.randint(0, LARGEST)


INT64 = np.dtype("int64")


def _anywhere() -> Tensor:
    return Tensor(np.frombuffer(os.urandom(24), INT64))


def _start(pair: tuple[int, int], blocks: int = 0) -> Tensor:
    return Tensor(place_at(pair[0], (pair[1] << 64) + blocks))


# -- in functions ------------------------------------------------------------------------------------------


def _pair_in_function(tracer: Any, seed: Any) -> tuple[int, int] | None:
    """The seeds of an operation in a function: those without a seed of their own are numbered, block by block."""
    if seed is None and tracer.seed is not None:
        seed = tracer.block.seeds
        tracer.block.seeds += 1
    if seed is None:
        return None
    return _as_seeds(DEFAULT if tracer.seed is None else tracer.seed, seed)


class _Sequence:
    """The sequence of one operation in a function, over all calls of the function."""

    def __init__(self, pair: tuple[int, int] | None) -> None:
        self.pair = pair
        self.used, self.generation = 0, _seeds.generation

    def take(self, blocks: Tensor) -> Tensor:
        """The place where the operation draws now, after which its next call will draw so many blocks further on."""
        if self.pair is None:
            return _anywhere()
        with _seeds.lock:
            if self.generation is not _seeds.generation:
                self.used, self.generation = 0, _seeds.generation
            used = self.used
            self.used += int(blocks)
        return _start(self.pair, used)


# -- seeds of stateless operations --------------------------------------------------------------------------


def _as_seeds(global_seed: Any, seed: Any) -> tuple[int, int]:
    if not hasattr(seed, "__index__") and not isinstance(seed, float):
        raise TypeError(f"`seed` must be an integer, got {seed!r}")
    pair = int(global_seed) % LARGEST, int(seed) % LARGEST
    return pair if any(pair) else (0, LARGEST)


def _scrambled(seed):  # type: ignore[no-untyped-def]
    low, high = (int(part) & MASK64 for part in seed)
    a, b, c, d = block(SCRAMBLER, low | high << 64)
    return place_at(a | b << 32, (c | d << 32) << 64)


GET_PLACE = Primitive("StatelessRandomGetKeyCounter", _scrambled)


def place_of_seed(seed: TensorLike) -> Tensor:
    """The place that a stateless seed, two integers, stands for: scrambled, so that near seeds give unlike numbers.

    Raises:
        InvalidArgumentError: `seed` is not a vector of two integers.
    """
    x = convert(seed)
    value = x._value
    if value.dtype.kind not in "iu":
        raise wrong_dtype(
            GET_PLACE.name,
            f"Value for attr 'Tseed' of {value.dtype.name} is not in the list of allowed values: int32, int64",
        )
    if value.shape != (2,):
        raise invalid(GET_PLACE.name, f"seed must have shape [2], not {brackets(value)}")
    return apply(GET_PLACE, x)
