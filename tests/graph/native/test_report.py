"""The report says what runs as machine code, and why the rest does not."""

import subprocess
import sys

import numpy as np
import pytest

import tapeflow as tf
from tapeflow.graph.native.machine import machine

needs_llvm = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")


@needs_llvm
def test_a_program():
    v = tf.Variable(1.0)

    @tf.function
    def program(x):
        for _ in tf.range(1000):
            v.assign_add(x * x)
        return v * 2.0

    report = tf.debugging.native_report(program, tf.constant(0.5))
    assert report.splitlines()[0] == "program"
    assert "one program of machine code: Mul x2, " in report
    assert "assignment" in report
    assert "NumPy" not in report


@needs_llvm
def test_a_loop_in_a_larger_function():
    @tf.function
    def program(x, data):
        tf.print(x)
        for _ in tf.range(1000):
            x = x * 0.5 + 1.0
        return x, tf.linalg.det(data)

    report = tf.debugging.native_report(program, tf.constant(0.5), tf.eye(3))
    assert "a loop as a program of machine code: " in report
    assert "NumPy: StringFormat, MatrixDeterminant" in report
    assert "no program: a" in report
    assert "MatrixDeterminant: there is no machine code for it (float32)" in report


@needs_llvm
def test_loops_over_arrays():
    @tf.function
    def program(x, w):
        return tf.reduce_sum(tf.tanh(x) * tf.exp(-x * x) + tf.sin(x)), x @ w

    x = tf.constant(np.ones((500, 500), np.float32))
    report = tf.debugging.native_report(program, x, x)
    assert "loops over arrays in machine code: " in report
    assert "Tanh" in report
    assert "no program: " in report
    assert "MatMul: there is no machine code for it (float32)" in report


@needs_llvm
def test_a_loop_that_is_none_says_why():
    @tf.function
    def program(x):
        for _ in tf.range(1000):
            x = tf.linalg.inv(x) * 0.5
        return x

    report = tf.debugging.native_report(program, tf.eye(2))
    assert "a loop: the operation MatrixInverse" in report


def test_without_machine_code(monkeypatch):
    monkeypatch.setenv("TAPEFLOW_NATIVE", "off")

    @tf.function
    def program(x):
        for _ in tf.range(1000):
            x = x * 0.5
        return x

    assert program(tf.constant(1.0)).numpy() == 0.0
    report = tf.debugging.native_report(program)
    assert "NumPy: Mul" in report
    assert "TAPEFLOW_NATIVE=off" in report


def test_what_is_no_compiled_function():
    with pytest.raises(TypeError, match=r"what tf\.function gives"):
        tf.debugging.native_report(abs)


PROGRAM = """
import sys
if {blocked}:
    sys.modules["llvmlite"] = None  # as if it were not installed
import tapeflow as tf
v = tf.Variable(0.5)
@tf.function
def program(x):
    for i in tf.range(100):
        if i % 3 == 0:
            v.assign_add(x / 7.0)
        x = x - v * 0.01
    return x, v * 1.0
print([y.numpy() for y in program(tf.constant(0.3))], program.experimental_eager_reasons())
print(tf.debugging.native_report(program, tf.constant(0.3)))
"""


def run(environment, blocked=False):
    import os

    code = PROGRAM.format(blocked=blocked)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | environment, timeout=120, check=True
    )
    return done.stdout.splitlines()[0], done.stdout, done.stderr


@needs_llvm
def test_without_llvm_and_with_it_the_results_are_the_same():
    with_llvm, report, errors = run({"TAPEFLOW_LOG_NATIVE": "1"})
    assert "one program of machine code" in report
    assert "tapeflow: a graph was compiled\n  one program of machine code" in errors
    blocked, report, errors = run({}, blocked=True)
    assert "there is no LLVM" in report
    assert errors == ""
    off, *_ = run({"TAPEFLOW_NATIVE": "off"})
    assert with_llvm == blocked == off
