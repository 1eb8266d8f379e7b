"""The machine and the releases that a table was measured with, in general terms."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path

from benchmarks import in_c
from benchmarks.frameworks import FRAMEWORKS


def describe() -> dict[str, object]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": cpu_model(),
        "cores": cores,
        "system": platform.system(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "releases": {name: release for name in FRAMEWORKS if (release := installed_release(name))},
    }


def cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def installed_release(framework: str) -> str | None:
    if not FRAMEWORKS[framework].distribution:
        return in_c.release()
    try:
        return metadata.version(FRAMEWORKS[framework].distribution)
    except metadata.PackageNotFoundError:
        return None


def sentence() -> str:
    """`describe()` as one line under the table."""
    facts = describe()
    releases = ", ".join(f"{FRAMEWORKS[name].title} {release}" for name, release in facts["releases"].items())
    return f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}, {facts['python']}. {releases}."
