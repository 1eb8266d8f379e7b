"""What stages do with the items that pass through: iterators made from iterators."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tapeflow.core.errors import DataLossError
from tapeflow.data.structure import row_of, stacked

__all__ = ["batches", "cached", "interleaved", "padded", "rebatched", "repeated", "unbatched", "unique", "windows"]


def batches(items: Iterable[Any], size: int, drop: bool, joined: Callable) -> Iterator[tuple]:
    """Each `size` of the items joined to one; the last have fewer, or are dropped."""
    source = iter(items)
    while part := list(itertools.islice(source, size)):
        if len(part) < size and drop:
            return
        yield joined(part)


def padded(rows: Sequence[tuple], shapes: Sequence[list], fillers: Sequence[Any]) -> tuple:
    """The batch of rows whose shapes differ: each is filled up to the shape given, or to the longest where that is open."""
    batch = []
    for parts, wanted, filler in zip(zip(*rows, strict=True), shapes, fillers, strict=True):
        longest = np.max([part.shape for part in parts], axis=0) if wanted else ()
        shape = [int(n) if m is None else m for m, n in zip(wanted, longest, strict=True)]
        full = np.full((len(parts), *shape), filler, parts[0].dtype)
        for place, part in zip(full, parts, strict=True):
            if any(have > room for have, room in zip(part.shape, shape, strict=True)):
                raise DataLossError(None, None, "Attempted to pad to a smaller size than the input element.")
            if shape:
                place[tuple([slice(n) for n in part.shape])] = part
        if not shape:
            full[:] = parts
        batch.append(full)
    return tuple(batch)


def repeated(open: Callable[[], Iterator], times: int) -> Iterator[Any]:
    """The items again and again; for ever if `times` is negative, unless there are none."""
    for _ in itertools.count() if times < 0 else range(times):
        empty = True
        for item in open():
            empty = False
            yield item
        if empty:
            return


def cached(open: Callable[[], Iterator], kept: list) -> Iterator[Any]:
    """The items, which are kept in `kept[0]` once they all have been asked for."""
    if kept:
        yield from kept[0]
        return
    items = []
    for item in open():
        items.append(item)
        yield item
    kept[:] = [items]


def unbatched(rows: Iterable[tuple]) -> Iterator[tuple]:
    """Each row of the batches."""
    for row in rows:
        if len({len(part) for part in row}) > 1:
            raise ValueError(f"the components of a batch have different sizes: {[len(part) for part in row]}")
        for i in range(len(row[0])):
            yield tuple([row_of(part, i) for part in row])


def rebatched(rows: Iterable[tuple], sizes: Sequence[int], drop: bool) -> Iterator[tuple]:
    """Batches cut anew: of these sizes in turn."""
    turn = itertools.cycle(sizes)
    source = unbatched(rows)
    while part := list(itertools.islice(source, size := next(turn))):
        if len(part) < size and drop:
            return
        yield stacked(part)


def windows(items: Iterable[Any], size: int, shift: int, stride: int, drop: bool) -> Iterator[list]:
    """Every `stride`-th of the items from each `shift`-th on, up to `size` of them."""
    span = (size - 1) * stride + 1
    source, held = iter(items), []  # type: ignore[var-annotated]
    while True:
        held += itertools.islice(source, max(span - len(held), 0))
        part = held[:span:stride]
        if not part or (len(part) < size and drop):
            return
        yield part
        if shift > len(held):
            next(itertools.islice(source, shift - len(held) - 1, None), None)
        held = held[shift:]


def interleaved(sources: Iterator[Iterable[tuple]], cycle: int, block: int) -> Iterator[tuple]:
    """`block` rows of each of `cycle` datasets in turn; another takes the place of one that has come to its end."""
    open: list[Iterator | None] = []
    for dataset in itertools.islice(sources, cycle):
        open.append(iter(dataset))
    while any(each is not None for each in open):
        for i, each in enumerate(open):
            if each is None:
                continue
            given = 0
            for row in itertools.islice(each, block):
                given += 1
                yield row
            if given < block:
                following = next(sources, None)
                open[i] = None if following is None else iter(following)


def unique(rows: Iterable[tuple]) -> Iterator[tuple]:
    """The rows of one scalar that have not been met before."""
    seen = set()
    for row in rows:
        value = row[0].item()
        if value not in seen:
            seen.add(value)
            yield row
