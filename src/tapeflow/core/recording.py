"""Who is told of every operation: the recorders (tapes, accumulators) of the running thread or coroutine.

The stack of recorders lives in a context variable, so threads and coroutines do not see each other's tapes. `current()`
gives None when nobody listens: that is all an operation asks before it returns.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

__all__ = ["Recorder", "add_recorder", "current", "heard_by", "new_key", "remove_recorder", "renew", "set_recorders"]


class Recorder(Protocol):
    """What an operation is reported to."""

    def record(self, primitive: Any, inputs: tuple, output: Any, attributes: dict | None) -> None:
        """Notes one application of a primitive; `output` is a tensor, or a tuple of them."""

    def record_read(self, variable: Any, tensor: Any) -> None:
        """Notes that `tensor` now stands for the value of `variable`."""


# What a context variable says: nobody listens, or (epoch, the recorders that listen, outermost first). The epoch is another
# number for every state of the stack: a variable reads its value once an epoch, so that one tensor stands for it in
# everything that the same recorders hear.
Recording = tuple[int, tuple[Recorder, ...]]

new_epoch = itertools.count(1).__next__

# A key names one value on the tapes, for ever: unlike id(), it is not given again when a tensor dies.
new_key = itertools.count(1).__next__

_recording: ContextVar[Recording | None] = ContextVar("tapeflow_recording", default=None)
current = _recording.get


def set_recorders(recorders: tuple[Recorder, ...]) -> None:
    """Makes `recorders` the ones that listen."""
    _recording.set((new_epoch(), recorders) if recorders else None)


def add_recorder(recorder: Recorder) -> None:
    """Lets `recorder` hear everything from now on."""
    recording = current()
    _recording.set((new_epoch(), (recorder,) if recording is None else (*recording[1], recorder)))


def remove_recorder(recorder: Recorder) -> None:
    """Takes `recorder` off the stack, wherever it stands; an exit out of order is not an error."""
    recording = current()
    if recording is not None:
        recorders = recording[1]
        if recorders[0] is recorder and len(recorders) == 1:
            _recording.set(None)
            return
        set_recorders(recorders[:-1] if recorders[-1] is recorder else tuple([r for r in recorders if r is not recorder]))


@contextmanager
def heard_by(recorders: tuple[Recorder, ...]) -> Iterator[None]:
    """A context in which these recorders listen and no others; after it, those of before."""
    token = _recording.set((new_epoch(), recorders) if recorders else None)
    try:
        yield
    finally:
        _recording.reset(token)


def renew() -> None:
    """Starts a new epoch: variables are read anew from here on, so that a recorder that changed its mind hears of them."""
    recording = current()
    if recording is not None:
        set_recorders(recording[1])
