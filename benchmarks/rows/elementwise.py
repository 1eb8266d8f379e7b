"""Single elementwise operations on 10⁶ float32, eagerly: what is compared is the time of one call."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.rows.row import Program, Row

SIZE = 10**6
ONE_OPERAND = ("exp", "log", "tanh", "sigmoid", "sin", "erf", "log1p", "sqrt")
TWO_OPERANDS = {"mul": "multiply", "add": "add"}

Operation = Callable[..., Any]


def operands() -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of numbers that every operation here takes; most of what is drawn is where the functions bend."""
    x, y = np.random.default_rng(0).uniform(0.01, 4.0, (2, SIZE)).astype(np.float32)
    return x, y


def program(framework: ModuleType, operation: Operation, convert: Callable, to_numpy: Callable, count: int) -> tuple:
    """The step and the answer of one operation on the first `count` operands."""
    arguments = [convert(array) for array in operands()[:count]]

    def step() -> None:
        operation(*arguments)

    return step, lambda: [to_numpy(operation(*arguments))[::1000]]


def gradient_tape(name: str, count: int) -> Program:
    def prepare(tf: ModuleType) -> tuple:
        return program(tf, getattr(tf.math, TWO_OPERANDS.get(name, name)), tf.constant, lambda out: out.numpy(), count)

    return prepare


def pytorch(name: str, count: int) -> Program:
    def prepare(torch: ModuleType) -> tuple:
        return program(torch, getattr(torch, name), torch.tensor, lambda out: out.numpy(), count)

    return prepare


def row(name: str, count: int) -> Row:
    """One operation; TensorFlow is shown beside it, PyTorch is what it must not be slower than."""
    return Row(
        f"elementwise_1e6_{name}",
        f"{name} of 10⁶ float32, eager",
        {
            "tapeflow": gradient_tape(name, count),
            "tensorflow": gradient_tape(name, count),
            "pytorch": pytorch(name, count),
        },
        {"pytorch": 1.0},
    )


ROWS = [row(name, 1) for name in ONE_OPERAND] + [row(name, 2) for name in TWO_OPERANDS]
