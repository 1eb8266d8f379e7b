"""Orders by chance, in TensorFlow's way: a program with seeds meets its elements in TensorFlow's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tapeflow.ops.philox import words
from tapeflow.ops.seeds import seeds_from_anywhere

__all__ = ["Shuffling"]

FEWEST, MOST = 64, 16384  # words of the stream that are made at once: more each time


class _Stream:
    """32-bit numbers by chance, one after another."""

    def __init__(self, seeds: tuple[int, int]) -> None:
        self._key, self._counter, self._count = seeds[0], seeds[1] << 64, FEWEST
        self._words: Iterator[int] = iter(())

    def __next__(self) -> int:
        number = next(self._words, None)
        if number is None:
            self._words = iter(words(self._key, self._counter, self._count).tolist())
            self._counter += self._count // 4
            self._count = min(self._count * 2, MOST)
            number = next(self._words)
        return number


class Shuffling:
    """How a dataset is shuffled: what its iterators have in common.

    Args:
        size: how many elements wait to be chosen from; None for all of them.
        seeds: the two that the orders come from; None for orders that nobody knows before.
        again: whether each iteration has an order of its own.
    """

    def __init__(self, size: int | None, seeds: tuple[int, int] | None, again: bool) -> None:
        self._size, self._again = size, again
        self._seeds = seeds or seeds_from_anywhere()
        self._of_iterations = _Stream(self._seeds)

    def __call__(self, items: Iterable[Any]) -> Iterator[Any]:
        """The items in the order of the next iteration.

        A window of the last `size` items slides over them. Each time one of it is chosen; the first takes its place, and the
        next item comes in at the end.
        """
        seeds = (next(self._of_iterations), next(self._of_iterations)) if self._again else self._seeds
        stream, source = _Stream(seeds), iter(items)
        if self._size is None:
            waiting = list(source)
            size = len(waiting)
        else:
            size, waiting = self._size, []
            for item in source:
                waiting.append(item)
                if len(waiting) == size:
                    break
        first, count = 0, len(waiting)
        if count == size:
            for item in source:
                chosen = (first + next(stream) % size) % size
                yield waiting[chosen]
                waiting[chosen] = waiting[first]
                waiting[first] = item
                first = (first + 1) % size
        while count:
            chosen = (first + next(stream) % count) % size
            yield waiting[chosen]
            waiting[chosen] = waiting[first]
            first, count = (first + 1) % size, count - 1
