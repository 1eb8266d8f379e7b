"""The tutorial's headline: 10 000 steps of gradient descent inside one compiled function, on float32 scalars.

Once warm, call after call; and as the first thing that a process does, from `import` to the result.

After 1 280 steps x does not change any more, to the last bit, and TapeFlow's machine code notices: it leaves the rest out. What a
step costs is in the row of `streams`, where no state repeats.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.rows.row import Row

STEPS = 10_000
A, B, C, START, RATE = 1.0, -2.0, 1.0, 3.0, 0.01

SOURCE = """
float train(float x, float a, float b, float rate, int steps) {
    for (int i = 0; i < steps; i++) {
        float gradient = 2.0f * a * x + b;
        x = x - rate * gradient;
    }
    return x;
}
"""


def gradient_tape(tf):
    a, b, c = tf.constant(A), tf.constant(B), tf.constant(C)
    x = tf.Variable(START)
    optimizer = tf.keras.optimizers.SGD(RATE)

    @tf.function
    def train():
        x.assign(START)
        for _ in tf.range(STEPS):
            with tf.GradientTape() as tape:
                y = a * x * x + b * x + c
            optimizer.apply_gradients([(tape.gradient(y, x), x)])

    return train, lambda: [x.numpy()]


def jax(jax):
    a, b, c = (jax.numpy.float32(value) for value in (A, B, C))
    gradient = jax.grad(lambda x: a * x * x + b * x + c)
    train = jax.jit(lambda x: jax.lax.fori_loop(0, STEPS, lambda i, x: x - RATE * gradient(x), x))
    x = None

    def step():
        nonlocal x
        x = train(jax.numpy.float32(START)).block_until_ready()

    return step, lambda: [np.asarray(x)]


def c(c):
    train = c.compiled(SOURCE, "train", ctypes.c_float, *[ctypes.c_float] * 4, ctypes.c_int)
    x = None

    def step():
        nonlocal x
        x = train(START, A, B, RATE, STEPS)

    return step, lambda: [np.float32(x)]


PROCESS = """
from benchmarks.frameworks import FRAMEWORKS
from benchmarks.rows import training_loop
import numpy
step, answer = training_loop.{program}(FRAMEWORKS[{name!r}].load())
step()
numpy.save({path!r}, answer()[0])
"""


@dataclass(frozen=True)
class FirstCall(Row):
    """A row that compares whole processes, from their start to the first result.

    Args:
        compiled_before: whether TapeFlow finds its machine code on disk, from an earlier process.
    """

    compiled_before: bool = False

    def measure(self, name: str, budget: float) -> tuple[float, list[np.ndarray]]:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "answer.npy")
            code = PROCESS.format(program=self.programs[name].__name__, name=name, path=path)
            environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
            environment["TAPEFLOW_CACHE"] = folder if self.compiled_before else "off"
            times: list[float] = []
            while sum(times) < 3 * budget or len(times) < 3:  # the first leaves bytecode and machine code behind
                start = time.perf_counter()
                subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment)
                times.append(time.perf_counter() - start)
            return min(times[1:]), [np.load(path)]


TAPES = {"tapeflow": gradient_tape, "tensorflow": gradient_tape, "jax": jax}
FIRST = {"tensorflow": 10.0, "jax": 2.0}

ROWS = [
    Row(
        "training_loop",
        "10 000 steps in one compiled function; TapeFlow's ends when its state repeats",
        TAPES | {"c": c},
        targets={"tensorflow": 1000.0, "jax": 3.5, "c": 1.0},
    ),
    FirstCall("first_call", "a process that makes these 10 000 steps once", TAPES, targets=FIRST),
    FirstCall(
        "second_process",
        "the same, where an earlier process left its machine code on disk",
        TAPES,
        targets=FIRST,
        compiled_before=True,
    ),
]
