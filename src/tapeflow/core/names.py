"""`tf.name_scope`: names put before the names of variables made inside it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

__all__ = ["get_current_name_scope", "name_scope", "scoped"]

_scope: ContextVar[str] = ContextVar("tapeflow_name_scope", default="")


class name_scope:  # TensorFlow's name
    """A context whose name stands before the names of the variables made in it.

    Args:
        name: the scope's name; "a/" with a slash at the end replaces the scopes around it, "" leaves them all.

    Raises:
        ValueError: the name is not a string.

    >>> import tapeflow as tf
    >>> with tf.name_scope("layer"):
    ...     tf.Variable(1.0, name="w").name
    'layer/w:0'
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise ValueError("name for name_scope must be a string.")
        self._name = name
        self._tokens: list = []

    @property
    def name(self) -> str:
        """The name as it was given."""
        return self._name

    def __enter__(self) -> str:
        outer = _scope.get()
        inner = self._name if self._name.endswith("/") or not self._name else f"{outer}{self._name}/"
        self._tokens.append(_scope.set(inner))
        return inner

    def __exit__(self, *error: Any) -> None:
        _scope.reset(self._tokens.pop())


def scoped(name: str) -> str:
    """`name` with the open scopes before it."""
    return _scope.get() + name


def get_current_name_scope() -> str:
    """The open scopes, "outer/inner", or "" outside of all.

    >>> import tapeflow as tf
    >>> with tf.name_scope("outer"), tf.name_scope("inner"):
    ...     tf.get_current_name_scope()
    'outer/inner'
    """
    return _scope.get().rstrip("/")
