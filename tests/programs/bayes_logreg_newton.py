"""Logistic regression by Newton's method with the tape's Hessian, Laplace's approximation, and line search."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(8)
X = np.c_[np.ones(40), rng.randn(40, 2)]
true = np.array([0.5, -1.0, 2.0])
y = (rng.rand(40) < 1 / (1 + np.exp(-X @ true))).astype(np.float64)
X, y = tf.constant(X), tf.constant(y)


def objective(w):
    z = tf.linalg.matvec(X, w)
    return tf.reduce_sum(tf.nn.softplus(z) - y * z) + 0.5 * tf.reduce_sum(w**2)


def newton(w):
    with tf.GradientTape() as t2:
        t2.watch(w)
        with tf.GradientTape() as t1:
            t1.watch(w)
            f = objective(w)
        g = t1.gradient(f, w)
    H = t2.jacobian(g, w)
    return f, g, H


@tf.function
def line_search(w, d, f, slope):
    t = tf.constant(1.0, tf.float64)
    while objective(w + t * d) > f + 1e-4 * t * slope and t > 1e-6:
        t *= 0.5
    return t


newton_graph = tf.function(newton)
for name, fn in (("eager", newton), ("graph", newton_graph)):
    w = tf.zeros(3, tf.float64)
    for i in range(10):
        f, g, H = fn(w)
        d = -tf.linalg.solve(H, g[:, tf.newaxis])[:, 0]
        slope = tf.tensordot(g, d, 1)
        t = line_search(w, d, f, slope)
        w += t * d
        print(name, i, f"{f:.8f} |g| {tf.norm(g):.3f}")
        if tf.norm(g) < 1e-3:
            break
    print(w.numpy().round(6))
cov = tf.linalg.inv(H)
print(tf.sqrt(tf.linalg.diag_part(cov)).numpy().round(6))
sign, logdet = tf.linalg.slogdet(H)
print(sign.numpy(), f"{logdet:.6f}")
evidence = -f + 1.5 * tf.math.log(tf.constant(2 * np.pi, tf.float64)) - 0.5 * logdet
print(
    f"{evidence.numpy():.6f}",
    tf.linalg.eigvalsh(H).numpy().round(5),
    tf.linalg.cond(H).numpy().round(4) if hasattr(tf.linalg, "cond") else "",
)
