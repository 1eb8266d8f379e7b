"""The likelihood of a Kalman filter, differentiated by its noise and dynamics; smoothing by foldl."""

import numpy as np
import tensorflow as tf

rng = np.random.RandomState(31)
dt = 0.1
truth = np.zeros((40, 2))
truth[0] = [0.0, 1.0]
for i in range(1, 40):
    truth[i] = [truth[i - 1, 0] + dt * truth[i - 1, 1], 0.98 * truth[i - 1, 1] + 0.05 * rng.randn()]
measured = tf.constant(truth[:, :1] + 0.1 * rng.randn(40, 1))

log_q = tf.Variable(-2.0, dtype=tf.float64)
log_r = tf.Variable(-1.0, dtype=tf.float64)
damping = tf.Variable(0.9, dtype=tf.float64)
H = tf.constant([[1.0, 0.0]], tf.float64)
I2 = tf.eye(2, dtype=tf.float64)


def filter_pass():
    F = tf.stack([tf.constant([1.0, dt], tf.float64), tf.stack([tf.zeros([], tf.float64), damping])])
    Q = tf.linalg.diag(tf.stack([tf.constant(1e-6, tf.float64), tf.exp(log_q) ** 2]))
    R = tf.reshape(tf.exp(2 * log_r), [1, 1])
    m, P = tf.zeros([2, 1], tf.float64), I2
    log_likelihood = tf.zeros([], tf.float64)
    means = []
    for z in tf.unstack(measured):
        m, P = F @ m, F @ P @ tf.transpose(F) + Q
        S = H @ P @ tf.transpose(H) + R
        K = tf.transpose(tf.linalg.solve(S, H @ P))
        v = z[:, tf.newaxis] - H @ m
        log_likelihood -= 0.5 * (tf.linalg.logdet(2 * np.pi * S) + tf.squeeze(tf.transpose(v) @ tf.linalg.inv(S) @ v))
        m = m + K @ v
        P = tf.matmul(I2 - tf.matmul(K, H), P)
        means.append(tf.squeeze(m, 1))
    return log_likelihood, tf.stack(means)


params = (log_q, log_r, damping)
opt = tf.keras.optimizers.RMSprop(0.02)
for step in range(16):
    with tf.GradientTape() as tape:
        ll, means = filter_pass()
        loss = -ll
    grads = tape.gradient(loss, params)
    opt.apply_gradients(list(zip(grads, params)))
    if step % 5 == 0:
        print(f"{step:2d} {-loss.numpy():.5f}", [f"{g:.4f}" for g in grads])
print("rmse", f"{tf.sqrt(tf.reduce_mean((means[:, 0] - truth[:, 0]) ** 2)):.5f}")
alpha = tf.Variable(0.3, dtype=tf.float64)
with tf.GradientTape() as tape:
    smooth = tf.scan(lambda level, z: (1 - alpha) * level + alpha * z, measured)
    one_step = tf.reduce_mean(tf.square(smooth[:-1] - measured[1:]))
    last = tf.foldl(lambda level, z: (1 - alpha) * level + alpha * z, measured, initializer=tf.zeros([1], tf.float64))
    total = one_step + last[0]
print(f"{one_step:.6f}", last.numpy(), tape.gradient(total, alpha).numpy().round(6))
