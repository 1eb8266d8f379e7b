"""`tqdm.notebook` outside a notebook: the same progress bars, drawn on the console."""

import sys
import types
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from typing import Any


class ConsoleBars:
    """Finds `tqdm.notebook` and gives it the classes of `tqdm.std`: there is nothing that could show a widget."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname == "tqdm.notebook" else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        from tqdm import std

        class tqdm(std.tqdm):
            def __init__(self, *args: Any, display: bool = True, **kwargs: Any) -> None:
                if isinstance(kwargs.get("ncols"), str):  # a CSS width
                    del kwargs["ncols"]
                kwargs["disable"] = kwargs.get("disable", False) or not display
                super().__init__(*args, **kwargs)

        def trange(*args: Any, **kwargs: Any) -> tqdm:
            return tqdm(range(*args), **kwargs)

        vars(module).update(tqdm=tqdm, tqdm_notebook=tqdm, trange=trange, tnrange=trange)


def draw_notebook_bars_on_console() -> None:
    """Make `from tqdm.notebook import tqdm` give the console's bar from here on in this process."""
    if "tqdm.notebook" not in sys.modules and not any(isinstance(finder, ConsoleBars) for finder in sys.meta_path):
        sys.meta_path.insert(0, ConsoleBars())
