"""Ctrl-C ends a loop of machine code, and what it would have written is not written."""

import subprocess
import sys
import textwrap
import threading

import pytest

import tapeflow as tf
from tapeflow.graph.native.machine import machine

pytestmark = pytest.mark.skipif(machine() is None, reason="no LLVM for this processor")

BEGIN = """
import os, signal, threading
import tapeflow as tf

v, w = tf.Variable(1), tf.Variable(0.5)

def interrupted(function, briefly, long):
    function(*map(tf.constant, briefly))  # compiles it
    v.assign(1)
    w.assign(0.5)
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()  # it runs although the loop runs: the loop lets go of Python's lock
    try:
        function(*map(tf.constant, long))
    except KeyboardInterrupt:
        print("interrupted", v.numpy(), w.numpy())
    timer.join()
"""

ENDLESS = """
@tf.function
def endless(n, step):
    i = tf.constant(0)
    while i < n:
        i += step
        v.assign_add(1)
        w.assign(w * 1.0000001)
    return i

interrupted(endless, (1, 1), (1, 0))
assert endless.get_concrete_function(tf.constant(1), tf.constant(1))._plan.is_program
"""

NESTED = """
@tf.function
def nested(n, m):
    x = tf.constant(0.5)
    for i in tf.range(n):
        for j in tf.range(m):
            x = x * 1.0000001 + tf.cast(j, tf.float32)
        v.assign_add(1)
    return x

interrupted(nested, (1, 1), (1_000_000_000, 50))
assert nested.get_concrete_function(tf.constant(1), tf.constant(1))._plan.is_program
"""

WITHIN = """
@tf.function
def within(n, step):
    tf.print("begins")
    w.assign(2.0)
    i = tf.constant(0)
    while i < n:
        i += step
        w.assign(w * 1.0000001)
    return i

interrupted(within, (1, 1), (1, 0))
assert within.get_concrete_function(tf.constant(1), tf.constant(1))._plan.parts
"""

KEPT = """
@tf.function
def kept(n):
    x = tf.constant(0.5)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y, i = x, tf.constant(0)
        while i < n:  # its iterations are kept: memory that is given back
            y = tf.sin(y)
            i += 1
    return tape.gradient(y, x)

def memory():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")

kept(tf.constant(10))  # what LLVM itself needs
linux = os.path.exists("/proc/self/statm")
before = linux and memory()
interrupted(kept, (10,), (2**31 - 1,))
assert not linux or memory() - before < 20_000_000, memory() - before
"""

HANDLER = """
calls = []
signal.signal(signal.SIGINT, lambda *_: calls.append(1))

@tf.function
def long(n):
    x = tf.constant(0.5)
    i = tf.constant(0)
    while i < n:
        x = x * 0.9999 + 0.5
        i += 1
    return x

long(tf.constant(1))
timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
timer.start()
print(long(tf.constant(600_000_000)).numpy(), calls)
"""


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        (ENDLESS, "interrupted 1 0.5"),
        (NESTED, "interrupted 1 0.5"),
        (WITHIN, "interrupted 1 2.0"),  # what came before the loop has happened
        (KEPT, "interrupted 1 0.5"),
        (HANDLER, "4996.7295 [1]"),
    ],
    ids=["endless", "nested", "within a larger function", "kept for a gradient", "a handler that lets it go on"],
)
def test_signals_are_handled_while_a_loop_runs(program, wanted, tmp_path):
    script = tmp_path / "program.py"  # AutoGraph reads its source
    script.write_text(textwrap.dedent(BEGIN) + program)
    found = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == wanted


def test_a_loop_in_another_thread_is_not_disturbed():
    @tf.function
    def steps(n):
        i = tf.constant(0)
        x = tf.constant(1.0)
        while i < n:
            x = x * 0.5 + 1.0
            i += 1
        return x, i

    n = tf.constant(30_000_000)
    results = []
    threads = [threading.Thread(target=lambda: results.append(steps(n))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(x.numpy(), i.numpy()) for x, i in results] == [(2.0, 30_000_000)] * 2
