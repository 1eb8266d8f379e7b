"""Running a row: every framework once per round, in turn, each in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rows.row import Row

REPOSITORY = Path(__file__).resolve().parent.parent
LONGEST_SECONDS = 600


@dataclass
class Measured:
    """What a row cost, framework by framework: one number per round, or the reason why there is none."""

    costs: dict[str, list[Any]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(row: Row, frameworks: list[str], rounds: int, budget: float, report=lambda name, cost: None) -> Measured:
    """Costs of `row` over `rounds` rounds of A B C A B C …

    All answers are held against the first framework's. One that fails or differs is dropped from the rounds that follow
    and noted under `failures`.
    """
    measured = Measured()
    entrants = [name for name in frameworks if name in row.takes_part]
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            expected: list[np.ndarray] | None = None
            for name in entrants:
                if name in measured.failures:
                    continue
                try:
                    cost, answer = run_worker(row.name, name, budget, Path(folder, f"{name}.npz"))
                    if expected is None:
                        expected = answer
                    check_same_answer(answer, expected, row.rtol)
                except BenchmarkFailure as failure:
                    measured.failures[name] = str(failure)
                    measured.costs.pop(name, None)
                    report(name, None)
                else:
                    measured.costs.setdefault(name, []).append(cost)
                    report(name, cost)
    return measured


class BenchmarkFailure(Exception):
    """A framework did not do the row's work; the message says how it went wrong."""


def run_worker(row: str, framework: str, budget: float, answer_file: Path) -> tuple[Any, list[np.ndarray]]:
    command = [sys.executable, "-m", "benchmarks.worker", row, framework, str(budget), str(answer_file)]
    try:
        done = subprocess.run(
            command, cwd=REPOSITORY, env=clean_environment(), capture_output=True, text=True, timeout=LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise BenchmarkFailure(f"took longer than {LONGEST_SECONDS} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise BenchmarkFailure(lines[-1])
    with np.load(answer_file) as arrays:
        return json.loads(done.stdout.splitlines()[-1]), [arrays[name] for name in arrays.files]


def clean_environment() -> dict[str, str]:
    """This process's environment, made the same for everyone: CPU only, quiet, BLAS free to choose its kernels.

    A core type fixed in the environment, as some machines have it for old OpenBLAS builds, would handicap NumPy; and a
    ban on bytecode files would have TapeFlow, installed from its sources, compiled at every start.
    """
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    return environment


def check_same_answer(answer: list[np.ndarray], expected: list[np.ndarray], rtol: float) -> None:
    """Raise BenchmarkFailure unless both lists hold equal arrays of one dtype: times of different work say nothing."""
    if len(answer) != len(expected):
        raise BenchmarkFailure(f"computed {len(answer)} arrays, the others {len(expected)}")
    for index, (got, wanted) in enumerate(zip(answer, expected, strict=True)):
        if got.shape != wanted.shape or got.dtype != wanted.dtype:
            raise BenchmarkFailure(
                f"array {index} is {got.dtype}{list(got.shape)}, the others' {wanted.dtype}{list(wanted.shape)}"
            )
        error, largest = (float(np.max(np.abs(array), initial=0.0)) for array in (got - wanted, wanted))
        if not error <= rtol * largest:
            raise BenchmarkFailure(
                f"array {index} differs from the others' by {error:.3g} where the largest is {largest:.3g}"
            )
