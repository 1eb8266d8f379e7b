"""Philox-4x32-10, the counter-based generator that TensorFlow uses: block i of its stream is a function of a key and of i.

From Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). A block is four 32-bit words; the
key has 64 bits, the counter 128.
"""

from __future__ import annotations

import numpy as np

__all__ = ["block", "blocks", "blocks_at", "key_and_counter", "place_at", "words"]

ROUNDS = 10
M0, M1 = 0xD2511F53, 0xCD9E8D57
W0, W1 = 0x9E3779B9, 0xBB67AE85
MULTIPLIERS = np.array([[M0], [M1]], np.uint64)
WEYL = np.array([[W0], [W1]], np.uint64)  # what the halves of the key grow by, round after round
LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
MASK32, MASK64, MASK128 = 2**32 - 1, 2**64 - 1, 2**128 - 1
CHUNK = 8192  # blocks at a time: what a round works on stays in the cache
FEW = 4  # blocks that Python's integers do faster than arrays


def words(key: int, counter: int, count: int) -> np.ndarray:
    """The first `count` words of the stream that starts at a block: a vector of uint32."""
    return blocks(key, counter, -(-count // 4)).reshape(-1)[:count]


def blocks(key: int, counter: int, count: int) -> np.ndarray:
    """`count` blocks from the one that `counter` names: uint32 of shape [count, 4]."""
    if count <= FEW:
        return np.array([block(key, (counter + i) & MASK128) for i in range(count)], np.uint32).reshape(count, 4)
    return blocks_at(key, counter, np.arange(count, dtype=np.uint64))


def blocks_at(key: int, counter: int, offsets: np.ndarray) -> np.ndarray:
    """The blocks that stand so far behind the one that `counter` names: uint32 of shape [len(offsets), 4]."""
    out = np.empty((len(offsets), 4), np.uint32)
    for start in range(0, len(offsets), CHUNK):
        _fill(out[start : start + CHUNK], key, counter, offsets[start : start + CHUNK])
    return out


def block(key: int, counter: int) -> tuple[int, int, int, int]:
    """One block, computed with Python's integers."""
    x0, x1, x2, x3 = counter & MASK32, counter >> 32 & MASK32, counter >> 64 & MASK32, counter >> 96
    k0, k1 = key & MASK32, key >> 32
    for _ in range(ROUNDS):
        p0, p1 = M0 * x0, M1 * x2
        x0, x1, x2, x3 = p1 >> 32 ^ x1 ^ k0, p1 & MASK32, p0 >> 32 ^ x3 ^ k1, p0 & MASK32
        k0, k1 = k0 + W0 & MASK32, k1 + W1 & MASK32
    return x0, x1, x2, x3


def _fill(out: np.ndarray, key: int, counter: int, offsets: np.ndarray) -> None:
    start = np.uint64(counter & MASK64)
    low = offsets + start
    high = np.full(len(out), counter >> 64, np.uint64)
    high[low < start] += np.uint64(1)  # the carry of those that wrapped around
    # The words of a block as two pairs: what is multiplied, and what is mixed in. Each word is the lower half of a uint64.
    factors = np.stack([low, high]) & LOW
    mixed = np.stack([low, high]) >> HALF
    products, spare = np.empty_like(factors), np.empty_like(factors)
    keys = np.array([[key & MASK32], [key >> 32]], np.uint64)
    for _ in range(ROUNDS):
        # The upper halves of the products, crossed over, are mixed with the other pair and the key; the lower ones move on.
        np.multiply(factors, MULTIPLIERS, out=products[::-1])
        np.right_shift(products, HALF, out=factors)
        factors ^= mixed
        factors ^= keys
        factors &= LOW
        keys = keys + WEYL & LOW
        mixed, products, spare = products, spare, mixed
    out[:, 0::2], out[:, 1::2] = factors.T, mixed.T  # the lower halves


# -- places in a stream ------------------------------------------------------------------------------------
# A place is three int64, the lower and the upper half of the counter, and the key: what a generator's state is. So places are
# tensors, and inside a tf.function they are computed like everything else.


def place_at(key: int, counter: int) -> np.ndarray:
    """The place that a key and a counter name."""
    return np.array([counter & MASK64, counter >> 64 & MASK64, key & MASK64], np.uint64).view(np.int64)


def key_and_counter(place: np.ndarray) -> tuple[int, int]:
    """The key and the counter of a place."""
    low, high, key = place.astype(np.uint64).tolist()
    return key, low | high << 64
