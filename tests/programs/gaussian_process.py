"""A Gaussian process: marginal likelihood by Cholesky, its hyperparameters by gradient, prediction by triangular solves."""

import math

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(11)
x = np.sort(rng.uniform(-3, 3, size=(15, 1)), axis=0)
y = np.sin(1.5 * x) + 0.1 * rng.randn(15, 1)
log_l = tf.Variable(0.0, dtype=tf.float64, name="log_lengthscale")
log_s = tf.Variable(0.0, dtype=tf.float64, name="log_amplitude")
log_n = tf.Variable(-1.0, dtype=tf.float64, name="log_noise")


def kernel(a, b):
    sq = tf.reduce_sum(a**2, 1)[:, None] + tf.reduce_sum(b**2, 1)[None, :] - 2.0 * tf.matmul(a, b, transpose_b=True)
    return tf.exp(2.0 * log_s) * tf.exp(-0.5 * sq / tf.exp(2.0 * log_l))


def factor():
    K = kernel(x, x)
    K = tf.linalg.set_diag(K, tf.linalg.diag_part(K) + tf.exp(2.0 * log_n) + 1e-8)
    return tf.linalg.cholesky(K)


def negative_log_likelihood():
    L = factor()
    alpha = tf.linalg.triangular_solve(L, y, lower=True)
    return (
        0.5 * tf.reduce_sum(tf.square(alpha))
        + tf.reduce_sum(tf.math.log(tf.linalg.diag_part(L)))
        + 0.5 * len(x) * tf.cast(tf.math.log(2 * math.pi), tf.float64)
    )


optimizer = tf.keras.optimizers.RMSprop(learning_rate=0.02)
hyper = [log_l, log_s, log_n]
for i in range(81):
    with tf.GradientTape() as tape:
        nll = negative_log_likelihood()
    optimizer.apply_gradients(zip(tape.gradient(nll, hyper), hyper, strict=True))
    if i % 20 == 0:
        print(f"{i:3d} nll {nll:.5f} " + " ".join(f"{v.name.split(':')[0]}={v.numpy():.4f}" for v in hyper))

grid = np.linspace(-3, 3, 5).reshape(-1, 1)
L = factor()
Ks = kernel(x, grid)
weights = tf.linalg.cholesky_solve(L, tf.constant(y))
mean = tf.matmul(Ks, weights, transpose_a=True)
v = tf.linalg.triangular_solve(L, Ks)
var = tf.linalg.diag_part(kernel(grid, grid)) - tf.reduce_sum(v**2, axis=0)
print(np.round(tf.squeeze(mean).numpy(), 4), np.round(var.numpy(), 4))
print(f"logdet {tf.linalg.logdet(kernel(x, x) + tf.eye(15, dtype=tf.float64)):.5f}")
grid_t = tf.constant(grid)
with tf.GradientTape() as tape:
    tape.watch(grid_t)
    m = tf.matmul(kernel(x, grid_t), weights, transpose_a=True)
print(tape.gradient(m, grid_t).numpy().ravel().round(4))
