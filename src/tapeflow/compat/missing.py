"""What is raised for a name that tapeflow lacks: whether TensorFlow has it, and what it may have meant."""

import functools
import importlib
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from tapeflow.compat import names

PRODUCT = "tapeflow"
CLOSE, VERY_CLOSE = 0.75, 0.86  # how alike names must be: in one namespace, and in different ones


# -- the `__getattr__` of a namespace ---------------------------------------------------------


NOTHING: Mapping[str, str] = types.MappingProxyType({})


def names_missing_from(
    module: str, stands_for: Mapping[str, str] = NOTHING, found_in: Mapping[str, str] = NOTHING
) -> Callable[[str], Any]:
    """The `__getattr__` for the namespace `module`, to be written there as one line.

    ```
    __getattr__ = names_missing_from(__name__)
    ```

    A submodule that has not been loaded yet is imported. A namespace that TensorFlow has and tapeflow has not gives a
    `MissingNamespace`, so that the error comes with the full name, when something is taken from it.

    Args:
        module: the module's `__name__`; `tapeflow.math` is `tf.math` in messages.
        stands_for: names that are modules of another name, which are imported when they are asked for
            (`{"optimizers": "tapeflow.keras.optimizers"}`).
        found_in: names that are something in a module, which is imported when they are asked for
            (`{"Sequential": "tapeflow.keras.models"}`).

    Returns:
        A function of a name that raises AttributeError, or ImportError where `from … import name` asked.

    >>> from tapeflow.compat.missing import names_missing_from
    >>> names_missing_from("tapeflow.image")("resize")
    Traceback (most recent call last):
    AttributeError: tapeflow has no tf.image.resize yet...
    """
    namespace = module.removeprefix(PRODUCT).lstrip(".")

    def __getattr__(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        if name in found_in:
            return getattr(importlib.import_module(found_in[name]), name)
        path = f"{namespace}.{name}".lstrip(".")
        if name in stands_for or names.is_namespace(path):
            return _module(*stands_for.get(name, f"{module}.{name}").rpartition(".")) or MissingNamespace(path)
        raise _refusal(path, sys._getframe(1))

    return __getattr__


def _module(parent: str, _: str, name: str) -> types.ModuleType | None:
    import importlib.util

    if not parent:
        return importlib.import_module(name)
    if not hasattr(importlib.import_module(parent), "__path__") or importlib.util.find_spec(f"{parent}.{name}") is None:
        return None
    return importlib.import_module(f"{parent}.{name}")


def _refusal(path: str, asking: types.FrameType) -> AttributeError | ImportError:
    message = missing_message(path)
    if _is_import_statement(asking):  # an AttributeError would be replaced there by one that explains nothing
        return ImportError(message, name=f"tensorflow.{path}")
    # A name without an object: else Python appends a suggestion of its own to the message.
    return AttributeError(message, name=path)


def _is_import_statement(frame: types.FrameType) -> bool:
    import opcode

    return frame.f_code.co_code[frame.f_lasti] == opcode.opmap["IMPORT_FROM"]


class MissingNamespace:
    """Stands for a namespace of TensorFlow that tapeflow lacks; each name in it is refused with its full name.

    So `from tensorflow.keras import layers` is no error in a program that never uses them.

    >>> from tapeflow.compat.missing import MissingNamespace
    >>> MissingNamespace("image")
    <tf.image: tapeflow has no such namespace yet>
    >>> MissingNamespace("image").resize
    Traceback (most recent call last):
    AttributeError: tapeflow has no tf.image.resize yet...
    """

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")  # `_path` may not be set yet
        path = f"{self._path}.{name}"
        if names.is_namespace(path):
            return MissingNamespace(path)
        raise _refusal(path, sys._getframe(1))

    def __dir__(self) -> list[str]:
        return []

    def __repr__(self) -> str:
        return f"<tf.{self._path}: {PRODUCT} has no such namespace yet>"


# -- the message ------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def missing_message(path: str) -> str:
    """Says that tapeflow lacks `tf.PATH`, who has it, and the nearest name that tapeflow has.

    >>> from tapeflow.compat.missing import missing_message
    >>> missing_message("Session")
    'tapeflow has no tf.Session: it is of TensorFlow 1, and tapeflow runs programs for TensorFlow 2'
    """
    first = path.partition(".")[0]
    if first in names.PRIVATE:
        return (
            f"tensorflow.{path} is TensorFlow's own inside, which {PRODUCT} does not have: write "
            f"`import tensorflow as tf` and use tf's public names (tensorflow.keras for tensorflow.python.keras)"
        )
    if names.is_public(path):
        near = nearest(path, existing_names())
        return f"{PRODUCT} has no tf.{path} yet" + (f"; the nearest name it has is tf.{near}" if near else "")
    new = names.successor(path)
    if new is not None and not new:
        near = nearest(path, existing_names(), elsewhere=False)
        told = f"{PRODUCT} has no tf.{path}: it is of TensorFlow 1, and {PRODUCT} runs programs for TensorFlow 2"
        return told + (f"; the nearest name is tf.{near}" if near else "")
    if new:
        told = f"{PRODUCT} has no tf.{path}: it is of TensorFlow 1, and TensorFlow 2 calls it tf.{new}"
        return told if exists(new) else f"{told}, which {PRODUCT} has not yet either"
    near = nearest(path, existing_names())
    told = f"{PRODUCT} has no tf.{path}, nor has TensorFlow {names.recorded().version}"
    return told + (f"; did you mean tf.{near}?" if near else "")


def exists(path: str) -> bool:
    """Whether tapeflow has `tf.PATH`.

    >>> from tapeflow.compat.missing import exists
    >>> exists("compat.install"), exists("image.resize")
    (True, False)
    """
    try:
        found = functools.reduce(getattr, path.split("."), importlib.import_module(PRODUCT))
    except AttributeError:
        return False
    return not isinstance(found, MissingNamespace)


def existing_names() -> set[str]:
    """The dotted public names that tapeflow has, those of its loaded namespaces included."""
    found: set[str] = set()
    waiting = [("", importlib.import_module(PRODUCT))]
    seen = {PRODUCT}
    while waiting:
        namespace, module = waiting.pop()
        for name in dir(module):
            if name.startswith("_"):
                continue
            try:
                value = getattr(module, name, None)
            except ImportError:  # a part that is loaded on demand, and lacks a library: no part of this message
                continue
            path = f"{namespace}.{name}".lstrip(".")
            if not isinstance(value, types.ModuleType):
                found.add(path)
            elif value.__name__ not in seen and names.is_namespace(path):
                seen.add(value.__name__)
                found.add(path)
                waiting.append((path, value))
    return found


def nearest(path: str, existing: set[str], *, elsewhere: bool = True) -> str | None:
    """The name in `existing` that `path` may have meant, or None.

    The same name in another namespace comes first, then one in its own namespace that it abbreviates or resembles, then
    one anywhere that it resembles very much.

    Args:
        path: the dotted name that was asked for, without `tf.`.
        existing: the dotted names there are.
        elsewhere: whether a name in another namespace will do.

    >>> from tapeflow.compat.missing import nearest
    >>> nearest("math.reduce_men", {"reduce_mean", "math.reduce_mean", "math.log"})
    'math.reduce_mean'
    >>> nearest("log", {"math.log", "linalg.logm"})
    'math.log'
    """
    import difflib

    namespace, name = names.split(path)

    def closeness(candidate: str) -> tuple[int, str]:
        return (candidate.count("."), candidate)

    by_name: dict[str, list[str]] = {}
    for candidate in existing:
        by_name.setdefault(names.split(candidate)[1], []).append(candidate)
    siblings = [leaf for leaf, paths in by_name.items() if f"{namespace}.{leaf}".lstrip(".") in paths]
    for leaf in siblings:
        if leaf.lower() == name.lower():
            return f"{namespace}.{leaf}".lstrip(".")
    if elsewhere and name in by_name:
        return min(by_name[name], key=closeness)
    begun = sorted((leaf for leaf in siblings if len(name) > 2 and leaf.startswith(name)), key=len)
    similar = difflib.get_close_matches(name, siblings, n=1, cutoff=CLOSE) or begun
    if similar:
        return f"{namespace}.{similar[0]}".lstrip(".")
    if elsewhere:
        similar = difflib.get_close_matches(name, by_name, n=1, cutoff=VERY_CLOSE)
        if similar:
            return min(by_name[similar[0]], key=closeness)
    return None
