"""What TensorFlow calls things: its public names, recorded, for messages about names that tapeflow lacks.

Nothing here is read before a name is missing.
"""

import functools
import os
from typing import NamedTuple

PRIVATE = {"python", "core", "_api", "compiler", "include", "lib2to3"}  # TensorFlow's own inside, below `tensorflow.`


class RecordedNames(NamedTuple):
    """TensorFlow's version, the names in each namespace (`""` is `tf`), and those that only TensorFlow 1 had."""

    version: str
    names: dict[str, str]
    only_in_tensorflow_1: dict[str, str]


@functools.cache
def recorded() -> RecordedNames:
    """The content of `tensorflow_names.txt`; a line is split into names when it is asked about."""
    with open(os.path.join(os.path.dirname(__file__), "tensorflow_names.txt"), encoding="utf-8") as file:
        first, *lines = file.read().splitlines()
    today: dict[str, str] = {}
    before: dict[str, str] = {}
    for line in lines:
        path, _, names = line.partition(":")
        if path.startswith("v1."):
            before[path[3:]] = names
        else:
            today["" if path == "." else path] = names
    return RecordedNames(first.split()[-1], today, before)


def split(path: str) -> tuple[str, str]:
    """`"math.log"` as the namespace it is in and its own name.

    >>> from tapeflow.compat.names import split
    >>> split("keras.optimizers.SGD"), split("square")
    (('keras.optimizers', 'SGD'), ('', 'square'))
    """
    namespace, _, name = path.rpartition(".")
    return namespace, name


def is_namespace(path: str) -> bool:
    """Whether `tf.PATH` is a module in TensorFlow 2.

    >>> from tapeflow.compat.names import is_namespace
    >>> is_namespace("image"), is_namespace("square")
    (True, False)
    """
    return path in recorded().names or path in ("compat.v1", "compat.v2")


def is_public(path: str) -> bool:
    """Whether TensorFlow 2 has `tf.PATH`.

    >>> from tapeflow.compat.names import is_public
    >>> is_public("image.resize"), is_public("Session")
    (True, False)
    """
    namespace, name = split(path)
    return is_namespace(path) or name in recorded().names.get(namespace, "").split()


def successor(path: str) -> str | None:
    """What TensorFlow 1's `tf.PATH` is called in TensorFlow 2: `""` where it has no successor, None where it is not
    TensorFlow 1's.

    >>> from tapeflow.compat.names import successor
    >>> successor("log"), successor("Session"), successor("square"), successor("compat.v1.square")
    ('math.log', '', None, 'square')
    """
    in_full = path.startswith("compat.v1.")
    namespace, name = split(path.removeprefix("compat.v1."))
    if in_full and is_public(path.removeprefix("compat.v1.")):
        return path.removeprefix("compat.v1.")
    for entry in recorded().only_in_tensorflow_1.get(namespace, "").split():
        old, _, new = entry.partition("=")
        if old == name:
            return new
    return None
