"""Elements at places known only when the program runs: those that NumPy finds, or its error."""

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.native import calling
from tapeflow.graph.native.machine import machine
from tests.graph.native.identical import identical

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")

LARGE = np.random.default_rng(0).normal(size=(50, 4, 3)).astype(np.float32)
FLAGS = LARGE[:, 0, 0] > 0


@pytest.fixture(autouse=True)
def everything_is_compiled(monkeypatch):
    monkeypatch.setattr(calling, "WORTH", 0)


SLICES = {
    "row of a row": lambda x, i, j: x[i, j],
    "row": lambda x, i, j: x[i],
    "element": lambda x, i, j: x[i, j, 1],
    "column": lambda x, i, j: x[i, :, 2],
    "every second": lambda x, i, j: x[i, ::2, j],
    "backwards": lambda x, i, j: x[i, ::-1],
    "new axis behind": lambda x, i, j: x[i, j, tf.newaxis],
    "the rest": lambda x, i, j: x[i, ...],
    "block": lambda x, i, j: tf.slice(x, [i, j, 0], [1, 2, 3]),
    "gathered": lambda x, i, j: tf.gather(x, i)[0],
    "several rows": lambda x, i, j: tf.gather(x, tf.stack([i, j, i]))[:, 1],
}


def answer(call, *args):
    try:
        return np.asarray(call(*args))
    except tf.errors.InvalidArgumentError:
        return "an error"


@pytest.mark.parametrize("kind", ["constant", "argument", "small", "made in the program"])
@pytest.mark.parametrize("name", SLICES)
def test_slices(name, kind):
    whole = LARGE if kind in ("constant", "argument") else LARGE[:5]

    @tf.function(autograph=False)
    def program(x, i, j):
        if kind == "constant":
            x = tf.constant(whole)
        elif kind == "made in the program":
            x = x * 1.0
        return SLICES[name](x, i, j) + 0.0

    x = tf.constant(whole)
    for i, j in ((0, 0), (3, 2), (-1, -1), (len(whole) - 1, 3), (len(whole), 0), (0, 4), (-len(whole) - 1, 0)):
        args = x, tf.constant(i), tf.constant(j)
        found, wanted = answer(program, *args), answer(program.python_function, *args)
        if isinstance(wanted, str):
            assert isinstance(found, str)
        else:
            identical(found, wanted)
    plan = program.get_concrete_function(x, tf.constant(0), tf.constant(0))._plan
    assert plan.is_program, plan.why_no_program
    assert plan._native(x._value, np.int32(1), np.int32(1)) is not None


@pytest.mark.parametrize("count", [1, 20, 50])
def test_a_loop_over_samples_by_their_numbers(count):
    xs, flags = tf.constant(LARGE[:, 0, 0]), tf.constant(FLAGS)

    @tf.function
    def program(w, n):
        hits = tf.constant(0)
        for i in tf.range(n):
            w -= 0.1 * (w * xs[i] - xs[-1 - i]) * xs[i]
            if flags[i]:
                hits += 1
        return w, hits

    args = tf.constant(0.5), tf.constant(count)
    for a, b in zip(program(*args), program.python_function(*args), strict=True):
        identical(a, b)
    plan = program.get_concrete_function(*args)._plan
    assert plan.is_program, plan.why_no_program
    assert answer(lambda: program(tf.constant(0.5), tf.constant(51))[0]) == "an error"


def test_derivatives_by_small_tensors(monkeypatch):
    def program(table, n):
        with tf.GradientTape() as tape:
            tape.watch(table)
            total = tf.constant(0.0)
            for i in tf.range(n):
                total += tf.reduce_sum(table[i % 4] * tf.sin(table[(i * 3 + 1) % 4]))
        return tape.gradient(total, table)

    table, n = tf.constant(LARGE[:4, 0]), tf.constant(9)
    compiled = tf.function(program)
    found = compiled(table, n)
    np.testing.assert_allclose(found, program(table, n), rtol=1e-5)
    plan = compiled.get_concrete_function(table, n)._plan
    assert plan.is_program, plan.why_no_program
    with monkeypatch.context() as patch:
        patch.setenv("TAPEFLOW_NATIVE", "off")
        np.testing.assert_array_max_ulp(found.numpy(), tf.function(program)(table, n).numpy(), 64)
