"""`tf.compat.v1.logging`: tapeflow's logger under the names of TensorFlow 1."""

import logging
from typing import Any

from tapeflow.compat.missing import names_missing_from

__all__ = [
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "WARN",
    "debug",
    "error",
    "fatal",
    "get_verbosity",
    "info",
    "log",
    "set_verbosity",
    "warn",
    "warning",
]

DEBUG, INFO, WARN, ERROR, FATAL = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL

_logger = logging.getLogger("tapeflow")

debug = _logger.debug
info = _logger.info
warning = warn = _logger.warning
error = _logger.error
fatal = _logger.critical


def log(level: int, msg: str, *args: Any, **kwargs: Any) -> None:
    """Log a message at a level, which is one of this module's constants."""
    _logger.log(level, msg, *args, **kwargs)


def get_verbosity() -> int:
    """The level below which nothing is logged."""
    return _logger.getEffectiveLevel()


def set_verbosity(v: int) -> None:
    """Log nothing below a level.

    >>> import tapeflow as tf
    >>> tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    >>> tf.compat.v1.logging.get_verbosity() == tf.compat.v1.logging.ERROR
    True
    >>> tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.WARN)
    """
    _logger.setLevel(v)


__getattr__ = names_missing_from("tapeflow.compat.v1.logging")


def __dir__() -> list[str]:
    return __all__
