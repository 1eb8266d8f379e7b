"""Programs written for TensorFlow's GradientTape print under TapeFlow what they print under TensorFlow."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs.record_programs import programs

HERE = Path(__file__).parent
NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?")
BRACKET = re.compile(r" ?([][(),]) ?")


def last_place(number: str) -> float:
    """What one more in the last of three or more decimals means: where a number is shown rounded, it may go either way."""
    digits, _, exponent = number.lower().partition("e")
    decimals = len(digits.partition(".")[2])
    return 1.01 * 10.0 ** (int(exponent or 0) - decimals) if decimals >= 3 else 0.0


def words(line: str) -> str:
    """The line without its numbers, and without the spaces that NumPy aligns columns with."""
    return BRACKET.sub(r"\1", " ".join(NUMBER.sub("#", line).split()))


def same(expected: str, actual: str, relative: float = 1e-4, absolute: float = 2e-6) -> bool:
    """Whether two lines have the same words, and numbers that float32 cannot tell apart."""
    return words(expected) == words(actual) and all(
        abs(float(want) - float(got)) <= relative * abs(float(want)) + absolute + min(last_place(want), last_place(got))
        for want, got in zip(NUMBER.findall(expected), NUMBER.findall(actual), strict=True)
    )


def difference(expected: str, actual: str) -> str | None:
    """The first line that is not what it must be; None where all are."""
    wanted, found = expected.splitlines(), actual.splitlines()
    for i, (want, got) in enumerate(zip(wanted, found, strict=False), start=1):
        if not same(want, got):
            return f"line {i} must be\n  {want}\nand is\n  {got}"
    if len(wanted) != len(found):
        return f"{len(wanted)} lines must be written, and {len(found)} are: {(wanted + found)[min(len(wanted), len(found))]}"
    return None


def absence(expected: str, actual: str) -> str | None:
    """The first line that does not come in its place; others (warnings, progress) may come between."""
    found = iter(actual.splitlines())
    return next((want for want in expected.splitlines() if not any(same(want, got) for got in found)), None)


def recorded(name: str) -> str:
    path = HERE / "expected" / name
    return path.read_text() if path.exists() else ""


@pytest.fixture(scope="module")
def worker():
    command = [sys.executable, str(HERE / "worker.py"), "tapeflow"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()


@pytest.mark.parametrize("program", [path.stem for path in programs()])
def test_a_program_prints_what_it_prints_under_tensorflow(worker, program):
    print(HERE / f"{program}.py", file=worker.stdin, flush=True)
    answer = json.loads(worker.stdout.readline())
    assert not answer["error"], answer["error"]
    problem = difference(recorded(f"{program}.stdout"), answer["stdout"])
    assert problem is None, problem
    line = absence(recorded(f"{program}.stderr"), answer["stderr"])
    assert line is None, f"tf.print must write, in its place:\n  {line}\nand all that was written is\n{answer['stderr']}"


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("loss 0.5", "loss 0.51"),
        ("loss 0.5", "cost 0.5"),
        ("a\nb", "a"),
        ("a", "a\nb"),
        ("[1. 2.]", "[1. 2. 3.]"),
        ("7", "8"),
    ],
)
def test_a_difference_is_found(expected, actual):
    assert difference(expected, actual) is not None


@pytest.mark.parametrize(
    ("expected", "actual"), [("loss 0.5", "loss 0.500001"), ("0.0483", "0.0484"), ("[1.  2.]", "[1. 2.]"), ("", "")]
)
def test_the_last_digits_are_no_difference(expected, actual):
    assert difference(expected, actual) is None


def test_every_record_belongs_to_a_program():
    assert {path.stem for path in (HERE / "expected").iterdir()} == {path.stem for path in programs()}
