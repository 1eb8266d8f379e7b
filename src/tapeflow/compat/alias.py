"""`import tensorflow` finds tapeflow: the same module objects under a second name."""

import importlib
import os
import sys
import threading
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

from tapeflow.compat import names
from tapeflow.compat.missing import PRODUCT, missing_message

ROOTS = {"tensorflow": PRODUCT, "keras": f"{PRODUCT}.keras"}

_changing = threading.RLock()


class Alias:
    """Finds and "loads" `tensorflow…` and `keras…` as tapeflow's own modules.

    It is both finder and loader, without their base classes: importing importlib.abc takes longer than installing this.
    """

    def __init__(self) -> None:
        self._own_specs: dict[str, ModuleSpec] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        root, _, rest = fullname.partition(".")
        if root not in ROOTS or (root == "keras" and not _keras_is_ours()):
            return None
        module = public_module(ROOTS[root], rest, fullname)
        return ModuleSpec(fullname, self, origin=module.__name__, is_package="__path__" in vars(module))  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        assert spec.origin is not None
        module = importlib.import_module(spec.origin)
        if module.__spec__ is not None and module.__spec__.loader is not self:
            self._own_specs[module.__name__] = module.__spec__
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        # The import system has just given the module this alias's spec: it gets its own back.
        module.__spec__ = self._own_specs[module.__name__]


def _keras_is_ours() -> bool:
    """A Keras on TensorFlow cannot work while `tensorflow` means tapeflow; one on another backend can."""
    return os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow"


def public_module(root: str, rest: str, fullname: str) -> types.ModuleType:
    """The module of tapeflow that `import FULLNAME` means.

    Args:
        root: the module of tapeflow that the first part of the name stands for.
        rest: the remaining parts, dotted.
        fullname: the whole name, for the error.

    Raises:
        ModuleNotFoundError: tapeflow has no such namespace, or it is not a public one.
    """
    module = importlib.import_module(root)
    for part in rest.split(".") if rest else []:
        path = f"{module.__name__}.{part}".removeprefix(f"{PRODUCT}.")  # of the module itself: compat.v2 is tf
        child = getattr(module, part, None) if names.is_namespace(path) else None
        if not isinstance(child, types.ModuleType):
            raise ModuleNotFoundError(missing_message(path), name=fullname)
        module = child
    return module


_alias = Alias()


def install() -> None:
    """See `tapeflow.compat.install`."""
    with _changing:
        product = importlib.import_module(PRODUCT)
        if sys.modules.get("tensorflow") not in (None, product):
            raise RuntimeError(
                f"TensorFlow itself has been imported already, so `import tensorflow` cannot mean {PRODUCT} any more: "
                f"call {PRODUCT}.compat.install() before anything imports tensorflow, or start the program with "
                f"`{PRODUCT} run`"
            )
        if _alias not in sys.meta_path:
            sys.meta_path.insert(0, _alias)
        sys.modules["tensorflow"] = product


def uninstall() -> None:
    """See `tapeflow.compat.uninstall`."""
    with _changing:
        if _alias in sys.meta_path:
            sys.meta_path.remove(_alias)
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in ROOTS and getattr(module, "__name__", "").partition(".")[0] == PRODUCT:
                del sys.modules[name]
