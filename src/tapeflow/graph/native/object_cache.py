"""Machine code on disk, so that a kernel is compiled once for a machine and not once for a process.

The cache is a directory of the user's, readable and writable for nobody else: `$XDG_CACHE_HOME/tapeflow/kernels`, the platform's
counterpart of it, or what the environment variable `TAPEFLOW_CACHE` names; `TAPEFLOW_CACHE=off` turns it off. An entry's name
is a digest of everything that its code depends on, and the entry begins with a digest of the code. What is damaged, somebody
else's or unreadable is as good as absent, and what cannot be written is left.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

__all__ = ["directory", "load", "store"]

MAGIC = b"tapeflow kernel 1\n"
DIGEST_SIZE = hashlib.sha256().digest_size


def directory() -> Path | None:
    """Where the entries are; None: the cache is off."""
    wanted = os.environ.get("TAPEFLOW_CACHE", "")
    if wanted.lower() == "off":
        return None
    if wanted:
        return Path(wanted)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base, "tapeflow", "kernels") if base and os.path.isabs(base) else None


def load(name: str) -> bytes | None:
    """The machine code stored under `name`, or None."""
    folder = directory()
    if folder is None:
        return None
    try:
        if not _is_private(folder.stat()):
            return None
        with open(folder / name, "rb") as file:
            if not _is_private(os.fstat(file.fileno())):
                return None
            content = file.read()
    except OSError:
        return None
    digest, code = content[len(MAGIC) :][:DIGEST_SIZE], content[len(MAGIC) + DIGEST_SIZE :]
    if not content.startswith(MAGIC) or hashlib.sha256(code).digest() != digest:
        return None
    return code


def store(name: str, code: bytes) -> None:
    """Stores `code` under `name` in one step: a reader finds all of it or nothing."""
    folder = directory()
    if folder is None:
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder.stat()):
            return
        handle, path = tempfile.mkstemp(dir=folder, prefix=".writing-")  # readable for the owner alone
    except OSError:
        return
    try:
        with open(handle, "wb") as file:
            file.write(MAGIC + hashlib.sha256(code).digest() + code)
        os.replace(path, folder / name)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(path)


def _is_private(status: os.stat_result) -> bool:
    """Whether it is ours and nobody else can write to it: machine code from elsewhere must never run."""
    if not hasattr(os, "getuid"):
        return True  # the user's own folder is private on Windows
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
