"""Piecewise interpolation, splines by a tridiagonal solve, and Fourier features, differentiated by their knots."""

import numpy as np
import tensorflow as tf

knots = tf.constant(np.linspace(0.0, 1.0, 6))
heights = tf.Variable(np.array([0.0, 0.5, 0.2, 0.8, 0.4, 1.0]))
queries = tf.constant([0.05, 0.33, 0.5, 0.77, 0.99], tf.float64)


def interpolate(x, xs, ys):
    right = tf.clip_by_value(tf.searchsorted(xs, x, side="right"), 1, len(xs) - 1)
    left = right - 1
    x0, x1 = tf.gather(xs, left), tf.gather(xs, right)
    y0, y1 = tf.gather(ys, left), tf.gather(ys, right)
    t = (x - x0) / (x1 - x0)
    return y0 * (1 - t) + y1 * t


def natural_spline(x, xs, ys):
    h = xs[1:] - xs[:-1]
    slopes = (ys[1:] - ys[:-1]) / h
    rhs = 6.0 * (slopes[1:] - slopes[:-1])
    matrix = tf.linalg.diag(2.0 * (h[1:] + h[:-1])) + tf.linalg.diag(h[1:-1], k=1) + tf.linalg.diag(h[1:-1], k=-1)
    m = tf.pad(tf.linalg.solve(matrix, rhs[:, tf.newaxis])[:, 0], [[1, 1]])
    i = tf.clip_by_value(tf.searchsorted(xs, x, side="right") - 1, 0, len(xs) - 2)
    g = lambda t: tf.gather(t, i)
    a, b = g(xs[1:]) - x, x - g(xs[:-1])
    return (
        (g(m[:-1]) * a**3 + g(m[1:]) * b**3) / (6 * g(h))
        + (g(ys[:-1]) / g(h) - g(m[:-1]) * g(h) / 6) * a
        + (g(ys[1:]) / g(h) - g(m[1:]) * g(h) / 6) * b
    )


for f in (interpolate, natural_spline):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([queries, knots])
        out = f(queries, knots, heights)
    print(f.__name__, np.round(out.numpy(), 6))
    print(
        np.round(tape.gradient(out, queries).numpy(), 5),
        np.round(tf.convert_to_tensor(tape.gradient(out, knots)).numpy(), 5),
    )
    print(np.round(tf.convert_to_tensor(tape.gradient(out, heights)).numpy(), 6))
    del tape
target = tf.sin(4.0 * queries)
optimizer = tf.keras.optimizers.SGD(0.3, momentum=0.5, nesterov=True)
for step in range(41):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum((natural_spline(queries, knots, heights) - target) ** 2)
    optimizer.apply_gradients([(tape.gradient(loss, heights), heights)])
    if step % 20 == 0:
        print(step, f"{loss:.8f}")
frequencies = tf.Variable([1.0, 2.0, 3.0])
x = tf.linspace(0.0, 1.0, 9)[:, tf.newaxis]
with tf.GradientTape() as tape:
    features = tf.concat([tf.sin(x * frequencies), tf.cos(x * frequencies), tf.ones_like(x)], axis=-1)
    gram = tf.matmul(features, features, transpose_a=True) + 0.1 * tf.eye(7)
    chol = tf.linalg.cholesky(gram)
    weights = tf.linalg.cholesky_solve(chol, tf.matmul(features, x**2, transpose_a=True))
    residual = tf.reduce_sum((features @ weights - x**2) ** 2)
print(f"{residual:.6f}", np.round(tape.gradient(residual, frequencies).numpy(), 5))
