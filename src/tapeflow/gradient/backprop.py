"""Reverse-mode differentiation: walk the notes backwards and hand each cotangent on.

Every value that a target depends on gets a cotangent, the derivative of the summed targets with respect to it. The
cotangents of the targets are given; a note turns the cotangent of its output into those of its inputs, and what comes to a
value along several paths is added. The rules are made of recorded operations themselves, so an outer tape that listens can
differentiate the result again.

The algorithm is the adjoint mode of Griewank & Walther, "Evaluating Derivatives" (2nd ed., SIAM 2008), section 3.2.
"""

from __future__ import annotations

import enum
from typing import Any

import numpy as np

from tapeflow.core.broadcasting import filled
from tapeflow.core.convert import convert
from tapeflow.core.dimension import holds_late
from tapeflow.core.dispatch import apply
from tapeflow.core.primitive import Primitive
from tapeflow.core.symbolic import SymbolicTensor
from tapeflow.core.tensor import Tensor
from tapeflow.ops.arithmetic import add
from tapeflow.ops.parts import PartialSum

__all__ = ["UnconnectedGradients", "accumulate", "collect", "depends_on", "pull_back", "unit_cotangent", "zero_cotangent"]

ONE = np.float32(1)


class UnconnectedGradients(enum.Enum):
    """What the gradient is with respect to something that the target does not depend on: None, or zeros."""

    NONE = "none"
    ZERO = "zero"

    @classmethod
    def of(cls, value: UnconnectedGradients | str) -> UnconnectedGradients:
        """The member that `value` is or names; ValueError for anything else."""
        if value is cls.NONE or value is cls.ZERO:
            return value  # type: ignore[return-value]
        try:
            return cls(value)
        except ValueError:
            raise ValueError(f"Unknown value for unconnected_gradients: {value!r}; use 'none' or 'zero'") from None


def pull_back(
    notes: list[tuple], cotangents: dict[int, Any], sources: set[int], leaves: set[int], consume: bool
) -> dict[int, Any]:
    """The cotangents of `sources`, by key, given those of the targets.

    Args:
        notes: what a tape recorded, in that order.
        cotangents: the targets' cotangents, by key; it is changed.
        sources: the keys wanted.
        leaves: the keys of all that the tape was told to follow.
        consume: whether to take the notes off the list one by one, so that what they keep is freed on the way.
    """
    needed = None if leaves <= sources else depends_on(notes, sources)
    remaining = notes if consume else notes[:]
    while remaining:
        note = remaining.pop()
        if len(note) == 5:
            key, likes, target, vjp, kept = note
            more: Any = ()
        else:
            key, likes, target, vjp, kept, *more = note
        if likes is None:
            dy = cotangents.pop(key, None)
            if dy is None:
                continue
            if key in sources:
                cotangents[key] = dy  # a source that other sources were computed from
            if type(dy) is not Tensor:
                if dy is SILENT:
                    hand_on_silence(cotangents, note, needed)
                    continue
                dy = convert(dy)
        else:
            dy = take_all(cotangents, key, likes, sources)
            if dy is None:
                continue
            if dy is SILENT:
                hand_on_silence(cotangents, note, needed)
                continue
        while True:
            if type(target) is int:
                if needed is None or target in needed:
                    dx = vjp(dy, *kept)
                    if dx is not None:
                        before = cotangents.get(target)
                        cotangents[target] = dx if before is None else accumulate(before, dx)
            elif needed is None or not needed.isdisjoint(target):
                if kept is None:
                    pulled = vjp(dy, target if needed is None else [one if one in needed else 0 for one in target])
                else:
                    pulled = vjp(dy, *kept)
                for one, dx in zip(target, pulled, strict=True):
                    if one and dx is not None:
                        before = cotangents.get(one)
                        cotangents[one] = dx if before is None else accumulate(before, dx)
            if not more:
                break
            target, vjp, kept, *more = more
    return cotangents


