"""The exceptions that ops raise: `tf.errors`, with TensorFlow's names, codes and constructor signature.

They subclass neither `ValueError` nor `TypeError`, because TensorFlow's do not: a program that catches
`tf.errors.InvalidArgumentError` must not catch more, or less, here.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ABORTED",
    "ALREADY_EXISTS",
    "CANCELLED",
    "DATA_LOSS",
    "DEADLINE_EXCEEDED",
    "FAILED_PRECONDITION",
    "INTERNAL",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "OK",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "UNIMPLEMENTED",
    "UNKNOWN",
    "AbortedError",
    "AlreadyExistsError",
    "CancelledError",
    "DataLossError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "OpError",
    "OperatorNotAllowedInGraphError",
    "OutOfRangeError",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "UnknownError",
]

# -- codes: the canonical status codes, shared with gRPC ----------------------------------------

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16

# -- the family ---------------------------------------------------------------------------------


class OpError(Exception):
    """An op could not be carried out. Catch this to catch every error of `tf.errors`.

    Args:
      node_def: the definition of the failed node, or None outside a graph.
      op: the failed operation, or None outside a graph.
      message: what went wrong.
      error_code: one of the codes of `tf.errors`.
      *args: at most one dict of further facts, kept as `experimental_payloads`.

    >>> import tapeflow as tf
    >>> error = tf.errors.InvalidArgumentError(None, None, "shapes [2] and [3] differ")
    >>> str(error), error.error_code == tf.errors.INVALID_ARGUMENT, isinstance(error, tf.errors.OpError)
    ('shapes [2] and [3] differ', True, True)
    """

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int, *args: Any) -> None:
        super().__init__()
        self._node_def = node_def
        self._op = op
        self._message = message
        self._error_code = error_code
        self._payloads: dict[Any, Any] = args[0] if args else {}

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self._node_def, self._op, self._message, self._error_code, self._payloads)

    def __str__(self) -> str:
        return str(self._message)

    @property
    def message(self) -> str:
        """What went wrong."""
        return self._message

    @property
    def op(self) -> Any:
        """The failed operation, or None outside a graph."""
        return self._op

    @property
    def node_def(self) -> Any:
        """The definition of the failed node, or None outside a graph."""
        return self._node_def

    @property
    def error_code(self) -> int:
        """The number of this kind of error, such as `tf.errors.INVALID_ARGUMENT` (3)."""
        return self._error_code

    @property
    def experimental_payloads(self) -> dict[Any, Any]:
        """Further facts about the error; usually empty."""
        return self._payloads


def _rebuild(
    kind: type[OpError], node_def: Any, op: Any, message: str, error_code: int, payloads: dict[Any, Any]
) -> OpError:
    """Make an unpickled error: the members of the family fix their own code, `OpError` itself is told it."""
    error = kind.__new__(kind)
    OpError.__init__(error, node_def, op, message, error_code, payloads)
    return error


class CancelledError(OpError):
    """The operation was cancelled."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, CANCELLED, *args)


class UnknownError(OpError):
    """An error of no other kind; another system's error code may have been lost on the way."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, UNKNOWN, *args)


class InvalidArgumentError(OpError):
    """An argument has the wrong shape, dtype or value, whatever the state of anything else."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, INVALID_ARGUMENT, *args)


class DeadlineExceededError(OpError):
    """The operation took longer than it was given."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, DEADLINE_EXCEEDED, *args)


class NotFoundError(OpError):
    """Something asked for, such as a file, does not exist."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, NOT_FOUND, *args)


class AlreadyExistsError(OpError):
    """Something to be made, such as a file, exists already."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, ALREADY_EXISTS, *args)


class PermissionDeniedError(OpError):
    """The caller may not do this, for instance read this file."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, PERMISSION_DENIED, *args)


class UnauthenticatedError(OpError):
    """The caller did not say who it is."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, UNAUTHENTICATED, *args)


class ResourceExhaustedError(OpError):
    """Something ran out: memory, disk space, a quota."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, RESOURCE_EXHAUSTED, *args)


class FailedPreconditionError(OpError):
    """The system is not in a state in which this can be done: a variable is read before it has a value, say."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, FAILED_PRECONDITION, *args)


class AbortedError(OpError):
    """The operation gave way to another one that ran at the same time."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, ABORTED, *args)


class OutOfRangeError(OpError):
    """The operation went past the valid range: reading after the last element, say."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, OUT_OF_RANGE, *args)


class UnimplementedError(OpError):
    """The operation does not exist for these arguments, for instance for this dtype."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, UNIMPLEMENTED, *args)


class InternalError(OpError):
    """Something that must hold inside the library does not."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, INTERNAL, *args)


class UnavailableError(OpError):
    """What the operation needs cannot be reached just now."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, UNAVAILABLE, *args)


class DataLossError(OpError):
    """Data is lost or damaged beyond repair."""

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, DATA_LOSS, *args)


class OperatorNotAllowedInGraphError(TypeError):
    """A Python operator (such as `if` or iteration) met a value that a graph will know only when it runs."""
