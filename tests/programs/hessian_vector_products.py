"""Hessian-vector products in three ways, a power iteration for curvature, Fisher information and a trust region."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(55)
X = tf.constant(rng.randn(30, 4))
y = tf.constant((rng.rand(30) > 0.5).astype(np.float64))
w = tf.Variable(rng.randn(4) * 0.1, name="w")


def loss_fn(w):
    logits = tf.linalg.matvec(X, w)
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(y, logits)) + 0.01 * tf.reduce_sum(w**4)


def hvp_reverse(v):
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = loss_fn(w)
        g = inner.gradient(loss, w)
        product = tf.reduce_sum(g * tf.stop_gradient(v))
    return outer.gradient(product, w)


def hvp_output_gradients(v):
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = loss_fn(w)
        g = inner.gradient(loss, w)
    return outer.gradient(g, w, output_gradients=v)


def hvp_forward(v):
    with tf.autodiff.ForwardAccumulator(w, v) as acc:
        with tf.GradientTape() as tape:
            loss = loss_fn(w)
        g = tape.gradient(loss, w)
    return acc.jvp(g)


v = tf.constant(rng.randn(4))
for f in (hvp_reverse, hvp_output_gradients, hvp_forward):
    print(f"{f.__name__:22s}", np.round(f(v).numpy(), 8))
with tf.GradientTape(persistent=True) as outer:
    with tf.GradientTape() as inner:
        loss = loss_fn(w)
    g = inner.gradient(loss, w)
    parts = tf.unstack(g)
H = tf.stack([outer.gradient(p, w) for p in parts])
print(np.allclose(H, outer.jacobian(g, w)), np.allclose(tf.linalg.matvec(H, v), hvp_forward(v)))
u = tf.math.l2_normalize(tf.ones(4, tf.float64))
for _ in range(40):
    u = tf.math.l2_normalize(hvp_reverse(u))
print(f"largest curvature {tf.tensordot(u, hvp_reverse(u), 1):.6f} {tf.reduce_max(tf.linalg.eigvalsh(H)):.6f}")
radius = 0.5
for step in range(8):
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = loss_fn(w)
        g = inner.gradient(loss, w)
    H = outer.jacobian(g, w)
    direction = -tf.linalg.lstsq(H + 1e-6 * tf.eye(4, dtype=tf.float64), g[:, None], fast=False)[:, 0]
    direction = tf.clip_by_norm(direction, radius)
    w.assign_add(direction)
    print(step, f"{loss:.8f} {tf.norm(g):.3e}" if tf.norm(g) > 1e-9 else "converged")
    if tf.norm(g) < 1e-9:
        break
with tf.GradientTape() as tape:
    p = tf.sigmoid(tf.linalg.matvec(X, w))
    log_p = tf.math.log(tf.where(y > 0.5, p, 1.0 - p))
scores = tape.jacobian(log_p, w)
fisher = tf.matmul(scores, scores, transpose_a=True) / 30.0
print(scores.shape, np.round(tf.linalg.eigvalsh(fisher).numpy(), 6))
