"""C as a participant: functions compiled with the system's compiler at -O2."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMPILER = shutil.which("cc") or shutil.which("gcc")


def release() -> str | None:
    """The compiler's own number, or None where there is none."""
    if COMPILER is None:
        return None
    return subprocess.run([COMPILER, "-dumpfullversion"], capture_output=True, text=True).stdout.strip() or "?"


def compiled(source: str, name: str, result: Any, *arguments: Any) -> Callable:
    """The function `name` of a C text, with these ctypes types."""
    if COMPILER is None:
        raise RuntimeError("there is no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        text, library = Path(folder, "program.c"), Path(folder, "program.so")
        text.write_text(source)
        subprocess.run([COMPILER, "-O2", "-shared", "-fPIC", "-o", library, text, "-lm"], check=True)
        function = getattr(ctypes.CDLL(str(library)), name)
    function.restype, function.argtypes = result, arguments
    return function
