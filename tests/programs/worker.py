"""Runs programs, one after another, in one process, and gives back what each wrote.

    python worker.py tapeflow|tensorflow

reads the path of a program from each line of its standard input and answers each with a line of JSON:
`stdout`, `stderr` (the lines that `tf.print` and others wrote) and `error`, the traceback if there was one.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def redirected(descriptor: int, stream) -> Iterator:
    """What is written to a file descriptor, by Python or by C++, goes to a file that the block may read when it is over."""
    with tempfile.TemporaryFile() as file:
        stream.flush()
        kept = os.dup(descriptor)
        os.dup2(file.fileno(), descriptor)
        try:
            yield file
        finally:
            os.dup2(kept, descriptor)
            os.close(kept)


def run(path: str) -> dict[str, str | None]:
    error = None
    with redirected(1, sys.stdout) as out, redirected(2, sys.stderr) as err:
        try:
            runpy.run_path(path, run_name="__main__")
        except BaseException:
            error = traceback.format_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8"))
    return {"stdout": texts[0], "stderr": texts[1], "error": error}


def main(backend: str) -> None:
    os.environ["MPLBACKEND"] = "Agg"
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    sys.path.remove(str(Path(__file__).parent))
    if backend == "tapeflow":
        import tapeflow

        tapeflow.compat.install()
    sys.stdout.reconfigure(line_buffering=True)
    for line in sys.stdin:
        print(json.dumps(run(line.strip())), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