def depends_on(notes: list[tuple], sources: set[int]) -> set[int]:
    """The keys of all values that depend on a source: the walk back need not leave them."""
    found = set(sources)
    for note in notes:
        for target in note[2::3]:
            if target in found if type(target) is int else not found.isdisjoint(target):
                found.update((note[0],) if note[1] is None else note[0])
                break
    found.discard(0)
    return found


def take_all(cotangents: dict[int, Any], keys: tuple, likes: list, sources: set[int]) -> Any:
    """The cotangents of several outputs; zeros for those that have none, or None if they are like nothing.

    None if no output has one, and `SILENT` if none has another.
    """
    found: list[Any] = []
    some = silent = False
    for key in keys:
        dy = cotangents.get(key) if key in sources else cotangents.pop(key, None)
        if dy is not None:
            if dy is SILENT:
                silent, dy = True, None
            else:
                some = True
                if type(dy) is not Tensor:
                    dy = convert(dy)
        found.append(dy)
    if not some:
        return SILENT if silent else None
    for n, like in enumerate(likes):
        if like is not None and found[n] is None:
            found[n] = filled(0, *like)
    return tuple(found)


def accumulate(before: Any, dx: Any) -> Any:
    """The sum of two cotangents of one value."""
    if isinstance(before, Tensor):
        return add(before, dx) if isinstance(dx, Tensor) else dx.plus(before)
    return before if dx is SILENT else before.plus(dx)


class Silence:
    """The cotangent of what a call, a loop or a choice reads and none of the given cotangents comes to.

    TensorFlow's rules for these take zeros for the cotangents that are missing, so that the gradient is zeros and not None. Here
    nothing is computed with such zeros: they are made where a source is asked for.
    """

    def plus(self, other: Any) -> Any:
        """The sum with another cotangent."""
        return other


SILENT = Silence()


def hand_on_silence(cotangents: dict[int, Any], note: tuple, needed: set[int] | None) -> None:
    """What a value depends on that has the silent cotangent, has it too unless it has another."""
    for target in note[2::3]:
        for one in (target,) if type(target) is int else target:
            if one and (needed is None or one in needed):
                cotangents.setdefault(one, SILENT)


def with_silence(pulled: list, keys: Any) -> list:
    """The cotangents of inputs, silent ones for those that have none and could."""
    return [SILENT if dx is None and key else dx for dx, key in zip(pulled, keys, strict=True)]


def gradient_of(source: Any, keys: list[int], cotangents: dict[int, Any]) -> Any:
    """What a source that is known under these keys gets: zeros if nothing came to it but silence, None if not even that."""
    found = collect(cotangents, keys)
    if found is None and any(cotangents.get(key) is SILENT for key in keys):
        return zero_cotangent(source)
    return found


def collect(cotangents: dict[int, Any], keys: list[int]) -> Any:
    """The cotangent of a source: the sum over all the keys that it is known under; None if none has one."""
    if len(keys) == 1:
        total = cotangents.get(keys[0])
    else:
        total = None
        for key in keys:
            found = cotangents.get(key)
            if found is not None:
                total = found if total is None else accumulate(total, found)
    if type(total) is PartialSum:
        return total.settled()
    return None if total is SILENT else total


def unit_cotangent(tensor: Tensor) -> Tensor:
    """The cotangent that a target starts with."""
    value = tensor._value
    if type(value) is np.float32:
        return Tensor(ONE)
    if not value.ndim:
        return Tensor(value.dtype.type(1))
    if type(tensor) is SymbolicTensor:
        return filled(1, value.shape, value.dtype)
    return Tensor(np.ones(value.shape, value.dtype))


ZEROS_LIKE = Primitive("ZerosLike", lambda x: np.zeros_like(x)[()])


def zero_cotangent(source: Any) -> Tensor:
    """The cotangent of a source that nothing came to."""
    value = source._value
    if type(source) is SymbolicTensor:
        if holds_late(value.shape) and not value.scope.tracer.late.is_at_hand(value.shape):
            return apply(ZEROS_LIKE, source)
        return filled(0, value.shape, value.dtype)
    return Tensor(np.zeros(value.shape, value.dtype)[()])
