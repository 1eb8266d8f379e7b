"""A tape keeps what the rules need and no more, and gives it back while the reverse pass runs."""

from __future__ import annotations

import gc
import tracemalloc
import weakref

import numpy as np
import pytest

import tapeflow as tf

MEBI = 1024 * 1024


@pytest.fixture
def traced():
    """`traced()` gives the bytes held now and the most that were held since it was last called."""
    large = tf.constant(np.ones(MEBI, np.float32))
    tf.sin(large + large * large)  # LLVM is loaded for the first large array: that is no tape's memory
    gc.collect()
    tracemalloc.start()

    def measure():
        now, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        return now, peak

    yield measure
    tracemalloc.stop()


@pytest.fixture
def x():
    return tf.constant(np.linspace(0.1, 1.0, MEBI, dtype=np.float32))  # 4 MB


def test_a_loop_of_ten_thousand_steps_does_not_grow(traced):
    v = tf.Variable(1.0)

    def steps(count):
        for _ in range(count):
            with tf.GradientTape() as tape:
                y = v * v * 2.0 - v
            v.assign_sub(0.001 * tape.gradient(y, v))

    gc.disable()  # reference counts alone must do
    try:
        steps(1000)
        before, _ = traced()
        steps(10_000)
        after, _ = traced()
    finally:
        gc.enable()
    assert after - before < 20_000


def test_a_chain_of_a_thousand_additions_keeps_no_tensor(traced, x):
    before, _ = traced()
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(1000):
            y = y + 1.0
    held, peak = traced()
    assert held - before < 6 * MEBI  # y itself and the notes; a thousand intermediate results would be 4000 MiB
    assert peak - before < 14 * MEBI
    gradient = tape.gradient(y, x)
    assert float(gradient[0]) == 1.0


def test_a_chain_of_a_thousand_products_with_a_number_keeps_no_tensor(traced, x):
    before, _ = traced()
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(1000):
            y = y * 1.001
    held, _ = traced()
    assert held - before < 6 * MEBI
    tape.gradient(y, x)
    _, peak = traced()
    assert peak - before < 20 * MEBI


def test_what_the_rules_need_is_kept_once_and_given_back_while_the_reverse_pass_runs(x):
    kept, alive = [], []

    @tf.custom_gradient
    def watched(x):
        def grad(dy):
            alive.append(sum(ref() is not None for ref in kept))
            return dy

        return x, grad

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(20):
            y = tf.exp(y * 0.01)  # keeps its output
            kept.append(weakref.ref(y))
            y = watched(y)
    tape.gradient(y, x)
    # Walking back, fewer and fewer of the kept outputs are left.
    assert alive == sorted(alive, reverse=True)
    assert alive[0] == 20
    assert alive[-1] <= 2


def test_the_reverse_pass_over_a_thousand_operations_frees_as_it_goes(traced):
    x = tf.constant(np.linspace(0.1, 1.0, MEBI // 16, dtype=np.float32))  # 256 kB, so that a thousand fit anywhere
    size = x.numpy().nbytes
    before, _ = traced()
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(1000):
            y = tf.sin(y)  # keeps its input
    held, _ = traced()
    assert held - before < 1005 * size
    gradient = tape.gradient(y, x)
    after, peak = traced()
    assert peak - before < 1010 * size  # what came to be on the way took the place of what was freed
    assert after - before < 4 * size
    assert gradient.shape == x.shape


def test_a_persistent_tape_keeps_its_record_until_it_goes(traced):
    x = tf.constant(np.ones(MEBI // 4, np.float32))
    before, _ = traced()
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x
        for _ in range(10):
            y = tf.sin(y)
    tape.gradient(y, x)
    held, _ = traced()
    assert held - before > 9 * MEBI
    tape.gradient(y, x)
    del tape
    held, _ = traced()
    assert held - before < 2 * MEBI


def test_reset_gives_back_what_was_kept(traced):
    x = tf.constant(np.ones(MEBI // 4, np.float32))
    before, _ = traced()
    with tf.GradientTape() as tape:
        tape.watch(x)
        for _ in range(10):
            x = tf.sin(x)
        tape.reset()
        held, _ = traced()
    assert held - before < 3 * MEBI


def test_a_tape_that_is_dropped_without_being_asked_frees_its_record():
    gc.disable()
    try:
        with tf.GradientTape() as tape:
            v = tf.Variable(np.ones(10))
            y = tf.exp(v)
        kept, recorder = weakref.ref(y), weakref.ref(tape)
        del y, tape
        assert kept() is None
        assert recorder() is None
    finally:
        gc.enable()


def test_a_constant_that_no_tape_follows_is_not_kept():
    gc.disable()
    try:
        x, c = tf.constant(np.ones(10)), tf.constant(np.ones(10))
        with tf.GradientTape() as tape:
            tape.watch(c)
            y = tf.exp(x) + c
            z = x * x
        kept = weakref.ref(z)
        del z
        assert kept() is None
        assert np.asarray(tape.gradient(y, c)).tolist() == [1.0] * 10
    finally:
        gc.enable()
