"""Fitting the rates of Lotka-Volterra through a Runge-Kutta solver, and Euler's method in a while_loop."""

import numpy as np
import tensorflow as tf


def rhs(state, theta):
    prey, predator = tf.unstack(state, axis=-1)
    a, b, c, d = tf.unstack(theta)
    return tf.stack([a * prey - b * prey * predator, -c * predator + d * prey * predator], axis=-1)


def rk4(state, theta, dt):
    k1 = rhs(state, theta)
    k2 = rhs(state + dt / 2 * k1, theta)
    k3 = rhs(state + dt / 2 * k2, theta)
    k4 = rhs(state + dt * k3, theta)
    return state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def solve(theta, y0, steps, dt):
    states = [y0]
    for _ in range(steps):
        states.append(rk4(states[-1], theta, dt))
    return tf.stack(states)


y0 = tf.constant([1.0, 0.5], dtype=tf.float64)
true_theta = tf.constant([1.1, 0.4, 0.4, 0.1], dtype=tf.float64)
observed = solve(true_theta, y0, 30, 0.1) + 0.01 * np.random.RandomState(0).randn(31, 2)
log_theta = tf.Variable(np.log([0.8, 0.6, 0.6, 0.2]))
opt = tf.keras.optimizers.Adam(learning_rate=0.05)
for i in range(61):
    with tf.GradientTape() as tape:
        trajectory = solve(tf.exp(log_theta), y0, 30, 0.1)
        loss = tf.reduce_mean(tf.math.squared_difference(trajectory, observed))
    g = tape.gradient(loss, log_theta)
    opt.apply_gradients([(g, log_theta)])
    if i % 20 == 0:
        print(i, f"{loss:.6f}", np.round(tf.exp(log_theta).numpy(), 4))

rate = tf.Variable(0.7, dtype=tf.float64)
with tf.GradientTape() as tape:
    _, y = tf.while_loop(
        cond=lambda i, y: i < 100,
        body=lambda i, y: (i + 1, y - 0.01 * rate * y),
        loop_vars=(tf.constant(0), tf.constant(2.0, tf.float64)),
    )
print(y.numpy(), tape.gradient(y, rate).numpy(), (1 - 0.007) ** 100 * 2)

with tf.GradientTape() as tape:
    tape.watch(y0)
    last = solve(true_theta, y0, 10, 0.1)[-1]
tf.print("sensitivity", tape.jacobian(last, y0))
