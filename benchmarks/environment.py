"""The virtual environment that the benchmarks run in: TapeFlow, editable, and the peers. Needs nothing but Python."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / ".venv-bench"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def python() -> Path:
    return FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def enter() -> None:
    """Return at once inside the environment; else make it if need be, and start this program again inside it."""
    if Path(sys.prefix).resolve() == FOLDER.resolve():
        return
    prepare()
    os.execv(python(), [str(python()), *sys.argv])


def prepare() -> None:
    stamp = FOLDER / "ready"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + (REPOSITORY / "pyproject.toml").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("preparing .venv-bench: TapeFlow and its peers (a few GB, once)", file=sys.stderr, flush=True)
    if not python().exists():
        venv.create(FOLDER, with_pip=True)
    if not install(str(REPOSITORY), editable=True):
        raise SystemExit("TapeFlow itself could not be installed")
    peers = [line for line in REQUIREMENTS.read_text().splitlines() if line and not line.startswith("#")]
    if not install(*peers):
        # One release that this Python has no build of must not cost the others their place in the table.
        for peer in peers:
            if not install(peer):
                print(f"{peer} could not be installed: its column stays empty", file=sys.stderr)
    stamp.write_text(wanted)


def install(*requirements: str, editable: bool = False) -> bool:
    command = [str(python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*command, *(["--editable"] if editable else []), *requirements]).returncode == 0
