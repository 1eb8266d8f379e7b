"""Loops whose state never repeats: gradient descent over a stream of samples, and the derivative of a long loop.

The training loop of the tutorial arrives after some thousand steps, and a compiler may notice. Here every step counts.
"""

from __future__ import annotations

import ctypes

import numpy as np

from benchmarks.rows.row import Row

SAMPLES = 10_000
START, RATE = 0.5, 0.01
STEPS = 1_000

_draw = np.random.default_rng(0)
XS = _draw.normal(size=SAMPLES).astype(np.float32)
YS = (2.0 * XS + 0.5 * _draw.normal(size=SAMPLES)).astype(np.float32)

SOURCE = """
float train(float w, float rate, const float *xs, const float *ys, int samples) {
    for (int i = 0; i < samples; i++) {
        float error = w * xs[i] - ys[i];
        w = w - rate * (2.0f * error * xs[i]);
    }
    return w;
}
"""


def gradient_tape(tf):
    xs, ys = tf.constant(XS), tf.constant(YS)
    result = None

    def one(w, sample):
        x, y = sample
        with tf.GradientTape() as tape:
            tape.watch(w)
            loss = tf.square(w * x - y)
        return w - RATE * tape.gradient(loss, w)

    train = tf.function(lambda w: tf.foldl(one, (xs, ys), initializer=w), autograph=False)
    start = tf.constant(START)

    def step():
        nonlocal result
        result = train(start)

    return step, lambda: [result.numpy()]


def jax(jax):
    samples = jax.numpy.asarray(XS), jax.numpy.asarray(YS)

    def one(w, sample):
        x, y = sample
        return w - RATE * jax.grad(lambda w: (w * x - y) ** 2)(w), None

    train = jax.jit(lambda w, samples: jax.lax.scan(one, w, samples)[0])
    result, start = None, jax.numpy.float32(START)

    def step():
        nonlocal result
        result = train(start, samples).block_until_ready()

    return step, lambda: [np.asarray(result)]


def c(c):
    pointer = ctypes.POINTER(ctypes.c_float)
    train = c.compiled(SOURCE, "train", ctypes.c_float, ctypes.c_float, ctypes.c_float, pointer, pointer, ctypes.c_int)
    xs, ys = XS.ctypes.data_as(pointer), YS.ctypes.data_as(pointer)
    result = None

    def step():
        nonlocal result
        result = train(START, RATE, xs, ys, SAMPLES)

    return step, lambda: [np.float32(result)]


def slope_in_tensors(tf):
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x
            for _ in tf.range(STEPS):
                y = y - 0.01 * tf.sin(y) * x
        return tape.gradient(y, x)

    start, result = tf.constant(1.5), None

    def step():
        nonlocal result
        result = slope(start)

    return step, lambda: [result.numpy()]


def slope_in_jax(jax):
    def after(x):
        return jax.lax.fori_loop(0, STEPS, lambda _, y: y - 0.01 * jax.numpy.sin(y) * x, x)

    slope = jax.jit(jax.grad(after))
    start, result = jax.numpy.float32(1.5), None

    def step():
        nonlocal result
        result = slope(start).block_until_ready()

    return step, lambda: [np.asarray(result)]


ROWS = [
    Row(
        "stream",
        "10 000 steps over 10 000 samples in one compiled function",
        {"tapeflow": gradient_tape, "tensorflow": gradient_tape, "jax": jax, "c": c},
        # One step has to wait for the one before: C is as fast as the processor's latencies allow, and JAX 0.10 near it.
        targets={"tensorflow": 100.0, "jax": 1.0, "c": 1 / 1.3},
    ),
    Row(
        "loop_gradient",
        "the derivative of a loop of 1 000 steps",
        {"tapeflow": slope_in_tensors, "tensorflow": slope_in_tensors, "jax": slope_in_jax},
        targets={"tensorflow": 100.0, "jax": 1.0},
        rtol=1e-3,
    ),
]
