"""tf.recompute_grad, stop_gradient, gradient accumulation over micro-batches, and straight-through estimators."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(7)
Ws = [tf.Variable(rng.randn(5, 5).astype(np.float32) * 0.4, name=f"W{i}") for i in range(4)]
x = tf.constant(rng.randn(8, 5).astype(np.float32))
calls = []


def make_layer(w):
    def layer(h):
        calls.append(w.name)
        return tf.tanh(tf.matmul(h, w)) + h

    return layer


def net(x, recompute):
    for w in Ws:
        layer = make_layer(w)
        x = tf.recompute_grad(layer)(x) if recompute else layer(x)
    return tf.reduce_sum(x**2)


for recompute in (False, True):
    calls.clear()
    with tf.GradientTape() as tape:
        loss = net(x, recompute)
    grads = tape.gradient(loss, Ws)
    print(recompute, len(calls), f"{loss:.5f}", [f"{tf.norm(g):.4f}" for g in grads])


@tf.function
def both(x):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        a = net(x, True)
        b = net(x, False)
    return tf.norm(tape.gradient(a, x) - tape.gradient(b, x)), tape.gradient(a, Ws[0])


d, g = both(x)
print(float(d) < 1e-4, g.shape, f"{tf.reduce_sum(g):.4f}")

accumulated = [tf.Variable(tf.zeros_like(w), trainable=False) for w in Ws]


@tf.function
def accumulate(part):
    with tf.GradientTape() as tape:
        loss = net(part, False) / 4.0
    for a, g in zip(accumulated, tape.gradient(loss, Ws)):
        a.assign_add(g)
    return loss


total = 0.0
for part in tf.split(x, 4):
    total += accumulate(part)
print(f"{total:.5f}", [f"{tf.norm(a):.4f}" for a in accumulated])


@tf.custom_gradient
def binarize(x):
    def grad(dy):
        return dy * tf.cast(tf.abs(x) <= 1.0, dy.dtype)

    return tf.sign(x), grad


@tf.custom_gradient
def scaled(x, w):
    y = x * w

    def grad(dy, variables=None):
        return dy * w * 2.0, tf.reduce_sum(dy * x)

    return y, grad


v = tf.constant([-1.5, -0.5, 0.5, 1.5])
with tf.GradientTape() as tape:
    tape.watch(v)
    y = tf.reduce_sum(binarize(v) * tf.range(4.0)) + tf.reduce_sum(scaled(v, 3.0))
print(tape.gradient(y, v).numpy())
quantize = lambda x: x + tf.stop_gradient(tf.round(x * 4) / 4 - x)
f = tf.function(lambda x: tf.gradients(quantize(x) ** 2, x)[0]) if hasattr(tf, "gradients") else None
with tf.GradientTape() as tape:
    tape.watch(v)
    q = quantize(v * 1.1) ** 2
print(q.numpy(), tape.gradient(q, v).numpy())
