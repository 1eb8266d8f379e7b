"""Kernel ridge regression: leave-one-out error differentiated through solve, inverse and lstsq."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(2)
X = tf.constant(rng.randn(12, 2))
y = tf.constant(rng.randn(12, 1))


def gram(a, b, gamma):
    d2 = tf.reduce_sum(tf.math.squared_difference(a[:, tf.newaxis, :], b[tf.newaxis, :, :]), axis=-1)
    return tf.exp(-gamma * d2)


gamma = tf.Variable(0.5, dtype=tf.float64)
lam = tf.Variable(0.1, dtype=tf.float64)
for step in range(15):
    with tf.GradientTape() as tape:
        K = gram(X, X, tf.nn.softplus(gamma))
        A = K + tf.nn.softplus(lam) * tf.eye(12, dtype=tf.float64)
        alpha = tf.linalg.solve(A, y)
        diag = tf.linalg.diag_part(tf.linalg.inv(A))[:, None]
        loo = tf.reduce_mean((alpha / diag) ** 2)
    dg, dl = tape.gradient(loo, [gamma, lam])
    gamma.assign_sub(0.2 * dg)
    lam.assign_sub(0.2 * dl)
    if step % 5 == 0:
        tf.print("step", step, "loo", loo, "gamma", gamma, "lambda", lam)
print(f"{loo.numpy():.6f} {gamma.numpy():.5f} {lam.numpy():.5f}")

features = tf.concat([X, tf.ones([12, 1], dtype=tf.float64)], axis=1)
with tf.GradientTape() as tape:
    tape.watch(y)
    coef = tf.linalg.lstsq(features, y, l2_regularizer=0.01)
print(coef.numpy().ravel().round(5))
print(tape.gradient(coef, y).numpy().ravel().round(5))
with tf.GradientTape() as tape:
    tape.watch(A)
    value = tf.linalg.logdet(A) + tf.linalg.trace(A) + tf.math.log(tf.linalg.det(A))
print(np.round(tape.gradient(value, A).numpy()[:2, :3], 5), f"{value:.5f}")
try:
    tf.linalg.inv(tf.zeros([2, 2]))
except tf.errors.InvalidArgumentError as e:
    print(type(e).__name__, "not invertible" in e.message)
try:
    tf.linalg.cholesky(tf.constant([[1.0, 2.0], [2.0, 1.0]]))
except tf.errors.InvalidArgumentError as e:
    print(type(e).__name__)
