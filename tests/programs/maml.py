"""Gradients through gradient steps: MAML on sine waves and a learned learning rate."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(12)


def make_weights():
    shapes = [(1, 10), (10,), (10, 1), (1,)]
    return [tf.Variable((rng.randn(*s) * 0.4).astype("float32"), name=f"theta{i}") for i, s in enumerate(shapes)]


def predict(weights, x):
    h = tf.nn.tanh(tf.matmul(x, weights[0]) + weights[1])
    return tf.matmul(h, weights[2]) + weights[3]


def mse(weights, x, y):
    return tf.reduce_mean(tf.square(predict(weights, x) - y))


def task():
    amplitude, phase = rng.uniform(0.5, 2.0), rng.uniform(0, np.pi)
    x = rng.uniform(-3, 3, size=(20, 1)).astype(np.float32)
    y = (amplitude * np.sin(x + phase)).astype(np.float32)
    return (x[:10], y[:10]), (x[10:], y[10:])


theta = make_weights()
inner_rate = tf.Variable(0.02, name="inner_rate")
meta = tf.keras.optimizers.Adam(0.01)
tasks = [task() for _ in range(4)]
for iteration in range(21):
    with tf.GradientTape() as outer:
        meta_loss = 0.0
        for support, query in tasks:
            fast = list(theta)
            for _ in range(2):
                with tf.GradientTape() as inner:
                    inner.watch(fast)
                    inner_loss = mse(fast, *support)
                fast = [w - inner_rate * g for w, g in zip(fast, inner.gradient(inner_loss, fast))]
            meta_loss += mse(fast, *query)
        meta_loss /= len(tasks)
    gradients = outer.gradient(meta_loss, [*theta, inner_rate])
    meta.apply_gradients(zip(gradients, [*theta, inner_rate]))
    if iteration % 5 == 0:
        print(
            f"{iteration:2d} meta loss {meta_loss:.5f} rate {inner_rate.numpy():.5f} |g| {tf.linalg.global_norm(gradients):.5f}"
        )

log_rate = tf.Variable(tf.math.log(0.01))
hyper = tf.keras.optimizers.SGD(0.2)
target = tf.constant([1.0, -2.0, 0.5])
scales = tf.constant([1.0, 2.0, 4.0])
for outer_step in range(6):
    with tf.GradientTape() as outer:
        w = tf.zeros(3)
        for _ in range(10):
            with tf.GradientTape() as inner:
                inner.watch(w)
                loss = 0.5 * tf.reduce_sum(scales * (w - target) ** 2)
            w = w - tf.exp(log_rate) * inner.gradient(loss, w)
        final = 0.5 * tf.reduce_sum(scales * (w - target) ** 2)
    g = outer.gradient(final, log_rate)
    hyper.apply_gradients([(g, log_rate)])
    tf.print(outer_step, "final", final, "hypergradient", g)
