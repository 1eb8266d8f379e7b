"""Derivatives of a fixed point and of an argmin by the implicit function theorem, with custom_gradient."""

import numpy as np
import tensorflow as tf


@tf.custom_gradient
def fixed_point(a):
    def f(x):
        return tf.cos(a * x)

    x = tf.while_loop(
        lambda i, x: tf.logical_and(i < 100, tf.reduce_max(tf.abs(f(x) - x)) > 1e-10),
        lambda i, x: (i + 1, 0.5 * (x + f(x))),
        (0, tf.ones_like(a)),
    )[1]

    def grad(upstream):
        return -upstream * x * tf.sin(a * x) / (1.0 + a * tf.sin(a * x))

    return x, grad


a = tf.constant([0.5, 1.0, 1.5], tf.float64)
for wrap in (lambda f: f, tf.function):
    f = wrap(fixed_point)
    with tf.GradientTape(persistent=True) as t2:
        t2.watch(a)
        with tf.GradientTape() as t1:
            t1.watch(a)
            x = f(a)
        g = t1.gradient(x, a)
    print(x.numpy().round(8), g.numpy().round(8))
    eps = 1e-5
    print(((f(a + eps) - f(a - eps)) / (2 * eps)).numpy().round(6))


@tf.custom_gradient
def cube_root(c):
    x = tf.ones_like(c)
    for _ in range(40):
        x = x - (x**3 - c) / (3 * x**2)
    y = tf.identity(x)

    def grad(dy):
        return dy / (3 * cube_root(c) ** 2)

    return y, grad


with tf.GradientTape() as t2:
    t2.watch(a)
    with tf.GradientTape() as t1:
        t1.watch(a)
        y = cube_root(a)
    g = t1.gradient(y, a)
print(y.numpy(), g.numpy(), t2.gradient(g, a).numpy(), (-2 / 9 * a ** (-5 / 3)).numpy())


def ridge(X, y, log_lambda):
    n = X.shape[1]
    return tf.linalg.solve(tf.transpose(X) @ X + tf.exp(log_lambda) * tf.eye(n, dtype=X.dtype), tf.transpose(X) @ y)


rng = np.random.RandomState(0)
X, Xv = tf.constant(rng.randn(10, 4)), tf.constant(rng.randn(10, 4))
w = rng.randn(4, 1)
y, yv = X @ w + 0.5 * rng.randn(10, 1), Xv @ w
l = tf.Variable(1.0, dtype=tf.float64)
opt = tf.keras.optimizers.SGD(0.5)


@tf.function
def outer_step():
    with tf.GradientTape() as tape:
        v = tf.reduce_mean(tf.square(Xv @ ridge(X, y, l) - yv))
    g = tape.gradient(v, l)
    opt.apply_gradients([(g, l)])
    return v, g


for i in range(5):
    v, g = outer_step()
    print(f"{v:.6f} {g:.6f} {l.numpy():.6f}")
