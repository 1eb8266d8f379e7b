"""Where the numbers of each random operation come from: the global seed, the seeds of operations, and stateless seeds.

A place in a random stream is a pair (key, counter) of `ops.philox`. How seeds become such a pair, and how far the counter moves
on, is TensorFlow's way, so that a seeded program meets TensorFlow's numbers.
"""

from __future__ import annotations

import os
from _thread import allocate_lock  # `threading` is much to load for one name
from typing import Any, NamedTuple

import numpy as np

from tapeflow.core.convert import TensorLike, convert
from tapeflow.core.symbolic import untraceable
from tapeflow.ops.arguments import brackets, invalid
from tapeflow.ops.philox import MASK64, block

__all__ = ["Place", "place_of_operation", "place_of_seed", "set_seed"]

LARGEST = 2**31 - 1
DEFAULT = 87654321  # stands for the global seed where an operation has a seed and the program none
BLOCKS_PER_NUMBER = 256  # what a number may use up, so that rejected attempts do not reach into the next one
SCRAMBLER = 0x3EC8F720 | 0x02461E29 << 32


class Place(NamedTuple):
    """A place in a random stream."""

    key: int
    counter: int


class _Seeds:
    """The global seed, what it has given to operations without one, and how far operations with one have come."""

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.reset(None)

    def reset(self, seed: Any) -> None:
        self.seed, self.given = seed, None
        self.used: dict[tuple, int] = {}
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
    untraceable("tf.random.set_seed")
    if hasattr(seed, "__index__"):
        seed = int(seed)
    elif not isinstance(seed, float):
        raise TypeError(f"the global seed must be an integer, got {seed!r}")
    with _seeds.lock:
        _seeds.reset(seed)


def place_of_operation(operation: tuple, seed: Any, blocks: int) -> Place:
    """The place from which an operation draws, after which its next call will draw `blocks` further on.

    Args:
        operation: what tells apart the operations that have a sequence of their own: name and dtypes.
        seed: the operation's seed, or None.
        blocks: how many blocks this call may use.
    """
    untraceable("random numbers")
    with _seeds.lock:
        if seed is None:
            if _seeds.given is None:
                return Place(int.from_bytes(os.urandom(8), "little"), int.from_bytes(os.urandom(8), "little") << 64)
            pair = _as_seeds(_seeds.seed, _seeds.given.randint(0, LARGEST))
            return Place(pair[0], pair[1] << 64)
        pair = _as_seeds(DEFAULT if _seeds.seed is None else _seeds.seed, seed)
        start = _seeds.used.get((operation, pair), 0)
        _seeds.used[operation, pair] = start + blocks
    return Place(pair[0], (pair[1] << 64) + start)


def next_seed() -> None:
    """Uses up the seed that an operation without one would have drawn."""
    untraceable("random numbers")
    with _seeds.lock:
        if _seeds.given is not None:
            _seeds.given.randint(0, LARGEST)


def _as_seeds(global_seed: Any, seed: Any) -> tuple[int, int]:
    if not hasattr(seed, "__index__") and not isinstance(seed, float):
        raise TypeError(f"`seed` must be an integer, got {seed!r}")
    pair = int(global_seed) % LARGEST, int(seed) % LARGEST
    return pair if any(pair) else (0, LARGEST)


def place_of_seed(seed: TensorLike) -> Place:
    """The place that a stateless seed, two integers, stands for: scrambled, so that near seeds give unlike numbers.

    Raises:
        InvalidArgumentError: `seed` is not a vector of two integers.
    """
    value = np.asarray(convert(seed)._value)
    if value.dtype.kind not in "iu":
        raise invalid(
            "StatelessRandomGetKeyCounter",
            f"Value for attr 'Tseed' of {value.dtype.name} is not in the list of allowed values: int32, int64",
        )
    if value.shape != (2,):
        raise invalid("StatelessRandomGetKeyCounter", f"seed must have shape [2], not {brackets(value)}")
    low, high = (int(part) & MASK64 for part in value)
    a, b, c, d = block(SCRAMBLER, low | high << 64)
    return Place(a | b << 32, (c | d << 32) << 64)
