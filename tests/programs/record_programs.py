"""Record what the programs beside this file print under TensorFlow.

    python tests/programs/record_programs.py [NAME…]

needs a Python that has TensorFlow. It writes expected/NAME.stdout and, where `tf.print` wrote something, expected/NAME.stderr.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
# What TensorFlow and Python log beside it; the line of the program comes below a warning.
LOGGED = re.compile(r"^(WARNING:|[IWE]\d{4} |\d{4}-\d\d-\d\d \d\d:|.*Warning: .*\n  ).*\n", re.MULTILINE)


def programs() -> list[Path]:
    apart = {"conftest", "worker", "record_programs"}
    return [path for path in sorted(HERE.glob("*.py")) if path.stem not in apart and not path.stem.startswith("test_")]


def record(names: list[str]) -> None:
    with subprocess.Popen(
        [sys.executable, str(HERE / "worker.py"), "tensorflow"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as worker:
        for path in programs():
            if names and path.stem not in names:
                continue
            print(path, file=worker.stdin, flush=True)
            answer = json.loads(worker.stdout.readline())
            if answer["error"]:
                print(f"{path.name} fails under TensorFlow:\n{answer['error']}")
                continue
            answer["stderr"] = LOGGED.sub("", answer["stderr"])
            for stream in ("stdout", "stderr"):
                target = HERE / "expected" / f"{path.stem}.{stream}"
                if answer[stream]:
                    target.write_text(answer[stream])
                else:
                    target.unlink(missing_ok=True)
            print(f"{path.name}: {answer['stdout'].count(chr(10))} + {answer['stderr'].count(chr(10))} lines")
        worker.stdin.close()


if __name__ == "__main__":
    record(sys.argv[1:])
