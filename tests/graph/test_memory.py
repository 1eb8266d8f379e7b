"""Functions leave nothing behind: neither calls of one, nor functions that are gone."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np

import tapeflow as tf
from tapeflow.graph.concrete import ConcreteFunction
from tapeflow.graph.ir import Block, Node
from tapeflow.graph.native import fused
from tapeflow.graph.plan import Plan


def alive():
    """How many objects there are of the kinds that a trace is made of."""
    gc.collect()
    kinds = (Plan, Node, Block, ConcreteFunction)
    return sum(type(each) in kinds for each in gc.get_objects())


def made(n):
    """A function with machine code, a variable, a gradient and a constant that no other has."""
    v = tf.Variable(np.ones(600, np.float32))

    def step(x):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.tanh(v * x) + tf.exp(-v) * (0.001 * n + 3.25))
        g = tape.gradient(y, v)
        v.assign_sub(g * 0.01)
        return y

    return tf.function(step, autograph=False)


X = tf.constant(np.linspace(0, 1, 600).astype(np.float32))


def test_ten_thousand_calls_leave_nothing_behind():
    step = made(0)
    for _ in range(200):
        step(X)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10_000):
            step(X)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert after - before < 20_000


def test_a_thousand_functions_leave_nothing_behind():
    for n in range(20):
        made(-n)(X)
    start, kernels = alive(), len(fused._linked)
    for n in range(800):
        made(n)(X)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for n in range(800, 1000):
            made(n)(X)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert alive() == start
    assert len(fused._linked) == kernels  # machine code belongs to what is computed, not to the function
    assert after - before < 100_000


def test_functions_share_machine_code_whatever_their_constants_are():
    made(1)(X)
    kernels = len(fused._linked)
    made(2)(X)
    assert len(fused._linked) == kernels
