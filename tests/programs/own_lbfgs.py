"""Gauss-Newton, L-BFGS and nonlinear conjugate gradients written by hand over flattened parameters."""

import numpy as np
import tensorflow as tf

tf.random.set_seed(0)
rng = np.random.default_rng(0)
t = np.linspace(0, 4, 25)
data = 2.5 * np.exp(-0.8 * t) + 0.5 + 0.02 * rng.standard_normal(25)


def value_and_gradient(f, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = f(x)
    return value, tape.gradient(value, x)


def residuals(p):
    return p[0] * tf.exp(-p[1] * t) + p[2] - data


def objective(p):
    return 0.5 * tf.reduce_sum(residuals(p) ** 2)


p = tf.constant([1.0, 1.0, 0.0], dtype=tf.float64)
for i in range(6):
    with tf.GradientTape() as tape:
        tape.watch(p)
        r = residuals(p)
    J = tape.jacobian(r, p)
    step = tf.linalg.solve(tf.transpose(J) @ J, tf.linalg.matvec(J, r, transpose_a=True)[:, tf.newaxis])
    p -= tf.squeeze(step, axis=-1)
    print("gauss-newton", i, f"{objective(p):.8f}", np.round(p.numpy(), 6))


def lbfgs(f, x, history=5, iterations=25):
    s_list, y_list = [], []
    value, g = value_and_gradient(f, x)
    for _ in range(iterations):
        q, alphas = tf.identity(g), []
        for s, y in zip(reversed(s_list), reversed(y_list)):
            rho = 1.0 / tf.tensordot(y, s, axes=1)
            a = rho * tf.tensordot(s, q, 1)
            q -= a * y
            alphas.append((a, rho))
        if s_list:
            q *= tf.tensordot(s_list[-1], y_list[-1], 1) / tf.tensordot(y_list[-1], y_list[-1], 1)
        for (s, y), (a, rho) in zip(zip(s_list, y_list), reversed(alphas)):
            q += s * (a - rho * tf.tensordot(y, q, 1))
        size, slope = 1.0, tf.tensordot(g, q, 1)
        while f(x - size * q) > value - 1e-4 * size * slope and size > 1e-8:
            size *= 0.5
        x_new = x - size * q
        value, g_new = value_and_gradient(f, x_new)
        s_list, y_list = (s_list + [x_new - x])[-history:], (y_list + [g_new - g])[-history:]
        x, g = x_new, g_new
        if tf.norm(g) < 1e-7:
            break
    return x, value


x, value = lbfgs(objective, tf.constant([1.0, 1.0, 0.0], tf.float64))
print("l-bfgs", f"{value:.8f}", np.round(x.numpy(), 5))
x, value = lbfgs(
    lambda z: tf.reduce_sum(100.0 * (z[1:] - z[:-1] ** 2) ** 2 + (1 - z[:-1]) ** 2), tf.zeros(4, tf.float64), 8, 80
)
print("rosenbrock", f"{value:.6f}", np.round(x.numpy(), 4))

A = tf.constant(np.diag([1.0, 5.0, 20.0]) + 0.5)
b = tf.constant([1.0, 2.0, 3.0], tf.float64)
x = tf.zeros([3], tf.float64)
_, g = value_and_gradient(lambda z: 0.5 * tf.reduce_sum(z * tf.linalg.matvec(A, z)) - tf.reduce_sum(b * z), x)
d = -g
for k in range(3):
    alpha = -tf.reduce_sum(g * d) / tf.reduce_sum(d * tf.linalg.matvec(A, d))
    x = x + alpha * d
    _, g2 = value_and_gradient(lambda z: 0.5 * tf.reduce_sum(z * tf.linalg.matvec(A, z)) - tf.reduce_sum(b * z), x)
    d = -g2 + tf.reduce_sum(g2 * g2) / tf.reduce_sum(g * g) * d
    g = g2
print("cg", np.allclose(tf.linalg.matvec(A, x), b), x.numpy().round(6))
