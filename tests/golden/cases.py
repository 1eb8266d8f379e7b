"""Small programs whose answers TensorFlow gave once: each takes the module `tf` and returns what JSON can hold.

They are in the files `*_cases.py` beside this, marked with `@case`; `record_cases.py` asks TensorFlow, and
`tests/graph/test_recorded_cases.py` asks TapeFlow.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any

import numpy as np

FAMILIES = ("arguments", "autograph", "averages", "choices", "functions", "loop_edges", "loops", "texts", "unknown_sizes")

_found: dict[str, dict[str, Callable]] = {}


def case(function: Callable) -> Callable:
    """Makes a function one of the cases of its file."""
    _found.setdefault(function.__module__, {})[function.__name__] = function
    return function


def cases(family: str) -> dict[str, Callable]:
    """The cases of a family, by name."""
    module = importlib.import_module(f"tests.golden.{family}_cases")
    return _found[module.__name__]


def raised(call: Callable, *words: str) -> list:
    """What a call raises: the name of the type, and which of the words its message has. Where it returns, what it returns."""
    try:
        result = call()
    except Exception as error:
        return [type(error).__name__, [word for word in words if word in str(error)]]
    return ["nothing", plain(result)]


def both(tf: Any, function: Callable, *values: Any) -> list:
    """What `tf.function(function)` gives for each of some numbers."""
    compiled = tf.function(function)
    return [plain(compiled(tf.constant(value))) for value in values]


def plain(value: Any) -> Any:
    """A value as JSON has it: tensors as [dtype, shape, numbers]."""
    if hasattr(value, "dtype") and hasattr(value, "numpy"):
        number = np.asarray(value.numpy())
        shown = number.astype(str).tolist() if number.dtype.kind in "OSU" else np.round(number.astype(float), 5).tolist()
        return [value.dtype.name, list(value.shape), shown]
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if isinstance(value, bool | int | float | str | None) else str(value)


class Logged(logging.Handler):
    """Notes what the library logs while it is open: `with Logged(tf) as lines`."""

    def __init__(self, tf: Any) -> None:
        super().__init__()
        self.logger = tf.get_logger()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def __enter__(self) -> list[str]:
        self.handlers, self.logger.handlers = self.logger.handlers, [self]
        return self.lines

    def __exit__(self, *error: Any) -> None:
        self.logger.handlers = self.handlers
