"""Names that Keras gives by itself: "dense", "dense_1", … and the paths of what is made inside of layers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["auto_name", "below", "current_path", "forget_names", "inside", "snake_case"]

_given: Counter[str] = Counter()  # how many names each stem has had
_scopes: ContextVar[tuple[tuple[str, Any], ...]] = ContextVar("tapeflow_keras_scopes", default=())


def snake_case(name: str) -> str:
    """Keras's way with a class's name: Conv2D → conv2d, PReLU → p_re_lu, LSTMCell → lstm_cell."""
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def auto_name(stem: str) -> str:
    """The stem for the first that asks, and the stem with a number for each later one."""
    number = _given[stem]
    _given[stem] += 1
    return f"{stem}_{number}" if number else stem


def forget_names() -> None:
    """Lets numbers start anew."""
    _given.clear()


@contextmanager
def inside(name: str, owner: Any) -> Iterator[None]:
    """A context in which paths go through `name`; not twice if its owner is in its own scope already."""
    scopes = _scopes.get()
    if scopes and scopes[-1][1] is owner:
        yield
        return
    token = _scopes.set((*scopes, (name, owner)))
    try:
        yield
    finally:
        _scopes.reset(token)


def below(name: str, owner: Any) -> Any:
    """Enters what `inside` does, without its cost: `outside(token)` leaves it."""
    return _scopes.set((*_scopes.get(), (name, owner)))


outside = _scopes.reset


def current_path() -> str:
    """The names of the scopes around, "model/dense", or "" outside of all."""
    return "/".join(name for name, _ in _scopes.get())
